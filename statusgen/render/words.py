"""What the page says of the snapshot's facts, as sentences of one language.

The texts of states, phases and reasons are those of ``model`` and ``reasons``, which know English only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from statusgen import calendars, reasons, recurrence
from statusgen.calendars import Hours
from statusgen.model import TROUBLE, Check, Phase, Repeats, State, Verdict, verdict_word
from statusgen.promises import Kind, MaintenanceRule, Objective, Period, Policy
from statusgen.recurrence import Rule
from statusgen.render.lanes import Piece
from statusgen.render.language import N_, Language
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

    def verdict(self, verdict: Verdict | None) -> str:
        return self.language.say(verdict_word(verdict))

    def reason(self, reason: str) -> str:
        """Say what was seen; nothing for a word of a newer version."""
        text, values = reasons.told(reason)
        return self.language.say(text, **values) if text else ""

    def intervals(self, checks: Iterable[Check]) -> str:
        """Say how often those are asked that have an interval of their own: ``2 checks each 1 h``."""
        counted = sorted(Counter(check.interval for check in checks if check.interval).items())
        return self.language.listed(
            self.language.count(
                "%(num)s check each %(interval)s",
                "%(num)s checks each %(interval)s",
                number,
                interval=self.language.duration(seconds),
            )
            for seconds, number in counted
        )

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

    # What repeats

    def repeats(self, repeats: Repeats) -> str:
        """Say how a maintenance repeats: ``Repeats weekly on Sunday at 02:00 (Europe/Berlin)``; else give the rule."""
        say, rule = self.language.say, recurrence.parse(repeats.rule)
        how = self._rhythm(rule, repeats)
        if not how:
            return say("Repeats by the rule %(rule)s (%(zone)s)", rule=repeats.rule, zone=repeats.zone)
        clock = calendars.wall_clock(repeats.zone, repeats.first)
        told = say("%(how)s at %(time)s (%(zone)s)", how=how, time=f"{clock:%H:%M}", zone=repeats.zone)
        last = recurrence.last_of(rule)
        if last is not None:
            written = self.language.date_and_time(last) if "T" in rule.until else self.language.date(last)
            return say("%(how)s, until %(date)s", how=told, date=written)
        if rule.count is not None:
            return self.language.count("%(how)s, %(num)s time", "%(how)s, %(num)s times", rule.count, how=told)
        return told

    def _rhythm(self, rule: Rule, repeats: Repeats) -> str:
        """Say how often and on which days, nothing where there is no sentence for it."""
        clock = calendars.wall_clock(repeats.zone, repeats.first)
        count, every = self.language.count, rule.interval
        if rule.positions or (rule.months and rule.frequency != "YEARLY"):
            return ""
        if rule.frequency == "DAILY":
            is_plain = not (rule.days or rule.month_days)
            return count("Repeats daily", "Repeats every %(num)s days", every) if is_plain else ""
        if rule.frequency == "WEEKLY":
            days = [self.language.weekday(day) for _, day in rule.days or ((0, clock.weekday()),)]
            on = self.language.listed(days)
            return count("Repeats weekly on %(days)s", "Repeats every %(num)s weeks on %(days)s", every, days=on)
        if rule.frequency == "MONTHLY":
            on = self.language.listed(self._days_of_month(rule, clock.day))
            told = count("Repeats monthly on %(days)s", "Repeats every %(num)s months on %(days)s", every, days=on)
            return told if on else ""
        if rule.days or len(rule.months) > 1 or len(rule.month_days) > 1 or (rule.month_days and not rule.months):
            return ""
        on = self.language.day(calendars.instant_at("UTC", clock))
        return count("Repeats yearly on %(days)s", "Repeats every %(num)s years on %(days)s", every, days=on)

    def _days_of_month(self, rule: Rule, first: int) -> list[str]:
        """Say which days of a month are meant: of the week or of the month; none where there is no word for one."""
        say = self.language.say
        if not rule.days:
            of_month = rule.month_days or (first,)
            if not all(day > 0 or day == -1 for day in of_month):
                return []
            return [say("the last day of the month") if day < 0 else say("day %(day)s", day=day) for day in of_month]
        if rule.month_days or any(number not in (1, 2, 3, 4, -1) for number, _ in rule.days):
            return []
        words = {1: N_("the first %(day)s"), 2: N_("the second %(day)s"), 3: N_("the third %(day)s")}
        words |= {4: N_("the fourth %(day)s"), -1: N_("the last %(day)s")}
        return [say(words[number], day=self.language.weekday(day)) for number, day in rule.days]

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
        return " ".join((*facts, self.weights(policy)))

    def weights(self, policy: Policy) -> str:
        """Say how much of its time trouble counts: in words where that is the usual, else in per cent."""
        weights = {"major": policy.major, "partial": policy.partial, "degraded": policy.degraded}
        if tuple(weights.values()) == (1_000, 500, 0):
            return self.language.say("Major outages count fully, partial ones half, degraded performance not at all.")
        return self.language.say(
            "Major outages count %(major)s, partial ones %(partial)s, degraded performance %(degraded)s.",
            **{name: self.language.percent(_per_cent(weight)) for name, weight in weights.items()},
        )

    def week(self, hours: Hours) -> tuple[tuple[str, str], ...]:
        """Return the week: days that are alike in a row, and their hours."""
        return tuple(
            (self._days(first, last), spans or self.language.say("closed")) for first, last, spans in hours.runs
        )

    def _days(self, first: int, last: int) -> str:
        names = self.language.weekday(first), self.language.weekday(last)
        return names[0] if first == last else f"{names[0]} – {names[1]}"


def _per_cent(per_mille: int) -> str:
    """Write ``100`` or ``2.5``."""
    whole, tenths = divmod(per_mille, 10)
    return f"{whole}.{tenths}" if tenths else str(whole)
