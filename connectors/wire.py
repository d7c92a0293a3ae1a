"""A request as it goes over the wire (RFC 9112 §3), and what of it may be odd."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from connectors.errors import ConnectorIsWrong

_PORTS = {"http": 80, "https": 443}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(r"[^\r\n\0]*")
_WITHOUT_BODY = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes. `host` has no brackets, `authority` is what the server is told;
    `path` begins with a slash and holds the query."""

    url: str
    scheme: str
    host: str
    port: int
    authority: str
    path: str


@lru_cache(maxsize=1_000)
def destination(url: str) -> Destination:
    """Raises `ConnectorIsWrong` for an address that cannot be one of a target."""
    _refuse_odd(url)
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise _invalid("address") from error
    scheme, host = parts.scheme or "", parts.host or ""
    port = parts.port or _PORTS[scheme]
    return Destination(
        url=parts._replace(fragment=None, path=parts.path or "/").url,
        scheme=scheme,
        host=host.strip("[]"),
        port=port,
        authority=host if port == _PORTS[scheme] else f"{host}:{port}",
        path=parts.request_uri,
    )


def _refuse_odd(url: str) -> None:
    try:
        parts = urlsplit(url)
        odd = parts.scheme not in _PORTS or not parts.hostname or parts.port == 0
    except ValueError:
        odd = True
    if odd:
        raise ConnectorIsWrong("The address of the target must look like https://host/path")
    if parts.username or parts.password:
        raise ConnectorIsWrong(
            "The address of the target holds a user name or password: "
            "enter them in their own fields"
        )


@dataclass(frozen=True, slots=True)
class Request:
    """`message` is all of it as bytes, `content_type` what the headers say of the body."""

    method: str
    to: Destination
    headers: Mapping[str, str]
    content_type: str
    body: bytes
    message: bytes


def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    defaults: Mapping[str, str],
) -> Request:
    """With what HTTP asks for; `defaults` are headers for want of such in `headers`.

    Raises `ConnectorIsWrong` for what would break out of its line.
    """
    to = destination(url)
    sent = {"Host": to.authority, "Accept-Encoding": "identity", **defaults}
    if body is not None or method not in _WITHOUT_BODY:
        sent["Content-Length"] = str(len(body or b""))
    given = {name.lower() for name in headers}
    sent = {name: value for name, value in sent.items() if name.lower() not in given}
    sent.update(headers)
    kind = next((value for name, value in sent.items() if name.lower() == "content-type"), "")
    content = body or b""
    return Request(method, to, sent, kind, content, _head(method, to, sent) + content)


def document(value: Any) -> bytes:
    """JSON, however odd: whole numbers of any size, halves of surrogate pairs."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


def _head(method: str, to: Destination, headers: Mapping[str, str]) -> bytes:
    if not _TOKEN.fullmatch(method):
        raise _invalid("method")
    lines = [f"{method} {to.path} HTTP/1.1"]
    for name, value in headers.items():
        if not (_TOKEN.fullmatch(name) and _LINE.fullmatch(value)):
            raise _invalid("header")
        lines.append(f"{name}: {value}")
    try:
        return "\r\n".join((*lines, "", "")).encode("latin-1")
    except UnicodeEncodeError as error:
        raise _invalid("header") from error


def _invalid(part: str) -> ConnectorIsWrong:
    return ConnectorIsWrong(
        f"The request cannot be sent: its {part} is not valid (see the settings)"
    )
