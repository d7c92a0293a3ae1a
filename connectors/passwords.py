"""Passwords at targets, as the forms of connectors say: the person's own where that is
switched on, a default one for who is new, and never a random reset."""

from __future__ import annotations

from connectors.base import Connector
from connectors.types import ConfigField, Entity, EntityType


def fields(*, sent: bool = False, otherwise: str = "") -> tuple[ConfigField, ConfigField]:
    """The two settings. `sent`: switched on unless somebody says otherwise; `otherwise`: what
    becomes of who is new without a password."""
    return (
        ConfigField(
            "enable_password_provisioning",
            "Enable password provisioning",
            help="Send passwords when users are created and when passwords change.",
            kind="boolean",
            default=sent,
        ),
        ConfigField(
            "default_password",
            "Default password",
            help="For new users whose own password is not sent."
            + (f" Empty: {otherwise}." if otherwise else ""),
            secret=True,
        ),
    )


def own(connector: Connector, entity: Entity) -> str:
    """The person's, where passwords are provisioned and the change carries one; hidden from
    what is recorded, whether it is sent or not."""
    if entity.password:
        connector.http.hide(entity.password, for_this_job=True)
    sent = connector.settings["enable_password_provisioning"]
    return (entity.password or "") if sent else ""


def first(connector: Connector, entity: Entity) -> str:
    """Of a user who is made: the person's own, else the default one, if there is one."""
    if entity.type is not EntityType.USER:
        return ""
    return own(connector, entity) or str(connector.settings["default_password"] or "")
