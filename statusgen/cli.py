"""The command line: arguments, the environment, the clock, and what is printed.

The only place that reads the clock, and the only one that turns a ``StatusgenError`` into text and an exit code.
Commands import what they run when they run it: ``--help`` takes 0.12 s of CPU instead of 0.4.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from statusgen import __version__, options, periods, printing
from statusgen.errors import Level, SourceError, StatusgenError, UsageError, WorldError


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
def init(folder: Path, name: str, url: str) -> None:
    """Make a site to start from: components.yaml, workflows, and how to write incidents."""
    from statusgen import scaffold

    made = scaffold.create(folder, name, url, clock())
    for path in made:
        click.echo(f"wrote {folder / path}")
    click.echo("Next: edit components.yaml, then run 'statusgen check' and 'statusgen run'.")


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
    type=click.Choice(["text", "github", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, annotations for GitHub Actions, or JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--require-secrets", is_flag=True, help="Take an unset ${env:NAME} for an error.")
def check(folder: Path, now: int | None, strict: bool, form: str, as_json: bool, require_secrets: bool) -> None:
    """Name everything that is wrong with what a pull request can change."""
    from statusgen import app

    problems = app.check(folder, clock() if now is None else now, os.environ, require_secrets=require_secrets)
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
@options.location
@options.push
@options.as_json
@options.allow_exec
@click.option("--dry-run", is_flag=True, help="Print what was seen and record nothing.")
@click.option("--shard", type=options.Share(), default="1/1", help="Ask only this share of the checks, like 2/5.")
@click.option("--watch", type=options.Duration(), help="Probe again and again for so long, like 50m.")
@click.option("--every", type=options.Duration(), help="With --watch: time between rounds; default: probing.interval.")
@click.option(
    "--commit-every",
    type=options.Duration(),
    default="10m",
    show_default=True,
    help="With --watch: how long rounds wait to be committed together. What changed is committed at once.",
)
@click.option("--then", default="", metavar="COMMAND", help="With --watch: run this program after each commit.")
def probe(
    folder: Path,
    location: str,
    push: bool,
    as_json: bool,
    allow_exec: bool,
    dry_run: bool,
    shard: tuple[int, int],
    watch: int | None,
    every: int | None,
    commit_every: int,
    then: str,
) -> None:
    """Ask every check that is due and append the round to the ledger."""
    from statusgen import ledger, probing
    from statusgen.prober import Shard

    share = Shard(*shard)
    if dry_run and watch:
        raise UsageError("--dry-run records nothing, so it goes without --watch")
    if not watch and (every or then):
        raise UsageError("--every and --then go with --watch only, like --watch 50m --every 60s")
    if commit_every > ledger.PROMPT:
        raise UsageError(
            f"--commit-every is at most {periods.duration(ledger.PROMPT)}: later, rounds are marked as late"
        )
    prober = probing.prober(folder, os.environ, shard=share, may_execute=allow_exec, every=every or 0)
    with _interrupts() as over:
        session = probing.Session(prober=prober, clock=clock, over=over, tell=click.echo, complain=_complain)
        if dry_run:
            session.dry(as_json)
        else:
            to = probing.destination(folder, location, share)
            outbox = probing.outbox(folder, to, push=push, jitter=random.random)
            if watch:
                session.watch(outbox, watch, commit_every, then)
            else:
                session.once(outbox, as_json)
    if over.is_set() and not watch:
        raise click.Abort


def _complain(text: str) -> None:
    click.echo(text, err=True)


@contextlib.contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Give what is set by the first Ctrl-C, SIGTERM or hang-up; the same a second time ends the program at once.

    What is ignored, as a hang-up under nohup, stays so.
    """
    over = threading.Event()

    def first(number: int, _frame: object) -> None:
        over.set()
        signal.signal(number, signal.default_int_handler)

    heard = [
        each for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, first) for number in heard}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@commands.command()
@options.site
@options.now
@click.argument("name")
@click.option("--failed", is_flag=True, help="Say that the job failed.")
@click.option("--push/--no-push", default=True, show_default=True, help="Push to the remote, if there is one.")
def beat(folder: Path, now: int | None, name: str, failed: bool, push: bool) -> None:
    """Give a sign of life for a heartbeat check, on branch status-beats/NAME."""
    from statusgen import beats, probing

    sign = beats.Beat(clock() if now is None else now, failed)
    pushed = probing.beat(folder, name, sign, push=push, jitter=random.random)
    place = "the remote" if pushed else "this repository"
    click.echo(f"{beats.encode(sign).strip()} on branch {beats.PREFIX}/{name} of {place}")


