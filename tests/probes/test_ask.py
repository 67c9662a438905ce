"""Asking: re-probing, judging, and many checks at once of which some hang and some crash."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import statusgen
from statusgen import periods, reasons
from statusgen.model import Check, Details, Limits, Observation, Probing, Question, Round, Sample, Verdict
from statusgen.probes import KINDS
from statusgen.probes.asking import Answer, ask, ask_all, judge, round_of
from statusgen.probes.http import HttpCheck
from statusgen.probes.kind import World
from statusgen.probes.tcp import TcpCheck
from statusgen.probes.tls import TlsCheck

from .servers import (
    AT,
    CERTIFICATES,
    SLACK,
    TIMEOUT_MS,
    Server,
    answering,
    eventually,
    response,
    silent,
    unused_port,
)

UP, DEGRADED, DOWN = Verdict
WORLD = World(environment={}, base=CERTIFICATES)
SEEN = (("api", UP, ""), ("web", DEGRADED, "slow"), ("db", DOWN, "timeout"))
TWICE_MORE = Probing(timeout_ms=5_000, reprobe_ms=(10, 10))


def check(question: Question, id: str = "api") -> Check:
    return Check(id=id, question=question)


def asked(checks: Sequence[Check], probing: Probing, world: World = WORLD) -> dict[str, Answer]:
    """Ask all at once, and return the answers of those whose probes did not crash."""
    return {id: answer for id, answer in ask_all(checks, AT, probing, world) if answer}


def samples_of(answers: Mapping[str, Answer]) -> dict[str, Sample]:
    return {id: answer.sample for id, answer in answers.items()}


def in_turn(*answers: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    """Answer each request as the next one says, and then as the last one does."""
    left = list(answers)
    return lambda _: (left.pop(0) if len(left) > 1 else left[0])()


def good() -> bytes:
    return response(200)


def bad() -> bytes:
    return response(503)


def slow() -> bytes:
    threading.Event().wait(0.2)
    return response(200)


@pytest.mark.parametrize(
    ("answers", "verdict", "reason", "tries"),
    [
        ((good,), UP, "", 1),
        ((bad, good), UP, "", 2),
        ((bad, bad, good), UP, "", 3),
        ((bad, bad, bad, good), DOWN, "status 503", 3),
        ((bad, slow, bad), DEGRADED, "slow", 3),
        ((slow, bad, bad), DEGRADED, "slow", 3),
        ((slow, good), UP, "", 2),
    ],
)
def test_a_failure_is_asked_again_and_the_best_answer_counts(
    answers: tuple[Callable[[], bytes], ...], verdict: Verdict, reason: str, tries: int
) -> None:
    for kind in KINDS:
        kind.prepare(())
    with answering(in_turn(*answers)) as server:
        sample, _ = ask(check(HttpCheck(url=server.url(), degraded_above=(("total", 180),))), AT, TWICE_MORE, WORLD)
        assert (sample.at, sample.verdict, sample.reason) == (AT, verdict, reason)
        assert server.connections == tries


def test_the_details_are_those_of_the_try_that_counts() -> None:
    with answering(in_turn(bad, slow, bad)) as server:
        answer = ask(check(HttpCheck(url=server.url(), degraded_above=(("total", 180),))), AT, TWICE_MORE, WORLD)
    assert answer.sample.verdict is DEGRADED
    assert answer.details is not None
    assert (answer.details.first_byte or 0) >= 190


def test_without_reprobes_it_is_asked_once() -> None:
    with answering(in_turn(bad, good)) as server:
        sample, _ = ask(check(HttpCheck(url=server.url())), AT, Probing(reprobe_ms=()), WORLD)
        assert sample.verdict is DOWN
        assert server.connections == 1


def test_the_first_of_equally_bad_answers_stands() -> None:
    with answering(in_turn(bad, lambda: response(500))) as server:
        assert ask(check(HttpCheck(url=server.url())), AT, TWICE_MORE, WORLD).sample.reason == "status 503"


def test_each_try_has_the_whole_timeout_and_waits_before() -> None:
    probing = Probing(timeout_ms=100, reprobe_ms=(40, 20))
    started = time.monotonic()
    with Server(silent) as server:
        sample, _ = ask(check(HttpCheck(url=server.url())), AT, probing, WORLD)
        assert eventually(lambda: server.connections == 3)
    assert sample == Sample(AT, DOWN, None, "timeout")
    assert 0.36 <= time.monotonic() - started < 0.36 + SLACK


def test_a_checks_own_timeout_comes_before_the_sites() -> None:
    started = time.monotonic()
    with Server(silent) as server:
        ask(check(HttpCheck(url=server.url(), timeout_ms=100)), AT, Probing(timeout_ms=60_000, reprobe_ms=()), WORLD)
    assert time.monotonic() - started < 0.1 + SLACK


@pytest.mark.parametrize(
    ("question", "seen", "sample"),
    [
        (TcpCheck(host="a", port=1), Observation(latency=900), Sample(AT, UP, 900)),
        (TcpCheck(host="a", port=1, degraded_above=(("total", 900),)), Observation(latency=900), Sample(AT, UP, 900)),
        (
            TcpCheck(host="a", port=1, degraded_above=(("total", 9),)),
            Observation(latency=10),
            Sample(AT, DEGRADED, 10, "slow"),
        ),
        (
            HttpCheck(url="", degraded_above=(("total", 1),)),
            Observation(latency=9, status=500),
            Sample(AT, DOWN, 9, "status 500"),
        ),
        (
            TlsCheck(host="a", degraded_above=(("total", 1),)),
            Observation(latency=9, certificate_end=AT + 1),
            Sample(AT, DEGRADED, 9, "slow"),
        ),
        (TlsCheck(host="a"), Observation(latency=9, certificate_end=AT + 1), Sample(AT, UP, 9, "tls_expiring")),
    ],
)
def test_the_kind_judges_first_and_then_the_threshold(question: Question, seen: Observation, sample: Sample) -> None:
    assert judge(check(question), seen, None, AT) == sample
    assert reasons.known(sample.reason)


@pytest.mark.parametrize(
    ("limits", "sample"),
    [
        ({"degraded_above": (("connect", 20),)}, Sample(AT, DEGRADED, 90, "slow")),
        ({"degraded_above": (("connect", 21),)}, Sample(AT, UP, 90)),
        ({"degraded_above": (("dns", 1), ("connect", 20))}, Sample(AT, DEGRADED, 90, "slow")),
        ({"degraded_above": (("tls", 1),)}, Sample(AT, UP, 90)),  # there is no such phase
        ({"down_above": (("first_byte", 60),)}, Sample(AT, DOWN, 90, "slow")),
        ({"degraded_above": (("total", 80),), "down_above": (("total", 89),)}, Sample(AT, DOWN, 90, "slow")),
        ({"degraded_above": (("total", 80),), "down_above": (("total", 90),)}, Sample(AT, DEGRADED, 90, "slow")),
    ],
)
def test_a_limit_may_be_on_one_phase(limits: dict[str, Limits], sample: Sample) -> None:
    details = Details(dns=1, connect=21, first_byte=61, transfer=7)
    question = HttpCheck(url="", **limits)  # type: ignore[arg-type]
    assert judge(check(question), Observation(latency=90, status=200), details, AT) == sample


def test_an_inverted_check_is_up_while_nothing_answers() -> None:
    with answering(response()) as server:
        closed = TcpCheck(host="127.0.0.1", port=unused_port(), inverted=True)
        opened = TcpCheck(host="127.0.0.1", port=server.port, inverted=True)
        samples = samples_of(asked([check(closed, "closed"), check(opened, "open")], Probing(reprobe_ms=())))
    assert samples["closed"] == Sample(AT, UP)
    assert (samples["open"].verdict, samples["open"].reason) == (DOWN, "inverted")


# What is recorded.


def test_details_are_recorded_of_what_fails_and_once_an_hour_of_all() -> None:
    hour = AT - AT % periods.HOUR
    seen = {id: Answer(Sample(AT, verdict, 9, reason), Details(dns=i)) for i, (id, verdict, reason) in enumerate(SEEN)}
    rounds = [round_of(at, seen, 300) for at in range(hour + 7, hour + 2 * periods.HOUR, 300)]
    assert [len(round_.details) for round_ in rounds] == [3, *[2] * 11] * 2
    assert dict(rounds[0].details) == {id: answer.details for id, answer in seen.items()}
    assert rounds[1].details == (("web", Details(dns=1)), ("db", Details(dns=2)))
    assert all(dict(round_.answers) == samples_of(seen) for round_ in rounds)


def test_of_a_crowd_that_fails_a_hundred_tell_how() -> None:
    hour = AT - AT % periods.HOUR
    seen = {f"c{i}": Answer(Sample(AT, DOWN, None, "timeout"), Details(dns=i)) for i in range(250)}
    assert len(round_of(hour + 7, seen, 60).details) == 250
    later = round_of(hour + 67, seen, 60)
    assert later.details == tuple((f"c{i}", Details(dns=i)) for i in range(100))
    assert len(later.answers) == 250


def test_rounds_that_are_an_hour_apart_all_have_details() -> None:
    seen = {"api": Answer(Sample(AT, UP, 9), Details(dns=1))}
    for interval in (periods.HOUR, periods.DAY, 90 * periods.MINUTE):
        assert all(round_of(at, seen, interval).details for at in range(AT, AT + 9 * interval, interval))


def test_what_tells_no_details_has_none_in_the_round() -> None:
    seen = {"api": Answer(Sample(AT, DOWN, None, "dns"))}
    assert round_of(AT, seen, periods.DAY) == Round(at=AT, answers=(("api", Sample(AT, DOWN, None, "dns")),))


# Many at once.


def test_every_check_has_its_answer_however_few_threads_there_may_be() -> None:
    with answering(response()) as server:
        questions = [TcpCheck(host="127.0.0.1", port=server.port if i % 3 else unused_port()) for i in range(60)]
        checks = [check(question, f"c{i}") for i, question in enumerate(questions)]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        for files in (hard, 130):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, files), hard))
            try:
                samples = samples_of(asked(checks, Probing(reprobe_ms=())))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert {id: sample.reason for id, sample in samples.items()} == {
                f"c{i}": "" if i % 3 else "refused" for i in range(60)
            }
            assert {sample.at for sample in samples.values()} == {AT}


def test_no_checks_have_no_answers() -> None:
    assert asked([], Probing()) == {}


def test_a_probe_that_crashes_loses_its_own_sample_only(capsys: pytest.CaptureFixture[str]) -> None:
    """A secret that is not set is what makes a probe crash here: commands look for that before they probe."""
    with answering(response()) as server:
        crashing = HttpCheck(url=server.url("/?s3cr3t"), headers=(("X-Token", "${env:STATUS_UNSET}"),))
        fine = HttpCheck(url=server.url())
        checks = [check(fine, "one"), check(crashing, "two"), check(fine, "three")]
        samples = samples_of(asked(checks, TWICE_MORE))
    assert samples.keys() == {"one", "three"}
    assert {sample.verdict for sample in samples.values()} == {UP}
    written = capsys.readouterr().err
    assert written == "probe of 'two' crashed: KeyError; no sample was taken\n"


def test_fifty_targets_that_hang_are_done_on_time() -> None:
    with Server(silent) as server:
        hanging = [check(HttpCheck(url=server.url()), f"c{i}") for i in range(50)]
        started = time.monotonic()
        samples = samples_of(asked(hanging, Probing(timeout_ms=TIMEOUT_MS, reprobe_ms=())))
        took = time.monotonic() - started
    assert set(samples.values()) == {Sample(AT, DOWN, None, "timeout")}
    assert len(samples) == 50
    assert took <= TIMEOUT_MS / 1_000 + 2  # one after another they would take ten seconds


def test_what_hangs_does_not_hold_up_what_answers() -> None:
    with Server(silent) as stuck, answering(response()) as server:
        urls = [(stuck if i % 2 else server).url() for i in range(20)]
        checks = [check(HttpCheck(url=url, timeout_ms=TIMEOUT_MS), f"c{i}") for i, url in enumerate(urls)]
        samples = samples_of(asked(checks, Probing(reprobe_ms=())))
    assert [samples[one.id].verdict for one in checks] == [UP, DOWN] * 10


def test_no_secret_and_no_address_reaches_a_sample() -> None:
    world = World(environment={"STATUS_TOKEN": "s3cr3t"}, base=CERTIFICATES)
    headers = (("X-Token", "${env:STATUS_TOKEN}"),)

    def mirror(request: bytes) -> bytes:
        return request if b"/raw" in request else response(302, Location=f"http://127.0.0.1:{port}/{request!r}")

    port = unused_port()
    with answering(mirror) as server:
        urls = [server.url(path + "?k=${env:STATUS_TOKEN}") for path in ("/", "/raw")] + [f"http://127.0.0.1:{port}"]
        checks = [check(HttpCheck(url=url, headers=headers), str(i)) for i, url in enumerate(urls)]
        answers = asked(checks, Probing(reprobe_ms=()), world)
    assert [answers[one.id].sample.reason for one in checks] == ["refused", "protocol", "refused"]
    assert "s3cr3t" not in repr(answers)
    assert "127.0.0.1" not in repr(answers)


WATCHED = """
import sys, threading
from pathlib import Path

