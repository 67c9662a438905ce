"""Secrets: ``${env:NAME}`` in ``components.yaml``, resolved only when a probe sends them.

The model keeps the reference, never the value, so that nothing that prints a model can print a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_ANY_DOLLAR = re.compile(r"\$\{([^}]*)\}?")


def names(text: str) -> tuple[str, ...]:
    """Return the names of the environment variables that the text refers to, in order."""
    return tuple(found[1] for found in _REFERENCE.finditer(text))


def malformed(text: str) -> str | None:
    """Return the first ``${…}`` that is not a reference to the environment."""
    return next((m[0] for m in _ANY_DOLLAR.finditer(text) if not _REFERENCE.fullmatch(m[0])), None)


def fill(text: str, environment: Mapping[str, str]) -> str:
    """Return the text with every reference replaced; raise KeyError with the name of an unset one."""
    return _REFERENCE.sub(lambda found: environment[found[1]], text)


def fill_query(url: str, environment: Mapping[str, str]) -> str:
    """Return a URL with every reference replaced by its value as a query writes it."""
    return fill(url, {name: quote(environment[name], safe="") for name in names(url)})


def is_pem(value: str) -> bool:
    """Tell whether it is a key or a certificate, which has several lines (RFC 7468 §2)."""
    return value.lstrip().startswith("-----BEGIN ")


def is_sendable(value: str) -> bool:
    """Tell whether it holds no control character, so that it can stand in a header; PEM stands in none."""
    return is_pem(value) or not any(ord(character) < 32 for character in value)
