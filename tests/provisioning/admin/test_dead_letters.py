"""Pages of dead letters, of conflicts, and of one job's edits and links."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import Tenant
from provisioning import alarms, replays
from provisioning.admin import dead_letters
from provisioning.models import AuditEvent, Job, Replay, ReplayAction, State
from tests.console import World, add_user, fail, sign_in

PAGE = "admin:dead_letters"
TOO_LONG = "scim2.put-user.rejected.400.1d6cca19"


@pytest.fixture
def letter(world: World) -> Job:
    Job.objects.filter(pk=world.job.pk).update(signature=TOO_LONG, reason_code="rejected")
    world.job.refresh_from_db()
    return world.job


def act(console: Client, job: Job, action: str, **more: str) -> Any:
    asked = {"connector": job.connector_id, "signature": job.signature, "action": action}
    return console.post(reverse("admin:dead_letters_act"), {**asked, **more})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_shows_cause_number_and_advice(console: Client, letter: Job) -> None:
    page = text(console.get(reverse(PAGE)))

    assert "the target refused it" in page
    assert "1 job failed" in page
    assert "Mend the attribute it names" in page
    assert TOO_LONG in page


def test_a_notification_leads_to_its_group_however_many_there_are(
    console: Client, letter: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "SHOWN", 0)
    assert TOO_LONG not in text(console.get(reverse(PAGE)))
    monkeypatch.setattr(dead_letters, "SHOWN", 1)

    page = text(console.get(alarms.letters_page(letter.connector, TOO_LONG)))
    assert TOO_LONG in page
    assert "All dead letters" in page

    other = text(console.get(alarms.letters_page(letter.connector, "scim2.put-user.x")))
    assert "in this way" in other
    assert TOO_LONG not in other


def test_a_group_is_retried_once_confirmed(console: Client, letter: Job) -> None:
    asked = act(console, letter, "retry")
    assert "planned anew" in text(asked)
    letter.refresh_from_db()
    assert letter.state == State.FAILED

    act(console, letter, "retry", confirmed="1")
    letter.refresh_from_db()
    assert (letter.state, letter.signature) == (State.PENDING, "")
    assert "1 queued again" in text(console.get(reverse(PAGE)))


def test_a_group_is_skipped_with_a_reason(console: Client, letter: Job) -> None:
    act(console, letter, "skip", confirmed="1", reason="closed")

    letter.refresh_from_db()
    assert (letter.state, letter.reason) == (State.CANCELLED, "skipped by ops: closed")
    assert AuditEvent.objects.get(action="letters.skip").detail["reason"] == "closed"


def test_what_is_under_way_is_shown_and_the_page_loads_itself_again(
    console: Client, tenant: Tenant, letter: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fail(Job.objects.get(entity_id=add_user(tenant, "zoe").pk))
    Job.objects.filter(pk=other.pk).update(signature=TOO_LONG, connector=letter.connector)
    monkeypatch.setattr(replays, "BATCH", 1)
    monkeypatch.setattr(replays, "TURN", 0.0)

    told = act(console, letter, "retry", confirmed="1")
    page = console.get(told.url)
    assert page["Refresh"] == "3"
    assert "1 of 2" in text(page)

    while replays.work():
        pass
    assert "Refresh" not in console.get(told.url)


def test_a_group_that_is_gone_is_no_error(console: Client, letter: Job) -> None:
    Job.objects.filter(pk=letter.pk).update(state=State.CANCELLED)

    for more in ({}, {"confirmed": "1"}):
        told = act(console, letter, "retry", **more)
        assert told.status_code == 302
    assert not Replay.objects.exists()


def test_nothing_of_another_tenant(
    console: Client, world: World, elsewhere: World, other_tenant: Tenant
) -> None:
    Job.objects.filter(pk=elsewhere.job.pk).update(signature=TOO_LONG)
    elsewhere.job.refresh_from_db()

    assert elsewhere.job.entity_name not in text(console.get(reverse(PAGE)))
    assert act(console, elsewhere.job, "retry", confirmed="1").status_code == 404
    for name in ("edit_job", "link_job"):
        page = reverse(f"admin:{name}", args=[elsewhere.job.pk])
        assert console.get(page).status_code == 404
    assert act(console, world.job, "explode", confirmed="1").status_code == 404


def test_viewers_look_and_operators_do_not_edit(tenant: Tenant, letter: Job) -> None:
    viewer = sign_in(tenant, "vera", role="viewer")
    operator = sign_in(tenant, "olaf", role="operator")
    edit = reverse("admin:edit_job", args=[letter.pk])
    link = reverse("admin:link_job", args=[letter.pk])

    assert "Retry" not in text(viewer.get(reverse(PAGE)))
    assert act(viewer, letter, "retry", confirmed="1").status_code == 403
    assert [viewer.get(edit).status_code, viewer.get(link).status_code] == [403, 403]
    assert [operator.get(edit).status_code, operator.get(link).status_code] == [403, 200]
    shown = text(operator.get(reverse("admin:provisioning_job_change", args=[letter.pk])))
    assert "Edit and retry" not in shown
    assert "Link by hand" in shown


def test_a_value_is_edited_shown_and_confirmed(console: Client, letter: Job) -> None:
    page = reverse("admin:edit_job", args=[letter.pk])
    asked = {"title": "Chief", "new-0-path": "nickName", "new-0-value": "K"}

    assert 'value="kim title"' in text(console.get(page))
    shown = text(console.post(page, asked))
    assert "Chief" in shown
    assert "nickName" in shown
    letter.refresh_from_db()
    assert letter.state == State.FAILED
    told = console.post(page, {**asked, "confirmed": "1"})

    letter.refresh_from_db()
    assert (letter.state, letter.edited) == (State.PENDING, True)
    assert "Edited for this one delivery" in text(console.get(told.url))


def test_what_cannot_be_edited_says_why(console: Client, letter: Job) -> None:
    Job.objects.filter(pk=letter.pk).update(state=State.DONE)
    page = reverse("admin:edit_job", args=[letter.pk])

    told = text(console.get(page, follow=True))

    assert "It has not failed" in told


def test_conflicts_have_a_list_of_their_own(
    console: Client, tenant: Tenant, world: World
) -> None:
    guarded = Job.objects.get(entity_id=add_user(tenant, "zoe").pk)
    Job.objects.filter(pk=guarded.pk).update(state=State.HELD, reason_code="guard")
    Job.objects.filter(pk=world.job.pk).update(
        state=State.HELD, reason_code="conflict", found_id="r-77", found_name="Kim"
    )
    page = reverse("admin:provisioning_conflict_changelist")

    shown = text(console.get(page))
    assert "r-77" in shown
    assert "Adopt it" in shown
    assert "zoe" not in shown
    held = reverse("admin:provisioning_job_changelist")
    listed = console.get(held, {"state": "held", "cause": "guard"}).context["cl"].result_list
    assert list(listed) == [guarded]


@pytest.mark.parametrize(
    ("code", "action", "state"),
    [
        ("conflict", "adopt_selected", State.PENDING),
        ("protected_name", "adopt_selected", State.HELD),
        ("protected_name", "again_selected", State.PENDING),
        ("conflict", "reject_selected", State.CANCELLED),
    ],
)
def test_conflicts_are_decided_in_the_list(
    console: Client, world: World, code: str, action: str, state: State
) -> None:
    Job.objects.filter(pk=world.job.pk).update(state=State.HELD, reason_code=code)
    chosen = {"action": action, "_selected_action": [world.job.pk]}

    console.post(reverse("admin:provisioning_conflict_changelist"), chosen)

    world.job.refresh_from_db()
    assert world.job.state == state


def test_the_page_of_letters_costs_the_same_for_any_number(
    console: Client, tenant: Tenant, world: World, django_assert_max_num_queries: Any
) -> None:
    for name in ("zoe", "max", "ola"):
        add_user(tenant, name)
    for number, job in enumerate(Job.objects.all()):
        Job.objects.filter(pk=job.pk).update(state=State.FAILED, signature=f"s-{number}")

    with django_assert_max_num_queries(9) as queries:
        console.get(reverse(PAGE))

    assert not [q for q in queries.captured_queries if "sealed_payload" in q["sql"]]


def test_a_replay_belongs_to_its_tenant(console: Client, elsewhere: World) -> None:
    Job.objects.filter(pk=elsewhere.job.pk).update(signature=TOO_LONG)
    replays.begin(elsewhere.connector, TOO_LONG, ReplayAction.RETRY, actor="ann")

    assert TOO_LONG not in text(console.get(reverse(PAGE)))
