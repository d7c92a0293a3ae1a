"""Dumb mode when something goes wrong: planned anew, lost answers, blocking, keys, undoing."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from idp.models import IdentityProvider, OutboundConnector
from idp.revisions import touch
from provisioning import housekeeping, operations, owed, passing, ticks
from provisioning.models import HeldBack, Job, PassingEntity, ProvisionedEntity, State, Tick
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish
from tests.flows.policies import DENY_OTHERS, policy, rule
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("onward")]
Step = Callable[[], None]
HEAD = {"op": "replace", "path": "title", "value": "Head"}


def map_title_to_nickname() -> None:
    provider = IdentityProvider.objects.get()
    provider.claim_dialect = "custom"
    provider.save()
    provider.claim_mappings.create(remote="title", local="http://wso2.org/claims/nickname")
    touch(provider)


def test_a_waiting_job_is_planned_anew_from_what_the_request_said(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    scim("POST", "/Users", {"userName": "kim", "title": "Lead", "nickName": "kimmy"})
    map_title_to_nickname()
    deliver()

    [there] = target.users.values()
    assert there["title"] == "kimmy"
    assert "nickName" not in there


def test_a_failed_job_is_retried_with_the_password_and_todays_mapping(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    target.fail_next(400, method="POST", path="/Users")
    person = {"userName": "kim", "nickName": "kimmy", "password": "a-new-secret-1"}
    scim("POST", "/Users", person)
    deliver()
    assert Job.objects.get().state == State.FAILED

    map_title_to_nickname()
    assert operations.retry(Job.objects.all(), actor="ops") == 1
    deliver()

    [there] = target.users.values()
    assert there["title"] == "kimmy"
    assert target.passwords == {there["id"]: "a-new-secret-1"}


def test_a_waiting_job_is_cancelled_when_todays_roles_do_not_want_it(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    scim("POST", "/Users", {"userName": "kim", "groups": [{"value": "sales"}]})
    scim("POST", "/Users", {"userName": "lee", "groups": [{"value": "support"}]})
    provider = IdentityProvider.objects.get()
    provider.provisioning_roles = ["sales"]
    provider.save()
    touch(provider)
    deliver()

    assert [user["userName"] for user in target.users.values()] == ["kim"]
    assert Job.objects.get(entity_name="lee").state == State.CANCELLED


def test_a_lost_answer_makes_no_second_account_and_no_orphan(
    scim: Scim, target: Scim2Target, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    kim = scim.make_user("kim")["id"]
    deliver()
    later()
    deliver()
    assert len(target.users) == 1

    target.drop_next(method="DELETE", processed=True)
    scim("DELETE", f"/Users/{kim}")
    deliver()
    assert PassingEntity.objects.exists()
    later()
    deliver()
    assert target.users == {}
    assert not PassingEntity.objects.exists()


def test_a_delete_for_a_disabled_connector_is_owed_and_remembered(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim = scim.make_user("kim")["id"]
    deliver()
    OutboundConnector.objects.update(enabled=False)
    gone = scim("DELETE", f"/Users/{kim}")
    assert gone.headers["Provisioning-Outcome"].startswith("partner/scim2=held")
    assert scim("GET", f"/Users/{kim}").status == 404
    assert PassingEntity.objects.exists()

    OutboundConnector.objects.update(enabled=True)
    assert owed.send(ProvisionedEntity.objects.all(), actor="ops") == 1
    deliver()
    assert target.users == {}
    assert not PassingEntity.objects.exists()


def test_a_blocking_target_answers_before_the_door_does(
    scim: Scim, onward: OutboundTarget, target: Scim2Target
) -> None:
    onward.blocking = True
    onward.save()
    made = scim("POST", "/Users", {"userName": "kim"})

    assert made.headers["Provisioning-Outcome"].startswith("partner/scim2=done")
    assert len(target.users) == 1


def test_a_refused_change_is_undone_whichever_it_was(
    scim: Scim, onward: OutboundTarget, target: Scim2Target, deliver: Step, later: Step
) -> None:
    said = [{"value": "other"}]
    person = {"userName": "kim", "title": "Lead", "groups": said}
    kim = scim("POST", "/Users", person).body["id"]
    sales = scim.make_group("sales", [kim])["id"]
    deliver()
    before = scim("GET", f"/Users/{kim}").body
    OutboundTarget.objects.update(blocking=True, on_blocking_failure="refuse")

    for method, path, body in (
        ("POST", "/Users", {"userName": "lee"}),
        ("PUT", f"/Users/{kim}", {"userName": "kim2", "groups": []}),
        ("DELETE", f"/Users/{kim}", None),
        ("DELETE", f"/Groups/{sales}", None),
    ):
        target.fail_next(400)
        assert scim(method, path, body).status == 502, path
    later()
    deliver()

    after = scim("GET", f"/Users/{kim}").body
    assert {**after, "meta": None} == {**before, "meta": None}
    assert scim.found('userName eq "lee"') == []
    assert [(u["userName"], u["title"]) for u in target.users.values()] == [("kim", "Lead")]
    assert target.member_names("sales") == ["kim"]


def test_what_is_kept_is_sealed_again_with_a_new_key(
    scim: Scim, settings: Settings, deliver: Step
) -> None:
    kim = scim("POST", "/Users", {"userName": "kim", "title": "Lead"}).body["id"]
    deliver()
    old = list(settings.PURVEYOR_SECRET_KEYS)
    new = base64.urlsafe_b64encode(os.urandom(32)).decode()
    settings.PURVEYOR_SECRET_KEYS = [new, *old]
    call_command("rotate_secrets")
    settings.PURVEYOR_SECRET_KEYS = [new]

    assert scim("GET", f"/Users/{kim}").body["title"] == "Lead"


def test_a_state_that_no_key_opens_fails_the_job_and_not_the_worker(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    scim.make_user("kim")
    scim.make_user("lee")
    PassingEntity.objects.filter(name="kim").update(sealed_state=b"damaged")
    map_title_to_nickname()
    deliver()

    assert [user["userName"] for user in target.users.values()] == ["lee"]
    assert Job.objects.get(entity_name="kim").reason_code == "sealed"


def test_a_state_that_no_key_opens_does_not_keep_others_from_being_planned_again(
    scim: Scim, target: Scim2Target, onward: OutboundTarget, publish: Publish, follow: Step
) -> None:
    onward.enable_rules = True
    onward.save()
    publish(policy("r", DENY_OTHERS))
    scim.make_user("kim")
    scim.make_user("lee")
    PassingEntity.objects.filter(name="kim").update(sealed_state=b"damaged")
    publish(policy("r", rule("all", "Permit")))
    follow()

    assert [user["userName"] for user in target.users.values()] == ["lee"]
    kim = PassingEntity.objects.get(name="kim")
    assert [row.entity_id for row in HeldBack.objects.all()] == [kim.pk]


def test_a_rejected_removal_is_forgotten_in_time_and_a_living_person_never(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim, lee = scim.make_user("kim")["id"], scim.make_user("lee")["id"]
    deliver()
    Job.objects.update(finished=timezone.now())
    scim("DELETE", f"/Users/{kim}")
    Job.objects.filter(operation="delete").update(state=State.HELD)
    assert operations.reject(Job.objects.filter(state=State.HELD), actor="ops") == 1
    assert PassingEntity.objects.count() == 2
    call_command("prune", days=1)
    [task] = [task for task in housekeeping.TASKS if task.do is passing.forget_rest]
    Tick.objects.update(due=timezone.now())  # a worker may have run it a moment ago
    assert ticks.run(task)

    assert [str(row.pk) for row in PassingEntity.objects.all()] == [lee]
    assert len(target.users) == 2
    assert scim("GET", f"/Users/{lee}").status == 200
