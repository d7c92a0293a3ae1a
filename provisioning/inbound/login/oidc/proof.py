"""How we prove to a token endpoint who we are (OpenID Connect Core 1.0 §9)."""

from __future__ import annotations

import secrets
import time
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from connectors.oauth2 import basic
from provisioning.inbound.login.oidc.client import Client
from provisioning.inbound.login.oidc.discovery import Described
from provisioning.inbound.login.stops import ProviderFailed

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 60
CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}

Proof = tuple[dict[str, str], dict[str, str]]
"""Fields of the form, and headers."""


def of(client: Client, described: Described) -> Proof:
    if client.method == "client_secret_post":
        return {"client_id": client.client_id, "client_secret": client.client_secret}, {}
    if client.method == "private_key_jwt":
        assertion = _assertion(client, described)
        return {"client_assertion_type": ASSERTION, "client_assertion": assertion}, {}
    if client.method == "none":
        return {"client_id": client.client_id}, {}
    # RFC 6749 §2.3.1: both are form-encoded before they are joined.
    return {}, basic(quote(client.client_id, safe=""), quote(client.client_secret, safe=""))


def _assertion(client: Client, described: Described) -> str:
    """RFC 7523 §3. Its audience is the token endpoint, as Core §9 asks for."""
    now = int(time.time())
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": described.token_endpoint,
        "jti": secrets.token_urlsafe(24),
        "iat": now,
        "exp": now + LIFE,
    }
    try:
        key, algorithm = _key(client.private_key)
        header = {"alg": algorithm, **({"kid": client.key_id} if client.key_id else {})}
        return jwt.encode(header, claims, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError) as error:
        raise ProviderFailed(
            "Our private key for this login cannot be used. Tell your operators."
        ) from error


def _key(pem: str) -> tuple[Key, str]:
    loaded = load_pem_private_key(pem.encode(), None)
    if isinstance(loaded, RSAPrivateKey):
        return RSAKey.import_key(pem), "RS256"
    if isinstance(loaded, EllipticCurvePrivateKey):
        key = ECKey.import_key(pem)
        return key, CURVES[key.curve_name]
    return OKPKey.import_key(pem), "EdDSA"
