"""``statusgen completion``: the script by which a shell completes commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_NAME = "statusgen"
_VARIABLE = "_STATUSGEN_COMPLETE"  # click's own name for it


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what completes commands in a shell: components, states, open incidents, templates.

    For bash: eval "$(statusgen completion bash)"
    """
    of_shell = get_completion_class(shell)
    assert of_shell, "one of the choices"
    made = of_shell(context.find_root().command, {}, _NAME, _VARIABLE)
    click.echo(made.source_template % made.source_vars())
