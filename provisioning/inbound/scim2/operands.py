"""Comparing one value with the operand of a filter (RFC 7644 §3.4.2.2, table 3)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from provisioning.inbound.scim2.errors import invalid_filter
from provisioning.inbound.scim2.schema import Attribute
from provisioning.inbound.scim2.values import parse_date_time

Check = Callable[[Attribute, str, Any], Any]
_ORDERING: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
}


def operand(attribute: Attribute, op: str, value: Any) -> Any:
    """The operand as values are compared with it. Raises `ScimError` (invalidFilter)."""
    check: Check = _OPERANDS.get(attribute.type, _text)
    return check(attribute, op, value)


def _flag(attribute: Attribute, op: str, value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    if not isinstance(value, bool) or op not in ("eq", "ne"):
        raise invalid_filter(f"{attribute.path} can only be eq or ne true or false.")
    return value


def _moment(attribute: Attribute, op: str, value: Any) -> datetime | str:
    if op in _TEXT and isinstance(value, str):
        return value
    moment = parse_date_time(value) if isinstance(value, str) else None
    if moment is None:
        raise invalid_filter(f"{attribute.path} is compared with a dateTime.")
    return moment


def _number(attribute: Attribute, op: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or op in _TEXT:
        raise invalid_filter(f"{attribute.path} is compared with a number.")
    return value


def _text(attribute: Attribute, op: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and op not in _TEXT:
        value = str(value)
    if not isinstance(value, str):
        raise invalid_filter(f"{attribute.path} is compared with a string.")
    if attribute.type == "binary" and op in _ORDERING:
        raise invalid_filter(f"{attribute.path} is binary and has no order.")
    return value if attribute.case_exact else value.casefold()


_OPERANDS: dict[str, Check] = {
    "boolean": _flag,
    "dateTime": _moment,
    "integer": _number,
    "decimal": _number,
}


def is_present(value: Any) -> bool:
    """A value that is not empty; of several, at least one (`pr`)."""
    if isinstance(value, list):
        return any(is_present(entry) for entry in value)
    return value is not None and value not in ("", {})


def compare(attribute: Attribute, actual: Any, op: str, expected: Any) -> bool:
    """`expected` comes from `operand`. Without a value only `ne` holds."""
    if actual is None:
        return op == "ne"
    known = _comparable(attribute, actual, expected)
    if op == "eq":
        return bool(known == expected)
    if op == "ne":
        return bool(known != expected)
    if op in _TEXT:
        return isinstance(known, str) and _TEXT[op](known, expected)
    if type(known) is not type(expected) and isinstance(known, str | bool | datetime):
        return False
    return _ORDERING[op](known, expected)


def _comparable(attribute: Attribute, actual: Any, expected: Any) -> Any:
    if attribute.type == "dateTime":
        return parse_date_time(actual) if isinstance(expected, datetime) else actual
    if isinstance(actual, str) and not attribute.case_exact:
        return actual.casefold()
    return actual
