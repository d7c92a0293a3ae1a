"""Which targets a change reaches, and what happens when that changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import IdentityProvider, OutboundConnector
from idp.revisions import touch
from provisioning import owed
from provisioning.changes import Result
from provisioning.models import Job, ProvisionedEntity, State
from provisioning.status import status
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def test_an_update_through_another_service_provider_follows_the_account(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim")
    deliver()
    portal = ServiceProvider.objects.create(tenant=store.service_provider.tenant, name="portal")
    Store(portal).set_user(kim.entity_id, "kim", document={"title": "Lead"})
    Store(portal).add_user("lee")
    deliver()

    assert [user["userName"] for user in target.users.values()] == ["kim"]
    assert [user["title"] for user in target.users.values()] == ["Lead"]


def test_without_its_row_updates_stop_and_deletes_still_go(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", document={"title": "before"})
    deliver()
    row.delete()
    update = store.set_user(kim.entity_id, "kim", document={"title": "after"})
    deliver()
    assert [(o.result, o.reason) for o in update.outcomes] == [
        (Result.SKIPPED, "no service provider sends there any more (no row)")
    ]
    assert [user["title"] for user in target.users.values()] == ["before"]

    store.delete_user(kim.entity_id)
    deliver()
    assert target.users == {}


def test_a_delete_for_a_disabled_connector_is_owed_not_lost(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim")
    deliver()
    OutboundConnector.objects.update(enabled=False)
    gone = store.delete_user(kim.entity_id)
    deliver()

    assert [outcome.result for outcome in gone.outcomes] == [Result.HELD]
    assert ProvisionedEntity.objects.get().owed == "delete"
    assert len(target.users) == 1
    [told] = status()["connectors"]
    assert (told["state"], told["owed"]) == ("disabled", 1)

    links = ProvisionedEntity.objects.all()
    assert owed.send(links, actor="ops") == 0
    OutboundConnector.objects.update(enabled=True)
    deliver()
    assert len(target.users) == 1

    assert owed.send(links, actor="ops") == 1
    deliver()
    assert target.users == {}
    assert not links.exists()


def test_a_waiting_job_is_planned_again_with_todays_mapping(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    store.add_user("kim", document={"title": "Lead", "nickName": "kimmy"})
    provider = IdentityProvider.objects.get()
    provider.claim_dialect = "custom"
    provider.save()
    provider.claim_mappings.create(remote="title", local="http://wso2.org/claims/nickname")
    provider.claim_mappings.create(remote="userType", constant="partner", create_only=True)
    touch(provider)
    deliver()

    [there] = target.users.values()
    assert (there["title"], there["userType"]) == ("kimmy", "partner")
    assert "nickName" not in there


def test_a_waiting_job_is_cancelled_when_it_is_no_longer_wanted(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    store.add_user("kim")
    provider = IdentityProvider.objects.get()
    provider.provisioning_roles = ["sales"]
    provider.save()
    touch(provider)
    deliver()

    job = Job.objects.get()
    assert (job.state, job.reason) == (State.CANCELLED, "holds none of the roles sales")
    assert target.log == []


def test_two_people_swap_their_names(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", document={"title": "first kim"})
    lee = store.add_user("lee", document={"title": "first lee"})
    deliver()
    store.set_user(kim.entity_id, "tmp", document={"title": "first kim"})
    store.set_user(lee.entity_id, "kim", document={"title": "first lee"})
    store.set_user(kim.entity_id, "lee", document={"title": "first kim"})
    deliver()

    titles = {user["userName"]: user["title"] for user in target.users.values()}
    assert titles == {"kim": "first lee", "lee": "first kim"}


def test_an_id_in_another_system_is_never_used_unseen(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    from idp.connector_settings import save_settings

    kim = store.add_user("kim")
    deliver()
    with Scim2Target() as other:
        stranger = other.add_user("stranger")
        ProvisionedEntity.objects.update(remote_id=stranger["id"])
        save_settings(OutboundConnector.objects.get(), other.settings)
        store.delete_user(kim.entity_id)
        deliver()
        assert list(other.users) == [stranger["id"]]

    held = Job.objects.get(state=State.HELD)
    assert held.reason_code == "unconfirmed"
