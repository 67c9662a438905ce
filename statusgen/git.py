"""git: running it, and the few things asked of it.

Commits are made with plumbing from blobs and a throw-away index, and pushed from a scratch repository that lives for
one run, because a killed run leaves locks behind in a lasting one. Nothing here touches the checked-out branch, the
index or the working tree; ``clone`` does.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from statusgen import programs
from statusgen.errors import WorldError
from statusgen.secret import NO_SECRETS, Gate

NETWORK_SECONDS = 60
HOOK_SECONDS = 600  # a person's hooks may run tests, and their key may ask for a passphrase
FILE, LINK = "100", "120000"  # how the modes of plain files begin, and that of symbolic links

_CARRIED = r"^(http\.|credential\.|url\.|ssh\.|core\.sshcommand$|gpg\.|user\.signingkey$)"  # to reach a remote, to sign
_KEPT = ("GIT_CONFIG", "GIT_SSH", "GIT_ASKPASS", "GIT_SSL", "GIT_TRACE")
_IDENTITY = {
    "GIT_AUTHOR_NAME": "statusgen",
    "GIT_AUTHOR_EMAIL": "statusgen@localhost",
    "GIT_COMMITTER_NAME": "statusgen",
    "GIT_COMMITTER_EMAIL": "statusgen@localhost",
}
_IDENT = re.compile(r"(.*) <(.*)> \d+ [+-]\d{4}")
_ADDRESS = re.compile(r"(?<=://)\S+")


class Refused(WorldError):  # noqa: N818 - what happened, as git puts it
    """git said no; the text is its own, without credentials."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change while a command runs: the shared git folder, the remote's name, whether it is shallow."""

    common: Path
    remote: str
    is_shallow: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """A git directory and how to talk to it. Without ``facts`` git is asked for them each time.

    ``left`` gives the seconds that git may still take where they are few. It then runs apart, can ask nobody for a
    passphrase, and is killed with all that it started. ``identity`` is whose commits are made, as variables of the
    environment; ``signs`` whether they are signed. ``gate`` knows what must not get into them.
    """

    folder: Path
    settings: tuple[tuple[str, str], ...] = ()
    facts: Facts | None = None
    left: Callable[[], float] | None = None
    identity: tuple[tuple[str, str], ...] = tuple(_IDENTITY.items())
    signs: bool = False
    gate: Gate = NO_SECRETS

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        more: Mapping[str, str] | None = None,
        limit: float = NETWORK_SECONDS,
    ) -> bytes:
        """Return what git prints; raise Refused with what it complained of. ``limit`` is in seconds."""
        command = ["git", "-c", "gc.auto=0", "-c", "core.quotePath=false", *arguments]
        environment = {**_environment(self), **(more or {})}
        given = programs.NOTHING if stdin is None else programs.PIPE
        seconds = self.left() if self.left else limit
        try:
            with programs.started(
                command, self.folder, environment, stdin=given, apart=self.left is not None
            ) as program:
                printed, complaint = program.communicate(stdin, seconds)
        except FileNotFoundError:
            raise WorldError("git is not installed: install it, or set 'data: {branch: none}'") from None
        except programs.TimeUp:
            raise Refused(f"git {arguments[0]} did not end within {seconds:.3g} s") from None
        if program.returncode:
            raise Refused(without_credentials(complaint) or f"git {arguments[0]} ended with code {program.returncode}")
        return printed

    @contextlib.contextmanager
    def stream(self, *arguments: str, stdin: bytes = b"") -> Iterator[IO[bytes]]:
        """Give what git prints while it prints it, to be read to its end; raise Refused with what it complained of."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(stdin)
            given.seek(0)
            command = ["git", "-c", "gc.auto=0", *arguments]
            environment = _environment(self)
            with programs.started(command, self.folder, environment, stdin=given, stderr=said) as program:
                assert program.stdout is not None
                yield program.stdout
                program.stdout.close()
                program.wait()
            if program.returncode:
                said.seek(0)
                raise Refused(without_credentials(said.read()))

    def line(self, *arguments: str) -> str:
        """Return the first line git prints, empty when it refuses."""
        try:
            return self.run(*arguments).decode("utf-8", "replace").partition("\n")[0]
        except Refused:
            return ""


def without_credentials(said: bytes) -> str:
    """Return what git said without the names, passwords and queries of the addresses in it, however they are written.

    What has an @ after the beginning of a query could be a part of either, and is hidden as a whole.
    """
    return _ADDRESS.sub(lambda address: _bare(address[0]), said.decode("utf-8", "replace")).strip()


def _bare(address: str) -> str:
    """Return an address, as it stands after its scheme and with what a sentence has behind it, without credentials."""
    whole = address.rstrip(".,:;").rstrip("'\"`)>")
    plain = re.split(r"[?#]", whole, maxsplit=1)[0]
    if "@" in whole[len(plain) :]:
        return f"***{address[len(whole) :]}"
    query = "?***" if plain != whole else ""
    return f"{plain.rpartition('@')[2]}{query}{address[len(whole) :]}"


def _environment(repository: Repository) -> dict[str, str]:
    """Return the environment for git: no hook's leftovers, no questions, plain English, settings added."""
    settings = repository.settings
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith(_KEPT)}
    given = kept.get("GIT_CONFIG_COUNT", "")
    count = int(given) if given.isdecimal() else 0
    for number, (key, value) in enumerate(settings, count):
        kept |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    kept["GIT_CONFIG_COUNT"] = str(count + len(settings))
    return {**kept, **dict(repository.identity), "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def open_repository(site: Path, left: Callable[[], float] | None = None) -> Repository | None:
    """Return the repository the site lies in, None where there is none.

    Raise Refused for one that git will not open, because it is broken or somebody else's: taken for none, it would
    leave the page without any history.
    """
    repository = Repository(site, left=left)
    try:
        repository.run("rev-parse", "--git-dir")
    except Refused as error:
        if "not a git repository (or any" in str(error):
            return None
        raise
    return repository


def settled(repository: Repository) -> Repository:
    """Return the repository with its facts, for a command that would ask for them again and again."""
    common, shallow = _common_folder(repository), is_shallow(repository)
    return replace(repository, facts=Facts(common, remote_of(repository), shallow))


def of_a_person(repository: Repository) -> Repository:
    """Return the repository with commits in the name of who runs this, signed if that is how they have it.

    Where git knows no name, as in a runner, they are the program's own.
    """
    given = {name: value for name in _IDENTITY if (value := os.environ.get(name))}
    asked = replace(repository, identity=tuple(given.items()))
    identity = dict(_IDENTITY)
    for who in ("AUTHOR", "COMMITTER"):
        if found := _IDENT.fullmatch(asked.line("-c", "user.useConfigOnly=true", "var", f"GIT_{who}_IDENT")):
            identity |= {f"GIT_{who}_NAME": found[1], f"GIT_{who}_EMAIL": found[2]}
    signs = repository.line("config", "--type=bool", "--get", "commit.gpgsign") == "true"
    return replace(repository, identity=tuple(identity.items()), signs=signs)


def remote_of(repository: Repository) -> str:
    """Return the name of the remote: origin, else the only one, else nothing."""
    if repository.facts:
        return repository.facts.remote
    names = repository.run("remote").decode().split()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else ""


def head(repository: Repository) -> str:
    """Return the commit that is checked out, empty before the first."""
    return tip(repository, "HEAD")


def tip(repository: Repository, ref: str) -> str:
    """Return the commit a ref points at, empty where there is none."""
    return repository.line("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")


def is_ancestor(repository: Repository, commit: str, of: str) -> bool:
    """Tell whether a commit is part of another's history."""
    try:
        repository.run("merge-base", "--is-ancestor", commit, of)
    except Refused:
        return False
    return True


def holding(repository: Repository, commit: str) -> list[str]:
    """Return the refs, branches and tags, whose history a commit is part of."""
    return repository.run("for-each-ref", "--format=%(refname)", f"--contains={commit}").decode().split()


def is_shallow(repository: Repository) -> bool:
    if repository.facts:
        return repository.facts.is_shallow
    return repository.line("rev-parse", "--is-shallow-repository") == "true"


def read_files(repository: Repository, commit: str, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Return a commit's files by path, in one batch; links and submodules are passed over.

    Bytes that are not UTF-8 survive as surrogates, so that writing the text back changes nothing.
    """
    return read_blobs(repository, {path: blob for path, blob in blobs(repository, commit).items() if wanted(path)})


def blobs(repository: Repository, commit: str, *paths: str, mode: str = FILE) -> dict[str, str]:
    """Return the ids of a commit's files by path from the top, all or those below ``paths``.

    Links, which ``mode`` asks for instead, and submodules are passed over.
    """
    listed = repository.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
    entries = [entry.partition("\t") for entry in listed.decode("utf-8", "surrogateescape").split("\0") if entry]
    return {path: meta.split()[2] for meta, _, path in entries if meta.startswith(mode)}


def read_blobs(repository: Repository, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of blobs, given by path, in one batch."""
    if not chosen:
        return {}
    batch = repository.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in chosen.values()).encode())
    return dict(zip(chosen, _blobs(io.BytesIO(batch)), strict=True))


