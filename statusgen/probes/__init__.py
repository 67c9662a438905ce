"""Every kind of check: one file and one row each. ``asking`` asks them."""

from __future__ import annotations

from typing import Any

from statusgen.probes import dns, domain, grpc, heartbeat, http, icmp, imap, smtp, ssh, statuspage, tcp, tls, websocket
from statusgen.probes import exec as program
from statusgen.probes.kind import Kind

KINDS: tuple[Kind[Any], ...] = (  # the only registry
    http.KIND,
    tcp.KIND,
    dns.KIND,
    tls.KIND,
    icmp.KIND,
    smtp.KIND,
    imap.KIND,
    ssh.KIND,
    grpc.KIND,
    websocket.KIND,
    heartbeat.KIND,
    program.KIND,
    domain.KIND,
    statuspage.KIND,
)
