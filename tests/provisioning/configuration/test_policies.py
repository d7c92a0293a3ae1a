"""Policies in configuration files: in, out again, and refused with the line."""

from __future__ import annotations

from typing import Any

import pytest

from idp.models import Tenant
from provisioning.configuration import ConfigurationError, apply
from provisioning.configuration.export import export
from provisioning.models import Policy, PolicyRevision
from tests.flows.policies import DENY_OTHERS, XACML, policy, rule

pytestmark = pytest.mark.django_db


def bring(*policies: dict[str, Any]) -> list[str]:
    tree = {"version": 1, "tenants": [{"domain": "carbon.super", "policies": list(policies)}]}
    report = apply(tree, actor="ops")
    return [f"{line.result} {line.name}" for line in report.lines if line.kind == "policy"]


def test_a_policy_is_brought_published_and_the_second_time_unchanged(tenant: Tenant) -> None:
    office = {
        "name": "office",
        "published": True,
        "order": 3,
        "document": policy("p", DENY_OTHERS),
    }

    assert bring(office) == ["created office"]
    assert bring(office) == ["unchanged office"]

    row = Policy.objects.get()
    assert row.decides
    assert row.order == 3
    [told] = export(tenant)["tenants"][0]["policies"]
    assert told == {**office, "description": "", "enabled": True}


def test_another_document_is_another_version_and_decides_once_published(
    tenant: Tenant,
) -> None:
    first, second = policy("p", DENY_OTHERS), policy("p", rule("all", "Permit"))
    bring({"name": "office", "published": True, "document": first})
    before = PolicyRevision.objects.get(tenant=tenant).number

    bring({"name": "office", "document": second})
    row = Policy.objects.get()
    assert row.published is not None
    assert row.published.document == first

    bring({"name": "office", "published": True})
    row.refresh_from_db()
    assert row.published is not None
    assert row.published.document == second
    assert [version.number for version in row.versions.all()] == [2, 1]
    assert PolicyRevision.objects.get(tenant=tenant).number > before


def test_a_policy_may_stop_to_decide(tenant: Tenant) -> None:
    bring({"name": "office", "published": True, "document": policy("p", DENY_OTHERS)})

    assert bring({"name": "office", "published": False}) == ["changed office"]
    assert not Policy.objects.get().decides


def test_what_is_no_policy_is_refused_with_its_line_and_nothing_is_kept(
    tenant: Tenant,
) -> None:
    broken = f'<Policy xmlns="{XACML}"\n PolicyId="p" Version="1.0"\n RuleCombiningAlgId="no"/>'

    with pytest.raises(ConfigurationError, match=r"policies\[0\]\.document: line 3") as raised:
        bring({"name": "office", "document": broken})

    assert "tenants[0]" in str(raised.value)
    assert not Policy.objects.exists()


def test_a_new_policy_needs_a_document(tenant: Tenant) -> None:
    with pytest.raises(ConfigurationError, match=r"policies\[0\]\.document: a new policy"):
        bring({"name": "office"})
