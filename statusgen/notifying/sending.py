"""Telling subscribers what changed: each notice once to each address of a route, whatever breaks on the way.

What was sent is recorded before the next message goes out, so a run that dies between the two repeats that one message
at most, under the same id. Before anything is sent the record is written once: where that cannot be, nothing is sent,
or it would be sent again by every run. An address that fails is left to the next run, in order, and the others go on.
Of two runs at once the one that began last does the rest: the other stops as soon as it finds that in the record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from statusgen import branches, cache, making, secret, sources
from statusgen.archive import repository_of
from statusgen.digests import digest
from statusgen.errors import Level, StatusgenError, WorldError, did_you_mean
from statusgen.model import Site
from statusgen.notifying import announcing, keeping, logbook
from statusgen.notifying.announcing import Notice
from statusgen.notifying.channels import CHANNELS, Channel, chat, deliver
from statusgen.notifying.channels.message import Address, Message, Undelivered
from statusgen.notifying.keeping import Keeper
from statusgen.notifying.logbook import Entry, Logbook
from statusgen.periods import DAY
from statusgen.render import notices as said
from statusgen.render import placing
from statusgen.render.language import language
from statusgen.render.placing import Prose
from statusgen.render.words import Words
from statusgen.routes import Route
from statusgen.secret import NO_SECRETS, Gate
from statusgen.sources import Sources, Wishes
from statusgen.views import Snapshot

SECONDS = 60.0  # that a run sends for
SECONDS_OF_ONE = 15.0  # that one message may take
GIVEN_UP = DAY  # after so long an address that takes nothing loses what waits for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a run is to do. ``routes`` are names, none for all; ``seconds`` is how long it may send.

    ``try_fetch`` fetches, and goes on with what is here where the remote is away.
    """

    folder: Path
    now: int
    clock: Callable[[], int]
    jitter: Callable[[], float]
    environment: Mapping[str, str]
    gate: Gate = NO_SECRETS
    routes: tuple[str, ...] = ()
    push: bool = False
    fetch: bool = False
    try_fetch: bool = False
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message: to which address of a route, of what, and what it said."""

    route: str
    kind: str
    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What would have been a message, and what of it a route's filters are against."""

    route: str
    title: str
    why: str

    @property
    def line(self) -> str:
        return f"held back from {self.route}: {self.title}, {self.why}"


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run did, in lines for people: none of them holds an address.

    ``begun`` are the addresses of which only was recorded what there is; ``faults`` is what is wrong with the
    configuration, ``failures`` with the world; ``left_out`` are files with errors, of which nothing is told; ``notes``
    say that the remote is away. Only a preview finds what filters ``held`` back, and ``examples``: what new addresses
    would have got for the newest event.
    """

    sent: list[Sent] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    waiting: int = 0
    faults: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    examples: list[Sent] = field(default_factory=list)

    def lines(self, *, dry_run: bool) -> Iterator[str]:
        """Yield what was done, or would be; what went wrong is left out."""
        for name in self.begun:
            does = "would record" if dry_run else "recorded"
            yield f"route '{name}' is new: {does} what there is, and nothing of that is sent"
            yield from self._example(name)
        for sent in self.sent:
            yield f"{'would tell' if dry_run else 'told'} {sent.route}: {sent.title}"
            yield from (f"    {line}" for line in sent.text.split("\n") if dry_run)
        yield from (held.line for held in self.held)
        if self.waiting:
            yield f"{self.waiting} more {'waits' if self.waiting == 1 else 'wait'} for the next run"
        if not (self.sent or self.begun or self.waiting or self.failures or self.faults):
            yield "Nothing to tell."

    def _example(self, name: str) -> Iterator[str]:
        """Yield what a new address would have got: whoever sets one up wants to see how it reads."""
        examples = [each for each in self.examples if each.route == name]
        if examples:
            yield "a new route only takes note of what is; from then on it would get messages like this:"
        for each in examples:
            yield f"    {each.title}"
            yield from (f"        {line}" for line in each.text.split("\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One address of a route, as it is written. ``id`` is how the record knows it, ``name`` how people do."""

    route: Route
    kind: str
    reference: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.route.name}/{digest(self.reference)[:12]}"

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.kind]


