"""The objects of an organisation, field by field, as the object reference describes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Problem = tuple[str, str, list[str]]
"""Error code, message, fields."""


@dataclass(frozen=True, slots=True)
class Field:
    kind: Literal["text", "email", "boolean", "picklist", "reference"] = "text"
    longest: int = 255
    required: bool = False
    """To make one; and never null."""
    values: frozenset[str] = frozenset()
    prefix: str = ""
    """How the ids begin that it may refer to."""
    update: bool = True


def _text(longest: int, **more: Any) -> Field:
    return Field("text", longest, **more)


def _picklist(*values: str) -> Field:
    return Field("picklist", 40, required=True, values=frozenset(values))


_BOOLEAN = Field("boolean")
USER = {
    "Username": _text(80, required=True),
    "LastName": _text(80, required=True),
    "Alias": _text(8, required=True),
    "Email": Field("email", 128, required=True),
    "EmailEncodingKey": _picklist("UTF-8", "ISO-8859-1", "Shift_JIS"),
    "LanguageLocaleKey": _picklist("en_US", "de", "no", "ja"),
    "LocaleSidKey": _picklist("en_US", "en_GB", "de_DE", "no_NO"),
    "TimeZoneSidKey": _picklist("America/Los_Angeles", "Europe/Oslo", "Europe/Berlin", "GMT"),
    "ProfileId": Field("reference", 18, required=True, prefix="00e"),
    "UserRoleId": Field("reference", 18, prefix="00E"),
    "ManagerId": Field("reference", 18, prefix="005"),
    "IsActive": _BOOLEAN,
    "ForecastEnabled": _BOOLEAN,
    "ReceivesInfoEmails": _BOOLEAN,
    "UserPermissionsCallCenterAutoLogin": _BOOLEAN,
    "UserPermissionsMarketingUser": _BOOLEAN,
    "UserPermissionsOfflineUser": _BOOLEAN,
    "FirstName": _text(40),
    "CommunityNickname": _text(40),
    "CompanyName": _text(80),
    "Department": _text(80),
    "Division": _text(80),
    "EmployeeNumber": _text(20),
    "FederationIdentifier": _text(512),
    "MobilePhone": _text(40),
    "Phone": _text(40),
    "Title": _text(80),
    "City": _text(40),
    "Country": _text(80),
    "Street": _text(255),
}
GROUP = {
    "Name": _text(40, required=True),
    "DeveloperName": _text(80),
    "Type": Field(
        "picklist", 40, required=True, values=frozenset({"Regular", "Queue"}), update=False
    ),
    "DoesIncludeBosses": _BOOLEAN,
}
GROUP_MEMBER = {
    "GroupId": Field("reference", 18, required=True, prefix="00G", update=False),
    "UserOrGroupId": Field("reference", 18, required=True, prefix="005", update=False),
}
ASSIGNMENT = {
    "PermissionSetId": Field("reference", 18, required=True, prefix="0PS", update=False),
    "AssigneeId": Field("reference", 18, required=True, prefix="005", update=False),
}
OBJECTS: dict[str, dict[str, Field]] = {
    "User": USER,
    "Group": GROUP,
    "GroupMember": GROUP_MEMBER,
    "PermissionSetAssignment": ASSIGNMENT,
    "Profile": {"Name": _text(255)},
    "PermissionSet": {"Name": _text(80), "Label": _text(80)},
}
PREFIXES = {
    "User": "005",
    "Group": "00G",
    "GroupMember": "011",
    "PermissionSetAssignment": "0Pa",
    "Profile": "00e",
    "PermissionSet": "0PS",
}
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DEVELOPER_NAME = re.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]*(?<!_)")


def is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


def is_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def problem_with(kind: str, body: dict[str, Any], *, new: bool) -> Problem | None:
    """What is wrong with the fields by themselves, as Salesforce says it."""
    fields = OBJECTS[kind]
    for name in body:
        if name not in fields:
            return "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}", []
        if not new and not fields[name].update:
            said = f"Unable to create/update fields: {name}"
            return "INVALID_FIELD_FOR_INSERT_UPDATE", said, [name]
    empty = [
        name
        for name, field in fields.items()
        if field.required and body.get(name, "" if new else "kept") in (None, "")
    ]
    if empty:
        said = f"Required fields are missing: [{', '.join(empty)}]"
        return "REQUIRED_FIELD_MISSING", said, empty
    problems = (_bad(name, fields[name], value) for name, value in body.items())
    return next(filter(None, problems), None)


def _bad(name: str, field: Field, value: Any) -> Problem | None:
    kind = bool if field.kind == "boolean" else str
    if not isinstance(value, kind) and not (value is None and kind is str):
        said = f"Cannot deserialize instance of {field.kind} from {value!r} at {name}"
        return "JSON_PARSER_ERROR", said, []
    if not isinstance(value, str):
        return None
    if field.kind == "reference":
        fits = is_id(value) and value.startswith(field.prefix)
        wrong = ("MALFORMED_ID", f"{name}: id value of incorrect type: {value}", [name])
        return None if fits else wrong
    if len(value) > field.longest:
        said = f"{name}: data value too large: {value} (max length={field.longest})"
        return "STRING_TOO_LONG", said, [name]
    return _bad_text(name, field, value)


def _bad_text(name: str, field: Field, value: str) -> Problem | None:
    if field.kind == "picklist" and value not in field.values:
        said = f"{name}: bad value for restricted picklist field: {value}"
        return "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", said, [name]
    if field.kind == "email" and not is_email(value):
        return "INVALID_EMAIL_ADDRESS", f"{name}: invalid email address: {value}", [name]
    if name == "DeveloperName" and not _DEVELOPER_NAME.fullmatch(value):
        return "FIELD_INTEGRITY_EXCEPTION", f"The Group Name field: {value}", [name]
    return None
