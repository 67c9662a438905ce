"""The HTML pages, in every language of the site: which there are, what each is about, and when it has to be made.

Live pages get the snapshot: they show the present and change with every round. All others get what they are about and
nothing else, so they change only when that does, and one whose inputs are equal need not be made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from statusgen import periods
from statusgen.digests import digest
from statusgen.model import Document
from statusgen.render import live
from statusgen.render.language import Language
from statusgen.render.output import Output
from statusgen.render.placing import Prose
from statusgen.render.templates import Memory, Templates
from statusgen.views import EventView, Month, Snapshot

Hangs = Callable[[str], str]  # text → what its HTML hangs on besides itself
Plan = tuple[str, str, Mapping[str, object]]  # path, template, what the template gets

ENOUGH = 100  # events that the history's first page tells one by one, whole months
PAST_SHOWN = 50  # maintenances that are over
MONTHS_SHOWN = 13  # in which there was an incident
INCIDENTS_SHOWN = 50
UPTIME_MONTHS = 12


def pages(
    snapshot: Snapshot,
    theme: Mapping[str, bytes],
    languages: Sequence[Language],
    prose: Prose,
    asked: Hangs,
    told: Mapping[str, str],
    memory: Memory,
) -> Iterator[tuple[str, Output]]:
    """Yield every page's path and what makes it, which raises SourceError for a template that cannot be used.

    The first language has its pages at the root, every other in a folder of its name. ``told`` stands for each event by
    its slug, and for all that its texts hang on.
    """
    documents = [(document.slug, document.title) for document in snapshot.documents]
    common = digest(sorted(theme.items()), snapshot.site, snapshot.sample_until, snapshot.provenance.version, documents)
    about = {**told, **{document.path: digest(document, asked(document.text)) for document in snapshot.documents}}
    present = live.identity(snapshot)
    for language in languages:
        templates = Templates(theme, snapshot, language, prose, memory)
        folder = "" if language is languages[0] else f"{language.code}/"
        for path, template, inputs in _plan(snapshot):
            if path == "404.html" and folder:
                continue  # hosts know one
            key = _key(folder + path, common, inputs, about)
            place = _page(snapshot, folder, path, languages, present)
            yield folder + path, Output(key, partial(templates.fill, template, {**inputs, "page": place}))


def _key(path: str, common: str, inputs: Mapping[str, object], about: Mapping[str, str]) -> str:
    """Return what stands for all that goes into a page, nothing for a live one."""
    return "" if "snapshot" in inputs else digest(path, common, *(_told(value, about) for value in inputs.values()))


def _plan(snapshot: Snapshot) -> Iterator[Plan]:
    """Yield path, template and what the template gets; the pages that get the snapshot are the live ones."""
    whole = {"snapshot": snapshot}
    yield "index.html", "index.html", {"titles": tuple(_titles(snapshot)), **whole}
    yield "history/index.html", "history.html", _history(snapshot)
    yield "maintenance/index.html", "maintenance.html", _maintenance(snapshot)
    if snapshot.components:
        yield "uptime/index.html", "uptime.html", {"months": uptime_months(snapshot), **whole}
    if snapshot.objectives:
        yield "sla/index.html", "sla.html", whole
    if snapshot.site.support.is_published:
        yield "support/index.html", "support.html", {**_answered(snapshot), **whole}
    yield "corrections/index.html", "corrections.html", {"corrections": snapshot.corrections}
    yield "badges/index.html", "badges.html", {"windows": tuple(window.name for window in snapshot.windows)}
    yield "embed/index.html", "embed.html", whole
    for document in snapshot.documents:
        yield f"{document.slug}/index.html", "document.html", {"document": document}
    yield "policy/index.html", "policy.html", whole
    for path, template in (("404.html", "404.html"), ("subscribe/index.html", "subscribe.html")):
        yield path, template, {}
    yield from _components(snapshot)
    yield from _events(snapshot)
    yield from _months(snapshot)


def _titles(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield slug and title of the events that days of the bars name."""
    named = {slug for view in snapshot.components for day in view.bar_days for slug in day.events}
    return ((event.slug, event.title) for event in snapshot.events if event.slug in named)


