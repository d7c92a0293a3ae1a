from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from idp.models import Tenant
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic

Json = dict[str, Any]


@dataclass
class Answered:
    status: int
    body: Json
    headers: dict[str, str]


@dataclass
class Scim:
    """A SCIM client of the door, through Django's test client."""

    http: Client
    base: str = "/scim2"
    credentials: dict[str, str] | None = None

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: dict[str, Any] | None = None,
        raw: bytes | None = None,
        content_type: str = "application/scim+json",
        **headers: str,
    ) -> Answered:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.generic(
            method,
            f"{self.base}{path}",
            data=raw if raw is not None else b"" if body is None else json.dumps(body).encode(),
            content_type=content_type,
            headers={**(self.credentials or {}), **given},
            query_params=params,
        )
        parsed = json.loads(answer.content) if answer.content else {}
        return Answered(answer.status_code, parsed, dict(answer.headers))

    def make_user(self, name: str = "kim", /, **attributes: Any) -> Json:
        answer = self("POST", "/Users", {"userName": name, **attributes})
        assert answer.status == 201, answer.body
        return answer.body

    def make_group(self, name: str = "sales", members: list[str] | None = None) -> Json:
        body: Json = {"displayName": name}
        if members is not None:
            body["members"] = [{"value": member} for member in members]
        answer = self("POST", "/Groups", body)
        assert answer.status == 201, answer.body
        return answer.body

    def patch(self, path: str, *operations: Json, **headers: str) -> Answered:
        schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        body = {"schemas": schemas, "Operations": list(operations)}
        return self("PATCH", path, body, **headers)

    def found(self, text: str, endpoint: str = "/Users", **params: Any) -> list[str]:
        """The names that a filter finds."""
        answer = self("GET", endpoint, params={"filter": text, **params})
        assert answer.status == 200, answer.body
        names = [r.get("userName") or r["displayName"] for r in answer.body["Resources"]]
        if "count" not in params:
            assert answer.body["totalResults"] == len(names)
        return names


@pytest.fixture
def scim(client: Client, tenant: Tenant) -> Scim:
    make_operator(tenant)
    return Scim(client, credentials=basic())
