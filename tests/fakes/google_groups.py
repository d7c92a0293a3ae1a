"""Groups of a Workspace account, who is in them, and what every list and error looks like."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.fakes.google_account import GoogleAccount
from tests.fakes.server import Reply, Request


class GoogleGroups(GoogleAccount):
    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Any]] = {}
        self.members: dict[str, dict[str, dict[str, Any]]] = {}
        self.hidden: set[str] = set()
        self._ids = itertools.count(100000000000000000001)
        super().__init__()

    def _user(self, key: str) -> dict[str, Any] | None:
        raise NotImplementedError

    def member_ids(self, group_id: str) -> list[str]:
        return list(self.members[group_id])

    def _group(self, key: str) -> dict[str, Any] | None:
        key = key.lower()
        return next((g for g in self.groups.values() if key in (g["id"], g["email"])), None)

    def _taken(self, email: str) -> bool:
        return self._user(email) is not None or self._group(email) is not None

    def _page(self, kind: str, request: Request, held: list[dict[str, Any]]) -> Reply:
        """A page of a list, and the token of the next one."""
        domain = request.query.get("domain")
        if domain is None and "customer" not in request.query:
            return error(400, "Bad Request", "badRequest")
        if domain not in (None, self.domain):
            return error(403, "Not Authorized to access this resource/api", "forbidden")
        start = int(request.query.get("pageToken") or 0)
        end = start + int(request.query.get("maxResults") or 100)
        more = {"nextPageToken": str(end)} if end < len(held) else {}
        return Reply(200, {"kind": f"admin#directory#{kind}", kind: held[start:end], **more})

    def _groups(self, request: Request, steps: list[str]) -> Reply:
        if not steps:
            if request.method == "POST":
                return self._insert_group(request.json)
            return self._page("groups", request, [*self.groups.values()])
        group = self._group(steps[0])
        if group is None:
            return error(404, "Resource Not Found: groupKey", "notFound")
        if len(steps) > 1:
            return self._members(group, request, steps[2:])
        if request.method == "GET":
            return Reply(200, group)
        if request.method == "DELETE":
            del self.groups[group["id"]], self.members[group["id"]]
            return Reply(204)
        return self._change_group(group, request)

    def _change_group(self, group: dict[str, Any], request: Request) -> Reply:
        """groups.patch changes what it names; groups.update replaces the group."""
        body = request.json
        if request.method == "PUT" and not body.get("email"):
            return error(400, "Missing required field: email", "required")
        email = body.get("email", group["email"]).lower()
        if email != group["email"] and self._taken(email):
            return error(409, "Entity already exists.", "duplicate")
        group.update({**body, "email": email})
        return Reply(200, group)

    def _insert_group(self, body: dict[str, Any]) -> Reply:
        email = str(body.get("email", "")).lower()
        if not email.endswith(f"@{self.domain}"):
            return error(400, "Invalid Input: email", "invalid")
        if self._taken(email):
            return error(409, "Entity already exists.", "duplicate")
        group = {"id": f"g{next(self._ids)}", **body, "email": email}
        self.groups[group["id"]] = group
        self.members[group["id"]] = {}
        return Reply(200, group)

    def _members(self, group: dict[str, Any], request: Request, steps: list[str]) -> Reply:
        members = self.members[group["id"]]
        if not steps and request.method == "GET":
            return Reply(
                200, {"kind": "admin#directory#members", "members": [*members.values()]}
            )
        if not steps:
            return self._insert_member(members, request.json)
        if steps[0] not in members:
            return error(404, "Resource Not Found: memberKey", "notFound")
        if request.method == "DELETE":
            del members[steps[0]]
            return Reply(204)
        return Reply(200, members[steps[0]])

    def _insert_member(self, members: dict[str, dict[str, Any]], body: dict[str, Any]) -> Reply:
        if body.get("role", "MEMBER") not in ("MEMBER", "MANAGER", "OWNER"):
            return error(400, "Invalid Input: role", "invalid")
        if not body.get("email"):
            return error(400, "Missing required field: member", "required")
        user = self._user(body["email"])
        if user is None or user["primaryEmail"] in self.hidden:
            return error(404, "Resource Not Found: memberKey", "notFound")
        if user["id"] in members:
            return error(409, "Member already exists.", "duplicate")
        made = {"id": user["id"], "type": "USER", "status": "ACTIVE", **body}
        members[user["id"]] = made
        return Reply(200, made)


def error(status: int, message: str, reason: str) -> Reply:
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return Reply(status, {"error": {"code": status, "message": message, "errors": errors}})


def quota(reason: str = "userRateLimitExceeded") -> bytes:
    """The body of a 403 by which Google says that it is asked too often."""
    reply = error(403, "Request rate higher than configured.", reason)
    return json.dumps(reply.document).encode()