def _components(snapshot: Snapshot) -> Iterator[Plan]:
    events = {event.slug: event for event in snapshot.events}
    for view in snapshot.components:
        told = {"view": view, "events": tuple(events[slug] for slug in view.events), "snapshot": snapshot}
        yield f"components/{view.component.id}/index.html", "component.html", told


def _events(snapshot: Snapshot) -> Iterator[Plan]:
    for newer, event, older in _neighbours(snapshot.events):
        told = {"event": event, "newer": _named(newer), "older": _named(older)}
        yield (
            f"incidents/{event.slug}/index.html",
            "incident.html",
            {**told, **({"snapshot": snapshot} if event.is_open else {})},
        )


def _months(snapshot: Snapshot) -> Iterator[Plan]:
    for i, month in enumerate(snapshot.months):
        after, before = snapshot.months[i - 1 : i], snapshot.months[i + 1 : i + 2]
        around = {"newer": after[0].name if after else None, "older": before[0].name if before else None}
        told = {"month": month, **around, **({} if i else {"snapshot": snapshot})}
        yield f"history/{month.name}/index.html", "month.html", told


def _history(snapshot: Snapshot) -> Mapping[str, object]:
    """Return the latest months with their events, until there are enough, and every month with how many it has."""
    shown, count = [], 0
    for month in snapshot.months:
        if count >= ENOUGH:
            break
        shown.append((month.name, month.events))
        count += len(month.events)
    names = tuple((component.id, component.name) for component in snapshot.site.components)
    return {
        "first": periods.day_of(snapshot.first),
        "months": tuple(shown),
        "counts": tuple((month.name, len(month.events)) for month in snapshot.months),
        "names": names,
    }


def _maintenance(snapshot: Snapshot) -> Mapping[str, object]:
    past = [event for event in snapshot.events if event.is_maintenance and event.is_over]
    return {
        "current": snapshot.maintenance_now,
        "ahead": snapshot.maintenance_ahead,
        "upcoming": tuple(_with_later(snapshot)),
        "past": tuple(past[:PAST_SHOWN]),
        "older": max(0, len(past) - PAST_SHOWN),
    }


def _with_later(snapshot: Snapshot) -> Iterator[tuple[EventView, tuple[EventView, ...]]]:
    """Yield the maintenances ahead, each with its further occurrences if it is one of several."""
    for event in snapshot.maintenance_next:
        alike = (each for each in snapshot.maintenance_ahead if event.series and each.series == event.series)
        yield event, tuple(each for each in alike if each.slug != event.slug)


def uptime_months(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the names of the calendar months of the last year that anything is known of, the oldest first."""
    return tuple(month.name for month in reversed(snapshot.months[:UPTIME_MONTHS]))


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
    if isinstance(value, EventView):
        return about[value.slug]
    if isinstance(value, Document):
        return about[value.path]
    if isinstance(value, Month):
        windows = tuple((component.id, window) for component, window in value.components)
        return value.name, windows, _told(value.events, about)
    return tuple(_told(each, about) for each in value) if isinstance(value, tuple) else value


# Places


def _page(snapshot: Snapshot, folder: str, path: str, languages: Sequence[Language], present: str) -> dict[str, object]:
    """Return where a page is: ``root`` leads from it to the site's root, ``home`` to the pages in its language."""
    own = PurePosixPath(path).parent.as_posix().removeprefix(".")
    own = f"{own}/" if own else ""
    is_lost = path == "404.html"  # served at any depth
    base = urlsplit(snapshot.site.url).path.rstrip("/") + "/"
    root = base if is_lost else "../" * (folder + own).count("/") or "./"
    return {
        "path": folder + own,
        "own": own,
        "root": root,
        "home": base if is_lost else "../" * own.count("/") or "./",
        "section": "" if is_lost else (own or "status").partition("/")[0],
        "present": present,
        "status": f"{root}{folder}status.json".removeprefix("./"),
        "others": () if is_lost else tuple(_alike(own, languages)),
    }


def _alike(own: str, languages: Sequence[Language]) -> Iterator[tuple[Language, str]]:
    """Yield the languages and where the same page is in each, from the site's root."""
    for language in languages if len(languages) > 1 else ():
        yield language, own if language is languages[0] else f"{language.code}/{own}"
