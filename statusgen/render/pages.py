"""The HTML pages, from the theme's templates. Templates lay out; every number they show is in the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from statusgen import periods
from statusgen.errors import Problem, SourceError
from statusgen.model import TROUBLE, MaintenanceRule, State
from statusgen.render import bars
from statusgen.views import BAR_DAYS, LATENCY_WINDOWS, EventView, Snapshot

Prose = Callable[[str, str, str], str]  # text, way to the root, prefix of footnotes → HTML


CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


def pages(snapshot: Snapshot, theme: Mapping[str, bytes], prose: Prose) -> Iterator[tuple[str, bytes]]:
    """Yield every page's path and bytes. ``theme`` holds templates by name, those of the site over the default's.

    Raises SourceError for a template that cannot be used.
    """
    templates = _environment(theme, snapshot, prose)
    for path, template, more in _plan(snapshot):
        try:
            yield path, templates.get_template(template).render(page=_page(snapshot, path), **more).encode()
        except jinja2.TemplateError as error:
            raise SourceError([_fault(snapshot.site.theme, template, error)]) from error


def _fault(theme: str, template: str, error: jinja2.TemplateError) -> Problem:
    """Name the template that is wrong; only a fault of its syntax has a line."""
    name, line = (error.name, error.lineno) if isinstance(error, jinja2.TemplateSyntaxError) else (None, 0)
    return Problem(
        path=f"themes/{theme}/{name or template}", line=line, message=f"{error.message}: correct the template"
    )


def _plan(snapshot: Snapshot) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield path, template and what the template gets besides the snapshot."""
    yield "index.html", "index.html", {}
    yield "404.html", "404.html", {}
    for name in ("history", "maintenance", "policy", "subscribe"):
        yield f"{name}/index.html", f"{name}.html", {}
    for view in snapshot.components:
        events = tuple(event for event in snapshot.events if event.slug in view.events)
        yield f"components/{view.component.id}/index.html", "component.html", {"view": view, "events": events}
    for newer, event, older in _neighbours(snapshot.events):
        yield f"incidents/{event.slug}/index.html", "incident.html", {"event": event, "newer": newer, "older": older}
    months = snapshot.months
    for i, month in enumerate(months):
        around = {"newer": months[i - 1] if i else None, "older": months[i + 1] if i + 1 < len(months) else None}
        yield f"history/{month.name}/index.html", "month.html", {"month": month, **around}


def _neighbours(events: tuple[EventView, ...]) -> Iterator[tuple[EventView | None, EventView, EventView | None]]:
    padded = (None, *events, None)
    yield from zip(padded, events, padded[2:], strict=False)


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


def _environment(theme: Mapping[str, bytes], snapshot: Snapshot, prose: Prose) -> jinja2.Environment:
    texts = {name: content.decode("utf-8", "replace") for name, content in theme.items() if name.endswith(".html")}
    made = jinja2.Environment(
        loader=jinja2.DictLoader(texts),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
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
        "marks": bars.marks,
    }
    made.globals |= {
        "snapshot": snapshot,
        "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
        "site": snapshot.site,
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
