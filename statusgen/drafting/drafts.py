"""The key ``drafts`` of ``components.yaml``, and the stamp by which the program knows an incident that it wrote.

The stamp is a line ``automatic: <digest>`` of the front matter: the first 16 digits of the SHA-256, in hex, of the
file's text in UTF-8 without that line, line breaks as ``\\n``. Whatever else somebody changes, the stamp no longer
fits, and the file is theirs.
"""

from __future__ import annotations

import hashlib
import re

from statusgen import shape
from statusgen.model import DraftMode, Drafts
from statusgen.shape import Key, Record

DIGITS = 16
NONE_YET = "0" * DIGITS  # a place for the stamp in a text that is to be stamped

_STAMP = re.compile(r"automatic:[ \t]*(\S*)[ \t]*")

SHAPE = Record(
    Drafts,
    {
        "mode": Key(
            shape=shape.choice(DraftMode),
            doc="What an outage without an incident leads to: off (the default), draft (one on a branch of its own) or "
            "publish (an incident at once).",
        ),
        "after": Key(shape=shape.seconds("0s", "7d"), doc="How long an outage has lasted by then; default 0s."),
        "branch": Key(
            shape=shape.text(200, r"[A-Za-z0-9_][\w./-]*", "the name of a branch, like main"),
            doc="With publish: the branch that --push publishes on. Without it --branch names one.",
        ),
        "settle": Key(
            shape=shape.seconds("0s", "7d"), doc="How long all has to be well until it is resolved; default 30m."
        ),
    },
)


def stamped(text: str) -> str:
    """Return a text with the stamp that fits it, in the place of the one it has."""
    place, lines = _place(text)
    assert place is not None, "the front matter has a line 'automatic:'"
    return "\n".join((*lines[:place], f"automatic: {digest(text)}", *lines[place + 1 :]))


def is_ours(text: str) -> bool:
    """Tell whether the program wrote a file and nobody has changed it since."""
    place, lines = _place(text)
    return place is not None and _stamp(lines[place]) == digest(text)


def is_stamped(text: str) -> bool:
    """Tell whether the program wrote a file, whoever changed it since."""
    return _place(text)[0] is not None


def digest(text: str) -> str:
    """Return the stamp that fits a text."""
    place, lines = _place(text)
    rest = "\n".join(line for i, line in enumerate(lines) if i != place)
    return hashlib.sha256(rest.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def _place(text: str) -> tuple[int | None, list[str]]:
    """Return where in the front matter the stamp stands, None without one, and the lines of the text."""
    lines = text.replace("\r\n", "\n").split("\n")
    for i, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            break
        if _STAMP.fullmatch(line):
            return i, lines
    return None, lines


def _stamp(line: str) -> str:
    found = _STAMP.fullmatch(line)
    return found[1] if found else ""
