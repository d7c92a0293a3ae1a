"""A Deny takes the account away where that is wanted; what is undecided never does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import INTERNAL, OutboundConnector, UserStore
from provisioning.models import AuditEvent, HeldBack, Job, Policy
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Step, Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    between,
    has_claim,
    operation,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "http://wso2.org/claims/title"
BY_CLOCK = (
    '<AdviceExpressions><AdviceExpression AdviceId="urn:purveyor:withdraw-by-clock" '
    'AppliesTo="Deny"/></AdviceExpressions>'
)


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
