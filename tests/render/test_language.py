"""Languages: dates, numbers and durations by their customs, texts by their catalogs, and what is no catalog."""

from __future__ import annotations

import pytest

from statusgen.errors import SourceError
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.render.language import Language, language

TENTH = parse_instant("2026-11-20T10:02Z")
HEAD = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
DAYS = 'msgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "%(num)s Tag"\nmsgstr[1] "%(num)s Tage"\n'


def spoken(code: str, text: str = "", name: str = "") -> Language:
    """Return a language with a catalog of these messages."""
    return language(code, {f"locales/{name or code}.po": (HEAD + text).encode()}, {})


# Dates


@pytest.mark.parametrize(
    ("code", "date", "day", "month", "short", "monday"),
    [
        ("en", "20 Nov 2026", "20 Nov", "November 2026", "Nov", "Monday"),
        ("de", "20. Nov. 2026", "20. Nov.", "November 2026", "Nov", "Montag"),
        ("fr", "20 nov. 2026", "20 nov.", "novembre 2026", "nov.", "lundi"),
        ("es", "20 nov 2026", "20 nov", "noviembre de 2026", "nov", "lunes"),
        ("ja", "2026年11月20日", "11月20日", "2026年11月", "11月", "月曜日"),
        ("ar", "20 نوفمبر 2026", "20 نوفمبر", "نوفمبر 2026", "نوفمبر", "الاثنين"),
    ],
)
def test_dates_are_written_as_each_language_does(
    code: str, date: str, day: str, month: str, short: str, monday: str
) -> None:
    of = spoken(code)
    assert (of.date(TENTH), of.day(TENTH), of.month_name("2026-11")) == (date, day, month)
    assert (of.short_month("2026-11"), of.weekday(0)) == (short, monday)


@pytest.mark.parametrize("order", [("ja", "ar", "pt-BR", "nds"), ("nds", "pt-BR", "ar", "ja")])
def test_what_a_language_says_does_not_hang_on_those_that_spoke_before(order: tuple[str, ...]) -> None:
    said = {code: (spoken(code).short_month("2026-11"), spoken(code).weekday(0)) for code in order}
    assert said == {
        "ja": ("11月", "月曜日"),
        "ar": ("نوفمبر", "الاثنين"),
        "pt-BR": ("nov.", "segunda-feira"),
        "nds": ("Nov.", "Maandag"),
    }


def test_english_has_the_day_before_the_month_and_an_american_site_may_have_it_otherwise() -> None:
    assert spoken("en").date(TENTH) == "20 Nov 2026"
    assert spoken("en-US").date(TENTH) == "Nov 20, 2026"


def test_an_instant_has_its_date_24_hours_and_utc() -> None:
    assert spoken("en").date_and_time(TENTH + 8 * HOUR) == "20 Nov 2026, 18:02 UTC"
    assert spoken("de").date_and_time(TENTH) == "20. Nov. 2026, 10:02 UTC"


def test_a_span_has_both_dates_only_where_they_differ() -> None:
    assert spoken("en").span(TENTH, TENTH + 73 * MINUTE) == "20 Nov 2026, 10:02 – 11:15 UTC"
    assert spoken("en").span(TENTH, TENTH + DAY) == "20 Nov 2026, 10:02 – 21 Nov 2026, 10:02 UTC"


# Numbers


@pytest.mark.parametrize(
    ("code", "number", "most", "least"),
    [
        ("en", "1,234,567", "99.99999", "0.10"),
        ("de", "1.234.567", "99,99999", "0,10"),
        ("fr", "1\u202f234\u202f567", "99,99999", "0,10"),
        ("es", "1.234.567", "99,99999", "0,10"),
        ("ja", "1,234,567", "99.99999", "0.10"),
        ("ar", "1,234,567", "99.99999", "0.10"),
    ],
)
def test_numbers_are_grouped_as_each_language_does_and_nothing_is_rounded(
    code: str, number: str, most: str, least: str
) -> None:
    of = spoken(code)
    assert of.number(1_234_567) == number
    assert (of.decimal("99.99999"), of.decimal("0.10")) == (most, least)
    assert (of.percent("99.99999"), of.percent("100"), of.percent(None)) == (f"{most} %", "100 %", "—")


@pytest.mark.parametrize("code", ["en", "de", "fr", "es", "ja", "ar", "ar-EG", "fa", "mr", "my", "ne", "bn"])
def test_digits_are_0_to_9_wherever_a_number_stands(code: str) -> None:
    of = spoken(code)
    written = [of.number(4_711), of.decimal("4.7"), of.percent("99.47"), of.duration(4_711), of.latency(4_711)]
    digits = [letter for text in written for letter in text if letter.isdigit()]
    assert digits
    assert set(digits) <= set("0123456789")


