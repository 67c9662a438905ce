"""The forge that the rehearsals run on: it grants what workflows ask for and no more, and fails on the unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .forge import Expression, Forge, UnknownError, assigned, combinations, filled, holds
from .sites import COMPONENTS, NOW, commit_all, run_git, write

HEAD = "on: {workflow_dispatch: , push: , pull_request: }\npermissions: {}\njobs:\n"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
CONTEXT: dict[str, Any] = {
    "github": {"event_name": "push", "run_attempt": 1},
    "needs": {"build": {"result": "success", "outputs": {"attempt": "1"}}},
    "vars": {"STATUS_URL": "https://a.example"},
    "steps": {"a": {"outputs": {"b": "true"}}},
}


def job(steps: str, more: str = "", permissions: str = "{contents: read}") -> str:
    return f"{HEAD}  one:\n    permissions: {permissions}\n{more}    steps:\n{steps}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site", **{"components.yaml": COMPONENTS})
    return tmp_path / "site"


def forge(site: Path, **workflows: str) -> Forge:
    write(site, **{f".github/workflows/{name}.yml": text for name, text in workflows.items()})
    commit_all(site)
    return Forge(site.parent / "forge", of=site)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event_name == 'PUSH'", True),
        ("needs.build.outputs.attempt == github.run_attempt", True),
        ("!cancelled() && needs.build.result == 'success'", True),
        ("vars.STATUS_URL", "https://a.example"),
        ("vars.MISSING || 'other'", "other"),
        ("vars.MISSING == ''", True),
        ("steps.a.outputs.b == 'true' && (false || true)", True),
        ("contains('abc', 'B')", True),
        ("format('{0}-{1}', 'a', 1)", "a-1"),
        ("'it''s'", "it's"),
    ],
)
def test_an_expression_comes_to_what_the_forge_says(text: str, value: object) -> None:
    assert Expression(text, CONTEXT, "success").value() == value


@pytest.mark.parametrize(
    "text", ["github.unknown", "needs.deploy.result", "hashFiles('x')", "nothing.x", "a +", "a b", ""]
)
def test_an_expression_that_is_not_known_fails(text: str) -> None:
    with pytest.raises(UnknownError):
        Expression(text, CONTEXT, "success").value()


def test_text_around_expressions_stays() -> None:
    assert filled("a ${{ vars.STATUS_URL }}/${{ vars.NONE }} b", CONTEXT) == "a https://a.example/ b"


@pytest.mark.parametrize(
    ("condition", "runs"), [("true", False), ("always()", True), ("failure()", True), ("success()", False)]
)
def test_after_a_failure_only_what_asks_for_it_runs(condition: str, runs: bool) -> None:
    assert holds(condition, CONTEXT, "failure") is runs


def test_a_matrix_is_multiplied() -> None:
    assert combinations({"a": ["1", "2"], "b": ["x"]}) == [{"a": "1", "b": "x"}, {"a": "2", "b": "x"}]
    assert combinations({"include": [{"a": "1"}]}) == [{"a": "1"}]
    assert combinations(None) == [{}]


def test_what_steps_write_into_files_is_read() -> None:
    assert assigned("a=1\nb<<END\nx\ny=2\nEND\nc=\n") == {"a": "1", "b": "x\ny=2", "c": ""}
    with pytest.raises(AssertionError):
        assigned("b<<END\nx\n")


def test_steps_share_files_and_outputs_and_a_failure_skips_the_rest(site: Path) -> None:
    steps = """\
      - {id: one, run: 'echo "said=a b" >>"$GITHUB_OUTPUT"; echo "LATER=x" >>"$GITHUB_ENV"; echo hello >file'}
      - {run: 'echo "$SAID $LATER $(cat file)" >>"$GITHUB_STEP_SUMMARY"', env: {SAID: "${{ steps.one.outputs.said }}"}}
      - {name: fails, run: "false | true"}
      - {name: not any more, run: "true"}
      - {name: last, if: "always()", run: "true"}
"""
    run = forge(site, work=job(steps)).run("work.yml", now=NOW)
    assert run.result == "failure"
    assert run.summary == "a b x hello\n"
    assert run.jobs["one"].steps[2:] == [("fails", "failure"), ("not any more", "skipped"), ("last", "success")]


def test_nothing_of_this_machine_reaches_a_step(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "hunter2")
    run = forge(
        site, work=job("      - {run: 'env; git config user.name || echo nobody; which statusgen || echo none'}\n")
    ).run("work.yml", now=NOW)
    assert "hunter2" not in run.log
    assert "nobody" in run.log
    assert "none" in run.log


PUSHES = f"""\
      - {{uses: "{CHECKOUT}", with: {{persist-credentials: "false"}}}}
      - env: {{TOKEN: "${{{{ github.token }}}}", GIT_CONFIG_KEY_0: "http.https://x/.extraheader"}}
        run: |
          git -c user.name=a -c user.email=b commit --quiet --allow-empty --message x
          export GIT_CONFIG_COUNT=1
          export GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x:%s' "$TOKEN" | base64 --wrap=0)"
          git push --quiet origin HEAD:refs/heads/made
