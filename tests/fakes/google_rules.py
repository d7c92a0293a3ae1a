"""What Google's reference says of the values of a user, beside the discovery document."""

from __future__ import annotations

import re
from typing import Any

LONGEST_NAME = 60
_PLACES = {"custom", "home", "other", "work"}
_TYPES = {
    "addresses": _PLACES,
    "emails": _PLACES,
    "externalIds": {"account", "custom", "customer", "login_id", "network", "organization"},
    "ims": _PLACES,
    "keywords": {"custom", "mission", "occupation", "outlook"},
    "locations": {"custom", "default", "desk"},
    "organizations": {"domain_only", "school", "unknown", "work"},
    "phones": {"assistant", "custom", "home", "home_fax", "main", "mobile", "other", "pager",
               "work", "work_fax", "work_mobile"},
    "relations": {"assistant", "brother", "child", "custom", "father", "manager", "mother",
                  "parent", "partner", "sister", "spouse"},
    "websites": {"blog", "custom", "home", "home_page", "other", "profile", "work"},
}  # fmt: skip
_NEEDED = {
    "emails": "address",
    "externalIds": "value",
    "ims": "im",
    "keywords": "value",
    "phones": "value",
    "posixAccounts": "username",
    "relations": "value",
    "sshPublicKeys": "key",
    "websites": "value",
}


def bad_value(
    body: dict[str, Any], org_units: set[str], schemas: dict[str, dict[str, bool]]
) -> str:
    """What Google would refuse, in its own short way; or nothing."""
    for part in ("givenName", "familyName"):
        if len(body.get("name", {}).get(part) or "") > LONGEST_NAME:
            return f"Invalid {'Given' if part == 'givenName' else 'Family'} Name: {part}"
    password = body.get("password")
    if password is not None and not 8 <= len(password) <= 100:
        return "Invalid Password"
    if (unit := body.get("orgUnitPath")) is not None and unit not in org_units:
        return "Invalid Input: INVALID_OU_ID"
    phone = body.get("recoveryPhone")
    if phone is not None and not re.fullmatch(r"\+[1-9][0-9]{6,14}", phone):
        return "Invalid Input: recovery_phone"
    return _bad_list(body) or _bad_schema(body.get("customSchemas") or {}, schemas)


def _bad_list(body: dict[str, Any]) -> str:
    for name, needed in _NEEDED.items():
        if any(not entry.get(needed) for entry in body.get(name) or []):
            return f"Invalid Input: {name} without {needed}"
    for name, known in _TYPES.items():
        entries = body.get(name) or []
        if sum(bool(entry.get("primary")) for entry in entries) > 1:
            return f"Invalid Input: two primary {name}"
        for entry in entries:
            if entry.get("type") not in known:
                return f"Invalid Input: {name} of type {entry.get('type')}"
            if entry["type"] == "custom" and not entry.get("customType"):
                return f"Invalid Input: {name} custom without customType"
    return ""


def _bad_schema(given: dict[str, Any], schemas: dict[str, dict[str, bool]]) -> str:
    for name, fields in given.items():
        for field, value in (fields or {}).items():
            is_many = schemas.get(name, {}).get(field)
            if is_many is None:
                return f"Invalid Input: custom schema {name}.{field}"
            if value is not None and isinstance(value, list) is not is_many:
                return f"Invalid Input: custom schema {name}.{field} holds " + (
                    "many values" if is_many else "one value"
                )
            if is_many and any("value" not in one for one in value or []):
                return f"Invalid Input: custom schema {name}.{field} without value"
    return ""
