"""A delivery is linked to every change that it carries, and recording asks the database
nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from opentelemetry.sdk.trace import ReadableSpan

from connectors import spans
from idp.models import OutboundConnector, Tally
from provisioning import causes, ticks
from provisioning.models import Job, State
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, connector, deliver, later, row, store, target
from tests.recording import recorded

__all__ = ["connector", "deliver", "later", "row", "store", "target"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]

Step = Callable[[], None]
VALUE = re.compile(r"X'[0-9A-Fa-f]*'|'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
LIST = re.compile(r"\((?:\?,\s*)+\?\)")


def ids(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.span_id


def linked(span: ReadableSpan) -> list[int]:
    return [link.context.span_id for link in span.links]


def parent(span: ReadableSpan) -> int:
    assert span.parent is not None
    return span.parent.span_id


def test_a_change_that_is_superseded_goes_on_in_the_newer_one(
    store: Store, deliver: Step
) -> None:
    with recorded() as recording:
        kim = store.add_user("kim")
        store.set_user(kim.entity_id, "kim", document={"title": "Boss"})
        deliver()

        first, second = recording.named("intake.accept")
        (delivered,) = recording.named("deliver partner/scim2")
        assert linked(delivered) == [ids(second), ids(first)]
        assert parent(delivered) == ids(second)


def test_a_group_carries_the_changes_it_absorbs_up_to_a_number(
    store: Store, deliver: Step
) -> None:
    group = store.add_group("sales")
    deliver()
    people = [store.add_user(f"p{number}").entity_id for number in range(causes.MOST + 2)]
    deliver()
    with recorded() as recording:
        for person in people:
            store.set_group(group.entity_id, add=[person])
        deliver()

        changes = [ids(span) for span in recording.named("intake.accept")]
        (delivered,) = recording.named("deliver partner/scim2")
        assert linked(delivered) == changes[::-1][: causes.MOST]


def test_planned_again_or_tried_again_it_stays_what_it_came_of(
    store: Store, connector: OutboundConnector, target: Scim2Target, deliver: Step, later: Step
) -> None:
    with recorded() as recording:
        target.fail_next(503)
        store.add_user("kim")
        deliver()
        OutboundConnector.objects.update(revision=connector.revision + 1)
        later()
        deliver()

        (accepted,) = recording.named("intake.accept")
        tried, delivered = recording.named("deliver partner/scim2")
        assert linked(tried) == linked(delivered) == [ids(accepted)]


def test_a_job_that_is_refused_fails_its_span_and_one_that_is_held_does_not(
    store: Store, connector: OutboundConnector, target: Scim2Target, deliver: Step
) -> None:
    target.add_user("lee")
    OutboundConnector.objects.update(on_conflict="hold", revision=connector.revision + 1)
    target.fail_next(400, method="POST")
    with recorded() as recording:
        store.add_user("kim")
        deliver()
        store.add_user("lee")
        deliver()

        refused, held = recording.named("deliver partner/scim2")
        told = [dict(span.attributes or {}) for span in (refused, held)]
        assert [one["purveyor.outcome"] for one in told] == ["job_wrong", "held"]
        assert [span.status.status_code.name for span in (refused, held)] == ["ERROR", "UNSET"]
        assert "error.type" not in told[1]


def test_without_anybody_who_records_a_job_carries_nothing(store: Store) -> None:
    store.add_user("kim")

    assert causes.of(Job.objects.get().payload) == ()


def test_what_was_carried_is_kept_where_nobody_records_any_more(store: Store) -> None:
    with recorded(), spans.span("here"):
        kim = store.add_user("kim")
    store.set_user(kim.entity_id, "kim", document={"title": "Boss"})
    newest = Job.objects.filter(state=State.PENDING).get()

    assert causes.of(newest.payload) == ()
    assert len(causes.of(Job.objects.exclude(pk=newest.pk).get().payload)) == 1


def test_recording_asks_the_database_nothing_more(
    store: Store, deliver: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker looks after periodic work every ten seconds, whenever that is.
    monkeypatch.setattr(ticks, "_next_look", float("inf"))
    # People are counted in a slot by chance, and who comes to one first makes it.
    Tally.objects.bulk_create(
        Tally(tenant=store.service_provider.tenant, kind="users", slot=slot)
        for slot in range(Tally.SLOTS)
    )

    def asked(name: str) -> tuple[int, set[str]]:
        """How often accepting asked, and what delivering asked: how often a worker looks
        depends on how busy the machine is."""
        with CaptureQueriesContext(connection) as accepting:
            kim = store.add_user(name)
            store.set_user(kim.entity_id, name, document={"title": "Boss"})
        with CaptureQueriesContext(connection) as delivering:
            deliver()
        kinds = {VALUE.sub("?", one["sql"]) for one in delivering}
        return len(accepting), {LIST.sub("(?)", kind) for kind in kinds}

    asked("warm")
    before, kinds = asked("kim")
    with recorded():
        count, more = asked("lee")
    after, others = asked("mia")
    assert before == count == after
    assert more <= kinds | others
