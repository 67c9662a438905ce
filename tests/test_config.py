"""``components.yaml``: what it means. What is wrong with one is in ``bad/`` (see ``test_bad_input``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from statusgen import config, names, periods
from statusgen.errors import SourceError
from statusgen.model import Check, Component, Disclosure, DraftMode, Drafts, Probing, Site, State
from statusgen.probes.dns import DnsCheck
from statusgen.probes.http import HttpCheck
from statusgen.probes.tcp import TcpCheck
from statusgen.probes.tls import TlsCheck
from statusgen.promises import MaintenanceRule, Policy

SMALLEST = "site: {name: Acme Status, url: https://status.acme.example}\n"
WHOLE = """\
site: {name: Acme Status, url: https://status.acme.example, id: acme}
feed: {authority: "status.acme.example,2026"}
data: {branch: status-data}
probing: {interval: 5m, timeout: 10s, reprobe: [2s, 5s], confirm: 2, recover: 2, preflight: none}
components:
  - {id: api, name: API, check: "https://api.acme.example/health"}
  - id: web
    name: Web
    group: Front
    since: 2026-01-05
    checks:
      - {id: web, http: {url: "https://acme.example/", status: [200], body_contains: Welcome, degraded_above: 800ms}}
      - {id: cert, tls: {host: acme.example, port: 443, warn_before: 14d}}
      - {id: dns, dns: {name: acme.example, type: A}}
      - {id: db, tcp: {host: db.acme.example, port: 5432, timeout: 3s}}
  - {id: support, name: Support desk}
"""


def site(more: str = "") -> Site:
    return config.read(SMALLEST + more)


def only_check(written: str) -> Check:
    (check,) = site(f"components:\n  - {{id: api, name: API, check: {written}}}\n").checks
    return check


def problems(text: str) -> list[str]:
    with pytest.raises(SourceError) as refused:
        config.read(text)
    return [str(problem) for problem in refused.value.problems]


# The whole


def test_the_documented_file_is_read_whole() -> None:
    assert config.read(WHOLE) == Site(
        name="Acme Status",
        url="https://status.acme.example",
        id="acme",
        authority="status.acme.example,2026",
        groups=("Front",),
        components=(
            Component(
                id="api",
                name="API",
                checks=(Check(id="api", question=HttpCheck(url="https://api.acme.example/health")),),
            ),
            Component(
                id="web",
                name="Web",
                group="Front",
                since=periods.parse_date("2026-01-05"),
                checks=(
                    Check(
                        id="web",
                        question=HttpCheck(
                            url="https://acme.example/",
                            status=((200, 200),),
                            body_contains="Welcome",
                            degraded_above=(("total", 800),),
                        ),
                    ),
                    Check(id="cert", question=TlsCheck(host="acme.example", port=443)),
                    Check(id="dns", question=DnsCheck(name="acme.example", type="A")),
                    Check(id="db", question=TcpCheck(host="db.acme.example", port=5432, timeout_ms=3_000)),
                ),
            ),
            Component(id="support", name="Support desk"),
        ),
    )


def test_name_and_url_are_all_a_site_needs() -> None:
    assert site() == Site(
        name="Acme Status",
        url="https://status.acme.example",
        id="status-acme-example",
        is_named=False,
        probing=Probing(controls=config.CONTROLS),
    )


def test_what_is_left_out_has_the_documented_default() -> None:
    assert site().branch == "status-data"
    assert site().theme == "default"
    assert (site().language, site().languages) == ("en", ())
    assert site().probing == Probing(
        interval=300,
        timeout_ms=10_000,
        reprobe_ms=(2_000, 5_000),
        confirm=2,
        recover=2,
        locations=(),
        controls=("one.one.one.one:443", "dns.google:443", "api.github.com:443"),
    )
    assert site().policy == Policy(maintenance=MaintenanceRule.EXCLUDE, major=1_000, partial=500, degraded=0)


def test_an_empty_section_is_as_good_as_none() -> None:
    empty = "feed: {}\ndata: {}\ntheme: {}\npolicy: {weights: {}}\nprobing: {}\ngroups: []\ncomponents: []\n"
    assert site(empty) == site()


def test_every_setting_arrives_where_it_belongs() -> None:
    read = config.read(
        "site:\n"
        "  name: Acme\n"
        "  url: https://acme.example/status/\n"
        "  description: How Acme is.\n"
        "  language: pt-BR\n"
        "  languages: [de, en]\n"
        "  repository: https://git.acme.example/status\n"
        "  notice: We move on Monday.\n"
        "theme: {name: night}\n"
        "data: {branch: none}\n"
        "policy: {maintenance: count, weights: {major_outage: 900, partial_outage: 300, degraded_performance: 10}}\n"
        "probing: {interval: 1m, timeout: 500ms, reprobe: [], confirm: 3, recover: 1, locations: [eu, us], "
        "preflight: [a.example:443, b.example:53, c.example:443, d.example:443]}\n"
    )
    assert read == Site(
        name="Acme",
        url="https://acme.example/status",
        id="acme-example-status",
        is_named=False,
        description="How Acme is.",
        language="pt-BR",
        languages=("de", "en"),
        repository="https://git.acme.example/status",
        notice="We move on Monday.",
        theme="night",
        branch="",
        policy=Policy(maintenance=MaintenanceRule.COUNT, major=900, partial=300, degraded=10),
        probing=Probing(
            interval=60,
            timeout_ms=500,
            reprobe_ms=(),
            confirm=3,
            recover=1,
            locations=("eu", "us"),
            controls=("a.example:443", "b.example:53", "c.example:443", "d.example:443"),
        ),
    )


def test_nobody_is_asked_whether_the_prober_is_online_where_that_is_so_written() -> None:
    for written in ("none", "[none]"):
        assert site(f"probing: {{preflight: {written}}}\n").probing.controls == ()
    (problem,) = problems(SMALLEST + 'probing: {preflight: [none, "a.example:443"]}\n')
    assert problem.endswith("'preflight' names targets and 'none': keep one")
    (problem,) = problems(SMALLEST + "probing: {preflight: [a.example]}\n")
    assert problem.endswith("'a.example' is not a target: write host:port")


@pytest.mark.parametrize(
    ("written", "least", "most"),
    [
        ("probing: {{confirm: {}}}\n", 1, 20),
        ("probing: {{recover: {}}}\n", 1, 20),
        ("policy: {{weights: {{major_outage: {}}}}}\n", 0, 1_000),
        ("policy: {{weights: {{partial_outage: {}}}}}\n", 0, 1_000),
        ("policy: {{weights: {{degraded_performance: {}}}}}\n", 0, 1_000),
    ],
)
def test_every_number_has_its_bounds(written: str, least: int, most: int) -> None:
    assert site(written.format(least))
    assert site(written.format(most))
    for beyond in (least - 1, most + 1):
        (problem,) = problems(SMALLEST + written.format(beyond))
        assert problem.endswith(f"'{beyond}' is not a whole number from {least} to {most}")


# The site


@pytest.mark.parametrize(
    ("url", "id"),
    [
        ("https://status.acme.example", "status-acme-example"),
        ("https://Acme.example/Our/Status/", "acme-example-our-status"),
        ("http://127.0.0.1:8000/", "127-0-0-1"),
        ("https://[::1]/", "1"),
        ("https://例え", "site"),
        (f"https://{'a' * 79}.example", "a" * 79),
    ],
)
def test_a_site_without_id_gets_one_from_its_url(url: str, id: str) -> None:
    read = config.read(f"site: {{name: Acme, url: '{url}'}}\n")
    assert read.id == id
    assert names.slug(read.id) == id


def test_a_site_url_has_no_slash_at_its_end() -> None:
    assert config.read("site: {name: Acme, url: https://acme.example/status//}\n").url == "https://acme.example/status"


@pytest.mark.parametrize("end", ["?", "#", "?a=b", "#top"])
def test_a_site_url_has_no_query_and_no_fragment(end: str) -> None:
    assert problems(f"site: {{name: Acme, url: 'https://acme.example/{end}'}}\n") == [
        f"components.yaml:1: 'url': 'https://acme.example/{end}' has a query or a fragment: "
        "write where the page lives, like https://status.example.org"
    ]


# Ids


@pytest.mark.parametrize("id", ["a", "0", "a-b", "2026-11-20-api-errors", "a" * 80, "a--b", "console", "com", "com10"])
def test_an_id_is_lower_case_letters_digits_and_inner_hyphens(id: str) -> None:
    assert names.slug(id) == id


@pytest.mark.parametrize("id", ["", "-", "-a", "a-", "A", "a_b", "a.b", "a/b", "a b", "ä", "a" * 81, "a\n", "٣"])
def test_anything_else_is_no_id(id: str) -> None:
    with pytest.raises(ValueError) as refused:
        names.slug(id)
    assert str(refused.value) == f"'{id}' is not an id: use lower-case letters, digits and inner hyphens, at most 80"


@pytest.mark.parametrize("id", ["index", "con", "nul", "prn", "aux", "com1", "lpt9"])
def test_names_that_some_systems_reserve_are_no_ids(id: str) -> None:
    with pytest.raises(ValueError) as refused:
        names.slug(id)
    assert str(refused.value) == f"'{id}' is a name that some systems reserve: choose another"


# Components and checks


def test_groups_are_shown_in_the_order_components_name_them() -> None:
    components = "".join(
        f"  - {{id: {id}, name: {id}{group}}}\n"
        for id, group in (("a", ", group: Front"), ("b", ""), ("c", ", group: Back"), ("d", ", group: Front"))
    )
    assert site("components:\n" + components).groups == ("Front", "Back")


def test_groups_that_are_listed_keep_their_order_even_if_empty() -> None:
    read = site("groups: [Empty, Back, Front]\ncomponents:\n  - {id: a, name: A, group: Front}\n")
    assert read.groups == ("Empty", "Back", "Front")


def test_the_one_check_of_a_component_has_its_id() -> None:
    for written in ("https://acme.example", "{http: https://acme.example}", "{http: {url: https://acme.example}}"):
        assert only_check(written) == Check(id="api", question=HttpCheck(url="https://acme.example"))


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("{http: https://acme.example/}", HttpCheck(url="https://acme.example/")),
        ("{tcp: 'db.acme.example:5432'}", TcpCheck(host="db.acme.example", port=5432)),
        ("{tcp: '[::1]:5432'}", TcpCheck(host="::1", port=5432)),
        ("{dns: acme.example}", DnsCheck(name="acme.example")),
        ("{tls: acme.example}", TlsCheck(host="acme.example", port=443)),
        ("{tls: 'acme.example:8443'}", TlsCheck(host="acme.example", port=8443)),
    ],
)
def test_every_kind_of_check_has_a_short_form(written: str, question: object) -> None:
    assert only_check(written).question == question


def test_a_check_that_is_down_may_mean_less_than_a_major_outage() -> None:
    assert only_check("https://acme.example").down is State.MAJOR
    assert only_check("{http: https://acme.example, down: partial_outage}").down is State.PARTIAL


def test_since_is_the_first_instant_of_a_day() -> None:
    (component,) = site("components:\n  - {id: api, name: API, since: 2026-01-05}\n").components
    assert component.since == periods.parse_instant("2026-01-05T00:00Z")


def test_names_lose_what_could_mislead_a_reader() -> None:
    (component,) = site('components:\n  - {id: api, name: "A\\u202ePI \\tone"}\n').components
    assert component.name == "API one"


# Secrets


def test_the_secrets_of_a_site_are_named_sorted_and_once() -> None:
    read = site(
        "components:\n"
        "  - id: api\n"
        "    name: API\n"
        "    check:\n"
        "      http:\n"
        "        url: https://acme.example/?key=${env:KEY}\n"
        "        headers: {Authorization: 'Bearer ${env:TOKEN}', X-Again: '${env:KEY}'}\n"
        '        body: \'{"a": "${env:BODY}"}\'\n'
        "  - {id: db, name: Database, check: {tcp: 'db.acme.example:5432'}}\n"
    )
    assert config.secrets(read) == ("BODY", "KEY", "TOKEN")
    assert config.secrets(site()) == ()


# What no single key can know


def test_an_id_that_stands_twice_is_named_with_the_line_of_the_first() -> None:
    written = "components:\n  - {id: a, name: A}\n  - {id: b, name: B}\n  - id: a\n    name: C\n  - {name: D, id: a}\n"
    assert problems(SMALLEST + written) == [
        "components.yaml:5: component id 'a' stands twice (first on line 3): rename or remove one",
        "components.yaml:7: component id 'a' stands twice (first on line 3): rename or remove one",
    ]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("[de, DE]", "components.yaml:4: language 'de' stands twice (first on line 4): rename or remove one"),
        (
            "[de, sla]",
            "components.yaml:4: language 'sla' has the name of a folder that is taken: remove it",
        ),
        ("[fr, en]", "components.yaml:4: language 'en' stands twice (first on line 2): rename or remove one"),
    ],
)
def test_a_language_is_published_once(written: str, problem: str) -> None:
    site_ = "site:\n  name: Acme\n  url: https://acme.example\n"
    assert problems(f"{site_}  languages: {written}\n") == [problem]


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("pt-br", "pt-BR"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("tlh", "tlh"),
    ],
)
def test_a_language_tag_is_told_as_it_is_customarily_written(written: str, tag: str) -> None:
    assert names.language_tag(written) == tag


@pytest.mark.parametrize("code", ["", "d", "de_DE", "../de", "de/", "de-", "german", "de-12", "zh-min-nan", "de-x-y"])
def test_anything_else_is_none(code: str) -> None:
    with pytest.raises(ValueError, match="is no language tag: write it like de, pt-BR or zh-Hant"):
        names.language_tag(code)


SECURITY = """\
site: {name: Acme, url: https://status.acme.example}
security:
  contact: ["mailto:security@acme.example", "https://acme.example/report", "tel:+49-30-1234567"]
  expires: 2027-06-01
  policy: https://acme.example/policy
  encryption: openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f
  acknowledgments: [https://acme.example/thanks]
  preferred_languages: [EN, de]
  hiring: https://acme.example/jobs
  canonical: https://acme.example/.well-known/security.txt
components: []
"""


def test_a_contact_for_who_found_a_vulnerability_is_read() -> None:
    assert config.read(SECURITY).disclosure == Disclosure(
        contact=("mailto:security@acme.example", "https://acme.example/report", "tel:+49-30-1234567"),
        expires=periods.parse_date("2027-06-01"),
        policy=("https://acme.example/policy",),
        encryption=("openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f",),
        acknowledgments=("https://acme.example/thanks",),
        preferred_languages=("en", "de"),
        hiring=("https://acme.example/jobs",),
        canonical=("https://acme.example/.well-known/security.txt",),
    )


def test_without_the_key_there_is_no_such_contact() -> None:
    assert config.read("site: {name: Acme, url: https://status.acme.example}\ncomponents: []\n").disclosure is None


# Drafts


def test_the_program_writes_no_incidents_unless_it_is_asked_to() -> None:
    assert site().drafts == Drafts(mode=DraftMode.OFF, after=0, settle=30 * periods.MINUTE)
    assert site("drafts: {mode: off}\n").drafts.mode is DraftMode.OFF
    assert site("drafts: {mode: draft}\n").drafts.mode is DraftMode.DRAFT
    told = site("drafts: {mode: publish, after: 10m, settle: 2h}\n").drafts
    assert told == Drafts(mode=DraftMode.PUBLISH, after=10 * periods.MINUTE, settle=2 * periods.HOUR)


def test_a_check_may_not_have_the_id_of_another_components_only_check() -> None:
    written = (
        "components:\n"
        "  - id: b\n"
        "    name: B\n"
        "    checks:\n"
        "      - {id: x, http: https://acme.example}\n"
        "      - id: a\n"
        "        http: https://acme.example\n"
        "  - {id: a, name: A, check: https://acme.example}\n"
    )
    assert problems(SMALLEST + written) == [
        "components.yaml:9: check id 'a' stands twice (first on line 7): rename or remove one"
    ]


def test_a_check_may_have_the_id_of_a_component() -> None:
    read = site(
        "components:\n  - {id: a, name: A, checks: [{id: a, http: https://acme.example}]}\n  - {id: b, name: B}\n"
    )
    assert [check.id for check in read.checks] == ["a"]


def test_every_component_in_a_group_that_is_not_listed_is_named() -> None:
    written = "groups: [Front]\ncomponents:\n  - {id: a, name: A, group: front}\n  - {id: b, name: B, group: Back}\n"
    assert problems(SMALLEST + written) == [
        "components.yaml:4: group 'front' is not listed in 'groups' (did you mean 'Front'?): add it there",
        "components.yaml:5: group 'Back' is not listed in 'groups' (one of: Front): add it there",
    ]


def test_problems_are_named_by_the_path_they_were_read_from() -> None:
    with pytest.raises(SourceError) as refused:
        config.read("site: 1\n", "other/components.yaml")
    assert str(refused.value).startswith("other/components.yaml:1: ")


def test_a_thousand_components_with_checks_are_read() -> None:
    component = "  - {{id: c{0}, name: C {0}, check: {{http: {{url: 'https://acme.example/{0}', status: 200}}}}}}\n"
    written = "components:\n" + "".join(component.format(number) for number in range(1_000))
    assert len(site(written).checks) == 1_000


# The JSON Schema


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object schema within, depth first."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def test_the_schema_is_json_and_names_its_draft() -> None:
    assert json.loads(json.dumps(config.schema())) == config.schema()
    assert config.schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_requires_what_the_reader_requires() -> None:
    root: Any = config.schema()
    assert root["required"] == ["site"]
    assert root["properties"]["site"]["required"] == ["name", "url"]
    assert root["properties"]["components"]["items"]["required"] == ["id", "name"]


def test_every_key_in_the_schema_says_what_it_is_for_and_no_other_is_allowed() -> None:
    found = list(objects(config.schema()))
    assert len(found) >= 12
    for each in found:
        assert each["additionalProperties"] is False
        for key in each["properties"].values():
            assert key["description"].endswith(".")


def test_every_pattern_in_the_schema_compiles() -> None:
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(config.schema()))
    assert len(patterns) > 10
    for pattern in patterns:
        assert re.compile(json.loads(pattern)).pattern.startswith("^")
