"""What ``openapi.json`` says of our documents, against the documents themselves."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from statusgen import app, files
from statusgen.model import Details, Phase, Round, Sample, State, Verdict
from statusgen.periods import parse_instant
from statusgen.render import api_v1
from statusgen.render.output import Output
from statusgen.render.site import render
from statusgen.views import Snapshot

from ..literals import (
    DAY,
    HOUR,
    NOW,
    component,
    incident,
    maintenance,
    resolved,
    rounds,
    site,
    take,
    unchecked,
    update,
)
from .published import THEME, rendered, written
from .test_sla import MADE as PROMISED

TEXT = files.read_text(files.shipped(""), "openapi.json")
DESCRIBED: dict[str, Any] = json.loads(TEXT)
GOLDEN = Path(__file__).parents[1] / "golden/whole/in"
DOCUMENTS = (".json", ".jsonl")
STANDARDS = re.compile(r"(.*/)?(feed\.json|badges?/.*\.json|badge\.json)")  # they follow descriptions of others


def closed(schema: Any) -> Any:
    """Return a schema that takes no field it does not name: readers must, so it is not published like that."""
    if isinstance(schema, dict):
        made = {key: closed(value) for key, value in schema.items()}
        return {**made, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else made
    return [closed(each) for each in schema] if isinstance(schema, list) else schema


SCHEMAS = {name: closed(schema) for name, schema in DESCRIBED["components"]["schemas"].items()}


@cache
def schema_of(path: str) -> Draft202012Validator | None:
    """Return what a file of the site must be; None where nothing describes it."""
    for template, said in DESCRIBED["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), f"/{path}"):
            (content,) = said["get"]["responses"]["200"]["content"].values()
            whole = {**content["schema"], "components": {"schemas": SCHEMAS}}
            return Draft202012Validator(whole, format_checker=FormatChecker())
    return None


def documents(made: Snapshot) -> dict[str, bytes]:
    """Return the documents of a site by path; no page is made for them."""
    described = render(made, THEME, rendered(made), {}, {}).items()
    return written({path: file for path, file in described if path.endswith(DOCUMENTS)})


def complaints(made: dict[str, bytes]) -> list[str]:
    """Return what is wrong with documents."""
    return [complaint for path, content in made.items() for complaint in _of_file(path, content.decode("utf-8"))]


def _of_file(path: str, text: str) -> Iterator[str]:
    if STANDARDS.fullmatch(path):
        return
    if (schema := schema_of(path)) is None:
        yield f"{path} is not described"
        return
    for line in text.splitlines() if path.endswith(".jsonl") else [text]:
        yield from (f"{path}: {error.json_path}: {error.message}" for error in schema.iter_errors(json.loads(line)))


def detailed() -> Round:
    details = Details(dns=4, connect=21, tls=40, first_byte=100, transfer=18, certificate_end=NOW + 90 * DAY)
    return Round(
        at=NOW - 60,
        answers=(("api", Sample(NOW - 60, Verdict.DEGRADED, 900, "slow")),),
        details=(("api", details),),
    )


def many() -> Snapshot:
    events = [
        incident("open", update(NOW - HOUR, Phase.INVESTIGATING, api=State.PARTIAL)),
        maintenance("now", NOW - HOUR, NOW + HOUR, update(NOW - DAY, Phase.SCHEDULED)),
        maintenance("ahead", NOW + DAY, NOW + DAY + HOUR),
        maintenance("off", NOW - 9 * DAY, NOW - 8 * DAY, update(NOW - 9 * DAY, Phase.CANCELLED)),
        *(resolved(f"old-{i}", NOW - i * 10 * DAY, NOW - i * 10 * DAY + HOUR, api=State.MAJOR) for i in range(1, 70)),
        replace(resolved("draft", NOW - DAY, NOW - HOUR, api=State.MAJOR), draft=True),
    ]
    parts = (component("api", "api", "web", group="All of it"), component("cdn", group="All of it"), unchecked("desk"))
    seen = (*rounds(api="u" * 500 + "ddd" + "u" * 40, web="g" * 543, cdn="ud!-" * 100), detailed())
    spoken = replace(site(*parts), languages=("de",))
    return take(spoken, events, {"here": sorted(seen, key=lambda each: each.at), "there": rounds(api="uuu")})


SNAPSHOTS = {
    "nothing": lambda: take(replace(site(), components=())),
    "nothing known": take,
    "an outage": lambda: take(ledger=rounds(api="uuddd")),
    "an outage that is over": lambda: take(ledger=rounds(api="uudddsuuu")),
    "maintenance": lambda: take(events=[maintenance("m", NOW - HOUR, NOW + HOUR, update(NOW - HOUR, Phase.SCHEDULED))]),
    "promises": lambda: PROMISED,
    "many": many,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a site with something of everything, samples included."""
    place = tmp_path_factory.mktemp("whole") / "site"
    shutil.copytree(GOLDEN, place)
    app.build(place, place / "public", parse_instant("2026-11-21T12:07Z"))
    public = place / "public"
    found = (file for end in DOCUMENTS for file in public.rglob(f"*{end}"))
    return {file.relative_to(public).as_posix(): file.read_bytes() for file in found}


def test_the_description_is_openapi_3_1() -> None:
    assert DESCRIBED["openapi"].startswith("3.1.")
    validate(DESCRIBED)


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_document_is_as_described(name: str) -> None:
    assert complaints(documents(SNAPSHOTS[name]())) == []


def test_every_document_of_a_whole_site_is_as_described(whole: dict[str, bytes]) -> None:
    assert complaints(whole) == []
    assert [path for path in whole if path.endswith(".jsonl")]


def test_every_path_that_is_described_is_published(whole: dict[str, bytes]) -> None:
    published = [*whole, *documents(many())]
    for template in DESCRIBED["paths"]:
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template[1:]))
        assert any(re.fullmatch(pattern, path) for path in published), template


def test_a_field_that_is_not_described_is_found() -> None:
    made = documents(SNAPSHOTS["an outage"]())["api/v1/components.json"]
    assert complaints({"api/v1/components.json": made.replace(b'"verdict"', b'"more": 1, "verdict"')})
    assert complaints({"api/v1/components.json": made.replace(b'"down"', b'"dead"')})


def test_every_field_is_always_there() -> None:
    optional = {
        (name, field)
        for name, schema in SCHEMAS.items()
        for field in set(schema.get("properties", ())) - set(schema.get("required", ()))
    }
    assert {name for name, _ in optional} == {"PageWindows", "Round", "V2Component"}


def test_no_schema_is_left_over() -> None:
    used = set(re.findall(r'"#/components/schemas/(\w+)"', TEXT))
    assert used == set(DESCRIBED["components"]["schemas"])


def test_the_published_description_says_where_the_documents_are() -> None:
    made = take(site(component("api"), url="https://example.org/status"))
    file = api_v1.files(made, {}, api_v1.Beside(openapi=TEXT))["api/v1/openapi.json"]
    other = api_v1.files(take(), {}, api_v1.Beside(openapi=TEXT))["api/v1/openapi.json"]
    assert isinstance(file, Output)
    assert isinstance(other, Output)
    assert file.key != other.key
    said = json.loads(file.make())
    assert said.pop("servers") == [{"url": "https://example.org/status"}]
    assert said == {key: value for key, value in DESCRIBED.items() if key != "servers"}
