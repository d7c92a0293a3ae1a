"""A target on loopback, and a worker that delivers until nothing is due."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors import EntityType
from idp.models import OutboundConnector, Tenant
from provisioning import worker
from provisioning.changes import Accepted, Action, Change, Door, GroupData, UserData
from provisioning.intake import accept
from provisioning.models import ConnectorHealth, Job, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target


@pytest.fixture(autouse=True)
def _dice() -> None:
    """Back-off is random: with these dice no story's first retries are due at once."""
    random.seed(9868)


@pytest.fixture
def target() -> Iterator[Scim2Target]:
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
