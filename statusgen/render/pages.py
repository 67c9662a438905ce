"""The HTML pages, from the theme's templates. Templates lay out; every number they show is in the snapshot.

Live pages get the snapshot: they show the present and change with every round. All others get what they are about and
nothing else, so they change only when that does, and one whose inputs are equal need not be made again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import jinja2
import jinja2.bccache
from markupsafe import Markup

from statusgen import calendars, periods
from statusgen.digests import digest
from statusgen.errors import Problem, SourceError
from statusgen.model import TROUBLE, Document, State
from statusgen.promises import MaintenanceRule
from statusgen.render import bars, placing
from statusgen.render.output import Output
from statusgen.views import BAR_DAYS, LATENCY_WINDOWS, EventView, Month, Snapshot

Prose = Callable[[str, str, str], str]  # text, way to the root, prefix of footnotes → HTML
Asked = Callable[[str], str]  # text → what its HTML hangs on besides itself
Memory = MutableMapping[str, Any]

MONTHS_SHOWN = 13  # in which there was an incident
INCIDENTS_SHOWN = 50

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


def pages(
    snapshot: Snapshot, theme: Mapping[str, bytes], prose: Prose, asked: Asked, memory: Memory
) -> Iterator[tuple[str, Output]]:
    """Yield every page's path and what makes it, which raises SourceError for a template that cannot be used.

    ``theme`` holds templates by name, those of the site over the default's. ``memory`` keeps them compiled.
    """
    templates = _environment(theme, snapshot, prose)
    templates.bytecode_cache = _Compiled(memory)
    documents = [(document.slug, document.title) for document in snapshot.documents]
    common = digest(sorted(theme.items()), snapshot.site, snapshot.sample_until, snapshot.provenance.version, documents)
    about = {event.slug: digest(event, *(asked(text) for text in _texts(event))) for event in snapshot.events}
    about |= {document.slug: digest(document, asked(document.text)) for document in snapshot.documents}
    for path, template, inputs in _plan(snapshot):
        is_live = "snapshot" in inputs
        key = "" if is_live else digest(path, common, *(_told(value, about) for value in inputs.values()))
        inputs = {**inputs, "page": _page(snapshot, path)}
        yield path, Output(key, partial(_make, templates, snapshot.site.theme, template, inputs))


def _make(templates: jinja2.Environment, theme: str, template: str, inputs: Mapping[str, object]) -> bytes:
    try:
        return templates.get_template(template).render(inputs).encode()
    except jinja2.TemplateError as error:
        raise SourceError([_fault(theme, template, error)]) from error


def _fault(theme: str, template: str, error: jinja2.TemplateError) -> Problem:
    """Name the template that is wrong; only a fault of its syntax has a line."""
    name, line = (error.name, error.lineno) if isinstance(error, jinja2.TemplateSyntaxError) else (None, 0)
    return Problem(
        path=f"themes/{theme}/{name or template}", line=line, message=f"{error.message}: correct the template"
    )


def _plan(snapshot: Snapshot) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield path, template and what the template gets; the pages that get the snapshot are the live ones."""
    live = {"snapshot": snapshot}
    yield "index.html", "index.html", live
    months = tuple((month.name, month.events) for month in snapshot.months)
    yield "history/index.html", "history.html", {"first": periods.day_of(snapshot.first), "months": months}
    yield "maintenance/index.html", "maintenance.html", _maintenance(snapshot)
    if snapshot.objectives:
        yield "sla/index.html", "sla.html", live
    if snapshot.site.support.is_published:
        yield "support/index.html", "support.html", {**_answered(snapshot), **live}
    yield "corrections/index.html", "corrections.html", {"corrections": snapshot.corrections}
    for document in snapshot.documents:
        yield f"{document.slug}/index.html", "document.html", {"document": document}
    for path, template in (
        ("404.html", "404.html"),
        ("policy/index.html", "policy.html"),
        ("subscribe/index.html", "subscribe.html"),
    ):
        yield path, template, {}
    for view in snapshot.components:
        named = frozenset(view.events)
        events = tuple(event for event in snapshot.events if event.slug in named)
        yield f"components/{view.component.id}/index.html", "component.html", {"view": view, "events": events, **live}
    for newer, event, older in _neighbours(snapshot.events):
        told = {"event": event, "newer": _named(newer), "older": _named(older)}
        yield f"incidents/{event.slug}/index.html", "incident.html", {**told, **(live if event.is_open else {})}
    for i, month in enumerate(snapshot.months):
        after, before = months[i - 1 : i], months[i + 1 : i + 2]
        around = {"newer": after[0][0] if after else None, "older": before[0][0] if before else None}
        yield f"history/{month.name}/index.html", "month.html", {"month": month, **around, **({} if i else live)}


