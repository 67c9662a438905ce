"""Everything a person can write or read has a name, and every name stands in the documentation, set apart."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from statusgen import config, files, incidents, ledger, shape
from statusgen.cli import commands
from statusgen.model import DECLARABLE, Phase
from statusgen.promises import Severity
from statusgen.reasons import REASONS

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


@pytest.mark.parametrize("record", [incidents._EVENT_FRONT, incidents._POSTMORTEM_FRONT], ids=["event", "post-mortem"])
def test_every_key_of_front_matter_is_documented(record: shape.Record[Any]) -> None:
    assert missing(keys(record.schema()), PAGES["incidents.md"]) == []


def test_every_word_of_an_incident_is_documented() -> None:
    assert missing([*Phase, *Severity, *DECLARABLE], PAGES["incidents.md"]) == []


@pytest.mark.parametrize("command", commands.commands.values(), ids=commands.commands.keys())
def test_every_command_and_each_of_its_options_is_documented(command: click.Command) -> None:
    about_all, _, table = PAGES["commands.md"].partition("\n|")
    row = next((line for line in table.splitlines() if f"`statusgen {command.name}" in line), "")
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    names = [f"statusgen {command.name}", *(name for option in options for name in option.opts)]
    assert missing(names, f"{about_all}\n{row}") == []
    assert missing([name for option in options for name in option.secondary_opts], PAGES["commands.md"]) == []


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


def test_links_between_pages_lead_somewhere() -> None:
    for name, page in PAGES.items():
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page):
            assert (DOCS / target).exists(), f"{name} links to {target}"
