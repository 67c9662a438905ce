"""``components.yaml``: text to ``Site``.

Strict: an unknown key, an id that stands twice, a group that is not listed are errors with line and remedy.
``docs/configuration.md`` documents every key; ``schema`` prints the same definitions as JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from statusgen import disclosure, objectives, periods, secret, shape, source
from statusgen import support as helping
from statusgen.components import COMPONENT
from statusgen.drafting import drafts
from statusgen.errors import SourceError
from statusgen.model import RETENTION, Disclosure, Probing, Site
from statusgen.names import FOLDERS, ID, LANGUAGE, LOCATION, NAME, URL, is_reserved, public_link
from statusgen.notifying import notifications
from statusgen.probes.http import web_url
from statusgen.probes.kind import host_and_port
from statusgen.promises import Kind, MaintenanceRule, Policy
from statusgen.shape import Key, Many, Notes, Parsed, Record, Rejected, Schema

PATH = "components.yaml"
NO_CONTROLS = "none"
CONTROLS = ("one.one.one.one:443", "dns.google:443", "api.github.com:443")  # by name: so the resolver is asked as well


def site_url(text: str) -> str:
    web_url(text)
    if "?" in text or "#" in text:
        remedy = "write where the page lives, like https://status.example.org"
        raise ValueError(f"'{text}' has a query or a fragment: {remedy}")
    return text.rstrip("/")


def host_of(url: str) -> str:
    """Return the host of a URL that was checked before."""
    return urlsplit(url).hostname or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The file as read, before it is known whether its promises are about what there is.

    ``drafts`` are objectives with their kind and their place in its list.
    """

    site: Site
    drafts: tuple[tuple[Kind, int, objectives.Draft], ...]
    support: dict[str, Any] | None


def _written(
    *,
    site: dict[str, Any],
    feed: str = "",
    theme: str = "default",
    slo: tuple[objectives.Draft, ...] = (),
    sla: tuple[objectives.Draft, ...] = (),
    support: dict[str, Any] | None = None,
    security: Disclosure | None = None,
    probing: Probing | None = None,
    **rest: Any,
) -> _Written:
    given = site.pop("id", "")
    made = Site(
        **site,
        id=given or default_id(site["url"]),
        is_named=bool(given),
        **rest.pop("data", {}),
        routes=rest.pop("notifications", ()),
        authority=feed,
        theme=theme,
        disclosure=security,
        probing=probing or _probing(),
        **rest,
    )
    listed = ((Kind.SLA, sla), (Kind.SLO, slo))
    drafts = [(kind, i, draft) for kind, drafts in listed for i, draft in enumerate(drafts)]
    return _Written(site=made, drafts=tuple(drafts), support=support)


def default_id(url: str) -> str:
    """Return the id of a site that names none."""
    parts = urlsplit(url)
    return re.sub(r"[^a-z0-9]+", "-", f"{parts.hostname}{parts.path}".lower()).strip("-")[:80].strip("-") or "site"


