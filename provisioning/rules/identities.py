"""Names of people and machines: x500Name, rfc822Name, ipAddress and dnsName (A.2).

Each is equal to what means the same, and keeps the text it was made of.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final

from provisioning.rules.errors import Unreadable

Rdn = tuple[tuple[str, str], ...]

_ATTRIBUTE_TYPES: Final = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "EMAILADDRESS",
    "S": "ST",
    "E": "EMAILADDRESS",
}
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)*", re.ASCII)
_SPECIAL: Final = frozenset(' ,=+<>#;"\\')
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}")
_ADDRESS: Final = re.compile(r"\[(?P<six>[^\]/]+)\]|(?P<four>[0-9.]+)")
_PORTS: Final = re.compile(r"(\d{1,5})|-(\d{1,5})|(\d{1,5})-(\d{1,5})?", re.ASCII)
_HOST: Final = re.compile(r"(\*|[A-Za-z0-9_~!$&'()+;=%-]+)(\.[A-Za-z0-9_~!$&'()+;=%-]+)*\.?")
_LOCAL: Final = re.compile(r'[^@\s"]+|"(?:[^"\\]|\\.)*"')
_DOMAIN: Final = re.compile(r"[^@\s\[\]]+|\[[^@\s\[\]]+\]")


@dataclass(frozen=True, slots=True)
class X500Name:
    names: tuple[Rdn, ...]
    text: str = field(default="", compare=False)

    def ends(self, other: X500Name) -> bool:
        """Whether the other's last names are these."""
        own = len(self.names)
        return own == 0 or other.names[-own:] == self.names


@dataclass(frozen=True, slots=True)
class Mailbox:
    local: str
    domain: str
    text: str = field(default="", compare=False)

    def matches(self, pattern: str) -> bool:
        """A whole address, a domain, or the end of one after a dot (A.3.14)."""
        local, at, domain = pattern.rpartition("@")
        domain = domain.lower()
        if at:
            return (local, domain) == (self.local, self.domain)
        return self.domain.endswith(domain) if domain[:1] == "." else self.domain == domain


@dataclass(frozen=True, slots=True)
class Place:
    """An ipAddress or dnsName, with the lowest and highest port."""

    host: str
    mask: str | None = None
    ports: tuple[int, int] | None = None
    text: str = field(default="", compare=False)


def parse_x500(text: str) -> X500Name:
    """RFC 2253, with the ";" of older names."""
    if not text.strip():
        return X500Name((), text)
    names = [_rdn(part) for part in _split(text, ",;")]
    return X500Name(tuple(names), text)


def _rdn(part: str) -> Rdn:
    pairs = []
    for pair in _split(part, "+"):
        kind, equals, value = pair.partition("=")
        kind = kind.strip().upper().removeprefix("OID.")
        if not equals or not _TYPE.fullmatch(kind):
            raise Unreadable(f"{pair.strip()!r} is no part of a distinguished name")
        pairs.append((_ATTRIBUTE_TYPES.get(kind, kind), _comparable(value.strip(" "))))
    return tuple(sorted(pairs))


def _split(text: str, separators: str) -> list[str]:
    """At separators that are neither escaped nor quoted."""
    parts, start, quoted, position = [], 0, False, 0
    while position < len(text):
        sign = text[position]
        if sign == "\\":
            position += 1
        elif sign == '"':
            quoted = not quoted
        elif sign in separators and not quoted:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    if quoted or position > len(text):
        raise Unreadable(f"{text!r} ends within a quotation")
    return [*parts, text[start:]]


def _comparable(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return " ".join(_unescaped(value).split()).casefold()


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    raw, position = bytearray(), 0
    while position < len(value):
        sign = value[position]
        if sign == "\\":
            position += 1
            if _HEX.match(value, position):
                raw += bytes.fromhex(value[position : position + 2])
                position += 2
                continue
            if value[position] not in _SPECIAL:
                raise Unreadable(f"{value!r} escapes what needs no escape")
            sign = value[position]
        raw += sign.encode()
        position += 1
    return raw.decode(errors="replace")


def parse_rfc822(text: str) -> Mailbox:
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise Unreadable(f"{text!r} is no mail address")
    return Mailbox(local, domain.lower(), text)


def parse_ip(text: str) -> Place:
    host, rest = _address(text, text)
    mask = None
    if rest.startswith("/"):
        mask, rest = _address(rest[1:], text)
    return Place(host, mask, _port_part(rest, text), text)


def _address(part: str, text: str) -> tuple[str, str]:
    """The address at the start of `part`, as it is compared, and what follows it."""
    found = _ADDRESS.match(part)
    if found is None:
        raise Unreadable(f"{text!r} is no IP address")
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = (
            ipaddress.IPv6Address(found["six"])
            if found["six"]
            else ipaddress.IPv4Address(found["four"])
        )
    except ValueError as error:
        raise Unreadable(f"{text!r} is no IP address: {error}") from error
    return str(address), part[found.end() :]


def parse_dns(text: str) -> Place:
    host, colon, ports = text.partition(":")
    if not _HOST.fullmatch(host):
        raise Unreadable(f"{text!r} is no host name")
    return Place(host.lower().rstrip("."), None, _port_part(colon + ports, text), text)


def _port_part(part: str, text: str) -> tuple[int, int] | None:
    """ ":" and a port, "-80", "80-" or "80-90"; nothing stands for every port."""
    if part in ("", ":"):
        return None
    found = _PORTS.fullmatch(part, 1) if part[0] == ":" else None
    if found is None:
        raise Unreadable(f"{text!r} has no ports that exist")
    one, up_to, first, last = (int(port) if port else None for port in found.groups())
    if one is not None:
        ports = (one, one)
    elif up_to is not None:
        ports = (0, up_to)
    else:
        ports = (first or 0, 65535 if last is None else last)
    if max(ports) > 65535 or ports[0] > ports[1]:
        raise Unreadable(f"{text!r} has no ports that exist")
    return ports
