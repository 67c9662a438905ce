"""``statusgen postmortem``: the template, filled from the incident's file; what is there is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..sites import INCIDENT, INCIDENT_TEXT, NOW_TEXT, Run, commit_all, write
from .conftest import everything

NOW = ("--now", NOW_TEXT)
WRITTEN = INCIDENT.replace(".md", ".postmortem.md")
SHOWING = '{% if event.postmortem %}{{ prose(event.postmortem.text, page, "postmortem") }}{% endif %}'
PAGE = INCIDENT.replace(".md", "/index.html")


def test_it_is_filled_from_what_the_incident_says(site: Path, run: Run) -> None:
    ran = run("postmortem", "api-errors", "--author", "Ann: A", "--author", "Bo", "--date", "2026-11-25", *NOW, at=site)
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"wrote {WRITTEN}")
    text = (site / WRITTEN).read_text("utf-8")
    assert text.startswith(
        '---\ntitle: "Post-mortem: Elevated API errors"\ndate: 2026-11-25\nauthors: ["Ann: A", Bo]\ndraft: true\n---\n'
        "## Summary\n"
    )
    for said in (
        "| Began | 2026-11-20 10:02 UTC |",
        "| Ended | 2026-11-20 11:15 UTC |",
        "| Duration | 1 h 13 min |",
        "| Components | API (partial outage) |",
        "| Severity | sev2 |",
        "| 2026-11-20 10:06 UTC | **Investigating.** About a fifth of requests to the API fail. |",
        "| 2026-11-20 11:15 UTC | **Resolved.** The faulty release is rolled back. |",
        "Detected: not known.",
        *("## Root cause", "## What went well", "## What went badly", "## Where we were lucky"),
        "| What | Owner | Due |",
    ):
        assert said in text
    assert (site / INCIDENT).read_text("utf-8") == INCIDENT_TEXT


def telling(site: Path, run: Run, words: str, *wishes: str) -> set[str]:
    """Return which files of the page tell of something."""
    assert run("build", *wishes, *NOW, at=site).code == 0
    public = site / "public"
    files = (path for path in public.rglob("*") if path.is_file())
    return {path.relative_to(public).as_posix() for path in files if words.encode() in path.read_bytes()}


def test_a_post_mortem_that_is_begun_is_shown_by_previews_alone(site: Path, run: Run) -> None:
    ran = run("postmortem", "api-errors", "--date", "2026-11-20T16:00Z", *NOW, at=site)
    assert ran.out.splitlines()[-1].endswith("publish it by taking 'draft: true' out.")
    assert WRITTEN not in run("check", *NOW, at=site).out
    write(site, **{"themes/default/incident.html": SHOWING})
    assert telling(site, run, "Where we were lucky") == set()
    assert telling(site, run, "Where we were lucky", "--drafts") == {PAGE}


def test_one_that_is_published_has_to_be_finished(site: Path, run: Run) -> None:
    assert run("postmortem", "api-errors", "--date", "2026-11-20T16:00Z", *NOW, at=site).code == 0
    text = (site / WRITTEN).read_text("utf-8").replace("draft: true\n", "")
    write(site, **{WRITTEN: text})
    checked = run("check", *NOW, at=site)
    assert (checked.code, f"{WRITTEN}:7: is no draft and says TODO 11 times: finish it" in checked.out) == (1, True)
    write(site, **{WRITTEN: text.replace("TODO", "Done")})
    assert run("check", *NOW, at=site).code == 0
    assert telling(site, run, "Where we were lucky") > {"history.atom", "api/v1/incidents.json"}


def test_a_title_that_leaves_no_room_for_the_incidents_is_short(site: Path, run: Run) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("Elevated API errors", "E" * 300)})
    ran = run("postmortem", "api-errors", *NOW, at=site)
    assert (site / WRITTEN).read_text("utf-8").startswith("---\ntitle: Post-mortem\ndraft: true\n---\n")
    assert ran.out.endswith("publish it by putting its day in the place of 'draft: true', like 'date: 2026-11-25'.\n")


def test_an_update_of_several_paragraphs_or_with_bars_fits_a_row(site: Path, run: Run) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("is rolled back.", "is\nrolled | back.\n\n- And more.")})
    assert run("postmortem", "api-errors", *NOW, at=site).code == 0
    assert "**Resolved.** The faulty release is rolled \\| back. … |\n" in (site / WRITTEN).read_text("utf-8")


def test_the_sites_own_template_takes_the_place_of_the_shipped_one(site: Path, run: Run) -> None:
    template = '---\ntitle: "What {site} learnt from: {title}"\n---\n{updates} updates in {duration}. {{braces}}\n'
    write(site, **{"templates/postmortem.md": template})
    assert run("postmortem", "api-errors", *NOW, at=site).code == 0
    assert (site / WRITTEN).read_text("utf-8") == (
        '---\ntitle: "What Acme Status learnt from: Elevated API errors"\ndraft: true\n---\n'
        "2 updates in 1 h 13 min. {braces}\n"
    )


REFUSED = [
    (("nothing",), 1, "there is nothing named 'nothing'; incidents: done, 2026-11-20-api-errors"),
    (("done",), 1, "incidents/done.postmortem.md exists already: go on writing there"),
    (("upgrade",), 1, "upgrade is a maintenance: use 'statusgen maintenance'"),
    (("api-errors", "--author", "a\nb"), 2, "an author's name is one line"),
    (("api-errors", "--date", "soon"), 2, "'soon' is not a date"),
    ((), 2, "Missing argument 'SLUG'"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED, ids=[" ".join(map(ascii, row[0])) for row in REFUSED])
def test_what_is_refused_gets_a_clear_line_and_changes_nothing(
    site: Path, run: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    window = "scheduled: {from: 2026-12-01T05:00Z, until: 2026-12-01T07:00Z}"
    upgrade = f"---\ntitle: U\ntype: maintenance\ncomponents: [api]\n{window}\n---\n"
    texts = {"done.md": INCIDENT_TEXT, "done.postmortem.md": "Learnt.\n", "upgrade.md": upgrade}
    write(site, **{f"incidents/{name}": text for name, text in texts.items()})
    commit_all(site, "More")
    before = everything(site)
    ran = run("postmortem", *arguments, "--commit", *NOW, at=site)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err.splitlines()[-1]
    assert everything(site) == before


def test_a_template_with_an_error_is_named(site: Path, run: Run) -> None:
    write(site, **{"templates/postmortem.md": "One.\n{next}\n"})
    ran = run("postmortem", "api-errors", *NOW, at=site)
    assert (ran.code, ran.err.startswith("templates/postmortem.md:2: '{next}' is no field")) == (1, True)
    assert run("check", *NOW, at=site).code == 1