@commands.command()
@options.site
@options.location
@options.push
@options.now
def compact(folder: Path, location: str, push: bool, now: int | None) -> None:
    """Sum up closed days of the ledger, and drop rounds beyond the retention from its tree.

    After a probe this is done by itself. No number changes, and nothing leaves git's history.
    """
    from statusgen import probing

    to = probing.destination(folder, location)
    count = probing.compact(folder, to, clock() if now is None else now, push=push, jitter=random.random)
    click.echo(f"Summed up {count} day{'' if count == 1 else 's'}." if count else "Nothing to sum up.")


@commands.command()
@options.site
@options.out
@options.now
@options.strict
@click.option("--base-url", default="", help="Where the page will live, instead of site.url.")
@click.option("--fetch", is_flag=True, help="Fetch the ledger's branches from the remote first.")
@click.option("--drafts", is_flag=True, help="Show drafts too: for previews.")
@click.option(
    "--as-of", type=options.Date(), help="The page as it was then, like 2026-11-01: only what was committed by then."
)
@options.as_json
def build(
    folder: Path,
    out: Path | None,
    now: int | None,
    strict: bool,
    base_url: str,
    fetch: bool,
    drafts: bool,
    as_of: int | None,
    as_json: bool,
) -> None:
    """Write the site."""
    if as_of is not None and (fetch or now is not None):
        raise UsageError("--as-of goes neither with --now, which it says itself, nor with --fetch")
    if as_of is not None and as_of > clock():
        raise UsageError(f"--as-of {periods.iso(as_of)} lies ahead: name an instant that is over")
    _build(folder, out, now, strict=strict, base_url=base_url, fetch=fetch, drafts=drafts, as_of=as_of, as_json=as_json)


def _build(
    folder: Path,
    out: Path | None,
    now: int | None,
    *,
    strict: bool = False,
    base_url: str = "",
    fetch: bool = False,
    drafts: bool = False,
    as_of: int | None = None,
    as_json: bool = False,
) -> None:
    from statusgen import app

    target = out or folder / "public"
    at = clock() if now is None else now
    if as_of is None:
        built = app.build(folder, target, at, base_url=base_url, fetch=fetch, drafts=drafts)
    else:
        built = app.build_as_of(folder, target, as_of, base_url=base_url, drafts=drafts)
    for problem in built.problems:
        click.echo(printing.line(problem), err=True)
    written = built.written
    counts = {"changed": len(written.changed), "removed": len(written.removed), "unchanged": written.unchanged}
    if as_json:
        click.echo(json.dumps({"out": str(target), **counts}))
    else:
        click.echo(f"{target}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    if strict and any(problem.level is Level.ERROR for problem in built.problems):
        sys.exit(1)


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
@options.as_json
def verify(folder: Path, place: str, at: str, as_json: bool) -> None:
    """Recompute every number of a site from the repository, and audit the ledger's history.

    The site lies in a folder (default: public) or is served at an address.
    """
    from statusgen import verification

    verified = verification.verify(folder, place or str(folder / "public"), at, say=_progress)
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
@options.out
@options.location
@options.push
@options.allow_exec
@options.strict
@click.option("--base-url", default="", help="Where the page will live, instead of site.url.")
def run(
    folder: Path, out: Path | None, location: str, push: bool, allow_exec: bool, strict: bool, base_url: str
) -> None:
    """Probe, then build."""
    from statusgen import probing

    prober = probing.prober(folder, os.environ, may_execute=allow_exec)
    to = probing.destination(folder, location)
    with _interrupts() as over:
        session = probing.Session(prober=prober, clock=clock, over=over, tell=click.echo, complain=_complain)
        session.once(probing.outbox(folder, to, push=push, jitter=random.random), as_json=False)
    if over.is_set():
        raise click.Abort
    _build(folder, out, None, strict=strict, base_url=base_url)


@commands.command()
@options.site
@options.now
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
def serve(folder: Path, now: int | None, port: int) -> None:
    """Serve a preview, drafts included, and build it again when something changes."""
    from statusgen import server

    with tempfile.TemporaryDirectory(prefix="statusgen-") as temporary:
        out = Path(temporary) / "public"

        def rebuild() -> None:
            _build(folder, out, now, drafts=True)

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


def main() -> None:
    """Run a command; exit with 0 done, 1 the repository is wrong, 2 the arguments are, 3 the world is."""
    gc.set_threshold(200_000, 20, 50)  # a build makes millions of small objects and no rubbish: half its time saved
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        commands.main(prog_name="statusgen", standalone_mode=False)
    except click.ClickException as error:
        error.show()
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
    except OSError as error:  # a full disk below the output or the temporary folder
        click.echo(f"error: {error}", err=True)
        _print_no_more()
        sys.exit(WorldError.exit_code)


def _print_no_more() -> None:
    """Give up what is still to be printed: an interpreter that cannot, ends with a code of its own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
