"""What the page says of the snapshot's facts, as sentences of one language.

The texts of states, phases and reasons are those of ``model`` and ``reasons``, which know English only.
"""

from __future__ import annotations

from dataclasses import dataclass

from statusgen import reasons
from statusgen.calendars import Hours
from statusgen.model import TROUBLE, Phase, State, Verdict
from statusgen.promises import Kind, MaintenanceRule, Objective, Period
from statusgen.render.lanes import Piece
from statusgen.render.language import Language
from statusgen.status import Banner
from statusgen.views import Day, EventView


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a language."""

    language: Language

    def state(self, state: State) -> str:
        return self.language.say(state.word)

    def phase(self, phase: Phase) -> str:
        return self.language.say(phase.word)

    def verdict(self, verdict: Verdict) -> str:
        return self.language.say(verdict.word)

    def reason(self, reason: str) -> str:
        """Say what was seen; nothing for a word of a newer version."""
        text, values = reasons.told(reason)
        return self.language.say(text, **values) if text else ""

    # The present

    def banner(self, banner: Banner) -> str:
        """Say how everything is, with its scope. Maintenance never hides trouble."""
        say = self.language.say
        if banner.major == banner.total and banner.total:
            return say("Major outage") if banner.total > 1 else say("Major outage of the service")
        if banner.state in TROUBLE:
            return say("%(state)s: %(scope)s", state=self.state(banner.state), scope=self._affected(banner))
        if banner.state is State.MAINTENANCE:
            scope = self._of(banner.maintenance, banner.total)
            return say("%(state)s: %(scope)s", state=say("Maintenance in progress"), scope=scope)
        return self._calm(banner)

    def _affected(self, banner: Banner) -> str:
        return self.language.count(
            "%(part)s of %(num)s component affected",
            "%(part)s of %(num)s components affected",
            banner.total,
            part=self.language.number(banner.affected),
        )

    def _of(self, part: int, total: int) -> str:
        return self.language.count(
            "%(part)s of %(num)s component", "%(part)s of %(num)s components", total, part=self.language.number(part)
        )

    def _calm(self, banner: Banner) -> str:
        say = self.language.say
        if banner.unknown == banner.total:
            return say("No data: the state is unknown")
        if banner.open_incidents:
            return self.language.count(
                "Systems operational, %(num)s incident is open",
                "Systems operational, %(num)s incidents are open",
                banner.open_incidents,
            )
        if banner.open_maintenance:
            return say("Systems operational, maintenance goes on")
        if banner.unknown:
            known = self._of(banner.total - banner.unknown, banner.total)
            return say("%(scope)s operational, no data on the rest", scope=known)
        return say("All systems operational")

    # The past

    def day(self, day: Day) -> str:
        """Say what a day was like: ``12 Jul 2026: partial outage, 14 min down, 99.02 %``."""
        say, tally = self.language.say, day.tally
        facts = [say(day.state.word.lower())]
        if tally.down:
            facts.append(say("%(duration)s down", duration=self.language.duration(tally.down, up=True)))
        if tally.degraded:
            facts.append(say("%(duration)s degraded", duration=self.language.duration(tally.degraded, up=True)))
        if tally.maintenance:
            facts.append(say("%(duration)s of maintenance", duration=self.language.duration(tally.maintenance)))
        if day.availability is not None:
            facts.append(self.language.percent(day.availability))
        if day.is_corrected:
            facts.append(say("corrected"))
        return say("%(date)s: %(facts)s", date=self.language.date(day.start), facts=self.language.listed(facts))

    def empty(self, first: int, last: int) -> str:
        """Say that nothing is known of days."""
        days = self.language.date(first) + (f" – {self.language.date(last)}" if last > first else "")
        return self.language.say("%(date)s: %(facts)s", date=days, facts=self.language.say("no data"))

    def piece(self, piece: Piece) -> str:
        """Say a state and how long it was so: ``Partial outage: 20 Nov 2026, 10:02 – 11:15 UTC``."""
        if piece.end is None:
            when = self.language.say("since %(time)s", time=self.language.date_and_time(piece.start))
        else:
            when = self.language.span(piece.start, piece.end)
        return self.language.say("%(state)s: %(scope)s", state=self.state(piece.state), scope=when)

    def event(self, event: EventView) -> str:
        """Say what kind of event it is."""
        return self.language.say("Maintenance") if event.is_maintenance else self.language.say("Incident")

    def window(self, name: str) -> str:
        """Say how long a window is: ``24 hours``, ``30 days``."""
        count = int(name[:-1])
        if name.endswith("h"):
            return self.language.count("%(num)s hour", "%(num)s hours", count)
        return self.language.count("%(num)s day", "%(num)s days", count)

    # Promises

    def promise(self, objective: Objective) -> str:
        """Say what is aimed at or promised: ``Promised: 99.9 % of each month``."""
        say = self.language.say
        target = self.language.percent(objective.target.text)
        of = say("%(target)s of %(period)s", target=target, period=self.period(objective.period))
        return say("Promised: %(what)s", what=of) if objective.kind is Kind.SLA else say("Aimed at: %(what)s", what=of)

    def period(self, period: Period) -> str:
        """Say what an objective is reckoned over."""
        say = self.language.say
        if not period.months:
            return self.language.count("the last day", "the last %(num)s days", period.days)
        return {1: say("each month"), 3: say("each quarter"), 12: say("each year")}[period.months]

    def period_named(self, name: str) -> str:
        """Say a period's name, as ``calendars`` makes them: a month, a quarter, a year, or days up to a month's end."""
        say = self.language.say
        if "d to the end of " in name:
            days, _, month = name.partition("d to the end of ")
            until = self.language.month_name(month)
            return say("%(days)s to the end of %(month)s", days=self.window(f"{days}d"), month=until)
        if name.endswith("d"):
            return self.language.count("the last day", "the last %(num)s days", int(name[:-1]))
        if "Q" in name:
            return say("%(year)s, quarter %(number)s", year=name[:4], number=name[-1])
        return self.language.month_name(name) if "-" in name else name

    def terms(self, objective: Objective) -> str:
        """Say what is left out and what trouble weighs."""
        say, policy = self.language.say, objective.policy
        facts = []
        if policy.maintenance is not MaintenanceRule.EXCLUDE:
            facts.append(say("Maintenance counts."))
        elif policy.announced:
            ahead = self.language.duration(policy.announced)
            facts.append(say("Planned maintenance does not count if announced %(duration)s ahead.", duration=ahead))
        else:
            facts.append(say("Planned maintenance does not count."))
        if policy.maintenance is MaintenanceRule.EXCLUDE and policy.cap is not None:
            cap = self.language.duration(policy.cap)
            facts.append(say("At most %(duration)s of it a month are left out.", duration=cap))
        if policy.least_outage:
            least = self.language.duration(policy.least_outage)
            facts.append(say("Outages shorter than %(duration)s do not count.", duration=least))
        if policy.major != 1_000:
            facts.append(say("A major outage weighs %(major)s ‰.", major=policy.major))
        weights = {"partial": policy.partial, "degraded": policy.degraded}
        facts.append(say("A partial outage weighs %(partial)s ‰, degraded performance %(degraded)s ‰.", **weights))
        return " ".join(facts)

    def week(self, hours: Hours) -> tuple[tuple[str, str], ...]:
        """Return the week: days that are alike in a row, and their hours."""
        return tuple(
            (self._days(first, last), spans or self.language.say("closed")) for first, last, spans in hours.runs
        )

    def _days(self, first: int, last: int) -> str:
        names = self.language.weekday(first), self.language.weekday(last)
        return names[0] if first == last else f"{names[0]} – {names[1]}"
