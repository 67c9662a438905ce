"""Reading what stands under a kind's name in ``components.yaml``."""

from __future__ import annotations

from typing import Any

import pytest

from statusgen import source
from statusgen.model import Question
from statusgen.probes.kind import Kind
from statusgen.shape import Notes, Rejected


def written(kind: Kind[Any], text: str) -> Question:
    """Return the question that the text means."""
    notes = Notes("components.yaml")
    question: Question = kind.record.read(source.parse(text, "components.yaml"), kind.name, notes)
    assert notes.errors == ()
    return question


def refusal(kind: Kind[Any], text: str) -> str:
    """Return what is said about a text that means nothing."""
    notes = Notes("components.yaml")
    with pytest.raises(Rejected):
        kind.record.read(source.parse(text, "components.yaml"), kind.name, notes)
    return notes.errors[0].message
