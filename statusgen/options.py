"""Options that several commands take, and how their words are read."""

from __future__ import annotations

from pathlib import Path

import click

from statusgen import periods


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


FOLDER = click.Path(path_type=Path, file_okay=False)
site = click.option("--site", "folder", type=FOLDER, default=".", help="Folder with components.yaml; default: here.")
now = click.option("--now", type=Instant(), help="Take this instant for the present, like 2026-11-20T10:02Z.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
location = click.option("--location", default="default", show_default=True, help="Name of the place this runs at.")
push = click.option("--push/--no-push", default=False, help="Push to the remote, if there is one.")
out = click.option("--out", type=FOLDER, help="Folder to write the site to; default: public in the site's folder.")
strict = click.option("--strict", is_flag=True, help="Exit 1 for what would otherwise only be named.")
