"""ID tokens (OpenID Connect Core 1.0 §3.1.3.7): believed only when everything is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, InvalidClaimError, JoseError
from joserfc.jwk import Key

from provisioning.inbound.login.oidc import discovery
from provisioning.inbound.login.oidc.client import Client
from provisioning.inbound.login.oidc.discovery import Described
from provisioning.inbound.login.oidc.line import Line
from provisioning.inbound.login.stops import Untrusted

LEEWAY = 60
"""Seconds by which clocks may differ."""
LONGEST = 64 * 1024
WORDS = {
    "iss": "it is from another issuer",
    "aud": "it is for another application",
    "exp": "it has expired",
    "iat": "it is from the future",
    "nbf": "it is not good yet",
    "nonce": "it belongs to another login",
    "azp": "it is for another application",
    "sub": "it names nobody",
}


@dataclass(frozen=True, slots=True)
class Checker:
    line: Line
    described: Described
    client: Client

    def claims(self, token: Any, nonce: str) -> dict[str, Any]:
        """The claims of a token that is genuine, for us, now, and for this login. Raises
        `Untrusted`, and `ProviderFailed` where keys cannot be read."""
        if not isinstance(token, str) or len(token) > LONGEST:
            raise _untrusted("there is none")
        try:
            claims = self._signed(token).claims
            self._check(claims, nonce)
        except JoseError as error:
            raise _untrusted(_words(error)) from error
        except (ValueError, TypeError, KeyError) as error:
            raise _untrusted("it cannot be read") from error
        return claims

    def _signed(self, token: str) -> jwt.Token:
        header = jws.extract_compact(token.encode()).protected
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in self.described.algorithms:
            raise _untrusted(f"{str(algorithm)[:20]} was not announced for it")
        found = self._verified(
            token, algorithm, kid, discovery.keys(self.line, self.described)
        ) or self._verified(
            token, algorithm, kid, discovery.newer_keys(self.line, self.described)
        )
        if found is None:
            raise _untrusted("its signature is of no key of the identity provider")
        return found

    def _verified(
        self, token: str, algorithm: str, kid: Any, keys: Sequence[Key]
    ) -> jwt.Token | None:
        for key in keys:
            if kid is not None and key.kid != kid:
                continue
            try:
                return jwt.decode(token, key, algorithms=[algorithm])
            except BadSignatureError:
                continue
            except (JoseError, ValueError, TypeError):
                continue  # a key of another kind
        return None

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.described.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self.client.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(claims)
        azp, ours = claims.get("azp"), self.client.client_id
        # Beside us only the identity provider itself is trusted with it.
        listed = claims["aud"] if isinstance(claims["aud"], list) else []
        others = any(one not in (ours, self.described.issuer) for one in listed)
        if (others or azp is not None) and azp != ours:
            raise InvalidClaimError("azp")


def _words(error: JoseError) -> str:
    return WORDS.get(str(getattr(error, "claim", "")), "it cannot be verified")


def _untrusted(why: str) -> Untrusted:
    return Untrusted(f"The ID token of the identity provider cannot be trusted: {why}.")
