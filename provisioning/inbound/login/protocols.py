"""The protocols there are, by the type of an authenticator."""

from __future__ import annotations

from collections.abc import Mapping

from idp.models import IdentityProvider
from provisioning.inbound.login import oidc, saml
from provisioning.inbound.login.protocol import Protocol
from provisioning.inbound.login.stops import Unknown

PROTOCOLS: Mapping[str, Protocol] = {"oidc": oidc.PROTOCOL, "saml": saml.PROTOCOL}


def protocol_of(provider: IdentityProvider) -> Protocol:
    """Raises `Unknown` where nobody signs in."""
    authenticator = getattr(provider, "authenticator", None)
    found = PROTOCOLS.get(authenticator.type) if authenticator is not None else None
    if found is None:
        raise Unknown(f"Nobody signs in through {provider}: it has no authenticator.")
    return found
