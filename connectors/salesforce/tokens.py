"""Tokens by username and password, client credentials, or a signed assertion (RFC 7523)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from connectors.errors import ConnectorIsWrong
from connectors.http import Answer, Http
from connectors.oauth2 import TokenSource, request_token
from connectors.salesforce.fields import SALESFORCE_FIELDS

LIFE = 180
"""Seconds an assertion is good for: Salesforce takes no longer ones."""
_LABELS = {field.name: field.label for field in SALESFORCE_FIELDS}


def source(settings: Mapping[str, Any], http: Http) -> TokenSource:
    """What the settings ask for. Raises ConnectorIsWrong that names the field missing."""
    grant = str(settings["grant"] or "password")
    make = _GRANTS.get(grant)
    if make is None:
        raise ConnectorIsWrong(f"There is no grant {grant!r}: {', '.join(_GRANTS)}")
    form, who = make(settings, http)
    endpoint = str(settings["token_endpoint"]).strip()

    def ask() -> Answer:
        return request_token(http, endpoint, form())

    return TokenSource(http, endpoint, (grant, *who), ask)


Form = Callable[[], dict[str, str]]
Grant = tuple[Form, tuple[str, ...]]


def _needed(settings: Mapping[str, Any], *names: str) -> list[str]:
    missing = [_LABELS[name] for name in names if not settings.get(name)]
    if missing:
        grant = settings["grant"] or "password"
        raise ConnectorIsWrong(f"Grant {grant} needs {', '.join(missing)}: fill it in")
    return [str(settings[name]).strip() for name in names]


def _password(settings: Mapping[str, Any], http: Http) -> Grant:
    names = ("client_id", "client_secret", "username", "password")
    values = _needed(settings, *names)
    form = {"grant_type": "password", **dict(zip(names, values, strict=True))}
    return (lambda: form), tuple(values)


def _client_credentials(settings: Mapping[str, Any], http: Http) -> Grant:
    names = ("client_id", "client_secret")
    values = _needed(settings, *names)
    form = {"grant_type": "client_credentials", **dict(zip(names, values, strict=True))}
    return (lambda: form), tuple(values)


def _jwt_bearer(settings: Mapping[str, Any], http: Http) -> Grant:
    client_id, username, pem = _needed(settings, "client_id", "username", "private_key")
    try:
        key = RSAKey.import_key(pem)
    except (ValueError, JoseError) as error:
        raise ConnectorIsWrong("The private key cannot be read: it must be RSA, PEM") from error
    audience = audience_of(str(settings["token_endpoint"]))

    def form() -> dict[str, str]:
        claims = {
            "iss": client_id,
            "sub": username,
            "aud": audience,
            "exp": int(time.time()) + LIFE,
        }
        assertion = jwt.encode({"alg": "RS256"}, claims, key)
        http.hide(assertion, for_this_job=True)
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": assertion,
        }

    return form, (client_id, username, pem)


_GRANTS: Mapping[str, Callable[[Mapping[str, Any], Http], Grant]] = {
    "password": _password,
    "client_credentials": _client_credentials,
    "jwt_bearer": _jwt_bearer,
}


def audience_of(token_endpoint: str) -> str:
    """Who an assertion is for: the login host, also where a domain of one's own is asked.

    >>> audience_of("https://acme--dev.sandbox.my.salesforce.com/services/oauth2/token")
    'https://test.salesforce.com'
    """
    parts = urlsplit(token_endpoint.strip())
    host = parts.hostname or ""
    if host.endswith(".sandbox.my.salesforce.com"):
        return "https://test.salesforce.com"
    if host.endswith(".my.salesforce.com"):
        return "https://login.salesforce.com"
    return f"{parts.scheme}://{parts.netloc}"
