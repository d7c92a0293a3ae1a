"""What a client may do beside its scopes: read only, from where, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from idp.models import Tenant
from provisioning.inbound import allowance
from serviceproviders import clients
from serviceproviders.models import ClientMinute, OAuthClient, ServiceProvider
from tests.provisioning.inbound.calls import basic, make_client

KIM = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "kim"}


@pytest.fixture
def oauth_client(tenant: Tenant) -> OAuthClient:
    portal = ServiceProvider.objects.create(tenant=tenant, name="hr-portal")
    return make_client(portal)


class Door:
    """The SCIM 2.0 door as the client calls it."""

    def __init__(self, client: Client, address: str = "127.0.0.1") -> None:
        self.client, self.address = client, address
        self.token = self.ask_token().json().get("access_token", "")

    def ask_token(self) -> Any:
        return self.client.post(
            "/oauth2/token",
            {"grant_type": "client_credentials"},
            headers=basic("hr-portal", "hr-secret-123"),
            REMOTE_ADDR=self.address,
        )

    def call(self, method: str, path: str, body: Any = None, address: str = "") -> Any:
        return self.client.generic(
            method,
            f"/scim2{path}",
            *([] if body is None else [self.encoded(body)]),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"},
            REMOTE_ADDR=address or self.address,
        )

    def encoded(self, body: Any) -> str:
        return str(self.client._encode_json(body, "application/json"))


def test_a_client_that_may_only_read_reads_and_searches_and_changes_nothing(
    client: Client, oauth_client: OAuthClient
) -> None:
    oauth_client.scopes = ["provisioning:read"]
    oauth_client.save()
    door = Door(client)

    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
    assert door.call("GET", "/Users").status_code == 200
    assert door.call("POST", "/Users/.search", search).status_code == 200

    refused = door.call("POST", "/Users", KIM)
    assert refused.status_code == 403
    assert 'scope="provisioning"' in refused["WWW-Authenticate"]
    assert door.call("POST", "/Bulk", {"Operations": []}).status_code == 403
    assert door.call("GET", "/Users").json()["totalResults"] == 0


@pytest.mark.parametrize(
    ("networks", "address", "let_in"),
    [
        ([], "203.0.113.9", True),
        (["192.0.2.0/24"], "192.0.2.77", True),
        (["192.0.2.0/24"], "::ffff:192.0.2.77", True),
        (["192.0.2.0/24", "2001:db8::/32"], "2001:db8::1", True),
        (["192.0.2.7"], "192.0.2.8", False),
        (["192.0.2.0/24"], "2001:db8::1", False),
        (["192.0.2.0/24"], "", False),
    ],
)
def test_a_client_calls_from_its_networks_only(
    client: Client, oauth_client: OAuthClient, networks: list[str], address: str, let_in: bool
) -> None:
    door = Door(client)
    oauth_client.allowed_networks = networks
    oauth_client.save()

    door.address = address
    answer, token = door.call("GET", "/Users"), door.ask_token()

    assert answer.status_code == (200 if let_in else 403)
    assert token.status_code == (200 if let_in else 403)
    if not let_in:
        assert "may not call from" in answer.json()["detail"]
        assert token.json()["error"] == "unauthorized_client"


def test_so_many_requests_in_a_minute_and_then_429_until_it_is_over(
    client: Client, oauth_client: OAuthClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    oauth_client.requests_per_minute = 3
    oauth_client.save()
    door, now = Door(client), 6_000_000.0
    monkeypatch.setattr(allowance.time, "time", lambda: now)

    statuses = [door.call("GET", "/Users").status_code for _ in range(5)]
    refused = door.call("GET", "/Users")

    assert statuses == [200, 200, 200, 429, 429]
    assert refused["Retry-After"] == "60"
    assert "3 requests a minute" in refused.json()["detail"]
    now += 61
    assert door.call("GET", "/Users").status_code == 200
    assert ClientMinute.objects.get().count == 1


def test_without_a_limit_nothing_is_counted(client: Client, oauth_client: OAuthClient) -> None:
    door = Door(client)
    assert door.call("GET", "/Users").status_code == 200
    assert not ClientMinute.objects.exists()


def test_revoked_tokens_work_no_more_and_new_ones_do(
    client: Client, oauth_client: OAuthClient
) -> None:
    door = Door(client)

    assert clients.revoke_tokens(oauth_client.service_provider) == 1

    assert door.call("GET", "/Users").status_code == 401
    assert Door(client).call("GET", "/Users").status_code == 200
