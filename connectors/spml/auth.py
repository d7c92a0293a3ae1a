"""How an SPML provider is told who is calling."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.errors import ConnectorIsWrong
from connectors.oauth2 import basic
from connectors.spml.fields import SPML_FIELDS
from connectors.spml.names import BASE64, PASSWORD_TEXT, SOAP, WSSE, WSU
from connectors.spml.xml import Element, checked, child, root

_LABELS = {field.name: field.label for field in SPML_FIELDS}


class Authentication(Protocol):
    """What goes into the HTTP header and into the SOAP header of the next request."""

    def headers(self) -> Mapping[str, str]: ...

    def security(self) -> Element | None: ...


class Nobody:
    def headers(self) -> Mapping[str, str]:
        return {}

    def security(self) -> Element | None:
        return None


class Basic(Nobody):
    def __init__(self, username: str, password: str) -> None:
        self._headers = basic(username, password)

    def headers(self) -> Mapping[str, str]:
        return self._headers


class UsernameToken(Nobody):
    """WS-Security UsernameToken Profile 1.0, with the password as text: use https.

    With `nonce` each request has a Nonce and a Created of its own.
    """

    def __init__(self, username: str, password: str, *, nonce: bool) -> None:
        self._username = checked(username, _LABELS["username"])
        self._password = checked(password, _LABELS["password"])
        self._nonce = nonce

    def security(self) -> Element | None:
        security = root(WSSE, "Security")
        security.set(f"{{{SOAP}}}mustUnderstand", "1")
        token = child(security, WSSE, "UsernameToken")
        child(token, WSSE, "Username").text = self._username
        child(token, WSSE, "Password", Type=PASSWORD_TEXT).text = self._password
        if self._nonce:
            once = base64.b64encode(secrets.token_bytes(16)).decode()
            child(token, WSSE, "Nonce", EncodingType=BASE64).text = once
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            child(token, WSU, "Created").text = now
        return security


def authentication(settings: Mapping[str, Any]) -> Authentication:
    """What the settings ask for. Raises ConnectorIsWrong that names the field missing."""
    way = str(settings["authentication"] or "basic")
    make = _WAYS.get(way)
    if make is None:
        raise ConnectorIsWrong(f"There is no authentication {way!r}: {', '.join(_WAYS)}")
    missing = [_LABELS[name] for name in ("username", "password") if not settings[name]]
    if missing and way != "none":
        raise ConnectorIsWrong(
            f"Authentication {way} needs {', '.join(missing)}: fill it in, or choose none"
        )
    return make(settings)


def _basic(settings: Mapping[str, Any]) -> Authentication:
    return Basic(str(settings["username"]), str(settings["password"]))


def _wsse(settings: Mapping[str, Any]) -> Authentication:
    nonce = bool(settings["wsse_nonce"])
    return UsernameToken(str(settings["username"]), str(settings["password"]), nonce=nonce)


_WAYS: Mapping[str, Callable[[Mapping[str, Any]], Authentication]] = {
    "basic": _basic,
    "wsse": _wsse,
    "none": lambda settings: Nobody(),
}
