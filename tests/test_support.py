"""The key ``support``: what each of its keys means. What is wrong with one is in ``bad/``."""

from __future__ import annotations

import pytest

from statusgen import config
from statusgen.calendars import ALWAYS, Hours
from statusgen.promises import STANDARDS, Channel, Link, Plan, Severity, Standard, Support
from statusgen.support import address

SITE = "site: {name: Acme Status, url: https://status.acme.example}\n"
HOUR, DAY = 3_600, 86_400
NINE_TO_FIVE = ((9 * HOUR, 17 * HOUR),)


def read(*lines: str) -> Support:
    return config.read("".join([SITE, "support:\n", *(f"  {line}\n" for line in lines)])).support


def hours(written: str, zone: str = "") -> Hours:
    (only,) = read(*([f"zone: {zone}"] if zone else []), f"hours: {{standard: {written}}}").hours
    return only


def standard(severity: str, written: str) -> Standard:
    return read(f"severities: {{{severity}: {written}}}").standard(Severity(severity))


# Defaults


def test_without_the_key_support_is_not_published_and_severities_are_promised_what_is_usual() -> None:
    support = config.read(SITE).support
    assert support == Support(is_published=False, zone="UTC", standards=STANDARDS)


def test_with_the_key_it_is_published_and_nothing_more() -> None:
    assert config.read(f"{SITE}support: {{}}\n").support == Support(is_published=True)


def test_the_usual_promises_are_those_that_are_documented() -> None:
    told = [(each.severity, each.respond, each.update, each.postmortem) for each in STANDARDS]
    assert told == [
        (Severity.SEV1, 3 * HOUR, 2 * HOUR, 7 * DAY),
        (Severity.SEV2, 8 * HOUR, 8 * HOUR, None),
        (Severity.SEV3, 2 * DAY, 2 * DAY, None),
    ]
    assert all(each.hours == ALWAYS and each.definition for each in STANDARDS)


# Hours


def test_days_that_are_not_named_are_closed() -> None:
    assert hours("{week: {mon-fri: '09:00-17:00'}}").week == (*(NINE_TO_FIVE,) * 5, (), ())


def test_a_day_may_have_a_break_and_others_may_be_named_together() -> None:
    week = hours("{week: {mon: '09:00-12:00, 13:00-17:00', 'tue, thu': '10:00-11:00', sat-sun: closed}}").week
    ten = ((10 * HOUR, 11 * HOUR),)
    assert week == (((9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)), ten, (), ten, (), (), ())


def test_hours_may_touch_and_reach_midnight() -> None:
    assert hours("{week: {mon: '00:00-12:00, 12:00-24:00'}}").week[0] == ((0, 12 * HOUR), (12 * HOUR, DAY))


def test_days_may_be_written_with_capitals() -> None:
    assert hours("{week: {Mon-Wed: '9:00 – 17:00'}}").week[:4] == (*(NINE_TO_FIVE,) * 3, ())


def test_hours_have_the_zone_of_the_support_unless_they_have_one_of_their_own() -> None:
    week = "week: {mon: '09:00-17:00'}"
    assert hours(f"{{{week}}}").zone == "UTC"
    assert hours(f"{{{week}}}", zone="Europe/Berlin").zone == "Europe/Berlin"
    assert hours(f"{{{week}, zone: Asia/Tokyo}}", zone="Europe/Berlin").zone == "Asia/Tokyo"


def test_holidays_are_kept_as_days() -> None:
    written = hours("{week: {mon-sun: '00:00-24:00'}, holidays: [2026-12-25, 2027-01-01]}")
    assert written.holidays == ("2026-12-25", "2027-01-01")
    assert not written.is_always


def test_always_is_every_second_of_the_week() -> None:
    assert hours("always").is_always
    assert hours("always").id == "standard"


def test_hours_come_in_the_order_written_for_the_page() -> None:
    support = read("hours: {standard: {week: {mon: '09:00-17:00'}}, emergency: always}")
    assert [each.id for each in support.hours] == ["standard", "emergency"]


# Severities


def test_each_key_of_a_severity_replaces_the_usual() -> None:
    usual = STANDARDS[0]
    assert standard("sev1", "{}") == usual
    assert standard("sev1", "{respond: 1h}").respond == HOUR
    assert standard("sev1", "{update: 30m}").update == 1_800
    assert standard("sev1", "{postmortem: 5d}").postmortem == 5 * DAY
    assert standard("sev1", "{definition: All is lost.}").definition == "All is lost."
    assert standard("sev1", "{respond: 1h}").update == usual.update
    assert standard("sev3", "{postmortem: 30d}").postmortem == 30 * DAY


def test_a_severity_that_is_not_named_keeps_what_is_usual() -> None:
    assert read("severities: {sev1: {respond: 1h}}").standards[1:] == STANDARDS[1:]


def test_the_times_of_a_severity_run_in_hours_that_are_named() -> None:
    support = read(
        "hours: {standard: {week: {mon-fri: '09:00-17:00'}}}",
        "severities: {sev2: {hours: standard}, sev3: {hours: always}}",
    )
    assert support.standard(Severity.SEV2).hours == support.hours[0]
    assert support.standard(Severity.SEV3).hours == ALWAYS


# Channels, plans, documentation


def test_a_channel_has_a_name_and_whatever_else_is_written() -> None:
    support = read(
        "hours: {standard: {week: {mon-fri: '09:00-17:00'}}}",
        "channels:",
        "  - {name: Community}",
        "  - {name: E-mail, description: Write to us., link: 'mailto:help@acme.example', hours: standard}",
        "  - {name: Phone, link: 'tel:+49 30 1234567', hours: always}",
    )
    assert support.channels == (
        Channel(name="Community"),
        Channel(name="E-mail", description="Write to us.", link="mailto:help@acme.example", hours=support.hours[0]),
        Channel(name="Phone", link="tel:+49301234567", hours=ALWAYS),
    )


def test_a_plan_names_its_channels() -> None:
    support = read(
        "channels: [{name: Community}, {name: Phone}]",
        "plans: [{name: Free}, {name: Enterprise, description: Around the clock., channels: [Phone, Community]}]",
    )
    assert support.plans == (
        Plan(name="Free"),
        Plan(name="Enterprise", description="Around the clock.", channels=("Phone", "Community")),
    )


def test_documentation_is_a_list_of_links() -> None:
    assert read("documentation: [{name: Guides, link: 'https://docs.acme.example'}]").links == (
        Link(name="Guides", link="https://docs.acme.example"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.example",
        "http://acme.example/help?topic=1#top",
        "mailto:support@acme.example",
        "mailto:support@acme.example?subject=Help",
        "tel:+49301234567",
        "tel:112",
    ],
)
def test_an_address_stays_as_it_is(text: str) -> None:
    assert address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "acme.example", "//acme.example", "https://", "ftp://acme.example", "data:text/html,hello"),
        *("JavaScript:alert(1)", " https://acme.example", "https://acme.example/a b", "https://${env:HOST}/"),
        *("mailto:", "mailto:@acme.example", "mailto:a@b@c", "mailto:a@acme.example?subject=${env:KEY}"),
        *("tel:", "tel:-", "tel:+", "tel:one", "tel:٣٠", "mailto:a b@acme.example"),
    ],
)
def test_what_leads_nowhere_or_astray_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        address(text)
