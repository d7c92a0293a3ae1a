"""The person that a comparison is about: a made-up one, who is stored nowhere."""

from __future__ import annotations

import uuid

from connectors import EntityType
from idp.claim_table import DIALECT
from idp.claims import Profile
from idp.local_claims import table_of
from idp.models import PRIMARY, Tenant
from provisioning.subjects import Subject

KIM = {
    "givenname": "Kim",
    "lastname": "Lee",
    "displayName": "Kim Lee",
    "emailaddress": "kim.lee@example.org",
    "mobile": "+1 555 0100",
    "title": "Engineer",
    "department": "R&D",
    "organization": "Example",
    "country": "CA",
}


def sample(tenant: Tenant, roles: frozenset[str]) -> Subject:
    """Kim Lee of the primary store, with these roles."""
    claims = {f"{DIALECT}{name}": value for name, value in KIM.items()}
    profile = table_of(tenant).write_claims(claims, Profile(username="kim"))
    return Subject(
        tenant=tenant,
        type=EntityType.USER,
        id=uuid.uuid4(),
        name="kim",
        version=1,
        store=PRIMARY,
        document=profile.document,
        groups=roles,
    )
