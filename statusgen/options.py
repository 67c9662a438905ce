"""Options that several commands take, and how their words are read."""

from __future__ import annotations

from pathlib import Path

import click

from statusgen import periods

MOST_SHARDS = 1_000


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
site = click.option("--site", "folder", type=FOLDER, default=".", help="Folder with components.yaml; default: here.")
now = click.option("--now", type=Instant(), help="Take this instant for the present, like 2026-11-20T10:02Z.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
location = click.option("--location", default="default", show_default=True, help="Name of the place this runs at.")
push = click.option("--push/--no-push", default=False, help="Push to the remote, if there is one.")
allow_exec = click.option("--allow-exec", is_flag=True, help="Let checks of kind exec start programs on this machine.")
out = click.option("--out", type=FOLDER, help="Folder to write the site to; default: public in the site's folder.")
strict = click.option("--strict", is_flag=True, help="Exit 1 for what would otherwise only be named.")
