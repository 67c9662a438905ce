"""Everything bad that can lie in a site's folder, at once, beside what is good: the good is published, the bad named.

A row of ``BAD`` is a path, what lies there, and how the line begins that names it. To add a kind, add a row.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from statusgen import git, ledger
from tests import pictures
from tests.sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    NOW_TEXT,
    bare_theme,
    commit_all,
    record,
    rounds,
    run_git,
    statusgen,
    write,
)

Put = Callable[[Path], object]
Content = str | bytes | Put

SCRIPT = b"<script>alert(document.domain)</script>"
PAGE = "---\ntitle: Roadmap\n---\nSoon.\n"
CORRECTION = "{components: [api], from: 2026-11-20 10:30 UTC, to: 2026-11-20 10:40 UTC, set: %s, reason: Seen.}\n"
SLO = "apiVersion: openslo/v1\nkind: %s\nmetadata: {name: a}\nspec:\n  service: api\n  timeWindow: [{duration: 30d}]\n"
SLO += "  objectives: [{targetPercent: 99.9}]\n"
WINDOW = "scheduled: {from: 2026-12-01 22:00 UTC, until: 2026-12-02 00:00 UTC}"
MAINTENANCE = f"---\ntitle: Upgrade\ntype: maintenance\n{WINDOW}\ncomponents: [api]\n---\n"
MAINTENANCE += "## Scheduled · 2026-11-20 09:00 UTC\nWe upgrade.\n"


def link(target: str) -> Put:
    return lambda path: path.symlink_to(target)


def plug(path: Path) -> None:
    """Leave a socket, whose address may be a hundred characters long."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(path.name)
    finally:
        os.chdir(before)


