"""Watching: when rounds are taken, when they go into the ledger, and what does not end it.

The clock is the test's own: it moves when the watch waits. Targets, files and repositories are real.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from statusgen import ledger, probing
from statusgen.branches import Destination
from statusgen.errors import WorldError
from statusgen.probes.rounds import Taken
from statusgen.watching import Watch

from .probes.servers import unused_port
from .sites import NOW, clone, commit_all, ledger_lines, run_git, write

SITE = """\
site: {{name: Acme Status, url: "https://status.acme.example", id: acme}}
probing: {{interval: {interval}, timeout: 300ms, reprobe: [], preflight: {preflight}}}
components:
  - {{id: api, name: API, checks: [{{id: api, tcp: {{host: 127.0.0.1, port: {port}, invert: {invert}}}}}]}}
"""


class Run:
    """A watch over a site in a clock of its own, and what it said. ``at`` holds what happens at a second of it."""

    def __init__(self, folder: Path, *, push: bool = False, **options: Any) -> None:
        self.now, self.over = NOW, False
        self.at: dict[int, Any] = {}
        self.taken: list[Taken] = []
        self.sent: list[tuple[int, int, int]] = []  # seconds since the start, rounds, older rounds
        self.complaints: list[str] = []
        asker = probing.prober(folder, {}, every=options.pop("every", 0))
        to = Destination(prefix="status-data", location="default", site="acme")
        self.watch = Watch(
            prober=asker,
            outbox=probing.outbox(folder, to, push=push, jitter=lambda: 0.0),
            clock=lambda: self.now,
            wait=self.wait,
            is_over=lambda: self.over,
            lasting=options.pop("lasting", 3_000),
            commit_every=options.pop("commit_every", 600),
            heard=self.taken.append,
            sent=lambda rounds, older: self.sent.append((self.now - NOW, rounds, older)),
            complain=self.complaints.append,
        )

    def wait(self, seconds: float) -> None:
        before, self.now = self.now, self.now + int(seconds)
        for second in [second for second in self.at if before < NOW + second <= self.now]:
            self.at.pop(second)()

    def run(self) -> Run:
        self.watch.run()
        return self

    @property
    def rounds(self) -> list[int]:
        return [taken.round.at - NOW for taken in self.taken]


def site(folder: Path, *, interval: str = "1m", preflight: str = "none", is_up: bool = True) -> Path:
    """Write a site with one check, of a port on which nobody listens: it is inverted to be up."""
    write(
        folder,
        **{
            "components.yaml": SITE.format(
                interval=interval, preflight=preflight, port=unused_port(), invert=str(is_up).lower()
            )
        },
    )
    if not (folder / ".git").exists():
        commit_all(folder)
    return folder


def test_rounds_are_in_step_and_end_before_the_time_is_over(tmp_path: Path) -> None:
    run = Run(site(tmp_path)).run()
    assert run.rounds == list(range(0, 3_000, 60))


def test_the_time_between_rounds_may_be_given(tmp_path: Path) -> None:
    assert Run(site(tmp_path), every=700).run().rounds == [0, 700, 1_400, 2_100, 2_800]


def test_the_first_round_is_recorded_at_once_and_then_every_few_minutes(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=1_500).run()
    assert run.sent == [(0, 1, 0), (600, 10, 0), (1_200, 10, 0), (1_440, 4, 0)]
    assert len(ledger_lines(tmp_path)) == 25
    assert run_git(tmp_path, "rev-list", "--count", "status-data/default") == "4"
    assert not any(taken.round.late for taken in run.taken)


def test_what_starts_to_fail_is_recorded_at_once_and_so_is_what_confirms_it(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=900)
    run.at[301] = lambda: site(tmp_path, is_up=False)
    run.at[541] = lambda: site(tmp_path, is_up=True)
    assert run.run().sent == [(0, 1, 0), (360, 6, 0), (420, 1, 0), (600, 3, 0), (660, 1, 0), (840, 3, 0)]


def test_a_prober_that_goes_offline_is_news_once(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=600)
    run.at[101] = lambda: site(tmp_path, preflight=f'["127.0.0.1:{unused_port()}"]')
    run.run()
    assert [bool(taken.round.prober_error) for taken in run.taken] == [False] * 2 + [True] * 8
    assert [when for when, _, _ in run.sent] == [0, 120, 540]


def test_a_gap_makes_confirming_begin_anew_and_so_does_the_news(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=600)
    run.at[101] = lambda: site(tmp_path, is_up=False)
    run.at[161] = lambda: site(tmp_path, preflight=f'["127.0.0.1:{unused_port()}"]')
    run.at[221] = lambda: site(tmp_path, is_up=False)
    run.run()
    assert [when for when, _, _ in run.sent] == [0, 120, 180, 240, 300, 540]


def test_a_clock_that_was_far_ahead_does_not_hold_rounds_back(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=1_500)
    run.at[60] = lambda: setattr(run, "now", run.now + 7_200)
    run.watch.lasting = 9_000
    run.at[7_400] = lambda: setattr(run, "now", run.now - 7_200)
    run.run()
    back = [when for when, _, _ in run.sent][2:]
    assert back[0] < 600
    assert max(later - earlier for earlier, later in pairwise(back)) <= 600


def test_without_a_branch_rounds_are_counted_too(tmp_path: Path) -> None:
    write(site(tmp_path), **{"components.yaml": (tmp_path / "components.yaml").read_text() + "data: {branch: none}\n"})
    run = Run(tmp_path, lasting=120)
    run.watch.outbox = probing.outbox(
        tmp_path, Destination(prefix="", location="default", site="acme"), push=False, jitter=lambda: 0.0
    )
    run.run()
    assert run.sent == [(0, 1, 0), (60, 1, 0)]


def test_when_it_is_over_what_was_seen_is_recorded(tmp_path: Path) -> None:
    run = Run(site(tmp_path))
    run.at[200] = lambda: setattr(run, "over", True)
    run.run()
    assert run.rounds == [0, 60, 120, 180]
    assert len(ledger_lines(tmp_path)) == 4


def test_rounds_that_would_have_begun_during_a_long_one_are_left_out(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=600)
    heard = run.watch.heard

    def long(taken: Taken) -> None:
        heard(taken)
        if taken.round.at == NOW + 120:
            run.now += 150

    run.watch.heard = long
    assert run.run().rounds == [0, 60, 120, 300, 360, 420, 480, 540]


def test_a_clock_that_is_set_back_neither_ends_it_nor_stops_the_rounds(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=600)
    run.at[60] = lambda: setattr(run, "now", run.now - 90)
    rounds = run.run().rounds
    assert rounds[:3] == [0, -30, 30]
    assert max(rounds) == 570


def test_while_the_remote_is_away_rounds_wait_and_say_so_only_if_it_was_long(remote: Path) -> None:
    here = site(clone(remote, "here"))
    run = Run(here, push=True, lasting=3_600)
    away = remote.with_name("away.git")
    run.at[601] = lambda: remote.rename(away)
    run.at[2_400] = lambda: away.rename(remote)
    run.run()
    assert run.sent[:2] == [(0, 1, 0), (600, 10, 0)]
    assert run.sent[2][:2] == (2_400, 30)
    assert run.complaints
    assert all("wait" in complaint for complaint in run.complaints)
    lines = [ledger.decode_line(line) for line in ledger_lines(remote)]
    rounds = [line for line in lines if not isinstance(line, str)]
    assert sorted(round_.at - NOW for round_ in rounds) == list(range(0, 3_600, 60))
    late = [round_.at - NOW for round_ in rounds if round_.late]
    assert late == [at for at in range(660, 2_401, 60) if 2_400 - at > ledger.PROMPT]


def test_what_cannot_be_delivered_in_the_end_waits_on_the_disk(remote: Path) -> None:
    here = site(clone(remote, "here"))
    run = Run(here, push=True, lasting=300)
    run.at[61] = lambda: remote.rename(remote.with_name("away.git"))
    with pytest.raises(WorldError, match="rounds wait in"):
        run.run()
    remote.with_name("away.git").rename(remote)
    late = Run(here, push=True, lasting=60)
    late.now += 3_600
    assert late.run().sent == [(3_600, 1, 4)]
    assert len(ledger_lines(remote)) == 6


def test_a_file_that_cannot_be_read_is_named_and_does_not_end_it(tmp_path: Path) -> None:
    run = Run(site(tmp_path), lasting=240)
    run.at[60] = lambda: write(tmp_path, **{"components.yaml": "site: {"})
    assert run.run().rounds == [0, 60, 120, 180]
    assert all(complaint.startswith("components.yaml was not read again") for complaint in run.complaints)
    assert run.complaints
