"""Names that every system can hold."""

from __future__ import annotations

import pytest

from statusgen import paths


@pytest.mark.parametrize(
    "path",
    [
        "incidents/a.md",
        "incidents/Grüße 2.png",
        "pages/img/a.b.png",
        "incidents/console.png",
        "incidents/.x",
        "a" * 200,
    ],
)
def test_a_name_that_every_system_can_hold_is_none_of_our_business(path: str) -> None:
    assert paths.fault(path) == ""


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("incidents/a\nb.png", "no address can hold"),
        ("incidents/a\u202eb.png", "no address can hold"),
        ("incidents/\udcff.png", "no address can hold"),
        ("incidents/u\u0308.png", "letters in two parts"),
        ("incidents/10:02.png", "with :, which some systems cannot hold"),
        ("incidents/..\\x.png", "with \\, which some systems cannot hold"),
        ("incidents/aux.png", "some systems reserve"),
        ("incidents/COM1.tar.png", "some systems reserve"),
        ("con/a.png", "some systems reserve"),
        ("incidents/ a.png", "blank"),
        ("incidents/a /b.png", "blank"),
        ("incidents/a./b.png", "dot"),
        ("incidents/../a.png", "dot"),
        ("a" * 201, "201 characters"),
    ],
)
def test_a_name_that_some_system_cannot_hold_is_refused_with_the_remedy(path: str, reason: str) -> None:
    assert reason in paths.fault(path)
    assert "rename it" in paths.fault(path)
    assert paths.fault(path).isprintable()


def test_of_paths_that_differ_by_case_the_one_in_small_letters_keeps_its_place() -> None:
    assert paths.clashes(["a/X.png", "a/x.png", "A/x.png", "a/y.png"]) == {"a/X.png": "a/x.png", "A/x.png": "a/x.png"}
    assert paths.clashes(["a/Xx", "a/xX"]) == {"a/xX": "a/Xx"}
    assert paths.clashes(["a/straße", "a/STRASSE"]) == {"a/straße": "a/STRASSE"}
    assert paths.clashes(["a/x", "b/x"]) == {}
