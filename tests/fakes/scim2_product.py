"""What the fakes of products share: they refuse what their documentation does not allow.

Each is written from the words of its vendor, and knows nothing of our profiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.scim2 import Scim2Target
from tests.fakes.server import Reply, Request

_FILTER = re.compile(r'(\w+) eq "(?:[^"\\]|\\.)*"')


class Product(Scim2Target):
    """`violations` holds what was refused; `more` are settings of the connector for it."""

    def __init__(self, *, more: dict[str, Any] | None = None, **differences: Any) -> None:
        self.violations: list[str] = []
        self.more = more or {}
        super().__init__(authentication="bearer", **differences)

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, **self.more}

    def respond(self, request: Request) -> Reply:
        if request.path.startswith(f"{self.base}/") and self._may(request):
            refusal = self._refusal(request)
            if refusal:
                self.violations.append(f"{request}: {refusal[1]}")
                return self.refused(*refusal)
        return super().respond(request)

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        kind = request.path.removeprefix(f"{self.base}/").partition("/")[0]
        on_users = kind == "Users"
        if request.method == "GET":
            return self.refusal_of_reading(request, kind)
        if request.method == "PATCH":
            return self.refusal_of_patch(request.json["Operations"], request, on_users)
        if request.method in ("POST", "PUT"):
            return self.refusal_of_document(request.json, request, on_users)
        return None

    # What a product says no to: a status and a sentence.

    def refusal_of_reading(self, request: Request, kind: str) -> tuple[int, str] | None:
        return None

    def refusal_of_patch(
        self, operations: list[dict[str, Any]], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        return None

    def refusal_of_document(
        self, document: dict[str, Any], request: Request, on_users: bool
    ) -> tuple[int, str] | None:
        return None

    def refused(self, status: int, detail: str) -> Reply:
        schema = "urn:ietf:params:scim:api:messages:2.0:Error"
        return Reply(status, {"schemas": [schema], "status": str(status), "detail": detail})

    def forget(self, user_id: str) -> None:
        """As if somebody else had removed the account for good."""
        with self.lock:
            super()._delete("Users", user_id)


def filtered_by(request: Request) -> str | None:
    """The attribute a plain `attribute eq "value"` asks for; "" for any other filter."""
    asked = request.query.get("filter")
    if asked is None:
        return None
    match = _FILTER.fullmatch(asked)
    return match[1] if match else ""


def attributes_in(operations: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Every attribute that a PATCH of a user writes, and its value."""
    for operation in operations:
        if operation["op"] == "remove":
            continue
        if path := operation.get("path"):
            yield path, operation["value"]
        else:
            yield from operation["value"].items()


def several(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1
