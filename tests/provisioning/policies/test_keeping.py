"""Policies are kept in versions, and whatever could not decide is refused before it does."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from idp.models import Tenant
from provisioning import policies
from provisioning.models import AuditEvent, Policy, PolicyRevision
from provisioning.policies import compiled
from tests.flows.policies import DENY_OTHERS, XACML, policy, rule

ALL = rule("all", "Permit")


def published(tenant: Tenant, name: str, document: str) -> Policy:
    row = Policy(tenant=tenant, name=name)
    policies.publish(row, policies.save_draft(row, document, actor="ops"), actor="ops")
    return row


def referring(name: str, other: str) -> str:
    return (
        f'<PolicySet xmlns="{XACML}" PolicySetId="{name}" Version="1.0" PolicyCombiningAlgId='
        '"urn:oasis:names:tc:xacml:3.0:policy-combining-algorithm:deny-overrides">'
        f"<Target/><PolicyIdReference>{other}</PolicyIdReference></PolicySet>"
    )


@pytest.mark.django_db
def test_an_old_version_becomes_the_newest_draft(tenant: Tenant) -> None:
    row = published(tenant, "office", policy("office", DENY_OTHERS))
    policies.publish(
        row,
        policies.save_draft(row, policy("office", ALL), actor="ops", note="let all go"),
        actor="ops",
    )
    draft = policies.restore(row, 1, actor="lee")

    told = [(v.number, v.author, v.note) for v in row.versions.all()]
    assert told == [(3, "lee", "version 1 again"), (2, "ops", "let all go"), (1, "ops", "")]
    assert draft.document == policy("office", DENY_OTHERS)
    assert row.published is not None
    assert row.published.number == 2
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["policy.save", "policy.publish"] * 2 + ["policy.save"]


@pytest.mark.django_db
def test_what_another_policy_refers_to_is_not_unpublished(tenant: Tenant) -> None:
    office = published(tenant, "office", policy("office", DENY_OTHERS))
    policies.enable(office, False, actor="ops")
    every = published(tenant, "every", referring("every", "office"))

    with pytest.raises(policies.InvalidPolicy, match="another policy needs office"):
        policies.unpublish(office, actor="ops")

    office.refresh_from_db()
    assert office.published_id is not None
    policies.unpublish(every, actor="ops")
    policies.unpublish(office, actor="ops")
    assert not compiled.published(tenant)


@pytest.mark.django_db
def test_a_policy_whose_reference_is_gone_is_not_enabled(tenant: Tenant) -> None:
    office = published(tenant, "office", policy("office", DENY_OTHERS))
    every = published(tenant, "every", referring("every", "office"))
    policies.enable(every, False, actor="ops")
    policies.unpublish(office, actor="ops")

    with pytest.raises(policies.InvalidPolicy, match="office"):
        policies.enable(every, True, actor="ops")


@pytest.mark.django_db
def test_one_policy_id_belongs_to_one_policy(tenant: Tenant) -> None:
    published(tenant, "office", policy("p", DENY_OTHERS))
    with pytest.raises(policies.InvalidPolicy, match="policy office has the PolicyId p"):
        policies.check(tenant, None, policy("p", ALL))


@pytest.mark.django_db
def test_policies_are_compiled_once_until_they_change(tenant: Tenant) -> None:
    row = published(tenant, "office", policy("office", DENY_OTHERS))
    first = compiled.of(tenant)
    assert compiled.of(tenant) is first

    policies.set_order(row, 7, actor="ops")
    second = compiled.of(tenant)
    assert second is not first
    assert second.revision == PolicyRevision.objects.get(tenant=tenant).number


@pytest.mark.django_db
def test_looking_whether_they_changed_costs_one_query(
    tenant: Tenant, django_assert_num_queries: Any
) -> None:
    published(tenant, "office", policy("office", DENY_OTHERS))
    compiled.of(tenant)
    with django_assert_num_queries(1):
        compiled.of(tenant)


@pytest.mark.django_db(transaction=True)
def test_other_threads_see_a_change_at_once(tenant: Tenant) -> None:
    row = published(tenant, "office", policy("office", DENY_OTHERS))
    compiled.of(tenant)
    seen: list[int] = []

    def look() -> None:
        seen.append(compiled.of(tenant).revision)
        connection.close()

    policies.enable(row, False, actor="ops")
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [PolicyRevision.objects.get(tenant=tenant).number]


@pytest.mark.django_db
def test_another_tenants_policies_are_not_asked(tenant: Tenant, other_tenant: Tenant) -> None:
    published(tenant, "office", policy("office", DENY_OTHERS))

    library = compiled.of(other_tenant).library
    assert library is not None
    assert library.policies == ()
