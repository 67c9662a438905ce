"""What builds remember: right or not there at all, and never the reason for another byte."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from statusgen import app, cache, public
from statusgen.periods import HOUR

from .sites import COMPONENTS, INCIDENT_TEXT, NOW, bare_theme, commit_all, record, rounds, run_git, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def keep(folder: Path, **values: object) -> None:
    memory = cache.Cache(folder)
    memory.update(values)
    memory.save()


def kept(folder: Path) -> Path:
    (path,) = folder.glob("parts-*.json")
    return path


# The file.


def test_what_was_kept_is_there_again(folder: Path) -> None:
    keep(folder, a=["b", {"c": None}])
    assert dict(cache.Cache(folder)) == {"a": ["b", {"c": None}]}


def test_what_nobody_asked_for_is_dropped(folder: Path) -> None:
    keep(folder, a=1, b=2)
    memory = cache.Cache(folder)
    assert memory["a"] == 1
    memory["c"] = 3
    memory.save()
    assert dict(cache.Cache(folder)) == {"a": 1, "c": 3}


def test_a_file_that_would_stay_the_same_is_not_written(folder: Path) -> None:
    keep(folder, a=1)
    before = kept(folder).stat().st_ino
    memory = cache.Cache(folder)
    assert memory["a"] == 1
    memory.save()
    assert kept(folder).stat().st_ino == before


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: b"", lambda text: text.replace(b"1", b"2")])
def test_a_damaged_file_is_none(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    keep(folder, a=1)
    kept(folder).write_bytes(damage(kept(folder).read_bytes()))
    assert dict(cache.Cache(folder)) == {}
    keep(folder, b=2)
    assert dict(cache.Cache(folder)) == {"b": 2}


def test_another_versions_file_is_not_read_and_goes(folder: Path) -> None:
    keep(folder, a=1)
    kept(folder).rename(folder / "parts-0123456789abcdef.json")
    assert dict(cache.Cache(folder)) == {}
    keep(folder, b=2)
    assert kept(folder).name != "parts-0123456789abcdef.json"


def test_without_a_folder_and_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    memory = cache.Cache(None)
    memory["a"] = 1
    memory.save()
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "cache", a=1)
    assert dict(cache.Cache(tmp_path / "file" / "cache")) == {}


# Builds.


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a few incidents that point at one another, and a day of rounds."""
    folder = tmp_path / "site"
    write(folder, **bare_theme() | {"components.yaml": COMPONENTS})
    for stem in ("base", "chart", "component", "history", "incident", "index", "parts", "row"):
        shutil.copy(Path(__file__).parent.parent / f"themes/default/{stem}.html", folder / "themes/default")
    for number in range(4):
        text = INCIDENT_TEXT.replace("rolled back.", f"rolled back, as in [this](b{(number + 6) % 8}.md) and **that**.")
        write(folder, **{f"incidents/b{number}.md": text})
    commit_all(folder)
    record(folder, list(rounds(NOW - 2 * HOUR, NOW)))
    return folder


def build(site: Path, out: Path, now: int = NOW) -> dict[str, bytes]:
    app.build(site, out, now)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def forget(site: Path) -> None:
    shutil.rmtree(site / ".git/statusgen/cache")