def recipients_of(site: Site, chosen: Collection[str] = ()) -> tuple[Recipient, ...]:
    """Return the addresses of a site's routes, or of those chosen by name; raise StatusgenError for an unknown one."""
    known = [route.name for route in site.routes]
    for name in chosen:
        if name not in known:
            raise StatusgenError(f"there is no route '{name}'{did_you_mean(name, known)}: correct the name")
    wanted = (route for route in site.routes if not chosen or route.name in chosen)
    return tuple(recipient for route in wanted for recipient in _of_route(route))


def _of_route(route: Route) -> Iterator[Recipient]:
    if route.webhook:
        yield Recipient(route=route, kind="webhook", reference=route.webhook, name=route.name)
    references = tuple(dict.fromkeys(route.to))
    for i, reference in enumerate(references, 1):
        name = route.name if len(references) == 1 else f"{route.name} ({i} of {len(references)})"
        yield Recipient(route=route, kind="to", reference=reference, name=name)


# What there is to tell


class Withheld(Undelivered):
    """A message that no address may get: those behind it do not wait."""


@dataclass(frozen=True, slots=True)
class Teller:
    """The snapshot, and how it is told."""

    snapshot: Snapshot
    words: Words
    prose: Prose

    def message(self, recipient: Recipient, notice: Notice) -> Message:
        title, text = said.told(notice, self.snapshot, self.words, self.prose)
        payload = said.payload(notice, self.snapshot, self.words, self.prose) if recipient.kind == "webhook" else b""
        return Message(id=self.id(recipient, notice.key), title=title, text=text, payload=payload)

    def summary(self, recipient: Recipient, notices: tuple[Notice, ...]) -> Message:
        title, text = said.together(notices, self.snapshot, self.words, self.prose)
        return Message(id=self.id(recipient, *(notice.key for notice in notices)), title=title, text=text, payload=b"")

    def trial(self, recipient: Recipient, at: int) -> Message:
        title, text = said.greeting(self.snapshot, self.words)
        payload = said.trial(self.snapshot, self.words)
        return Message(id=self.id(recipient, "test", at), title=title, text=text, payload=payload)

    def id(self, recipient: Recipient, *key: object) -> str:
        """Return a message's id: who gets the same one twice may drop it."""
        return f"msg_{digest(self.snapshot.site.id, recipient.id, *key)[:32]}"