def _data(*, branch: str = "status-data", retention: int = RETENTION * periods.DAY) -> dict[str, Any]:
    return {"branch": "" if branch == "none" else branch, "retention": retention // periods.DAY}


def _policy(
    *, maintenance: MaintenanceRule = MaintenanceRule.EXCLUDE, weights: tuple[int, ...] = objectives.weights()
) -> Policy:
    major, partial, degraded = weights
    return Policy(maintenance=maintenance, major=major, partial=partial, degraded=degraded)


def _probing(
    *,
    timeout: int = 10_000,
    reprobe: tuple[int, ...] = (2_000, 5_000),
    preflight: tuple[str, ...] = CONTROLS,
    **rest: Any,
) -> Probing:
    controls = () if preflight == (NO_CONTROLS,) else preflight
    if NO_CONTROLS in controls:
        raise ValueError(f"'preflight' names targets and '{NO_CONTROLS}': keep one")
    return Probing(timeout_ms=timeout, reprobe_ms=reprobe, controls=controls, **rest)


def _control(text: str) -> str:
    if text != NO_CONTROLS:
        host_and_port(text)
    return text


_ROOT: Record[_Written] = Record(
    _written,
    {
        "site": Key(
            shape=Record(
                dict,
                {
                    "name": Key(shape=NAME, doc="Name of the page.", required=True),
                    "url": Key(shape=Parsed(site_url, "a URL", URL), doc="Where the page lives.", required=True),
                    "id": Key(shape=ID, doc="Owner of the data branch; default: made from the url."),
                    "description": Key(shape=shape.text(300), doc="One sentence for search engines and feeds."),
                    "language": Key(shape=LANGUAGE, doc="Language of what you write (BCP 47); default en."),
                    "languages": Key(
                        shape=Many(LANGUAGE), doc="Further languages to publish the pages in, each in a folder."
                    ),
                    "repository": Key(
                        shape=Parsed(public_link, "a URL", URL),
                        doc="The repository's web address, for links to sources.",
                    ),
                    "notice": Key(shape=shape.text(500), doc="A sentence shown on top of every page."),
                },
            ),
            doc="The page itself.",
            required=True,
        ),
        "feed": Key(
            shape=Record(
                lambda *, authority="": authority,
                {
                    "authority": Key(
                        shape=shape.text(
                            200, r"[A-Za-z0-9.-]+,\d{4}(-\d\d){0,2}", "a host and a year, like status.example.org,2026"
                        ),
                        doc="Fixes the tag: ids of feed entries for ever (RFC 4151); default: the url's host and 2026.",
                    )
                },
            ),
            doc="The feeds.",
        ),
        "data": Key(
            shape=Record(
                _data,
                {
                    "branch": Key(
                        shape=shape.text(
                            100, r"[A-Za-z0-9][A-Za-z0-9_-]*", "a branch prefix: use letters, digits, - and _"
                        ),
                        doc="Prefix of the branches with what probes saw; none keeps it in data/ of the working tree.",
                    ),
                    "retention": Key(
                        shape=shape.seconds("2d", "365d"),
                        doc="How long single rounds stay in the branch's tree; their days are summed up. Default 8d.",
                    ),
                },
            ),
            doc="Where the ledger is kept.",
        ),
        "theme": Key(
            shape=Record(
                lambda *, name="default": name,
                {"name": Key(shape=ID, doc="Folder under themes/ whose files replace the default's.")},
            ),
            doc="The look.",
        ),
        "policy": Key(
            shape=Record(
                _policy,
                {
                    "maintenance": Key(
                        shape=shape.choice(MaintenanceRule),
                        doc="Whether maintenance is left out of availability (exclude, the default) "
                        "or counts as measured (count).",
                    ),
                    "weights": Key(
                        shape=Record(objectives.weights, objectives.WEIGHTS),
                        doc="How much of a second in that state counts as downtime, per mille.",
                    ),
                },
            ),
            doc="How time becomes availability.",
        ),
        "probing": Key(
            shape=Record(
                _probing,
                {
                    "interval": Key(shape=shape.seconds("10s", "1d"), doc="Time between rounds; default 5m."),
                    "timeout": Key(
                        shape=shape.milliseconds("50ms", "2m"), doc="Total time for one probe; default 10s."
                    ),
                    "reprobe": Key(
                        shape=Many(shape.milliseconds("0ms", "2m"), most=5),
                        doc="Waits before asking again within a round while the answer is not up; default [2s, 5s].",
                    ),
                    "confirm": Key(
                        shape=shape.integer(1, 20), doc="Failing samples in a row that make an outage; default 2."
                    ),
                    "recover": Key(shape=shape.integer(1, 20), doc="Good samples in a row that end it; default 2."),
                    "locations": Key(
                        shape=Many(LOCATION),
                        doc="Locations that vote; default: every one that has data.",
                    ),
                    "preflight": Key(
                        shape=Many(
                            Parsed(_control, "a target like example.org:443", {"type": "string"}),
                            single=True,
                            least=1,
                            most=20,
                        ),
                        doc="Targets, as host:port, of which more than half must take a connection, else it is the "
                        f"prober that is offline; or none. Default: {', '.join(CONTROLS)}.",
                    ),
                },
            ),
            doc="How to probe.",
        ),
        "groups": Key(
            shape=Many(NAME), doc="Names of the groups in the order to show; default: as components name them."
        ),
        "components": Key(shape=Many(COMPONENT), doc="What customers know, in the order to show."),
        "slo": Key(shape=objectives.listed(Kind.SLO), doc="Availability that you aim at."),
        "sla": Key(shape=objectives.listed(Kind.SLA), doc="Availability that you have promised."),
        "support": Key(shape=helping.SHAPE, doc="How customers are helped, and how fast."),
        "security": Key(
            shape=disclosure.SHAPE,
            doc="Where people who found a vulnerability turn to; becomes security.txt (RFC 9116).",
        ),
        "notifications": Key(shape=notifications.SHAPE, doc="Who is told of what by 'statusgen notify'."),
        "drafts": Key(shape=drafts.SHAPE, doc="Incidents that the program writes about outages."),
    },
)


def read(text: str, path: str = PATH) -> Site:
    """Return the site; raise SourceError with every problem found."""
    node = source.parse(text, path)
    notes = Notes(path)
    try:
        written = _ROOT.read(node, path, notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    lines = _lines_of(node)
    _cross_check(written.site, lines, notes)
    site = replace(written.site, groups=written.site.groups or _groups_used(written.site))
    ids = [(draft.id, f"{kind}.{i}.id") for kind, i, draft in written.drafts]
    _once_each("objective id", sorted(ids, key=lambda each: lines(each[1])), lines, notes)
    subjects = objectives.Subjects(site.components, site.groups, site.policy)
    promised = [
        subjects.objective(draft, kind, lines(f"{kind}.{i}.{'group' if draft.group else 'component'}"), notes)
        for kind, i, draft in written.drafts
    ]
    helped = site.support if written.support is None else helping.build(written.support, lines, notes)
    if notes.errors:
        raise SourceError(notes.problems)
    return replace(site, objectives=tuple(objective for objective in promised if objective), support=helped)


def schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of ``components.yaml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "components.yaml of a statusgen site",
        **_ROOT.schema(),
    }


def secrets(site: Site) -> tuple[str, ...]:
    """Return the names of the environment variables that probing this site needs, sorted."""
    texts = (text for check in site.checks for text in check.question.references())
    return tuple(sorted({name for text in texts for name in secret.names(text)}))


def secrets_of_routes(site: Site) -> tuple[str, ...]:
    """Return the names of the environment variables that announcing needs, sorted."""
    texts = (text for route in site.routes for text in route.references())
    return tuple(sorted({name for text in texts for name in secret.names(text)}))


class Places:
    """On which lines of a file that was read before things stand, looked up when somebody is to be sent there."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _root(self) -> source.Node:
        try:
            return source.parse(self._text, PATH)
        except SourceError:  # it was changed meanwhile
            return source.Mapping({}, {}, 0)

    def line(self, place: str) -> int:
        """Return the line of a place like ``components.3.id``, or of the nearest one that exists."""
        return _lines_of(self._root)(place)

    def line_of_secret(self, name: str) -> int:
        """Return the first line on which ``${env:NAME}`` stands, 0 if none does."""
        return next((word.line for word in _words(self._root) if name in secret.names(word.text)), 0)


def _words(node: source.Node) -> Iterator[source.Scalar]:
    """Yield every value, in the order written."""
    if isinstance(node, source.Scalar):
        yield node
    else:
        for each in node.entries.values() if isinstance(node, source.Mapping) else node.items:
            yield from _words(each)


NOWHERE = Places("")


def _groups_used(site: Site) -> tuple[str, ...]:
    return tuple(dict.fromkeys(component.group for component in site.components if component.group))


def _cross_check(site: Site, lines: Callable[[str], int], notes: Notes) -> None:
    """Note names that stand twice and groups that are not listed: what no single key can know."""
    for what, named in (
        ("language", _language_places(site)),
        ("group", [(group, f"groups.{i}") for i, group in enumerate(site.groups)]),
        ("location", [(location, f"probing.locations.{i}") for i, location in enumerate(site.probing.locations)]),
        ("component id", [(component.id, f"components.{i}.id") for i, component in enumerate(site.components)]),
        ("check id", _check_places(site)),
        ("route", [(route.name, f"notifications.{i}.name") for i, route in enumerate(site.routes)]),
    ):
        _once_each(what, named, lines, notes)
    for code, place in _language_places(site)[1:]:
        if code in FOLDERS or is_reserved(code):
            notes.reject(lines(place), f"language '{code}' has the name of a folder that is taken: remove it")
    for i, component in enumerate(site.components):
        if site.groups and component.group and component.group not in site.groups:
            problem = f"group '{component.group}' is not listed in 'groups'{notes.meant(component.group, site.groups)}"
            notes.reject(lines(f"components.{i}.group"), f"{problem}: add it there")
    notifications.check(site.routes, site.components, lines, notes)


def _language_places(site: Site) -> list[tuple[str, str]]:
    further = [(code.lower(), f"site.languages.{i}") for i, code in enumerate(site.languages)]
    return [(site.language.lower(), "site.language"), *further]


def _check_places(site: Site) -> list[tuple[str, str]]:
    return [
        (check.id, f"components.{i}.checks.{j}.id")
        for i, component in enumerate(site.components)
        for j, check in enumerate(component.checks)
    ]


def _once_each(what: str, named: Iterable[tuple[str, str]], lines: Callable[[str], int], notes: Notes) -> None:
    first: dict[str, int] = {}
    for name, place in named:
        line = lines(place)
        if name in first:
            notes.reject(line, f"{what} '{name}' stands twice (first on line {first[name]}): rename or remove one")
        first.setdefault(name, line)


def _lines_of(root: source.Node) -> Callable[[str], int]:
    """Return a function from a place like ``components.3.id`` to its line, or to the nearest one that exists."""

    def line(place: str) -> int:
        node = root
        for step in place.split("."):
            if isinstance(node, source.Mapping) and step in node.entries:
                node = node.entries[step]
            elif isinstance(node, source.Sequence) and step.isdecimal():
                node = node.items[int(step)]
        return node.line

    return line
