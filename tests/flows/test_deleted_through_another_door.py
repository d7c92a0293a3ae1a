"""Sent by one service provider and deleted through another door: deleted at the target."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import OutboundConnector, Tenant
from provisioning.models import ProvisionedEntity
from serviceproviders.models import ServiceProvider
from tests.console import sign_in
from tests.factories import send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Step, names, scim_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def app(tenant: Tenant) -> ServiceProvider:
    return ServiceProvider.objects.create(tenant=tenant, name="app")


def test_sent_by_one_service_provider_and_deleted_through_another_door(
    client: Client,
    tenant: Tenant,
    connector: OutboundConnector,
    app: ServiceProvider,
    target: Scim2Target,
    deliver: Step,
) -> None:
    send_to(app, connector)
    kim = scim_of(client, app).make_user("kim")
    deliver()
    assert names(target) == ["kim"]

    sign_in(tenant).post(reverse("admin:idp_user_delete", args=[kim["id"]]))
    deliver()

    assert target.users == {}
    assert not ProvisionedEntity.objects.exists()
