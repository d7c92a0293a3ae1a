"""A target on loopback, and a worker that delivers until nothing is due."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connectors import EntityType
from idp.models import OutboundConnector, Tenant
from provisioning import reconsidering, worker
from provisioning.changes import Accepted, Action, Change, Door, GroupData, Result, UserData
from provisioning.inbound import verified
from provisioning.intake import accept
from provisioning.models import ConnectorHealth, Job, Policy, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.google import GoogleDirectory
from tests.fakes.mail import Mailbox
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.inbound.calls import basic, make_client
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.policies import publishing

Publish = Callable[..., Policy]
Step = Callable[[], None]


@pytest.fixture(autouse=True)
def _dice() -> None:
    """Back-off is random: with these dice no story's first retries are due at once."""
    random.seed(9868)


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running


@pytest.fixture
def second() -> Iterator[Scim2Target]:
    """Another target, without a connector yet."""
    with Scim2Target() as running:
        yield running


@pytest.fixture
def connector(tenant: Tenant, target: Scim2Target) -> OutboundConnector:
    return make_connector(tenant, target.settings)


@pytest.fixture
def row(resident: ServiceProvider, connector: OutboundConnector) -> OutboundTarget:
    return send_to(resident, connector)


@pytest.fixture
def deliver() -> Callable[[], None]:
    """Deliver everything that is due, in this thread's database and two sending threads."""
    return lambda: worker.run(once=True, threads=2)


@pytest.fixture
def google() -> Iterator[GoogleDirectory]:
    with GoogleDirectory() as running:
        yield running


class Store:
    """People and groups of a tenant, changed through `accept` as the console does."""

    def __init__(self, service_provider: ServiceProvider) -> None:
        self.service_provider = service_provider

    def change(self, action: Action, kind: EntityType, **fields: Any) -> Accepted:
        return accept(
            Change(
                tenant=self.service_provider.tenant,
                service_provider=self.service_provider,
                door=Door.CONSOLE,
                actor="ops",
                action=action,
                entity_type=kind,
                **fields,
            )
        )

    def add_user(self, name: str, **data: Any) -> Accepted:
        return self.change(Action.CREATE, EntityType.USER, user=UserData(name=name, **data))

    def set_user(self, user_id: Any, name: str, **data: Any) -> Accepted:
        return self.change(
            Action.UPDATE, EntityType.USER, entity_id=user_id, user=UserData(name=name, **data)
        )

    def delete_user(self, user_id: Any) -> Accepted:
        return self.change(Action.DELETE, EntityType.USER, entity_id=user_id)

    def add_group(self, name: str, **data: Any) -> Accepted:
        return self.change(Action.CREATE, EntityType.GROUP, group=GroupData(name=name, **data))

    def set_group(self, group_id: Any, **data: Any) -> Accepted:
        return self.change(
            Action.UPDATE, EntityType.GROUP, entity_id=group_id, group=GroupData(**data)
        )

    def delete_group(self, group_id: Any) -> Accepted:
        return self.change(Action.DELETE, EntityType.GROUP, entity_id=group_id)


@pytest.fixture
def store(resident: ServiceProvider) -> Store:
    return Store(resident)


@pytest.fixture
def later() -> Callable[[], None]:
    """As if enough time had passed: whatever waits is due."""

    def make_due() -> None:
        now = timezone.now()
        Job.objects.filter(state=State.PENDING).update(not_before=now)
        Job.objects.filter(state=State.RUNNING).update(lease_until=now - timedelta(seconds=1))
        ConnectorHealth.objects.update(paused_until=None, probe_at=now)

    return make_due


@pytest.fixture
def portal(tenant: Tenant) -> ServiceProvider:
    """A service provider in dumb mode; it has no outbound row yet."""
    return ServiceProvider.objects.create(tenant=tenant, name="hr-portal", dumb_mode=True)


@pytest.fixture
def onward(portal: ServiceProvider, connector: OutboundConnector) -> OutboundTarget:
    return send_to(portal, connector)


@pytest.fixture
def scim(client: Client, portal: ServiceProvider) -> Scim:
    """The SCIM 2.0 door, as the portal's own OAuth client."""
    return scim_of(client, portal)


def scim_of(client: Client, service_provider: ServiceProvider) -> Scim:
    verified.credentials.forget()
    make_client(service_provider, client_id=service_provider.name)
    answer = client.post(
        "/oauth2/token",
        {"grant_type": "client_credentials"},
        headers=basic(service_provider.name, "hr-secret-123"),
    )
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return Scim(client, credentials=bearer)


@pytest.fixture
def asking(row: OutboundTarget) -> OutboundTarget:
    """The row with rules enabled."""
    row.enable_rules = True
    row.save()
    return row


@pytest.fixture
def publish(tenant: Tenant) -> Publish:
    """Publish a document under a name, instead of what was published there."""
    return partial(publishing.publish, tenant)


@pytest.fixture
def follow(deliver: Callable[[], None]) -> Callable[[], None]:
    """What a worker does about policies and settings that changed, and then delivers."""

    def follow() -> None:
        reconsidering.follow_policies()
        reconsidering.follow_settings()
        while reconsidering.work():
            pass
        deliver()

    return follow


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server on loopback, that ours sends through."""
    with Mailbox() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.PURVEYOR_SENDS_EMAIL = True
        yield running


def names(target: Scim2Target) -> list[str]:
    return sorted(user["userName"] for user in target.users.values())


def results(accepted: Accepted) -> dict[str, Result]:
    return {f"{o.identity_provider}/{o.connector}": o.result for o in accepted.outcomes}


def only(held: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The one that is at a target."""
    [one] = held.values()
    return one


def replaced(path: str, value: Any) -> dict[str, Any]:
    """An operation of a SCIM 2.0 PATCH."""
    return {"op": "replace", "path": path, "value": value}
