"""The command line: arguments, the environment, the clock, and what is printed.

The only place that reads the clock, and the only one that turns a ``StatusgenError`` into text and an exit code.
Commands import what they run when they run it: ``--help`` takes 0.12 s of CPU instead of 0.4.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast

import click
from click.exceptions import NoArgsIsHelpError

from statusgen import __version__, options, paths, printing
from statusgen.commands.build import build, run, tell
from statusgen.commands.completion import completion
from statusgen.commands.diff import diff
from statusgen.commands.form import form
from statusgen.commands.incident import incident
from statusgen.commands.maintenance import maintenance
from statusgen.commands.notify import notify
from statusgen.commands.postmortem import postmortem
from statusgen.commands.probe import beat, compact, probe
from statusgen.errors import Level, SourceError, StatusgenError, WorldError
from statusgen.secret import Gate

FAULT = 70  # exit code, sysexits.h's EX_SOFTWARE


def clock() -> int:
    """Return the present as epoch seconds: the program's one look at the clock."""
    return int(datetime.now(UTC).timestamp())


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="statusgen")
def commands() -> None:
    """A static status page driven by git.

    Incidents are Markdown files, what probes saw lies on branches of the repository, and the page is static HTML
    that anybody can make again from both.
    """


@commands.command()
@click.argument("folder", type=options.FOLDER, default=".")
@click.option("--name", default="Example Status", show_default=True, help="Name of the page.")
@click.option("--url", default="https://status.example.org", show_default=True, help="Where the page will live.")
@click.option(
    "--forge",
    type=click.Choice(["github", "gitlab", "forgejo", "server"]),
    default="github",
    show_default=True,
    help="What probes and publishes: a forge, or a machine of your own.",
)
@click.option("--action", default="", help="On GitHub: the action to use, like acme/statusgen@<commit>.")
def init(folder: Path, name: str, url: str, forge: str, action: str) -> None:
    """Make a site to start from: components.yaml, what probes and publishes it, and how to write incidents."""
    from statusgen import scaffold

    host = scaffold.host(forge, action)
    for path in scaffold.create(folder, name, url, clock(), host):
        click.echo(f"wrote {folder / path}")
    click.echo("\n".join(host.following))


@commands.command()
@click.argument("folder", type=options.FOLDER, default="./demo-site")
@click.option("--serve", is_flag=True, help="Serve the page and keep probing until interrupted.")
@click.option("--port", default=8000, show_default=True, help="Port to serve on; 0 takes a free one.")
def demo(folder: Path, serve: bool, port: int) -> None:
    """Make a demonstration site with sample history and real probes of embedded endpoints. Needs no network."""
    from statusgen import demo as demonstration

    demonstration.run(folder, clock, say=click.echo, serve_on=port if serve else None)


@commands.command()
@options.site
@options.now
@options.strict
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "gitlab", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, annotations for GitHub Actions, a Code Quality report for GitLab, or JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--require-secrets", is_flag=True, help="Take an unset ${env:NAME} for an error.")
@click.pass_obj
def check(
    world: options.World,
    folder: Path,
    now: int | None,
    strict: bool,
    form: str,
    as_json: bool,
    require_secrets: bool,
) -> None:
    """Name everything that is wrong with what a pull request can change."""
    from statusgen import app

    at = world.clock() if now is None else now
    problems = app.check(folder, at, world.environment, require_secrets=require_secrets, gate=world.gate)
    click.echo("\n".join(printing.problems(problems, "json" if as_json else form)))
    grave = (Level.ERROR, Level.WARNING) if strict else (Level.ERROR,)
    if any(problem.level in grave for problem in problems):
        sys.exit(1)


@commands.command()
@options.site
@click.argument("language")
def translate(folder: Path, language: str) -> None:
    """Write or renew a language's catalog in the site's theme, with every text there is to translate."""
    from statusgen import app

    click.echo(f"wrote {app.translate(folder, language)}")
    click.echo(f"Next: fill it in, and add '{language}' to 'languages' of 'site' in components.yaml.")


