"""What an operator says about a connector, checked against the fields it declares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from connectors import ConfigField, registry
from idp import setting_sets, setting_values
from idp.models import OutboundConnector
from idp.setting_claims import names_at
from idp.setting_sets import Claims, CleanSettings

POLICIES = ("groups", "delete_action", "on_deny", "on_conflict", "protected_names")
"""Columns of a connector that change what is sent, beside its settings."""


def clean(
    connector_type: str,
    submitted: Mapping[str, Any],
    current: Mapping[str, Any] | None = None,
    *,
    claims: Claims = setting_values.AnyClaim,
) -> CleanSettings:
    """As `setting_sets.clean`, by the fields that the type of connector declares."""
    owner = f"the connector {connector_type}"
    return setting_sets.clean(owner, _fields(connector_type), submitted, current, claims=claims)


def clean_for(
    connector: OutboundConnector,
    submitted: Mapping[str, Any],
    current: Mapping[str, Any] | None,
) -> CleanSettings:
    """`clean`, with the claims there are at the connector's identity provider."""
    claims = partial(names_at, connector.provider)
    return clean(connector.type, submitted, current, claims=claims)


def save_settings(connector: OutboundConnector, submitted: Mapping[str, Any]) -> CleanSettings:
    """Store the connector with what was submitted; the only way settings are saved.

    Saves the other columns of `connector` as they are on the instance. `revision` moves
    when a setting or a policy differs from what is stored, `generation` when a field that
    says which system the target is does. Raises `ValidationError` and stores nothing.

    Settings that no key opens are entered anew, all of them; until then other columns may
    be saved with nothing submitted.
    """
    with transaction.atomic():
        stored = OutboundConnector.objects.select_for_update().filter(pk=connector.pk).first()
        current = stored.known_settings if stored else None
        lost = stored is not None and current is None
        if lost and not submitted:
            cleaned = CleanSettings({}, changed_identity=False, changed=False)
        else:
            cleaned = clean_for(connector, submitted, current)
        if stored is not None:
            policies = any(getattr(stored, p) != getattr(connector, p) for p in POLICIES)
            connector.revision = stored.revision + (cleaned.changed or policies)
            # Which system it was is not known any more: then links are looked up first.
            elsewhere = cleaned.changed_identity or (lost and cleaned.changed)
            connector.generation = stored.generation + elsewhere
            connector.sealed_settings = stored.sealed_settings
        if cleaned.changed:
            connector.settings = cleaned.values
        connector.save()
    return cleaned


def _fields(connector_type: str) -> tuple[ConfigField, ...]:
    try:
        return registry.load(connector_type).fields
    except LookupError as error:
        raise ValidationError({"type": [str(error)]}) from error
