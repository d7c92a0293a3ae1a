"""What waits in the queue does not go out after a newer decision that holds it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from idp.models import IdentityProvider, OutboundConnector
from idp.revisions import touch
from provisioning import reconsidering, ticks
from provisioning.delivery import loading
from provisioning.models import HeldBack, Job, Operation, State
from provisioning.outbox import claiming
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Step, Store, names
from tests.flows.policies import DENY_OTHERS, has_claim, policy, rule

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = policy("r", DENY_OTHERS)
EVERYBODY = policy("r", rule("all", "Permit"))
LEADS = policy(
    "r", rule("lead", "Permit", has_claim("http://wso2.org/claims/title", "Lead")), DENY_OTHERS
)
LEAD, CLERK = {"title": "Lead"}, {"title": "Clerk"}


@pytest.fixture(autouse=True)
def _periodic_work_when_a_story_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker looks after it every ten seconds, whenever that is: planning somebody again
    while their job is under way is another story."""
    monkeypatch.setattr(ticks, "_next_look", float("inf"))


def states(operation: str = "create") -> list[str]:
    jobs = Job.objects.filter(operation=operation).order_by("position")
    return [str(job.state) for job in jobs]


@pytest.mark.usefixtures("asking")
def test_a_policy_that_is_published_stops_what_was_permitted_and_waits(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, follow: Step
) -> None:
    store.add_user("kim")
    publish(NOBODY)
    # Not even before a worker has followed the policy.
    deliver()

    assert not target.requests("POST", "/Users")
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.CANCELLED, "held_back")
    assert "denied by policy rules" in job.reason
    assert HeldBack.objects.count() == 1

    publish(EVERYBODY)
    follow()
    assert names(target) == ["kim"]
    assert not HeldBack.objects.exists()


@pytest.mark.usefixtures("asking")
def test_a_newer_change_that_is_denied_cancels_the_one_that_waits(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step
) -> None:
    publish(LEADS)
    kim = store.add_user("kim", document=LEAD)
    store.set_user(kim.entity_id, "kim", document=CLERK)

    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.CANCELLED, "held_back")
    assert job.reason.startswith("held back before it was sent: denied by policy rules")
    deliver()
    assert target.users == {}

    store.set_user(kim.entity_id, "kim", document={**LEAD, "displayName": "Kim"})
    deliver()
    assert [user["displayName"] for user in target.users.values()] == ["Kim"]


@pytest.mark.usefixtures("asking")
def test_an_update_that_waits_is_stopped_and_the_account_stays_as_it_is(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, follow: Step
) -> None:
    kim = store.add_user("kim", document=LEAD)
    deliver()
    store.set_user(kim.entity_id, "kim", document=CLERK)
    publish(NOBODY)
    deliver()
    assert [user["title"] for user in target.users.values()] == ["Lead"]
    assert states("update") == ["cancelled"]

    publish(EVERYBODY)
    follow()
    assert [user["title"] for user in target.users.values()] == ["Clerk"]


def test_rules_that_are_switched_on_at_the_row_count_for_what_waits(
    row: OutboundTarget, target: Scim2Target, store: Store, publish: Publish, deliver: Step
) -> None:
    publish(NOBODY)
    store.add_user("kim")
    row.enable_rules = True
    row.save()
    reconsidering.follow_rules([row.connector], "rules on or off", actor="ops")
    deliver()

    assert target.users == {}
    assert states() == ["cancelled"]


