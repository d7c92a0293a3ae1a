"""A tenant's own claims on the page of a person: a form field for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from unfold import widgets

from idp import claims, local_claims
from idp.claim_places import InvalidClaim, Profile
from idp.forms import NamesField
from idp.models import ClaimType, LocalClaim, Tenant, User

Fields = Mapping[str, "OwnField"]


class OwnField(forms.Field):
    """What every field of an own claim knows."""

    claim: claims.Claim


class _Text(OwnField, forms.CharField):
    widget = widgets.UnfoldAdminTextInputWidget


class _Texts(OwnField, NamesField):
    """Several values, one per line."""


class _Choice(OwnField, forms.ChoiceField):
    widget = widgets.UnfoldAdminSelectWidget


def fields_of(tenant: Tenant, row: User | None) -> Fields:
    """By name, in the order of the claims, with the person's values."""
    profile = claims.profile_of(row) if row else Profile()
    return {
        f"claim_{claim.pk.hex}": _field(claim, profile)
        for claim in local_claims.own_claims(tenant).rows
    }


def _field(claim: LocalClaim, profile: Profile) -> OwnField:
    entry = local_claims.as_claim(claim)
    shared: dict[str, Any] = {
        "label": str(claim),
        "help_text": claim.description,
        "required": False,
        "initial": entry.place.read(profile) or "",
    }
    field: OwnField
    if claim.multivalued:
        shared["help_text"] = f"{claim.description} One per line.".strip()
        field = _Texts(**shared)
    elif claim.type == ClaimType.BOOLEAN:
        words = [("", "—"), ("true", "yes"), ("false", "no")]
        field = _Choice(choices=words, **shared)
    else:
        field = _Text(**shared)
    field.claim = entry
    return field


def problems(fields: Fields, cleaned: Mapping[str, Any]) -> dict[str, str]:
    """What cannot be a value of its claim, by field."""
    found = {}
    for name, field in fields.items():
        try:
            _write(field, Profile(document={}), cleaned.get(name))
        except InvalidClaim as error:
            found[name] = str(error).removeprefix(f"{field.claim.uri} ").capitalize() + "."
    return found


def write(
    fields: Fields, document: Mapping[str, Any], cleaned: Mapping[str, Any]
) -> dict[str, Any]:
    """A new document with the values that differ written into it."""
    profile = Profile(document=dict(document))
    for name, field in fields.items():
        profile = _write(field, profile, cleaned.get(name))
    return dict(profile.document)


def _write(field: OwnField, profile: Profile, value: Any) -> Profile:
    table = claims.ClaimTable([field.claim])
    written = table.write(field.claim.uri, value or None, profile)
    return replace(profile, document=written.document)
