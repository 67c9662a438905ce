"""The form: what somebody filled in on a forge's page or its app, as the request that it means.

Fields come as variables of the environment, or as the text of an issue that a form made. Both are a stranger's words
until they are read here: what is no choice, no time or no component word is refused in one line, named by its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from statusgen import periods
from statusgen.errors import UsageError, did_you_mean
from statusgen.model import Phase
from statusgen.promises import Severity

PREFIX = "STATUS_"
HEADINGS = {  # the labels of .github/ISSUE_TEMPLATE/incident.yml, in its order: the message goes to the end
    "What to do": "action",
    "Incident or maintenance": "name",
    "State": "state",
    "Components": "components",
    "Severity": "severity",
    "Next update": "next",
    "Window": "window",
    "Message": "message",
}
FIELDS = tuple(HEADINGS.values())
LONGEST = 256 * 1024  # characters that are looked at
_LONGEST_FIELD = 2_000  # of all but the message
_NO_ANSWER = ("_No response_", "None")
_HEADING = "### "
_DURATION = re.compile(r"\d+(s|m|h|d)")
_WINDOW = re.compile(r"(.+?)(?:\s+(to|for)\s+|\s*(/)\s*)(.+)")


class Action(StrEnum):
    """What is to be done."""

    OPEN = "open"
    UPDATE = "update"
    RESOLVE = "resolve"
    SCHEDULE = "schedule"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"


FOR_MAINTENANCE = {  # what an action makes of a maintenance
    Action.START: Phase.IN_PROGRESS,
    Action.COMPLETE: Phase.COMPLETED,
    Action.CANCEL: Phase.CANCELLED,
}
_STATES = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. ``name`` is a title where something begins, else a file's name or a part of one.

    ``components`` are words like ``api=partial_outage``; ``next`` and the window are instants.
    """

    action: Action
    name: str
    text: str
    phase: Phase | None = None
    components: tuple[str, ...] = ()
    severity: Severity | None = None
    next: int | None = None
    window: tuple[int, int] | None = None


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that the environment holds, like STATUS_ACTION."""
    return {field: environment.get(f"{PREFIX}{field.upper()}", "")[:LONGEST] for field in FIELDS}


def from_issue(body: str) -> dict[str, str]:
    """Return the fields of an issue that a form made: headings of level 3 in the form's order, each with its answer.

    What follows the last one belongs to it, whatever it looks like.
    """
    found: dict[str, list[str]] = {}
    ahead = list(HEADINGS)
    answer: list[str] = []
    for line in body[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        heading = line.removeprefix(_HEADING).rstrip(" \t") if line.startswith(_HEADING) else ""
        if heading in ahead:
            del ahead[: ahead.index(heading) + 1]
            answer = found.setdefault(HEADINGS[heading], [])
        else:
            answer.append(line)
    if "action" not in found:
        raise UsageError("this issue was not made by the form 'incident': it has no heading '### What to do'")
    answers = {field: "\n".join(lines).strip() for field, lines in found.items()}
    return {field: "" if (text := answers.get(field, "")) in _NO_ANSWER else text for field in FIELDS}


def request(fields: Mapping[str, str], now: int) -> Request:
    """Return what the fields ask for; raise UsageError for the first that cannot be."""
    given = {field: fields.get(field, "").strip() for field in FIELDS}
    if long := next((field for field in FIELDS if field != "message" and len(given[field]) > _LONGEST_FIELD), ""):
        raise UsageError(f"{long} has {len(given[long])} characters: at most {_LONGEST_FIELD} are read")
    action = _choice("action", given["action"], [each.value for each in Action])
    if not action:
        raise UsageError(f"action is empty: choose one of {', '.join(Action)}")
    made = Request(
        action=Action(action),
        name=_one_line("name", given["name"]),
        text=given["message"],
        phase=_phase(given["state"]),
        components=_words(given["components"]),
        severity=Severity(chosen) if (chosen := _choice("severity", given["severity"], list(Severity))) else None,
        next=_ahead(given["next"], now) if given["next"] else None,
        window=_window(given["window"]) if given["window"] else None,
    )
    _refuse_useless(made)
    return made


def _refuse_useless(made: Request) -> None:
    """Refuse a field that the action has no use for, instead of dropping what somebody meant, and a missing one."""
    begins = made.action in (Action.OPEN, Action.SCHEDULE)
    if begins and not made.name:
        raise UsageError("name is empty: write a title, like Elevated API errors")
    if not made.text:
        raise UsageError("message is empty: write what everybody is to read")
    if made.action is Action.SCHEDULE and not made.window:
        raise UsageError("window is empty: write when it begins and ends, like 2026-12-01 05:00 UTC for 2h")
    for field, value, uses in (
        ("window", made.window, (Action.SCHEDULE,)),
        ("severity", made.severity, (Action.OPEN,)),
        ("state", made.phase, (Action.OPEN, Action.UPDATE)),
        ("next", made.next, (Action.OPEN, Action.UPDATE)),
        ("components", made.components, (Action.OPEN, Action.UPDATE, Action.RESOLVE, Action.SCHEDULE)),
    ):
        if value and made.action not in uses:
            raise UsageError(f"{field} is not for '{made.action}', only for {', '.join(uses)}: leave it empty")


def _phase(text: str) -> Phase | None:
    word = _choice("state", text, [each.value for each in (*_STATES, Phase.RESOLVED)])
    if word == Phase.RESOLVED:
        raise UsageError("state cannot be resolved: choose the action 'resolve'")
    return Phase(word) if word else None


def _choice(field: str, text: str, choices: list[str]) -> str:
    word = text.lower()
    if word and word not in choices:
        raise UsageError(f"{field} cannot be '{_shown(text)}'{did_you_mean(word[:80], choices)}")
    return word


def _one_line(field: str, text: str) -> str:
    if len(text.splitlines()) > 1:
        raise UsageError(f"{field} has several lines: write one")
    return text


def _words(text: str) -> tuple[str, ...]:
    """Return ``api=partial_outage`` and the like from a list with commas, spaces or line breaks, also of ``api: …``."""
    plain = re.sub(r"[ \t]*[=:][ \t]*", "=", text)
    words = tuple(word for word in re.split(r"[\s,;]+", plain) if word not in ("", "-", "*"))
    if odd := next((word for word in words if not word.isprintable() or len(word) > 200), ""):
        raise UsageError(f"components cannot have '{_shown(odd)}': write them like api=partial_outage, web=operational")
    return words


def _ahead(text: str, now: int) -> int:
    try:
        return _after(now, text) if _DURATION.fullmatch(text) else periods.parse_instant(text)
    except ValueError:
        raise UsageError(
            f"next cannot be '{_shown(text)}': write how long from now, like 30m, or 2026-11-20 10:40 UTC"
        ) from None


def _window(text: str) -> tuple[int, int]:
    remedy = "write when it begins and ends, like 2026-12-01 05:00 UTC for 2h, or … to 2026-12-01 07:00 UTC"
    found = _WINDOW.fullmatch(text)
    try:
        if not found:
            raise ValueError
        start = periods.parse_instant(found[1])
        is_length = _DURATION.fullmatch(found[4])
        return start, _after(start, found[4]) if is_length else periods.parse_instant(found[4])
    except ValueError:
        raise UsageError(f"window cannot be '{_shown(text)}': {remedy}") from None


def _after(instant: int, duration: str) -> int:
    return periods.shifted(instant, periods.parse_duration(duration) // 1_000)


def _shown(text: str) -> str:
    """Return somebody's words as a part of a line."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"{kept[:60]}…" if len(kept) > 60 else kept
