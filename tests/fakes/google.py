"""The Directory API of a Workspace account whose users and groups are two dictionaries.

What it is sent is checked against Google's own discovery document (shipped in
google-api-python-client): unknown and read-only fields, types, unknown parameters.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.fakes.google_account import GoogleAccount
from tests.fakes.google_discovery import ROOT, unlike_discovery
from tests.fakes.server import Reply, Request


class GoogleDirectory(GoogleAccount):
    """`with GoogleDirectory() as google: GoogleConnector(google.settings, http)`.

    `hidden` holds addresses of users that were made and are not shown yet (eventual
    consistency): `show()` ends that.
    """

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.members: dict[str, dict[str, dict[str, Any]]] = {}
        self.passwords: dict[str, str] = {}
        self.hide_new = False
        self.hidden: set[str] = set()
        self._ids = itertools.count(100000000000000000001)
        super().__init__()

    # -- what a test wants to know --------------------------------------------------------

    def user(self, email: str) -> dict[str, Any] | None:
        return self._user(email)

    def member_ids(self, group_id: str) -> list[str]:
        return list(self.members[group_id])

    def add_user(self, email: str, **fields: Any) -> dict[str, Any]:
        """A user who is there already, as if somebody else had made them."""
        return self._stored({"primaryEmail": email, "suspended": False, **fields})

    def show(self) -> None:
        """Whoever was made is shown from now on."""
        self.hidden.clear()
        self.hide_new = False

    # -- what it answers ------------------------------------------------------------------

    def respond(self, request: Request) -> Reply:
        if request.path == "/token":
            return self.issue(request)
        if not request.path.startswith(ROOT):
            return _error(404, "Not Found", "notFound")
        if not self.may(request):
            return _error(401, "Invalid Credentials", "authError")
        steps = request.path.removeprefix(ROOT).split("/")
        if problem := unlike_discovery(request, steps):
            return _error(400, problem, "invalid")
        answers = {"users": self._users, "groups": self._groups}
        answer = answers.get(steps[0])
        return answer(request, steps[1:]) if answer else _error(404, "Not Found", "notFound")

    def _users(self, request: Request, steps: list[str]) -> Reply:
        if not steps:
            if request.method == "POST":
                return self._insert(request.json)
            return Reply(
                200, {"kind": "admin#directory#users", "users": [*self.users.values()]}
            )
        user = self._user(steps[0])
        if user is None or user["primaryEmail"] in self.hidden:
            return _error(404, "Resource Not Found: userKey", "notFound")
        if request.method == "GET":
            return Reply(200, user)
        if request.method == "DELETE":
            del self.users[user["id"]]
            for members in self.members.values():
                members.pop(user["id"], None)
            return Reply(204)
        if request.method in ("PUT", "PATCH"):
            return self._update(user, request.json)
        return _error(405, "Method Not Allowed", "httpMethodNotAllowed")

    def _insert(self, body: dict[str, Any]) -> Reply:
        names = body.get("name", {})
        for field, value in (
            ("primaryEmail", body.get("primaryEmail")),
            ("givenName", names.get("givenName")),
            ("familyName", names.get("familyName")),
            ("password", body.get("password")),
        ):
            if not value:
                return _error(400, f"Invalid Input: {field}", "invalid")
        if problem := self._invalid(body):
            return problem
        if self._taken(body["primaryEmail"]):
            return _error(409, "Entity already exists.", "duplicate")
        user = self._stored(body)
        if self.hide_new:
            self.hidden.add(user["primaryEmail"])
        return Reply(200, user)

    def _update(self, user: dict[str, Any], body: dict[str, Any]) -> Reply:
        if problem := self._invalid(body):
            return problem
        new = body.get("primaryEmail", user["primaryEmail"]).lower()
        if new != user["primaryEmail"]:
            holder = self._user(new)
            if holder is not None and holder is not user:
                return _error(409, "Entity already exists.", "duplicate")
            user["aliases"] = [*user.get("aliases", []), user["primaryEmail"]]
            user["aliases"] = [alias for alias in user["aliases"] if alias != new]
        self._merge(user, {**body, "primaryEmail": new})
        return Reply(200, user)

    def _merge(self, user: dict[str, Any], body: dict[str, Any]) -> None:
        """Patch semantics: what is not named stays, null clears, objects are merged."""
        if password := body.pop("password", None):
            self.passwords[user["id"]] = password
        for key, value in body.items():
            if value is None:
                user.pop(key, None)
            elif isinstance(value, dict) and isinstance(user.get(key), dict):
                self._merge(user[key], dict(value))
            else:
                user[key] = value

    def _invalid(self, body: dict[str, Any]) -> Reply | None:
        email = body.get("primaryEmail")
        if email is not None and not email.lower().endswith(f"@{self.domain}"):
            return _error(404, "Domain not found.", "notFound")
        password = body.get("password")
        if password is not None and not 8 <= len(password) <= 100:
            return _error(400, "Invalid Password", "invalid")
        return None

    def _stored(self, body: dict[str, Any]) -> dict[str, Any]:
        body = dict(body)
        user: dict[str, Any] = {"id": str(next(self._ids)), "kind": "admin#directory#user"}
        self.users[user["id"]] = user
        body["primaryEmail"] = body["primaryEmail"].lower()
        self._merge(user, {"suspended": False, **body})
        return user

    def _user(self, key: str) -> dict[str, Any] | None:
        key = key.lower()
        for user in self.users.values():
            if key in (user["id"], user["primaryEmail"], *user.get("aliases", ())):
                return user
        return None

    def _group(self, key: str) -> dict[str, Any] | None:
        key = key.lower()
        return next((g for g in self.groups.values() if key in (g["id"], g["email"])), None)

    def _taken(self, email: str) -> bool:
        return self._user(email) is not None or self._group(email) is not None

    def _groups(self, request: Request, steps: list[str]) -> Reply:
        if not steps:
            if request.method == "POST":
                return self._insert_group(request.json)
            return Reply(200, {"groups": [*self.groups.values()]})
        group = self._group(steps[0])
        if group is None:
            return _error(404, "Resource Not Found: groupKey", "notFound")
        if len(steps) > 1:
            return self._members(group, request, steps[2:])
        if request.method == "GET":
            return Reply(200, group)
        if request.method == "DELETE":
            del self.groups[group["id"]], self.members[group["id"]]
            return Reply(204)
        group.update(request.json)
        return Reply(200, group)

    def _insert_group(self, body: dict[str, Any]) -> Reply:
        email = str(body.get("email", "")).lower()
        if not email.endswith(f"@{self.domain}"):
            return _error(400, "Invalid Input: email", "invalid")
        if self._taken(email):
            return _error(409, "Entity already exists.", "duplicate")
        group = {"id": f"g{next(self._ids)}", **body, "email": email}
        self.groups[group["id"]] = group
        self.members[group["id"]] = {}
        return Reply(200, group)

    def _members(self, group: dict[str, Any], request: Request, steps: list[str]) -> Reply:
        members = self.members[group["id"]]
        if not steps:
            body = request.json
            user = self._user(str(body.get("id") or body.get("email") or ""))
            if user is None or user["primaryEmail"] in self.hidden:
                return _error(404, "Resource Not Found: memberKey", "notFound")
            if user["id"] in members:
                return _error(409, "Member already exists.", "duplicate")
            members[user["id"]] = body
            return Reply(200, body)
        if steps[0] not in members:
            return _error(404, "Resource Not Found: memberKey", "notFound")
        if request.method == "DELETE":
            del members[steps[0]]
            return Reply(204)
        return Reply(200, members[steps[0]])


def _error(status: int, message: str, reason: str) -> Reply:
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return Reply(status, {"error": {"code": status, "message": message, "errors": errors}})


def quota(reason: str = "userRateLimitExceeded") -> bytes:
    """The body of a 403 by which Google says that it is asked too often."""
    reply = _error(403, "Request rate higher than configured.", reason)
    return json.dumps(reply.document).encode()
