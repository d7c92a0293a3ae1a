"""What an operator says about an authenticator, checked and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from idp import setting_sets
from idp.authenticators import signing_keys
from idp.authenticators.fields import OIDC, SAML, TYPES
from idp.authenticators.metadata import LONGEST_NAME, MetadataRefused, read_metadata
from idp.authenticators.signing_keys import KeyRefused
from idp.models import Authenticator
from idp.setting_sets import CleanSettings

Values = Mapping[str, Any]


def clean_for(row: Authenticator, submitted: Values, current: Values | None) -> CleanSettings:
    """As `setting_sets.clean`, by the fields of its type, and what only this type knows."""
    fields = TYPES.get(row.type)
    if fields is None:
        raise ValidationError({"type": [f"must be one of {', '.join(TYPES)}."]})
    cleaned = setting_sets.clean(row.type, fields, submitted, current)
    check = {OIDC: _check_oidc, SAML: _check_saml}[row.type]
    if problems := check(cleaned.values):
        raise ValidationError({name: [text] for name, text in problems.items()})
    return cleaned


def save(row: Authenticator, submitted: Values) -> CleanSettings:
    """Store the authenticator of an identity provider with what was submitted; the only way.

    With another type it begins anew. Raises `ValidationError` and stores nothing.
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update()
        stored = rows.filter(provider=row.provider).first()
        row.pk = stored.pk if stored else row.pk
        current = stored.known_settings if stored and stored.type == row.type else None
        cleaned = _with_key(row, clean_for(row, submitted, current))
        if cleaned.changed:
            row.settings = cleaned.values
            row.save(force_insert=stored is None, force_update=stored is not None)
    return cleaned


def _with_key(row: Authenticator, cleaned: CleanSettings) -> CleanSettings:
    values = cleaned.values
    if row.type != SAML or not values["sign_requests"]:
        return cleaned
    held = values["signing_key"]
    key = signing_keys.completed(held) if held else signing_keys.made()
    if key == held:
        return cleaned
    return replace(cleaned, values={**values, "signing_key": key}, changed=True)


def _check_oidc(values: Values) -> dict[str, str]:
    problems = {}
    if "openid" not in values["scopes"]:
        problems["scopes"] = "Scopes must have openid among them."
    if pem := values["private_key"]:
        try:
            load_pem_private_key(pem.encode(), None)
        except TypeError:
            problems["private_key"] = "Private key has a password: take it off."
        except (ValueError, UnsupportedAlgorithm):
            problems["private_key"] = "Private key must be one in PEM."
    return problems


def _check_saml(values: Values) -> dict[str, str]:
    problems = {}
    try:
        told = read_metadata(values["metadata"])
        end = told.valid_until
        if told.wants_signed_requests and not values["sign_requests"]:
            problems["sign_requests"] = "The identity provider wants our requests signed."
        if end is not None and end <= timezone.now():
            problems["metadata"] = f"Metadata: it was valid until {end:%Y-%m-%d %H:%M} only."
    except MetadataRefused as error:
        problems["metadata"] = f"Metadata: {error}."
    if len(values["entity_id"]) > LONGEST_NAME:
        problems["entity_id"] = f"Our entity ID has at most {LONGEST_NAME} characters."
    try:
        if values["signing_key"]:
            signing_keys.completed(values["signing_key"])
    except KeyRefused as error:
        problems["signing_key"] = f"Signing key {error}."
    return problems
