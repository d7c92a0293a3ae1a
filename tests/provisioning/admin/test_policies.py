"""Policies in the console: from a form to a decision."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import INTERNAL, Tenant, UserStore
from provisioning import policies
from provisioning.models import AuditEvent, Policy, PolicyRevision, Reconsideration, Whom
from serviceproviders.models import OutboundTarget
from tests.console import World, add_group, add_user, sign_in
from tests.flows.policies import DENY_OTHERS, XACML, policy, rule

LIST = "admin:provisioning_policy_changelist"
ADD = "admin:provisioning_policy_add"


def save(console: Client, document: str, pk: Any = None, **more: Any) -> Any:
    name = "admin:provisioning_policy_change" if pk else ADD
    url = reverse(name, args=[pk] if pk else [])
    return console.post(url, {"name": "office", "order": 1, "document": document, **more})


def page(console: Client, row: Policy, **query: Any) -> str:
    url = reverse("admin:provisioning_policy_change", args=[row.pk])
    return console.get(url, query).content.decode()


def press(console: Client, row: Policy, name: str) -> Any:
    url = reverse("admin:provisioning_policy_press", args=[row.pk, name])
    return console.post(url, {"confirmed": "1"})


@pytest.fixture
def asking(world: World) -> OutboundTarget:
    OutboundTarget.objects.update(enable_rules=True)
    return OutboundTarget.objects.get(service_provider=world.resident)


def test_a_policy_is_drafted_published_and_taken_back(
    console: Client, tenant: Tenant, asking: OutboundTarget
) -> None:
    assert save(console, policy("p", DENY_OTHERS)).status_code == 302
    row = Policy.objects.get(tenant=tenant, name="office")
    assert not row.decides
    assert "draft" in console.get(reverse(LIST)).content.decode()

    press(console, row, "publish")
    row.refresh_from_db()
    assert row.decides
    assert PolicyRevision.objects.get(tenant=tenant).number > 0

    press(console, row, "disable")
    row.refresh_from_db()
    assert not row.decides
    press(console, row, "enable")
    press(console, row, "unpublish")
    row.refresh_from_db()
    assert not row.decides
    actions = set(
        AuditEvent.objects.filter(subject_type="policy").values_list("action", flat=True)
    )
    assert {"policy.save", "policy.publish", "policy.disable", "policy.unpublish"} <= actions


def test_a_refused_document_is_told_with_its_line_and_not_kept(
    console: Client, world: World
) -> None:
    broken = policy("p", rule("r", "Perhaps"))

    answer = save(console, broken)

    assert answer.status_code == 200
    assert "line 3: Perhaps is neither Permit nor Deny" in answer.content.decode()
    assert not Policy.objects.filter(name="office").exists()


def test_another_text_is_another_version_and_the_published_one_decides_on(
    console: Client, asking: OutboundTarget
) -> None:
    save(console, policy("p", DENY_OTHERS))
    row = Policy.objects.get(name="office")
    press(console, row, "publish")
    save(console, policy("p", rule("all", "Permit")), row.pk)

    row.refresh_from_db()
    assert [version.number for version in row.versions.all()] == [2, 1]
    assert row.published is not None
    assert row.published.number == 1


def test_a_person_is_tried_with_the_newest_version(
    console: Client, tenant: Tenant, asking: OutboundTarget
) -> None:
    add_user(tenant, "zoe")
    save(console, policy("p", DENY_OTHERS))
    row = Policy.objects.get(name="office")

    assert "denied by policy office, rule deny_others" in page(console, row, person="ZOE")
    assert "There is no user nobody here." in page(console, row, person="nobody")


def test_what_would_change_is_counted_with_names(
    console: Client, tenant: Tenant, asking: OutboundTarget
) -> None:
    add_user(tenant, "zoe")
    save(console, policy("p", DENY_OTHERS))
    row = Policy.objects.get(name="office")

    told = press(console, row, "rehearse").content.decode()

    assert "What would office change?" in told
    assert "zoe" in told
    assert "people were asked about." in told


def test_a_form_writes_a_policy(
    console: Client, tenant: Tenant, asking: OutboundTarget, world: World
) -> None:
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    add_group(tenant, "Internal/sales")
    url = reverse("admin:provisioning_policy_template")
    data = {"template": "role", "name": "sales", "identity_provider": world.provider.pk}

    missing = console.post(url, data).content.decode()
    assert "This template needs it." in missing
    answer = console.post(url, {**data, "roles": "Internal/sales"})
    shown = console.get(answer["Location"]).content.decode()

    assert 'value="sales"' in shown
    assert "Internal/sales" in shown
    assert "string-at-least-one-member-of" in shown


def test_viewers_read_and_change_nothing(tenant: Tenant, asking: OutboundTarget) -> None:
    row = Policy.objects.create(tenant=tenant, name="office")
    viewer = sign_in(tenant, "viewer", role="viewer")

    assert viewer.get(reverse(LIST)).status_code == 200
    assert press(viewer, row, "disable").status_code == 403
    assert viewer.get(reverse(ADD)).status_code == 403
    assert viewer.post(reverse("admin:provisioning_policy_template"), {}).status_code == 403


def test_an_old_version_is_taken_as_the_newest_draft(
    console: Client, tenant: Tenant, asking: OutboundTarget
) -> None:
    save(console, policy("p", DENY_OTHERS))
    row = Policy.objects.get(name="office")
    press(console, row, "publish")
    save(console, policy("p", rule("all", "Permit")), row.pk)
    url = reverse("admin:provisioning_policy_restore", args=[row.pk, 1])
    viewer = sign_in(tenant, "viewer", role="viewer")

    assert viewer.post(url).status_code == 403
    assert console.get(url).status_code == 405
    assert console.post(url.replace("/1/", "/9/")).status_code == 404
    console.post(url)

    # The draft was never published, so it is the one that is written anew.
    told = [(version.number, version.note) for version in row.versions.all()]
    assert told == [(2, "version 1 again"), (1, "")]


def test_what_others_need_is_not_unpublished(
    console: Client, asking: OutboundTarget, world: World
) -> None:
    save(console, policy("p", DENY_OTHERS))
    row = Policy.objects.get(name="office")
    press(console, row, "publish")
    every = Policy(tenant=row.tenant, name="every")
    document = (
        f'<PolicySet xmlns="{XACML}" PolicySetId="every" Version="1.0" PolicyCombiningAlgId='
        '"urn:oasis:names:tc:xacml:3.0:policy-combining-algorithm:deny-overrides">'
        "<Target/><PolicyIdReference>p</PolicyIdReference></PolicySet>"
    )
    policies.publish(every, policies.save_draft(every, document, actor="o"), actor="o")

    press(console, row, "unpublish")

    row.refresh_from_db()
    assert row.published_id is not None


def test_switching_rules_on_or_off_has_people_looked_at(
    console: Client, tenant: Tenant, asking: OutboundTarget
) -> None:
    resident = asking.service_provider
    data = {"description": "", "user_store": "", "outbound-TOTAL_FORMS": "1"}
    data |= {"outbound-INITIAL_FORMS": "1", "outbound-0-id": str(asking.pk)}
    data |= {"outbound-0-connector": str(asking.connector_id)}
    data |= {"outbound-0-on_blocking_failure": "report"}

    page = reverse("admin:serviceproviders_serviceprovider_change", args=[resident.pk])
    answer = console.post(page, data)

    assert answer.status_code == 302
    asking.refresh_from_db()
    assert not asking.enable_rules
    assert Reconsideration.objects.get().whom == Whom.HELD_BACK