def device(path: Path) -> None:
    """Leave what hands out zeros for ever; whoever may not make one, a pipe."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(path)


GOOD: dict[str, Content] = {
    INCIDENT: INCIDENT_TEXT,
    "incidents/2026-12-01-upgrade.md": MAINTENANCE,
    "incidents/2026-11-20-api-errors.postmortem.md": "What we learnt: ![graph](img/graph.png)\n",
    "incidents/img/graph.png": pictures.PNG,
    "incidents/photo.jpg": pictures.JPEG,
    "incidents/moving.gif": pictures.GIF,
    "incidents/small.webp": pictures.WEBP,
    "pages/roadmap.md": PAGE,
    "pages/maths.md": "---\ntitle: '{{ 7 * 7 }}'\n---\n{{ 7 * 7 }} {% raw %} {# gone? #}\n",
    "themes/default/document.html": "{{ document.title }}|{{ prose(document.text, page, 'x') }}",
    "corrections/good.yaml": CORRECTION % "operational",
    "slo/good.yaml": SLO % "SLO",
}
BAD: tuple[tuple[str, Content, str], ...] = (
    # what cannot be taken for a file of the repository
    ("incidents/link.md", link("/proc/self/environ"), ":1: is a symbolic link: put the file"),
    ("incidents/linked.png", link("/etc/passwd"), ":1: is a symbolic link"),
    ("incidents/folder", link("/etc"), ":1: is a symbolic link"),
    ("pages/dangling.md", link("nowhere.md"), ":1: is a symbolic link"),
    ("incidents/pipe.md", os.mkfifo, ":1: is not a plain file: remove it"),
    ("pages/socket.md", plug, ":1: is not a plain file"),
    ("corrections/device.yaml", device, ":1: is not a plain file"),
    ("slo/folder.yaml/x.yaml", SLO % "SLO", ":1: lies too deep: move it to slo/x.yaml"),
    # names
    ("incidents/2026-11-20-API-errors.md", INCIDENT_TEXT, ":1: differs from incidents/2026-11-20-api-errors.md by cap"),
    ("incidents/img/Graph.PNG", pictures.PNG, ":1: differs from incidents/img/graph.png by capitals only"),
    ("pages/Roadmap.md", PAGE, ":1: differs from pages/roadmap.md by capitals only"),
    ("pages/shout.MD", PAGE, ":1: has a suffix in capitals: rename it to shout.md"),
    ("pages/nul.md", PAGE, ":1: has a name that some systems reserve: rename it"),
    ("incidents/com1.png", pictures.PNG, ":1: has a name that some systems reserve"),
    ("incidents/" + unicodedata.normalize("NFD", "grün.png"), pictures.PNG, ":1: has a name with letters in two parts"),
    ("incidents/10:02.png", pictures.PNG, ":1: has a name with :, which some systems cannot hold: rename it"),
    ("incidents/" + "x" * 200 + ".png", pictures.PNG, ":1: has a path of 214 characters: rename it"),
    ("incidents/a\u202egnp.png", pictures.PNG, ":1: has a name that no address can hold: rename it"),
    ("incidents/a\x1b[2J.md", INCIDENT_TEXT, ":1: has a name that no address can hold"),
    ("incidents/a\n::error::b.md", INCIDENT_TEXT, ":1: has a name that no address can hold"),
    ("incidents/index.html/x.png", pictures.PNG, ":1: lies in a folder with a dot in its name"),
    ("pages/index.md", PAGE, ":1: the file's name 'index' is a name that some systems reserve"),
    *((f"pages/{name}.md", PAGE, f":1: the file's name '{name}' is an address") for name in ("api", "uptime")),
    ("pages/-a.md", PAGE, ":1: the file's name '-a' is not an id"),
    # images
    ("incidents/script.png", SCRIPT, ":1: is not the image that '.png' says: export it again"),
    ("incidents/drawing.jpg", b"<svg onload='alert(1)'/>", ":1: is not the image that '.jpg' says"),
    ("incidents/both.gif", pictures.GIF + SCRIPT, ":1: goes on for 39 bytes after the image's end: export it again"),
    ("pages/archive.png", pictures.PNG + b"PK\3\4" + bytes(60), ":1: goes on for 64 bytes after the image's end"),
    ("pages/bomb.png", pictures.png(100_000, 100_000), ":1: has 100000 × 100000 pixels: make it smaller"),
    ("pages/huge.png", pictures.PNG + bytes(5 * 1024 * 1024), ":1: is larger than 5120 KB: make it smaller"),
    ("pages/half.jpg", pictures.JPEG[:90], ":1: is a broken image: export it again"),
    # texts
    ("incidents/latin.md", INCIDENT_TEXT.encode().replace(b"About", b"F\xfcr"), ":8: is not UTF-8 text: save it as"),
    ("incidents/severe.md", INCIDENT_TEXT.replace("severity: sev2", "type: sev9"), ":3: 'type': 'sev9' is not known"),
    ("incidents/escape.md", INCIDENT_TEXT.replace("severity: sev2", 'type: "\\e[2J"'), r":3: 'type': '\x1b[2J' is not"),
    ("incidents/long.md", INCIDENT_TEXT.replace("severity: sev2", "type: " + "x" * 9_000), ":3: 'type': 'xxxx"),
    ("incidents/alias.md", INCIDENT_TEXT.replace("title: ", "title: &a "), ":2: anchor '&a' is not allowed"),
    ("incidents/unseen.md", INCIDENT_TEXT.replace("Elevated API errors", '"\\u200b\\u3164"'), ":2: 'title': is empty"),
    ("incidents/empty.postmortem.md", "", ":1: is empty: write what was learnt"),
    ("incidents/cancelled.md", MAINTENANCE + "## Canceled · 2026-11-21 09:00 UTC\n", ":9: 'Canceled' is no state"),
    ("pages/front.md", "---\ntitle: [\n---\nText\n", ":2: 'title: [' is not valid YAML"),
    ("corrections/list.yaml", "[]\n", ":1: 'correction' must be a map"),
    ("corrections/whom.yaml", CORRECTION.replace("[api]", "[apii]") % "unknown", ":1: there is no component 'apii'"),
    ("corrections/one.yaml", (CORRECTION % "unknown").replace("10:", "11:"), ":1: sets api to unknown where"),
    ("corrections/two.yaml", (CORRECTION % "operational").replace("10:", "11:"), ":1: sets api to operational where"),
    ("slo/kind.yaml", SLO % "SLI", ":2: 'kind': 'SLI'"),
)  # fmt: skip
LEDGER = "status-data/default"
BAD_LINES = ("{", '{"v":1,"at":1e999,"checks":{}}', "\x1b[2J", "9" * 5_000)
ONGOING = "incidents/2026-11-21-ongoing.md"  # of which only the newest update is bad
ONGOING_TEXT = """\
---
title: "Na\u0308mes \\u202eerased\\u202c\\u0007"
components: {api: major_outage}
---
## Investigating · 2026-11-21 11:30 UTC
Nothing \u202eanswers\u202c, \x07\ufffe**we look**.

