"""Which addresses are everybody's, which are those of one network, and which are never asked."""

from __future__ import annotations

import ipaddress

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # all that is global unicast so far: RFC 4291 §2.4
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052 §2.1
_LOCALLY = ipaddress.IPv6Network("64:ff9b:1::/48")  # the same as each network likes, RFC 8215
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890 §2.1, of which not all versions of Python say the same
_CLOUDS = (
    *("fd00:ec2::254", "fd20:ce::254"),  # of EC2 and of Google's cloud
    *("168.63.129.16", "100.100.100.200"),  # of Azure and of Alibaba's cloud
    *("192.0.0.192", "fd00:42::42"),  # of Oracle's cloud and of Scaleway's
)
_METADATA = tuple(map(ipaddress.ip_address, _CLOUDS))


def is_public(text: str) -> bool:
    """Tell whether an address is the same host wherever it is asked from. A zone does not count."""
    written, address = _parsed(text), _meant(text)
    if written in _LOCALLY or address in _PROTOCOLS or address in _METADATA:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast


def is_never_asked(text: str) -> bool:
    """Tell whether an address is one of a link, or one at which a cloud keeps what its machines may know."""
    address = _meant(text)
    return address.is_link_local or address in _METADATA


def _meant(text: str) -> _Address:
    """Return the address that is reached in the end: one of IPv6 may stand for one of IPv4."""
    address = _parsed(text)
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _TRANSLATED or address in _LOCALLY:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _parsed(text: str) -> _Address:
    return ipaddress.ip_address(text.partition("%")[0])
