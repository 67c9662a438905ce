"""``statusgen completion``: the script by which a shell completes commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_NAME = "statusgen"
_VARIABLE = "_STATUSGEN_COMPLETE"  # click's own name for it
# In place of click's, which takes words as readline splits them: at = too, so that ID=STATE is none
_BASH = r"""
_statusgen_completion() {
    local IFS=$'\n' words=() last=-1 at=0 start=0 i word gap
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        gap=${COMP_LINE:at}
        gap=${gap%%"$word"*}
        ((at += ${#gap}))
        if [[ $i == 0 || -z $word || $gap == *[[:space:]]* ]]; then
            ((last += 1, start = at))
            words[last]=
        fi
        words[last]+=$word
        ((at += ${#word}))
    done
    [[ -z $word ]] || words[last]=${COMP_LINE:start:COMP_POINT-start}

    # Of a word readline completes what comes after the last =, if it splits there; of --option=value click the value.
    local value=${words[last]} before= cut= answers type answer
    if [[ $value == -*=* ]]; then
        before=${value%%=*}=
        value=${value#*=}
    fi
    if [[ $COMP_WORDBREAKS == *=* ]]; then
        before=
        [[ $value != *=* ]] || cut=${value%=*}=
    fi
    COMPREPLY=()
    answers=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$last _STATUSGEN_COMPLETE=bash_complete "$1")
    while IFS=, read -r type answer; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$before${answer#"$cut"}")
                [[ $answer != *= ]] || compopt -o nospace
                ;;
        esac
    done <<< "$answers"
}

complete -o nosort -F _statusgen_completion statusgen
"""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what completes commands in a shell: components, states, open incidents, templates.

    For bash: eval "$(statusgen completion bash)"
    """
    if shell == "bash":
        click.echo(_BASH)
        return
    of_shell = get_completion_class(shell)
    assert of_shell, "one of the choices"
    made = of_shell(context.find_root().command, {}, _NAME, _VARIABLE)
    click.echo(made.source_template % made.source_vars())
