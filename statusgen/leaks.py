"""What should not stand in public texts: secrets by their well-known shapes, people's addresses, names of inner hosts.

Patterns look at a line at a time, and begin where a word does, so that no line takes more than its length. A message
never repeats a secret: what prints it may be more public than the text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator

from statusgen.errors import Level, Problem

_START, _END = r"(?<![A-Za-z0-9_-])", r"(?![A-Za-z0-9_-])"
_SECRETS = (
    ("an AWS access key", r"(?:AKIA|ASIA)[0-9A-Z]{16}"),
    ("a GitHub token", r"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"),
    ("a GitLab token", r"glpat-[A-Za-z0-9_-]{20,255}"),
    ("a Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
    ("a Google API key", r"AIza[A-Za-z0-9_-]{35}"),
    ("a Stripe key", r"[rs]k_live_[A-Za-z0-9]{16,255}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a JSON Web Token", r"eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,4000}"),
)
_SHAPES = (
    *((what, re.compile(f"{_START}{shape}{_END}")) for what, shape in _SECRETS),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY")),
    ("a Slack webhook", re.compile(r"//hooks\.slack\.com/services/T\w{5,20}/B\w{5,20}/\w{15,}")),
    ("a bearer token", re.compile(r"\bbearer\s{1,3}(?=[\w.~+/-]{0,99}\d)[\w.~+/-]{20,}", re.IGNORECASE)),
    ("a password in an address", re.compile(r"://[^\s/:@]{1,100}:(?![$<{*]|[xX]{3})[^\s/:@]{3,200}@")),
)
_GIVEN = re.compile(
    r"""(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key)["']?(=|:\s{0,3})["']?([^\s"'`,;)&]{6,})""",
    re.IGNORECASE,
)
_BLANK = re.compile(r"[$<{[*%]")  # begins what is put in by others
_PLACEHOLDER = re.compile(r"\$\{|\{\{|\*{3}|\.\.\.|…|x{3}|redacted|example|changeme|your[_-]", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.+/:@-])([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w@-])")
_FICTION = re.compile(r"@(?:.*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
_IP = re.compile(r"(?<![\w.-])((?:\d{1,3}\.){3}\d{1,3})(?![\w-]|\.\d)")
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_HOST = re.compile(
    r"(?<![\w.@/-])(?:https?://)?((?:[\w-]{1,63}\.){1,12}(?:internal|local|lan|corp))(?![\w-]|\.\w)", re.IGNORECASE
)
_REMEDY = "everything here is public and stays in git's history: revoke it, then take it out"


def addresses(text: str) -> frozenset[str]:
    """Return the e-mail addresses that stand in a text, in small letters."""
    return frozenset(found.lower().lstrip("./") for found in re.findall(r"[\w.+-]{1,64}@[\w.-]{1,255}", text))


def found(path: str, text: str, public: Collection[str]) -> Iterator[Problem]:
    """Yield what a text had better not say, line by line; ``public`` are addresses that are meant to be known."""
    for number, line in enumerate(text.split("\n"), 1):
        for message in (*_secrets(line), *_people(line, public), *_hosts(line)):
            yield Problem(path=path, line=number, message=message, level=Level.WARNING)


def secrets(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold what looks like a secret, counted from 1, with what it looks like."""
    for number, line in enumerate(text.split("\n"), 1):
        if what := _secret(line):
            yield number, what


def _secret(line: str) -> str:
    """Return the first shape of a secret in a line, which may have several; empty for none."""
    shapes = (what for what, shape in _SHAPES if shape.search(line))
    return next(shapes, "a password or a token" if _is_given(line) else "")


def _secrets(line: str) -> Iterator[str]:
    if what := _secret(line):
        yield f"has what looks like {what}: {_REMEDY}"


def _is_given(line: str) -> bool:
    """Tell whether a password is given: after a colon only what is no word, as in ``password: reset``."""
    for sign, value in _GIVEN.findall(line):
        is_word = value.strip("._-!?").isalpha() or not any(letter.isdigit() for letter in value)
        if not (_BLANK.match(value) or _PLACEHOLDER.search(value)) and (sign == "=" or not is_word):
            return True
    return False


def _people(line: str, public: Collection[str]) -> Iterator[str]:
    for address in dict.fromkeys(_ADDRESS.findall(line)):
        if address.lower() not in public and not _FICTION.search(address) and not address.startswith("git@"):
            yield f"has the e-mail address '{address}', which everybody can read: write who is meant, or a contact page"


def _hosts(line: str) -> Iterator[str]:
    inner = [each for each in _IP.findall(line) if _is_private(each)]
    for host in dict.fromkeys((*inner, *_HOST.findall(line))):
        yield f"names the inner host '{host}', which tells strangers how you are built: say what it does instead"


def _is_private(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)
