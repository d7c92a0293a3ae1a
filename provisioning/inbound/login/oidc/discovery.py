"""How an identity provider describes itself (OpenID Connect Discovery 1.0 §4), and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from provisioning.inbound.login.oidc.line import Line
from provisioning.inbound.login.oidc.remembered import Remembered

WELL_KNOWN = "/.well-known/openid-configuration"
ASYMMETRIC = frozenset(
    [
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
        "Ed25519",
        "Ed448",
    ]
)
"""Never `none`, and nothing that is signed with a secret we share."""
KEY_TYPES = ("RSA", "EC", "OKP")
MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Described:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: frozenset[str]
    names_issuer: bool
    """It promises `iss` in its answers (RFC 9207)."""
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""


_described: Remembered[Described] = Remembered()
_keys: Remembered[Sequence[Key]] = Remembered()


def describe(line: Line, issuer: str) -> Described:
    """Raises `ProviderFailed`, also for a document about somebody else."""
    return _described.get(issuer, lambda: _read(line, issuer))


def keys(line: Line, described: Described) -> Sequence[Key]:
    return _keys.get(described.jwks_uri, lambda: _read_keys(line, described.jwks_uri))


def newer_keys(line: Line, described: Described) -> Sequence[Key]:
    """For a key that is not among them; empty when they were read often enough lately."""
    uri = described.jwks_uri
    return _keys.again(uri, lambda: _read_keys(line, uri)) or ()


def forget() -> None:
    """What is remembered, as after a restart."""
    _described.forget()
    _keys.forget()


def _read(line: Line, issuer: str) -> Described:
    document = line.get(issuer.rstrip("/") + WELL_KNOWN)
    if document.get("issuer") != issuer:
        raise line.failed(f"it says that it is {str(document.get('issuer'))[:200]}")
    announced = document.get("id_token_signing_alg_values_supported") or ["RS256"]
    algorithms = ASYMMETRIC & {one for one in announced if isinstance(one, str)}
    if not algorithms:
        raise line.failed("it signs with nothing that we believe")
    return Described(
        issuer=issuer,
        authorization_endpoint=_endpoint(line, document, "authorization_endpoint"),
        token_endpoint=_endpoint(line, document, "token_endpoint"),
        jwks_uri=_endpoint(line, document, "jwks_uri"),
        algorithms=frozenset(algorithms),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        userinfo_endpoint=_endpoint(line, document, "userinfo_endpoint", required=False),
        end_session_endpoint=_endpoint(line, document, "end_session_endpoint", required=False),
    )


def _endpoint(line: Line, document: dict[str, Any], name: str, *, required: bool = True) -> str:
    value = document.get(name)
    if value is None and not required:
        return ""
    schemes = ("https", "http") if settings.PURVEYOR_ALLOW_PRIVATE_TARGETS else ("https",)
    if not isinstance(value, str) or urlsplit(value).scheme not in schemes:
        raise line.failed(f"its {name} is no address with {' or '.join(schemes)}")
    return value


def _read_keys(line: Line, uri: str) -> Sequence[Key]:
    """Those that can sign; one that cannot be read is left out."""
    given = line.get(uri).get("keys")
    found: list[Key] = []
    for jwk in given[:MOST_KEYS] if isinstance(given, list) else ():
        if not isinstance(jwk, dict) or jwk.get("kty") not in KEY_TYPES:
            continue
        if jwk.get("use", "sig") != "sig":
            continue
        try:
            found.append(JWKRegistry.import_key(jwk))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found
