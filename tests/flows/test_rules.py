"""Rules decide who goes where: held back, let through later, withdrawn, asked by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connectors import EntityType
from idp.models import INTERNAL, OutboundConnector, UserStore
from provisioning import housekeeping, policies, reconsidering, ticks
from provisioning.changes import Action, Change, Door, Result, UserData
from provisioning.intake import accept_all
from provisioning.models import HeldBack, Job, Policy, Reconsideration
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.policies import (
    DENY_OTHERS,
    between,
    for_partner,
    has_claim,
    has_role,
    in_group,
    operation,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
TITLE = "http://wso2.org/claims/title"


@pytest.fixture
def asking(row: OutboundTarget) -> OutboundTarget:
    """The row with rules enabled."""
    row.enable_rules = True
    row.save()
    return row


@pytest.fixture
def publish(store: Store) -> Callable[..., Policy]:
    """Publish a document under a name, instead of what was published there."""

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


def names(target: Scim2Target) -> list[str]:
    return sorted(user["userName"] for user in target.users.values())


def test_a_rule_holds_back_and_lets_through_once_it_permits(
    asking: OutboundTarget,
    target: Scim2Target,
    store: Store,
    publish: Callable[..., Policy],
    follow: Step,
) -> None:
    publish(policy("r", rule("lead", "Permit", has_claim(TITLE, "Lead")), DENY_OTHERS))
    held = store.add_user("kim", document={"title": "Clerk"})
    store.add_user("lee", document={"title": "Lead"})
    follow()

    assert names(target) == ["lee"]
    [outcome] = held.outcomes
    assert outcome.result == Result.SKIPPED
    assert "denied by policy rules, rule deny_others" in outcome.reason

    publish(policy("r", rule("all", "Permit")))
    follow()

    assert names(target) == ["kim", "lee"]
    assert not HeldBack.objects.exists()
    assert not Reconsideration.objects.exists()


def test_a_change_of_the_person_is_enough(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", rule("lead", "Permit", has_claim(TITLE, "Lead")), DENY_OTHERS))
    kim = store.add_user("kim", document={"title": "Clerk"})
    store.set_user(kim.entity_id, "kim", document={"title": "Lead"})
    deliver()

    assert names(target) == ["kim"]
    assert not HeldBack.objects.exists()


def test_an_update_held_back_is_sent_when_the_rule_permits_it_again(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    kim = store.add_user("kim", document={"title": "Clerk"})
    follow()
    publish(policy("r", DENY_OTHERS))
    store.set_user(kim.entity_id, "kim", document={"title": "Lead"})
    follow()
    assert [user["title"] for user in target.users.values()] == ["Clerk"]

    publish(policy("r", rule("all", "Permit")))
    follow()

    assert [user["title"] for user in target.users.values()] == ["Lead"]


def test_a_deny_keeps_the_account_unless_the_connector_withdraws(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    store.add_user("kim")
    follow()
    publish(policy("r", DENY_OTHERS))
    follow()
    assert names(target) == ["kim"]

    OutboundConnector.objects.update(on_deny="withdraw")
    publish(policy("r", DENY_OTHERS, rule("again", "Deny")))
    follow()

    assert names(target) == []


def test_what_is_undecided_never_withdraws(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    OutboundConnector.objects.update(on_deny="withdraw")
    kim = store.add_user("kim")
    follow()
    # Kim has no title, which must be present: Indeterminate, and before any Deny.
    publish(policy("r", rule("lead", "Permit", has_claim(TITLE, "Lead")), DENY_OTHERS))
    follow()
    update = store.set_user(kim.entity_id, "kim", document={"displayName": "Kim"})
    follow()

    assert names(target) == ["kim"]
    assert "undecided" in update.outcomes[0].reason


def test_rules_never_hold_back_a_delete(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    kim = store.add_user("kim")
    follow()
    publish(policy("r", DENY_OTHERS))
    store.delete_user(kim.entity_id)
    follow()

    assert names(target) == []
    assert not HeldBack.objects.exists()


def test_rules_never_hold_back_the_loss_of_a_role(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    tenant = store.service_provider.tenant
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    role = store.add_group("Internal/staff")
    kim = store.add_user("kim", join=["Internal/staff"])
    asking.provider.provisioning_roles = ["Internal/staff"]
    asking.provider.save()
    follow()
    publish(policy("r", DENY_OTHERS))
    store.set_group(role.entity_id, remove=[kim.entity_id])
    follow()

    assert names(target) == []


def test_office_hours_open_without_a_click(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", rule("hours", "Permit", between("09:00:00", "17:00:00")), DENY_OTHERS))
    evening = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)

    def a_worker_looks() -> None:
        for task in housekeeping.TASKS:
            if task.name in ("ask rules by the clock", "reconsider"):
                ticks.run(task)
        deliver()

    with time_machine.travel(evening, tick=False) as clock:
        held = store.add_user("kim")
        a_worker_looks()
        assert "denied" in held.outcomes[0].reason
        assert "at this time" in held.outcomes[0].reason
        for _ in range(14):
            clock.shift(timedelta(hours=1))
            a_worker_looks()
        assert names(target) == []

        clock.shift(timedelta(hours=1))
        a_worker_looks()

    assert names(target) == ["kim"]


def test_a_deny_by_the_clock_does_not_withdraw_unless_the_policy_says_so(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    OutboundConnector.objects.update(on_deny="withdraw")
    store.add_user("kim")
    follow()
    closed = rule("hours", "Deny", between("00:00:00", "23:59:59"))
    publish(policy("r", closed))
    follow()
    assert names(target) == ["kim"]

    advice = (
        '<AdviceExpressions><AdviceExpression AdviceId="urn:purveyor:withdraw-by-clock" '
        'AppliesTo="Deny"/></AdviceExpressions>'
    )
    publish(policy("r", closed, duties=advice))
    follow()

    assert names(target) == []


def test_the_time_is_the_tenants(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    tenant = store.service_provider.tenant
    tenant.time_zone = "Asia/Tokyo"
    tenant.save()
    publish(policy("r", rule("hours", "Permit", between("09:00:00", "17:00:00")), DENY_OTHERS))

    with time_machine.travel(datetime(2026, 5, 4, 1, 0, tzinfo=UTC), tick=False):
        store.service_provider.tenant.refresh_from_db()
        store.add_user("kim")
        deliver()

    assert names(target) == ["kim"]


def test_a_row_without_rules_asks_none(
    row: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", DENY_OTHERS))
    store.add_user("kim")
    deliver()

    assert names(target) == ["kim"]


def test_policies_written_for_wso2_work_unchanged(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    """The role template: groups decide on creation, roles on updates, others are denied."""
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    store.add_group("Internal/sales")
    store.add_group("Internal/other")
    publish(
        policy(
            "provisioning_role_based",
            rule("create", "Permit", in_group("Internal/sales"), operation("POST")),
            rule("update", "Permit", has_role("Internal/sales"), operation("PUT")),
            DENY_OTHERS,
            target=for_partner(),
        )
    )
    kim = store.add_user(
        "kim", join=["Internal/other", "Internal/sales"], document={"title": "before"}
    )
    store.add_user("lee", join=["Internal/other"])
    deliver()
    store.set_user(kim.entity_id, "kim", document={"title": "after"})
    deliver()

    assert names(target) == ["kim"]
    assert [user["title"] for user in target.users.values()] == ["after"]
    store.delete_user(kim.entity_id)
    deliver()
    assert names(target) == []


def test_a_policy_for_another_identity_provider_has_nothing_to_say(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", DENY_OTHERS, target=for_partner(idp="somebody-else")))
    store.add_user("kim")
    deliver()

    assert names(target) == ["kim"]


def test_people_made_together_are_asked_about_too(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], follow: Step,
) -> None:  # fmt: skip
    publish(policy("r", rule("lead", "Permit", has_claim(TITLE, "Lead")), DENY_OTHERS))
    changes = [
        Change(
            tenant=store.service_provider.tenant,
            service_provider=store.service_provider,
            door=Door.IMPORT,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name=f"person-{n}", document={"title": "Lead" if n % 2 else "Clerk"}),
        )
        for n in range(6)
    ]
    assert len(list(accept_all(changes))) == 6
    follow()
    assert names(target) == ["person-1", "person-3", "person-5"]
    assert HeldBack.objects.count() == 3

    publish(policy("r", rule("all", "Permit")))
    follow()

    assert len(names(target)) == 6
    assert Job.objects.count() == 6
