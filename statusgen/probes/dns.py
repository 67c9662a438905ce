"""Ask a name server for the records of a name, and judge all of them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from statusgen import shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes import dial, patterns
from statusgen.probes.dial import Address, Deadline, Unanswered, Unknown
from statusgen.probes.kind import Judgement, Kind, World, host_and_port, questions
from statusgen.shape import Key

TYPES = (
    *("A", "AAAA", "AFSDB", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "DNAME", "DNSKEY", "DS", "HINFO", "HTTPS", "LOC"),
    *("MX", "NAPTR", "NS", "NSEC3PARAM", "OPENPGPKEY", "PTR", "RP", "SMIMEA", "SOA", "SPF", "SRV", "SSHFP", "SVCB"),
    *("TLSA", "TXT", "URI", "ZONEMD"),
)
RCODES = ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED")
_TEXTS = ("TXT", "SPF")
_IN_BASE64 = ("CDNSKEY", "CERT", "DNSKEY", "OPENPGPKEY")
_PORT = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsCheck(Question):
    """A name that must resolve, or must not. An address as ``name`` stands for the name it has in reverse lookups.

    ``expect`` must all be among the answers, and with ``only`` nothing else may be: without ``expect`` there must be
    none. No ``resolver``: the system's.
    """

    name: str
    type: str = "A"
    expect: tuple[str, ...] = ()
    only: bool = False
    matches: str = ""
    rcode: str = "NOERROR"
    resolver: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rcode != "NOERROR" and (self.expect or self.only or self.matches):
            raise ValueError(f"with 'rcode: {self.rcode}' there are no answers: remove 'expect', 'only' and 'matches'")
        if _is_address(self.name) and self.type != "PTR":
            raise ValueError(f"'{self.name}' is an address: write a name, or 'type: PTR' to ask whose it is")


def probe(check: DnsCheck, deadline: Deadline, _world: World) -> Observation:
    """Return the answers as ``_written``, sorted."""
    from statusgen.probes import lookup

    name = f"{ipaddress.ip_address(check.name).reverse_pointer}." if _is_address(check.name) else check.name
    servers = _servers(check, deadline)
    try:
        reply = lookup.ask(name, check.type, servers, deadline, check.rcode)
    except Unanswered as observed:
        raise blamed(check, observed) from None
    latency = deadline.elapsed_ms()
    rcode = reply.rcode().name
    if rcode == check.rcode != "NOERROR":
        return Observation(latency=latency)
    if rcode != "NOERROR":
        raise Unanswered("dns_nxdomain" if rcode == "NXDOMAIN" else "dns_server")
    answers = tuple(sorted(_written(check.type, text) for text in lookup.answers(reply)))
    if not answers and not (check.only and not check.expect):
        raise Unanswered("dns_no_answer")
    is_met = check.rcode == "NOERROR" and all(_matches(check, answer, deadline) for answer in answers)
    return Observation(latency=latency, answers=answers, unmet="" if is_met else "dns_answer")


def blamed(check: DnsCheck, observed: Unanswered) -> Unanswered | Unknown:
    """Return what a failure amounts to: where the machine's own name server is not there, the name is not at fault."""
    is_ours = not check.resolver and observed.reason in ("refused", "unreachable")
    return Unknown("unsupported") if is_ours else observed


def _servers(check: DnsCheck, deadline: Deadline) -> list[Address]:
    """Return the addresses to ask in turn; raise Unanswered with the last reason if a configured server has none.

    The machine's own server may be where clouds keep their metadata: in theirs it often is.
    """
    from statusgen.probes import lookup

    found: list[Address] = []
    failure: Unanswered | Unknown = Unknown("unsupported")  # a machine without a name server is no outage
    for server in check.resolver or lookup.configured():
        host, port = host_and_port(server, _PORT) if check.resolver else (server, _PORT)
        try:
            found += (dial.resolve if check.resolver else dial.found)(host, port, deadline, check.ip)
        except (Unanswered, Unknown) as observed:
            failure = observed if check.resolver else failure
    if not found:
        raise failure
    return found


