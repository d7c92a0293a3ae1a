"""Access tokens from a token endpoint (RFC 6749 §5), asked for once and kept."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.errors import ConnectorIsWrong
from connectors.http import Answer, Http
from connectors.status import error_for

_EARLY = 30.0
"""Seconds before its end a token is no longer used."""
_UNKNOWN_LIFE = 300.0


@dataclass(frozen=True, slots=True)
class Token:
    """`said` is the whole answer of the token endpoint; `ends` on the monotonic clock."""

    value: str = field(repr=False)
    ends: float
    said: Mapping[str, Any] = field(default_factory=dict, repr=False)


class TokenSource:
    """One token per client in this process; the connectors of all its threads share it.

    `ask` sends the request for a token. `client` says whose it is, secrets included: it is
    only kept as a digest. `life` is how many seconds a token is used when the token endpoint
    does not say how long it lives.
    """

    _tokens: ClassVar[dict[str, Token]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        http: Http,
        endpoint: str,
        client: tuple[str, ...],
        ask: Callable[[], Answer],
        life: float = _UNKNOWN_LIFE,
    ) -> None:
        self._http = http
        self._endpoint = endpoint
        self._ask = ask
        self._life = life
        joined = "\0".join((endpoint, *client))
        self._key = hashlib.sha256(joined.encode()).hexdigest()
        self._used = ""

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token().value}"}

    def token(self) -> Token:
        """The one in use, or a new one. Raises what the token endpoint's answer means."""
        token = self._tokens.get(self._key)
        if token is None or time.monotonic() >= token.ends:
            token = _token_of(self._ask(), self._endpoint, self._http, self._life)
            self._tokens[self._key] = token
        self._http.hide(token.value, for_this_job=True)
        self._used = token.value
        return token

    def renew(self) -> bool:
        """Drop the token that was refused, unless another thread has replaced it already."""
        with self._lock:
            held = self._tokens.get(self._key)
            if held is not None and held.value == self._used:
                self._tokens.pop(self._key, None)
        return True


def client_credentials(
    http: Http, endpoint: str, client: tuple[str, str], scope: str
) -> TokenSource:
    """OAuth 2.0 client credentials (RFC 6749 §4.4), in the header or else in the body."""
    client_id, secret = client

    def asked(*, in_header: bool) -> Answer:
        form = {"grant_type": "client_credentials"}
        if scope:
            form["scope"] = scope
        headers = {}
        if in_header:
            # RFC 6749 §2.3.1: both are form-encoded before they are joined.
            headers = basic(quote(client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        return request_token(http, endpoint, form, headers)

    def ask() -> Answer:
        answer = asked(in_header=True)
        if answer.status in (400, 401) and "invalid_client" in answer.text:
            answer = asked(in_header=False)
        return answer

    return TokenSource(http, endpoint, (client_id, secret, scope), ask)


def request_token(
    http: Http, endpoint: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Answer:
    """One request to a token endpoint: it changes nothing at the target."""
    sent = {"Accept": "application/json", **(headers or {})}
    return http.request("POST", endpoint, headers=sent, form=form, changes=False)


def basic(username: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic (RFC 7617)."""
    joined = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {joined}"}


def _token_of(answer: Answer, endpoint: str, http: Http, unknown_life: float) -> Token:
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
    value = said.get("access_token")
    if not isinstance(value, str) or not value:
        raise ConnectorIsWrong(f"{endpoint} gave no access token")
    life = _seconds(said.get("expires_in"), unknown_life)
    return Token(value, time.monotonic() + max(life - _EARLY, 1.0), said)


def _document(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: Any, unknown: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return unknown