imported = []


def watch(event, arguments):
    if event == "import" and threading.current_thread() is not threading.main_thread():
        imported.append(arguments[0].partition(".")[0])


sys.addaudithook(watch)
from statusgen.model import Check, Probing
from statusgen.probes.asking import ask_all
from statusgen.probes.dns import DnsCheck
from statusgen.probes.http import HttpCheck
from statusgen.probes.kind import World
from statusgen.probes.tls import TlsCheck

port = int(sys.argv[1])
http = Check(id="http", question=HttpCheck(url=f"http://127.0.0.1:{port}/"))
tls = Check(id="tls", question=TlsCheck(host="127.0.0.1", port=port))
dns = Check(id="dns", question=DnsCheck(name="a.example", resolver=(f"127.0.0.1:{port}",)))
list(ask_all([http, tls, dns], 0, Probing(timeout_ms=50, reprobe_ms=()), World({}, Path())))
print(*imported)
"""


def test_no_probe_measures_how_long_its_libraries_take_to_load() -> None:
    """In a process of its own, as each round is: importing the HTTP library alone takes 200 ms."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(unused_port())],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(statusgen.__file__).parent.parent,
    )
    assert done.stderr == ""
    assert not {"requests", "urllib3", "dns", "certifi", "ssl"} & set(done.stdout.split()), done.stdout
