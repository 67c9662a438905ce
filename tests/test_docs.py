"""Everything a person can write or read has a name, and every name stands in the documentation, set apart."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest

from statusgen import config, files, frontmatter, ledger, shape
from statusgen.cli import commands
from statusgen.model import DECLARABLE, Phase
from statusgen.posting import messages
from statusgen.probes import KINDS
from statusgen.promises import Severity
from statusgen.reasons import REASONS
from tools.markdown import slug

from .literals import rounds

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {path.name: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}


def set_apart(text: str) -> str:
    """Return what a text sets apart from its prose: blocks and spans of code, headings, bold words."""
    blocks = re.findall(r"^ *```.*?^ *```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`[^`\n]+`|^#+ .*|\*\*[^*]+\*\*", rest, re.MULTILINE)]).lower()


def missing(wanted: Iterable[str], text: str) -> list[str]:
    there = set_apart(text)
    return sorted({name for name in wanted if not re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", there)})


def keys(schema: Any) -> Iterator[str]:
    """Yield the keys of every map a JSON Schema describes, and the words of every closed set."""
    if isinstance(schema, list):
        for each in schema:
            yield from keys(each)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        for each in (*schema.get("properties", {}).values(), *(v for k, v in schema.items() if k != "properties")):
            yield from keys(each)


def test_every_key_of_components_yaml_is_documented() -> None:
    assert missing(keys(config.schema()), PAGES["configuration.md"]) == []


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind_of_check_has_a_heading_to_which_the_tasks_link(kind: str) -> None:
    (found,) = re.findall(rf"^#### (.*`{kind}`.*)$", PAGES["configuration.md"], re.MULTILINE)
    assert f"(configuration.md#{slug(found.replace('`', ''))})" in PAGES["how-to.md"]


@pytest.mark.parametrize("record", [frontmatter.EVENT, frontmatter.POSTMORTEM], ids=["event", "post-mortem"])
def test_every_key_of_front_matter_is_documented(record: shape.Record[Any]) -> None:
    assert missing(keys(record.schema()), PAGES["incidents.md"]) == []


def test_every_word_of_an_incident_is_documented() -> None:
    assert missing([*Phase, *Severity, *DECLARABLE], PAGES["incidents.md"]) == []


def every_command(group: click.Group = commands, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name, ``incident open``."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.mark.parametrize(("name", "command"), [*every_command()], ids=[name for name, _ in every_command()])
def test_every_command_and_each_of_its_options_is_documented(name: str, command: click.Command) -> None:
    about_all, _, table = PAGES["commands.md"].partition("\n|")
    row = next((line for line in table.splitlines() if f"`statusgen {name}" in line), "")
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    names = [f"statusgen {name}", *(name for option in options for name in option.opts)]
    assert missing(names, f"{about_all}\n{row}") == []
    assert missing([name for option in options for name in option.secondary_opts], PAGES["commands.md"]) == []


def test_every_key_and_field_of_templates_is_documented() -> None:
    assert missing(messages._FRONT.keys, PAGES["posting.md"]) == []
    for fields in (messages.FIELDS, messages.OF_POSTMORTEM):
        assert [field for field in fields if f"`{{{field}}}`" not in PAGES["posting.md"]] == []


def test_every_reason_is_documented() -> None:
    assert missing([*REASONS, "status", "grpc", "exit"], PAGES["reasons.md"]) == []


def test_no_reason_is_documented_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `([a-z_]+)", PAGES["reasons.md"], re.MULTILINE)
    assert {row for row in rows if row not in REASONS} <= {"status", "grpc", "exit"}


def test_every_field_of_our_own_documents_is_documented() -> None:
    described = json.loads(files.read_text(files.shipped(""), "openapi.json"))
    own = {name: each for name, each in described["components"]["schemas"].items() if not name.startswith("V2")}
    assert missing([word for schema in own.values() for word in keys(schema)], PAGES["api.md"]) == []


def test_every_document_of_our_own_is_documented() -> None:
    described = json.loads(files.read_text(files.shipped(""), "openapi.json"))
    places = [path.strip("/").replace("{", "<").replace("}", ">") for path in described["paths"]]
    text = html.unescape(PAGES["api.md"])
    assert [place for place in places if "api/v2" not in place and place not in text] == []


def test_every_word_of_the_ledger_is_documented() -> None:
    line = json.loads(ledger.encode(rounds(api="uudd")[0]))
    words = ["v", "at", "checks", "late", "prober_error", *ledger.LATE, "up", "degraded", "down"]
    assert set(line) <= set(words)
    assert missing(words, PAGES["ledger.md"]) == []


def test_the_schema_for_editors_is_the_programs() -> None:
    assert json.loads((DOCS / "components.schema.json").read_text("utf-8")) == config.schema()


def headings(text: str) -> Iterator[str]:
    """Yield the anchors that a forge gives a Markdown file's headings, and those that it sets itself."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    seen: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE):
        anchor = slug(html.unescape(re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", heading)))
        yield f"{anchor}-{seen[anchor]}" if anchor in seen else anchor
        seen[anchor] = seen.get(anchor, 0) + 1
    yield from re.findall(r'<a id="([^"]+)">', text)


@pytest.mark.parametrize("path", [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name)
def test_links_and_anchors_hold_where_a_forge_shows_the_files(path: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", path.read_text("utf-8")):
        parts = urlsplit(link[0] or link[1])
        target = (path.parent / parts.path).resolve() if parts.path else path
        is_page = target.suffix == ".md" and target.is_file()
        if not parts.scheme and not target.exists():
            lost.append(parts.geturl())
        elif not parts.scheme and parts.fragment and is_page:
            lost += [parts.geturl()] if parts.fragment not in headings(target.read_text("utf-8")) else []
    assert lost == []
