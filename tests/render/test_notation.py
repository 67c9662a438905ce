"""How what programs read is written."""

from __future__ import annotations

import json

from statusgen.render import notation


def test_half_of_a_pair_of_surrogates_ends_no_document() -> None:
    assert json.loads(notation.document({"a\ud800": {"b": "\udfff"}})) == {"a?": {"b": "?"}}
    assert json.loads(notation.indented({"a\ud800": {"b": "\udfff"}})) == {"a?": {"b": "?"}}
