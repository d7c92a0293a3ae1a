"""An account that was left disabled comes back to its owner, as its owner is today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from idp.models import INTERNAL, IdentityProvider, UserStore
from provisioning.models import Job, LinkState, ProvisionedEntity, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.policies import DENY_OTHERS, policy, rule
from tests.provisioning.policies.publishing import publish

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def staff(row: OutboundTarget, store: Store) -> Any:
    """The id of the role that decides; who loses it is disabled at the target."""
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    role = store.add_group("Internal/staff").entity_id
    row.provider.provisioning_roles = ["Internal/staff"]
    row.provider.save()
    row.connector.delete_action = "disable"
    row.connector.save()
    return role


def test_only_active_changes_when_an_account_is_disabled(
    staff: Any, target: Scim2Target, store: Store, deliver: Step
) -> None:
    document = {"title": "Lead", "name": {"givenName": "Kim"}}
    kim = store.add_user("kim", document=document, external_id="E-1", join=["Internal/staff"])
    deliver()
    [before] = [dict(user) for user in target.users.values()]
    # The person is another by now, and loses the role before that is sent.
    store.set_user(kim.entity_id, "kim.lee", document={"title": "Boss"}, external_id="E-2")
    store.set_group(staff, remove=[kim.entity_id])
    deliver()

    [after] = target.users.values()
    assert {**after, "active": True, "meta": None} == {**before, "meta": None}
    assert after["active"] is False


def test_whoever_has_the_role_again_gets_the_account_back_as_they_are_today(
    staff: Any, target: Scim2Target, store: Store, deliver: Step
) -> None:
    document = {"title": "Lead", "nickName": "Kimmy", "name": {"givenName": "Kim"}}
    kim = store.add_user("kim", document=document, external_id="E-1", join=["Internal/staff"])
    deliver()
    store.set_group(staff, remove=[kim.entity_id])
    deliver()
    store.set_user(kim.entity_id, "kim.lee", document={"title": "Boss"}, external_id="E-2")
    deliver()
    # Meanwhile somebody has tidied up over there.
    [account] = target.users.values()
    account["displayName"] = "left the company"
    store.set_group(staff, add=[kim.entity_id])
    deliver()

    [back] = target.users.values()
    assert back["active"] is True
    assert (back["userName"], back["externalId"], back["title"]) == ("kim.lee", "E-2", "Boss")
    assert "nickName" not in back
    assert ProvisionedEntity.objects.get(entity_type="user").state == LinkState.LINKED


def test_what_was_changed_over_there_meanwhile_is_put_right(
    staff: Any, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", document={"title": "Lead"}, join=["Internal/staff"])
    deliver()
    store.set_group(staff, remove=[kim.entity_id])
    deliver()
    [account] = target.users.values()
    account["title"] = "left the company"
    store.set_group(staff, add=[kim.entity_id])
    deliver()

    [back] = target.users.values()
    assert (back["active"], back["title"]) == (True, "Lead")


def test_somebody_deleted_and_made_again_under_the_same_external_id(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    row.connector.delete_action = "disable"
    row.connector.save()
    document = {"title": "Lead", "nickName": "Kimmy"}
    kim = store.add_user("kim", document=document, external_id="E-1")
    deliver()
    store.delete_user(kim.entity_id)
    deliver()
    again = store.add_user("kim", document={"title": "Boss"}, external_id="E-1")
    deliver()

    [back] = target.users.values()
    assert (back["active"], back["title"]) == (True, "Boss")
    assert "nickName" not in back
    link = ProvisionedEntity.objects.get()
    assert (link.entity_id, link.state) == (again.entity_id, LinkState.LINKED)


def test_an_account_that_others_disabled_while_it_was_kept_is_for_an_operator_to_see(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    row.connector.delete_action = "keep"
    row.connector.save()
    kim = store.add_user("kim", external_id="E-1")
    deliver()
    store.delete_user(kim.entity_id)
    deliver()
    [account] = target.users.values()
    account["active"] = False
    store.add_user("kim", external_id="E-1")
    deliver()

    held = Job.objects.get(state=State.HELD)
    assert held.reason_code == "disabled_there"


def test_what_counts_at_creation_only_stays_as_it_was_made_over_there(
    staff: Any, target: Scim2Target, store: Store, deliver: Step
) -> None:
    provider = IdentityProvider.objects.get()
    provider.claim_dialect = "custom"
    provider.save()
    title = "http://wso2.org/claims/title"
    provider.claim_mappings.create(remote="title", local=title)
    provider.claim_mappings.create(
        remote="nickName", constant="newcomer", create_only=True, order=1
    )
    provider.claim_mappings.create(
        remote="emails.work", constant="first@acme.example", create_only=True, order=2
    )
    kim = store.add_user("kim", document={"title": "Lead"}, join=["Internal/staff"])
    deliver()
    [account] = target.users.values()
    account["nickName"] = "Kimmy"
    store.set_group(staff, remove=[kim.entity_id])
    deliver()
    store.set_user(kim.entity_id, "kim", document={"title": "Boss"})
    store.set_group(staff, add=[kim.entity_id])
    deliver()

    [back] = target.users.values()
    assert (back["active"], back["title"], back["nickName"]) == (True, "Boss", "Kimmy")
    assert [one["value"] for one in back["emails"]] == ["first@acme.example"]


def test_a_group_that_was_kept_is_as_it_is_today(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    row.connector.delete_action = "keep"
    row.connector.save()
    kim = store.add_user("kim").entity_id
    lee = store.add_user("lee").entity_id
    group = store.add_group("sales", add=[kim])
    deliver()
    row.enable_rules = True
    row.save()
    publish(row.service_provider.tenant, policy("r", DENY_OTHERS))
    store.set_group(group.entity_id, remove=[kim])
    store.set_group(group.entity_id, add=[lee])
    deliver()
    assert members(target) == ["kim"]

    publish(row.service_provider.tenant, policy("r", rule("all", "Permit")))
    store.set_group(group.entity_id, external_id="G-1")
    deliver()

    assert members(target) == ["lee"]


def members(target: Scim2Target) -> list[str]:
    [group] = target.groups.values()
    people = {key: user["userName"] for key, user in target.users.items()}
    return sorted(people[one["value"]] for one in group.get("members", ()))
