"""What there is to translate, and how far a catalog has come.

The texts are those of a theme's templates, of the program's own sentences, and of its closed vocabularies: functions
get the theme's files together with the program's own ones in ``SAYING``. Catalogs are gettext's, so that any editor for
them, and any translation service, can be used.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from statusgen import reasons
from statusgen.errors import Level, Problem
from statusgen.model import Phase, State, Verdict, verdict_word
from statusgen.promises import STANDARDS
from statusgen.render.language import ENGLISH, FOLDER, base_of, catalog_of, read

Text = str | tuple[str, str]  # one and many, where it depends on a number

SAYING = ("language.py", "words.py", "feeds.py", "calendar.py", "plain.py", "badges.py", "drafted.py", "notices.py")
_KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"say": None, "N_": None, "count": (1, 2)}
_JINJA = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}
_WIDTH = 118
_UNWANTED = tuple(  # dates and names that would differ with nothing said differently
    f'"{key}' for key in ("Project-Id", "Report-Msgid", "POT-Creation", "PO-Rev", "Last-Tr", "Language-Team", "Gener")
)


def texts(theme: Mapping[str, bytes]) -> tuple[Text, ...]:
    """Return every text that a page or a feed can show in some language, in a stable order."""
    found = dict.fromkeys((*_of_templates(theme), *_of_program(theme), *_of_vocabularies()))
    return tuple(text for text in found if text)


def _of_templates(theme: Mapping[str, bytes]) -> Iterator[Text]:
    for name, content in sorted(theme.items()):
        if name.endswith(".html"):
            for _, _, message, _ in babel_extract(io.BytesIO(content), ("_", "gettext", "ngettext"), (), _JINJA):
                if message:
                    yield _text(message)


def _of_program(theme: Mapping[str, bytes]) -> Iterator[Text]:
    for name in SAYING:
        for _, message, _, _ in extract("python", io.BytesIO(theme[name]), keywords=_KEYWORDS):
            yield _text(message)


def _of_vocabularies() -> Iterator[Text]:
    for state in State:
        yield from (state.word, state.word.lower())
    yield from (phase.word for phase in Phase)
    yield from (verdict_word(verdict) for verdict in (*Verdict, None))
    yield from (*reasons.REASONS.values(), *reasons.NUMBERED.values())
    yield from (standard.definition for standard in STANDARDS)


def _text(message: str | tuple[str | None, ...]) -> Text:
    if isinstance(message, str):
        return message
    words = [word for word in message if word]
    return (words[0], words[1]) if len(words) > 1 else words[0]


def missing(theme: Mapping[str, bytes], code: str) -> list[Text]:
    """Return the texts that the pages of a language show in English, as no catalog has them."""
    return _absent(texts(theme), theme, code)


def _absent(wanted: tuple[Text, ...], theme: Mapping[str, bytes], code: str) -> list[Text]:
    if base_of(code) == ENGLISH:
        return []  # what the texts are written in
    if (name := catalog_of(code, theme)) is None:
        return list(wanted)
    known = read(name, code, theme[name])
    return [text for text in wanted if not _is_told(known, text)]


def _is_told(catalog: Catalog, text: Text) -> bool:
    message = catalog.get(text if isinstance(text, str) else text[0])
    return message is not None and not message.fuzzy and all(_strings(message.string))


def _strings(told: str | Iterable[str] | None) -> Iterable[str]:
    return (told,) if isinstance(told, str) else told or ("",)


def complaints(theme: Mapping[str, bytes], folder: str, codes: Iterable[str]) -> Iterator[Problem]:
    """Yield a warning for each language whose pages are partly English."""
    foreign = [code for code in codes if base_of(code) != ENGLISH]
    wanted = texts(theme) if foreign else ()
    for code in foreign:
        if absent := _absent(wanted, theme, code):
            first = absent[0] if isinstance(absent[0], str) else absent[0][0]
            told = f"lacks {len(absent)} of {len(wanted)} texts, which stay English, the first: '{first[:60]}'"
            remedy = f"'statusgen translate {code}' adds them to the file for you to fill in"
            path = f"{folder}/{FOLDER}{code}.po"
            yield Problem(path=path, line=1, message=f"{told}; {remedy}", level=Level.WARNING)


def updated(theme: Mapping[str, bytes], code: str) -> bytes:
    """Return a language's catalog with every text in it; what is translated stays, what nobody shows any more goes.

    Raises SourceError for one that cannot be read: nothing of it may be lost.
    """
    name = f"{FOLDER}{code}.po"
    known = read(name, code, theme[name]) if name in theme else Catalog(locale=code.replace("-", "_"))
    made = Catalog(locale=known.locale, charset="utf-8", fuzzy=False, header_comment="", project="statusgen")
    for text in texts(theme):
        message = known.get(text if isinstance(text, str) else text[0])
        made.add(text, message.string if message is not None and not message.fuzzy else "")
    buffer = io.BytesIO()
    write_po(buffer, made, width=_WIDTH, omit_header=False, sort_output=False)
    lines = buffer.getvalue().decode("utf-8").split("\n")
    return "\n".join(line for line in lines if not line.startswith(_UNWANTED)).strip("\n").encode() + b"\n"
