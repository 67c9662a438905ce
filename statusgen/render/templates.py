"""The theme's templates, ready to be filled in one language. Templates lay out; they work nothing out.

``docs/themes.md`` is the contract: what templates there are, what each gets, and the filters and globals below.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, MutableMapping
from traceback import walk_tb
from typing import Any, ClassVar

import jinja2
import jinja2.bccache
from markupsafe import Markup, escape

from statusgen import calendars, periods
from statusgen.errors import Problem, SourceError
from statusgen.model import TROUBLE, State
from statusgen.outages import OUTAGES_SHOWN
from statusgen.promises import MaintenanceRule
from statusgen.render import badges, bars, charts, lanes, placing
from statusgen.render.language import Language
from statusgen.render.placing import Prose
from statusgen.render.words import Words
from statusgen.views import BAR_DAYS, LATENCY_WINDOWS, RECENT_DAYS, Snapshot

Memory = MutableMapping[str, Any]
Globals = Mapping[str, object]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


class Templates:
    """A theme in one language. ``memory`` keeps templates compiled."""

    def __init__(
        self, theme: Mapping[str, bytes], snapshot: Snapshot, language: Language, prose: Prose, memory: Memory
    ) -> None:
        self._folder = f"themes/{snapshot.site.theme}"
        self._made = _environment(self._folder, theme, language)
        self._made.bytecode_cache = _Compiled(memory)
        self._made.globals |= _globals(theme, snapshot, language, prose)

    def fill(self, template: str, inputs: Mapping[str, object]) -> bytes:
        """Return a page; SourceError with file and line for a template that cannot be used."""
        try:
            return self._made.get_template(template).render(inputs).encode()
        except Exception as error:
            raise SourceError([self._fault(template, error)]) from error

    def _fault(self, template: str, error: Exception) -> Problem:
        """Name the line of the template that is wrong: that of its syntax, else the last that was being filled."""
        message = getattr(error, "message", None) or getattr(error, "msg", None) or str(error)
        if isinstance(error, jinja2.TemplateSyntaxError):
            path, line = f"{self._folder}/{error.name or template}", error.lineno
        else:
            frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
            within = [(path, line) for path, line in frames if path.startswith(self._folder)]
            path, line = within[-1] if within else (f"{self._folder}/{template}", 0)
        return Problem(path=path, line=line, message=f"{message}: correct the template")


class _Compiled(jinja2.BytecodeCache):
    """Compiled templates as text; jinja2 itself compares the hash of a template's source.

    A process that makes several sites, as ``diff`` and ``serve`` do, compiles them once.
    """

    _here: ClassVar[dict[str, str]] = {}

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        key = f"template {bucket.key}"
        if text := self._memory.get(key) or self._here.get(key):
            bucket.bytecode_from_string(base64.b85decode(text))
            if bucket.code:
                self._memory[key] = text

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        text = base64.b85encode(bucket.bytecode_to_string()).decode()
        self._memory[f"template {bucket.key}"] = self._here[f"template {bucket.key}"] = text


def _text(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError([Problem(path=path, line=line, message="is not UTF-8 text: correct the template")]) from None


def _environment(folder: str, theme: Mapping[str, bytes], language: Language) -> jinja2.Environment:
    texts = {name: _text(f"{folder}/{name}", content) for name, content in theme.items() if name.endswith(".html")}

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (texts[name], f"{folder}/{name}", lambda: True) if name in texts else None

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    told = language.translations
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: str(escape(told.gettext(text))),  # jinja2 takes what is returned for HTML
        lambda one, many, number: str(escape(told.ngettext(one, many, number))),
        newstyle=True,
    )
    made.filters |= _filters(language)
    return made


def _filters(language: Language) -> dict[str, Callable[..., object]]:
    return {
        "iso": periods.iso,
        "iso_day": periods.iso_day,
        "clock": language.clock,
        "date": language.date,
        "day": language.day,
        "date_and_time": language.date_and_time,
        "month_name": language.month_name,
        "short_month": language.short_month,
        "duration": language.duration,
        "hours": language.hours,
        "budget": language.budget,
        "latency": language.latency,
        "number": language.number,
        "decimal": language.decimal,
        "percent": language.percent,
        "listed": language.listed,
        "day_in": lambda instant, zone: language.date(periods.parse_date(calendars.day_text(instant, zone))),
        "written_day": lambda text: language.date(periods.parse_date(text)),
        "raised": lambda text: Markup(placing.raised(text)),  # noqa: S704 - the same tags, sanitised by prose
        "marks": bars.marks,
        "by_month": bars.by_month,
        "strip": lanes.strip,
        "drawings": charts.drawings,
    }


def _globals(theme: Mapping[str, bytes], snapshot: Snapshot, language: Language, prose: Prose) -> Globals:
    def placed(text: str, page: Mapping[str, str], prefix: str) -> Markup:
        return Markup(placing.scrolling(prose(text, page["root"], page["home"], prefix)))  # noqa: S704 - sanitised by prose

    site = snapshot.site
    is_foreign = language.tag != site.language
    return {
        "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
        "site": site,
        "version": snapshot.provenance.version,
        "sample_until": snapshot.sample_until,
        "stale_after": snapshot.stale_after,
        "documents": tuple((document.slug, document.title) for document in snapshot.documents),
        "language": language,
        "words": Words(language),
        "as_written": Markup(' lang="%s"') % site.language if is_foreign else "",
        "files": frozenset(theme),
        "State": State,
        "TROUBLE": TROUBLE,
        "MaintenanceRule": MaintenanceRule,
        "badges": badges,
        "bars": bars,
        "BAR_DAYS": BAR_DAYS,
        "LATENCY_WINDOWS": LATENCY_WINDOWS,
        "RECENT_DAYS": RECENT_DAYS,
        "OUTAGES_SHOWN": OUTAGES_SHOWN,
        "prose": placed,
    }
