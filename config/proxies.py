"""Whose word counts about where a request came from: the proxies named in the settings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPOKEN_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)


def networks(given: Iterable[str]) -> list[Network]:
    """Addresses and networks of `PURVEYOR_TRUSTED_PROXIES`; a wrong one ends the process."""
    try:
        return [ip_network(text.strip()) for text in given if text.strip()]
    except ValueError as error:
        sys.stderr.write(f"PURVEYOR_TRUSTED_PROXIES: {error}.\n")
        sys.exit(2)


class TrustedProxies:
    """`REMOTE_ADDR` becomes the client's, so that lockout, logs and audit agree on it.

    `X-Forwarded-For` is read from its end, where our own proxies write, up to the first
    address that is none of them: whatever a client put in front of that counts for nothing.
    From anybody else than a trusted proxy every forwarding header is taken away. With no
    proxies named nothing changes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        trusted: list[Network] = settings.PURVEYOR_TRUSTED_PROXIES
        if trusted:
            _settle(request, trusted)
        return self.get_response(request)


def _settle(request: HttpRequest, trusted: list[Network]) -> None:
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if peer is None or not _is_among(peer, trusted):
        for header in SPOKEN_BY_PROXIES:
            request.META.pop(header, None)
        return
    said = request.META.get("HTTP_X_FORWARDED_FOR", "")
    request.META["REMOTE_ADDR"] = str(_client(peer, said, trusted))


def _client(peer: Address, said: str, trusted: list[Network]) -> Address:
    """The nearest address that is not ours; the farthest of ours where there is none."""
    nearest = peer
    for text in reversed(said.split(",")):
        hop = _address(text)
        if hop is None:
            break
        nearest = hop
        if not _is_among(hop, trusted):
            break
    return nearest


def _is_among(address: Address, trusted: list[Network]) -> bool:
    return any(address in network for network in trusted)


def _address(text: str) -> Address | None:
    """Of `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` and `[2001:db8::1]:4711`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
