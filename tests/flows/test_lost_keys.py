"""A key that is gone: what it sealed is told, and everybody else is served."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from idp.models import OutboundConnector
from provisioning.models import ConnectorHealth, Job, State
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
OTHER = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="


def test_a_job_that_cannot_be_read_fails_alone(
    target: Scim2Target,
    connector: OutboundConnector,
    store: Store,
    deliver: Callable[[], None],
) -> None:
    store.add_user("kim")
    store.add_user("lee")
    damaged = Job.objects.get(entity_name="kim")
    Job.objects.filter(pk=damaged.pk).update(sealed_payload=b"damaged" * 9)
    deliver()

    damaged.refresh_from_db()
    assert (damaged.state, damaged.reason_code) == (State.FAILED, "sealed")
    assert [user["userName"] for user in target.users.values()] == ["lee"]


def test_settings_that_cannot_be_read_quarantine_the_connector(
    target: Scim2Target,
    connector: OutboundConnector,
    settings: Settings,
    store: Store,
    deliver: Callable[[], None],
    later: Callable[[], None],
) -> None:
    keys = settings.PURVEYOR_SECRET_KEYS
    settings.PURVEYOR_SECRET_KEYS = [OTHER]
    store.add_user("kim")
    deliver()

    assert "cannot be read" in ConnectorHealth.objects.get().quarantine_reason
    assert Job.objects.get().state == State.PENDING

    settings.PURVEYOR_SECRET_KEYS = [OTHER, *keys]
    later()
    deliver()
    assert len(target.users) == 1
