"""What an incident that the program writes says: no more than was measured, in the site's language.

Every sentence begins with words of its own, never with a component's name, which might read as something else there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from statusgen.render.language import N_, Language

MOST_NAMES = 5  # in a sentence; more are counted

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")

_TITLE_OF_ONE = {True: N_("%(name)s is unavailable"), False: N_("%(name)s is partly unavailable")}
_TITLE_OF_TWO = {
    True: N_("%(first)s and %(second)s are unavailable"),
    False: N_("%(first)s and %(second)s are partly unavailable"),
}
_FOUND = {
    True: N_("Our monitoring has found %(names)s unavailable since %(time)s."),
    False: N_("Our monitoring has found %(names)s partly unavailable since %(time)s."),
}
_JOINED = {
    True: N_("Our monitoring now finds %(names)s unavailable as well."),
    False: N_("Our monitoring now finds %(names)s partly unavailable as well."),
}
_AGAIN = {
    True: N_("Our monitoring has found %(names)s unavailable again since %(time)s."),
    False: N_("Our monitoring has found %(names)s partly unavailable again since %(time)s."),
}


@dataclass(frozen=True, slots=True)
class Drafted:
    """The sentences of a language. ``whole``: at least one component is wholly unavailable."""

    language: Language

    def title(self, names: Sequence[str], whole: bool) -> str:
        say, count = self.language.say, self.language.count
        if len(names) == 1:
            return say(_TITLE_OF_ONE[whole], name=names[0])
        if len(names) == 2:
            return say(_TITLE_OF_TWO[whole], first=names[0], second=names[1])
        if whole:
            return count("%(num)s component is unavailable", "%(num)s components are unavailable", len(names))
        return count("%(num)s component is partly unavailable", "%(num)s components are partly unavailable", len(names))

    def found(self, names: Sequence[str], whole: bool, since: int) -> str:
        return self._finding(_FOUND[whole], names, since)

    def overrun(self, names: Sequence[str], whole: bool, end: int) -> str:
        """Say that the window of a maintenance closed at ``end`` and left an outage."""
        planned = self.language.say(
            "The maintenance was planned until %(time)s.", time=self.language.date_and_time(end)
        )
        return f"{planned} {self.found(names, whole, end)}"

    def joined(self, names: Sequence[str], whole: bool) -> str:
        return self._finding(_JOINED[whole], names, 0)

    def again(self, names: Sequence[str], whole: bool, since: int, settle: int) -> str:
        found = self._finding(_AGAIN[whole], names, since)
        duration = self.language.duration(settle)
        later = self.language.say("We write again when there was no outage for %(duration)s.", duration=duration)
        return f"{found} {later}"

    def _finding(self, text: str, names: Sequence[str], since: int) -> str:
        say = self.language.say
        found = say(text, names=self._listed(names), time=self.language.date_and_time(since))
        looking = say("We are looking into it.")
        return f"{found} {looking}"

    def monitoring(self, since: int) -> str:
        say, time = self.language.say, self.language.date_and_time(since)
        watching = say("We go on watching.")
        return f"{self._calm(time)} {watching}"

    def resolved(self, since: int, outages: int, seconds: int) -> str:
        took = self.language.count(
            "Before, it found %(num)s outage, which took %(duration)s.",
            "Before, it found %(num)s outages, which took %(duration)s together.",
            outages,
            duration=self.language.duration(seconds, up=True),
        )
        return f"{self._calm(self.language.date_and_time(since))} {took}"

    def corrected(self) -> str:
        return self.language.say("What our monitoring found has been corrected: there was no outage.")

    def unwatched(self) -> str:
        return self.language.say("What this incident is about is no longer monitored, so we close it here.")

    def _calm(self, time: str) -> str:
        return self.language.say("Our monitoring has found no outage since %(time)s.", time=time)

    def _listed(self, names: Sequence[str]) -> str:
        """Name components in Markdown, or count them."""
        if len(names) > MOST_NAMES:
            return self.language.count("%(num)s component", "%(num)s components", len(names))
        plain = [_MARKUP.sub(r"\\\1", name) for name in names]
        if len(plain) == 2:
            return self.language.say("%(first)s and %(second)s", first=plain[0], second=plain[1])
        return self.language.listed(plain)
