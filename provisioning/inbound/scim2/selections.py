"""PATCH of a multi-valued complex attribute: `emails`, `emails[type eq "work"].value`, …

A selection that matches nothing makes the value it describes (Entra relies on it); a strict
service provider answers `noTarget` to a replace instead, as RFC 7644 §3.5.2.3 has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provisioning.inbound.scim2 import filters
from provisioning.inbound.scim2.errors import ScimError, invalid_value
from provisioning.inbound.scim2.operands import compare, operand
from provisioning.inbound.scim2.operations import Operation
from provisioning.inbound.scim2.places import PatchPath, Place
from provisioning.inbound.scim2.schema import Attribute
from provisioning.inbound.scim2.values import coerce, coerce_element

if TYPE_CHECKING:
    from scim2_models.path import FilterNode

Value = dict[str, Any]


def change(holder: Value, operation: Operation, path: PatchPath, strict: bool) -> None:
    """Apply one operation to the list under the path's attribute in its holder."""
    place = path.place
    if place is None:
        raise TypeError("a selection is of an attribute")
    values: list[Value] = [dict(entry) for entry in holder.get(place.attribute.name) or ()]
    primary = {id(entry) for entry in values if entry.get("primary") is True}
    if path.selection is None and place.sub is None:
        values = _whole(values, operation, place.attribute, strict)
    else:
        values = _selected(values, operation, path, place, strict)
    settle_primary(place.attribute, values, primary)
    if values:
        holder[place.attribute.name] = values
    else:
        holder.pop(place.attribute.name, None)


def _whole(
    values: list[Value], operation: Operation, attribute: Attribute, strict: bool
) -> list[Value]:
    if operation.op == "remove":
        if not operation.names_what_goes:
            return []
        return _without(values, operation.value, attribute)
    given: list[Value] = coerce(attribute, operation.value, strict=strict) or []
    if operation.op == "replace":
        return given
    return values + [entry for entry in given if entry not in values]


def _without(values: list[Value], given: Any, attribute: Attribute) -> list[Value]:
    """Entra removes by naming values instead of selecting them."""
    entries = given if isinstance(given, list) else [given]
    wanted = [e if isinstance(e, Mapping) else {"value": e} for e in entries]
    return [v for v in values if not any(is_like(attribute, v, entry) for entry in wanted)]


def is_like(attribute: Attribute, value: Value, entry: Mapping[str, Any]) -> bool:
    """Whether a value has all that the entry says."""
    subs = [(sub, entry[name]) for name in entry if (sub := attribute.sub(name))]
    return bool(subs) and all(
        compare(sub, value.get(sub.name), "eq", _plain(sub, given)) for sub, given in subs
    )


def _plain(sub: Attribute, given: Any) -> Any:
    return given.casefold() if isinstance(given, str) and not sub.case_exact else given


def _selected(
    values: list[Value], operation: Operation, path: PatchPath, place: Place, strict: bool
) -> list[Value]:
    matched = _matched(values, path.selection, place.attribute)
    if operation.op == "remove":
        return _removed(values, matched, place)
    if matched:
        return _changed(values, matched, operation, path, strict)
    return [*values, _made(operation, path, place, strict)]


def _matched(
    values: list[Value], selection: FilterNode | None, attribute: Attribute
) -> list[Value]:
    if selection is None:
        return list(values)
    term = filters.bind(selection, filters.within(attribute))
    return [entry for entry in values if term.matches(entry)]


def _removed(values: list[Value], matched: list[Value], place: Place) -> list[Value]:
    if place.sub is None:
        return [entry for entry in values if not any(entry is m for m in matched)]
    for entry in matched:
        entry.pop(place.sub.name, None)
    return [entry for entry in values if entry]


def _changed(
    values: list[Value],
    matched: list[Value],
    operation: Operation,
    path: PatchPath,
    strict: bool,
) -> list[Value]:
    """The matched values with the sub-attribute set, merged (add), or replaced (replace)."""
    place = path.place
    if place is None:
        raise TypeError("a selection is of an attribute")
    if place.sub is not None:
        taken = coerce(place.sub, operation.value, strict=strict)
        if taken is None:
            return _removed(values, matched, place)
        for entry in matched:
            entry[place.sub.name] = taken
        return values
    given: Value = coerce_element(place.attribute, operation.value, strict=strict) or {}
    if not given:
        return _removed(values, matched, place)
    base = {} if operation.op == "add" else _literal(path.selection, place.attribute) or {}
    for entry in matched:
        if operation.op == "replace":
            entry.clear()
        entry.update({**base, **given})
    return values


def _made(operation: Operation, path: PatchPath, place: Place, strict: bool) -> Value:
    """The value a selection describes, with what is to be set."""
    described = {} if path.selection is None else _literal(path.selection, place.attribute)
    if described is None or (strict and path.selection and operation.op == "replace"):
        raise ScimError(400, f"path {path.text[:200]!r} matches no value.", "noTarget")
    if place.sub is not None:
        taken = coerce(place.sub, operation.value, strict=strict)
        given = {} if taken is None else {place.sub.name: taken}
    else:
        given = coerce_element(place.attribute, operation.value, strict=strict) or {}
    if not given:
        raise invalid_value(place.path, "a value is needed.")
    return {**described, **given}


def _literal(selection: FilterNode | None, attribute: Attribute) -> Value | None:
    """`type eq "work" and primary eq true` as a value; None when it is not that simple."""
    from scim2_models.path import Comparison, LogicalExpr

    if isinstance(selection, LogicalExpr) and selection.op == "and":
        parts = [_literal(term, attribute) for term in selection.terms]
        found: Value = {}
        for part in parts:
            if part is None:
                return None
            found |= part
        return found
    if not isinstance(selection, Comparison) or selection.op != "eq":
        return None
    sub = attribute.sub(selection.attr_path.attr)
    if sub is None or selection.value is None:
        return None
    operand(sub, "eq", selection.value)
    return {sub.name: coerce(sub, selection.value)}


def settle_primary(attribute: Attribute, values: list[Value], before: set[int]) -> None:
    """A value newly made primary takes that from the one that was (RFC 7644 §3.5.2)."""
    primary = [entry for entry in values if entry.get("primary") is True]
    new = [entry for entry in primary if id(entry) not in before]
    if len(new) > 1:
        raise invalid_value(attribute.path, "only one value can be primary.")
    if new:
        for entry in primary:
            if entry is not new[0]:
                entry["primary"] = False
