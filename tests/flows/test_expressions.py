"""What an expression cannot answer holds a person back; nothing is sent by halves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import IdentityProvider
from idp.revisions import touch
from provisioning import operations
from provisioning.changes import Result
from provisioning.explain import explain
from provisioning.models import AuditEvent, Job, ProvisionedEntity, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
SHORT = "size(username) > 4 ? username.substring(0, 4) : username"
WRONG = "username.substring(0, 4)"


def use(expression: str) -> None:
    """Rows of the identity provider, the second of them with this expression."""
    provider = IdentityProvider.objects.get()
    provider.claim_dialect = "custom"
    provider.save()
    provider.claim_mappings.all().delete()
    provider.claim_mappings.create(remote="title", local="http://wso2.org/claims/title")
    provider.claim_mappings.create(remote="nickName", order=1, expression=expression)
    touch(provider)


def there(target: Scim2Target) -> dict[str, tuple[str, str]]:
    return {u["userName"]: (u["title"], u["nickName"]) for u in target.users.values()}


def test_one_person_is_held_back_and_the_others_go(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    use(WRONG)
    robin = store.add_user("robin", document={"title": "Boss"})
    kim = store.add_user("kim", document={"title": "Lead"})
    deliver()

    assert there(target) == {"robin": ("Boss", "robi")}
    assert [outcome.result for outcome in robin.outcomes] == [Result.QUEUED]
    [held_back] = kim.outcomes
    assert held_back.result is Result.SKIPPED
    assert held_back.reason.startswith("claim mapping row 2 (nickName): ")
    event = AuditEvent.objects.get(action="user.create", subject_id=str(kim.entity_id))
    assert "claim mapping row 2 (nickName)" in str(event.detail)
    assert kim.entity is not None
    [told] = explain(kim.entity, store.service_provider)["targets"]  # type: ignore[arg-type]
    assert (told["verdict"], told["gates"][-1]["gate"]) == ("skip", "mapping")
    assert told["payload"] == {}

    use(SHORT)
    store.set_user(kim.entity_id, "kim", document={"title": "Lead of leads"})
    deliver()
    assert there(target) == {"robin": ("Boss", "robi"), "kim": ("Lead of leads", "kim")}


def test_a_waiting_job_fails_and_is_sent_once_the_row_is_put_right(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    use(SHORT)
    kim = store.add_user("kim", document={"title": "before"})
    deliver()
    store.set_user(kim.entity_id, "kim", document={"title": "after"})
    use(WRONG)
    deliver()

    job = Job.objects.get(state=State.FAILED)
    assert (job.reason_code, there(target)) == ("mapping", {"kim": ("before", "kim")})
    assert job.reason.startswith("claim mapping row 2 (nickName): ")

    use(SHORT)
    assert operations.retry(Job.objects.all(), actor="ops") == 1
    deliver()
    assert there(target) == {"kim": ("after", "kim")}


@pytest.mark.parametrize("action", ["delete", "disable"])
def test_who_is_no_longer_entitled_goes_whatever_the_mapping(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, action: str
) -> None:
    use(SHORT)
    sales = store.add_group("sales")
    kim = store.add_user("kim", document={"title": "Lead"}, join=["sales"])
    deliver()
    IdentityProvider.objects.update(provisioning_roles=["sales"])
    row.connector.delete_action = action
    row.connector.save()
    use(WRONG)
    store.set_group(sales.entity_id, remove=[kim.entity_id])
    deliver()

    left = [(user["title"], user["active"]) for user in target.users.values()]
    assert left == ([] if action == "delete" else [("Lead", False)])


def test_a_person_who_is_deleted_goes_whatever_the_mapping(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    use(SHORT)
    kim = store.add_user("kim", document={"title": "Lead"})
    deliver()
    use(WRONG)
    store.delete_user(kim.entity_id)
    deliver()

    assert target.users == {}
    assert not ProvisionedEntity.objects.exists()
