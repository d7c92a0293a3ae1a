"""Tokens by username and password, client credentials, or a signed assertion (RFC 7523)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from connectors.errors import ConnectorIsWrong
from connectors.http import Answer, Http
from connectors.oauth2 import TokenSource, request_token
from connectors.salesforce.fields import SALESFORCE_FIELDS

LIFE = 120
"""Seconds an assertion is good for. Salesforce takes 180 at most, by its own clock."""
SESSION = 7200.0
"""Seconds a token is used: Salesforce does not say how long one lives. A session that ends
before is renewed when it is refused."""
LOGIN, TEST = "https://login.salesforce.com", "https://test.salesforce.com"
_LABELS = {field.name: field.label for field in SALESFORCE_FIELDS}


def source(settings: Mapping[str, Any], http: Http) -> TokenSource:
    """What the settings ask for. Raises ConnectorIsWrong that names the field missing."""
    grant = str(settings["grant"] or "password")
    make = _GRANTS.get(grant)
    if make is None:
        raise ConnectorIsWrong(f"There is no grant {grant!r}: {', '.join(_GRANTS)}")
    forms, who = make(settings, http)
    endpoint = str(settings["token_endpoint"]).strip()

    def ask() -> Answer:
        for form in forms[:-1]:
            answer = request_token(http, endpoint, form())
            if answer.status not in (400, 401):
                return answer
        return request_token(http, endpoint, forms[-1]())

    return TokenSource(http, endpoint, (grant, *who), ask, SESSION)


Form = Callable[[], dict[str, str]]
Grant = tuple[tuple[Form, ...], tuple[str, ...]]
"""What may be asked, one after the other, and whose the token is."""


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
    return ((lambda: form),), tuple(values)


def _client_credentials(settings: Mapping[str, Any], http: Http) -> Grant:
    names = ("client_id", "client_secret")
    values = _needed(settings, *names)
    if str(settings["token_endpoint"]).strip().startswith((f"{LOGIN}/", f"{TEST}/")):
        raise ConnectorIsWrong(
            "Client credentials are taken at the organisation's own address only: set OAuth2 "
            "token endpoint to https://….my.salesforce.com/services/oauth2/token"
        )
    form = {"grant_type": "client_credentials", **dict(zip(names, values, strict=True))}
    return ((lambda: form),), tuple(values)


def _jwt_bearer(settings: Mapping[str, Any], http: Http) -> Grant:
    client_id, username, pem = _needed(settings, "client_id", "username", "private_key")
    try:
        key = RSAKey.import_key(pem)
    except (ValueError, JoseError) as error:
        raise ConnectorIsWrong("The private key cannot be read: it must be RSA, PEM") from error

    def form(audience: str) -> dict[str, str]:
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

    audiences = audiences_of(str(settings["token_endpoint"]))
    return tuple(partial(form, one) for one in audiences), (client_id, username, pem)


_GRANTS: Mapping[str, Callable[[Mapping[str, Any], Http], Grant]] = {
    "password": _password,
    "client_credentials": _client_credentials,
    "jwt_bearer": _jwt_bearer,
}


def audiences_of(token_endpoint: str) -> tuple[str, ...]:
    """Whom an assertion may be for, the likelier first: the login host, also where a domain of
    one's own is asked; a site's own address; and elsewhere it cannot be told.

    >>> audiences_of("https://acme.my.salesforce.com/services/oauth2/token")
    ('https://login.salesforce.com',)
    >>> audiences_of("https://acme--dev.sandbox.my.salesforce.com/services/oauth2/token")
    ('https://test.salesforce.com',)
    >>> audiences_of("https://acme.my.site.com/services/oauth2/token")
    ('https://acme.my.site.com',)
    >>> audiences_of("https://id.acme.example/services/oauth2/token")
    ('https://id.acme.example', 'https://login.salesforce.com')
    """
    parts = urlsplit(token_endpoint.strip())
    host, origin = parts.hostname or "", f"{parts.scheme}://{parts.netloc}"
    if host.endswith(".salesforce.com"):
        is_test = host == "test.salesforce.com" or "--" in host or ".scratch." in host
        return (TEST if is_test else LOGIN,)
    if host.endswith((".site.com", ".force.com")):
        return (origin,)
    # No Salesforce is reached in clear: whatever answers there stands in for the login host.
    return (LOGIN, origin) if parts.scheme == "http" else (origin, LOGIN)
