"""A Workspace account's service account: its key in every form, and its token endpoint."""

from __future__ import annotations

import base64
import json
import time
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.fakes.server import FakeServer, Reply, Request

SCOPES = {
    "https://www.googleapis.com/auth/admin.directory.user",
    "https://www.googleapis.com/auth/admin.directory.group",
}


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class GoogleAccount(FakeServer):
    account = "provisioning@project.iam.gserviceaccount.example"
    admin = "admin@acme.example"
    domain = "acme.example"

    def __init__(self) -> None:
        self.tokens: dict[str, float] = {}
        self.tokens_issued = 0
        super().__init__()

    @property
    def pem(self) -> str:
        return (
            _key()
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            .decode()
        )

    @property
    def key_file(self) -> str:
        """The JSON key file of the service account."""
        return json.dumps(
            {
                "type": "service_account",
                "private_key_id": "key-1",
                "private_key": self.pem,
                "client_email": self.account,
                "token_uri": f"{self.url}/token",
            }
        )

    @property
    def pkcs12(self) -> str:
        """The key as a .p12 file in base64, password notasecret, ciphered as Google does."""
        encryption = (
            serialization.PrivateFormat.PKCS12.encryption_builder()
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303 an old format's own
            .build(b"notasecret")
        )
        raw = pkcs12.serialize_key_and_certificates(b"key", _key(), None, None, encryption)
        return base64.b64encode(raw).decode()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "domain": self.domain,
            "given_name_claim": "http://wso2.org/claims/givenname",
            "family_name_claim": "http://wso2.org/claims/lastname",
            "service_account_email": self.account,
            "private_key": self.pem,
            "admin_email": self.admin,
            "application_name": "Purveyor tests",
            "base_url": self.url,
            "token_uri": f"{self.url}/token",
        }

    @property
    def secrets(self) -> list[str]:
        return [self.pem, *self.tokens]

    def may(self, request: Request) -> bool:
        """Whether its token is one of ours, and alive."""
        held = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.tokens.get(held, 0) >= time.time()

    def issue(self, request: Request) -> Reply:
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return Reply(400, {"error": "invalid_request"})
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return Reply(400, {"error": "unsupported_grant_type"})
        problem = self._assertion_problem(form.get("assertion", ""))
        if problem:
            return Reply(400, {"error": "invalid_grant", "error_description": problem})
        self.tokens_issued += 1
        token = f"ya29.token-{self.tokens_issued}-abcdef"
        self.tokens[token] = time.time() + 3600
        return Reply(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _assertion_problem(self, assertion: str) -> str:
        signed, _, signature = assertion.rpartition(".")
        try:
            _key().public_key().verify(
                _unbase64(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
            header, claims = (json.loads(_unbase64(part)) for part in signed.split("."))
        except Exception:  # noqa: BLE001 whatever is wrong with it
            return "Invalid JWT Signature."
        if header.get("alg") != "RS256":
            return "Invalid JWT: alg"
        wanted = {
            "iss": self.account,
            "sub": self.admin,
            "aud": "https://oauth2.googleapis.com/token",
        }
        if any(claims.get(name) != value for name, value in wanted.items()):
            return "Invalid JWT: claims"
        if set(str(claims.get("scope")).split()) != SCOPES:
            return "unauthorized scope"
        good = claims["iat"] <= time.time() + 10 and claims["exp"] - claims["iat"] <= 3600
        return "" if good else "Invalid JWT: time"


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
