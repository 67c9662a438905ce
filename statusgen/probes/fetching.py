"""JSON documents in which others say how something is.

Where there is none to be had, nobody knows how it is: that is ``unclear``, and no outage of what it is about.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from statusgen import shape
from statusgen.probes import json_path
from statusgen.probes.dial import Deadline, Unanswered, Unknown, trust, trusted
from statusgen.probes.kind import World
from statusgen.probes.request import OWN_HEADERS, Request, location_of, redirected

_REDIRECTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document is. ``stays``: redirects are followed on its own host only.

    ``is_led``: another document, of which the deadline knows whether it was public, named the place.
    """

    url: str
    accept: str = "application/json"
    ca_file: str = ""
    ip: int = 0
    stays: bool = False
    is_led: bool = False


def prepare() -> None:
    from statusgen.probes import exchange  # noqa: F401  190 ms

    trust()


def unclear() -> Unknown:
    """Return what is raised where a document does not say what it is asked for."""
    return Unknown("unclear")


def fetch(source: Source, deadline: Deadline, world: World) -> Mapping[str, Any]:
    """Return the JSON object that a server gives with status 200, whole, in time, and in a MiB; else raise Unknown."""
    from statusgen.probes.exchange import TROUBLE

    try:
        document = json_path.decoded(_text(source, deadline, world))
        deadline.left()  # to read it took time as well
    except (*TROUBLE, Unanswered):
        raise unclear() from None
    if not isinstance(document, dict):
        raise unclear()
    return document


def _text(source: Source, deadline: Deadline, world: World) -> str:
    from statusgen.probes.exchange import Exchange, read

    headers = {**OWN_HEADERS, "Accept": source.accept}
    context = trusted(source.ca_file, world.base)
    request = Request("GET", source.url, headers, "", context)
    with contextlib.closing(Exchange(deadline, source.ip)) as exchange:
        for number in range(_REDIRECTS + 1):
            deadline.begin(is_led=source.is_led or number > 0)
            response = exchange.ask(request)
            deadline.lap("first_byte")
            if not (location := location_of(response.status, response.headers)):
                return _whole(response.status, read(response, deadline), deadline)
            request = replace(redirected(request, response.status, location, context), headers=headers)
            if source.stays and urlsplit(request.url).hostname != urlsplit(source.url).hostname:
                break
    raise unclear()


def _whole(status: int, text: str, deadline: Deadline) -> str:
    deadline.lap("transfer")
    if status != 200:
        raise unclear()
    return text


ROOT = shape.text(
    500,
    r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s?#]*)?",
    "a URL like https://host/path, without a query",
)
