"""Operators are told once for each cause, where they look and by e-mail, until it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from idp import authenticators
from idp.models import Authenticator, IdentityProvider, OutboundConnector, Tenant
from provisioning import courier, housekeeping, operations, watching
from provisioning.models import (
    Cause,
    Job,
    Message,
    Notification,
    NotificationPreference,
    Passage,
    State,
    Tick,
)
from tests.factories import make_operator
from tests.fakes.certificates import issue
from tests.fakes.mail import Mailbox
from tests.fakes.saml.keys import pair
from tests.fakes.saml.metadata import metadata
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


@pytest.fixture
def kim(tenant: Tenant) -> NotificationPreference:
    """An operator who wants to know of everything, also when it is over."""
    operator = make_operator(tenant, "kim", email="kim@acme.example")
    severities = ["info", "warning", "critical"]
    return NotificationPreference.objects.create(
        operator=operator, severities=severities, resolved=True
    )


def open_ones() -> list[Notification]:
    return list(Notification.objects.filter(resolved=None).order_by("id"))


def subjects(mailbox: Mailbox) -> list[str]:
    return [mail["Subject"] for mail in mailbox.mails]


@pytest.mark.usefixtures("kim")
def test_a_quarantine_is_told_once_and_closed_when_it_heals(
    connector: OutboundConnector,
    target: Scim2Target,
    store: Store,
    deliver: Step,
    later: Step,
    mailbox: Mailbox,
) -> None:
    target.fail_next(401, times=99)
    for number in range(20):
        store.add_user(f"person-{number}")
    for _ in range(3):
        deliver()
        later()

    [told] = open_ones()
    assert (told.cause, told.severity) == (Cause.QUARANTINE, "critical")
    assert told.title == "partner/scim2 is quarantined"
    assert "401" in told.text
    assert told.data["exchange"]["status"] == 401
    assert str(connector.pk) in told.link
    assert subjects(mailbox) == ["[Purveyor] partner/scim2 is quarantined"]
    assert "http://127.0.0.1:8000/admin/" in mailbox.mails[0].get_content()

    target.behave()
    deliver()
    assert open_ones() == []
    assert subjects(mailbox)[1:] == ["[Purveyor] Resolved: partner/scim2 is quarantined"]

    target.fail_next(401)
    store.add_user("lee")
    deliver()
    assert len(mailbox.mails) == 3, "it came back, so it is told again"


@pytest.mark.usefixtures("kim")
def test_the_guard_is_told_with_who_caused_it(
    store: Store, deliver: Step, mailbox: Mailbox
) -> None:
    OutboundConnector.objects.update(guard_max_count=2)
    ids = [store.add_user(f"person-{n}").entity_id for n in range(9)]
    deliver()
    for one in ids:
        store.delete_user(one)
        deliver()

    [told] = open_ones()
    assert told.cause == Cause.GUARD
    assert "Caused by ops (console)." in told.text
    assert "limit of 2" in told.text
    assert "cause=guard" in told.link
    housekeeping.watch()
    assert open_ones()[0].count == 7
    assert len(mailbox.mails) == 1

    operations.reject(Job.objects.filter(state=State.HELD), actor="ops")
    housekeeping.watch()
    assert open_ones() == []


def test_each_way_to_fail_is_counted_and_over_by_itself(
    connector: OutboundConnector, target: Scim2Target, store: Store, deliver: Step
) -> None:
    """Both ways have one reason code."""
    target.fail_next(400, document={"detail": "title is too long"})
    kim = store.add_user("kim").entity_id
    deliver()
    target.fail_next(400, times=3, document={"detail": "no such department"})
    for name in ("lee", "mia", "noa"):
        store.add_user(name)
        deliver()
    housekeeping.watch()

    long, unknown = open_ones()
    assert (long.count, unknown.count) == (1, 3)
    assert unknown.link.endswith(f"signature={unknown.data['signature']}")

    operations.retry(Job.objects.filter(entity_id=kim), actor="ops")
    deliver()
    housekeeping.watch()
    assert open_ones() == [unknown]


@pytest.mark.usefixtures("kim")
def test_jobs_that_fail_alike_are_told_once(
    target: Scim2Target, store: Store, deliver: Step, mailbox: Mailbox
) -> None:
    target.fail_next(400, times=5, document={"detail": "title is too long"})
    for number in range(5):
        store.add_user(f"person-{number}")
    deliver()
    [told] = open_ones()
    assert told.cause == Cause.DEAD_LETTERS
    assert "title is too long" in told.text
    assert told.data["signature"].startswith("scim2.put-user.rejected.400.")
    assert len(mailbox.mails) == 1

    target.behave()
    operations.retry(Job.objects.filter(state=State.FAILED), actor="ops")
    deliver()
    housekeeping.watch()
    assert open_ones() == []

    target.fail_next(400, document={"detail": "title is too long"})
    store.add_user("late")
    deliver()
    assert len(open_ones()) == 1
    assert not [s for s in subjects(mailbox)[1:] if "Resolved" not in s], "told today already"


def test_owed_removals_are_told_until_they_are_sent(
    connector: OutboundConnector, store: Store, deliver: Step
) -> None:
    ids = [store.add_user(name).entity_id for name in ("kim", "lee")]
    deliver()
    OutboundConnector.objects.update(enabled=False)
    for one in ids:
        store.delete_user(one)
    [told] = open_ones()
    assert told.cause == Cause.OWED
    housekeeping.watch()
    assert open_ones()[0].count == 2

    OutboundConnector.objects.update(retired_at=timezone.now())
    housekeeping.watch()
    assert open_ones() == []


def test_what_was_there_before_is_told_by_looking(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.fail_next(401)
    store.add_user("kim")
    deliver()
    Notification.objects.all().delete()

    housekeeping.watch()
    assert [one.cause for one in open_ones()] == [Cause.QUARANTINE]
    later()
    deliver()
    assert open_ones() == []


def test_certificates_are_told_before_they_expire(tenant: Tenant, tmp_path: Path) -> None:
    bundle, _ = issue("idp.example", tmp_path)  # good for a day
    IdentityProvider.objects.create(tenant=tenant, name="saml", certificate=bundle.read_text())
    with time_machine.travel(timezone.now() - timedelta(days=60)):
        watching.look_at_certificates()
        assert open_ones() == []

    watching.look_at_certificates()
    assert [one.severity for one in open_ones()] == ["warning"]
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        watching.look_at_certificates()
        assert [(one.severity, one.title) for one in open_ones()] == [
            ("critical", "A certificate of saml has expired")
        ]
    IdentityProvider.objects.filter(name="saml").update(certificate="")
    watching.look_at_certificates()
    assert open_ones() == []


def test_keys_of_saml_metadata_are_told_while_no_newer_one_stands_there(
    tenant: Tenant,
) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="corporate")
    for given, told in (
        ((pair("soon", days=9),), ["warning"]),
        ((pair("soon", days=9), pair("later", days=90)), []),
        ((pair("later", days=90),), []),
        ((pair("over", days=-1),), ["critical"]),
    ):
        row = Authenticator(provider=provider, type="saml")
        authenticators.save(row, {"metadata": metadata(*given)})

        watching.look_at_certificates()

        assert [one.severity for one in open_ones()] == told


def test_metadata_that_ends_is_told(tenant: Tenant) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="corporate")
    end = timezone.now() + timedelta(days=3)
    text = metadata(pair("later", days=90), role=f'validUntil="{end.isoformat()}"')
    authenticators.save(Authenticator(provider=provider, type="saml"), {"metadata": text})

    watching.look_at_certificates()

    assert [one.severity for one in open_ones()] == ["warning"]


def test_a_missing_worker_and_stuck_periodic_work_are_told(store: Store, deliver: Step) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    for name in (watching.HEARTBEAT.name, "index claims"):
        Tick.objects.update_or_create(name=name, defaults={"due": long_ago})
    housekeeping.watch()
    assert [one.cause for one in open_ones()] == [Cause.TICK], "nothing waits for a worker"

    store.add_user("kim")
    housekeeping.watch()
    assert {one.cause for one in open_ones()} == {Cause.TICK, Cause.WORKER}

    Tick.objects.update(due=timezone.now())
    housekeeping.watch()
    assert open_ones() == []


def test_mail_is_tried_again_and_given_up_where_it_is_hopeless(
    kim: NotificationPreference,
    mailbox: Mailbox,
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    make = NotificationPreference.objects.create
    gone = make_operator(kim.operator.tenant, "gone", email="nobody@acme.example")
    make(operator=gone, severities=["critical"])
    calm = make_operator(kim.operator.tenant, "calm", email="calm@acme.example")
    make(operator=calm, severities=["info"])
    mailbox.refuse_next = ["451 4.3.0 try later"]
    target.fail_next(401)
    store.add_user("lee")
    deliver()

    states = dict(Message.objects.values_list("operator__name", "state"))
    assert states == {"kim": Passage.PENDING, "gone": Passage.FAILED}
    assert mailbox.mails == []

    Message.objects.filter(state=Passage.PENDING).update(not_before=timezone.now())
    courier.work_off()
    assert [mail["To"] for mail in mailbox.mails] == ["kim@acme.example"]
    assert Message.objects.get(operator=kim.operator).state == Passage.SENT


def test_other_tenants_are_told_nothing(
    other_tenant: Tenant, mailbox: Mailbox, target: Scim2Target, store: Store, deliver: Step
) -> None:
    stranger = make_operator(other_tenant, "stranger", email="stranger@acme.example")
    NotificationPreference.objects.create(operator=stranger, severities=["critical"])
    target.fail_next(401)
    store.add_user("kim")
    deliver()

    assert len(open_ones()) == 1
    assert mailbox.mails == []
