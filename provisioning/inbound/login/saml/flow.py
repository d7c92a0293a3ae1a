"""To the identity provider with a request, and what is made of its response."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from idp.authenticators import SAML, MetadataRefused
from idp.models import Authenticator, IdentityProvider
from idp.secrets import CannotOpen
from provisioning.inbound import saml
from provisioning.inbound.login import addresses
from provisioning.inbound.login.protocol import Answer, Begun, Kept
from provisioning.inbound.login.saml import used
from provisioning.inbound.login.stops import (
    NotLetIn,
    ProviderFailed,
    Unknown,
    Untrusted,
    WrongRequest,
)
from provisioning.inbound.saml import NobodySignedIn, Ours, SamlRefused, Theirs


def begin(provider: IdentityProvider, state: str) -> Begun:
    ours, theirs = _parties(provider)
    asked = saml.ask(ours, theirs, state)
    return Begun(asked.location, {"request": asked.id})


def finish(provider: IdentityProvider, kept: Kept, request: HttpRequest) -> Answer:
    raise WrongRequest("The identity provider answers by a form, and not here.")


def answer(provider: IdentityProvider, kept: Kept, response: str) -> Answer:
    """What was posted, checked, and taken once. Raises `Stop`."""
    ours, theirs = _parties(provider)
    try:
        told = saml.read(response, kept.get("request", ""), ours, theirs, timezone.now())
        used.take(provider, told)
    except NobodySignedIn as error:
        raise NotLetIn(f"{provider} did not let you in: {error}.") from error
    except SamlRefused as error:
        raise Untrusted(f"What {provider} says of you is not believed: {error}.") from error
    return Answer(told.subject, told.claims, email_verified=told.emails_verified)


def told_of_us(provider: IdentityProvider) -> Ours:
    """Us, as the identity provider should know us. Raises `Stop`."""
    row: Authenticator | None = getattr(provider, "authenticator", None)
    if row is None or row.type != SAML:
        raise Unknown(f"Nobody signs in through {provider} by SAML.")
    try:
        return saml.ours(
            row,
            consumer=addresses.url_of(provider, "acs/"),
            metadata=addresses.url_of(provider, "metadata/"),
        )
    except CannotOpen as error:
        raise ProviderFailed(
            f"The settings of {provider} cannot be read here. Tell your operators."
        ) from error


def _parties(provider: IdentityProvider) -> tuple[Ours, Theirs]:
    ours = told_of_us(provider)
    try:
        return ours, saml.theirs(provider.authenticator)
    except (MetadataRefused, SamlRefused) as error:
        raise ProviderFailed(f"{provider} cannot be asked: {error}.") from error
