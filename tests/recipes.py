"""What recipes and workflows have in common: the commands in their scripts, and what the program takes them for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import click

from statusgen import cli
from statusgen.options import World
from statusgen.secret import NO_SECRETS

WORLD = World(clock=lambda: 0, jitter=lambda: 0.0, environment={}, gate=NO_SECRETS)


def commands_in(script: str, **variables: str) -> Iterator[list[str]]:
    """Yield the arguments of every command of ours in a shell script, with the values of its variables.

    What comes into being only when it runs (``${NAME:+…}``) is left out.
    """
    whole = re.sub(r"\\\n\s*", "", script)
    for line in re.findall(r"(?:^|[;&|]|\bexec |\bprobe\.lock )\s*statusgen (.*)$", whole, re.MULTILINE):
        plain = re.sub(r"\$\{\w+:\+.*\}", "", line)
        known = re.sub(r"\$(\w+)", lambda found: variables.get(found[1], "https://status.example.org"), plain)
        words = shlex.split(known, comments=True)
        ends = (i for i, word in enumerate(words) if word in ("||", "&&", ";") or word.startswith((">", "2>")))
        yield words[: next(ends, len(words))]


def context(arguments: list[str]) -> dict[str, Any]:
    """Return the options as the program reads them; it refuses what it does not know."""
    command, rest = cli.commands, list(arguments)
    while isinstance(command, click.Group):
        name, *rest = rest
        command = command.commands[name]
    options: dict[str, Any] = command.make_context(command.name, rest, obj=WORLD).params
    return options
