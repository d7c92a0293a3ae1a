"""An OpenID provider that signs whoever it was told to in at once, and can misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from tests.fakes.server import FakeServer, Reply, Request

CLIENT_ID = "purveyor"
SECRET = "oidc-secret-123"
KIM: Mapping[str, Any] = {
    "sub": "kim",
    "given_name": "Kim",
    "family_name": "Lee",
    "email": "kim@acme.example",
    "email_verified": True,
}
Claims = dict[str, Any]


@cache
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, private=True)


def other_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "second", "use": "sig"}, private=True)


class OpenIdProvider(FakeServer):
    """`person` is who signs in; `bend` changes the claims of the ID token, `sign` how it is
    signed, `returns` the parameters that go back with the browser, `told` the userinfo."""

    def __init__(self, *, userinfo: bool = True, names_issuer: bool = True) -> None:
        super().__init__()
        self.issuer = self.url
        self.person: Claims = dict(KIM)
        self.key: Key = rsa_key()
        self.algorithms = ["RS256", "ES256"]
        self.describes: Claims = {}
        self.bend: Callable[[Claims], Claims] = lambda claims: claims
        self.sign: Callable[[Claims], str] = self.signed
        self.returns: Callable[[Claims], Claims] = lambda given: given
        self.told: Callable[[Claims], Claims] = lambda claims: claims
        self.userinfo = userinfo
        self.names_issuer = names_issuer
        self.authentications: list[str] = []
        self._codes: dict[str, Claims] = {}
        self._tokens: set[str] = set()

    @property
    def settings(self) -> Claims:
        """Of an authenticator for this provider."""
        return {"issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": SECRET}

    def respond(self, request: Request) -> Reply:
        serve = {
            "/.well-known/openid-configuration": self._document,
            "/jwks": self._jwks,
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
            "/end": self._end,
        }.get(request.path)
        return serve(request) if serve else Reply(404)

    def signed(self, claims: Claims) -> str:
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        header = {"alg": algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[algorithm])

    def _document(self, _: Request) -> Reply:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end",
            "id_token_signing_alg_values_supported": self.algorithms,
            "authorization_response_iss_parameter_supported": self.names_issuer,
        }
        if self.userinfo:
            document["userinfo_endpoint"] = f"{self.url}/userinfo"
        return Reply(200, {**document, **self.describes})

    def _jwks(self, _: Request) -> Reply:
        return Reply(200, {"keys": [self.key.as_dict(private=False)]})

    def _authorize(self, request: Request) -> Reply:
        code = secrets.token_urlsafe(16)
        self._codes[code] = dict(request.query)
        given: Claims = {"code": code, "state": request.query["state"]}
        if self.names_issuer:
            given["iss"] = self.issuer
        query = urlencode(self.returns(given))
        return Reply(302, headers={"Location": f"{request.query['redirect_uri']}?{query}"})

    def _token(self, request: Request) -> Reply:
        form = dict(parse_qsl(request.body.decode()))
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return Reply(400, {"error": "invalid_grant"})
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked["code_challenge"] != challenge:
            return Reply(400, {"error": "invalid_grant"})
        if not self._knows(request, form):
            return Reply(401, {"error": "invalid_client"})
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        token = secrets.token_urlsafe(16)
        self._tokens.add(token)
        return Reply(
            200,
            {
                "access_token": token,
                "token_type": "Bearer",
                "id_token": self.sign(self.bend(claims)),
            },
        )

    def _knows(self, request: Request, form: Claims) -> bool:
        """Remembers by which method the client proved itself."""
        value = request.headers.get("authorization", "")
        if value.startswith("Basic "):
            name, _, secret = base64.b64decode(value[6:]).decode().partition(":")
            self.authentications.append("client_secret_basic")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT_ID, SECRET)
        if form.get("client_secret"):
            self.authentications.append("client_secret_post")
            return (form["client_id"], form["client_secret"]) == (CLIENT_ID, SECRET)
        if assertion := form.get("client_assertion"):
            self.authentications.append("private_key_jwt")
            said = jwt.decode(assertion, self.key, algorithms=["RS256"]).claims
            return said["sub"] == CLIENT_ID and said["aud"] == f"{self.url}/token"
        return False

    def _userinfo(self, request: Request) -> Reply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._tokens:
            return Reply(401, {"error": "invalid_token"})
        return Reply(200, self.told(dict(self.person)))

    def _end(self, request: Request) -> Reply:
        there = f"{request.query['post_logout_redirect_uri']}?state={request.query['state']}"
        return Reply(302, headers={"Location": there})


def unsigned(claims: Claims) -> str:
    """`alg: none`."""
    return f"{encoded({'alg': 'none'})}.{encoded(claims)}."


def encoded(part: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
