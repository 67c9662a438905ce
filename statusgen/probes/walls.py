"""Bot walls: who answered in place of the service, told by marks that only they leave.

A wall turns away whom it takes for a robot, and lets customers through: that it stands there says nothing of what is
behind it. A mark is of the wall's own challenge or refusal. That a request went through such a company says nothing:
its error pages, when the service behind it fails, are an outage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wall:
    """The statuses it answers with, and its marks: words within headers and texts of its page, all in lower case.

    Every header must be there and hold one of its words; where there are texts, one of them must be in the page.
    """

    name: str
    statuses: tuple[int, ...]
    headers: Mapping[str, tuple[str, ...]]
    texts: tuple[str, ...] = ()


WALLS = (
    # developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response
    Wall("Cloudflare", (403, 429, 503), {"cf-mitigated": ("challenge",)}),
    # Not /cdn-cgi/challenge-platform/, which stands in ordinary pages as well.
    Wall(
        "Cloudflare's pages",
        (403, 429, 503),
        {"server": ("cloudflare",)},
        ("<title>just a moment...", "_cf_chl_opt", "<title>attention required! | cloudflare"),
    ),
    # docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html: 202 and 405
    Wall("AWS WAF", (202, 403, 405, 429, 503), {"x-amzn-waf-action": ("challenge", "captcha")}),
    # Numbers that begin with 18 are refusals; those of a server behind it that fails begin with others.
    Wall("Akamai", (403,), {"server": ("akamaighost",)}, ("reference&#32;&#35;18&#46;", "reference #18.")),
    Wall("Akamai Bot Manager", (403, 428, 429, 503), {}, ("sec-if-cpt-container", '"sec-cp-challenge"')),
    Wall("DataDome", (401, 403, 405, 429), {}, ("captcha-delivery.com",)),
    Wall("HUMAN", (403, 429), {}, ("px-captcha", '"blockscript":"/')),
    # Its pages of 5xx hold the same words when the server behind it fails.
    Wall(
        "Imperva",
        (403, 429),
        {},
        ("incapsula incident id", "_incapsula_resource?swudnsai", "_incapsula_resource?cwudnsai"),
    ),
    Wall("Sucuri", (403, 429, 503), {"x-sucuri-block": ("",)}),
    Wall("Sucuri's pages", (403, 429, 503), {}, ("access denied - sucuri website firewall", "sucuri_cloudproxy_js")),
    Wall("Vercel", (403, 429, 503), {"x-vercel-mitigated": ("challenge", "deny")}),
    Wall("Kasada", (403, 429), {}, ("window.kpsdk={}",)),
    Wall("DDoS-Guard", (403, 429, 503), {"server": ("ddos-guard",)}, ("/.well-known/ddos-guard/js-challenge",)),
)


def wall_of(status: int, headers: Mapping[str, str], body: str) -> Wall | None:
    """Return the wall that gave this answer, if one did. Names of headers are found in any case."""
    walls = [wall for wall in WALLS if status in wall.statuses and _has_headers(wall, headers)]
    if any(wall.texts for wall in walls):
        body = body.lower()
    return next((wall for wall in walls if not wall.texts or any(text in body for text in wall.texts)), None)


def _has_headers(wall: Wall, headers: Mapping[str, str]) -> bool:
    found = ((headers.get(name), words) for name, words in wall.headers.items())
    return all(value is not None and any(word in value.lower() for word in words) for value, words in found)
