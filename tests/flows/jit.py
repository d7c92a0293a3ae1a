"""An authenticator that tells of logins, and the identity provider it tells of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from idp.models import IdentityProvider, Membership, Tenant, User
from provisioning.configuration import apply
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.flows.conftest import Store
from tests.provisioning.inbound.calls import make_client

Step = Callable[[], None]
C = "http://wso2.org/claims/"
KIM: Mapping[str, Any] = {f"{C}givenname": "Kim", f"{C}emailaddress": "kim@acme.example"}


@pytest.fixture
def portal(tenant: Tenant) -> ServiceProvider:
    return ServiceProvider.objects.create(tenant=tenant, name="hr-portal")


@pytest.fixture
def trusted(tenant: Tenant, store: Store) -> IdentityProvider:
    """An identity provider whose people are made here, with two roles that mean something."""
    store.add_group("sales")
    store.add_group("pilots")
    bring_up({"user_store": ""})
    return IdentityProvider.objects.get(name="corporate")


def bring_up(jit: Mapping[str, Any] | None = None, **more: Any) -> None:
    entry = {
        "name": "corporate",
        "role_mappings": [
            {"local": "sales", "remote": "Sales"},
            {"local": "pilots", "remote": "Pilots"},
            {"local": "Internal/boss", "remote": "Boss"},
        ],
        "jit": {"enabled": True, **(jit or {})},
        **more,
    }
    tree = {
        "version": 1,
        "tenants": [{"domain": "carbon.super", "identity_providers": [entry]}],
    }
    apply(tree, actor="a test")


class Authenticator:
    """A client that tells of logins."""

    def __init__(self, client: Client, service_provider: ServiceProvider) -> None:
        self.client = client
        make_client(service_provider, scopes=("provisioning:jit",))
        asked = {"client_id": "hr-portal", "client_secret": "hr-secret-123"}
        answer = client.post("/oauth2/token", {"grant_type": "client_credentials", **asked})
        self.token = answer.json()["access_token"]

    def __call__(self, subject: str = "kim", key: str = "", **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        told = {"identity_provider": "corporate", "subject": subject, "claims": dict(KIM)}
        return self.client.post(
            "/api/v1/events/jit/",
            {**told, **body},
            content_type="application/json",
            headers=headers,
        )


@pytest.fixture
def tell(client: Client, portal: ServiceProvider) -> Authenticator:
    return Authenticator(client, portal)


@pytest.fixture
def jit_outbound(onward: OutboundTarget) -> OutboundTarget:
    onward.jit_outbound = True
    onward.save()
    return onward


def kim() -> User:
    return User.objects.get(username="kim")


def groups() -> set[str]:
    rows = Membership.objects.filter(user=kim().pk)
    return set(rows.values_list("group__name", flat=True))
