"""Who we are at an identity provider: the settings of its authenticator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from idp.models import IdentityProvider
from idp.secrets import CannotOpen
from provisioning.inbound.login.stops import ProviderFailed

SCOPES = ("openid", "profile", "email")
BASIC = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class Client:
    issuer: str
    client_id: str
    method: str = BASIC
    client_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    key_id: str = ""
    scopes: Sequence[str] = SCOPES


def client_of(provider: IdentityProvider) -> Client:
    """Raises `ProviderFailed` where the settings cannot be read."""
    try:
        settings = provider.authenticator.settings
    except CannotOpen as error:
        raise ProviderFailed(
            f"The settings of {provider} cannot be read here. Tell your operators."
        ) from error
    return Client(
        issuer=settings["issuer"],
        client_id=settings["client_id"],
        method=settings.get("token_endpoint_auth_method") or BASIC,
        client_secret=settings.get("client_secret") or "",
        private_key=settings.get("private_key") or "",
        key_id=settings.get("key_id") or "",
        scopes=settings.get("scopes") or SCOPES,
    )
