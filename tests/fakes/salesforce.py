"""A Salesforce organisation: users, groups, profiles and permission sets behind its REST API.

What it is sent is checked against the documents of Salesforce: methods, content types, ids,
fields by object (`salesforce_fields`), usernames that are unique across all organisations,
SOQL; and answered in their shapes.
"""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.salesforce_fields import OBJECTS, is_id
from tests.fakes.salesforce_rows import SalesforceRows, refusal, refused
from tests.fakes.salesforce_soql import Refused, select
from tests.fakes.server import Reply, Request


class SalesforceOrg(SalesforceRows):
    """`with SalesforceOrg() as org: SalesforceConnector(org.settings, http)`."""

    def respond(self, request: Request) -> Reply:
        if request.path == "/services/oauth2/token":
            return self.issue(request)
        root = f"/services/data/{self.version}/"
        if not request.path.startswith(root):
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if not self.may(request):
            return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self.usage += 1
        reply = self._counted(request, request.path.removeprefix(root).split("/"))
        info = {"Sforce-Limit-Info": f"api-usage={self.usage}/{self.limit}"}
        return Reply(reply.status, reply.document, info)

    def _counted(self, request: Request, steps: list[str]) -> Reply:
        if self.usage > self.limit:
            return refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if len(request.target) > 16384:
            return refusal(414, "URI_TOO_LONG", "the length of the URI exceeds the limit")
        if request.body and (problem := _unreadable(request)):
            return problem
        if steps[0] == "query":
            return self._query(request, steps[1:])
        if steps == ["composite", "sobjects"]:
            return self._collection(request)
        if steps[0] != "sobjects" or len(steps) < 2 or steps[1] not in OBJECTS:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return self._object(request, steps[1], steps[2:])

    def _object(self, request: Request, kind: str, rest: list[str]) -> Reply:
        allowed = {0: {"POST"}, 1: {"GET", "PATCH", "DELETE"}, 2: {"POST"}}.get(
            len(rest), set()
        )
        if request.method not in allowed:
            said = f"HTTP Method '{request.method}' not allowed."
            return refusal(405, "METHOD_NOT_ALLOWED", said)
        if not rest:
            return self._created(kind, request.json)
        row = self.objects[kind].get(rest[0]) if is_id(rest[0]) else None
        if row is None:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if len(rest) == 2:
            return self._password(row, request.json)
        return self._on_row(request, kind, row)

    def _on_row(self, request: Request, kind: str, row: dict[str, Any]) -> Reply:
        if request.method == "GET":
            names = request.query.get("fields", "").split(",")
            if wrong := [n for n in names if n and n != "Id" and n not in OBJECTS[kind]]:
                return refusal(400, "INVALID_FIELD", f"No such column '{wrong[0]}'")
            shown = {name: row.get(name) for name in names if name}
            return Reply(200, {**_attributes(self.version, kind, row["Id"]), **shown})
        if request.method == "DELETE":
            if kind == "User":
                return refusal(400, "INVALID_TYPE_FOR_OPERATION", "users cannot be deleted")
            del self.objects[kind][row["Id"]]
            return Reply(204)
        if problem := self._problem(kind, request.json, row):
            return refused(*problem)
        row.update(request.json)
        return Reply(204)

    def _password(self, row: dict[str, Any], body: dict[str, Any]) -> Reply:
        """Eight characters, a letter and a digit, and none of those before."""
        new = body.get("NewPassword")
        if set(body) != {"NewPassword"} or not isinstance(new, str):
            return refusal(400, "JSON_PARSER_ERROR", "NewPassword is expected")
        before = self.passwords.setdefault(row["Id"], [])
        if len(new) < 8 or not any(map(str.isdigit, new)) or not any(map(str.isalpha, new)):
            said = "Your password must have a mix of letters and numbers"
            return refusal(400, "INVALID_NEW_PASSWORD", said)
        if new in before:
            return refusal(400, "INVALID_NEW_PASSWORD", "invalid repeated password")
        before.append(new)
        return Reply(204)

    def _query(self, request: Request, rest: list[str]) -> Reply:
        if rest:
            records = self.pages.pop(rest[0], None)
            if records is None:
                return refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        else:
            asked = request.query.get("q", "")
            if self.filters_ignored:
                asked = asked.partition(" WHERE ")[0]
            try:
                kind, found = select(asked, self.objects)
            except Refused as error:
                return refusal(400, error.code, str(error))
            records = [
                {**_attributes(self.version, kind, str(r.get("Id"))), **r} for r in found
            ]
        page, left = records[: self.page_size], records[self.page_size :]
        document: dict[str, Any] = {
            "totalSize": len(records),
            "done": not left,
            "records": page,
        }
        if left:
            locator = f"01g{next(self._ids):012d}AAA-{self.page_size}"
            self.pages[locator] = left
            document["nextRecordsUrl"] = f"/services/data/{self.version}/query/{locator}"
        return Reply(200, document)

    def _created(self, kind: str, body: dict[str, Any]) -> Reply:
        if problem := self._problem(kind, body, None):
            return refused(*problem)
        made = self._stored(kind, body)
        return Reply(201, {"id": made["Id"], "success": True, "errors": []})


def _unreadable(request: Request) -> Reply | None:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Content type not supported")
    if not isinstance(request.json, dict):
        return refusal(400, "JSON_PARSER_ERROR", "Unexpected token")
    return None


def _attributes(version: str, kind: str, row_id: str) -> dict[str, Any]:
    url = f"/services/data/{version}/sobjects/{kind}/{row_id}"
    return {"attributes": {"type": kind, "url": url}}


def failure(code: str, message: str = "no") -> bytes:
    """The body of an error answer."""
    return json.dumps([{"errorCode": code, "message": message}]).encode()


__all__ = ["SalesforceOrg", "failure"]
