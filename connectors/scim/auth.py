"""How a SCIM server is told who is calling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.errors import ConnectorIsWrong
from connectors.http import Http
from connectors.oauth2 import basic, client_credentials
from connectors.scim.fields import SCIM2_FIELDS

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_LABELS = {field.name: field.label for field in SCIM2_FIELDS}


class Authentication(Protocol):
    """`headers` for the next request; `renew` after a 401 says whether to try once more."""

    def headers(self) -> Mapping[str, str]: ...

    def renew(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class FixedHeaders:
    """Credentials that do not change: Basic, Bearer, API key, or none."""

    fixed: Mapping[str, str]

    def headers(self) -> Mapping[str, str]:
        return self.fixed

    def renew(self) -> bool:
        return False


def authentication(settings: Mapping[str, Any], http: Http) -> Authentication:
    """What the settings ask for. Raises ConnectorIsWrong that names the field missing."""
    way = _way(settings)
    make = _WAYS.get(way)
    if make is None:
        raise ConnectorIsWrong(f"There is no authentication {way!r}: {', '.join(_WAYS)}")
    return make(settings, http)


def _way(settings: Mapping[str, Any]) -> str:
    """Where there is no choice, it is Basic."""
    return settings.get("authentication") or "basic"


def _needed(settings: Mapping[str, Any], *names: str) -> list[str]:
    missing = [_LABELS[name] for name in names if not settings.get(name)]
    if missing:
        raise ConnectorIsWrong(
            f"Authentication {_way(settings)} needs {', '.join(missing)}: fill it in"
        )
    return [str(settings[name]) for name in names]


def _by_password(settings: Mapping[str, Any], http: Http) -> Authentication:
    username, password = _needed(settings, "username", "password")
    return FixedHeaders(basic(username, password))


def _by_token(settings: Mapping[str, Any], http: Http) -> Authentication:
    (token,) = _needed(settings, "access_token")
    return FixedHeaders({"Authorization": f"Bearer {token.strip()}"})


def _by_key(settings: Mapping[str, Any], http: Http) -> Authentication:
    header, key = _needed(settings, "api_key_header", "api_key")
    if not _HEADER_NAME.fullmatch(header):
        raise ConnectorIsWrong("The API key header is not the name of an HTTP header")
    return FixedHeaders({header: key.strip()})


def _by_oauth2(settings: Mapping[str, Any], http: Http) -> Authentication:
    endpoint, *client = _needed(settings, "token_endpoint", "client_id", "client_secret")
    return client_credentials(http, endpoint, (client[0], client[1]), settings["scope"] or "")


def _by_nothing(settings: Mapping[str, Any], http: Http) -> Authentication:
    return FixedHeaders({})


_WAYS: Mapping[str, Callable[[Mapping[str, Any], Http], Authentication]] = {
    "basic": _by_password,
    "bearer": _by_token,
    "api_key": _by_key,
    "oauth2": _by_oauth2,
    "none": _by_nothing,
}
