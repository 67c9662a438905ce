"""What there is to translate: every text of the pages is found, told in the shipped languages, and kept up to date."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po

from statusgen import reasons
from statusgen.errors import Level
from statusgen.files import read_tree, shipped
from statusgen.model import Phase, State
from statusgen.render import catalogs
from statusgen.render.language import language
from statusgen.sources import SHIPPED_THEMES

from . import published
from .published import theme

PROGRAM = read_tree(shipped("render"), "", catalogs.SAYING.__contains__)
THEME = published.THEME | PROGRAM

SHIPPED = ("ar", "de", "es", "fr", "ja")
SMALL = {
    **PROGRAM,
    "a.html": b"<p>{{ _('Today') }}</p>",
    "b.html": b"{% trans count=n %}{{ count }} bar{% pluralize %}{{ count }} bars{% endtrans %}",
}
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
UNTRANSLATED = {  # names that are the same everywhere
    *(
        "API",
        "Atom",
        "CSV",
        "HTML",
        "JSON",
        "Markdown",
        "RSS",
        "TLS",
        "UTC",
        "build.json",
        "components.yaml",
        "status.json",
        "p50",
        "p95",
        "p99",
    ),
    *("api", "feed subscribe", "history.atom", "history.rss", "incidents.atom", "feed.json", "maintenance.ics"),
    *("JSON Feed", "OpenAPI", "v1", "v2", "summary.json", "curl", "status.txt", "metrics.txt"),
    *("statusgen verify", "statusgen build --as-of 2026-01-31T23:59Z"),
}


def told(**messages: str) -> dict[str, bytes]:
    """Return the small theme with a German catalog."""
    text = "".join(f'msgid "{id_}"\nmsgstr "{string}"\n\n' for id_, string in messages.items())
    return SMALL | {"locales/de.po": (HEAD + text).encode()}


# Which texts there are


def test_texts_of_templates_sentences_and_vocabularies_are_found() -> None:
    found = catalogs.texts(SMALL)
    assert found[:2] == ("Today", ("%(count)s bar", "%(count)s bars"))
    assert {State.MAJOR.word, State.MAJOR.word.lower(), Phase.RESOLVED.word} <= set(found)
    assert {*reasons.REASONS.values(), *reasons.NUMBERED.values()} <= set(found)
    assert {"All systems operational", "%(n)s min", "Status: %(phase)s"} <= set(found)
    assert ("%(num)s hour", "%(num)s hours") in found


def test_every_text_stands_once_and_in_the_same_order_whatever_order_the_files_come_in() -> None:
    found = catalogs.texts(THEME)
    assert len(found) == len(set(found)) > 200
    assert catalogs.texts(dict(reversed(THEME.items()))) == found


def test_no_two_texts_differ_in_their_plural_alone() -> None:
    ids = [text if isinstance(text, str) else text[0] for text in catalogs.texts(THEME)]
    assert sorted({id_ for id_ in ids if ids.count(id_) > 1}) == []


class _Bare(HTMLParser):
    """Collects the letters that stand in a template itself: between tags, and in attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name in ("alt", "aria-label", "placeholder", "title")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def bare(template: str) -> list[str]:
    """Return what a template says outside of the catalogs."""
    marked = re.sub(r"\{% trans\b.*?%\}.*?\{% endtrans %\}|\{#.*?#\}", " ", template, flags=re.DOTALL)
    reader = _Bare()
    filled = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\n", marked, flags=re.DOTALL)
    reader.feed(re.sub(r' [\w-]+="\n"', "", filled))  # an attribute that is filled in, as some macros write them
    reader.close()
    pieces = (piece.strip() for text in reader.texts for piece in re.split(r"[\n·(),/]|: |:$", text))
    return [piece for piece in pieces if re.search("[A-Za-z]{2}", piece)]


def templates() -> Mapping[str, str]:
    files = {f"{name}/{file}": content for name in SHIPPED_THEMES for file, content in theme(name).items()}
    return {path: content.decode() for path, content in files.items() if path.endswith(".html")}


def test_bare_text_is_seen_wherever_it_stands() -> None:
    template = (
        '<p title="One {{ x }}">Two {{ _("no") }}{% trans %}nor this{% endtrans %}</p><b aria-label="Three">4</b>'
    )
    assert bare(template) == ["One", "Two", "Three"]


def test_no_template_says_anything_outside_of_the_catalogs() -> None:
    assert {name: found for name, text in templates().items() if (found := set(bare(text)) - UNTRANSLATED)} == {}


def test_no_template_writes_english_within_an_expression() -> None:
    """Texts in quotes that are no argument of ``_``, ``ngettext`` or a lookup: those with a space or a capital."""
    for name, text in templates().items():
        for expression in re.findall(r"\{\{.*?\}\}", text, flags=re.DOTALL):
            rest = re.sub(r'(?:_|ngettext)\("[^"]*"(?:, "[^"]*")?', "", expression)
            said = [each for each in re.findall(r'"([^"]*)"', rest) if re.search("[a-z]{2} [a-z]{2}|^[A-Z][a-z]", each)]
            assert said == [], name


# How far a catalog has come


