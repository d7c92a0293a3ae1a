"""Somebody else's idea of SCIM: scim2-tester and scim-sanity against the running door."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server
from scim_sanity.probe.runner import run_probe_api

from serviceproviders.tenants import create_tenant, resident_of
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic, make_client

AGAINST_DECISIONS = {"PATCH /Groups/{id} add member"}
"""It adds a user who is not there; that is refused here (docs/standards/scim2.md)."""
NOT_OF_THE_STANDARD = {
    "Agent CRUD Lifecycle",
    "AgenticApplication CRUD Lifecycle",
    "Agent Rapid Lifecycle",
}
"""Resource types of a draft, skipped where they are not advertised."""


class RequestsEngine(BaseSyncSCIMClient):
    """scim2-client over requests."""

    def __init__(self, base: str, session: requests.Session) -> None:
        super().__init__()
        self.base = base
        self.session = session

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return not endpoint.startswith("http") or endpoint.startswith(self.base)

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        if not url.startswith("http"):
            url = f"{self.base}/{url.lstrip('/')}"
        return self.session.request(method, url, timeout=20, **kwargs)


@dataclass(frozen=True)
class Door:
    base: str
    authorization: str

    @property
    def credentials(self) -> dict[str, str]:
        """As scim-sanity takes them."""
        scheme, _, value = self.authorization.partition(" ")
        if scheme == "Bearer":
            return {"token": value}
        username, _, password = base64.b64decode(value).decode().partition(":")
        return {"username": username, "password": password}


@pytest.fixture(params=["basic", "bearer"])
def door(live_server: LiveServer, request: pytest.FixtureRequest) -> Door:
    partner = create_tenant("partner.example")
    make_operator(partner, "ops")
    make_client(resident_of(partner))
    at = f"{live_server.url}/t/partner.example"
    if request.param == "basic":
        return Door(f"{at}/scim2", basic("ops")["Authorization"])
    asked = {"grant_type": "client_credentials"}
    headers = basic("hr-portal", "hr-secret-123")
    answer = requests.post(f"{at}/oauth2/token", asked, headers=headers, timeout=20)
    return Door(f"{at}/scim2", f"Bearer {answer.json()['access_token']}")


def test_scim2_tester_finds_nothing_to_complain_about(door: Door) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = door.authorization
        results = check_server(RequestsEngine(door.base, session))

    assert len(results) > 200
    complaints = [
        f"{r.status}: {r.title}: {r.reason}" for r in results if r.status is not Status.SUCCESS
    ]
    assert complaints == [], "\n".join(complaints)


def test_scim_sanity_complains_of_what_is_decided_only(door: Door) -> None:
    told = run_probe_api(door.base, **door.credentials)

    by_status: dict[str, set[str]] = {}
    for result in told["results"]:
        by_status.setdefault(result["status"], set()).add(result["name"])
    assert by_status.pop("pass").isdisjoint(AGAINST_DECISIONS | NOT_OF_THE_STANDARD)
    assert by_status == {"fail": AGAINST_DECISIONS, "skip": NOT_OF_THE_STANDARD}, told
