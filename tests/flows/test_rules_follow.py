"""Policies and rows change: whom they held back goes, and nobody else is touched."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning import reconsidering
from provisioning.changes import Action, Change, Door, UserData
from provisioning.configuration import apply
from provisioning.intake import accept_all
from provisioning.models import AuditEvent, HeldBack, Job, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Step, Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    has_claim,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "http://wso2.org/claims/title"
LEADS = policy("r", rule("lead", "Permit", has_claim(TITLE, "Lead")), DENY_OTHERS)


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
