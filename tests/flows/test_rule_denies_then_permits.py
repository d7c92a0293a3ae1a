"""A rule denies a create, and the person goes as soon as it permits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import EntityType
from provisioning.changes import Action, Change, Door, Result, UserData
from provisioning.intake import accept_all
from provisioning.models import HeldBack, Job, Policy, Reconsideration
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Step, Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    for_partner,
    has_claim,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "http://wso2.org/claims/title"


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


def test_a_row_without_rules_asks_none(
    row: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", DENY_OTHERS))
    store.add_user("kim")
    deliver()

    assert names(target) == ["kim"]


def test_a_policy_for_another_identity_provider_has_nothing_to_say(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", DENY_OTHERS, target=for_partner(idp="somebody-else")))
    store.add_user("kim")
    deliver()

    assert names(target) == ["kim"]


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
