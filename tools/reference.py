"""Writes ``docs/reference/``: every key, option, field and workflow, from the program's own definitions.

    python -m tools.reference          # writes the pages
    python -m tools.reference --check  # exits 1 where they are not what would be written

Nothing here knows a key or an option by name; what is wrong on those pages is wrong in the definition.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import fields, keys, options, workflows

FOLDER = Path(__file__).parent.parent / "docs/reference"


def pages() -> dict[str, str]:
    """Return the text of every page by its name."""
    made = {"keys.md": keys, "options.md": options, "fields.md": fields, "workflows.md": workflows}
    return {name: module.page() for name, module in made.items()}


def main(arguments: list[str]) -> int:
    made = {FOLDER / name: text for name, text in pages().items()}
    if "--check" in arguments:
        stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
        print("\n".join(f"{path} is not what the definitions say" for path in stale) or "all is current")  # noqa: T201
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for path, text in made.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
