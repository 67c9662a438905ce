"""Secrets: ``${env:NAME}`` in ``components.yaml``, resolved only when a probe sends them.

The model keeps the reference, never the value, so that nothing that prints a model can print a secret. What goes out
all the same is looked through for them by the ``Gate``, at every door that commits, publishes or prints.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from statusgen.errors import StatusgenError

LEAST = 6  # characters of a secret that is looked for: shorter ones stand in many a word
HIDDEN = "***"

_LIKE_A_KEY = 12  # characters of a part that is taken for one
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
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


REMEDY = (
    "take it out, and renew the secret if others have seen it. If its value is an ordinary word, choose a longer, "
    "random one; if it is no secret, write it into components.yaml as it is"
)


class Gate:
    """Knows what the secrets of a site look like, to refuse them in files and to hide them in what is printed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known: dict[str, tuple[_Alike, ...]] = {}
        self._hidden: list[str] = []

    def heed(self, text: str) -> None:
        """Know from now on the secrets, too, that a text, which is that of ``components.yaml``, refers to."""
        new = {*names(text)} & self._environment.keys() - self._known.keys()
        for name in sorted(new):
            self._known[name] = tuple(each for value in _values(self._environment[name]) for each in _forms(value))
        if new:
            forms = {form for known in self._known.values() for alike in known for form in alike.forms}
            texts = (form.decode("utf-8", "surrogateescape") for form in forms)
            self._hidden = sorted(texts, key=len, reverse=True)  # or a short one would leave the rest of a long one

    def __bool__(self) -> bool:
        """Tell whether there is anything to look for."""
        return any(self._known.values())

    def found(self, content: bytes) -> str:
        """Return the name of a secret that a content holds, empty if it holds none."""
        return next((name for name, known in self._known.items() if any(each.is_in(content) for each in known)), "")

    def refuse(self, content: bytes, what: str) -> None:
        """Raise StatusgenError, which names it, for a content that holds a secret; ``what`` says what that is."""
        if name := self.found(content):
            raise StatusgenError(
                f"{self.hidden(what)} would hold the secret '{name}', and nothing was written: {REMEDY}"
            )

    def hidden(self, text: str) -> str:
        """Return a text in which each secret is replaced by asterisks."""
        for form in self._hidden:
            text = text.replace(form, HIDDEN)
        return text


NO_SECRETS = Gate({})


class _Alike:
    """Forms of a value with a run of letters and digits in common, for which alone a content is searched mostly."""

    def __init__(self, forms: Iterable[bytes]) -> None:
        self.forms = tuple(dict.fromkeys(forms))
        runs = sorted(re.findall(rb"[A-Za-z0-9]{4,}", self.forms[0]), key=len, reverse=True)
        self._clue = next((run for run in runs if all(run in form for form in self.forms)), b"")

    def is_in(self, content: bytes) -> bool:
        return self._clue in content and any(form in content for form in self.forms)


def forms(value: str) -> frozenset[bytes]:
    """Return what is looked for of a secret: every form of it, nothing of a short one."""
    return frozenset(form for each in _values(value) for alike in _forms(each) for form in alike.forms)


def _values(whole: str) -> Iterator[str]:
    """Yield what of a variable is secret: of PEM every line, of an address also its parts that look like keys."""
    whole = whole.strip()
    if is_pem(whole):
        lines = map(str.strip, whole.splitlines())
        yield from (line for line in lines if len(line) >= _LIKE_A_KEY and "--" not in line)
    elif len(whole) >= LEAST:
        yield whole
        if "://" in whole:
            yield from filter(_looks_like_a_key, re.split(r"[/?&=#:@;,]+", whole))


def _looks_like_a_key(part: str) -> bool:
    return len(part) >= _LIKE_A_KEY and part.isalnum() and not part.isalpha() and not part.isdigit()


def _forms(value: str) -> Iterator[_Alike]:
    written = [text.encode("utf-8", "surrogateescape") for text in _written(value)]
    yield _Alike(written)
    raws = {written[0]: "UTF-8"}
    with contextlib.suppress(UnicodeEncodeError):
        raws[value.encode("latin-1")] = "as in headers"
    for raw in raws:
        yield _Alike([raw.hex().encode(), raw.hex().upper().encode()])
        yield from (_Alike(_encoded(raw, offset)) for offset in range(3))


def _written(value: str) -> Iterator[str]:
    """Yield a text as it is, and as it is written in addresses, JSON, Python, HTML and Markdown, or in two of them."""
    for text in (value, *_in_code(value), *_in_addresses(value), *_in_markdown(value)):
        yield from (text, *_in_code(text), *_in_markup(text))


def _in_addresses(text: str) -> Iterator[str]:
    for safe in ("", "/"):
        address = quote(text, safe, errors="surrogateescape")
        for each in (address, address.replace("%20", "+")):
            yield from (each, re.sub("%..", lambda found: found[0].lower(), each))


def _in_code(text: str) -> tuple[str, ...]:
    return tuple(
        code[1:-1] for code in (json.dumps(text), json.dumps(text, ensure_ascii=False), repr(text), ascii(text))
    )


def _in_markdown(text: str) -> tuple[str, ...]:
    """Return a text with backslashes, as editors put them before signs, all of them or those within words."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text), re.sub(r"([_*])", r"\\\1", text)


def _in_markup(text: str) -> tuple[str, ...]:
    markup = html.escape(text)
    return html.escape(text, quote=False), markup, markup.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _encoded(raw: bytes, offset: int) -> Iterator[bytes]:
    """Yield what stands for these bytes alone in base64 (RFC 4648 §4, §5), after so many others of a group of three."""
    whole = base64.b64encode(bytes(offset) + raw)[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
    yield whole
    yield whole.translate(_URL_SAFE)
