"""A round as it is taken by the program: is the prober online, what do all checks say, is it still online."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from statusgen.model import Check, Probing, Question, Round, Sample, Verdict
from statusgen.probes import rounds
from statusgen.probes.http import HttpCheck
from statusgen.probes.kind import World
from statusgen.probes.rounds import Taken
from statusgen.probes.tcp import TcpCheck
from tests.sites import PATIENCE, eventually, running, write

from .apart import Taker
from .servers import AT, Act, Server, answering, dripping, read_request, response, silent, unused_port

UP, _, DOWN = Verdict
BUSY = 3.0  # seconds by which a machine that is busy may be late


class Control:
    """A port that takes connections and never looks at them, until it goes away."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._asked = 0

    def go_away(self) -> None:
        """Refuse connections from now on, and keep the port: another listener would answer in its place."""
        place = self._listener.getsockname()
        self._listener.close()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(place)

    def close(self) -> None:
        self._listener.close()

    def times_asked(self) -> int:
        """Count the connections so far."""
        self._listener.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()
                self._asked += 1
        return self._asked


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """Give a target that does not even refuse: who connects waits, since all places in its queue are taken."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as stack:
        for _ in range(4):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def taker() -> Iterator[Taker]:
    taking = Taker()
    yield taking
    taking.close()


@pytest.fixture
def controls() -> Iterator[list[Control]]:
    three = [Control() for _ in range(3)]
    yield three
    for control in three:
        control.close()


def asked(**targets: str | Question) -> list[Check]:
    """Return checks: questions, or in short the URLs to get and ports to connect to."""
    return [Check(id=id, question=question_of(target)) for id, target in targets.items()]


def question_of(target: str | Question) -> Question:
    if not isinstance(target, str):
        return target
    if "://" in target:
        return HttpCheck(url=target)
    host, _, port = target.partition(":")
    return TcpCheck(host=host, port=int(port))


def guarded(*controls: Control | str, timeout_ms: int = 5_000) -> Probing:
    """Return how to probe with controls of which more than half must answer."""
    targets = tuple(control if isinstance(control, str) else control.target for control in controls)
    return Probing(timeout_ms=timeout_ms, reprobe_ms=(), controls=targets)


def closed() -> str:
    return f"127.0.0.1:{unused_port()}"


def verdicts(taken: Taken) -> dict[str, Verdict | None]:
    assert (taken.round.prober_error, taken.crashed) == ("", ())
    return {check: sample.verdict for check, sample in taken.round.answers}


GAP = Taken(round=Round(at=AT, prober_error="offline"))


# Before anything is asked.


def test_without_controls_nobody_doubts_the_prober(taker: Taker) -> None:
    assert verdicts(taker.take(asked(api=closed(), web=closed()), guarded())) == {"api": DOWN, "web": DOWN}


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_any_two_of_three_controls_are_enough(gone: int, taker: Taker, controls: list[Control]) -> None:
    controls[gone].go_away()
    with Server(silent) as server:
        assert verdicts(taker.take(asked(api=f"127.0.0.1:{server.port}"), guarded(*controls))) == {"api": UP}


@pytest.mark.parametrize("left", [0, 1, 2])
def test_with_one_of_three_the_prober_is_offline_and_nothing_is_asked(
    left: int, taker: Taker, controls: list[Control]
) -> None:
    for control in controls[:left] + controls[left + 1 :]:
        control.go_away()
    with Server(silent) as server:
        assert taker.take(asked(api=f"127.0.0.1:{server.port}"), guarded(*controls)) == GAP
        assert server.connections == 0


def test_a_control_that_fails_once_is_asked_again(taker: Taker, controls: list[Control]) -> None:
    """It listens only after a while: between the first try and the second."""
    port = unused_port()
    taker.ask(asked(api=controls[2].target), guarded(controls[0], f"127.0.0.1:{port}"))
    assert eventually(lambda: controls[0].times_asked() == 1)
    time.sleep(0.3)
    with socket.create_server(("127.0.0.1", port), backlog=10):
        assert verdicts(taker.answer()[0]) == {"api": UP}


def test_a_control_that_never_answers_costs_no_time_once_enough_others_have(
    taker: Taker, controls: list[Control]
) -> None:
    with black_hole() as hole:
        taker.ask(asked(api=controls[2].target), guarded(hole, *controls[:2]))
        taken, took = taker.answer()
    assert verdicts(taken) == {"api": UP}
    assert took < rounds.CONTROL_MS / 1_000


def test_a_quiet_round_asks_the_controls_once_and_a_failure_makes_them_be_asked_again(
    taker: Taker, controls: list[Control]
) -> None:
    assert verdicts(taker.take(asked(api=controls[2].target), guarded(*controls[:2]))) == {"api": UP}
    assert [control.times_asked() for control in controls[:2]] == [1, 1]
    assert verdicts(taker.take(asked(api=closed()), guarded(*controls[:2]))) == {"api": DOWN}
    assert [control.times_asked() for control in controls[:2]] == [3, 3]


# What fails together.


def test_however_many_fail_together_all_of_it_stands_while_the_controls_answer(
    taker: Taker, controls: list[Control]
) -> None:
    taken = taker.take(asked(**{f"c{i}": closed() for i in range(70)}), guarded(*controls))
    assert dict(taken.round.answers) == {f"c{i}": Sample(AT, DOWN, None, "refused") for i in range(70)}
    assert list(dict(taken.round.answers)) == [f"c{i}" for i in range(70)]


def taking_away(controls: Sequence[Control], act: Act) -> Act:
    """Let all controls but the first go away as soon as a target is asked."""

    def acting(sock: socket.socket) -> None:
        for control in controls[1:]:
            control.go_away()
        act(sock)

    return acting


def well(sock: socket.socket) -> None:
    read_request(sock)
    sock.sendall(response())


def test_a_crowd_of_failures_is_a_gap_when_the_controls_have_gone_away_too(
    taker: Taker, controls: list[Control]
) -> None:
    with Server(taking_away(controls, lambda sock: None)) as server:
        crowd = {f"c{i}": closed() for i in range(10)}
        assert taker.take(asked(last=server.url(), **crowd), guarded(*controls)) == GAP
        assert server.connections == 1


def test_one_failure_is_enough_for_a_doubt(taker: Taker, controls: list[Control]) -> None:
    with Server(taking_away(controls, silent)) as server:
        checks = asked(fine=controls[0].target, last=HttpCheck(url=server.url(), timeout_ms=200))
        assert taker.take(checks, guarded(*controls)) == GAP


def test_what_is_well_is_believed_though_the_controls_have_gone_away(taker: Taker, controls: list[Control]) -> None:
    with Server(taking_away(controls, well)) as server:
        assert verdicts(taker.take(asked(api=server.url()), guarded(*controls))) == {"api": UP}


def test_an_inverted_check_is_up_only_while_the_controls_answer(taker: Taker, controls: list[Control]) -> None:
    inverted = TcpCheck(host="127.0.0.1", port=unused_port(), inverted=True)
    with Server(well) as server:
        taken = taker.take(asked(api=server.url(), inside=inverted), guarded(*controls))
        assert verdicts(taken) == {"api": UP, "inside": UP}
    with Server(taking_away(controls, well)) as server:
        assert taker.take(asked(api=server.url(), inside=inverted), guarded(*controls)) == GAP


# In time.


def test_the_budget_is_that_of_the_longest_check_as_often_as_it_takes_turns() -> None:
    quick = [Check(id=f"c{i}", question=TcpCheck(host="127.0.0.1", port=9)) for i in range(10)]
    slow = Check(id="slow", question=TcpCheck(host="127.0.0.1", port=9, timeout_ms=30_000))
    probing = Probing(timeout_ms=10_000, reprobe_ms=(2_000, 5_000))
    assert rounds.budget(quick, probing) == pytest.approx(3 * 10 + 7 + 10 * rounds.STARTING + rounds.SLACK)
    assert rounds.budget([*quick, slow], probing) == pytest.approx(3 * 30 + 7 + 11 * rounds.STARTING + rounds.SLACK)
    assert rounds.budget([], Probing(reprobe_ms=())) == rounds.SLACK


def test_a_round_of_targets_that_stall_ends_within_its_budget(taker: Taker) -> None:
    probing = Probing(timeout_ms=300, reprobe_ms=(50, 50))
    with Server(silent) as mute, Server(dripping(b"HTTP/1.1 200 OK\r\nX: ")) as slow:
        urls = [mute.url(), slow.url(), f"https://127.0.0.1:{mute.port}/"]
        checks = asked(**{f"c{i}": urls[i % 3] for i in range(60)})
        taker.ask(checks, probing)
        taken, took = taker.answer()
    assert dict(taken.round.answers) == {f"c{i}": Sample(AT, DOWN, None, "timeout") for i in range(60)}
    assert took < rounds.budget(checks, probing) - rounds.SLACK + BUSY


def test_who_interrupts_a_round_gets_what_was_known(taker: Taker) -> None:
    with Server(silent) as stuck, answering(response()) as server:
        checks = asked(stuck=stuck.url(), **{f"c{i}": server.url() for i in range(60)})
        taker.ask(checks, Probing(timeout_ms=60_000, reprobe_ms=()))
        assert eventually(lambda: (stuck.connections, server.connections) == (1, 60))
        time.sleep(0.3)
        started = time.monotonic()
        taker.interrupt()
        taken, _ = taker.answer()
        assert time.monotonic() - started < BUSY
    assert verdicts(taken) == {f"c{i}": UP for i in range(60)}


def test_who_interrupts_the_asking_of_controls_learns_nothing(taker: Taker) -> None:
    with black_hole() as hole:
        taker.ask(asked(api=closed()), guarded(hole))
        time.sleep(0.2)
        started = time.monotonic()
        taker.interrupt()
        taken, _ = taker.answer()
        assert time.monotonic() - started < rounds.CONTROL_MS / 1_000
    assert taken == Taken(round=Round(at=AT))


def test_a_program_that_a_check_has_started_ends_with_the_round(tmp_path: Path) -> None:
    """By hand: the process that takes rounds for other tests starts no programs."""
    started = tmp_path / "started"
    command = ["sh", "-c", f"echo $$ > {started}; exec sleep 60"]
    site = {
        "site": {"name": "Acme", "url": "https://status.acme.example", "id": "acme"},
        "probing": {"timeout": "60s", "preflight": "none"},
        "data": {"branch": "none"},
        "components": [{"id": "job", "name": "Job", "check": {"exec": {"command": command}}}],
    }
    write(tmp_path, **{"components.yaml": json.dumps(site)})
    with running("probe", "--allow-exec", at=tmp_path) as process:
        assert eventually(lambda: started.exists() and started.read_text() != "")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 130
    program = Path(f"/proc/{started.read_text().strip()}")
    assert eventually(lambda: not program.exists())


# Where the process cannot be copied.


def test_a_process_with_threads_takes_the_same_round(controls: list[Control], tmp_path: Path) -> None:
    checks = asked(api=controls[0].target, web=closed())
    world = World({}, tmp_path, AT)
    with Server(silent):
        taken = rounds.take(checks, guarded(*controls), world)
        assert verdicts(taken) == {"api": UP, "web": DOWN}
        for control in controls:
            control.go_away()
        assert rounds.take(checks, guarded(*controls), world) == GAP
