"""Why now, and why then: the plan of today, and what the audit trail recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors import EntityType
from idp.models import Group, IdentityProvider, OutboundConnector, Tenant, User
from provisioning import explain, reconsidering, subjects
from provisioning.changes import Action, GroupData, UserData
from provisioning.explain import asking
from provisioning.explain.past import Remembered
from provisioning.models import AuditEvent, Job, State
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.console import (
    World,
    add_group,
    add_user,
    change,
    fail,
    link_for,
    make_world,
)
from tests.factories import make_connector, send_to

pytestmark = pytest.mark.django_db
DEAD = {"user_endpoint": "http://127.0.0.1:9/Users", "group_endpoint": "http://127.0.0.1:9/G"}


@pytest.fixture
def connector(tenant: Tenant, resident: ServiceProvider) -> OutboundConnector:
    connector = make_connector(tenant, DEAD)
    send_to(resident, connector)
    return connector


def now(entity: User | Group, **asked: Any) -> list[explain.Target]:
    of = subjects.of_user if isinstance(entity, User) else subjects.of_group
    return list(explain.now(of(entity), resident_of(entity.tenant), **asked).targets)  # type: ignore[operator]


def remember(entity: User | Group) -> Remembered:
    kind = "user" if isinstance(entity, User) else "group"
    return Remembered(entity.tenant, kind, entity.pk, entity.full_name)


def past(entity: User | Group, **asked: Any) -> list[explain.Target]:
    at = asked.pop("at", None) or timezone.now()
    return list(explain.past(remember(entity), at, **asked).targets)


def title(user: User, text: str) -> None:
    data = UserData(name=user.full_name, document={"title": text})
    change(user.tenant, Action.UPDATE, EntityType.USER, entity_id=user.pk, user=data)


def members(group: Group, **edit: Any) -> None:
    data = GroupData(**edit)
    change(group.tenant, Action.UPDATE, EntityType.GROUP, entity_id=group.pk, group=data)


def test_it_tells_where_somebody_is_and_what_stands_in_the_way(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    kim = add_user(tenant, "kim")
    [on_the_way] = now(kim)
    job = fail(Job.objects.get(), "the target refused it")
    link_for(job)
    OutboundConnector.objects.update(mode="paused")
    [there] = now(kim)
    IdentityProvider.objects.update(provisioning_roles=["boss"])
    [leaving] = now(kim)

    assert (
        on_the_way.summary == "On the way there. A change now would update it: nothing objects."
    )
    assert there.summary == (
        "There as kim. A change now would update it: nothing objects. "
        "The connector is paused: what is queued waits. "
        "The last job is failed: the target refused it."
    )
    assert there.state == "paused"
    assert (leaving.verdict, leaving.link is not None) == ("withdraw", True)
    assert "The account would be taken away: holds none of the roles boss." in leaving.summary
    [sent] = there.jobs
    assert (sent.job.pk, [attempt.status for attempt in sent.attempts]) == (job.pk, [400])


def test_a_connector_nothing_leads_to_can_be_asked_about(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    kim = add_user(tenant, "kim")
    other = make_connector(tenant, DEAD, name="other")

    assert [target.identity_provider for target in now(kim)] == ["partner"]
    [asked] = now(kim, connectors=[other])

    assert asked.verdict == "skip"
    assert asked.reason == "service provider resident has no outbound row that leads there"
    assert asked.summary == f"Not there. Nothing would be sent now: {asked.reason}."


def test_what_is_secret_by_its_name_is_masked(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    urn = "urn:example:2.0:User"
    kim = add_user(tenant, "kim", document={urn: {"apiToken": "hush"}, "title": "Lead"})

    [target] = now(kim)

    shown = target.as_json()["payload"]["attributes"]
    assert (shown[urn], shown["title"]) == ({"apiToken": "***"}, "Lead")
    assert target.payload["attributes"][urn] == {"apiToken": "hush"}


def test_more_targets_and_jobs_cost_no_more_queries(
    tenant: Tenant, connector: OutboundConnector, resident: ServiceProvider
) -> None:
    kim = add_user(tenant, "kim")
    now(kim)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            now(kim)
        return len(seen)

    before = queries()
    for number in range(4):
        send_to(resident, make_connector(tenant, DEAD, name=f"more-{number}"))
    for text in ("a", "b", "c"):
        title(kim, text)
    kim.refresh_from_db()
    assert len(now(kim)) == 5
    assert queries() == before


def test_groups_are_explained_as_well(tenant: Tenant, connector: OutboundConnector) -> None:
    sales = add_group(tenant, "sales")
    OutboundConnector.objects.update(groups=["pilots"])

    [target] = now(sales)

    assert (target.verdict, target.reason) == ("skip", "the connector does not take this group")
    told = explain.now(subjects.of_group(sales), resident_of(tenant)).as_json()
    assert told["group"] == "sales"


# the past


def test_the_past_says_why_somebody_was_made_there_though_all_has_changed(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["Internal/boss"])
    boss = add_group(tenant, "Internal/boss")
    kim = add_user(tenant, "kim")
    members(boss, add=[kim.pk])
    then = timezone.now()
    title(kim, "Lead")
    connector.provider.refresh_from_db()
    IdentityProvider.objects.update(provisioning_roles=["nobody"], enabled=False)

    [target] = past(kim, at=then)

    assert (target.verdict, target.reason) == ("create", "entitled")
    assert [(gate.gate, gate.ok, gate.reason) for gate in target.gates] == [
        ("role", True, "holds Internal/boss")
    ]
    made, before = target.decisions
    assert (made.action, made.cause, made.actor) == (
        "user.entitlement",
        "role Internal/boss",
        "ops",
    )
    assert (before.verdict, before.reason) == ("skip", "holds none of the roles Internal/boss")
    [later] = past(kim)
    assert later.verdict == "update"
    assert "create" in [decision.verdict for decision in later.decisions]


def test_losing_the_role_is_recorded_with_the_person(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["boss"])
    boss = add_group(tenant, "boss")
    kim = add_user(tenant, "kim", join=["boss"])
    link_for(Job.objects.get(entity_type="user"))
    Job.objects.update(state=State.DONE)
    members(boss, remove=[kim.pk])

    [target] = past(kim)

    assert (target.verdict, target.reason) == ("withdraw", "holds none of the roles boss")
    assert target.decisions[0].cause == "role boss"


def test_a_list_of_roles_that_changed_is_the_cause(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    kim = add_user(tenant, "kim")
    link_for(Job.objects.get())
    Job.objects.update(state=State.DONE)
    IdentityProvider.objects.update(provisioning_roles=["boss"])
    reconsidering.follow_roles(connector.provider, [], actor="ops")
    reconsidering.work()

    [target] = past(kim)

    assert (target.verdict, target.reason) == ("withdraw", "holds none of the roles boss")
    [made, *_] = target.decisions
    assert (made.cause, made.actor) == ("provisioning roles changed", "ops")
    assert made.door == "reconcile"


def test_before_anything_was_decided_there_is_nothing_to_tell(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    before = timezone.now()
    kim = add_user(tenant, "kim")

    assert past(kim, at=before - timedelta(seconds=1)) == []
    assert past(kim, service_provider=ServiceProvider(tenant=tenant, name="portal")) == []
    assert past(kim, connectors=[]) == []


def test_a_creation_long_ago_is_not_lost_among_updates(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    kim = add_user(tenant, "kim")
    for number in range(15):
        title(kim, str(number))

    [target] = past(kim)

    told = [decision.verdict for decision in target.decisions]
    assert told == ["update"] * 10 + ["create"]
    assert "Created " in target.summary


def test_whoever_is_gone_is_remembered_by_name_and_by_id(
    tenant: Tenant, other_tenant: Tenant, connector: OutboundConnector
) -> None:
    kim = add_user(tenant, "kim")
    link_for(Job.objects.get())
    Job.objects.update(state=State.DONE)
    change(tenant, Action.DELETE, EntityType.USER, entity_id=kim.pk)

    by_name = asking.remembered(tenant, "user", "KIM")
    by_id = asking.remembered(tenant, "user", str(kim.pk))

    assert by_name == by_id == Remembered(tenant, "user", kim.pk, "kim")
    [target] = explain.past(by_name, timezone.now()).targets
    assert (target.verdict, target.reason, target.gates) == ("delete", "deleted", ())
    for key in ("kim", str(kim.pk)):
        with pytest.raises(asking.NotKnown):
            asking.remembered(other_tenant, "user", key)
        with pytest.raises(asking.NotKnown):
            asking.remembered(tenant, "group", key)


def test_the_trail_keeps_no_more_than_it_needs(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    add_user(tenant, "kim")

    event = AuditEvent.objects.get(action="user.create")

    assert event.detail["targets"] == [
        {
            "identity_provider": "partner",
            "connector": "scim2",
            "verdict": "create",
            "reason": "entitled",
        }
    ]


def test_the_row_of_another_service_provider_is_recorded(
    tenant: Tenant, connector: OutboundConnector
) -> None:
    kim = add_user(tenant, "kim")
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")
    data = UserData(name="kim", document={"title": "Lead"})
    change(
        tenant,
        Action.UPDATE,
        EntityType.USER,
        entity_id=kim.pk,
        user=data,
        service_provider=portal,
    )

    [target] = past(kim)

    assert target.decisions[0].service_provider == "resident"


# what is asked


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-05-31", "2026-05-31T23:59:59.999999+02:00"),
        ("2026-05-31T10:00", "2026-05-31T10:00:00+02:00"),
        ("2026-05-31T10:00:00Z", "2026-05-31T10:00:00+00:00"),
    ],
)
def test_a_day_ends_in_the_tenants_zone(text: str, told: str) -> None:
    assert asking.moment(text, ZoneInfo("Europe/Berlin")).isoformat() == told


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "2026-13-01T10:00", "0001-01-01", "9999-12-31"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(asking.NotKnown):
        asking.moment(text, ZoneInfo("UTC"))


def test_names_of_another_tenant_are_not_known(
    tenant: Tenant, other_tenant: Tenant, world: World
) -> None:
    assert asking.subject_of(tenant, "user", "KIM").name == "kim"
    assert asking.subject_of(tenant, "user", str(world.user.pk)).name == "kim"
    for kind, key in (("user", "kim"), ("user", str(world.user.pk)), ("group", "kim-group")):
        with pytest.raises(asking.NotKnown):
            asking.subject_of(other_tenant, kind, key)
    with pytest.raises(asking.NotKnown):
        asking.service_provider_of(other_tenant, "kim-app")
    with pytest.raises(asking.NotKnown):
        asking.connectors_of(other_tenant, "kim-idp")
    assert [c.type for c in asking.connectors_of(tenant, "kim-idp", "scim2")] == ["scim2"]


@pytest.fixture
def world(tenant: Tenant) -> World:
    return make_world(tenant, "kim")
