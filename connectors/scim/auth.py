"""How a SCIM server is told who is calling."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

from connectors.errors import ConnectorIsWrong
from connectors.http import Answer, Http
from connectors.scim.fields import SCIM2_FIELDS
from connectors.status import error_for

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_EARLY = 30.0
"""Seconds before its end a token is no longer used."""
_UNKNOWN_LIFE = 300.0
"""Seconds a token is used when the token endpoint does not say how long it lives."""
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


class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749 §4.4); one token per client in this process."""

    _tokens: ClassVar[dict[tuple[str, ...], tuple[str, float]]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, http: Http, endpoint: str, client: tuple[str, str], scope: str) -> None:
        self._http = http
        self._endpoint = endpoint
        self._id, self._secret = client
        self._scope = scope
        digest = hashlib.sha256(self._secret.encode()).hexdigest()
        self._key = (endpoint, self._id, digest, scope)
        self._used = ""

    def headers(self) -> Mapping[str, str]:
        token, expires = self._tokens.get(self._key, ("", 0.0))
        if time.monotonic() >= expires:
            token = self._fetch()
        self._http.hide(token, for_this_job=True)
        self._used = token
        return {"Authorization": f"Bearer {token}"}

    def renew(self) -> bool:
        """Drop the token that was refused, unless another thread has replaced it already."""
        with self._lock:
            if self._tokens.get(self._key, ("", 0.0))[0] == self._used:
                self._tokens.pop(self._key, None)
        return True

    def _fetch(self) -> str:
        answer = self._asked(in_header=True)
        if answer.status in (400, 401) and "invalid_client" in answer.text:
            answer = self._asked(in_header=False)
        token, life = _token_of(answer, self._endpoint, self._http)
        self._tokens[self._key] = (token, time.monotonic() + max(life - _EARLY, 1.0))
        return token

    def _asked(self, *, in_header: bool) -> Answer:
        form = {"grant_type": "client_credentials"}
        if self._scope:
            form["scope"] = self._scope
        headers = {"Accept": "application/json"}
        if in_header:
            # RFC 6749 §2.3.1: both are form-encoded before they are joined.
            headers |= _basic(quote(self._id, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": self._id, "client_secret": self._secret}
        return self._http.request(
            "POST", self._endpoint, headers=headers, form=form, changes=False
        )


def authentication(settings: Mapping[str, Any], http: Http) -> Authentication:
    """What the settings ask for. Raises ConnectorIsWrong that names the field missing."""
    way = settings["authentication"] or "basic"
    make = _WAYS.get(way)
    if make is None:
        raise ConnectorIsWrong(f"There is no authentication {way!r}: {', '.join(_WAYS)}")
    return make(settings, http)


def _needed(settings: Mapping[str, Any], *names: str) -> list[str]:
    missing = [_LABELS[name] for name in names if not settings.get(name)]
    if missing:
        way = settings["authentication"] or "basic"
        raise ConnectorIsWrong(f"Authentication {way} needs {', '.join(missing)}: fill it in")
    return [str(settings[name]) for name in names]


def _basic(username: str, password: str) -> dict[str, str]:
    joined = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {joined}"}


def _by_password(settings: Mapping[str, Any], http: Http) -> Authentication:
    username, password = _needed(settings, "username", "password")
    return FixedHeaders(_basic(username, password))


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
    return ClientCredentials(http, endpoint, (client[0], client[1]), settings["scope"] or "")


def _by_nothing(settings: Mapping[str, Any], http: Http) -> Authentication:
    return FixedHeaders({})


_WAYS: Mapping[str, Callable[[Mapping[str, Any], Http], Authentication]] = {
    "basic": _by_password,
    "bearer": _by_token,
    "api_key": _by_key,
    "oauth2": _by_oauth2,
    "none": _by_nothing,
}


def _token_of(answer: Answer, endpoint: str, http: Http) -> tuple[str, float]:
    said = _document(answer)
    if not answer.ok:
        error = error_for(
            answer.status,
            answer.headers,
            request="The request for a token",
            detail=http.redact(str(said.get("error_description") or "")),
            code=str(said.get("error") or ""),
            changes=False,
            on_object=False,
        )
        raise (
            ConnectorIsWrong(str(error), status=answer.status)
            if answer.status == 400
            else error
        )
    token = said.get("access_token")
    if not isinstance(token, str) or not token:
        raise ConnectorIsWrong(f"{endpoint} gave no access token")
    return token, _seconds(said.get("expires_in"))


def _document(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return _UNKNOWN_LIFE