@pytest.mark.parametrize("code", ["ar-EG", "fa", "ne"])
def test_signs_between_digits_are_those_that_go_with_0_to_9(code: str) -> None:
    assert (spoken(code).number(4_711), spoken(code).decimal("4.7")) == ("4,711", "4.7")


@pytest.mark.parametrize("code", ["ar", "ar-EG", "fa", "mr", "my", "ne", "bn"])
def test_digits_of_dates_are_0_to_9_as_well(code: str) -> None:
    of = spoken(code)
    text = of.date_and_time(TENTH) + of.day(TENTH) + of.month_name("2026-11") + of.short_month("2026-11")
    assert {letter for letter in text if letter.isdigit()} <= set("0123456789")


# Durations


def test_durations_are_cut_unless_they_are_to_be_rounded_up() -> None:
    of = spoken("en")
    assert (of.duration(DAY + 59 * MINUTE), of.duration(DAY + 1, up=True)) == ("1 d", "1 d 1 h")
    assert (of.duration(14 * MINUTE + 59), of.duration(14 * MINUTE + 1, up=True)) == ("14 min", "15 min")
    assert (of.duration(0), of.hours(48 * HOUR), of.hours(90 * MINUTE)) == ("0 s", "48 h", "1 h 30 min")
    assert of.duration(1_234 * DAY) == "1,234 d"


@pytest.mark.parametrize(("code", "budget", "latency"), [("en", "25.92 s", "1.91 s"), ("de", "25,92 s", "1,91 s")])
def test_parts_of_a_second_are_written_as_numbers_are(code: str, budget: str, latency: str) -> None:
    assert (spoken(code).budget(25_920), spoken(code).latency(1_905)) == (budget, latency)
    assert spoken(code).latency(183) == "183 ms"


def test_units_are_those_of_the_catalog() -> None:
    of = spoken("fr", 'msgid "%(n)s d"\nmsgstr "%(n)s j"\n')
    assert of.duration(2 * DAY + 3 * HOUR) == "2 j 3 h"


# Names


@pytest.mark.parametrize(
    ("code", "name", "is_right_to_left"),
    [("en", "English", False), ("de", "Deutsch", False), ("fr", "Français", False), ("ar", "العربية", True)],
)
def test_a_language_knows_its_name_and_its_direction(code: str, name: str, is_right_to_left: bool) -> None:
    assert (spoken(code).name, spoken(code).is_right_to_left) == (name, is_right_to_left)


@pytest.mark.parametrize("code", ["tlh", "xx", "qaa-x-own"])
def test_a_language_that_nobody_describes_has_english_customs_and_its_own_texts(code: str) -> None:
    of = spoken(code, 'msgid "Today"\nmsgstr "DaHjaj"\n')
    assert (of.code, of.date(TENTH), of.number(1_000)) == (code, "20 Nov 2026", "1,000")
    assert of.say("Today") == "DaHjaj"


# Catalogs


def test_a_text_is_said_with_its_values_and_in_english_where_the_catalog_lacks_it() -> None:
    of = spoken("de", 'msgid "Made by %(program)s"\nmsgstr "Von %(program)s gemacht"\n')
    assert of.say("Made by %(program)s", program="x") == "Von x gemacht"
    assert of.say("Today") == "Today"


def test_a_count_takes_the_form_of_its_number_which_is_written_out() -> None:
    assert [spoken("de", DAYS).count("%(num)s day", "%(num)s days", n) for n in (0, 1, 2, 1_000)] == [
        "0 Tage",
        "1 Tag",
        "2 Tage",
        "1.000 Tage",
    ]
    assert [spoken("en").count("%(num)s day", "%(num)s days", n) for n in (1, 2)] == ["1 day", "2 days"]


def test_a_fuzzy_translation_is_none() -> None:
    assert spoken("de", '#, fuzzy\nmsgid "Today"\nmsgstr "Gestern"\n').say("Today") == "Today"


