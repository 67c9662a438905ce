"""One language of the pages: texts by its catalog, dates, numbers and durations by its customs (CLDR).

Catalogs are gettext's, ``locales/<language>.po`` in a theme; a text that one lacks stays English, and ``check`` names
it. Digits are 0 to 9 in every language, so that a number can be compared with the data. English is written with the day
before the month and 24 hours, which no reader anywhere takes for something else.
"""

from __future__ import annotations

import codecs
import gettext
import io
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError, localedata
from babel.dates import format_date, format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, PoFileParser
from babel.numbers import format_decimal, get_decimal_symbol
from babel.support import Translations

from statusgen import periods
from statusgen.digests import digest
from statusgen.errors import Problem, SourceError

ENGLISH = "en"
MOST_PLURALS = 6  # that any language has
FOLDER = "locales/"

_PLACE = re.compile(r"%(?:\(\w+\)s|%)?|\{\w+\}")
_CUSTOMS = {ENGLISH: "en_GB"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is translated elsewhere
    """Mark a text for the catalogs."""
    return text


class Language:
    """How everything is said and written on the pages of one language."""

    def __init__(self, code: str, catalog: bytes = b"") -> None:
        self.code = code
        self.tag = code if catalog or base_of(code) == ENGLISH else ENGLISH  # what its texts are in
        self.locale = _customs(self.tag)
        self.is_right_to_left = self.locale.text_direction == "rtl"
        self.name = _name(code)
        self.translations = Translations(io.BytesIO(catalog)) if catalog else Translations()
        self._date = lru_cache(maxsize=20_000)(self._written)

    def say(self, text: str, **values: object) -> str:
        """Return a text in this language, its ``%(name)s`` filled in."""
        said = self.translations.gettext(text)
        return said % values if values else said

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """Return a text as it fits a number, which is its ``%(num)s``."""
        return self.translations.ngettext(one, many, number) % {"num": self.number(number), **values}

    def listed(self, parts: Iterable[str]) -> str:
        """Return texts one after the other."""
        return self.say(", ").join(parts)

    # Numbers

    def number(self, number: int) -> str:
        return str(number) if -1_000 < number < 1_000 else format_decimal(number, locale=self.locale, **_DIGITS)

    def decimal(self, text: str) -> str:
        """Write a decimal number, which is text with a point, as it was cut: nothing is rounded here."""
        return text.replace(".", get_decimal_symbol(self.locale, **_DIGITS))

    def percent(self, text: str | None) -> str:
        """Write a percentage, a dash where nothing is known."""
        return "—" if text is None else self.say("%(number)s %%", number=self.decimal(text))

    # Durations

    def duration(self, seconds: int, up: bool = False, fine: bool = False) -> str:
        """Write ``2 d 3 h``, ``1 h 13 min``, ``14 min`` or ``45 s``."""
        return self._parts(periods.duration_parts(seconds, up, fine))

    def hours(self, seconds: int) -> str:
        """Write hours that are no part of a day: ``48 h``, ``1 h 30 min``, ``30 min``."""
        return self._parts(periods.hours_parts(seconds))

    def budget(self, milliseconds: int, up: bool = False) -> str:
        """Write a budget: as a duration, and below a minute with the parts of a second it has, ``25.92 s``."""
        return self._parts(periods.budget_parts(milliseconds, up))

    def latency(self, milliseconds: int) -> str:
        """Write ``183 ms``, ``3 s`` or ``1.5 s``."""
        return self._parts(periods.latency_parts(milliseconds))

    def _parts(self, parts: periods.Parts) -> str:
        return " ".join(
            self.say(_UNITS[unit], n=self.number(n) if isinstance(n, int) else self.decimal(n)) for n, unit in parts
        )

    # Dates

    def date(self, instant: int) -> str:
        """Write the UTC day, ``20 Nov 2026``."""
        return self._date("yMMMd", periods.day_of(instant))

    def day(self, instant: int) -> str:
        """Write the UTC day without its year, ``20 Nov``."""
        return self._date("MMMd", periods.day_of(instant))

    def clock(self, instant: int) -> str:
        """Write ``10:02``."""
        return periods.clock(instant)

    def date_and_time(self, instant: int) -> str:
        """Write ``20 Nov 2026, 10:02 UTC``."""
        return self.say("%(date)s, %(time)s UTC", date=self.date(instant), time=self.clock(instant))

    def span(self, start: int, end: int) -> str:
        """Write ``20 Nov 2026, 10:02 – 11:15 UTC``, with both dates where they differ."""
        first = self.say("%(date)s, %(time)s", date=self.date(start), time=self.clock(start))
        until = self.say("%(time)s UTC", time=self.clock(end))
        return f"{first} – {until if periods.day_of(start) == periods.day_of(end) else self.date_and_time(end)}"

    def month_name(self, month: str) -> str:
        """Write ``November 2026`` for ``2026-11``."""
        return self._date("yMMMM", periods.month_span(month)[0])

    def short_month(self, month: str) -> str:
        """Write ``Nov`` for ``2026-11``."""
        return format_date(periods.moment(periods.month_span(month)[0]), "LLL", locale=self.locale)

    def weekday(self, number: int) -> str:
        """Write a day of the week, Monday 0."""
        name: str = self.locale.days["stand-alone"]["wide"][number]
        return name

    def _written(self, skeleton: str, instant: int) -> str:
        return format_skeleton(skeleton, periods.moment(instant), locale=self.locale)


_DIGITS: Mapping[str, Any] = {"numbering_system": "latn"}
_UNITS = {
    "d": N_("%(n)s d"),
    "h": N_("%(n)s h"),
    "min": N_("%(n)s min"),
    "s": N_("%(n)s s"),
    "ms": N_("%(n)s ms"),
}


def base_of(code: str) -> str:
    """Return the language without script and region."""
    return code.partition("-")[0]


def _name(code: str) -> str:
    """Return what a language calls itself, with its script or region where the code names one."""
    try:
        own = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return code
    name = own.get_display_name(own) if "-" in code else own.get_language_name(own)
    return name[:1].upper() + name[1:] if name else code


def _customs(code: str) -> Locale:
    """Return the customs of a language; those of English for one of which CLDR tells nothing."""
    try:
        found = Locale.parse(_CUSTOMS.get(code, code), sep="-" if "-" in code else "_")
    except (UnknownLocaleError, ValueError):
        found = Locale.parse(_CUSTOMS[ENGLISH])
    return _on_its_own(str(found))


@cache
def _on_its_own(name: str) -> Locale:
    """Return a locale with names that it shares with no other.

    Babel resolves aliases in place, in names that a locale may have in common with all others: what is said for one
    would otherwise depend on those asked before.
    """
    names = localedata.load(name)
    names.update({part: deepcopy(names[part]) for part in ("days", "months")})
    return Locale.parse(name)


def language(code: str, theme: Mapping[str, bytes], memory: MutableMapping[str, Any], folder: str = "") -> Language:
    """Return a language with its catalog. Without one it is English in all but its name.

    Raises SourceError for a catalog that cannot be read; ``folder`` is where it says that the theme lies. ``memory``
    keeps catalogs compiled.
    """
    name = catalog_of(code, theme)
    return Language(code, _compiled(f"{folder}{name}", code, theme[name], memory) if name else b"")


def catalog_of(code: str, theme: Mapping[str, bytes]) -> str | None:
    """Return the theme's catalog for a language: its own, else that without region, without script."""
    parts = code.split("-")
    names = (f"{FOLDER}{'-'.join(parts[:count])}.po" for count in range(len(parts), 0, -1))
    return next((name for name in names if name in theme), None)


def _compiled(name: str, code: str, text: bytes, memory: MutableMapping[str, Any]) -> bytes:
    key = f"catalog {digest(code, text)}"
    if key not in memory:
        buffer = io.BytesIO()
        write_mo(buffer, read(name, code, text))
        memory[key] = buffer.getvalue().decode("latin-1")
    return str(memory[key]).encode("latin-1")


def read(name: str, code: str, text: bytes) -> Catalog:
    """Return a language's catalog; SourceError with file and line for one that cannot be used."""
    try:
        catalog = _Bounded(locale=_customs(code))
        PoFileParser(catalog, abort_invalid=True).parse(io.BytesIO(text.removeprefix(codecs.BOM_UTF8)))
        catalog.charset = "utf-8"  # in which it is kept, whatever its file is in
        _try_plurals(catalog)
        _try_texts(catalog)
    except (PoFileError, ArithmeticError, LookupError, ValueError) as error:
        line = error.lineno + 1 if isinstance(error, PoFileError) else 0
        message = f"is no gettext catalog ({error}): correct it with an editor for such"
        problem = Problem(path=name, line=line, message=message)
        raise SourceError([problem]) from None
    if problems := [Problem(path=name, line=line, message=wrong) for line, wrong in _faults(catalog)]:
        raise SourceError(problems)
    return catalog


class _Bounded(Catalog):
    """A catalog without more forms than any language has: there is room for each before it is read."""

    @property
    def num_plurals(self) -> int:
        if (count := super().num_plurals) > MOST_PLURALS:
            raise ValueError(f"Plural-Forms has more than {MOST_PLURALS} forms")
        return count


def _try_texts(catalog: Catalog) -> None:
    """Raise ValueError for half a character, which some charsets can write, and for what parts texts where kept."""
    for message in catalog:
        ids = _several(message.id)
        if len(ids) > 2 or any(b"\0" in each.encode() for each in (*ids, *_several(message.string))):
            raise ValueError("a text holds U+0000, or has two plurals")


def _try_plurals(catalog: Catalog) -> None:
    """Raise ValueError or ArithmeticError for plural forms that cannot be told for some number."""
    form = gettext.c2py(catalog.plural_expr)
    if not 1 <= catalog.num_plurals <= MOST_PLURALS or any(
        not 0 <= form(number) < catalog.num_plurals for number in range(201)
    ):
        raise ValueError(f"Plural-Forms do not give one of {catalog.num_plurals} forms for every number")


def _faults(catalog: Catalog) -> Iterator[tuple[int, str]]:
    """Yield line and fault of translations that ask for what is not there, or bring markup that the text has not."""
    for message in catalog:
        if message.id and not message.fuzzy:
            ids, strings = _several(message.id), _several(message.string)
            known = {name for each in ids for name in _PLACE.findall(each)}
            if any(name.startswith("%(") for name in known):
                known.discard("%")  # where names are filled in, it has to be %%
            asked = {name for each in (*ids, *strings) for name in _PLACE.findall(each)}
            if strange := sorted(asked - known):
                yield (
                    message.lineno or 0,
                    f"'{ids[0][:40]}' has no '{strange[0]}': write its placeholders as they stand",
                )
            elif any("<" in each for each in strings) and not any("<" in each for each in ids):
                yield message.lineno or 0, f"the translation of '{ids[0][:40]}' holds '<': leave markup out"


def _several(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())
