"""A Salesforce organisation: users, groups, profiles and permission sets behind its REST API.

It checks what Salesforce documents for the User object: required fields, types, lengths,
unique usernames that look like addresses, unknown fields, and ids of profiles.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.fakes.salesforce_soql import select
from tests.fakes.salesforce_tokens import SalesforceLogin
from tests.fakes.server import Reply, Request

REQUIRED = {
    "Username", "Alias", "Email", "EmailEncodingKey", "LanguageLocaleKey", "LastName",
    "LocaleSidKey", "ProfileId", "TimeZoneSidKey",
}  # fmt: skip
LENGTHS = {"Alias": 8, "Username": 80, "LastName": 80, "FirstName": 40, "Email": 128}
BOOLEANS = {
    "IsActive", "UserPermissionsCallCenterAutoLogin", "UserPermissionsMarketingUser",
    "UserPermissionsOfflineUser",
}  # fmt: skip
OTHERS = {"FirstName", "Title", "Department", "Phone", "FederationIdentifier", "EmployeeNumber"}
FIELDS = REQUIRED | BOOLEANS | OTHERS
PREFIXES = {
    "User": "005",
    "Group": "00G",
    "GroupMember": "011",
    "PermissionSetAssignment": "0Pa",
}


class SalesforceOrg(SalesforceLogin):
    """`with SalesforceOrg() as org: SalesforceConnector(org.settings, http)`."""

    version = "v60.0"

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {
            "User": {},
            "Group": {},
            "GroupMember": {},
            "PermissionSetAssignment": {},
            "Profile": {
                "00e000000000001AAA": {"Id": "00e000000000001AAA", "Name": "Standard User"}
            },
            "PermissionSet": {
                "0PS000000000001AAA": {
                    "Id": "0PS000000000001AAA", "Name": "Sales_Cloud", "Label": "Sales Cloud",
                }
            },
        }  # fmt: skip
        self.usage = 0
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

    def member_ids(self, group_id: str) -> list[str]:
        kinds = (
            ("GroupMember", "GroupId", "UserOrGroupId"),
            ("PermissionSetAssignment", "PermissionSetId", "AssigneeId"),
        )
        return [
            str(row[member])
            for kind, group, member in kinds
            for row in self.objects[kind].values()
            if row[group] == group_id
        ]

    def respond(self, request: Request) -> Reply:
        if request.path == "/services/oauth2/token":
            return self.issue(request)
        root = f"/services/data/{self.version}/"
        if not request.path.startswith(root):
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if not self.may(request):
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self.usage += 1
        reply = self._answer(request, request.path.removeprefix(root).split("/"))
        info = {"Sforce-Limit-Info": f"api-usage={self.usage}/15000"}
        return Reply(reply.status, reply.document, info)

    def _answer(self, request: Request, steps: list[str]) -> Reply:
        if steps == ["query"]:
            records = select(request.query["q"], self.objects)
            return Reply(200, {"totalSize": len(records), "done": True, "records": records})
        if steps == ["composite", "sobjects"]:
            return self._collection(request)
        if steps[0] != "sobjects" or steps[1] not in self.objects:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if len(steps) == 2:
            return self._created(steps[1], request.json)
        return self._on_object(steps[1], steps[2], request)

    def _created(self, kind: str, body: dict[str, Any]) -> Reply:
        if problem := self._problem(kind, body, None):
            return _reply(*problem)
        made = self._stored(kind, body)
        return Reply(201, {"id": made["Id"], "success": True, "errors": []})

    def _on_object(self, kind: str, remote_id: str, request: Request) -> Reply:
        row = self.objects[kind].get(remote_id)
        if row is None:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if request.method == "GET":
            names = request.query.get("fields", "").split(",")
            return Reply(200, {name: row.get(name) for name in names if name})
        if request.method == "DELETE":
            if kind == "User":
                return _error(400, "INVALID_TYPE_FOR_OPERATION", "users cannot be deleted")
            del self.objects[kind][remote_id]
            return Reply(204)
        if problem := self._problem(kind, request.json, row):
            return _reply(*problem)
        row.update(request.json)
        return Reply(204)

    def _collection(self, request: Request) -> Reply:
        if request.method == "DELETE":
            results = []
            for remote_id in request.query["ids"].split(","):
                kind = next(k for k, p in PREFIXES.items() if remote_id.startswith(p))
                gone = self.objects[kind].pop(remote_id, None)
                results.append(_result(remote_id, None if gone else _GONE))
            return Reply(200, results)
        assert request.json["allOrNone"] is False
        results = []
        for record in request.json["records"]:
            body = dict(record)
            kind = body.pop("attributes")["type"]
            problem = self._problem(kind, body, None)
            made = "" if problem else self._stored(kind, body)["Id"]
            results.append(_result(made, problem))
        return Reply(200, results)

    def _problem(
        self, kind: str, body: dict[str, Any], row: dict[str, Any] | None
    ) -> tuple[str, str, list[str]] | None:
        if kind == "User":
            return self._user_problem(body, row)
        if kind in ("GroupMember", "PermissionSetAssignment"):
            member = body.get("UserOrGroupId") or body.get("AssigneeId")
            if member not in self.users:
                return "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []
        return None

    def _user_problem(
        self, body: dict[str, Any], row: dict[str, Any] | None
    ) -> tuple[str, str, list[str]] | None:
        if unknown := sorted(set(body) - FIELDS):
            return "INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type User", []
        after = {**(row or {}), **body}
        if missing := sorted(name for name in REQUIRED if after.get(name) in (None, "")):
            return "REQUIRED_FIELD_MISSING", "Required fields are missing", missing
        if problem := _bad_value(body):
            return problem
        if "@" not in after["Username"]:
            return "INVALID_EMAIL_ADDRESS", "Username must be in the form of an email", []
        if after["ProfileId"] not in self.objects["Profile"]:
            return "INVALID_CROSS_REFERENCE_KEY", "ProfileId: id value of incorrect type", []
        name = after["Username"].lower()
        if any(u is not row and u["Username"].lower() == name for u in self.users.values()):
            return "DUPLICATE_USERNAME", "Duplicate Username.", ["Username"]
        return None

    def _stored(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        made = f"{PREFIXES[kind]}{next(self._ids):012d}AAA"
        row = {"Id": made, **body}
        self.objects[kind][made] = row
        return row


def _bad_value(body: dict[str, Any]) -> tuple[str, str, list[str]] | None:
    for name, value in body.items():
        if name in BOOLEANS and not isinstance(value, bool):
            return "JSON_PARSER_ERROR", f"Cannot deserialize {name} as boolean", [name]
        if len(str(value)) > LENGTHS.get(name, 255):
            return "STRING_TOO_LONG", f"{name}: data value too large", [name]
    return None


_GONE = ("ENTITY_IS_DELETED", "entity is deleted", [])


def _result(remote_id: str, problem: tuple[str, str, list[str]] | None) -> dict[str, Any]:
    if problem is None:
        return {"id": remote_id, "success": True, "errors": []}
    code, message, fields = problem
    error = {"statusCode": code, "message": message, "fields": fields}
    return {"success": False, "errors": [error]}


def _reply(code: str, message: str, fields: list[str]) -> Reply:
    return Reply(400, [{"errorCode": code, "message": message, "fields": fields}])


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, [{"errorCode": code, "message": message}])


def failure(code: str, message: str = "no") -> bytes:
    """The body of an error answer."""
    return json.dumps([{"errorCode": code, "message": message}]).encode()


__all__ = ["SalesforceOrg", "failure"]
