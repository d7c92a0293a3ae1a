"""A small Sample on this machine: enough of its API to test the connector against."""

from __future__ import annotations

import itertools
from typing import Any

from connectors.testing import FakeServer, Reply, Request

TOKEN = "sample-token-4711"


class SampleServer(FakeServer):
    """`FakeServer` brings the misbehaviour: errors, hangs, broken connections, garbage."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, dict[str, Any]]] = {"users": {}, "groups": {}}
        self.members: dict[str, list[str]] = {}
        self.filters_ignored = False
        self.page_size = 100
        self._ids = itertools.count(1)
        super().__init__()

    @property
    def users(self) -> dict[str, dict[str, Any]]:
        return self.held["users"]

    @property
    def settings(self) -> dict[str, Any]:
        return {"endpoint": self.url, "authentication": "token", "access_token": TOKEN}

    @property
    def secrets(self) -> list[str]:
        return [TOKEN]

    def member_ids(self, group_id: str) -> list[str]:
        return self.members.get(group_id, [])

    def ignore_filters(self) -> None:
        self.filters_ignored = True

    def answer_in_pages(self, size: int) -> None:
        self.page_size = size

    def add_twin(self, remote_id: str) -> bool:
        self._stored("users", self.users[remote_id])
        return True

    def respond(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"error": "who are you?"})
        collection, *rest = request.path.strip("/").split("/")
        if collection not in self.held:
            return Reply(404, {"error": "there is no such place"})
        if rest and rest[0] not in self.held[collection]:
            return Reply(404, {"error": "there is nothing of that id"})
        if rest[1:] == ["members"]:
            return self._changed_members(rest[0], request)
        if rest:
            return self._on_object(collection, rest[0], request)
        if request.method == "GET":
            return self._listed(collection, request)
        if self._holder(collection, request.json["name"]):
            return Reply(409, {"error": "that name is taken"})
        return Reply(201, self._stored(collection, request.json))

    def _listed(self, collection: str, request: Request) -> Reply:
        query = dict(request.query)
        start = int(query.pop("start", "0"))
        found = [one for one in self.held[collection].values() if self._fits(one, query)]
        end = start + self.page_size
        more = {"next": end} if end < len(found) else {}
        return Reply(200, {collection: found[start:end], **more})

    def _on_object(self, collection: str, remote_id: str, request: Request) -> Reply:
        there = self.held[collection][remote_id]
        if request.method == "DELETE":
            del self.held[collection][remote_id]
            return Reply(204)
        if request.method == "PATCH":
            if self._holder(collection, request.json.get("name", "")) not in (None, there):
                return Reply(409, {"error": "that name is taken"})
            for key, value in request.json.items():
                if value is None:
                    there.pop(key, None)
                elif key != "password":
                    there[key] = value
        return Reply(200, there)

    def _changed_members(self, group_id: str, request: Request) -> Reply:
        """Who is in already is in; who is gone already is gone."""
        gone, new = request.json.get("remove", []), request.json.get("add", [])
        kept = [one for one in self.member_ids(group_id) if one not in gone]
        self.members[group_id] = [*dict.fromkeys([*kept, *new])]
        return Reply(204)

    def _fits(self, there: dict[str, Any], query: dict[str, str]) -> bool:
        return self.filters_ignored or all(
            str(there.get(key, "")).lower() == value.lower() for key, value in query.items()
        )

    def _holder(self, collection: str, name: str) -> dict[str, Any] | None:
        there = self.held[collection].values()
        return next((one for one in there if one["name"].lower() == name.lower()), None)

    def _stored(self, collection: str, document: dict[str, Any]) -> dict[str, Any]:
        """Passwords are taken and never shown."""
        shown = {key: value for key, value in document.items() if key != "password"}
        made = {**shown, "id": f"{collection[0]}{next(self._ids)}"}
        self.held[collection][made["id"]] = made
        return made