def test_a_build_after_any_edits_is_that_of_a_build_from_nothing(site: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    now = NOW
    for _ in range(8):
        now += 60
        chance.choice(EDITS)(site, chance, now)
        warm = build(site, tmp_path / "warm", now)
        shutil.move(site / ".git/statusgen/cache", tmp_path / "kept")
        assert build(site, tmp_path / f"cold-{now}", now) == warm
        forget(site)
        shutil.move(tmp_path / "kept", site / ".git/statusgen/cache")


def _add(site: Path, chance: random.Random, _: int) -> None:
    write(
        site, **{f"incidents/b{chance.randrange(8)}.md": INCIDENT_TEXT.replace("fifth", chance.choice(("half", "bit")))}
    )


def _remove(site: Path, chance: random.Random, _: int) -> None:
    (site / f"incidents/b{chance.randrange(8)}.md").unlink(missing_ok=True)


def _tell_more(site: Path, chance: random.Random, _: int) -> None:
    for path in chance.sample(sorted((site / "incidents").glob("b*.md")), 1):
        path.write_text(
            path.read_text() + f"\n## Resolved · 2026-11-20 11:{chance.randrange(16, 60)} UTC\nStill *over*.\n"
        )


def _learn(site: Path, chance: random.Random, _: int) -> None:
    write(
        site, **{f"incidents/b{chance.randrange(4)}.postmortem.md": f"What {chance.random()} taught, see [a](b1.md)."}
    )


def _spoil(site: Path, chance: random.Random, _: int) -> None:
    write(site, **{f"incidents/b{chance.randrange(8)}.md": "no front matter"})


def _rename(site: Path, chance: random.Random, _: int) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("Support desk", f"Desk {chance.randrange(9)}")})


def _restyle(site: Path, chance: random.Random, _: int) -> None:
    path = site / "themes/default/incident.html"
    path.write_text(path.read_text() + f"<!-- {chance.random()} -->\n")


def _probe(site: Path, _: random.Random, now: int) -> None:
    record(site, list(rounds(now, now)))


EDITS = (_add, _add, _remove, _tell_more, _learn, _spoil, _rename, _restyle, _probe)


def test_a_page_that_somebody_spoiled_or_removed_is_made_again(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = build(site, out)
    (out / "incidents/b1/index.html").write_text("spoilt")
    (out / "incidents/b2/index.html").unlink()
    assert build(site, out) == made


def test_another_folder_gets_everything_though_nothing_has_changed(site: Path, tmp_path: Path) -> None:
    assert build(site, tmp_path / "one") == build(site, tmp_path / "two")


def test_a_round_rewrites_only_what_shows_the_present(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    app.build(site, out, NOW)
    record(site, list(rounds(NOW + 300, NOW + 300)))
    written = app.build(site, out, NOW + 300).written
    assert set(written.changed) == {
        public.MANIFEST,
        "api/v1/availability.json",
        "api/v1/components.json",
        "api/v1/monitor.json",
        "api/v1/samples.json",
        "api/v1/samples/default/2026-11-21.jsonl",
        "api/v1/sla.json",
        *(f"badges/api/uptime-{days}d.{kind}" for days in (7, 30, 90, 365) for kind in ("svg", "json")),
        "build.json",
        "components/api/index.html",
        "components/support/index.html",
        "index.html",
        "metrics.txt",
        "status.json",
        "status.txt",
        "uptime/availability.csv",
    }


def test_builds_at_once_spoil_neither_the_site_nor_what_is_kept(site: Path, tmp_path: Path) -> None:
    expected = build(site, tmp_path / "alone")
    forget(site)
    runs = [threading.Thread(target=app.build, args=(site, tmp_path / "out", NOW)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert build(site, tmp_path / "out") == expected
    assert len(cache.Cache(site / ".git/statusgen/cache")) > 0


def test_a_worktree_shares_what_its_repository_keeps(site: Path, tmp_path: Path) -> None:
    made = build(site, tmp_path / "one")
    run_git(site, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    assert build(tmp_path / "tree", tmp_path / "two") == made
    assert kept(site / ".git/statusgen/cache").exists()


def test_a_build_of_the_same_inputs_ends_at_once_and_says_what_the_first_said(site: Path, tmp_path: Path) -> None:
    write(site, **{"incidents/wrong.md": "no front matter"})
    first = app.build(site, tmp_path / "out", NOW)
    kept(site / ".git/statusgen/cache").unlink()  # it needs nothing of that
    second = app.build(site, tmp_path / "out", NOW)
    assert second.problems == first.problems != ()
    assert (second.written.changed, second.written.removed) == ((), ())
    assert second.written.unchanged == len(first.written.changed)
    assert list((site / ".git/statusgen/cache").glob("parts-*.json")) == []
