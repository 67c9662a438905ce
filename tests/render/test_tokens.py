"""The colours of the default theme: told from their ground, and from one another by eyes that see fewer of them.

Contrast is that of WCAG 2.2. Eyes are those of Machado, Oliveira and Fernandes (2009), severity 1.0; difference is the
distance in OKLab (Ottosson 2020) times 100. The arithmetic stands here, so that nothing else decides what passes.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from math import hypot

import pytest

from .published import THEME

Colour = tuple[float, float, float]  # linear RGB, 0 to 1
Matrix = tuple[Colour, Colour, Colour]

STYLE = THEME["style.css"].decode()
SCHEMES = ("light", "dark")
STATES = ("operational", "degraded", "partial", "major", "maintenance")
TEXTS = ("text", "muted", "link", *(f"{state}-text" for state in (*STATES, "none")))
SIGNS = (  # of icons and of the days of a year
    ("operational", "sign"),
    ("degraded", "sign-dark"),
    ("partial", "sign"),
    ("major", "sign"),
    ("major", "on-major"),
    ("maintenance", "sign"),
    ("none-text", "sign"),
)
PAIRS = tuple(combinations(STATES, 2))
TEXT_LEAST, SHAPE_LEAST, DIFFERENCE_LEAST = 4.5, 3.0, 10.0
EYES: dict[str, Matrix] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
LMS: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
LAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


# The arithmetic


def linear(hexadecimal: str) -> Colour:
    """Return ``#abc`` or ``#aabbcc`` as light (sRGB, IEC 61966-2-1)."""
    digits = hexadecimal.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (_light(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return red, green, blue


def _light(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def mixed(one: Colour, share: float, other: Colour) -> Colour:
    """Return what ``color-mix(in srgb, one share, other)`` makes."""
    red, green, blue = (
        _light(_encoded(a) * share + _encoded(b) * (1 - share)) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    dark, light = sorted(sum(w * c for w, c in zip(weights, each, strict=True)) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def times(matrix: Matrix, colour: Colour) -> Colour:
    red, green, blue = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return red, green, blue


def difference(one: Colour, other: Colour) -> float:
    return 100 * hypot(*(a - b for a, b in zip(_oklab(one), _oklab(other), strict=True)))


def _oklab(colour: Colour) -> Colour:
    long, middle, short = times(LMS, colour)
    return times(LAB, (long ** (1 / 3), middle ** (1 / 3), short ** (1 / 3)))


def seen(eyes: str, colour: Colour) -> Colour:
    red, green, blue = (min(1.0, max(0.0, part)) for part in times(EYES[eyes], colour))
    return red, green, blue


def test_the_arithmetic_is_right() -> None:
    white, black = linear("#fff"), linear("#000000")
    assert contrast(white, black) == contrast(black, white) == 21
    assert round(contrast(linear("#777"), white), 2) == 4.48  # the well-known grey that just fails
    assert round(difference(white, black)) == 100
    assert mixed(white, 1, black) == white
    assert round(contrast(mixed(white, 0.5, black), black), 1) == round(contrast(linear("#808080"), black), 1)
    for eyes in EYES:
        assert difference(seen(eyes, linear("#888")), linear("#888")) < 0.1  # grey stays grey
    assert difference(seen("deuteranopia", linear("#b00020")), seen("deuteranopia", linear("#5a5a00"))) < 10


# The colours


def blocks() -> dict[str, str]:
    """Return the declarations of each place that sets colours."""
    system = STYLE.partition("@media (prefers-color-scheme: dark) {")[2]
    return {
        "light": re.findall(r"^:root \{(.*?)\}", STYLE, re.DOTALL | re.MULTILINE)[0],
        "system": re.findall(r':root:where\(:not\(\[data-theme="light"\]\)\) \{(.*?)\}', system, re.DOTALL)[0],
        "dark": re.findall(r'^:root:where\(\[data-theme="dark"\]\) \{(.*?)\}', STYLE, re.DOTALL | re.MULTILINE)[0],
    }


def declared(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", blocks()[block]))


@cache
def colours(scheme: str) -> dict[str, Colour]:
    """Return the scheme's colours by name; what the dark one does not set is that of the light one."""
    found = declared("light") | (declared("dark") if scheme == "dark" else {})
    return {name: linear(value) for name, value in found.items() if value.startswith("#")}


@cache
def grounds(scheme: str) -> dict[str, Colour]:
    """Return everything that text stands on, with the banner's ground in each state."""
    of = colours(scheme)
    tint = int(re.sub(r"\D", "", (declared("light") | (declared("dark") if scheme == "dark" else {}))["tint"])) / 100
    tinted = {f"tint of {state}": mixed(of[state], tint, of["ground"]) for state in (*STATES, "none-line")}
    return {"ground": of["ground"], "raised": of["raised"], **tinted}


def test_the_dark_colours_are_alike_wherever_they_stand() -> None:
    assert declared("system") == declared("dark")
    assert declared("dark").keys() <= declared("light").keys()


def test_the_banner_is_tinted_as_is_reckoned_here() -> None:
    (banner,) = re.findall(r"^\.banner \{(.*?)\}", STYLE, re.DOTALL | re.MULTILINE)
    assert "color-mix(in srgb, var(--state) var(--tint), var(--ground))" in banner


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read_on_every_ground(scheme: str, text: str) -> None:
    found = {name: contrast(colours(scheme)[text], ground) for name, ground in grounds(scheme).items()}
    assert {name: round(ratio, 2) for name, ratio in found.items() if ratio < TEXT_LEAST} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_edge_of_a_field_can_be_seen(scheme: str) -> None:
    of = colours(scheme)
    assert min(contrast(of["field"], of[ground]) for ground in ("ground", "raised")) >= SHAPE_LEAST


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("disc", "sign"), SIGNS)
def test_the_sign_of_a_state_can_be_seen_on_its_disc(scheme: str, disc: str, sign: str) -> None:
    assert contrast(colours(scheme)[sign], colours(scheme)[disc]) >= SHAPE_LEAST


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_two_states_look_alike_to_eyes_that_see_fewer_colours(scheme: str, eyes: str, one: str, other: str) -> None:
    of = colours(scheme)
    assert difference(seen(eyes, of[one]), seen(eyes, of[other])) >= DIFFERENCE_LEAST


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_two_states_look_alike(scheme: str, one: str, other: str) -> None:
    assert difference(colours(scheme)[one], colours(scheme)[other]) >= DIFFERENCE_LEAST