def each_blob(repository: Repository, ids: Iterable[str]) -> Iterator[str]:
    """Yield the texts of blobs, of which only one need be in memory at a time."""
    wanted = "".join(f"{blob}\n" for blob in ids).encode()
    with repository.stream("cat-file", "--batch", stdin=wanted) as batch:
        yield from _blobs(batch)


def _blobs(batch: IO[bytes]) -> Iterator[str]:
    """Yield the contents in the output of ``cat-file --batch``: a header with the size, the bytes, a line break."""
    for line in batch:
        header = line.decode().split()
        if header[1] != "blob":
            raise Refused(f"the repository is damaged: object {header[0]} is {header[1]} (git fsck says more)")
        yield batch.read(int(header[2])).decode("utf-8", "surrogateescape")
        batch.read(1)


def uncommitted(repository: Repository, names: Iterable[str]) -> tuple[str, ...]:
    """Return the paths below those names, files or folders, in which the working tree differs from the commit."""
    listed = repository.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *names)
    return tuple(sorted(entry[3:] for entry in listed.decode("utf-8", "surrogateescape").split("\0") if entry))


def blob_id(content: bytes) -> str:
    """Return the id that git gives to a file's content, in a repository of SHA-1 ids."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def commit_files(repository: Repository, parent: str, changed: Mapping[str, str | None], message: str, at: int) -> str:
    """Return a new commit on ``parent`` (empty: none) with these files, dated ``at``: same input, same commit.

    A file without a text leaves the tree. Raise StatusgenError, with nothing done, where a secret would get into it.
    """
    repository.gate.refuse(message.encode(), "the message of a commit")
    for path, text in sorted(changed.items()):
        repository.gate.refuse(f"{path}\n{text or ''}".encode("utf-8", "surrogateescape"), path)
    with tempfile.TemporaryDirectory(prefix="statusgen-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        repository.run("read-tree", *([parent] if parent else ["--empty"]), more=index)
        entries = "".join(_entry(repository, path, text) for path, text in sorted(changed.items()))
        repository.run("update-index", "--index-info", stdin=entries.encode(), more=index)
        tree = repository.run("write-tree", more=index).decode().strip()
    how = [*(["-p", parent] if parent else []), *(["-S"] if repository.signs else [])]
    made = repository.run("commit-tree", tree, *how, "-m", message, more=dated(at), limit=HOOK_SECONDS)
    return made.decode().strip()


def dated(at: int) -> dict[str, str]:
    """Return the variables that give a commit its date, in epoch seconds."""
    return {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0000"}


def _entry(repository: Repository, path: str, text: str | None) -> str:
    """Return a line for ``update-index --index-info``; mode 0 takes the file out."""
    return f"0 {'0' * 40}\t{path}\n" if text is None else f"100644 {_blob(repository, text)}\t{path}\n"


def _blob(repository: Repository, text: str) -> str:
    return (
        repository.run("hash-object", "-w", "--stdin", stdin=text.encode("utf-8", "surrogateescape")).decode().strip()
    )


def private_folder(repository: Repository) -> Path:
    """Return where the program may keep what is nobody's business but this clone's."""
    return _common_folder(repository) / "statusgen"


def _common_folder(repository: Repository) -> Path:
    if repository.facts:
        return repository.facts.common
    return Path(repository.run("rev-parse", "--path-format=absolute", "--git-common-dir").decode().rstrip("\n"))


@contextlib.contextmanager
def scratch(repository: Repository) -> Iterator[Repository]:
    """Give a repository for one push or fetch, which reaches the remote, there called origin, as the site's own."""
    remote = remote_of(repository)
    if not remote:
        raise Refused("the repository has no remote (git remote add origin URL)")
    url = repository.run("remote", "get-url", "--push", remote).decode().rstrip("\n")
    if not re.match(r"[A-Za-z0-9_.@+-]+:", url):  # a path, which may be relative to where git was run
        top = repository.line("rev-parse", "--show-toplevel")
        url = str(((Path(top) if top else _common_folder(repository)) / url).resolve())
    with tempfile.TemporaryDirectory(prefix="statusgen-", ignore_cleanup_errors=True) as folder:  # git may be dying
        settings = (*_settings(repository), ("remote.origin.url", url))
        made = replace(repository, folder=Path(folder), settings=settings, facts=None)
        made.run("init", "--quiet", "--bare", ".")
        yield made


