"""What becomes of a decision: it lets go, holds back, withdraws, and says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import EntityType
from idp.models import IdentityProvider, OnDeny, OutboundConnector, Tenant, new_id
from provisioning import policies
from provisioning.models import Policy, PolicyVersion
from provisioning.policies import compiled
from provisioning.rules import Decision
from provisioning.subjects import Subject
from serviceproviders.models import RESIDENT, ServiceProvider
from tests.flows.policies import (
    DENY_OTHERS,
    ENVIRONMENT,
    FUNCTION,
    XACML,
    apply,
    between,
    designator,
    has_claim,
    operation,
    policy,
    rule,
    text,
)

pytestmark = pytest.mark.django_db
ALL = rule("all", "Permit")
TITLE = "http://wso2.org/claims/title"
EIGHT_IN_TOKYO = datetime(2026, 5, 3, 23, 0, tzinfo=UTC)


def ruled(
    tenant: Tenant,
    document: str,
    *,
    now: datetime | None = None,
    event: str = "POST",
    on_deny: OnDeny = OnDeny.WITHDRAW,
    **values: Any,
) -> policies.Ruling:
    provider = IdentityProvider(tenant=tenant, name="partner")
    connector = OutboundConnector(provider=provider, type="scim2", on_deny=on_deny)
    told = {"type": EntityType.USER, "name": "kim", "store": "PRIMARY", **values}
    return policies.rule_on(
        Subject(tenant=tenant, id=new_id(), version=1, **told),
        connector,
        ServiceProvider(tenant=tenant, name=RESIDENT),
        event,
        policies=compiled.with_draft(tenant, None, document),
        now=now,
    )


@pytest.mark.parametrize(
    ("document", "ok", "decision", "withdraws", "words"),
    [
        (policy("p", ALL), True, Decision.PERMIT, False, "permitted by"),
        (policy("p"), True, Decision.NOT_APPLICABLE, False, "no rule speaks about it"),
        (policy("p", DENY_OTHERS), False, Decision.DENY, True, "denied by"),
        (
            policy("p", rule("lead", "Deny", has_claim(TITLE, "Lead"))),
            False,
            Decision.INDETERMINATE,
            False,
            "undecided",
        ),
    ],
)
def test_each_decision_means_something(
    tenant: Tenant, document: str, ok: bool, decision: Decision, withdraws: bool, words: str
) -> None:
    ruling = ruled(tenant, document)

    assert (ruling.ok, ruling.decision, ruling.withdraws) == (ok, decision, withdraws)
    assert ruling.reason.startswith(words)


def test_a_deny_withdraws_only_where_the_connector_says_so(tenant: Tenant) -> None:
    ruling = ruled(tenant, policy("p", DENY_OTHERS), on_deny=OnDeny.KEEP)

    assert (ruling.ok, ruling.withdraws) == (False, False)


def test_a_deny_of_one_operation_withdraws_nobody(tenant: Tenant) -> None:
    document = policy("p", rule("new", "Permit", target=operation("POST")), DENY_OTHERS)

    ruling = ruled(tenant, document, event="PATCH")

    assert (ruling.ok, ruling.withdraws) == (False, False)


def test_times_without_a_zone_are_the_tenants(tenant: Tenant) -> None:
    tenant.time_zone = "Asia/Tokyo"

    def at_eight(start: str, end: str) -> bool:
        document = policy("p", rule("t", "Permit", between(start, end)), DENY_OTHERS)
        return ruled(tenant, document, now=EIGHT_IN_TOKYO).ok

    assert at_eight("07:59:00", "08:01:00")
    assert at_eight("22:59:00Z", "23:01:00Z")
    assert not at_eight("22:59:00", "23:01:00")


@pytest.mark.parametrize(
    ("limit", "ok"),
    [
        ("2026-05-04T07:59:00", True),
        ("2026-05-04T08:01:00", False),
        ("2026-05-03T22:59:00Z", True),
        ("2026-05-03T23:01:00Z", False),
    ],
)
def test_so_are_dates_with_times(tenant: Tenant, limit: str, ok: bool) -> None:
    tenant.time_zone = "Asia/Tokyo"
    name = "urn:oasis:names:tc:xacml:1.0:environment:current-dateTime"
    now = apply(
        f"{FUNCTION}dateTime-one-and-only",
        designator(name, ENVIRONMENT, kind="dateTime", must=True),
    )
    since = apply(
        f"{FUNCTION}dateTime-greater-than-or-equal", now, text(limit, kind="dateTime")
    )

    ruling = ruled(
        tenant, policy("p", rule("t", "Permit", since), DENY_OTHERS), now=EIGHT_IN_TOKYO
    )

    assert ruling.ok is ok
    assert ("at this time" in ruling.reason) is not ok


def test_a_published_policy_that_cannot_be_read_holds_everybody_back(tenant: Tenant) -> None:
    row = Policy.objects.create(tenant=tenant, name="office")
    broken = f'<Policy xmlns="{XACML}"/>'
    row.published = PolicyVersion.objects.create(
        policy=row, number=1, document=broken, author="ops"
    )
    row.save()
    policies.decide_anew(tenant)
    provider = IdentityProvider(tenant=tenant, name="partner")
    connector = OutboundConnector(provider=provider, type="scim2", on_deny=OnDeny.WITHDRAW)
    kim = Subject(tenant=tenant, id=new_id(), version=1, type=EntityType.USER, name="kim")

    ruling = policies.rule_on(
        kim, connector, ServiceProvider(tenant=tenant, name=RESIDENT), "POST"
    )

    assert (ruling.ok, ruling.withdraws) == (False, False)
    assert ruling.reason.startswith("rules: policy office:")
