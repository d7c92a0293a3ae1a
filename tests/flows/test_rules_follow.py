"""Whom a rule holds back goes as soon as anything lets them, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from connectors import EntityType
from idp.models import INTERNAL, OutboundConnector, UserStore
from provisioning import housekeeping, policies, reconsidering, ticks
from provisioning.changes import Action, Change, Door, UserData
from provisioning.configuration import apply
from provisioning.intake import accept_all
from provisioning.models import AuditEvent, HeldBack, Job, Policy, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    between,
    has_claim,
    has_role,
    operation,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
Publish = Callable[..., Policy]
TITLE = "http://wso2.org/claims/title"
LEADS = policy("r", rule("lead", "Permit", has_claim(TITLE, "Lead")), DENY_OTHERS)
BY_CLOCK = (
    '<AdviceExpressions><AdviceExpression AdviceId="urn:purveyor:withdraw-by-clock" '
    'AppliesTo="Deny"/></AdviceExpressions>'
)


@pytest.fixture
def asking(row: OutboundTarget) -> OutboundTarget:
    """The row with rules enabled."""
    row.enable_rules = True
    row.save()
    return row


@pytest.fixture
def publish(store: Store) -> Publish:
    def publish(document: str, name: str = "rules") -> Policy:
        tenant = store.service_provider.tenant
        found = Policy.objects.filter(tenant=tenant, name=name).first()
        row = found or Policy(tenant=tenant, name=name)
        policies.publish(row, policies.save_draft(row, document, actor="ops"), actor="ops")
        return row

    return publish


@pytest.fixture
def follow(deliver: Step) -> Step:
    """What a worker does about policies that changed, and then delivers."""

    def follow() -> None:
        reconsidering.follow_policies()
        while reconsidering.work():
            pass
        deliver()

    return follow


@pytest.fixture
def staff(store: Store) -> Any:
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    return store.add_group("Internal/staff").entity_id


@pytest.mark.usefixtures("asking")
def test_a_group_that_a_rule_asks_for_lets_its_new_members_go_at_once(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, staff: Any
) -> None:
    publish(policy("r", rule("staff", "Permit", has_role("Internal/staff")), DENY_OTHERS))
    kim = store.add_user("kim").entity_id
    lee = store.add_user("lee").entity_id
    assert HeldBack.objects.count() == 2

    # Somebody else's application adds kim; it sends nobody there itself.
    tenant = store.service_provider.tenant
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")
    Store(portal).set_group(staff, add=[kim])
    deliver()

    assert names(target) == ["kim"]
    assert [row.entity_id for row in HeldBack.objects.all()] == [lee]


@pytest.mark.usefixtures("asking")
def test_who_leaves_the_group_a_rule_asks_for_is_withdrawn_where_that_is_wanted(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, staff: Any
) -> None:
    publish(policy("r", rule("staff", "Permit", has_role("Internal/staff")), DENY_OTHERS))
    kim = store.add_user("kim", join=["Internal/staff"]).entity_id
    deliver()
    store.set_group(staff, remove=[kim])
    deliver()
    assert names(target) == ["kim"]

    OutboundConnector.objects.update(on_deny="withdraw")
    store.set_group(staff, add=[kim])
    store.set_group(staff, remove=[kim])
    deliver()

    assert names(target) == []


@pytest.mark.usefixtures("asking")
def test_an_update_that_was_held_back_is_not_forgotten_when_a_group_changes(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, staff: Any
) -> None:
    kim = store.add_user("kim", document={"title": "Clerk"}).entity_id
    deliver()
    publish(policy("r", rule("staff", "Permit", has_role("Internal/staff")), DENY_OTHERS))
    store.set_user(kim, "kim", document={"title": "Lead"})
    deliver()
    store.set_group(staff, add=[kim])
    deliver()

    assert [user["title"] for user in target.users.values()] == ["Lead"]


def test_publishing_a_policy_sends_nobody_who_was_never_sent(
    row: OutboundTarget, target: Scim2Target, store: Store, publish: Publish, follow: Step
) -> None:
    """People who were here before the row are somebody's decision, not a policy's."""
    OutboundTarget.objects.all().delete()
    store.add_user("before")
    OutboundTarget.objects.create(
        service_provider=row.service_provider,
        provider=row.provider,
        connector=row.connector,
        enable_rules=True,
    )
    OutboundConnector.objects.update(on_deny="withdraw")
    store.add_user("kim")
    follow()
    publish(policy("r", rule("all", "Permit")))
    follow()

    assert names(target) == ["kim"]


@pytest.mark.usefixtures("asking")
def test_a_deny_of_one_operation_withdraws_nobody(
    target: Scim2Target, store: Store, publish: Publish, follow: Step
) -> None:
    OutboundConnector.objects.update(on_deny="withdraw")
    kim = store.add_user("kim", document={"title": "Clerk"}).entity_id
    follow()
    publish(policy("r", rule("new", "Permit", target=operation("POST")), DENY_OTHERS))
    follow()
    changed = store.set_user(kim, "kim", document={"title": "Lead"})
    follow()

    assert names(target) == ["kim"]
    assert "denied" in changed.outcomes[0].reason
    assert not Job.objects.filter(operation="withdraw").exists()


@pytest.mark.usefixtures("asking")
def test_a_policy_may_close_accounts_at_night(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step
) -> None:
    OutboundConnector.objects.update(on_deny="withdraw")
    hours = rule("hours", "Permit", between("09:00:00", "17:00:00"))
    publish(policy("r", hours, DENY_OTHERS, duties=BY_CLOCK))

    def an_hour_passes() -> None:
        clock.shift(timedelta(hours=1))
        for task in housekeeping.TASKS:
            if task.name in ("follow policies", "ask rules by the clock", "reconsider"):
                ticks.run(task)
        deliver()

    with time_machine.travel(datetime(2026, 5, 4, 15, 0, tzinfo=UTC), tick=False) as clock:
        store.add_user("kim")
        an_hour_passes()
        assert names(target) == ["kim"]
        an_hour_passes()
        an_hour_passes()
        assert names(target) == []
        for _ in range(15):
            an_hour_passes()

    assert names(target) == ["kim"]


def test_switching_rules_off_at_the_row_lets_everybody_go(
    asking: OutboundTarget, target: Scim2Target, store: Store, publish: Publish, follow: Step
) -> None:
    publish(policy("r", DENY_OTHERS))
    store.add_user("kim")
    follow()
    outbound = {"identity_provider": "partner", "connector": "scim2", "enable_rules": False}
    service = {"name": "resident", "outbound": [outbound]}
    tenant = {"domain": "carbon.super", "service_providers": [service]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")
    follow()

    assert names(target) == ["kim"]
    assert not HeldBack.objects.exists()
    done = Job.objects.count()
    reconsidering.ask_by_the_clock()
    follow()
    assert Job.objects.count() == done


@pytest.mark.usefixtures("asking")
def test_asking_again_without_an_answer_changes_nothing(
    target: Scim2Target, store: Store, publish: Publish, follow: Step,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    publish(LEADS)
    add_clerks(store, 40)
    follow()
    before = list(HeldBack.objects.order_by("pk").values())
    assert len(before) == 40

    reconsidering.ask_by_the_clock()
    # However many they are: the row, the people with their groups, the rules, the end.
    with django_assert_max_num_queries(14):
        reconsidering.work()

    assert list(HeldBack.objects.order_by("pk").values()) == before
    assert Job.objects.count() == 0


@pytest.mark.usefixtures("asking")
def test_rules_cost_a_change_the_same_for_one_and_for_many(
    store: Store, publish: Publish, django_assert_max_num_queries: Any
) -> None:
    publish(LEADS)
    add_clerks(store, 1)
    with django_assert_max_num_queries(40) as few:
        add_clerks(store, 2, start=100)
    with django_assert_max_num_queries(len(few) + 5):
        add_clerks(store, 50, start=200)


@pytest.mark.usefixtures("asking")
def test_what_rules_say_of_a_removal_is_on_record(
    target: Scim2Target, store: Store, publish: Publish, follow: Step
) -> None:
    kim = store.add_user("kim").entity_id
    follow()
    publish(policy("r", DENY_OTHERS))
    store.delete_user(kim)

    told = AuditEvent.objects.get(action="user.delete").detail["targets"]
    assert [(one["verdict"], one["failed"]["rule"]) for one in told] == [
        ("delete", "denied by policy rules, rule deny_others")
    ]


@pytest.mark.usefixtures("asking")
def test_it_is_told_who_was_sent_without_a_change_of_theirs(
    store: Store, publish: Publish, follow: Step
) -> None:
    publish(policy("r", DENY_OTHERS))
    store.add_user("kim")
    publish(policy("r", rule("all", "Permit")))
    follow()

    [event] = AuditEvent.objects.filter(action="user.entitlement")
    assert event.subject_name == "kim"
    assert event.detail["cause"] == "policies changed"
    assert event.change_id == Job.objects.get(state=State.DONE).change_id


def test_groups_are_held_back_and_sent_too(
    asking: OutboundTarget, target: Scim2Target, store: Store, publish: Publish, follow: Step
) -> None:
    publish(policy("r", DENY_OTHERS))
    store.add_group("sales")
    follow()
    assert not target.groups

    publish(policy("r", rule("all", "Permit")))
    follow()

    assert [group["displayName"] for group in target.groups.values()] == ["sales"]


def add_clerks(store: Store, count: int, start: int = 0) -> None:
    changes = [
        Change(
            tenant=store.service_provider.tenant,
            service_provider=store.service_provider,
            door=Door.IMPORT,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name=f"p-{start + n}", document={"title": "Clerk"}),
        )
        for n in range(count)
    ]
    assert len(list(accept_all(changes))) == count
