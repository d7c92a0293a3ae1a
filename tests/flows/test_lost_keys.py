"""A key that is gone: what it sealed is told, and everybody else is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from connectors import EntityType
from idp.models import OutboundConnector, Tenant
from provisioning import operations
from provisioning.changes import Action, GroupData
from provisioning.configuration import ConfigurationError, apply, export
from provisioning.models import ConnectorHealth, Job, State
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names

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


def lose_the_key(settings: Settings) -> None:
    settings.PURVEYOR_SECRET_KEYS = [OTHER]


def enter(**entry: Any) -> None:
    """Apply a file that says this of the connector."""
    connector = {"type": "scim2", **entry}
    provider = {"name": "partner", "connectors": [connector]}
    tree = {
        "version": 1,
        "tenants": [{"domain": "carbon.super", "identity_providers": [provider]}],
    }
    apply(tree, actor="ops")


def test_without_the_key_for_good_everything_but_passwords_is_sent(
    target: Scim2Target,
    settings: Settings,
    store: Store,
    deliver: Callable[[], None],
) -> None:
    kim, lee = store.add_user("kim"), store.add_user("lee")
    sales = store.add_group("sales", add=[kim.entity_id])
    deliver()
    # These wait while the key goes.
    store.set_user(kim.entity_id, "kim", document={"title": "Boss"})
    store.delete_user(lee.entity_id)
    store.add_user("zoe", password="lost-with-the-key-1")
    store.set_group(sales.entity_id, name="sellers")
    lose_the_key(settings)
    deliver()
    failed = Job.objects.filter(state=State.FAILED)
    assert list(failed.values_list("reason_code", flat=True)) == ["sealed"] * 4

    enter(settings=dict(target.settings))
    operations.retry(Job.objects.filter(reason_code="sealed"), actor="ops")
    deliver()

    assert names(target) == ["kim", "zoe"]
    assert target.user("kim")["title"] == "Boss"
    assert "lost-with-the-key-1" not in str(target.user("zoe"))
    (group,) = target.groups.values()
    assert group["displayName"] == "sellers"
    assert [member["value"] for member in group["members"]] == [target.user("kim")["id"]]
    assert not Job.objects.exclude(state__in=[State.DONE, State.SUPERSEDED]).exists()


def test_people_change_on_and_what_the_key_will_open_again_is_not_lost(
    target: Scim2Target, settings: Settings, store: Store, deliver: Callable[[], None]
) -> None:
    keys = settings.PURVEYOR_SECRET_KEYS
    kim = store.add_user("kim", password="waits-for-the-key-1")
    sales = store.add_group("sales", add=[kim.entity_id])
    lose_the_key(settings)
    store.set_user(kim.entity_id, "kim", document={"title": "Boss"})
    store.change(
        Action.UPDATE, EntityType.GROUP, entity_id=sales.entity_id, group=GroupData(name="all")
    )

    settings.PURVEYOR_SECRET_KEYS = [OTHER, *keys]
    deliver()
    assert target.user("kim")["title"] == "Boss"
    assert any("waits-for-the-key-1" in str(one.body) for one in target.requests("POST"))
    (group,) = target.groups.values()
    assert (group["displayName"], len(group["members"])) == ("all", 1)


def test_a_job_whose_worker_died_with_the_key_keeps_nobody_waiting(
    target: Scim2Target,
    settings: Settings,
    store: Store,
    deliver: Callable[[], None],
    later: Callable[[], None],
) -> None:
    store.add_user("kim")
    store.add_user("lee")
    Job.objects.filter(entity_name="kim").update(state=State.RUNNING)
    lose_the_key(settings)
    enter(settings=dict(target.settings))
    later()
    deliver()
    assert set(Job.objects.values_list("state", "reason_code")) == {(State.FAILED, "sealed")}
    assert Job.objects.get(entity_name="kim").maybe_sent

    operations.retry(Job.objects.all(), actor="ops")
    deliver()
    assert names(target) == ["kim", "lee"]


def test_of_settings_that_cannot_be_read_everything_else_can_be_said(
    tenant: Tenant,
    target: Scim2Target,
    connector: OutboundConnector,
    settings: Settings,
) -> None:
    lose_the_key(settings)
    enter(mode="paused")
    connector.refresh_from_db()
    assert connector.mode == "paused"

    (provider,) = export(tenant)["tenants"][0]["identity_providers"]
    assert "settings" not in provider["connectors"][0]
    with pytest.raises(ConfigurationError, match="user_endpoint"):
        enter(settings={"username": "admin"})

    before = connector.generation
    enter(settings=dict(target.settings))
    connector.refresh_from_db()
    assert connector.settings["password"] == target.settings["password"]
    # Nobody knows any more whether it is the same system: links are looked up first.
    assert connector.generation == before + 1
