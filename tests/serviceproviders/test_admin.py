"""Service providers in the console."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from idp.models import OutboundConnector, Tenant
from serviceproviders import clients
from serviceproviders.models import OAuthClient, OutboundTarget, ServiceProvider
from tests.console import SETTINGS, sign_in
from tests.factories import make_connector, send_to


@pytest.fixture
def console(tenant: Tenant) -> Client:
    return sign_in(tenant)


@pytest.fixture
def connector(tenant: Tenant) -> OutboundConnector:
    return make_connector(tenant, SETTINGS)


@pytest.fixture
def portal(tenant: Tenant) -> ServiceProvider:
    return ServiceProvider.objects.create(tenant=tenant, name="hr-portal")


def page_of(row: ServiceProvider) -> str:
    return reverse("admin:serviceproviders_serviceprovider_change", args=[row.pk])


def press(console: Client, row: ServiceProvider, name: str) -> Any:
    url = reverse("admin:serviceproviders_serviceprovider_press", args=[row.pk, name])
    return console.post(url, {"confirmed": "1"})


def form(*rows: dict[str, Any], initial: int = 0, **values: Any) -> dict[str, Any]:
    data = {"name": "hr-portal", "description": "", "user_store": ""}
    data |= {"outbound-TOTAL_FORMS": str(len(rows)), "outbound-INITIAL_FORMS": str(initial)}
    for number, row in enumerate(rows):
        row = {"on_blocking_failure": "report", **row}
        data |= {f"outbound-{number}-{name}": value for name, value in row.items()}
    return {**data, **values}


def test_adding_one_with_an_outbound_row(
    console: Client, tenant: Tenant, connector: OutboundConnector
) -> None:
    row = {"connector": connector.pk, "blocking": "on", "on_blocking_failure": "refuse"}

    console.post(
        reverse("admin:serviceproviders_serviceprovider_add"),
        form({**row, "jit_outbound": "on"}, dumb_mode="on"),
    )

    target = OutboundTarget.objects.get()
    assert target.service_provider.name == "hr-portal"
    assert target.service_provider.dumb_mode
    assert target.provider == connector.provider
    assert (target.blocking, target.on_blocking_failure, target.jit_outbound) == (
        True,
        "refuse",
        True,
    )


def test_there_is_one_row_per_identity_provider(
    console: Client, portal: ServiceProvider, connector: OutboundConnector
) -> None:
    row = {"connector": connector.pk}

    answer = console.post(page_of(portal), form(row, row))

    assert "one row per identity provider" in answer.content.decode()
    assert not OutboundTarget.objects.exists()


def test_only_connectors_in_service_of_the_tenant_are_offered(
    console: Client, portal: ServiceProvider, tenant: Tenant, other_tenant: Tenant
) -> None:
    usable = make_connector(tenant, SETTINGS, name="usable")
    disabled = make_connector(tenant, SETTINGS, name="switched-off", enabled=False)
    retired = make_connector(tenant, SETTINGS, name="gone", retired_at=timezone.now())
    strange = make_connector(other_tenant, SETTINGS, name="strange")

    shown = console.get(page_of(portal)).content.decode()
    for wrong in (disabled, retired, strange):
        console.post(page_of(portal), form({"connector": wrong.pk}))

    assert str(usable.pk) in shown
    assert [str(row.pk) in shown for row in (disabled, retired, strange)] == [False] * 3
    assert not OutboundTarget.objects.exists()


def test_a_row_keeps_a_connector_that_was_disabled_later(
    console: Client, portal: ServiceProvider, connector: OutboundConnector
) -> None:
    target = send_to(portal, connector)
    OutboundConnector.objects.update(enabled=False)

    row = {"id": target.pk, "connector": connector.pk, "enable_rules": "on"}
    console.post(page_of(portal), form(row, initial=1))

    target.refresh_from_db()
    assert target.enable_rules


def test_the_resident_one_keeps_its_name_and_takes_no_logins(
    console: Client, resident: ServiceProvider, connector: OutboundConnector
) -> None:
    page = console.get(page_of(resident)).content.decode()
    row = {"connector": connector.pk, "jit_outbound": "on"}
    console.post(page_of(resident), form(row, name="renamed"))

    assert "jit_outbound" not in page
    resident.refresh_from_db()
    assert resident.is_resident
    assert not resident.outbound.get().jit_outbound
    for name in ("retire", "create-client"):
        assert press(console, resident, name).status_code == 404
    delete = reverse("admin:serviceproviders_serviceprovider_delete", args=[resident.pk])
    assert console.post(delete, {"post": "yes"}).status_code == 403


def secret_on(answer: Any) -> str:
    found = re.search(r'id="client-secret">([^<]+)<', answer.content.decode())
    assert found
    return found[1]


def test_a_client_secret_is_shown_once(console: Client, portal: ServiceProvider) -> None:
    answer = press(console, portal, "create-client")

    client = OAuthClient.objects.get()
    secret = secret_on(answer)
    assert "no-store" in answer["Cache-Control"]
    assert check_password(secret, client.client_secret)
    assert client.scopes == ["provisioning"]
    assert secret not in console.get(page_of(portal)).content.decode()


def test_a_new_secret_replaces_the_old_one(console: Client, portal: ServiceProvider) -> None:
    old = secret_on(press(console, portal, "create-client"))
    new = secret_on(press(console, portal, "rotate-secret"))

    client = OAuthClient.objects.get()
    assert check_password(new, client.client_secret)
    assert not check_password(old, client.client_secret)


def test_what_the_client_may_is_changed_beside_it(
    console: Client, portal: ServiceProvider
) -> None:
    press(console, portal, "create-client")
    client = OAuthClient.objects.get()
    prefix = "oauth_client"
    scopes = {
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-INITIAL_FORMS": "1",
        f"{prefix}-0-id": client.pk,
        f"{prefix}-0-service_provider": portal.pk,
        f"{prefix}-0-scopes": ["api:read", "provisioning"],
        f"{prefix}-0-allowed_networks": "192.0.2.0/24\n2001:db8::1",
        f"{prefix}-0-requests_per_minute": "600",
    }

    console.post(page_of(portal), form(**scopes))

    client.refresh_from_db()
    assert sorted(client.scopes) == ["api:read", "provisioning"]
    assert client.allowed_networks == ["192.0.2.0/24", "2001:db8::1"]
    assert client.requests_per_minute == 600

    wrong = {**scopes, f"{prefix}-0-allowed_networks": "192.0.2.0/33"}
    answer = console.post(page_of(portal), form(**wrong))
    assert "“192.0.2.0/33” is neither an address nor a network" in answer.content.decode()


def test_tokens_that_work_are_listed_and_revoked(
    console: Client, portal: ServiceProvider
) -> None:
    client, secret = clients.create_client(portal)
    asked = {"grant_type": "client_credentials", "client_id": client.client_id}
    console.post("/oauth2/token", {**asked, "client_secret": secret})
    page = console.get(page_of(portal)).content.decode()
    assert "1 works now" in page

    press(console, portal, "revoke-tokens")

    assert not clients.live_tokens(portal).exists()
    assert "It has none that works now" in console.get(page_of(portal)).content.decode()


def test_retiring_and_taking_back(console: Client, portal: ServiceProvider) -> None:
    press(console, portal, "retire")
    portal.refresh_from_db()
    assert portal.retired_at is not None

    press(console, portal, "restore")
    portal.refresh_from_db()
    assert portal.retired_at is None


def test_names_are_once_per_tenant(console: Client, portal: ServiceProvider) -> None:
    answer = console.post(reverse("admin:serviceproviders_serviceprovider_add"), form())

    assert answer.status_code == 200
    assert ServiceProvider.objects.filter(name="hr-portal").count() == 1
