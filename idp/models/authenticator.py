from __future__ import annotations

from django.db import models

from idp.models.provider import IdentityProvider
from idp.models.sealed import SealedRow


class Authenticator(SealedRow):
    """How people sign in through the identity provider (OpenID Connect or SAML 2.0)."""

    sealed_as = "authenticator"
    provider = models.OneToOneField(
        IdentityProvider, on_delete=models.CASCADE, related_name="authenticator"
    )
    type = models.CharField(
        max_length=16, choices=[("oidc", "OpenID Connect"), ("saml", "SAML")]
    )

    def __str__(self) -> str:
        return self.get_type_display()
