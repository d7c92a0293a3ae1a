"""AWS IAM Identity Center, by its SCIM Implementation Developer Guide."""

from __future__ import annotations

from typing import Any

from tests.fakes.scim2_product import Product, attributes_in, filtered_by, several
from tests.fakes.server import Reply, Request

_FILTERS = {"Users": {"userName", "externalId"}, "Groups": {"displayName", "externalId"}}
_UNSUPPORTED = {"ims", "photos", "x509Certificates", "entitlements", "password", "groups"}
_SINGLE = {"emails", "phoneNumbers", "addresses", "roles"}
_NO_PARAMETERS = {"startIndex", "attributes", "excludedAttributes"}
_OF_GROUPS = {"displayName", "members", "externalId"}
MOST_MEMBERS = 100


class AwsLike(Product):
    """Groups are shown with no members, and are changed by PATCH alone."""

    def respond(self, request: Request) -> Reply:
        reply = super().respond(request)
        patched = request.method == "PATCH" and "/Groups/" in request.path
        return Reply(204) if patched and reply.status == 200 else reply

    def _shown(self, kind: str, resource: dict[str, Any], request: Request) -> dict[str, Any]:
        shown = super()._shown(kind, resource, request)
        return {**shown, "members": []} if kind == "Groups" else shown

    def refused(self, status: int, detail: str) -> Reply:
        exception = "ValidationException" if status == 400 else "AccessDeniedException"
        return Reply(
            status, {"schemas": [], "status": str(status), "detail": f"{exception}: {detail}"}
        )

    def refusal_of_reading(self, request: Request, kind: str) -> tuple[int, str] | None:
        if unknown := _NO_PARAMETERS & request.query.keys():
            return 400, f"{sorted(unknown)} not supported"
        by = filtered_by(request)
        if by is not None and by not in _FILTERS[kind]:
            return 400, "filter not supported"
        return None

    def refusal_of_document(
        self, document: dict[str, Any], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        if not on_users:
            return (400, "groups are not replaced") if request.method == "PUT" else None
        name = document.get("name", {})
        needed = (name.get("givenName"), name.get("familyName"), document.get("displayName"))
        if not all(needed):
            return 400, "givenName, familyName and displayName are required"
        return self._wrong(list(document.items()))

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        if not request.headers.get("user-agent"):
            return 403, "no User-Agent"
        if not on_users:
            return self._wrong_in_group(operations)
        if any(o["op"] == "remove" and o["path"] in ("userName", "active") for o in operations):
            return 400, "userName and active are not removed"
        return self._wrong(list(attributes_in(operations)))

    def _wrong(self, attributes: list[tuple[str, Any]]) -> tuple[int, str] | None:
        for key, value in attributes:
            if key in _UNSUPPORTED:
                return 400, f"{key} is not supported"
            if key in _SINGLE and several(value):
                return 400, f"{key} has more than one value"
            if key in _SINGLE and any("display" in one for one in value):
                return 400, f"display of {key} is not supported"
            if key == "emails" and not all(one.get("primary") is True for one in value):
                return 400, "the e-mail must be primary"
            if key.endswith(":User") and "displayName" in value.get("manager", {}):
                return 400, "displayName of a manager is not supported"
        return None

    def _wrong_in_group(self, operations: list[dict[str, Any]]) -> tuple[int, str] | None:
        changes = 0
        for operation in operations:
            if operation.get("path") not in _OF_GROUPS:
                return 400, f"path {operation.get('path')!r} is not supported"
            if operation["path"] == "members":
                if operation["op"] == "replace" or not operation.get("value"):
                    return 400, "all members cannot be replaced or removed"
                changes += len(operation["value"])
        if changes > MOST_MEMBERS:
            return 400, "more than 100 members in one request"
        return None
