"""Attribute values as the schemas want them (RFC 7643 §2): checked and canonical.

Tolerated unless the service provider is *strict*: booleans as words (Entra's "True"), one
value for a multi-valued attribute, a bare value for a complex one, unknown attributes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from provisioning.inbound.scim2.errors import invalid_value
from provisioning.inbound.scim2.schema import Attribute

Json = dict[str, Any]
Check = Callable[[Attribute, Any, bool], Any]
MAX_VALUES = 10_000


def coerce(attribute: Attribute, value: Any, *, strict: bool = False) -> Any:
    """The value in canonical form; None when it means *unassigned* (null, [], {})."""
    if value is None:
        return None
    if not attribute.multi:
        return _single(attribute, value, strict)
    if not isinstance(value, list):
        if strict:
            raise invalid_value(attribute.path, "takes a list of values.")
        value = [value]
    if len(value) > MAX_VALUES:
        raise invalid_value(attribute.path, f"takes at most {MAX_VALUES} values.")
    values = [_single(attribute, entry, strict) for entry in value if entry is not None]
    values = [entry for entry in values if entry is not None]
    check_primary(attribute, values)
    return values or None


def coerce_element(attribute: Attribute, value: Any, *, strict: bool = False) -> Any:
    """One value of a multi-valued attribute."""
    return None if value is None else _single(attribute, value, strict)


def check_primary(attribute: Attribute, values: list[Any]) -> None:
    """At most one value is the primary one (RFC 7643 §2.4)."""
    if attribute.is_complex and sum(1 for v in values if v.get("primary") is True) > 1:
        raise invalid_value(attribute.path, "only one value can be primary.")


def coerce_complex(attribute: Attribute, value: Json, *, strict: bool = False) -> Json | None:
    """The sub-attributes a client may write."""
    found: Json = {}
    for name, given in value.items():
        sub = attribute.sub(name)
        if sub is None:
            if strict:
                raise invalid_value(attribute.path, f"has no sub-attribute {name[:80]!r}.")
            continue
        if sub.is_written and (taken := coerce(sub, given, strict=strict)) is not None:
            found[sub.name] = taken
    return found or None


def _single(attribute: Attribute, value: Any, strict: bool) -> Any:
    if not attribute.is_complex:
        check: Check = _SIMPLE.get(attribute.type, _text)
        return check(attribute, value, strict)
    if isinstance(value, dict):
        return coerce_complex(attribute, value, strict=strict)
    default = attribute.sub("value")
    if strict or default is None or isinstance(value, list):
        raise invalid_value(attribute.path, "takes an object with sub-attributes.")
    return {"value": _single(default, value, strict)}


def _text(attribute: Attribute, value: Any, strict: bool) -> str:
    if not isinstance(value, str):
        raise invalid_value(attribute.path, "takes a string.")
    if "\0" in value:
        raise invalid_value(attribute.path, "cannot hold a NUL character.")
    return value


def _boolean(attribute: Attribute, value: Any, strict: bool) -> bool:
    if isinstance(value, bool):
        return value
    if not strict and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise invalid_value(attribute.path, "takes true or false.")


def _number(attribute: Attribute, value: Any, strict: bool) -> int | float:
    whole = attribute.type == "integer"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise invalid_value(attribute.path, f"takes a number of type {attribute.type}.")
    return value


def _date_time(attribute: Attribute, value: Any, strict: bool) -> str:
    text = _text(attribute, value, strict)
    if parse_date_time(text) is None:
        raise invalid_value(attribute.path, "takes a dateTime like 2026-01-31T08:00:00Z.")
    return text


def _binary(attribute: Attribute, value: Any, strict: bool) -> str:
    text = _text(attribute, value, strict)
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_value(attribute.path, "takes base64.") from error
    return text


def _any(attribute: Attribute, value: Any, strict: bool) -> str | list[str] | None:
    """An attribute nobody declared: texts, or a list of texts."""
    if isinstance(value, list):
        return [_any_text(attribute, entry) for entry in value if entry is not None] or None
    return _any_text(attribute, value)


def _any_text(attribute: Attribute, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _text(attribute, value, strict=False)


def parse_date_time(text: str) -> datetime | None:
    """A dateTime (xsd) with its time zone; None when it is none."""
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


_SIMPLE: dict[str, Check] = {
    "boolean": _boolean,
    "integer": _number,
    "decimal": _number,
    "dateTime": _date_time,
    "binary": _binary,
    "any": _any,
}