def test_a_language_with_a_region_takes_its_own_catalog_else_that_of_the_language() -> None:
    today = 'msgid "Today"\nmsgstr "{}"\n'
    assert spoken("pt-BR", today.format("Hoje"), name="pt").say("Today") == "Hoje"
    texts = {f"locales/{name}.po": (HEAD + today.format(name)).encode() for name in ("pt", "pt-BR")}
    assert [language(code, texts, {}).say("Today") for code in ("pt-BR", "pt-PT", "pt")] == ["pt-BR", "pt", "pt"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'msgid "Today"\nmsgstr "Heute %(x)s"\n',
            "6: 'Today' has no '%(x)s': write its placeholders as they stand",
        ),
        (
            'msgid "since %(time)s"\nmsgstr "seit %(zeit)s"\n',
            "6: 'since %(time)s' has no '%(zeit)s': write its placeholders as they stand",
        ),
        (
            'msgid "at {time}"\nmsgstr "um {zeit}"\n',
            "6: 'at {time}' has no '{zeit}': write its placeholders as they stand",
        ),
        ('msgid "%(n)s %%"\nmsgstr "%(n)s %"\n', "6: '%(n)s %%' has no '%': write its placeholders as they stand"),
        ('msgid "%(n)s d"\nmsgstr "%(n) T"\n', "6: '%(n)s d' has no '%': write its placeholders as they stand"),
        (
            DAYS.replace("%(num)s Tage", "%(count)s Tage"),
            "6: '%(num)s day' has no '%(count)s': write its placeholders as they stand",
        ),
        (
            'msgid "Yesterday"\nmsgstr "Gestern"\n\nmsgid "Today"\nmsgstr "<b>Heute</b>"\n',
            "9: the translation of 'Today' holds '<': leave markup out",
        ),
        (
            "Heute\n",
            "6: is no gettext catalog (Unknown or misformatted keyword on 5): correct it with an editor for such",
        ),
    ],
)
def test_a_catalog_that_would_spoil_a_page_is_refused_with_its_line(text: str, fault: str) -> None:
    with pytest.raises(SourceError) as refused:
        spoken("de", text)
    assert str(refused.value) == f"locales/de.po:{fault}"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n", HEAD.replace("utf-8", "klingon").encode() + DAYS.encode()])
def test_what_is_no_text_is_no_catalog(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"locales/de\.po:1: is no gettext catalog"):
        language("de", {"locales/de.po": content}, {})


def test_all_that_is_wrong_in_a_catalog_is_told_at_once() -> None:
    with pytest.raises(SourceError) as refused:
        spoken("de", 'msgid "a"\nmsgstr "%(x)s"\n\nmsgid "b"\nmsgstr "<i>"\n')
    assert [problem.line for problem in refused.value.problems] == [6, 9]


def test_memory_keeps_a_catalog_compiled_and_another_text_is_another_catalog() -> None:
    memory: dict[str, object] = {}
    first = {"locales/de.po": (HEAD + 'msgid "Today"\nmsgstr "Heute"\n').encode()}
    second = {"locales/de.po": (HEAD + 'msgid "Today"\nmsgstr "Am heutigen Tag"\n').encode()}
    assert language("de", first, memory).say("Today") == "Heute"
    (kept,) = memory
    assert language("de", second, memory).say("Today") == "Am heutigen Tag"
    memory[kept] = memory[next(key for key in memory if key != kept)]
    assert language("de", first, memory).say("Today") == "Am heutigen Tag"


@pytest.mark.parametrize(
    "forms",
    [
        "nplurals=2; plural=(n > 1 ? foo;",
        "nplurals=2; plural=(n % 0);",
        "nplurals=2; plural=n;",
        "nplurals=999999999; plural=0;",
    ],
)
def test_plural_forms_that_cannot_be_told_are_named(forms: str) -> None:
    text = f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: {forms}\\n"\n'
    with pytest.raises(SourceError, match=r"de\.po.*is no gettext catalog"):
        language("de", {"locales/de.po": text.encode()}, {})


def test_a_catalog_without_a_language_of_its_own_has_the_plurals_of_its_name() -> None:
    text = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    text += 'msgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "dzień"\nmsgstr[1] "dni"\nmsgstr[2] "dni!"\n'
    of = language("pl", {"locales/pl.po": text.encode()}, {})
    assert [of.count("%(num)s day", "%(num)s days", number) for number in (1, 2, 5)] == ["dzień", "dni", "dni!"]


def test_without_a_catalog_a_language_is_english_in_all_but_its_name() -> None:
    hebrew = language("he", {}, {})
    assert (hebrew.tag, hebrew.is_right_to_left, hebrew.say("Today"), hebrew.name) == ("en", False, "Today", "עברית")


def test_languages_that_differ_by_script_or_region_have_different_names() -> None:
    names = {language(code, {}, {}).name for code in ("zh-Hant", "zh-Hans", "pt", "pt-BR", "en", "en-US", "xx")}
    assert len(names) == 7
