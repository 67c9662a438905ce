"""The shape of the program: floors, doors, one library in one module, one look at the clock.

Everything is read from the imports as written. ``FLOORS`` is the program's table of contents: a module imports
only what stands before it, on a lower floor or further left on its own.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE, DOCS = ROOT / "statusgen", ROOT / "docs"
TABLE = {
    "words": """
        posting drafting notifying reviewing errors intervals periods calendars reasons secret promises routes
        model digests histogram days shards
    """,
    "shapes": """
        source shape paths
    """,
    "doors and formats": """
        programs workers images files swap public cache web git posting.clone beats ledger rollup compaction events
        notifying.channels.message notifying.channels.webhook notifying.channels.chat notifying.channels
        probes.addresses probes.dial probes.kind probes.expiry probes.extras probes.headers probes.http2 probes.grpc
        probes.patterns probes.dialogue probes.starttls probes.request probes.exchange probes.walls
        probes.authorization probes.identity probes.json_path probes.assertions probes.http probes.tcp
        probes.lookup probes.dns probes.fetching probes.domain probes.statuspage probes.tls probes.smtp
        probes.imap probes.ssh probes.icmp probes.heartbeat probes.exec probes.websocket probes probes.asking
        probes.rehearsal probes.rounds
    """,
    "what people wrote": """
        names components objectives support disclosure drafting.drafts notifying.notifications config recurrence
        occurrences updates frontmatter incidents posting.authoring posting.messages corrections documents openslo
        branches delivery archive history audit arrivals terms past claims sources posting.forges posting.authored
        posting.worktree posting.topics posting.waiting posting.proposals drafting.pending posting.form
    """,
    "numbers": """
        verdict availability cadence latency status budget response
    """,
    "view": """
        posting.progress posting.wordings views outages survey chronicle snapshot lint leaks reviewing.settings
        reviewing.movements notifying.announcing reviewing.changes notifying.logbook reports
    """,
    "out": """
        render.output render.notation render.placing render.prose render.language render.lanes render.words
        render.drafted render.widths render.badges render.catalogs render.bars render.charts render.sla
        render.report render.quoting render.blocks render.changed_json render.changed render.api_components
        render.api_incidents render.api_samples render.api_v1 render.untagged render.api_v2 render.notices
        render.feed render.feed_xml render.feeds render.calendar render.live render.metrics render.columns
        render.plain render.security render.search render.templates render.pages render.hosts render.site render
    """,
    "shell": """
        printing posting.desks posting.finding posting.writing posting.acts posting.filing making
        drafting.reconciling drafting.autopilot succession building comparing verification prober watching
        probing checking reviewing.review app server scaffold notifying.keeping notifying.sending demo_endpoints
        demo options commands commands.probe commands.build commands.notify commands.asked commands.posts
        commands.draft commands.incident commands.maintenance commands.postmortem commands.completion commands.form
        commands.diff cli __main__
    """,
}
FLOORS = {floor: modules.split() for floor, modules in TABLE.items()}
ORDER = [module for modules in FLOORS.values() for module in modules]
DOORS = {
    "workers",
    "files",
    "swap",
    "public",
    "cache",
    "web",
    "programs",
    "git",
    "beats",
    "branches",
    "delivery",
    "archive",
    "history",
    "audit",
    "arrivals",
    "terms",
    "past",
    "claims",
    "sources",
    *(
        "posting.clone",
        "posting.authored",
        "posting.worktree",
        "posting.topics",
        "posting.waiting",
        "posting.proposals",
        "drafting.pending",
    ),
    *(module for module in ORDER if module.startswith(("probes", "notifying.channels"))),
}
PURE = [module for module in ORDER if module not in DOORS and module not in FLOORS["shell"]]

HOME_OF = {  # one library, one place
    "yaml": {"source"},
    "jinja2": {"render.templates", "render.catalogs"},
    "markupsafe": {"render.templates"},
    "babel": {"render.language", "render.catalogs"},
    "icalendar": {"render.calendar"},
    "markdown": {"render.prose"},
    "nh3": {"render.prose"},
    "feedgen": {"render.feed_xml"},
    "requests": {"probes.exchange", "web", "notifying.channels.webhook"},
    "apprise": {"notifying.channels.chat"},
    "urllib3": {"probes.exchange"},
    "regex": {"probes.patterns"},
    "jsonpath_rfc9535": {"probes.json_path"},
    "certifi": {"probes.dial"},
    "dns": {"probes.lookup", "probes.dial"},
    "h2": {"probes.http2"},
    "wsproto": {"probes.websocket"},
    "dateutil": {"recurrence"},
    "click": {"options", "cli", *(module for module in ORDER if module.startswith("commands."))},
    "subprocess": {"programs"},
    "datetime": {"periods", "calendars", "recurrence", "cli"},
    "socket": {
        *("probes.dial", "probes.http2", "probes.websocket", "probes.lookup", "probes.dialogue", "probes.icmp"),
        "probes.rehearsal",
        *("server", "demo_endpoints"),
    },
    "random": {"cli", "demo"},
}
OF_THE_WORLD = {
    *("os", "shutil", "tempfile", "glob", "fcntl", "subprocess", "socket", "ssl", "select", "time", "random"),
    *("secrets", "locale", "getpass", "platform", "multiprocessing"),
    *("urllib.request", "http.client", "http.server", "importlib.resources"),
}
OWN = "statusgen"


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__") or "__init__"


TREES = {name_of(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
MODULES = [name for name in TREES if name != "__init__"]


@cache
def imported(module: str) -> tuple[str, ...]:
    """Return the full names of everything a module imports, also inside functions."""
    names: list[str] = []
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(names)


def own(module: str) -> set[str]:
    """Return the modules of the program that a module imports: the longest name that is one."""
    found = set()
    for name in imported(module):
        parts = name.split(".")
        if parts[0] == OWN:
            lengths = range(len(parts), 1, -1)
            found.add(next((".".join(parts[1:n]) for n in lengths if ".".join(parts[1:n]) in TREES), "__init__"))
    return found - {"__init__"}


def foreign(module: str) -> set[str]:
    """Return the libraries a module imports, by every part of their names."""
    names = [name.split(".") for name in imported(module) if name.split(".")[0] != OWN]
    return {".".join(parts[:n]) for parts in names for n in range(1, len(parts) + 1)}


@cache
def calls(module: str) -> tuple[str, ...]:
    """Return what is called, as it is written: ``datetime.now``."""
    return tuple(ast.unparse(node.func) for node in ast.walk(TREES[module]) if isinstance(node, ast.Call))


def test_every_module_stands_in_the_table_and_nothing_else_does() -> None:
    assert sorted(ORDER) == sorted(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_stands_before_it(module: str) -> None:
    before = set(ORDER[: ORDER.index(module)])
    assert own(module) <= before


def test_the_floors_are_those_of_the_documentation() -> None:
    rows = re.findall(r"^\| \d (.+?) \| (.+) \|$", (DOCS / "architecture.md").read_text("utf-8"), re.MULTILINE)
    assert [floor for floor, _ in rows] == list(FLOORS)
    for floor, modules in rows:
        names = {name.rpartition(".")[2] for name in FLOORS[floor]}
        assert set(re.findall(r"`([a-z_]+)/?`", modules)) <= names


def test_doors_are_opened_by_the_shell_and_by_doors() -> None:
    probes = {door for door in DOORS if door.startswith("probes")}
    openers = {module for module in MODULES if own(module) & (DOORS - probes)}
    assert openers <= {*DOORS, *FLOORS["shell"]}
    askers = {module for module in MODULES if own(module) & probes}
    assert askers <= {*probes, "components", "config", "names", *FLOORS["shell"]}  # keys of each kind, addresses


def test_numbers_are_made_of_words_alone() -> None:
    assert {name for module in FLOORS["numbers"] for name in own(module)} <= {*FLOORS["words"], *FLOORS["numbers"]}


def test_what_renders_knows_no_files_events_or_ledger() -> None:
    known = {name for module in FLOORS["out"] for name in own(module)}
    assert not known & {"files", "git", "branches", "config", "incidents", "ledger", "source", "shape"}


@pytest.mark.parametrize("library", HOME_OF)
def test_a_library_has_one_home(library: str) -> None:
    assert {module for module in MODULES if library in foreign(module)} <= HOME_OF[library]


@pytest.mark.parametrize("module", PURE)
def test_what_is_pure_does_not_reach_the_world(module: str) -> None:
    assert not foreign(module) & OF_THE_WORLD
    assert not {"open", "print", "input", "eval", "exec"} & set(calls(module))


def test_the_clock_is_read_once() -> None:
    looks = ("now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "ctime")
    found = [
        (module, call)
        for module in TREES
        for call in calls(module)
        if call.rpartition(".")[2] in looks
        and call.rpartition(".")[0] in ("datetime", "date", "time", "datetime.datetime")
    ]
    assert found == [("cli", "datetime.now")]
    assert not any("from time import" in ast.unparse(tree) for tree in TREES.values())


def test_nothing_is_imported_for_types_alone_and_nothing_is_a_drawer() -> None:
    assert not [module for module, tree in TREES.items() if "TYPE_CHECKING" in ast.unparse(tree)]
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager"}
    assert not {part for module in MODULES for part in module.split(".")} & drawers


def test_only_edges_catch_everything() -> None:
    caught = [
        (module, ast.unparse(handler.type) if handler.type else "")
        for module, tree in TREES.items()
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler)
    ]
    assert [module for module, what in caught if what in ("", "Exception", "BaseException")] == [
        "cli",
        "notifying.channels",
        "probes.asking",
        "render.templates",  # which are other people's programs
    ]
