from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from idp.models import Tenant
from provisioning.models import Job, LinkState, ProvisionedEntity, State
from tests.console import World, add_user, fail, sign_in

LIST = "admin:provisioning_job_changelist"


def found(console: Client, name: str = LIST, **query: Any) -> list[Any]:
    return list(console.get(reverse(name), query).context["cl"].result_list)


def press(console: Client, job: Job, name: str, **data: Any) -> Any:
    return console.post(reverse("admin:provisioning_job_press", args=[job.pk, name]), data)


def test_the_page_tells_the_whole_story(console: Client, world: World) -> None:
    page = console.get(reverse("admin:provisioning_job_change", args=[world.job.pk]))

    text = page.content.decode()
    assert "the target refused it" in text
    assert "POST http://127.0.0.1:9/Users" in text
    assert "&lt;no &amp; json&gt;" in text
    assert "kim title" in text


def test_lists_are_filtered(console: Client, tenant: Tenant, world: World) -> None:
    connector = str(world.connector.pk)

    assert found(console, state="failed") == [world.job]
    assert found(console, state="held") == []
    assert len(found(console, connector=connector)) == Job.objects.count()
    assert {job.entity_type for job in found(console, entity_type="group")} == {"group"}
    assert {job.operation for job in found(console, operation="delete")} == set()


def test_odd_filters_filter_nothing(console: Client, world: World, elsewhere: World) -> None:
    everything = found(console)

    assert found(console, state="nonsense") == everything
    assert found(console, connector="nonsense") == everything
    assert found(console, connector=str(elsewhere.connector.pk)) == everything


def test_search_finds_by_name_and_by_id(console: Client, tenant: Tenant, world: World) -> None:
    assert world.job in found(console, q="KIM")
    assert found(console, q=str(world.job.pk)) == [world.job]
    assert found(console, q="nobody") == []


def test_search_finds_recent_jobs_of_people_who_are_gone(
    console: Client, tenant: Tenant, world: World
) -> None:
    user = add_user(tenant, "gone")
    console.post(reverse("admin:idp_user_delete", args=[user.pk]))

    assert {job.entity_name for job in found(console, q="gone")} == {"gone"}


def test_provisioned_entities_are_found_by_what_they_are_called_there(
    console: Client, world: World
) -> None:
    name = "admin:provisioning_provisionedentity_changelist"

    assert found(console, name, q="kim") == [world.link]
    assert found(console, name, q="r-1") == [world.link]
    assert found(console, name, q="r-2") == []


def test_the_audit_trail_is_found_by_object(console: Client, world: World) -> None:
    name = "admin:provisioning_auditevent_changelist"

    assert world.event in found(console, name, subject_id=str(world.user.pk))
    assert found(console, name, subject_id="x") == []
    assert world.event in found(console, name, q="kim")


def test_retrying_a_failed_job(console: Client, world: World) -> None:
    press(console, world.job, "retry")

    world.job.refresh_from_db()
    assert world.job.state == State.PENDING


def test_retrying_many(console: Client, tenant: Tenant, world: World) -> None:
    other = fail(Job.objects.get(entity_id=add_user(tenant, "zoe").pk))
    chosen = {"action": "retry_selected", "_selected_action": [world.job.pk, other.pk]}

    console.post(reverse(LIST), chosen)

    assert not Job.objects.filter(state=State.FAILED).exists()


def test_jobs_of_another_tenant_are_not_retried(
    console: Client, world: World, elsewhere: World
) -> None:
    chosen = {"action": "retry_selected", "_selected_action": [elsewhere.job.pk]}

    console.post(reverse(LIST), chosen)

    elsewhere.job.refresh_from_db()
    assert elsewhere.job.state == State.FAILED


def test_viewers_retry_nothing(tenant: Tenant, world: World) -> None:
    viewer = sign_in(tenant, "vera", role="viewer")
    chosen = {"action": "retry_selected", "_selected_action": [world.job.pk]}

    viewer.post(reverse(LIST), chosen)
    press(viewer, world.job, "retry")

    world.job.refresh_from_db()
    assert world.job.state == State.FAILED
    assert (
        "Retry now"
        not in viewer.get(
            reverse("admin:provisioning_job_change", args=[world.job.pk])
        ).content.decode()
    )


def test_a_held_job_is_released_once_confirmed(console: Client, world: World) -> None:
    Job.objects.filter(pk=world.job.pk).update(state=State.HELD, finished=None)

    asked = press(console, world.job, "release")
    assert b"sent after all" in asked.content
    press(console, world.job, "release", confirmed="1")

    world.job.refresh_from_db()
    assert world.job.state == State.PENDING


def test_rejecting_a_held_delete_leaves_the_account(console: Client, world: World) -> None:
    Job.objects.filter(pk=world.job.pk).update(
        state=State.HELD, finished=None, operation="delete"
    )

    press(console, world.job, "reject", confirmed="1")

    world.job.refresh_from_db()
    assert world.job.state == State.CANCELLED
    assert ProvisionedEntity.objects.get(pk=world.link.pk).state == LinkState.LEFT


def test_a_long_list_costs_no_count(
    console: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(9) as queries:
        console.get(reverse(LIST))

    assert not [q for q in queries.captured_queries if "COUNT(" in q["sql"].upper()]
    assert not [q for q in queries.captured_queries if "sealed_payload" in q["sql"]]
