"""Valid files spoiled in every way that is known, by seeds that are fixed: the same mutants in every run.

``spoiled`` makes one, ``outcome`` reads one as it reaches the program and tells of hangs and of errors that no person
could have understood.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

from statusgen.errors import SourceError, StatusgenError

PATIENCE = 5  # seconds of CPU: what takes longer hangs
COUNT = int(os.environ.get("STATUSGEN_MUTANTS", "0"))  # of each kind, instead of what it has by itself

_NUMBERS = (
    *(b"0", b"-1", b"1e999", b"NaN", b"1_000", b"0x10", b"0000", b"1970", b"9999", b"99999999999999999999"),
    *(b"2147483648", b"9223372036854775808", b"0001-01-01", b"9999-12-31", b"2026-02-30", b"24:00", b"9" * 5_000),
)
_BYTES = (
    *(b"\0", b"\x01", b"\x1b[31m", b"\x7f", b"\x80", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(
        "\u202e".encode(),
        "\u200b".encode(),
        "\ufeff".encode(),
        "\u2028".encode(),
        "\uffff".encode(),
        "e\u0301".encode(),
    ),
    *(
        b"\r",
        b"\r\n",
        b"\t",
        b"\x0b",
        b"\x0c",
        b"\x85",
        b"\n\n\n",
        b" " * 100,
        "\U0001f600".encode(),
        "\u0665".encode(),
    ),
)
_NESTS = (b"[", b"{a: ", b'{"a":', b"- ", b"> ", b"(", b"*", b"![", b"{{", b"{%", b"#", b"&", b"  ", b"<", b"\\", b'"')
_SPLIT = (b" ", b"\n", b":", b",", b'"')


def spoiled(chance: random.Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return one of the seeds after some changes; ``words`` are those that mean something in such a file."""
    content = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4, 8))):
        content = chance.choice(_CHANGES)(chance, content, seeds, words)
    return content


def mutants(kind: str, seeds: Sequence[bytes], words: Sequence[bytes], count: int) -> Iterator[bytes]:
    """Yield so many, by the kind's own seed."""
    chance = random.Random(f"mutants of {kind}")
    for _ in range(count):
        yield spoiled(chance, seeds, words)


def _place(chance: random.Random, content: bytes) -> int:
    return chance.randrange(len(content) + 1)


def _span(chance: random.Random, content: bytes) -> tuple[int, int]:
    start = _place(chance, content)
    return start, min(len(content), start + chance.choice((1, 2, 5, 20, 100, 1_000)))


def _flip(chance: random.Random, content: bytes, *_: object) -> bytes:
    changed = bytearray(content)
    for _i in range(chance.choice((1, 1, 3, 10)) if content else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _insert(chance: random.Random, content: bytes, *_: object) -> bytes:
    at = _place(chance, content)
    return content[:at] + chance.choice((*_BYTES, *_NUMBERS, chance.randbytes(4))) + content[at:]


def _delete(chance: random.Random, content: bytes, *_: object) -> bytes:
    start, end = _span(chance, content)
    return content[:start] + content[end:]


def _truncate(chance: random.Random, content: bytes, *_: object) -> bytes:
    at = _place(chance, content)
    return content[at:] if chance.random() < 0.2 else content[:at]


def _splice(chance: random.Random, content: bytes, seeds: Sequence[bytes], _words: object) -> bytes:
    other = chance.choice(seeds)
    return content[: _place(chance, content)] + other[_place(chance, other) :]


def _repeat(chance: random.Random, content: bytes, *_: object) -> bytes:
    start, end = _span(chance, content)
    return content[:end] + content[start:end] * chance.choice((1, 2, 50)) + content[end:]


def _lines(chance: random.Random, content: bytes, *_: object) -> bytes:
    """Repeat, swap, drop or indent lines."""
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines.insert(other, lines[one])
        case 1:
            lines[one], lines[other] = lines[other], lines[one]
        case 2:
            del lines[one]
        case _:
            lines[one] = b" " * chance.choice((1, 2, 4, 64)) + lines[one]
    return b"\n".join(lines)


def _number(chance: random.Random, content: bytes, *_: object) -> bytes:
    """Put another number in the place of one."""
    digits = [i for i, byte in enumerate(content) if 0x30 <= byte <= 0x39]
    if not digits:
        return content
    start = end = chance.choice(digits)
    while end < len(content) and 0x30 <= content[end] <= 0x39:
        end += 1
    return content[:start] + chance.choice(_NUMBERS) + content[end:]


def _nest(chance: random.Random, content: bytes, *_: object) -> bytes:
    at = _place(chance, content)
    return content[:at] + chance.choice(_NESTS) * chance.choice((2, 25, 1_000, 3_000)) + content[at:]


def _keyword(chance: random.Random, content: bytes, _seeds: object, words: Sequence[bytes]) -> bytes:
    """Put a word that means something where another one stood."""
    split = chance.choice(_SPLIT)
    parts = content.split(split)
    parts[chance.randrange(len(parts))] = chance.choice(words or (b"null",))
    return split.join(parts)


_CHANGES: tuple[Callable[..., bytes], ...] = (
    *(_flip, _flip, _insert, _insert, _delete, _truncate, _splice, _splice, _repeat, _lines, _lines),
    *(_number, _number, _nest, _keyword, _keyword),
)


class Hang(Exception):  # noqa: N818 - what is reported
    """It took longer than anything may."""


@contextlib.contextmanager
def limited(seconds: float = PATIENCE) -> Iterator[None]:
    """Raise Hang inside after so many seconds of CPU."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass
class Report:
    """What became of the mutants of a kind. ``slowest`` is in seconds of CPU."""

    tried: int = 0
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    first: dict[str, bytes] = field(default_factory=dict)
    slowest: float = 0.0

    def fault(self, what: str, mutant: bytes) -> None:
        self.faults[what] += 1
        self.first.setdefault(what, mutant[:2_000])


def put_to(read: Callable[[bytes], object], made: Iterator[bytes], neighbour: object) -> Report:
    """Read mutants; ``read`` returns what it made of their good neighbour, or raises what a person can understand."""
    report = Report()
    for mutant in made:
        began = time.process_time()
        try:
            with limited():
                if (seen := read(mutant)) != neighbour:
                    report.fault(f"the neighbour is {str(seen)[:200]}", mutant)
        except SourceError as error:
            report.refused += 1
            if not all(problem.path and problem.message for problem in error.problems):
                report.fault("a problem without a place", mutant)
        except StatusgenError as error:
            report.refused += 1
            if "\n" in str(error):
                report.fault(f"more than a line: {error}"[:200], mutant)
        except Hang:
            report.fault("a hang", mutant)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            report.fault(_where(error), mutant)
        report.tried += 1
        report.slowest = max(report.slowest, time.process_time() - began)
    return report


def _where(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    ours = [each for each in traceback.extract_tb(error.__traceback__) if "statusgen/" in each.filename]
    last = ours[-1] if ours else frame
    return (
        f"{type(error).__name__} in {last.name} ({last.filename.rpartition('/')[2]}:{last.lineno}): {str(error)[:80]}"
    )
