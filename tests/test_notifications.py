"""The key ``notifications``: routes as they are written, and one line for each that is wrong, without the address."""

from __future__ import annotations

import pytest

from statusgen import config, lint
from statusgen.errors import Level, SourceError
from statusgen.model import Site
from statusgen.promises import Severity
from statusgen.routes import NoticeKind, Route

CANARY = "CANARY7f3a9c51e8aabb"
SITE = "site: {name: X, url: 'https://status.example.org'}\ncomponents: [{id: api, name: API}]\n"


def read(routes: str) -> Site:
    return config.read(f"{SITE}notifications: {routes}\n")


def test_a_route_for_everything() -> None:
    assert read("[{name: ops, to: '${env:CHAT}'}]").routes == (Route(name="ops", to=("${env:CHAT}",)),)


def test_a_route_with_choices() -> None:
    [route] = read(
        "[{name: hook, webhook: 'https://example.org/status', secret: '${env:S}', kinds: [outage, recovery],"
        " components: [api], severities: sev1, ahead: 2h}]"
    ).routes
    assert route == Route(
        name="hook",
        webhook="https://example.org/status",
        secret="${env:S}",
        kinds=(NoticeKind.OUTAGE, NoticeKind.RECOVERY),
        components=("api",),
        severities=(Severity.SEV1,),
        ahead=7_200,
    )


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ("{to: '${env:A}'}", "has no 'name'"),
        ("{name: ops}", "needs exactly one of to, webhook: it has neither"),
        ("{name: ops, to: '${env:A}', webhook: '${env:B}'}", "needs exactly one of to, webhook: it has both"),
        ("{name: ops, to: '${env:A}', secret: '${env:B}'}", "'secret' signs what goes to a webhook"),
        (f"{{name: ops, to: 'slack://{CANARY}'}}", "an address is written out"),
        (f"{{name: ops, to: ['${{env:A}}', '${{env:B}}{CANARY}']}}", "an address is written out"),
        (f"{{name: ops, webhook: 'https://h.example/{CANARY}'}}", "looks as if it held a token"),
        (f"{{name: ops, webhook: 'https://h.example/?key={CANARY}'}}", "looks as if it held a token"),
        (f"{{name: ops, webhook: 'https://u:{CANARY}@h.example/'}}", "holds a name or a password"),
        (f"{{name: ops, webhook: 'http://h.example/{CANARY}'}}", "is not encrypted"),
        (f"{{name: ops, webhook: '{CANARY}'}}", "is not a URL"),
        (f"{{name: ops, webhook: 'https://[{CANARY}'}}", "is not a URL"),
        (f"{{name: ops, webhook: '${{{CANARY}}}'}}", "holds a '$' that refers to nothing"),
        (f"{{name: ops, webhook: '${{env:A}}', secret: '{CANARY}'}}", "the secret is written out"),
        ("{name: ops, to: '${env:A}', kinds: [outages]}", "'outages' is not known (did you mean 'outage'?)"),
        ("{name: ops, to: '${env:A}', components: [apii]}", "there is no component 'apii' (did you mean 'api'?)"),
        ("{name: Ops, to: '${env:A}'}", "'Ops' is not an id"),
    ],
)
def test_what_is_wrong_gets_one_line_that_repeats_no_address(route: str, message: str) -> None:
    with pytest.raises(SourceError) as refused:
        read(f"[{route}]")
    [problem] = refused.value.problems
    assert problem.line == 3
    assert message in problem.message
    assert CANARY not in str(problem)


def test_a_name_stands_once() -> None:
    with pytest.raises(SourceError, match="route 'ops' stands twice"):
        read("[{name: ops, to: '${env:A}'}, {name: ops, to: '${env:B}'}]")


def test_check_names_the_secrets_that_announcing_needs() -> None:
    site = read("[{name: hook, webhook: 'https://h.example/${env:HOOK}', secret: '${env:S}'}]")
    found = [(each.message, each.level) for each in lint.unset_secrets(site, {"S"}, require=False)]
    assert found == [("environment variable 'HOOK' is not set here: 'statusgen notify' needs it", Level.NOTICE)]