@pytest.mark.usefixtures("asking")
def test_a_create_that_may_have_been_sent_is_not_repeated_and_not_forgotten(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    kim = store.add_user("kim", document=LEAD)
    deliver()
    assert Job.objects.get().maybe_sent
    publish(LEADS)
    store.set_user(kim.entity_id, "kim", document=CLERK)
    later()
    deliver()

    job = Job.objects.get()
    assert (job.state, job.reason_code, job.maybe_sent) == (State.FAILED, "held_back", True)
    assert [user["title"] for user in target.users.values()] == ["Lead"]
    assert len(target.requests("POST", "/Users")) == 1

    store.delete_user(kim.entity_id)
    later()
    deliver()
    assert target.users == {}


@pytest.mark.parametrize("again", [[], [CLERK], [LEAD, CLERK], [CLERK, LEAD, CLERK, CLERK]])
@pytest.mark.usefixtures("asking")
def test_whose_create_may_have_been_sent_is_withdrawn_however_often_they_are_denied(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, later: Step,
    again: list[dict[str, str]],
) -> None:  # fmt: skip
    """The doubt is with the job that was stopped, and the removal must not be taken for one
    of somebody who was never sent."""
    OutboundConnector.objects.update(on_deny="withdraw")
    publish(LEADS)
    target.drop_next(method="POST", processed=True)
    kim = store.add_user("kim", document=LEAD)
    deliver()
    for number, document in enumerate([CLERK, *again]):
        store.set_user(kim.entity_id, "kim", document={**document, "nickName": str(number)})
    later()
    deliver()

    assert target.users == {}
    assert not Job.objects.filter(state=State.FAILED).exists()


@pytest.mark.usefixtures("asking")
def test_one_that_may_have_been_sent_meets_a_policy_that_is_published(
    target: Scim2Target,
    store: Store,
    publish: Publish,
    deliver: Step,
    later: Step,
    follow: Step,
) -> None:
    target.drop_next(method="POST", processed=True)
    store.add_user("kim", document=LEAD)
    deliver()
    publish(NOBODY)
    later()
    deliver()
    assert Job.objects.get().state == State.FAILED

    publish(EVERYBODY)
    follow()
    assert states() == ["superseded", "done"]
    assert names(target) == ["kim"]
    assert len(target.requests("POST", "/Users")) == 1


@pytest.mark.usefixtures("asking")
def test_one_that_was_under_way_is_not_tried_again_after_a_newer_deny(
    target: Scim2Target, connector: OutboundConnector, store: Store, publish: Publish,
    deliver: Step,
) -> None:  # fmt: skip
    publish(LEADS)
    kim = store.add_user("kim", document=LEAD)
    claimed = claiming.claim(connector, 10)
    store.set_user(kim.entity_id, "kim", document=CLERK)
    assert Job.objects.get().state == State.RUNNING
    claiming.hand_back(claimed.token, [job.pk for job in claimed.jobs])
    deliver()

    assert target.users == {}
    assert states() == ["cancelled"]


@pytest.mark.parametrize("withdraws", [False, True])
@pytest.mark.usefixtures("asking")
def test_removals_that_wait_go_whatever_is_published(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, follow: Step,
    withdraws: bool,
) -> None:  # fmt: skip
    if withdraws:
        OutboundConnector.objects.update(on_deny="withdraw")
    kim = store.add_user("kim")
    deliver()
    store.delete_user(kim.entity_id)
    publish(NOBODY)
    deliver()
    follow()

    assert target.users == {}
    assert states("delete") == ["done"]


@pytest.mark.usefixtures("asking")
def test_where_a_deny_withdraws_what_waits_for_a_new_person_is_over(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, follow: Step
) -> None:
    OutboundConnector.objects.update(on_deny="withdraw")
    store.add_user("kim")
    publish(NOBODY)
    deliver()
    follow()

    assert not target.requests("POST", "/Users")
    assert not Job.objects.filter(operation=Operation.WITHDRAW).exists()


def test_a_row_that_breaks_for_a_newer_state_holds_back_the_older_one_too(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    provider = IdentityProvider.objects.get()
    provider.claim_dialect = "custom"
    provider.save()
    title = "claims['http://wso2.org/claims/title'].substring(0, 4)"
    provider.claim_mappings.create(remote="title", expression=title)
    touch(provider)
    kim = store.add_user("kim", document={"title": "Leader"})
    store.set_user(kim.entity_id, "kim", document={"title": "Dr"})
    deliver()

    assert target.users == {}
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.CANCELLED, "held_back")
    assert "claim mapping row 1 (title)" in job.reason


@pytest.mark.usefixtures("asking")
def test_many_that_wait_are_planned_again_for_the_price_of_a_few(
    store: Store, connector: OutboundConnector, publish: Publish,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    def claimed(count: int) -> Any:
        for n in range(count):
            store.add_user(f"p-{count}-{n}", document=LEAD)
        publish(LEADS)
        fresh = OutboundConnector.objects.select_related("provider__tenant").get()
        return fresh, claiming.claim(connector, 100).jobs

    few, jobs = claimed(2)
    with django_assert_max_num_queries(60) as captured:
        assert len(loading.load(few, jobs)[0]) == 2
    many, jobs = claimed(30)
    with django_assert_max_num_queries(len(captured) + 30):
        assert len(loading.load(many, jobs)[0]) == 30
