"""What the scripts of the theme weigh, as they are sent."""

from __future__ import annotations

import gzip

import pytest

from tests.sites import ROOT

FOLDER = ROOT / "themes" / "default"
LIMITS = {"site.js": 5_000, "find.js": 2_000}


@pytest.mark.parametrize("name", LIMITS)
def test_the_scripts_are_small(name: str) -> None:
    assert len(gzip.compress((FOLDER / name).read_bytes(), 9)) <= LIMITS[name]


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.js")))
def test_no_script_makes_code_or_markup_of_text(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    sinks = ("innerHTML", "outerHTML", "insertAdjacentHTML", "DOMParser", "document.write", "eval(", "Function(")
    assert not [word for word in sinks if word in text]
