"""A SCIM 1.1 target that checks what it gets by the specification.

That is: Core Schema 1.1 and REST API 1.1 (draft-scim-core-schema-01, draft-scim-api-01).

Users and groups are two dictionaries, as in the SCIM 2.0 target, whose paging, look-ups and
quirks it shares. Whatever a client does against the specification is refused and kept in
`violations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from tests.fakes import scim1_schema
from tests.fakes.scim1_patch import NOT_THERE, apply_partial
from tests.fakes.scim1_schema import CORE, ENTERPRISE
from tests.fakes.scim2 import Scim2Target
from tests.fakes.scim2_quirks import Quirks
from tests.fakes.server import Reply, Request

__all__ = ["CORE", "ENTERPRISE", "Quirks1", "Scim1Target"]

_METHODS = {"GET": False, "DELETE": False, "POST": True, "PUT": True, "PATCH": True}
"""Whether each has a body."""


@dataclass(frozen=True)
class Quirks1(Quirks):
    deleted_status: Literal[200, 204] = 200
    error_shape: Literal["Errors", "error", "object", "text"] = "Errors"
    strangers: Literal["ignored", "refused"] = "ignored"
    """Deleting a member who is none."""
    stranger_status: int = 400
    listed_config: bool = False
    """The configuration is answered in a list."""
    merges_only: bool = False
    """`meta.attributes` is passed over."""
    needs_names: bool = False
    """As WSO2 does: every PATCH names its object, every member its display."""


class Scim1Target(Scim2Target):
    quirks: Quirks1
    quirks_class = Quirks1
    config_name = "ServiceProviderConfigs"
    version = "v1"

    def __init__(self, **differences: Any) -> None:
        self.violations: list[str] = []
        super().__init__(authentication="basic", **differences)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a `scim` connector for this target."""
        found = super().settings
        del found["authentication"]
        return found

    def respond(self, request: Request) -> Reply:
        wrong = list(self._problems(request)) if self._may(request) else []
        if wrong:
            self.violations += [f"{request}: {problem}" for problem in wrong]
            return self._error(400, "; ".join(wrong))
        reply = super().respond(request)
        if request.method == "DELETE" and reply.status == 204:
            reply = replace(reply, status=self.quirks.deleted_status)
        if reply.status >= 400:
            words = reply.document["detail"]
            stranger = words.endswith(NOT_THERE)
            return self._error(self.quirks.stranger_status if stranger else reply.status, words)
        document = reply.document
        if isinstance(document, dict) and "Resources" in document:
            document = {**document, "schemas": [CORE]}
        return replace(reply, document=document, content_type="application/json")

    def _problems(self, request: Request) -> Iterator[str]:
        kind, _, remote_id = request.path.removeprefix(f"{self.base}/").partition("/")
        if "application/json" not in request.headers.get("accept", ""):
            yield "Accept lacks application/json"
        if request.query.keys() - {"attributes", "filter", "startIndex", "count"}:
            yield f"there are no parameters {sorted(request.query)}"
        if "+" in request.target:
            yield "a + that is not encoded"
        if _METHODS.get(request.method) is not bool(request.body):
            yield "a body too many, or none"
        elif request.body and kind in scim1_schema.REQUIRED:
            yield from self._in_body(kind, remote_id, request)

    def _in_body(self, kind: str, remote_id: str, request: Request) -> Iterator[str]:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            yield "Content-Type is not application/json"
        try:
            body = request.json
        except ValueError:
            yield "the body is no JSON"
            return
        partial = request.method == "PATCH"
        yield from scim1_schema.problems(kind, body, partial=partial)
        if body.get("id", remote_id) != remote_id or (partial and "id" in body):
            yield "id is the server's"
        named = bool(body.get(scim1_schema.REQUIRED[kind]))
        if not named and (not partial or self.quirks.needs_names):
            yield f"{scim1_schema.REQUIRED[kind]} is required"
        if self.quirks.needs_names and not all(
            m.get("display") for m in body.get("members", [])
        ):
            yield "a member without display"

    def _apply(self, resource: dict[str, Any], body: dict[str, Any]) -> None:
        if self.quirks.merges_only:
            body = {key: value for key, value in body.items() if key != "meta"}
        apply_partial(resource, body, strangers=self.quirks.strangers)

    def _members_in(self, body: dict[str, Any]) -> tuple[list[str], int]:
        listed = body.get("members", [])
        added = [str(one["value"]) for one in listed if "operation" not in one]
        return added, len(listed) - len(added)

    def _shown(self, kind: str, resource: dict[str, Any], request: Request) -> dict[str, Any]:
        shown = super()._shown(kind, resource, request)
        asked = request.query.get("attributes")
        if asked is not None:
            kept = {*asked.split(","), "id", "schemas", scim1_schema.REQUIRED[kind]}
            shown = {key: value for key, value in shown.items() if key in kept}
        location = f"{self.url}{self.base}/{kind}/{resource['id']}"
        return {"schemas": [CORE], **shown, "meta": {"location": location, "version": 'W/"1"'}}

    def _config(self) -> Reply:
        said = super()._config().document
        config = {"schemas": [CORE], **said, "bulk": {"supported": False}}
        listed = {"schemas": [CORE], "totalResults": 1, "Resources": [config]}
        return Reply(200, listed if self.quirks.listed_config else config)

    def _error(self, status: int, words: str) -> Reply:
        shapes: dict[str, Any] = {
            "Errors": {"Errors": [{"description": words, "code": str(status)}]},
            "error": {"error": words},
            "object": {"error": {"message": words, "code": status}},
        }
        shape = self.quirks.error_shape
        if shape == "text":
            return Reply(status, body=words.encode(), content_type="text/plain")
        return Reply(status, shapes[shape])