"""


def test_a_job_pushes_if_it_was_granted_to_and_brings_its_token(site: Path) -> None:
    here = forge(
        site,
        may=job(PUSHES, permissions="{contents: write}"),
        may_not=job(PUSHES),
        silent=job(PUSHES.replace("x:%s", "x:"), permissions="{contents: write}"),
    )
    assert "needs contents: write" in here.run("may_not.yml", now=NOW).log
    assert "no token" in here.run("silent.yml", now=NOW).log
    assert "made" not in here.branches()
    assert here.run("may.yml", now=NOW).result == "success"
    assert "made" in here.branches()
    assert here.pushed() == [("may.yml", "refs/heads/made")]


def test_nobody_pushes_to_a_protected_branch_but_a_pull_request_is_merged(site: Path) -> None:
    here = forge(site, may=job(PUSHES.replace("heads/made", "heads/main"), permissions="{contents: write}"))
    here.protect("main")
    before = here.branches()["main"]
    assert "Protected branch" in here.run("may.yml", now=NOW).log
    clone = here.clone("ann")
    write(clone, new="text\n")
    commit_all(clone)
    with pytest.raises(AssertionError, match="Protected branch"):
        run_git(clone, "push", "--quiet", "origin", "main")
    run_git(clone, "push", "--quiet", "origin", "main:topic")
    assert here.branches()["main"] == before
    here.merge(here.open_pull("topic"), now=NOW)
    assert here.show("main", "new") == "text"
    assert here.pulls()[0]["state"] == "MERGED"


def test_a_pull_request_is_checked_out_as_it_would_be_merged_and_sees_no_secret(site: Path) -> None:
    steps = f"""\
      - {{uses: "{CHECKOUT}", with: {{persist-credentials: "false"}}}}
      - {{run: 'cat new components.yaml; echo "token <$SECRET>"', env: {{SECRET: "${{{{ secrets.HOOK }}}}"}}}}
"""
    here = forge(site, check=job(steps))
    here.secrets["HOOK"] = "hunter2"
    clone = here.clone("ann")
    write(clone, new="from the branch\n")
    commit_all(clone)
    run_git(clone, "push", "--quiet", "origin", "main:topic")
    write(site, **{"components.yaml": COMPONENTS + "# newer\n"})
    commit_all(site)
    run_git(site, "push", "--quiet", str(here.bare), "main")
    run = here.run("check.yml", event="pull_request", pull=here.open_pull("topic"), now=NOW)
    assert run.result == "success", run.log
    assert "from the branch" in run.log
    assert "# newer" in run.log
    assert "token <>" in run.log


def test_a_fork_proposes_what_lies_in_another_repository(site: Path) -> None:
    here = forge(
        site,
        check=job(f"      - {{uses: '{CHECKOUT}', with: {{persist-credentials: 'false'}}}}\n      - run: cat new\n"),
    )
    fork = here.clone("fork")
    write(fork, new="a stranger's\n")
    commit_all(fork)
    pull = here.open_pull("main", of=fork)
    assert "a stranger's" in here.run("check.yml", event="pull_request", pull=pull, now=NOW).log


def test_a_token_does_with_gh_what_it_may_and_ends_with_its_job(site: Path) -> None:
    steps = """\
      - env: {GH_TOKEN: "${{ github.token }}", GH_REPO: "${{ github.repository }}"}
        run: gh workflow run work.yml
"""
    here = forge(
        site, may=job(steps, permissions="{actions: write}"), may_not=job(steps), work=job("      - run: echo done\n")
    )
    assert "needs actions: write" in here.run("may_not.yml", now=NOW).log
    assert here.run("may.yml", now=NOW).result == "success"
    assert here.waiting() == ["work.yml"]
    assert [run.workflow for run in here.settle(now=NOW)] == ["work.yml"]
    assert list((here.folder / "tokens").iterdir()) == []


def test_jobs_wait_for_those_they_need_and_are_skipped_when_one_fails(site: Path) -> None:
    text = f"""{HEAD}\
  last:
    needs: [first, broken]
    if: ${{{{ !cancelled() }}}}
    steps: [{{run: 'echo "$X"', env: {{X: "${{{{ needs.first.outputs.x }}}}"}}}}]
  skipped: {{needs: broken, steps: [{{run: "true"}}]}}
  after: {{needs: skipped, steps: [{{run: "true"}}]}}
  broken: {{steps: [{{run: "false"}}]}}
  first: {{outputs: {{x: "${{{{ steps.a.outputs.x }}}}"}}, steps: [{{id: a, run: 'echo x=seven >>"$GITHUB_OUTPUT"'}}]}}
"""
    run = forge(site, work=text).run("work.yml", now=NOW)
    results = {name: one.result for name, one in run.jobs.items()}
    assert results == {
        "first": "success",
        "broken": "failure",
        "skipped": "skipped",
        "after": "skipped",
        "last": "success",
    }
    assert "seven" in run.jobs["last"].log


def test_a_form_takes_what_it_offers(site: Path) -> None:
    inputs = "{what: {type: choice, options: [open, update], default: open}, text: {required: 'true'}}"
    text = job("      - {run: 'echo \"$A $B\"', env: {A: '${{ inputs.what }}', B: '${{ inputs.text }}'}}\n")
    here = forge(site, work=text.replace("workflow_dispatch: ", f"workflow_dispatch: {{inputs: {inputs}}}"))
    assert "open $(rm x)" in here.run("work.yml", inputs={"text": "$(rm x)"}, now=NOW).log
    for wrong in ({}, {"text": "a", "what": "close"}, {"text": "a", "other": "b"}):
        with pytest.raises(AssertionError):
            here.run("work.yml", inputs=wrong, now=NOW)


def test_an_action_that_is_not_known_fails(site: Path) -> None:
    with pytest.raises(UnknownError):
        forge(site, work=job("      - uses: someone/thing@v1\n")).run("work.yml", now=NOW)
