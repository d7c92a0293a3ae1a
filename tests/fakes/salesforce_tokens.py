"""The login of a Salesforce organisation: three grants at one token endpoint."""

from __future__ import annotations

import time
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fakes.server import FakeServer, Reply, Request


@cache
def _key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class SalesforceLogin(FakeServer):
    client_id, client_secret = "consumer-key-4711", "consumer-secret-4711"
    username, password = "api@acme.example", "pass-4711SECURITYTOKEN"
    audience = "https://login.salesforce.com"
    """Whom an assertion must be for."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.tokens_issued = 0
        super().__init__()

    @property
    def private_key(self) -> str:
        return _key()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "api_version": "v60.0",
            "domain_name": f"{self.url}/",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "grant": "password",
            "username": self.username,
            "password": self.password,
            "token_endpoint": f"{self.url}/services/oauth2/token",
            "separator": "_",
            "provisioning_domain": "acme.example",
        }

    @property
    def secrets(self) -> list[str]:
        return [self.client_secret, self.password, *self.tokens]

    def may(self, request: Request) -> bool:
        """Whether its token is one of ours, and alive."""
        return request.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def issue(self, request: Request) -> Reply:
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return Reply(400, {"error": "invalid_request"})
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        checks = {
            "password": self._password_fits,
            "client_credentials": self._client_fits,
            "urn:ietf:params:oauth:grant-type:jwt-bearer": self._assertion_fits,
        }
        check = checks.get(form.get("grant_type", ""))
        if check is None:
            return Reply(400, {"error": "unsupported_grant_type"})
        if not check(form):
            said = "authentication failure"
            return Reply(400, {"error": "invalid_grant", "error_description": said})
        self.tokens_issued += 1
        token = f"00D!token-{self.tokens_issued}-abcdef"
        self.tokens.add(token)
        said = {
            "access_token": token,
            "instance_url": self.url,
            "id": f"{self.audience}/id/00D000000000001AAA/005000000000000AAA",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
            "signature": "c2lnbmF0dXJl",
        }
        return Reply(200, said)

    def _client_fits(self, form: dict[str, str]) -> bool:
        given = form.get("client_id"), form.get("client_secret")
        return given == (self.client_id, self.client_secret)

    def _password_fits(self, form: dict[str, str]) -> bool:
        given = form.get("username"), form.get("password")
        return self._client_fits(form) and given == (self.username, self.password)

    def _assertion_fits(self, form: dict[str, str]) -> bool:
        try:
            token = jwt.decode(form["assertion"], RSAKey.import_key(_key()), ["RS256"])
        except Exception:  # noqa: BLE001 whatever is wrong with it
            return False
        claims = token.claims
        wanted = {"iss": self.client_id, "sub": self.username, "aud": self.audience}
        in_time = time.time() < claims["exp"] <= time.time() + 180
        return in_time and all(claims.get(name) == value for name, value in wanted.items())