@commands.command()
@options.site
@options.now
@click.option("--period", default="", help="A month, quarter or year: 2026-10, 2026-Q3, 2026; default: the last month.")
@click.option("--component", "chosen", multiple=True, help="Id of a component; may be repeated. Default: all.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "md"]),
    default="text",
    show_default=True,
    help="Form.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def report(folder: Path, now: int | None, period: str, chosen: tuple[str, ...], form: str, as_json: bool) -> None:
    """Print availability, service levels and response times of a month, a quarter or a year."""
    from statusgen import app

    at = clock() if now is None else now
    text, problems = app.report(folder, at, period, chosen, "json" if as_json else form)
    for problem in problems:
        click.echo(printing.line(problem), err=True)
    click.echo(text, nl=False)


@commands.command()
@options.site
@click.argument("place", default="", metavar="[URL_OR_DIR]")
@click.option("--at", default="", help="Recompute from this commit or date instead of what the site says of itself.")
@click.option("--live", is_flag=True, help="If no place is named: the site that is served at site.url.")
@options.as_json
def verify(folder: Path, place: str, at: str, live: bool, as_json: bool) -> None:
    """Recompute every number of a site from the repository, and audit the ledger's history.

    The site lies in a folder (default: public) or is served at an address.
    """
    from statusgen import verification

    meant = place or (verification.live(folder) if live else str(folder / paths.PUBLIC))
    verified = verification.verify(folder, meant, at, say=_progress)
    compared = verified.compared
    found = [*map(str, compared.differences), *compared.complaints]
    told = []
    if not as_json:
        click.echo("\n".join(verification.comparison(compared)))
    for name, audit in verified.audits:
        found += map(str, audit.findings)
        told.append(verification.audited(name, audit))
        if not as_json:
            click.echo("\n".join(verification.audit_lines(name, audit)))
    if as_json:
        summary = {"files": compared.files, "numbers": compared.numbers, "found": found, "notes": list(compared.notes)}
        summary["ledgers"] = told
        click.echo(json.dumps(summary, ensure_ascii=False, indent=1))
    if found:
        sys.exit(1)
    verification.refuse_other_version(compared)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(text, err=True)


@commands.command()
@options.site
@options.now
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.pass_obj
def serve(world: options.World, folder: Path, now: int | None, port: int) -> None:
    """Serve a preview, drafts included, and build it again when something changes."""
    from statusgen import app, server

    with tempfile.TemporaryDirectory(prefix="statusgen-") as temporary:
        out = Path(temporary) / "public"

        def rebuild() -> None:
            at = world.clock() if now is None else now
            built = app.build(folder, out, at, drafts=True, gate=world.gate)
            tell(out, built.counts, built.problems, built.notes)

        before = server.fingerprint(folder)
        rebuild()
        web = server.start(out, port)
        click.echo(f"Serving on http://127.0.0.1:{web.server_port}/ (Ctrl-C ends it)")
        server.watch(folder, before, rebuild, complain=lambda error: click.echo(str(error), err=True))


@commands.command()
def schema() -> None:
    """Print the JSON Schema of components.yaml, for editors."""
    from statusgen import config

    click.echo(json.dumps(config.schema(), indent=1, ensure_ascii=False))


commands.add_command(probe)
commands.add_command(beat)
commands.add_command(compact)
commands.add_command(build)
commands.add_command(run)
commands.add_command(diff)
commands.add_command(form)
commands.add_command(notify)
commands.add_command(incident)
commands.add_command(maintenance)
commands.add_command(postmortem)
commands.add_command(completion)


def main() -> None:
    """Run a command; exit with 0 done, 1 the repository is wrong, 2 the arguments are, 3 the world is, 70 we are."""
    world = options.World(clock=clock, jitter=random.random, environment=os.environ, gate=Gate(os.environ))
    gc.set_threshold(200_000, 20, 50)  # a build makes millions of small objects and no rubbish: half its time saved
    sys.stdout, sys.stderr = (  # closed, as by >&-: what is said to nobody is no reason to fail
        stream if stream is not None else open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for good
        for stream in (sys.stdout, sys.stderr)
    )
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    is_obeyed = "GITHUB_ACTIONS" in os.environ
    screens = (printing.Screen(stream, world.gate, is_obeyed=is_obeyed) for stream in (sys.stdout, sys.stderr))
    sys.stdout, sys.stderr = (cast(TextIO, screen) for screen in screens)
    try:
        commands.main(prog_name="statusgen", standalone_mode=False, obj=world)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"error: {_misused(error)}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        _print_no_more()
        sys.exit(141)
    except StatusgenError as error:
        click.echo(str(error) if isinstance(error, SourceError) else f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - whatever it is, a log gets one line without what it was about
        sys.exit(_unforeseen(error))


def _misused(error: click.ClickException) -> str:
    """Return in one line what is wrong with the arguments, and what helps."""
    said = " ".join(error.format_message().split()).rstrip(".")
    if "unexpected extra argument" in said:
        said += ": put words that belong together in quotes"
    context = getattr(error, "ctx", None)
    return f"{said} (see '{context.command_path} --help')" if context else said


def _unforeseen(error: Exception) -> int:
    """Say what failed that nobody foresaw; return the exit code. A full disk below the temporary folder is such."""
    is_world = isinstance(error, OSError | MemoryError)
    if not is_world and os.environ.get("STATUSGEN_TRACEBACK"):
        raise error
    click.echo(f"error: {printing.fault(error)}", err=True)
    _print_no_more()
    return WorldError.exit_code if is_world else FAULT


def _print_no_more() -> None:
    """Give up what is still to be printed: an interpreter that cannot, ends with a code of its own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
