"""Products in the field, each by its vendor's documentation."""

from __future__ import annotations

from typing import Any

from tests.fakes.scim2_patch import apply_patch
from tests.fakes.scim2_product import Product, attributes_in, filtered_by, several
from tests.fakes.server import Reply, Request


class SlackLike(Product):
    """DELETE of a user deactivates; a list has ten entries unless more are asked for."""

    def _delete(self, kind: str, remote_id: str) -> Reply:
        if kind == "Groups":
            return super()._delete(kind, remote_id)
        self.users[remote_id]["active"] = False
        return Reply(200)

    def _page(self, kind: str, resources: list[dict[str, Any]], request: Request) -> Reply:
        asked = {"count": "10", **request.query}
        limited = Request(request.method, request.path, asked, {}, b"", request.target)
        return super()._page(kind, resources, limited)


class GithubLike(Product):
    """Enterprise Managed Users: a User-Agent, and no filters in the paths of users."""

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        if not request.headers.get("user-agent"):
            return 403, "Request forbidden by administrative rules"
        return super()._refusal(request)

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        if on_users and any("[" in operation.get("path", "") for operation in operations):
            return 400, "paths with filters are not supported"
        return None


class _RemovesTheInactive(Product):
    """Who is deactivated is removed, with the id."""

    def respond(self, request: Request) -> Reply:
        reply = super().respond(request)
        for user_id in [i for i, user in self.users.items() if user.get("active") is False]:
            self.forget(user_id)
        return reply


class GithubOrganizationLike(GithubLike, _RemovesTheInactive):
    """The members of one organization; there are no groups."""

    def __init__(self, **differences: Any) -> None:
        super().__init__(groups=False, **differences)


class PagerdutyLike(_RemovesTheInactive):
    """displayName is required; one role and one licence."""

    def refusal_of_document(
        self, document: dict[str, Any], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        if on_users and not document.get("displayName"):
            return 400, "displayName is required"
        return self._wrong(list(document.items()))

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        return self._wrong(list(attributes_in(operations))) if on_users else None

    def _wrong(self, attributes: list[tuple[str, Any]]) -> tuple[int, str] | None:
        wrong = [k for k, v in attributes if k in ("roles", "entitlements") and several(v)]
        return (400, f"{wrong[0]} has one element") if wrong else None


class SalesforceLike(Product):
    """Nobody is deleted; public groups are neither made nor deleted; no paths for users."""

    config_name = "ServiceProviderConfigs"

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        on_groups = "/Groups" in request.path
        if request.method == "DELETE" or (on_groups and request.method in ("POST", "PUT")):
            return 405, f"{request.method} is not supported"
        return super()._refusal(request)

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        for operation in operations:
            path, removes = operation.get("path", ""), operation["op"] == "remove"
            if on_users and path and not removes:
                return 400, "a path is not supported"
            if (
                not on_users
                and path
                and (path != "members" or "members" not in operation["value"])
            ):
                return 400, "members are an object that holds their list"
        return None

    def _apply(self, resource: dict[str, Any], body: dict[str, Any]) -> None:
        plain = [
            {**one, "value": one["value"]["members"]} if one.get("path") == "members" else one
            for one in body["Operations"]
        ]
        apply_patch(resource, plain)

    def _members_in(self, body: dict[str, Any]) -> tuple[list[str], int]:
        return [], 0


class ZoomLike(Product):
    """PATCH of a user switches them on and off; groups have no PUT."""

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        if request.headers.get("accept") != "application/scim+json":
            return 406, "the Accept header must be application/scim+json"
        return super()._refusal(request)

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        written = {key for key, _ in attributes_in(operations)}
        removed = any(operation["op"] == "remove" for operation in operations)
        if on_users and (removed or written != {"active"}):
            return 400, "only active can be changed"
        return None

    def refusal_of_document(
        self, document: dict[str, Any], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        replaced = request.method == "PUT" and not on_users
        return (405, "there is no PUT for groups") if replaced else None


class AtlassianLike(Product):
    """Groups keep their names; users are found by userName and externalId."""

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        if request.body and request.headers.get("content-type") != "application/json":
            return 415, "bodies are application/json"
        return super()._refusal(request)

    def refusal_of_reading(self, request: Request, kind: str) -> tuple[int, str] | None:
        by = filtered_by(request)
        wrong = by is not None and kind == "Users" and by not in ("userName", "externalId")
        return (400, "the filter is not supported") if wrong else None

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        renamed = not on_users and any(
            key == "displayName" for key, _ in attributes_in(operations)
        )
        return (400, "displayName is immutable") if renamed else None


class DatabricksLike(Product):
    """There is no externalId of users."""

    def refusal_of_reading(self, request: Request, kind: str) -> tuple[int, str] | None:
        wrong = kind == "Users" and filtered_by(request) == "externalId"
        return (400, "INVALID_FILTER") if wrong else None

    def refusal_of_document(
        self, document: dict[str, Any], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        wrong = on_users and "externalId" in document
        return (400, "externalId is not supported") if wrong else None


class SnowflakeLike(Product):
    """One value of each attribute of a user; groups are roles."""

    def refusal_of_document(
        self, document: dict[str, Any], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        return self._wrong(list(document.items())) if on_users else None

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        return self._wrong(list(attributes_in(operations))) if on_users else None

    def _wrong(self, attributes: list[tuple[str, Any]]) -> tuple[int, str] | None:
        wrong = [key for key, value in attributes if key != "schemas" and several(value)]
        return (400, f"{wrong[0]} has several values") if wrong else None


class ZscalerLike(Product):
    """Booleans are answered as texts."""

    def _shown(self, kind: str, resource: dict[str, Any], request: Request) -> dict[str, Any]:
        shown = super()._shown(kind, resource, request)
        active = {"active": str(shown["active"]).lower()} if "active" in shown else {}
        return {**shown, **active}
