"""From mapped attributes to fields of the User object, and what is missing of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.errors import NotConfigured
from connectors.types import Entity

REQUIRED = (
    "Alias",
    "Email",
    "EmailEncodingKey",
    "LanguageLocaleKey",
    "LastName",
    "LocaleSidKey",
    "ProfileId",
    "TimeZoneSidKey",
)
"""What Salesforce insists on in a new user, besides the Username we make."""
LONGEST_ALIAS = 8
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BOOLEAN = re.compile(
    r"(?:UserPermissions|UserPreferences|EmailPreferences)\w+|ForecastEnabled"
    r"|Receives(?:Admin)?InfoEmails"
)
"""Fields that are true or false, and never null."""
_TEXT = frozenset(
    {
        "AboutMe", "Alias", "City", "CommunityNickname", "CompanyName", "Country", "Department",
        "Division", "EmployeeNumber", "FederationIdentifier", "FirstName", "LastName",
        "MiddleName", "State", "Street", "Suffix", "Title",
    }
)  # fmt: skip
"""Fields in which somebody may be called True."""
_ALWAYS = frozenset({*REQUIRED, "CommunityNickname"})
_OURS = frozenset({"Username", "IsActive", "Id"})
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def held(entity: Entity) -> dict[str, Any]:
    """The fields the target holds once it took the entity: the receipt's `accepted`."""
    fields = {
        name: _value(name, value)
        for name, value in entity.attributes.items()
        if _FIELD.fullmatch(name) and name not in _OURS and value not in _EMPTY
    }
    return {**fields, "Username": entity.remote_name, "IsActive": entity.active}


def complete(fields: Mapping[str, Any]) -> None:
    """Raises `NotConfigured` with the names of the fields that are missing, and when the
    Username is no address."""
    missing = [name for name in REQUIRED if fields.get(name) in _EMPTY]
    if missing:
        raise NotConfigured(
            f"Salesforce needs {', '.join(missing)}: map them at the identity provider"
        )
    if "@" not in str(fields["Username"]):
        raise NotConfigured(
            f"Username {fields['Username']} is no address, as Salesforce wants it: fill in "
            "Provisioning domain at the connector"
        )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs; what is there no more as null (or false), unless a user always has it."""
    body = {name: value for name, value in after.items() if before.get(name) != value}
    gone = [name for name in before if name not in after and name not in _ALWAYS]
    return {**body, **{name: False if _BOOLEAN.fullmatch(name) else None for name in gone}}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        value = ";".join(map(str, value))  # as multi-select picklists are written
    if name not in _TEXT and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value[:LONGEST_ALIAS] if name == "Alias" and isinstance(value, str) else value