## Resovled · 2026-11-21 11:50 UTC
Over.
"""


@dataclass(frozen=True)
class Ran:
    """What building everything came to."""

    out: Path
    code: int
    said: list[str]

    def published(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes() for path in self.out.rglob("*") if path.is_file()
        }


def put(site: Path, path: str, content: Content) -> None:
    place = site / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str | bytes):
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    else:
        content(place)


def shown(path: str) -> str:
    return path if path.isprintable() else ascii(path)[1:-1]


def build(site: Path, *options: str) -> Ran:
    ran = statusgen("build", "--now", NOW_TEXT, "--out", "public", *options, at=site)
    assert "Traceback" not in ran.stderr
    return Ran(site / "public", ran.returncode, ran.stderr.splitlines())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Path:
    folder = tmp_path_factory.mktemp("guards") / "site"
    write(folder, **{"components.yaml": COMPONENTS}, **bare_theme())
    commit_all(folder)
    record(folder, list(rounds(NOW - 7_200, NOW - 300)))
    repository, day = git.Repository(folder), "samples/2026-11-21.jsonl"
    text = git.read_files(repository, LEDGER, ledger.is_day_file)[day] + "".join(f"{line}\n" for line in BAD_LINES)
    run_git(folder, "update-ref", f"refs/heads/{LEDGER}", git.commit_files(repository, LEDGER, {day: text}, "Bad", NOW))
    for path, content in GOOD.items():
        put(folder, path, content)
    return folder


@pytest.fixture(scope="module")
def good(site: Path) -> dict[str, bytes]:
    """Return what is published of the good alone."""
    ran = build(site)
    assert (ran.code, [line for line in ran.said if not line.endswith("[warning]")]) == (0, [])
    return ran.published()


@pytest.fixture(scope="module")
def ran(site: Path, good: dict[str, bytes]) -> Ran:
    for path, content, _ in BAD:
        put(site, path, content)
    put(site, ONGOING, ONGOING_TEXT)
    return build(site)


@pytest.mark.parametrize(("path", "begins"), [(path, begins) for path, _, begins in BAD], ids=ascii)
def test_what_is_bad_is_named_by_file_and_line(path: str, begins: str, ran: Ran) -> None:
    assert [line for line in ran.said if line.startswith(shown(path) + begins)], [
        line for line in ran.said if line.startswith(shown(path))
    ]


def test_nothing_else_is_named_and_every_name_is_one_line_of_print(ran: Ran) -> None:
    named = [shown(path) + begins for path, _, begins in BAD] + [f"{ONGOING}:8: 'Resovled' is no state", LEDGER]
    assert [line for line in ran.said if not line.startswith(tuple(named))] == []
    assert all(line.isprintable() and len(line) < 1_000 for line in ran.said)


def test_all_that_is_good_is_published_as_if_nothing_else_were_there(ran: Ran, good: dict[str, bytes]) -> None:
    made = ran.published()
    pages = [path for path in good if path.endswith((".html", ".png", ".jpg", ".gif", ".webp"))]
    assert {path: made.get(path) for path in pages} == {path: good[path] for path in pages}
    assert {"incidents/img/graph.png", "roadmap/index.html", "incidents/2026-12-01-upgrade/index.html"} < set(pages)
    slugs = {each["slug"] for each in json.loads(made["api/v1/incidents.json"])["incidents"]}
    assert slugs == {"2026-11-20-api-errors", "2026-11-21-ongoing", "2026-12-01-upgrade"}
    assert set(made) - set(good) == {path for path in made if "2026-11-21-ongoing" in path}


def test_an_outage_that_goes_on_stays_on_the_page_whatever_its_newest_update_is(ran: Ran) -> None:
    made = ran.published()
    assert json.loads(made["status.json"])["open"] == ["2026-11-21-ongoing"]
    told = json.loads(made["api/v1/incidents.json"])["incidents"]
    ongoing = next(each for each in told if each["slug"] == "2026-11-21-ongoing")
    assert [(update["phase"], update["text"]) for update in ongoing["updates"]] == [
        ("investigating", "Nothing answers, **we look**.")
    ]


def test_no_text_turns_around_and_no_feed_dies_of_one(ran: Ran) -> None:
    made = ran.published()
    told = made["status.txt"].decode()
    assert "N\xe4mes erased" in told
    assert "Nothing answers, **we look**." in told
    for path, content in made.items():
        if path.endswith((".html", ".json", ".xml", ".txt", ".ics", ".csv", ".svg")):
            assert not set("\u202e\u202c\x07\ufffe") & set(content.decode()), path
        if path.endswith((".xml", ".atom", ".rss", ".svg")):
            ElementTree.fromstring(content)


def test_the_page_says_what_it_leaves_out(ran: Ran) -> None:
    said = [
        f"{each['path']}:{each['line']}: {each['message']}"
        for each in json.loads(ran.published()["build.json"])["left_out"]
    ]
    errors = [line for line in ran.said if not line.endswith("[warning]")]
    assert sorted(said) == sorted(errors)
    assert len(said) > len(BAD)


def test_what_is_bad_fails_a_strict_build_and_a_pull_request(site: Path, ran: Ran) -> None:
    assert ran.code == 0
    assert build(site, "--strict").code == 1
    checked = statusgen("check", "--now", NOW_TEXT, at=site)
    assert (checked.returncode, checked.stderr) == (1, "")
    named = checked.stdout.splitlines()
    assert set(ran.said) <= set(named)
    told = [line for line in named if line.startswith(f"{LEDGER}:samples/2026-11-21.jsonl:")]
    assert [line.endswith("[warning]") for line in told] == [True] * len(BAD_LINES)


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("components.yaml", "site: [\n", "components.yaml:1: 'site: [' is not valid YAML"),
        ("components.yaml", link("/proc/self/environ"), "components.yaml:1: is a symbolic link"),
        ("components.yaml", os.mkfifo, "components.yaml:1: is not a plain file"),
        ("themes/default/404.html", "<p>\n{{ nobody }}", "themes/default/404.html:2: 'nobody' is undefined"),
        ("themes/default/404.html", "<p>\n{% if %}", "themes/default/404.html:2: "),
        ("themes/default/404.html", b"<p>\n\xff", "themes/default/404.html:2: is not UTF-8 text"),
        ("themes/default/404.html", link("/etc/passwd"), "themes/default/404.html:1: is a symbolic link"),
        ("themes/default/locales/de.po", "msgid", "themes/default/locales/de.po:1: is no gettext catalog"),
    ],
)
def test_what_nothing_can_be_published_without_keeps_the_old_site(
    path: str, content: Content, message: str, site: Path, ran: Ran
) -> None:
    before, there = ran.published(), site / path
    kept = there.read_bytes() if there.exists() else None
    configured = (site / "components.yaml").read_text()
    write(site, **{"components.yaml": configured.replace("id: acme}", "id: acme, languages: [de]}")})
    there.unlink(missing_ok=True)
    put(site, path, content)
    built, checked = build(site), statusgen("check", "--now", NOW_TEXT, at=site)
    there.unlink()
    if kept is not None:
        there.write_bytes(kept)
    write(site, **{"components.yaml": configured})
    assert built.code == checked.returncode == 1
    assert built.said[-1].startswith(message)
    assert checked.stdout.startswith(message)
    assert ran.published() == before


def test_what_people_write_is_never_a_template(ran: Ran) -> None:
    assert ran.published()["maths/index.html"] == b"{{ 7 * 7 }}|<p>{{ 7 * 7 }} {% raw %} {# gone? #}</p>"
