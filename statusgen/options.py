"""Options that several commands take, and how their words are read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from statusgen import periods
from statusgen.errors import StatusgenError, UsageError
from statusgen.secret import Gate

MOST_SHARDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What ``cli.main`` hands to every command: the clock in epoch seconds, numbers from 0 to 1, the environment.

    Nothing that the ``gate`` knows is printed. It knows the secrets of the site that a command is about.
    """

    clock: Callable[[], int]
    jitter: Callable[[], float]
    environment: Mapping[str, str]
    gate: Gate


class Instant(click.ParamType[int]):
    """``--now 2026-11-20T10:02Z``."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return value if isinstance(value, int) else periods.parse_instant(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Date(Instant):
    """``--as-of 2026-11-01``, its first second in UTC, or an instant."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return value if isinstance(value, int) else periods.parse_date(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Duration(click.ParamType[int]):
    """``--every 60s``, in whole seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            seconds = value if isinstance(value, int) else periods.parse_duration(str(value)) // 1_000
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds < 1:
            self.fail(f"'{value}' is less than a second", param, ctx)
        return seconds


class Share(click.ParamType[tuple[int, int]]):
    """``--shard 2/5``: the second of five."""

    name = "shard"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, _, count = str(value).partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= MOST_SHARDS):
            self.fail(f"'{value}' is not a share like 2/5: the second runner of five", param, ctx)
        return int(number), int(count)


FOLDER = click.Path(path_type=Path, file_okay=False)


def _heeded(context: click.Context, _: click.Parameter, folder: Path) -> Path:
    """Let the gate know the site's secrets before anything is done. What cannot be read has none, and is told of."""
    from statusgen import config, files  # which whoever asks for --help does without

    if world := context.find_object(World):
        with contextlib.suppress(StatusgenError):
            world.gate.heed(files.read_text(folder, config.PATH))
    return folder


site = click.option(
    "--site",
    "folder",
    type=FOLDER,
    default=".",
    is_eager=True,
    callback=_heeded,
    help="Folder with components.yaml; default: here.",
)


def _or_the_clock(context: click.Context, _: click.Parameter, value: int | None) -> int:
    world = context.find_object(World)
    assert world, "cli.main hands it on"
    return world.clock() if value is None else value


present = click.option(
    "--now", type=Instant(), callback=_or_the_clock, help="Take this instant for the present, like 2026-11-20T10:02Z."
)
now = click.option("--now", type=Instant(), help="Take this instant for the present, like 2026-11-20T10:02Z.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
location = click.option("--location", default="default", show_default=True, help="Name of the place this runs at.")
push = click.option("--push/--no-push", default=False, help="Push to the remote, if there is one.")
try_fetch = click.option(
    "--try-fetch", is_flag=True, help="Like --fetch, but where the remote is away go on with what is here."
)
allow_exec = click.option("--allow-exec", is_flag=True, help="Let checks of kind exec start programs on this machine.")
previous = click.option(
    "--previous",
    default="",
    metavar="URL_OR_DIR",
    is_eager=True,  # it is known when --replace is looked at
    help="Replace no page there that is newer or was made from more; 'live' is the address of the page itself.",
)


def _with_previous(context: click.Context, _: click.Parameter, is_asked: bool) -> bool:
    if is_asked and not context.params.get("previous"):
        raise UsageError("--replace goes with --previous only, like --previous live --replace")
    return is_asked


replace = click.option(
    "--replace",
    is_flag=True,
    callback=_with_previous,
    help="With --previous: replace it all the same, and say why not.",
)
out = click.option("--out", type=FOLDER, help="Folder to write the site to; default: public in the site's folder.")
strict = click.option("--strict", is_flag=True, help="Exit 1 for what would otherwise only be named.")
