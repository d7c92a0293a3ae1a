"""A SCIM 2.0 server (RFC 7644) as it is on the wire, with the quirks of real ones."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import re
import uuid
from typing import Any, Literal
from urllib.parse import parse_qsl

from tests.fakes.scim2_patch import PatchRefused, apply_patch
from tests.fakes.scim2_quirks import Quirks
from tests.fakes.server import FakeServer, Reply, Request

MEDIA_TYPE = "application/scim+json"
_NAMES = {"Users": "userName", "Groups": "displayName"}
_FILTER = re.compile(r'\s*([\w.:]+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$', re.IGNORECASE)


class Scim2Server(FakeServer):
    quirks_class: type[Quirks] = Quirks
    config_name = "ServiceProviderConfig"
    version = "v2"

    def __init__(
        self,
        *,
        authentication: Literal["basic", "bearer", "api_key", "oauth2", "none"] = "basic",
        **differences: Any,
    ) -> None:
        self.authentication = authentication
        self.quirks = self.quirks_class(**differences)
        self.username, self.password = "admin", "target-pass-4711"
        self.access_token = "token-4711-abcdef"
        self.api_key_header, self.api_key = "X-Target-Key", "key-4711-abcdef"
        self.client_id, self.client_secret = "purveyor", "client-secret-4711"
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.tokens_issued = 0
        self.tokens: set[str] = set()
        self._ids = itertools.count(1001)
        # What a process remembers about one server must not hold for the next on its port.
        once = "" if self.quirks.patch else f"-{uuid.uuid4().hex[:8]}"
        self.base = f"/scim{once}/{self.version}"
        super().__init__()

    def respond(self, request: Request) -> Reply:
        if request.path == "/oauth2/token" and self.authentication == "oauth2":
            return self._issue_token(request)
        if not request.path.startswith(self.base + "/"):
            return _error(404, f"nothing at {request.path}")
        kind, _, remote_id = request.path.removeprefix(self.base + "/").partition("/")
        if kind == self.config_name and self.quirks.has_config:
            return self._config()
        if kind not in _NAMES or (kind == "Groups" and not self.quirks.groups):
            return _error(404, f"nothing at {request.path}")
        if not self._may(request):
            return _error(401, "who are you?")
        if not remote_id:
            return self._on_collection(kind, request)
        return self._on_resource(kind, remote_id, request)

    def _on_collection(self, kind: str, request: Request) -> Reply:
        if request.method == "GET":
            return self._list(kind, request)
        if request.method == "POST":
            return self._create(kind, request)
        return _error(405, "not here")

    def _on_resource(self, kind: str, remote_id: str, request: Request) -> Reply:
        if request.method == "PATCH" and not self.quirks.patch:
            return _error(self.quirks.patch_missing_status, "no PATCH here")
        resource = self._of(kind).get(remote_id)
        if resource is None:
            return _error(404, f"no {remote_id}")
        if request.method == "GET":
            return _reply(200, self._shown(kind, resource, request))
        if request.method == "DELETE":
            return self._delete(kind, remote_id)
        if request.method == "PUT":
            return self._replace(kind, remote_id, request.json)
        return self._patch(kind, remote_id, request)

    def _of(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.users if kind == "Users" else self.groups

    def _create(self, kind: str, request: Request) -> Reply:
        document = request.json
        name = document.get(_NAMES[kind])
        if not name:
            return _error(400, f"{_NAMES[kind]} is required", "invalidValue")
        if self._taken(kind, name):
            return _error(self.quirks.duplicate_status, f"{name} already exists", "uniqueness")
        resource = self._store(kind, document)
        answered: dict[str, Any] | None = self._shown(kind, resource, request)
        if self.quirks.created_body != "resource":
            answered = {"schemas": document["schemas"]}
        if self.quirks.created_body == "empty":
            answered = None
        return _reply(
            self.quirks.created_status, answered, self._location(kind, str(resource["id"]))
        )

    def _location(self, kind: str, remote_id: str) -> dict[str, str]:
        path = f"{self.base}/{kind}/{remote_id}"
        return {
            "absolute": {"Location": f"{self.url}{path}"},
            "relative": {"Location": path},
            "none": {},
        }[self.quirks.location]

    def _store(self, kind: str, document: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            number = next(self._ids)
            remote_id: Any = number if self.quirks.integer_ids else f"{kind[0].lower()}{number}"
            resource = copy.deepcopy(document)
            resource["id"] = remote_id
            self._keep_password(str(remote_id), resource)
            self._of(kind)[str(remote_id)] = resource
            return resource

    def _keep_password(self, remote_id: str, resource: dict[str, Any]) -> None:
        if "password" in resource:
            self.passwords[remote_id] = resource.pop("password")

    def _delete(self, kind: str, remote_id: str) -> Reply:
        del self._of(kind)[remote_id]
        for group in self.groups.values():
            held = group.get("members", [])
            group["members"] = [m for m in held if str(m["value"]) != remote_id]
        return Reply(204)

    def _replace(self, kind: str, remote_id: str, document: dict[str, Any]) -> Reply:
        if self._taken(kind, document.get(_NAMES[kind], ""), besides=remote_id):
            return _error(self.quirks.duplicate_status, "the name is taken", "uniqueness")
        resource = {**document, "id": self._of(kind)[remote_id]["id"]}
        self._keep_password(remote_id, resource)
        self._of(kind)[remote_id] = resource
        return _reply(200, resource)

    def _patch(self, kind: str, remote_id: str, request: Request) -> Reply:
        resource = self._of(kind)[remote_id]
        if self.quirks.ignores_patch:
            return _reply(200, resource)
        refusal = self._refused_members(*self._members_in(request.json))
        if refusal:
            return refusal
        changed = copy.deepcopy(resource)
        try:
            self._apply(changed, request.json)
        except PatchRefused as error:
            return _error(400, str(error), error.code)
        if self._taken(kind, changed.get(_NAMES[kind], ""), besides=remote_id):
            return _error(self.quirks.duplicate_status, "the name is taken", "uniqueness")
        self._keep_password(remote_id, changed)
        self._of(kind)[remote_id] = changed
        if self.quirks.patch_status == 204:
            return Reply(204)
        return _reply(200, self._shown(kind, changed, request))

    def _apply(self, resource: dict[str, Any], body: dict[str, Any]) -> None:
        apply_patch(resource, body["Operations"])

    def _members_in(self, body: dict[str, Any]) -> tuple[list[str], int]:
        """The ids of members to add, and how many changes there are besides."""
        operations = body["Operations"]
        adds = [
            op for op in operations if op["op"].lower() == "add" and op["path"] == "members"
        ]
        added = [str(member["value"]) for op in adds for member in op["value"]]
        return added, len(operations) - len(adds)

    def _refused_members(self, added: list[str], others: int) -> Reply | None:
        if len(added) + others > self.quirks.most_members_at_once:
            return _error(400, "too many members at once", "tooMany")
        unknown = [one for one in added if one not in self.users]
        if unknown and self.quirks.unknown_members == "refused":
            return _error(400, f"no user {unknown[0]}", "invalidValue")
        return None

    def _taken(self, kind: str, name: str, besides: str = "") -> bool:
        key = _NAMES[kind]
        return any(
            resource[key].lower() == name.lower() and remote_id != besides
            for remote_id, resource in self._of(kind).items()
        )

    def _shown(self, kind: str, resource: dict[str, Any], request: Request) -> dict[str, Any]:
        excluded = request.query.get("excludedAttributes", "").split(",")
        if kind == "Groups" and not self.quirks.members_in_answers:
            excluded.append("members")
        return {key: value for key, value in resource.items() if key not in excluded}

    def _list(self, kind: str, request: Request) -> Reply:
        resources = list(self._of(kind).values())
        asked = request.query.get("filter")
        if asked is not None and self.quirks.filters == "refused":
            return _error(400, "filters are not supported", "invalidFilter")
        if asked is not None and self.quirks.filters == "yes":
            match = _FILTER.match(asked)
            if match is None:
                return _error(400, f"cannot read {asked}", "invalidFilter")
            attribute, value = match[1], json.loads(match[2])
            resources = [r for r in resources if self._equal(r, attribute, value)]
            if not resources and self.quirks.nobody_status != 200:
                return _error(self.quirks.nobody_status, "nobody of that name")
        return self._page(kind, resources, request)

    def _equal(self, resource: dict[str, Any], attribute: str, value: str) -> bool:
        held = next((v for k, v in resource.items() if k.lower() == attribute.lower()), None)
        if attribute.lower() == "externalid" or self.quirks.case_sensitive_filter:
            return bool(held == value)
        return isinstance(held, str) and held.lower() == value.lower()

    def _page(self, kind: str, resources: list[dict[str, Any]], request: Request) -> Reply:
        count = min(
            int(request.query.get("count", self.quirks.page_size)), self.quirks.page_size
        )
        start = 0
        if not self.quirks.ignores_start_index:
            start = max(int(request.query.get("startIndex", 1)), 1) - 1
        page = [self._shown(kind, one, request) for one in resources[start : start + count]]
        total = self.quirks.total_results
        answered: dict[str, Any] = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(resources) if total is None else total,
            "startIndex": start + 1,
            "itemsPerPage": len(page),
        }
        if page or not self.quirks.omits_empty_resources:
            answered["Resources"] = page
        return _reply(200, answered)

    def _config(self) -> Reply:
        said = self.quirks.announces_patch
        supported = self.quirks.patch if said is None else said
        return _reply(200, {"patch": {"supported": supported}, "filter": {"supported": True}})

    def _may(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        if self.authentication == "basic":
            pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            return given == f"Basic {pair}"
        if self.authentication == "bearer":
            return given == f"Bearer {self.access_token}"
        if self.authentication == "oauth2":
            return given.removeprefix("Bearer ") in self.tokens
        if self.authentication == "api_key":
            return request.headers.get(self.api_key_header.lower()) == self.api_key
        return not given

    def _issue_token(self, request: Request) -> Reply:
        form = dict(parse_qsl(request.body.decode()))
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return Reply(401, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        self.tokens_issued += 1
        token = f"issued-{uuid.uuid4().hex}"
        self.tokens.add(token)
        issued = {"access_token": token, "token_type": "Bearer"}
        seconds = self.quirks.token_seconds
        return Reply(200, issued if seconds is None else {**issued, "expires_in": seconds})


def _reply(status: int, document: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, document, headers or {}, content_type=MEDIA_TYPE)


def _error(status: int, detail: str, scim_type: str = "") -> Reply:
    document = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "detail": detail,
    }
    return _reply(status, {**document, "scimType": scim_type} if scim_type else document)
