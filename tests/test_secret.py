"""References to secrets: found, checked and filled, and never anything else."""

from __future__ import annotations

import pytest

from statusgen import secret


def test_names_are_found_in_order() -> None:
    assert secret.names("${env:B} and ${env:A_1}, not $C, ${D} or {env:E}") == ("B", "A_1")
    assert secret.names("nothing here") == ()


@pytest.mark.parametrize(
    "broken",
    ["${TOKEN}", "${env:}", "${env:1A}", "${env: A}", "${env:A-B}", "${ENV:A}", "${file:a}", "${}", "${env:A", "${"],
)
def test_a_malformed_reference_is_found(broken: str) -> None:
    assert secret.malformed(f"Bearer {broken}") == broken


def test_well_formed_references_and_other_dollars_are_no_fault() -> None:
    for text in ("", "plain", "${env:A}${env:B}", "costs 5 $", "$A", "{env:A}", "${env:A}}"):
        assert secret.malformed(text) is None


def test_the_first_malformed_reference_is_named() -> None:
    assert secret.malformed("${env:A} ${b} ${c}") == "${b}"


def test_every_reference_is_filled_once() -> None:
    environment = {"A": "1", "B": "${env:A}"}
    assert secret.fill("${env:A}-${env:B}-${env:A}", environment) == "1-${env:A}-1"
    assert secret.fill("plain", {}) == "plain"


def test_an_unset_name_is_told_and_no_value_is() -> None:
    with pytest.raises(KeyError) as unset:
        secret.fill("${env:A} ${env:TOKEN}", {"A": "value"})
    assert unset.value.args == ("TOKEN",)
