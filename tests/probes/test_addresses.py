"""Which addresses are everybody's, and which are never asked."""

from __future__ import annotations

import pytest

from statusgen.probes.addresses import is_never_asked, is_public

PUBLIC = ("8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")
INNER = (
    *("10.0.0.1", "172.16.0.1", "192.168.1.1"),  # RFC 1918
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::"),  # of the machine itself
    *("100.64.0.1", "100.127.255.254"),  # behind a provider's translation: RFC 6598
    *("192.0.2.1", "2001:db8::1", "240.0.0.1", "255.255.255.255"),  # nobody's
    *("224.0.0.1", "239.1.2.3", "ff02::1"),  # of many
    *("fd12:3456::1", "fc00::1", "fec0::1"),  # unique or, once, site-local
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1"),  # IPv4 within IPv6
    *("192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.170", "::ffff:192.0.0.9"),  # of protocols: RFC 6890
    *("64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::808:808", "2002:a00:1::1"),  # translated and tunnelled
)
NEVER = (
    *("169.254.169.254", "169.254.0.1", "169.254.255.255"),
    *("fe80::1", "fe80::1%eth0", "febf::1%2", "fd00:ec2::254", "fd20:ce::254"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    *("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:42::42"),  # Azure, Alibaba, Oracle, Scaleway
    *("::ffff:168.63.129.16", "64:ff9b:1:a:b:c:a83f:8110", "64:ff9b::6464:64c8", "2002:c000:c0::1"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_the_same_host_from_everywhere_is_public(address: str) -> None:
    assert is_public(address)
    assert not is_never_asked(address)


@pytest.mark.parametrize("address", INNER)
def test_what_hangs_on_who_asks_is_not_public_and_may_be_asked(address: str) -> None:
    assert not is_public(address)
    assert not is_never_asked(address)


@pytest.mark.parametrize("address", NEVER)
def test_what_is_of_a_link_or_knows_a_machines_secrets_is_never_asked(address: str) -> None:
    assert is_never_asked(address)
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("169.253.255.255", "169.255.0.1", "fd00:ec2::253", "fd00:ec2::255", "fd00:42::41", "64:ff9b:1::808:808"),
        *("168.63.129.15", "168.63.129.17", "100.100.100.199", "100.100.100.201", "192.0.0.191", "192.0.0.193"),
    ],
)
def test_the_neighbours_of_those_may_be_asked(address: str) -> None:
    assert not is_never_asked(address)
