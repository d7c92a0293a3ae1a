"""The mapping that a connector proposes: shown first, then added without touching a row."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning.models import AuditEvent
from tests.console import SETTINGS, sign_in
from tests.factories import make_connector
from tests.idp.test_admin_configuration import page_of

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = "Take the connector&#x27;s preset mapping"


@pytest.fixture
def connector(tenant: Tenant) -> OutboundConnector:
    return make_connector(tenant, {}, name="crm", type="salesforce")


@pytest.fixture
def provider(connector: OutboundConnector) -> IdentityProvider:
    return connector.provider


def press(provider: IdentityProvider) -> str:
    return reverse("admin:idp_identityprovider_press", args=[provider.pk, "preset"])


def mapped(provider: IdentityProvider) -> dict[str, tuple[str, str, str]]:
    rows = provider.claim_mappings.order_by("order")
    return {row.remote: (row.local, row.constant, row.default) for row in rows}


def test_what_would_be_added_is_shown_and_nothing_is_stored(
    console: Client, provider: IdentityProvider
) -> None:
    assert LABEL in console.get(page_of(provider)).content.decode()
    told = console.post(press(provider)).content.decode()

    for words in ("TimeZoneSidKey", "America/Los_Angeles", "Add 12 rows", "one of its own"):
        assert words in told
    assert mapped(provider) == {}
    provider.refresh_from_db()
    assert provider.claim_dialect == "local"


def test_missing_rows_are_added_behind_the_operators_own_which_stay(
    console: Client, provider: IdentityProvider, connector: OutboundConnector
) -> None:
    provider.claim_mappings.create(remote="timezonesidkey", constant="Europe/Oslo", order=3)
    provider.claim_mappings.create(
        remote="Title", local="http://wso2.org/claims/title", order=7
    )
    before = connector.revision
    told = console.post(press(provider)).content.decode()
    assert "Add 11 rows" in told
    assert "<strong>timezonesidkey</strong> already" in told
    answer = console.post(press(provider), {"confirmed": "1"}, follow=True)

    rows = mapped(provider)
    assert list(rows)[:2] == ["timezonesidkey", "Title"]
    assert rows["timezonesidkey"] == ("", "Europe/Oslo", "")
    assert "TimeZoneSidKey" not in rows
    assert rows["EmailEncodingKey"] == ("", "UTF-8", "")
    assert rows["Alias"] == ("http://wso2.org/claims/givenname", "", "user")
    assert len(rows) == 13
    provider.refresh_from_db()
    connector.refresh_from_db()
    assert provider.claim_dialect == "custom"
    assert connector.revision > before
    assert "11 rows added" in answer.content.decode()
    assert LABEL not in answer.content.decode()
    event = AuditEvent.objects.get(action="configuration.preset")
    assert "EmailEncodingKey" in str(event.detail)


def test_to_take_it_twice_changes_nothing(console: Client, provider: IdentityProvider) -> None:
    console.post(press(provider), {"confirmed": "1"})
    before = mapped(provider)
    assert console.post(press(provider), {"confirmed": "1"}).status_code == 404

    assert mapped(provider) == before


def test_it_is_not_offered_where_no_connector_proposes_anything(
    console: Client, tenant: Tenant
) -> None:
    provider = make_connector(tenant, SETTINGS).provider

    assert LABEL not in console.get(page_of(provider)).content.decode()
    assert console.post(press(provider), {"confirmed": "1"}).status_code == 404


def test_viewers_cannot_take_it(tenant: Tenant, provider: IdentityProvider) -> None:
    viewer = sign_in(tenant, "viewer", role="viewer")

    assert viewer.post(press(provider), {"confirmed": "1"}).status_code == 403
    assert mapped(provider) == {}
