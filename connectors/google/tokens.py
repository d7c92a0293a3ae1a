"""Tokens by a signed assertion of the service account (RFC 7523, domain-wide delegation)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from google.auth import crypt, jwt

from connectors.errors import ConnectorIsWrong
from connectors.google import keys
from connectors.http import Answer, Http
from connectors.oauth2 import TokenSource, request_token

SCOPES = (
    "https://www.googleapis.com/auth/admin.directory.user",
    "https://www.googleapis.com/auth/admin.directory.group",
)
AUDIENCE = "https://oauth2.googleapis.com/token"
"""What Google's token endpoint calls itself, also where it is reached by another address."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = 3600
"""Seconds an assertion is good for: the most Google takes."""


def source(settings: Mapping[str, Any], http: Http) -> TokenSource:
    """Reads the key at once: a key that cannot be used is ConnectorIsWrong before anything
    is sent."""
    text = str(settings["private_key"])
    key = keys.read(text, str(settings["private_key_password"] or ""))
    account = str(settings["service_account_email"] or "").strip() or key.client_email
    if not account:
        raise ConnectorIsWrong("Google Workspace: fill in Service account e-mail")
    admin = str(settings["admin_email"]).strip()
    endpoint = str(settings["token_uri"]).strip()
    try:
        signer = crypt.RSASigner.from_string(  # type: ignore[no-untyped-call]
            key.pem, key.key_id or None
        )
    except (ValueError, TypeError) as error:
        raise ConnectorIsWrong("The private key is no RSA key") from error

    def ask() -> Answer:
        now = int(time.time())
        claims = {
            "iss": account,
            "sub": admin,
            "aud": AUDIENCE,
            "scope": " ".join(SCOPES),
            "iat": now,
            "exp": now + LIFE,
        }
        assertion = jwt.encode(signer, claims).decode()  # type: ignore[no-untyped-call]
        http.hide(assertion, for_this_job=True)
        return request_token(http, endpoint, {"grant_type": GRANT, "assertion": assertion})

    return TokenSource(http, endpoint, (account, admin, text), ask)