def _teller(read: Sources, now: int, report: Report) -> Teller:
    memory = cache.Cache(sources.cache_folder(read.home))
    taken, problems = making.take(read, now, memory, Wishes())
    report.left_out += [str(problem) for problem in problems if problem.level is Level.ERROR]
    spoken = language(read.site.language, read.theme, memory, f"themes/{read.site.theme}/")
    memory.save()

    def placed(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(taken.rendered[text].html, root, home, prefix)

    return Teller(taken.snapshot, Words(spoken), placed)


def _due(recipient: Recipient, entry: Entry, snapshot: Snapshot) -> tuple[Notice, ...]:
    return announcing.due(snapshot, entry.announced, recipient.route.ahead, entry.waiting)


def _wanted(recipient: Recipient, entry: Entry, snapshot: Snapshot) -> tuple[Notice, ...]:
    due = _due(recipient, entry, snapshot)
    return tuple(notice for notice in due if announcing.wanted(recipient.route, notice, entry.heard))


# What is done about it


def preview(orders: Orders) -> Report:
    """Return what would be sent; nothing is written, and no secret is needed."""
    read, recipients, report = _prepared(orders)
    if recipients:
        keeper = _keeper(orders, read.site, push=False, away="".join(report.notes))
        teller = _teller(read, orders.now, report)
        book = _book(keeper.read(), read.site)
        for recipient in recipients:
            if recipient.id in book.entries:
                _foresee(recipient, book.entries[recipient.id], teller, report)
            else:
                _introduce(recipient, teller, report)
    return report


def _foresee(recipient: Recipient, entry: Entry, teller: Teller, report: Report) -> None:
    """Note what of that is due an address would get, and what its filters hold back."""
    for notice in _due(recipient, entry, teller.snapshot):
        message = teller.message(recipient, notice)
        if why := announcing.held_back_by(recipient.route, notice, entry.heard):
            report.held.append(Held(route=recipient.name, title=message.title, why=why))
        else:
            report.sent.append(_sent(recipient, notice, message))


def _introduce(recipient: Recipient, teller: Teller, report: Report) -> None:
    """Note that an address is new, and what it would have got for the newest event that its route wants."""
    report.begun.append(recipient.name)
    for notice in announcing.newest(teller.snapshot, recipient.route):
        report.examples.append(_sent(recipient, notice, teller.message(recipient, notice)))
    for notice in announcing.newest(teller.snapshot):
        if why := announcing.held_back_by(recipient.route, notice):
            report.held.append(Held(route=recipient.name, title=teller.message(recipient, notice).title, why=why))


def try_out(orders: Orders) -> Report:
    """Send a message that says it is a test to every address; nothing is recorded."""
    read, recipients, report = _prepared(orders)
    addresses = _addresses(recipients, orders.environment, report)
    if addresses:
        teller = _teller(read, orders.now, report)
        for recipient in (each for each in recipients if each.id in addresses):
            message = teller.trial(recipient, orders.clock())
            try:
                _hand_over(recipient, message, addresses[recipient.id], orders)
            except Undelivered as error:
                report.failures.append(f"route '{recipient.name}': {error}")
            else:
                report.sent.append(
                    Sent(route=recipient.name, kind="test", key="test", title=message.title, text=message.text)
                )
    return report


def announce(orders: Orders) -> Report:
    """Send what is due and record it. Raise WorldError where it cannot be recorded: then nothing more is sent."""
    read, recipients, report = _prepared(orders)
    addresses = _addresses(recipients, orders.environment, report)
    recipients = tuple(each for each in recipients if each.id in addresses)
    if recipients:
        keeper = _keeper(orders, read.site, push=orders.push, away="".join(report.notes))
        teller = _teller(read, orders.now, report)
        _Run(orders, teller, keeper, addresses, report).go(read.site, recipients)
    return report


def _hand_over(recipient: Recipient, message: Message, address: Address, orders: Orders) -> None:
    """Give a message to its channel; raise Undelivered if it does not take it, and for one that holds a secret."""
    content = f"{message.title}\n{message.text}\n".encode() + message.payload
    if name := orders.gate.found(content):
        raise Withheld(f"the message would hold the secret '{name}': take it out of what people wrote")
    deliver(recipient.channel, message, address, orders.clock(), SECONDS_OF_ONE)


def _prepared(orders: Orders) -> tuple[Sources, tuple[Recipient, ...], Report]:
    read, report = sources.read(orders.folder, gate=orders.gate), Report()
    recipients = recipients_of(read.site, orders.routes)
    if recipients and read.site.branch:
        if orders.try_fetch:
            away = branches.fetch_if_reached(repository_of(orders.folder), read.site.branch)
            report.notes += [away] if away else []
        elif orders.fetch:
            branches.fetch(repository_of(orders.folder), read.site.branch)
    return read, recipients, report


def _book(text: str, site: Site) -> Logbook:
    return logbook.decode(text, site.id, keeping.place(site))


def _keeper(orders: Orders, site: Site, *, push: bool, away: str) -> Keeper:
    def join(theirs: str, ours: str) -> str:
        return logbook.encode(_book(theirs, site).joined(_book(ours, site)))

    return keeping.keeper(
        orders.folder,
        site,
        push=push,
        fetch=orders.fetch or orders.try_fetch,
        jitter=orders.jitter,
        gate=orders.gate,
        join=join,
        alone=orders.try_fetch,
        away=away,
    )


def _addresses(recipients: Iterable[Recipient], environment: Mapping[str, str], report: Report) -> dict[str, Address]:
    """Return the addresses by the id of their recipient, and note what keeps one from being used."""
    found: dict[str, Address] = {}
    for recipient in recipients:
        texts = (recipient.reference, recipient.route.secret if recipient.kind == "webhook" else "")
        unset = [name for text in texts for name in secret.names(text) if not environment.get(name)]
        if unset:
            report.faults.append(f"route '{recipient.name}': environment variable '{unset[0]}' is not set")
            continue
        url, key = (secret.fill(text, environment).strip() for text in texts)
        address = Address(url=url, secret=key)
        if fault := _fault(recipient, address):
            report.faults.append(f"route '{recipient.name}': {fault}")
        else:
            found[recipient.id] = address
    return found


def _fault(recipient: Recipient, address: Address) -> str:
    """Return what is wrong with an address, by the name of its variable and never by its text."""
    of_url = recipient.channel.fault(replace(address, secret=""))
    fault = of_url or recipient.channel.fault(address)
    names = secret.names(recipient.reference if of_url else recipient.route.secret)
    is_about_us = not fault or fault == chat.NEEDED
    return fault if is_about_us else f"what '{names[0]}' holds {fault}" if names else f"its address {fault}"


def _sent(recipient: Recipient, notice: Notice, message: Message) -> Sent:
    return Sent(route=recipient.name, kind=notice.kind.value, key=notice.key, title=message.title, text=message.text)


@dataclass(slots=True)
class _Run:
    """One run over all addresses. ``book`` is the record as it was written last, ``begun`` what it says of this run."""

    orders: Orders
    teller: Teller
    keeper: Keeper
    addresses: Mapping[str, Address]
    report: Report
    book: Logbook = field(init=False)
    begun: int = field(init=False)
    end: float = field(init=False)
    withheld: set[str] = field(default_factory=set)  # keys of notices

    def go(self, site: Site, recipients: tuple[Recipient, ...]) -> None:
        self.book = _book(self.keeper.read(), site)
        self.end = time.monotonic() + self.orders.seconds  # from here on: reading may wait for a remote that hangs
        self.report.begun += [each.name for each in recipients if each.id not in self.book.entries]
        if not self._opened(recipients):
            return
        for recipient in sorted(
            recipients, key=lambda each: self._entry(each).failing is not None
        ):  # who fails keeps no one waiting
            self._empty(recipient)
        self.report.waiting = sum(len(_wanted(each, self._entry(each), self.snapshot)) for each in recipients)

    @property
    def snapshot(self) -> Snapshot:
        return self.teller.snapshot

    def _entry(self, recipient: Recipient) -> Entry:
        return self.book.entries.get(recipient.id) or Entry(
            announced=announcing.baseline(self.snapshot, recipient.route.ahead)
        )

    def _opened(self, recipients: tuple[Recipient, ...]) -> bool:
        """Record what there is to do, and tell whether anything is to be sent."""
        due = [_due(each, self._entry(each), self.snapshot) for each in recipients]
        is_begun = all(each.id in self.book.entries for each in recipients)
        if is_begun and not any(due) and not self.keeper.waits():
            return False
        self._change(lambda book: self._begun(book, recipients), "Notices: what there is")
        return any(_wanted(each, self._entry(each), self.snapshot) for each in recipients)

    def _begun(self, book: Logbook, recipients: tuple[Recipient, ...]) -> Logbook:
        """Return the record with the addresses that are new, what none of a route wants, and since when the rest waits.

        That it changes each time is what proves that it can be written.
        """
        now, self.book = self.orders.now, book
        for recipient in recipients:
            entry = self._entry(recipient)
            wanted = _wanted(recipient, entry, self.snapshot)
            entry = entry.with_told([each for each in _due(recipient, entry, self.snapshot) if each not in wanted], now)
            book = book.with_entry(recipient.id, entry.with_waiting(wanted, now))
        ids = (each.id for each in recipients_of(self.snapshot.site))
        self.begun = max(self.orders.clock(), book.begun + 1)  # no two runs the same, whatever clocks say
        return replace(book, begun=self.begun).tidied(self.snapshot, ids)

    def _change(self, change: Callable[[Logbook], Logbook], message: str) -> None:
        site = self.snapshot.site
        text = self.keeper.write(lambda text: logbook.encode(change(_book(text, site))), message, self.orders.now)
        self.book = _book(text, site)

    def _empty(self, recipient: Recipient) -> None:
        """Send what waits for one address, oldest first, until it fails or the time is over."""
        for number in range(recipient.channel.most + 1):
            wanted = _wanted(recipient, self._entry(recipient), self.snapshot)
            waiting = tuple(notice for notice in wanted if notice.key not in self.withheld)
            if not waiting or (number == recipient.channel.most and not recipient.channel.sums_up):
                return
            is_last = number == recipient.channel.most and len(waiting) > 1
            notices = waiting if is_last else waiting[:1]
            message = self.teller.summary(recipient, notices) if is_last else self.teller.message(recipient, notices[0])
            if self.end - time.monotonic() < SECONDS_OF_ONE or self.book.begun != self.begun:
                return  # cut short, a message may arrive and count as failed; or another run goes on from here
            try:
                _hand_over(recipient, message, self.addresses[recipient.id], self.orders)
            except Withheld as error:
                self.withheld.update(notice.key for notice in notices)
                self._failed(recipient, notices, error)
            except Undelivered as error:
                if not self._failed(recipient, notices, error):
                    return
            else:
                self._took(recipient, notices, message)

    def _took(self, recipient: Recipient, notices: tuple[Notice, ...], message: Message) -> None:
        """Record what an address took, on whatever others have recorded meanwhile."""
        kind = notices[0].kind.value if len(notices) == 1 else "summary"
        key = notices[0].key if len(notices) == 1 else message.id
        self.report.sent.append(Sent(route=recipient.name, kind=kind, key=key, title=message.title, text=message.text))

        def told(book: Logbook) -> Logbook:
            entry = (book.entries.get(recipient.id) or self._entry(recipient)).with_sent(notices, self.orders.now)
            return book.with_entry(recipient.id, replace(entry, failing=None))

        try:
            self._change(told, f"Notices: told {recipient.route.name}")
        except WorldError as error:
            remedy = "so the next run may send it once more, under the same id; nothing else was sent"
            raise WorldError(
                f"{error}\nroute '{recipient.name}' took a message that could not be recorded, {remedy}"
            ) from None

    def _failed(self, recipient: Recipient, notices: tuple[Notice, ...], error: Undelivered) -> bool:
        """Record that an address did not take notices, and tell whether some of them were given up.

        Only what was tried is given up: the next may be one that the address takes.
        """
        now = self.orders.now
        entry = self._entry(recipient)
        lost = tuple(each for each in notices if now - entry.waiting.get(each.key, now) >= GIVEN_UP)
        failure = f"route '{recipient.name}': {error}; the next run tries again"
        self.report.failures += [failure] * (failure not in self.report.failures)
        for notice in lost:
            title, _ = said.told(notice, self.snapshot, self.teller.words, self.teller.prose)
            self.report.given_up.append(f"route '{recipient.name}': given up after {GIVEN_UP // 3_600} hours: {title}")

        def left(book: Logbook) -> Logbook:
            old = book.entries.get(recipient.id) or entry
            failing = now if old.failing is None else old.failing
            return book.with_entry(recipient.id, replace(old.with_told(lost, now), failing=failing))

        if lost or entry.failing is None:
            self._change(left, f"Notices: {recipient.route.name} takes nothing")
        return bool(lost)