def _maintenance(snapshot: Snapshot) -> Mapping[str, object]:
    past = tuple(
        event for event in snapshot.events if event.is_maintenance and not (event.is_open or event.is_upcoming)
    )
    return {"current": snapshot.maintenance_now, "ahead": snapshot.maintenance_ahead, "past": past}


def _answered(snapshot: Snapshot) -> Mapping[str, object]:
    """Return the months that the support page tells of, and the latest incidents behind them."""
    months = tuple(dict.fromkeys(row.month for row in snapshot.answered))[:MONTHS_SHOWN]
    ranked = tuple(event for event in snapshot.incidents if event.severity)
    return {"months": months, "incidents": ranked[:INCIDENTS_SHOWN]}


def _named(event: EventView | None) -> tuple[str, str] | None:
    return (event.slug, event.title) if event else None


def _neighbours(events: tuple[EventView, ...]) -> Iterator[tuple[EventView | None, EventView, EventView | None]]:
    padded = (None, *events, None)
    yield from zip(padded, events, padded[2:], strict=False)


# Keys


def _told(value: object, about: Mapping[str, str]) -> object:
    """Return a value with every event replaced by its digest, of which there is one for all pages."""
    if isinstance(value, EventView | Document):
        return about[value.slug]
    if isinstance(value, Month):
        windows = tuple((component.id, window) for component, window in value.components)
        return value.name, windows, _told(value.events, about)
    return tuple(_told(each, about) for each in value) if isinstance(value, tuple) else value


def _texts(event: EventView) -> Iterator[str]:
    yield event.introduction
    yield from (update.text for update in event.updates)
    if event.postmortem:
        yield event.postmortem.text


def _page(snapshot: Snapshot, path: str) -> dict[str, str]:
    """Return where the page is: ``root`` leads from it to the site's root."""
    folder = PurePosixPath(path).parent.as_posix().removeprefix(".")
    depth = len(PurePosixPath(folder).parts)
    base = urlsplit(snapshot.site.url).path.rstrip("/") + "/"
    return {
        "path": f"{folder}/" if folder else "",
        "root": base if path == "404.html" else "../" * depth or "./",
        "section": "" if path == "404.html" else (folder or "status").partition("/")[0],
    }


class _Compiled(jinja2.BytecodeCache):
    """Compiled templates as text; jinja2 itself compares the hash of a template's source."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if text := self._memory.get(f"template {bucket.key}"):
            bucket.bytecode_from_string(base64.b85decode(text))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._memory[f"template {bucket.key}"] = base64.b85encode(bucket.bytecode_to_string()).decode()


def _environment(theme: Mapping[str, bytes], snapshot: Snapshot, prose: Prose) -> jinja2.Environment:
    texts = {name: content.decode("utf-8", "replace") for name, content in theme.items() if name.endswith(".html")}
    made = jinja2.Environment(
        loader=jinja2.DictLoader(texts),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters |= {
        "iso": periods.iso,
        "iso_day": periods.iso_day,
        "clock": periods.clock,
        "date": periods.date,
        "date_and_time": periods.date_and_time,
        "duration": periods.duration,
        "short_duration": periods.short_duration,
        "month_name": periods.month_name,
        "period_name": periods.period_name,
        "budget": periods.budget,
        "hours": periods.hours,
        "day_in": calendars.day_text,
        "raised": lambda text: Markup(placing.raised(text)),  # noqa: S704 - the same tags, sanitised by prose
        "marks": bars.marks,
    }
    made.globals |= {
        "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
        "site": snapshot.site,
        "version": snapshot.provenance.version,
        "sample_until": snapshot.sample_until,
        "stale_after": snapshot.stale_after,
        "documents": tuple((document.slug, document.title) for document in snapshot.documents),
        "State": State,
        "TROUBLE": TROUBLE,
        "MaintenanceRule": MaintenanceRule,
        "bars": bars,
        "BAR_DAYS": BAR_DAYS,
        "LATENCY_WINDOWS": LATENCY_WINDOWS,
        "span_of_time": periods.span_of_time,
        "prose": lambda text, root, prefix: Markup(prose(text, root, prefix)),  # noqa: S704 - sanitised by prose
    }
    return made
