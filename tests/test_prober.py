"""The prober of one place: its share of the checks, which of them are due, and following the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusgen import ledger, prober, probing
from statusgen.branches import Destination
from statusgen.errors import StatusgenError
from statusgen.model import Round, Sample, Verdict
from statusgen.prober import Prober, Shard

from .probes.servers import unused_port
from .sites import NOW, commit_all, record, write

SITE = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
probing: {interval: 5m, timeout: 300ms, reprobe: [], preflight: none}
components:
"""


def of(folder: Path, *checks: str, every: int = 0, shard: Shard = prober.WHOLE) -> Prober:
    """Return the prober of a site whose checks all ask a port on which nobody listens."""
    target = f"tcp: '127.0.0.1:{unused_port()}'"
    lines = [f"  - {{id: {check.split(',')[0]}, name: N, checks: [{{id: {check}, {target}}}]}}\n" for check in checks]
    write(folder, **{"components.yaml": SITE + "".join(lines)})
    return Prober(folder=folder, environment={}, every=every, shard=shard)


def asked(asker: Prober, at: int) -> list[str]:
    return [check for check, _ in asker.ask(at).round.answers]


def test_every_check_is_one_shards_and_no_others() -> None:
    checks = [f"check-{i}" for i in range(1_000)]
    for count in (1, 2, 3, 7):
        owners = [[number for number in range(1, count + 1) if Shard(number, count).has(check)] for check in checks]
        assert all(len(each) == 1 for each in owners)
        sizes = [sum(each == [number] for each in owners) for number in range(1, count + 1)]
        assert min(sizes) > 0.8 * 1_000 / count


def test_which_shard_a_check_is_of_hangs_on_its_id_alone(tmp_path: Path) -> None:
    both = [set(asked(of(tmp_path, "a", "b", "c", "d", shard=Shard(number, 2)), NOW)) for number in (1, 2)]
    assert both[0] | both[1] == {"a", "b", "c", "d"}
    fewer = [set(asked(of(tmp_path, "d", "b", shard=Shard(number, 2)), NOW)) for number in (1, 2)]
    assert [mine & {"b", "d"} for mine in both] == fewer


def test_only_one_of_several_shards_has_a_name() -> None:
    assert prober.WHOLE.name == ""
    assert Shard(2, 5).name == "2-of-5"


def test_a_check_with_an_interval_of_its_own_is_asked_when_that_has_passed(tmp_path: Path) -> None:
    asker = of(tmp_path, "often", "hourly, interval: 1h")
    rounds = {minutes: asked(asker, NOW + minutes * 60) for minutes in range(0, 130, 5)}
    assert [minutes for minutes, checks in rounds.items() if "hourly" in checks] == [0, 60, 120]
    assert all("often" in checks for checks in rounds.values())


def test_a_late_round_does_not_push_the_next_ones_back_by_a_whole_one(tmp_path: Path) -> None:
    asker = of(tmp_path, "hourly, interval: 1h")
    assert asked(asker, NOW + 20) == ["hourly"]
    assert asked(asker, NOW + 3_300 + 20) == []
    assert asked(asker, NOW + 3_600) == ["hourly"]  # 20 s early, since the next round would be 280 s late


def test_what_is_remembered_of_earlier_runs_counts(tmp_path: Path) -> None:
    asker = of(tmp_path, "hourly, interval: 1h")
    asker.said["hourly"] = Sample(NOW - 1_800, Verdict.UP)
    assert asked(asker, NOW) == []
    assert asked(asker, NOW + 1_800) == ["hourly"]


def test_a_clock_that_was_set_back_does_not_keep_a_check_from_being_asked(tmp_path: Path) -> None:
    asker = of(tmp_path, "hourly, interval: 1h")
    asker.said["hourly"] = Sample(NOW + 86_400, Verdict.UP)
    assert asked(asker, NOW) == ["hourly"]


def test_what_could_not_be_told_is_asked_again_within_the_hour(tmp_path: Path) -> None:
    asker = of(tmp_path, "daily, interval: 1d")
    for verdict, minutes in ((None, 60), (Verdict.DOWN, 1_440)):
        asker.said["daily"] = Sample(NOW, verdict, None, "unclear")
        assert asked(asker, NOW + minutes * 60 - 300) == []
        assert asked(asker, NOW + minutes * 60) == ["daily"]


def test_after_the_prober_has_failed_nothing_is_remembered(tmp_path: Path) -> None:
    asker = of(tmp_path, "daily, interval: 1d")
    commit_all(tmp_path)
    to = Destination(prefix="status-data", location="default", site="acme")
    for fails in (False, True):
        record(
            tmp_path, [ledger.encode(Round(at=NOW - 3_600, answers=(("daily", Sample(NOW - 3_600, Verdict.UP, 1)),)))]
        )
        if fails:
            record(tmp_path, [ledger.encode(Round(at=NOW - 1_800, prober_error="offline"))])
        asker.said.clear()
        probing.remember(asker, to, NOW, fetch=False)
        assert asked(asker, NOW) == (["daily"] if fails else [])


def test_it_follows_the_site(tmp_path: Path) -> None:
    asker = of(tmp_path, "one")
    of(tmp_path, "one", "two")
    assert asker.reload() == ""
    assert asked(asker, NOW) == ["one", "two"]


@pytest.mark.parametrize("written", ["site: {", SITE, SITE.replace("components:", "components: []")])
def test_what_cannot_be_used_leaves_it_with_what_it_had(tmp_path: Path, written: str) -> None:
    asker = of(tmp_path, "one")
    write(tmp_path, **{"components.yaml": written})
    assert asker.reload().startswith("components.yaml was not read again: ")
    assert asked(asker, NOW) == ["one"]


def test_a_site_without_checks_cannot_be_probed(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": SITE.replace("components:", "components: [{id: a, name: A}]")})
    with pytest.raises(StatusgenError, match="has no check"):
        Prober(folder=tmp_path, environment={})


def test_what_a_round_says_is_its_verdicts_and_not_its_latencies() -> None:
    fast, slow = (
        Round(at=NOW, answers=(("api", Sample(NOW, Verdict.UP, ms)), ("web", Sample(NOW, None, None, "blocked"))))
        for ms in (1, 900)
    )
    assert prober.verdicts(fast) == prober.verdicts(slow) == {"api": Verdict.UP, "web": None}
    assert prober.verdicts(Round(at=NOW, prober_error="offline")) == {"": "offline"}
