"""Which network addresses a connector may talk to (server-side request forgery guard).

The tables are our own because the answers of `ipaddress` differ between patch releases of
Python. What is in no table must be IPv4, or IPv6 global unicast (2000::/3).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

_PRIVATE = {
    "a loopback address": ("127.0.0.0/8", "::1/128"),
    "a private address": (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fec0::/10",
    ),
}
_NEVER = {
    "a cloud metadata address": (
        "169.254.169.254/32",
        "169.254.170.0/24",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
    ),
    "a link-local address": ("169.254.0.0/16", "fe80::/10"),
    "a multicast address": ("224.0.0.0/4", "ff00::/8"),
    "a reserved address": (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "::/128",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
    ),
}
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_CARRIES_IPV4_LAST = tuple(
    IPv6Network(text)
    for text in (
        "::ffff:0:0/96",  # IPv4-mapped
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 7915)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64 local use (RFC 8215), as a /96 inside it
    )
)


def _table(
    reasons: dict[str, tuple[str, ...]],
) -> list[tuple[IPv4Network | IPv6Network, str]]:
    return [(ip_network(text), why) for why, texts in reasons.items() for text in texts]


_PRIVATE_TABLE = _table(_PRIVATE)
_NEVER_TABLE = _table(_NEVER)


def refusal(address: str | Address, *, allow_private: bool) -> str:
    """Why a connection to this address is refused ("a loopback address"), or "".

    An address that carries an IPv4 address (mapped, translated, NAT64, 6to4) is judged by
    that one. Metadata services, link-local, multicast and reserved ranges are refused even
    with `allow_private`.

    >>> refusal("::ffff:10.0.0.1", allow_private=False)
    'a private address'
    >>> refusal("93.184.215.14", allow_private=False)
    ''
    """
    found = _without_scope(address) if isinstance(address, str) else address
    inner = found if found == IPv6Address("::1") else _carried(found)
    never = _reason(inner, _NEVER_TABLE)
    if never:
        return never
    private = _reason(inner, _PRIVATE_TABLE)
    if private:
        return "" if allow_private else private
    if isinstance(inner, IPv6Address) and inner not in _GLOBAL_UNICAST:
        return "a reserved address"
    return ""


def _without_scope(text: str) -> Address:
    return ip_address(text.partition("%")[0])


def _carried(address: Address) -> Address:
    if not isinstance(address, IPv6Address) or address == IPv6Address("::"):
        return address
    if address in _SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    if any(address in network for network in _CARRIES_IPV4_LAST):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _reason(address: Address, table: Iterable[tuple[IPv4Network | IPv6Network, str]]) -> str:
    return next((why for network, why in table if address in network), "")
