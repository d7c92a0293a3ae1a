"""A PATCH request read (RFC 7644 §3.5.2): what to do where, before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.inbound.scim2.bodies import check_schemas
from provisioning.inbound.scim2.errors import ScimError, invalid_syntax

PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MAX_OPERATIONS = 10_000


@dataclass(frozen=True, slots=True)
class Operation:
    """`op` is add, replace or remove; `path` is empty for the resource itself."""

    op: str
    path: str
    value: Any = None
    has_value: bool = False

    @property
    def names_what_goes(self) -> bool:
        """Of a remove: its value lists what goes, as Entra's does. An empty list is nobody,
        and not everybody."""
        return self.has_value and self.value not in (None, "")


def read_operations(body: Any, *, strict: bool = False) -> list[Operation]:
    """The operations of a PatchOp message. Raises `ScimError` (invalidSyntax)."""
    if not isinstance(body, Mapping):
        raise invalid_syntax("The body is not a JSON object.")
    if strict:
        check_schemas(body, PATCH_SCHEMA)
    operations = _member(body, "Operations")
    if not isinstance(operations, list) or not operations:
        raise invalid_syntax("Operations: must be a list with at least one operation.")
    if len(operations) > MAX_OPERATIONS:
        raise ScimError(413, f"Operations: at most {MAX_OPERATIONS} in one request.")
    return list(_read(operations, strict))


def _read(operations: list[Any], strict: bool) -> Iterator[Operation]:
    for entry in operations:
        if not isinstance(entry, Mapping):
            raise invalid_syntax("Operations: every operation is an object.")
        op, path = _member(entry, "op"), _member(entry, "path")
        known = op if strict else op.lower() if isinstance(op, str) else op
        if known not in ("add", "replace", "remove"):
            letters = ", in small letters" if strict else ""
            raise invalid_syntax(f"op: must be add, replace or remove{letters}.")
        if path is not None and not isinstance(path, str):
            raise invalid_syntax("path: must be a string.")
        yield _checked(Operation(known, (path or "").strip(), *_value(entry)), strict)


def _checked(operation: Operation, strict: bool) -> Operation:
    if operation.op == "remove":
        if strict and operation.value is not None:
            # By the RFC the value says nothing and all would go: more than the client means.
            raise ScimError(
                400, "value: a remove operation has none; its path selects.", "invalidValue"
            )
        if not operation.path:
            raise ScimError(400, "path: a remove operation needs one.", "noTarget")
        return operation
    if not operation.has_value:
        raise invalid_syntax(f"value: an {operation.op} operation needs one.")
    if not operation.path and not isinstance(operation.value, Mapping):
        raise ScimError(400, "value: without a path it must be an object.", "invalidValue")
    return operation


def _value(entry: Mapping[str, Any]) -> tuple[Any, bool]:
    for name in entry:
        if isinstance(name, str) and name.lower() == "value":
            return entry[name], True
    return None, False


def _member(body: Mapping[str, Any], name: str) -> Any:
    """A member of a message, its name compared without case (RFC 7643 §2.1)."""
    if name in body:
        return body[name]
    return next((v for k, v in body.items() if k.lower() == name.lower()), None)