def lost_a_race(said: str) -> bool:
    """Tell a push that another try can settle from a remote that is away or says no on principle."""
    raced = any(words in said for words in ("fetch first", "non-fast-forward", "cannot lock ref", "remote rejected"))
    return raced and not any(words in said for words in ("declined", "protected branch", "unpack"))


def borrow(scratch: Repository, repository: Repository) -> None:
    """Let a scratch repository read another's objects, so that a fetch brings only what is new."""
    objects = _common_folder(repository) / "objects"
    (scratch.folder / "objects" / "info" / "alternates").write_text(f"{objects}\n", "utf-8")


def borrow_all(scratch: Repository, repository: Repository) -> None:
    """Let a scratch repository read another's objects, and know with it where a shallow one's history ends."""
    borrow(scratch, repository)
    ends = _common_folder(repository) / "shallow"
    with contextlib.suppress(FileNotFoundError):
        (scratch.folder / "shallow").write_bytes(ends.read_bytes())


def _settings(repository: Repository) -> tuple[tuple[str, str], ...]:
    """Return the local settings that authentication may hang on; they travel in the environment, not in arguments."""
    try:
        listed = repository.run("config", "--local", "--includes", "--null", "--get-regexp", _CARRIED).decode()
    except Refused:
        return ()
    pairs = (entry.partition("\n") for entry in listed.split("\0") if entry)
    return tuple((key, value) for key, _, value in pairs)