@pytest.mark.parametrize("name", SHIPPED_THEMES)
@pytest.mark.parametrize("code", SHIPPED)
def test_every_shipped_catalog_is_complete(code: str, name: str) -> None:
    assert catalogs.missing(THEME | theme(name), code) == []


@pytest.mark.parametrize("code", SHIPPED)
def test_every_shipped_catalog_can_be_used_and_holds_nothing_that_nobody_shows(code: str) -> None:
    assert language(code, THEME, {}).say("Today") != "Today"
    held = {message.id for message in read_po(io.BytesIO(THEME[f"locales/{code}.po"])) if message.id}
    assert held - set(catalogs.texts(THEME)) == set()


@pytest.mark.parametrize("code", SHIPPED)
def test_no_shipped_translation_lacks_a_value(code: str) -> None:
    for message in read_po(io.BytesIO(THEME[f"locales/{code}.po"])):
        if isinstance(message.id, str) and message.id and message.string:
            wanted = re.findall(r"%\(\w+\)s|\{\w+\}", message.id)
            assert sorted(re.findall(r"%\(\w+\)s|\{\w+\}", str(message.string))) == sorted(wanted), message.id


def test_english_lacks_nothing_and_a_language_without_a_catalog_everything() -> None:
    assert catalogs.missing(SMALL, "en") == catalogs.missing(SMALL, "en-GB") == []
    assert catalogs.missing(SMALL, "de") == list(catalogs.texts(SMALL))


def test_what_is_empty_or_fuzzy_is_missing() -> None:
    theme = told(Today="", Incident="Vorfall")
    assert "Today" in catalogs.missing(theme, "de")
    assert "Incident" not in catalogs.missing(theme, "de")
    fuzzy = {"locales/de.po": theme["locales/de.po"].replace(b'msgid "Inc', b'#, fuzzy\nmsgid "Inc')}
    assert "Incident" in catalogs.missing(SMALL | fuzzy, "de")


def test_a_plural_of_which_a_form_is_missing_is_missing() -> None:
    part = 'msgid "%(count)s bar"\nmsgid_plural "%(count)s bars"\nmsgstr[0] "%(count)s Balken"\nmsgstr[1] ""\n'
    theme = SMALL | {"locales/de.po": (HEAD + part).encode()}
    assert ("%(count)s bar", "%(count)s bars") in catalogs.missing(theme, "de")


def test_a_region_is_as_complete_as_the_catalog_it_takes() -> None:
    assert catalogs.missing(told(Today="Heute"), "de-AT") == catalogs.missing(told(Today="Heute"), "de")


def test_a_warning_names_the_file_how_much_it_lacks_and_the_remedy() -> None:
    theme = told(Today="Heute")
    (problem,) = catalogs.complaints(theme, "themes/own", ("en", "de"))
    total = len(catalogs.texts(theme))
    assert problem.level is Level.WARNING
    assert str(problem) == (
        f"themes/own/locales/de.po:1: lacks {total - 1} of {total} texts, which stay English, "
        "the first: '%(count)s bar'; 'statusgen translate de' adds them to the file for you to fill in"
    )


def test_nothing_is_to_be_said_of_languages_that_are_complete() -> None:
    filled = re.sub(rb'(msgstr\S*) ""\n(?!")', rb'\1 "x"\n', catalogs.updated(SMALL, "de"))
    assert list(catalogs.complaints(SMALL | {"locales/de.po": filled}, "themes/own", ("en", "de", "de-AT"))) == []


# Bringing a catalog up to date


def test_a_new_catalog_has_every_text_and_no_translation() -> None:
    made = read_po(io.BytesIO(catalogs.updated(SMALL, "de")))
    assert {message.id for message in made if message.id} == set(catalogs.texts(SMALL))
    assert not any("".join(message.string or ()) for message in made if message.id)
    assert made.num_plurals == 2


@pytest.mark.parametrize(("code", "forms"), [("ja", 1), ("de", 2), ("fr", 2), ("ar", 6), ("pt-BR", 2)])
def test_a_new_catalog_has_as_many_plurals_as_the_language(code: str, forms: int) -> None:
    made = read_po(io.BytesIO(catalogs.updated(SMALL, code)))
    assert (made.num_plurals, len(made["%(count)s bar"].string or ())) == (forms, forms)


def test_what_is_translated_stays_and_what_nobody_shows_any_more_goes() -> None:
    renewed = catalogs.updated(told(Today="Heute", Gone="Weg"), "de")
    made = read_po(io.BytesIO(renewed))
    assert made["Today"].string == "Heute"
    assert b"Gone" not in renewed
    assert not made.obsolete


def test_bringing_it_up_to_date_twice_changes_nothing_more() -> None:
    once = catalogs.updated(told(Today="Heute"), "de")
    assert catalogs.updated(SMALL | {"locales/de.po": once}, "de") == once
    assert once.endswith(b'"\n')
    assert b"Date" not in once.partition(b"\n\n")[0]


def test_a_catalog_that_was_just_written_is_read_without_complaint() -> None:
    written = {"locales/de.po": catalogs.updated(THEME, "de")}
    assert language("de", written, {}).say("Today") == language("de", THEME, {}).say("Today")
