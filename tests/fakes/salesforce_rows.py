"""What a Salesforce organisation holds, what it takes of new rows, and its error shapes."""

from __future__ import annotations

import itertools
from typing import Any

from tests.fakes.salesforce_fields import OBJECTS, PREFIXES, Problem, is_email, problem_with
from tests.fakes.salesforce_tokens import SalesforceLogin
from tests.fakes.server import Reply, Request

PROFILE, LEAST, CLOUD = "00e000000000001AAA", "00e000000000002AAA", "0PS000000000001AAA"
_LINKS = (
    ("GroupMember", "GroupId", "UserOrGroupId"),
    ("PermissionSetAssignment", "PermissionSetId", "AssigneeId"),
)
_GONE = ("ENTITY_IS_DELETED", "entity is deleted", [])
_MOST = 200


class SalesforceRows(SalesforceLogin):
    """`elsewhere` holds usernames of other organisations, `page_size` how many records an
    answer to a query has, `limit` the requests of 24 hours."""

    version = "v60.0"

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in OBJECTS}
        self.objects["Profile"][PROFILE] = {"Id": PROFILE, "Name": "Standard User"}
        least = {"Id": LEAST, "Name": "Minimum Access - Salesforce"}
        self.objects["Profile"][LEAST] = least
        self.objects["PermissionSet"][CLOUD] = {
            "Id": CLOUD,
            "Name": "Sales_Cloud",
            "Label": "Sales Cloud",
        }
        self.passwords: dict[str, list[str]] = {}
        """Of each user, the newest last."""
        self.elsewhere: set[str] = set()
        self.usage, self.limit, self.page_size = 0, 15000, 2000
        self.filters_ignored = False
        self.pages: dict[str, list[dict[str, Any]]] = {}
        self._ids = itertools.count(1)
        super().__init__()

    @property
    def users(self) -> dict[str, dict[str, Any]]:
        return self.objects["User"]

    def user(self, username: str) -> dict[str, Any] | None:
        return next((u for u in self.users.values() if u["Username"] == username), None)

    def add_user(self, username: str, **fields: Any) -> dict[str, Any]:
        """A user who is there already, as if somebody else had made them."""
        return self._stored("User", {"Username": username, "IsActive": True, **fields})

    def add_permission_set(self, name: str) -> str:
        return str(self._stored("PermissionSet", {"Name": name, "Label": name})["Id"])

    def assign(self, user_id: str, permission_set: str) -> None:
        """As an administrator does."""
        row = {"PermissionSetId": permission_set, "AssigneeId": user_id}
        self._stored("PermissionSetAssignment", row)

    def ignore_filters(self) -> None:
        self.filters_ignored = True

    def answer_in_pages(self, size: int) -> None:
        self.page_size = size

    def add_twin(self, remote_id: str) -> bool:
        self._stored("User", {k: v for k, v in self.users[remote_id].items() if k != "Id"})
        return True

    def member_ids(self, group_id: str) -> list[str]:
        return [
            str(row[member])
            for kind, group, member in _LINKS
            for row in self.objects[kind].values()
            if row[group] == group_id
        ]

    def _collection(self, request: Request) -> Reply:
        if request.method == "DELETE":
            ids = request.query.get("ids", "").split(",")
            return Reply(200, list(map(self._dropped, ids))) if len(ids) <= _MOST else _TOO_MANY
        records = request.json.get("records", [])
        if len(records) > _MOST or not isinstance(request.json.get("allOrNone"), bool):
            return _TOO_MANY
        return Reply(200, [self._added(dict(record)) for record in records])

    def _added(self, body: dict[str, Any]) -> dict[str, Any]:
        kind = body.pop("attributes")["type"]
        problem = self._problem(kind, body, None)
        return _result("" if problem else self._stored(kind, body)["Id"], problem)

    def _dropped(self, remote_id: str) -> dict[str, Any]:
        kind = next(k for k, p in PREFIXES.items() if remote_id.startswith(p))
        gone = self.objects[kind].pop(remote_id, None)
        return _result(remote_id, None if gone else _GONE)

    def _problem(
        self, kind: str, body: dict[str, Any], row: dict[str, Any] | None
    ) -> Problem | None:
        if problem := problem_with(kind, body, new=row is None):
            return problem
        for name, value in body.items():
            field = OBJECTS[kind][name]
            known = next((k for k, p in PREFIXES.items() if p == field.prefix), "")
            if value and field.prefix and value not in self.objects.get(known, {}):
                return "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [name]
        return self._taken(kind, body, row)

    def _taken(
        self, kind: str, body: dict[str, Any], row: dict[str, Any] | None
    ) -> Problem | None:
        others = [other for other in self.objects[kind].values() if other is not row]
        if kind == "User" and "Username" in body:
            name = body["Username"].lower()
            if not is_email(name):
                return "INVALID_EMAIL_ADDRESS", f"Username: invalid username: {name}", []
            if name in self.elsewhere or name in {o["Username"].lower() for o in others}:
                return "DUPLICATE_USERNAME", "Duplicate Username. In this or another org.", []
        nicknames = {other.get("CommunityNickname") for other in others}
        if body.get("CommunityNickname") and body["CommunityNickname"] in nicknames:
            return "DUPLICATE_COMM_NICKNAME", "Duplicate Nickname.", ["CommunityNickname"]
        unique = {"User": "FederationIdentifier", "Group": "DeveloperName"}.get(kind, "")
        if body.get(unique) and body[unique] in {other.get(unique) for other in others}:
            code = "DUPLICATE_DEVELOPER_NAME" if kind == "Group" else "DUPLICATE_VALUE"
            return code, f"duplicate value found: {unique}", [unique]
        if kind == "PermissionSetAssignment" and body in [
            {k: v for k, v in other.items() if k != "Id"} for other in others
        ]:
            return "DUPLICATE_VALUE", "Duplicate PermissionSetAssignment.", []
        return None

    def _stored(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        made = f"{PREFIXES[kind]}{next(self._ids):012d}AAA"
        row = {"Id": made, **body}
        self.objects[kind][made] = row
        return row


def _result(remote_id: str, problem: Problem | None) -> dict[str, Any]:
    if problem is None:
        return {"id": remote_id, "success": True, "errors": []}
    code, message, fields = problem
    error = {"statusCode": code, "message": message, "fields": fields}
    return {"success": False, "errors": [error]}


def refused(code: str, message: str, fields: list[str]) -> Reply:
    return Reply(400, [{"errorCode": code, "message": message, "fields": fields}])


def refusal(status: int, code: str, message: str) -> Reply:
    return Reply(status, [{"errorCode": code, "message": message}])


_TOO_MANY = refusal(400, "INVALID_BATCH_SIZE", "up to 200 records, and allOrNone")