def _matches(check: DnsCheck, answer: str, deadline: Deadline) -> bool:
    return not check.matches or patterns.matches(check.matches, answer, deadline)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _written(type: str, text: str) -> str:
    """Return a record in one spelling: names and hexadecimal digits in lower case, no dot at the end of names.

    Texts and keys keep their case. Quotes are of zone files; a long text there is several quoted parts of one.
    """
    if type in _TEXTS:
        return " ".join(text.split())
    words = [word.removesuffix(".") or "." for word in text.replace('"', "").split()]
    written = " ".join(words)
    return written if type in _IN_BASE64 else written.lower()


def _compared(type: str, text: str) -> str:
    """Return what two spellings of one record have in common; tools break long digits where they like."""
    if type in _TEXTS:
        quoted = len(text) > 1 and text.startswith('"') and text.endswith('"')
        return re.sub(r'"\s+"', "", text)[1:-1] if quoted else text
    if _is_address(text):
        return str(ipaddress.ip_address(text))
    return _written(type, text).replace(" ", "")


def prepare(_questions: object) -> None:
    from statusgen.probes import lookup  # noqa: F401  dnspython takes 167 ms

    patterns.prepare()


def judge(check: DnsCheck, seen: Observation, _at: int) -> Judgement:
    """Every expected answer must be there, others may be as well unless there must be ``only`` those."""
    expected = {_compared(check.type, text) for text in check.expect}
    found = {_compared(check.type, text) for text in seen.answers}
    if seen.unmet or expected - found or (check.only and found - expected):
        return Verdict.DOWN, "dns_answer"
    return Verdict.UP, ""


def _name(text: str) -> str:
    """Check a domain name or an address; raise ValueError with the remedy."""
    name = text.strip()
    labels = name.removesuffix(".").split(".")
    if (
        not _is_address(name)
        and name != "."
        and not all(re.fullmatch(r"[A-Za-z0-9_*/-]{1,63}", each) for each in labels)
    ):
        raise ValueError(f"'{text}' is not a domain name: write it like www.example.org, others than ASCII as xn--…")
    if len(name) > 254:
        raise ValueError(f"'{text}' is longer than the 253 characters a domain name may have")
    return name


def _resolver(text: str) -> str:
    host_and_port(text.strip(), _PORT)
    return text.strip()


_NAME = shape.Parsed(_name, "a domain name", {"type": "string", "minLength": 1, "maxLength": 254})
KIND = Kind(
    name="dns",
    question=DnsCheck,
    doc="A name that must resolve; short: the name.",
    record=questions(
        DnsCheck,
        {
            "name": Key(
                shape=_NAME,
                doc="Domain name to ask for; with type PTR an address, whose name in reverse lookups is made.",
                required=True,
            ),
            "type": Key(shape=shape.choice(TYPES), doc="Record type; default A."),
            "expect": Key(
                shape=shape.Many(shape.text(2_000, wanted="an answer"), single=True),
                doc="Answers that must all be there; default: any answer will do.",
            ),
            "only": Key(
                shape=shape.flag(), doc="No other answers than those of expect may be there; without expect, none."
            ),
            "matches": Key(shape=patterns.PATTERN, doc="Regular expression that every answer must match somewhere."),
            "rcode": Key(
                shape=shape.choice(RCODES), doc="Response code there must be: NXDOMAIN for a name that must not exist."
            ),
            "resolver": Key(
                shape=shape.Many(
                    shape.Parsed(_resolver, "host or host:port", {"type": "string"}), single=True, least=1, most=8
                ),
                doc="Name server to ask, host or host:port; of a list the first that answers; default: the system's.",
            ),
        },
        lambda text: DnsCheck(name=_name(text)),
    ),
    probe=probe,
    judge=judge,
    prepare=prepare,
)
