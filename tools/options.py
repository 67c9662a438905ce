"""Every command and option, from what parses them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from statusgen import cli

from . import markdown


def page() -> str:
    parts = [
        "# Every command and option",
        "What `statusgen COMMAND --help` prints. [Commands](../commands.md) says in words what they do and what the"
        " exit codes mean.",
        markdown.MADE,
    ]
    return markdown.text([*parts, *_commands(cli.commands, click.Context(cli.commands, info_name="statusgen"))])


def _commands(group: click.Group, above: click.Context) -> Iterator[str]:
    for name in group.list_commands(above):
        command = group.get_command(above, name)
        assert command
        if command.hidden:
            continue
        context = click.Context(command, info_name=name, parent=above)
        yield f"{'##' if above.parent is None else '###'} {context.command_path}"
        yield inspect.cleandoc(command.help or "").replace("\b\n", "")
        yield f"```\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```"
        records = [each.get_help_record(context) for each in command.get_params(context) if each.name != "help"]
        yield markdown.table(
            ("option", "meaning"),
            ((markdown.code(left), markdown.plain(right)) for left, right in filter(None, records)),
        )
        if isinstance(command, click.Group):
            yield from _commands(command, context)
