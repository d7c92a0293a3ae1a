"""Accounts that were there before: adopted, held, or left alone, as the connector says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import OutboundConnector
from provisioning import operations
from provisioning.models import Attempt, Job, LinkState, Outcome, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def with_policy(
    target: Scim2Target, resident: ServiceProvider
) -> Callable[..., OutboundConnector]:
    def make(**policy: object) -> OutboundConnector:
        connector = make_connector(resident.tenant, target.settings, **policy)
        send_to(resident, connector)
        return connector

    return make


def test_an_account_of_that_name_is_adopted_without_its_password(
    with_policy: Callable[..., OutboundConnector],
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    with_policy()
    theirs = target.add_user("kim", title="old")
    store.add_user("kim", document={"title": "new"}, password="must-not-be-set-1")
    deliver()

    link = ProvisionedEntity.objects.get()
    assert (link.remote_id, link.adopted) == (theirs["id"], True)
    assert target.users[theirs["id"]]["title"] == "new"
    assert target.passwords == {}
    assert Attempt.objects.get().outcome == Outcome.ADOPTED


def test_where_the_connector_says_hold_an_operator_decides(
    with_policy: Callable[..., OutboundConnector],
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    with_policy(on_conflict="hold")
    target.add_user("kim", title="old")
    store.add_user("kim", document={"title": "new"})
    deliver()
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.HELD, "conflict")

    operations.release(Job.objects.all(), actor="ops")
    deliver()
    job.refresh_from_db()
    assert job.state == State.DONE
    assert [user["title"] for user in target.users.values()] == ["new"]


def test_a_protected_name_is_never_touched(
    with_policy: Callable[..., OutboundConnector],
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    with_policy(protected_names=["Admin"])
    theirs = target.add_user("admin", title="root")
    store.add_user("admin", document={"title": "new"})
    deliver()
    operations.release(Job.objects.all(), actor="ops")
    deliver()

    assert Job.objects.get().state == State.HELD
    assert target.users[theirs["id"]]["title"] == "root"


def test_a_disabled_account_is_not_adopted_silently(
    with_policy: Callable[..., OutboundConnector],
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    with_policy()
    target.add_user("kim", active=False)
    store.add_user("kim")
    deliver()

    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.HELD, "disabled_there")


def test_a_name_left_disabled_by_somebody_else_is_held(
    with_policy: Callable[..., OutboundConnector],
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    with_policy(delete_action="disable")
    old = store.add_user("kim")
    deliver()
    store.delete_user(old.entity_id)
    deliver()
    assert ProvisionedEntity.objects.get().state == LinkState.FORMER
    assert [user["active"] for user in target.users.values()] == [False]

    store.add_user("kim")
    deliver()
    held = Job.objects.get(state=State.HELD)
    assert held.reason == "name belonged to kim"


def test_the_same_person_coming_back_takes_their_account_again(
    with_policy: Callable[..., OutboundConnector],
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    with_policy(delete_action="disable")
    old = store.add_user("kim", external_id="e-1")
    deliver()
    store.delete_user(old.entity_id)
    deliver()
    store.add_user("kim", external_id="e-1")
    deliver()

    assert not Job.objects.filter(state=State.HELD).exists()
    assert [user["active"] for user in target.users.values()] == [True]


def test_two_local_people_with_one_remote_name_never_share_an_account(
    target: Scim2Target, resident: ServiceProvider, staff: object, store: Store, deliver: Step
) -> None:
    settings = {**target.settings, "user_store_domain": "ALL"}
    send_to(resident, make_connector(resident.tenant, settings))
    store.add_user("kim", document={"title": "one"})
    store.add_user("STAFF/kim", document={"title": "two"})
    deliver()

    held = Job.objects.get(state=State.HELD)
    assert held.reason == "remote name taken by kim"
    assert [user["title"] for user in target.users.values()] == ["one"]
