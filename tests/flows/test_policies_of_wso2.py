"""Policies of the five shapes WSO2's templates have decide here as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine

from idp.models import INTERNAL, UserStore
from provisioning import policies
from provisioning.models import Policy
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    FUNCTION,
    apply,
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
COUNTRY = "http://wso2.org/claims/country"
OFFICE = between("09:00:00", "17:00:00")
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)


def one_of(*conditions: str) -> str:
    return apply(f"{FUNCTION}or", *conditions)


def all_of(*conditions: str) -> str:
    return apply(f"{FUNCTION}and", *conditions)


IN_SALES = one_of(in_group("Internal/sales"), in_group("Internal/lead"))
HAS_SALES = one_of(has_role("Internal/sales"), has_role("Internal/lead"))
NORWAY = all_of(has_claim(COUNTRY, "NO"))

ROLE = (
    rule("permit_by_roles_add", "Permit", IN_SALES, operation("POST")),
    rule("permit_by_roles_update", "Permit", HAS_SALES, operation("PUT")),
)
CLAIM = (
    rule("permit_by_claims_add", "Permit", NORWAY, operation("POST")),
    rule("permit_by_claims_update", "Permit", NORWAY, operation("PUT")),
)
TIME = (rule("permit_by_time", "Permit", OFFICE),)
TIME_ROLE = (
    rule("permit_add", "Permit", all_of(OFFICE, IN_SALES), operation("POST")),
    rule("permit_update", "Permit", all_of(OFFICE, HAS_SALES), operation("PUT")),
)
TIME_CLAIM = (
    rule("permit_add", "Permit", all_of(OFFICE, NORWAY), operation("POST")),
    rule("permit_update", "Permit", all_of(OFFICE, NORWAY), operation("PUT")),
)


@pytest.fixture
def publish(row: OutboundTarget, store: Store) -> Callable[..., None]:
    row.enable_rules = True
    row.save()
    tenant = store.service_provider.tenant
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    for name in ("sales", "other"):
        store.add_group(f"Internal/{name}")

    def publish(*rules: str) -> None:
        document = policy("from-wso2", *rules, DENY_OTHERS, target=for_partner())
        made = Policy(tenant=tenant, name="from-wso2")
        draft = policies.save_draft(made, document, actor="ops")
        policies.publish(made, draft, actor="ops")

    return publish


@pytest.mark.parametrize(
    ("rules", "noon", "night"),
    [
        (ROLE, ["sales", "sales-abroad"], ["sales", "sales-abroad"]),
        (CLAIM, ["other", "sales"], ["other", "sales"]),
        (TIME, ["nobody", "other", "sales", "sales-abroad"], []),
        (TIME_ROLE, ["sales", "sales-abroad"], []),
        (TIME_CLAIM, ["other", "sales"], []),
    ],
    ids=["role", "claim", "time", "time and role", "time and claim"],
)
def test_who_goes_at_noon_and_at_night(
    target: Scim2Target, store: Store, publish: Callable[..., None], deliver: Step,
    rules: tuple[str, ...], noon: list[str], night: list[str],
) -> None:  # fmt: skip
    publish(*rules)
    people = {
        "sales": (["Internal/other", "Internal/sales"], "NO"),
        "sales-abroad": (["Internal/sales"], "SE"),
        "other": (["Internal/other"], "NO"),
        "nobody": ([], None),
    }
    for when, expected in ((NIGHT, night), (NOON, noon)):
        with time_machine.travel(when, tick=False):
            made = []
            for name, (roles, country) in people.items():
                address = {"addresses": [{"country": country}]} if country else {}
                made.append(store.add_user(name, join=roles, document=address).entity_id)
            deliver()
            assert names(target) == expected
            for one in made:
                store.delete_user(one)
            deliver()
            assert names(target) == []


def test_updates_are_asked_about_as_put(
    target: Scim2Target, store: Store, publish: Callable[..., None], deliver: Step
) -> None:
    publish(*ROLE)
    kim = store.add_user("kim", join=["Internal/other", "Internal/sales"]).entity_id
    deliver()
    store.set_user(kim, "kim", document={"title": "Lead"})
    deliver()

    assert [user["title"] for user in target.users.values()] == ["Lead"]
