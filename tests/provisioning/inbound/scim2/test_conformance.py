"""Somebody else's idea of SCIM: scim2-tester against the running door."""

from __future__ import annotations

from typing import Any

import requests
from pytest_django.live_server_helper import LiveServer
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from serviceproviders.tenants import create_tenant
from tests.factories import make_operator


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


def test_scim2_tester_finds_nothing_to_complain_about(live_server: LiveServer) -> None:
    make_operator(create_tenant("partner.example"), "ops")
    base = f"{live_server.url}/t/partner.example/scim2"

    with requests.Session() as session:
        session.auth = ("ops", "letmein-123")
        results = check_server(RequestsEngine(base, session))

    assert len(results) > 100
    bad = {Status.ERROR, Status.CRITICAL, Status.DEVIATION}
    complaints = [f"{r.status}: {r.title}: {r.reason}" for r in results if r.status in bad]
    assert complaints == [], "\n".join(complaints)
