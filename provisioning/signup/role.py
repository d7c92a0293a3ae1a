"""`Internal/selfsignup`: who has it came in by themselves (as in WSO2)."""

from __future__ import annotations

from contextlib import suppress

from connectors import EntityType
from idp.models import INTERNAL, Group, Tenant, key_of
from provisioning.changes import Action, Change, Door, GroupData, NameTaken
from provisioning.intake import accept
from serviceproviders.models import ServiceProvider

NAME = "selfsignup"
FULL_NAME = f"{INTERNAL}/{NAME}"


def ensure(tenant: Tenant, service_provider: ServiceProvider, actor: str) -> None:
    """Make the role in a tenant where nobody has signed up yet."""
    if Group.objects.filter(
        tenant=tenant, store__domain=INTERNAL, name_key=key_of(NAME)
    ).exists():
        return
    with suppress(NameTaken):  # somebody else was faster
        accept(
            Change(
                tenant=tenant,
                service_provider=service_provider,
                door=Door.SIGNUP,
                actor=actor,
                action=Action.CREATE,
                entity_type=EntityType.GROUP,
                group=GroupData(name=FULL_NAME),
                passes=False,
            )
        )
