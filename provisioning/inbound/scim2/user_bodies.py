"""Users between SCIM JSON and `UserData`."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from idp.models import User
from idp.queries import GroupRef
from provisioning.changes import SaidGroup, UserData
from provisioning.inbound.scim2 import bodies
from provisioning.inbound.scim2.errors import invalid_value
from provisioning.inbound.scim2.patch import Draft
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.rendering import Site, head
from provisioning.inbound.scim2.schema import CORE_USER, ResourceSchema
from provisioning.inbound.scim2.values import Json, coerce

COLUMNS = ("userName", "externalId", "active", "password", "groups")
NAME_LENGTH = 255
PASSWORD_LENGTH = 1024


def read_body(schema: ResourceSchema, body: Any, *, strict: bool = False) -> Draft:
    """The draft a POST or PUT describes: read-only attributes are passed over.

    Unknown attributes are too, unless strict. Raises `ScimError`.
    """
    draft: Draft = {}
    for place, value in bodies.told(schema, body, strict=strict):
        _set(draft, place, value, strict)
    return draft


def _set(draft: Draft, place: Place, value: Any, strict: bool) -> None:
    attribute = place.attribute
    if attribute.name == "schemas":
        return
    taken = coerce(attribute, value, strict=strict)
    if taken is None and attribute.name == "groups":
        taken = []  # an empty list is said; nothing is not
    if taken is not None:
        holder = draft.setdefault(place.urn, {}) if place.urn else draft
        holder[attribute.name] = taken


def draft_of(user: User, groups: Sequence[GroupRef] | None = None) -> Draft:
    """The user as a draft that may be changed; with groups where those can be written."""
    draft: Draft = deepcopy(user.document)
    draft["userName"] = user.full_name
    draft["active"] = user.active
    if user.external_id:
        draft["externalId"] = user.external_id
    if groups:
        draft["groups"] = [_said(group) for group in groups]
    return draft


def _said(group: GroupRef) -> Json:
    return {"value": str(group.id or group.name), "display": group.name}


def user_data(draft: Draft, *, active: bool = True) -> UserData:
    """What `intake.accept` takes; `active` holds when the draft does not say.

    Raises `ScimError` (invalidValue) for a missing name and a password that is too weak.
    """
    name = draft.get("userName") or ""
    if not name.strip():
        raise invalid_value("userName", "is required.")
    for attribute in ("userName", "externalId"):
        if len(draft.get(attribute) or "") > NAME_LENGTH:
            raise invalid_value(attribute, f"takes at most {NAME_LENGTH} characters.")
    password = draft.get("password")
    if password is not None:
        check_password(password)
    return UserData(
        name=name,
        document={k: v for k, v in draft.items() if k not in COLUMNS},
        external_id=draft.get("externalId") or "",
        active=draft.get("active", active),
        password=password,
        groups=_said_groups(draft),
    )


def _said_groups(draft: Draft) -> list[SaidGroup] | None:
    if (groups := draft.get("groups")) is None:
        return None
    said = []
    for group in groups:
        name = group.get("display") or group.get("value") or ""
        if not name.strip():
            raise invalid_value("groups", "every group needs a value or a display name.")
        said.append(SaidGroup(name, group.get("value") or ""))
    return said


def check_password(password: str) -> None:
    if len(password) > PASSWORD_LENGTH:
        raise invalid_value("password", f"takes at most {PASSWORD_LENGTH} characters.")
    try:
        validate_password(password)
    except ValidationError as error:
        raise invalid_value("password", " ".join(error.messages)) from error


def render_user(user: User, site: Site, groups: Sequence[GroupRef] = ()) -> Json:
    """The user as SCIM JSON; a password is never part of it."""
    document = user.document
    # A database may keep the keys of a document in an order of its own.
    urns = [CORE_USER, *sorted(name for name in document if name.startswith("urn:"))]
    resource = head(user, "User", urns, site)
    resource["userName"] = user.full_name
    resource["active"] = user.active
    resource.update(document)
    if groups:
        resource["groups"] = [_rendered(group, site) for group in groups]
    return resource


def _rendered(group: GroupRef, site: Site) -> Json:
    if group.id is None:
        return _said(group)
    return {
        "value": str(group.id),
        "$ref": site.location("Groups", group.id),
        "display": group.name,
        "type": "direct",
    }
