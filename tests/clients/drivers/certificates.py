"""Make an authority and a certificate for hosts that lasts one run: ``authority.pem`` and ``server.pem``, here."""

from __future__ import annotations

import sys

import trustme

authority = trustme.CA()
authority.cert_pem.write_to_path("authority.pem")
authority.issue_cert(*sys.argv[1:]).private_key_and_cert_chain_pem.write_to_path("server.pem")
