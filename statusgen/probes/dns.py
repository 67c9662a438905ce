"""Ask a name server for a record."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen import shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes.dial import Deadline, Unanswered, resolve
from statusgen.probes.kind import Judgement, Kind, World, host_and_port, questions
from statusgen.shape import Key

TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsCheck(Question):
    """A name that must resolve. ``expect`` must all be among the answers; no ``resolver``: the system's."""

    name: str
    type: str = "A"
    expect: tuple[str, ...] = ()
    resolver: str = ""


def probe(check: DnsCheck, deadline: Deadline, _world: World) -> Observation:
    """Return the answers as their zone-file texts, sorted, without the dot at the end of names."""
    import dns.exception
    import dns.resolver

    resolver = dns.resolver.Resolver(configure=not check.resolver)
    if check.resolver:
        host, port = host_and_port(check.resolver, default=53)
        resolver.nameservers = [str(address[0]) for _, address in resolve(host, port, deadline)]
        resolver.port = port
    # Each server twice, as the C library does. dnspython's own two seconds a try are more tries, between which it
    # sleeps ever longer without a look at the clock.
    resolver.timeout = deadline.left() / (2 * len(resolver.nameservers))
    try:
        answer = resolver.resolve(check.name, check.type, lifetime=deadline.left(), search=False)
    except dns.resolver.NXDOMAIN:
        raise Unanswered("dns_nxdomain") from None
    except dns.resolver.NoAnswer:
        raise Unanswered("dns_no_answer") from None
    except dns.exception.Timeout:
        raise Unanswered("timeout") from None
    except (dns.exception.DNSException, OSError):
        raise Unanswered("dns_server") from None
    latency = deadline.elapsed_ms()
    return Observation(latency=latency, answers=tuple(sorted(_plain(record.to_text()) for record in answer)))


def _plain(text: str) -> str:
    """Return the text without quotes: a long TXT record is several quoted parts of one text."""
    return text.replace('" "', "").replace('"', "").lower().removesuffix(".")


def prepare() -> None:
    import dns.resolver  # noqa: F401  167 ms


def judge(check: DnsCheck, seen: Observation, _at: int) -> Judgement:
    """Every expected answer must be there; others may be as well."""
    missing = {_plain(expected) for expected in check.expect} - set(seen.answers)
    return (Verdict.DOWN, "dns_answer") if missing else (Verdict.UP, "")


KIND = Kind(
    name="dns",
    question=DnsCheck,
    doc="A name that must resolve; short: the name.",
    record=questions(
        DnsCheck,
        {
            "name": Key(
                shape=shape.text(253, r"[A-Za-z0-9_*]([A-Za-z0-9_.*-]*[A-Za-z0-9_.])?", "a domain name"),
                doc="Domain name to ask for.",
                required=True,
            ),
            "type": Key(shape=shape.choice(TYPES), doc="Record type; default A."),
            "expect": Key(
                shape=shape.Many(shape.text(500, wanted="an answer"), single=True),
                doc="Answers that must all be there; default: any answer will do.",
            ),
            "resolver": Key(
                shape=shape.text(260, r"[A-Za-z0-9.:\[\]_-]+", "host or host:port"),
                doc="Name server to ask, host or host:port; default: the system's.",
            ),
        },
        lambda text: DnsCheck(name=text.strip()),
    ),
    probe=probe,
    judge=judge,
    prepare=prepare,
)
