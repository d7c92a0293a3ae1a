"""The two sides of a login: what they are called and where they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography import x509
from django.utils import timezone

from idp.authenticators import Metadata, read_metadata
from idp.authenticators.signing_keys import SigningKey, read
from idp.models import Authenticator
from provisioning.inbound.saml.refusals import SamlRefused


@dataclass(frozen=True, slots=True)
class Ours:
    """Us, as this identity provider knows us. `key` signs requests; None: they are not."""

    entity_id: str
    consumer: str
    """The address of the assertion consumer service."""
    key: SigningKey | None = field(default=None, repr=False)
    name_id_format: str = ""


@dataclass(frozen=True, slots=True)
class Theirs:
    """The identity provider. `emails_verified`: it vouches for the addresses it tells."""

    entity_id: str
    sign_on: str
    certificates: tuple[x509.Certificate, ...]
    emails_verified: bool = False


def ours(row: Authenticator, consumer: str, metadata: str) -> Ours:
    """With the addresses of our assertion consumer service and of our metadata."""
    settings = row.settings
    return Ours(
        entity_id=settings["entity_id"] or metadata,
        consumer=consumer,
        key=read(settings["signing_key"]) if settings["sign_requests"] else None,
        name_id_format=settings["name_id_format"],
    )


def theirs(row: Authenticator) -> Theirs:
    """Raises `SamlRefused` for metadata that has ended."""
    settings = row.settings
    told: Metadata = read_metadata(settings["metadata"])
    if told.valid_until is not None and told.valid_until <= timezone.now():
        raise SamlRefused(
            f"the metadata of the identity provider was valid until "
            f"{told.valid_until:%Y-%m-%d %H:%M} only: ask it for new metadata"
        )
    return Theirs(told.entity_id, told.sign_on, told.certificates, settings["emails_verified"])
