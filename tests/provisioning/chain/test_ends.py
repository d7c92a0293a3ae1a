"""Nothing is sealed behind an end that is not ours, operators are told, and can go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from idp.models import Tenant
from provisioning import watching
from provisioning.chain import accepting, forgetting, sealing, seals, verifying
from provisioning.chain.verifying import Anchor
from provisioning.models import AuditChain, AuditEvent, Cause, Notification
from tests.provisioning.chain.conftest import told
from tests.provisioning.chain.test_chain import NEW_KEY, verified


def cut_off() -> None:
    """The newest two are taken out, and the end moved before them."""
    AuditEvent.objects.filter(sequence__gt=4).delete()
    (last,) = AuditEvent.objects.filter(sequence=4)
    AuditChain.objects.update(head=4, head_seal=last.seal)


def rewrite_the_end() -> None:
    AuditChain.objects.update(head_seal=b"s" * 32)


def put_in() -> None:
    event = AuditEvent.objects.get(sequence=6)
    event.pk, event.sequence = event.pk.__class__(int=7), 7
    event.save(force_insert=True)


def lose_the_chain() -> None:
    AuditChain.objects.all().delete()


CRIMES = [
    (cut_off, "the head of the chain has been changed"),
    (rewrite_the_end, "the head of the chain has been changed"),
    (put_in, "event 7 stands beyond the end of the chain"),
    (lose_the_chain, "events have seals, and the chain they belong to is gone"),
]


@pytest.mark.parametrize(("crime", "problem"), CRIMES)
def test_nothing_is_sealed_behind_an_end_that_is_not_ours_and_operators_are_told(
    tenant: Tenant, sealed: list[AuditEvent], crime: Callable[[], None], problem: str
) -> None:
    crime()
    (new,) = told(tenant, "new")

    sealing.seal_new()
    watching.look_at_trails()
    watching.look_at_trails()

    new.refresh_from_db()
    assert new.sequence is None
    found = verified(tenant)
    assert problem in found.problem
    (notification,) = Notification.objects.filter(cause=Cause.AUDIT, resolved=None)
    assert problem in notification.text.casefold()
    assert tenant.domain in notification.text


@pytest.mark.parametrize(("crime", "problem"), CRIMES)
def test_once_somebody_has_looked_the_chain_begins_anew(
    tenant: Tenant, sealed: list[AuditEvent], crime: Callable[[], None], problem: str
) -> None:
    crime()
    watching.look_at_trails()
    told(tenant, "new")

    accepting.accept(tenant, verified(tenant).problem, actor="ops")
    sealing.seal_new()
    watching.look_at_trails()

    found = verified(tenant)
    assert (found.problem, found.unsealed) == ("", 0)
    assert found.through - found.start == 2  # the new one, and that it was accepted
    event = AuditEvent.objects.get(action="audit.accept")
    assert problem in event.detail["problem"]
    assert event.actor == "ops"
    assert not Notification.objects.filter(cause=Cause.AUDIT, resolved=None).exists()


def test_a_change_within_the_chain_can_be_accepted_as_well(
    tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    AuditEvent.objects.filter(sequence=3).update(actor="nobody")
    assert verified(tenant).problem == "event 3 is not what was sealed"

    assert accepting.accept(tenant, verified(tenant).problem, actor="ops") == 6
    sealing.seal_new()

    assert verified(tenant).intact


def test_without_the_key_that_signed_it_nothing_is_sealed_and_that_is_said(
    tenant: Tenant, sealed: list[AuditEvent], settings: Settings
) -> None:
    [old] = settings.PURVEYOR_SECRET_KEYS
    settings.PURVEYOR_SECRET_KEYS = [NEW_KEY]
    told(tenant, "new")

    sealing.seal_new()
    watching.look_at_trails()

    notification = Notification.objects.get(cause=Cause.AUDIT)
    assert "a key that is not in PURVEYOR_SECRET_KEYS: put the key back" in notification.text
    assert "does not hold" not in notification.text
    settings.PURVEYOR_SECRET_KEYS = [NEW_KEY, old]
    sealing.seal_new()
    watching.look_at_trails()
    assert verified(tenant).through == 7
    assert not Notification.objects.filter(cause=Cause.AUDIT, resolved=None).exists()


def test_other_tenants_go_on(
    tenant: Tenant, other_tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    rewrite_the_end()
    told(other_tenant, "x")

    sealing.seal_new()

    *_, found = verifying.verify(other_tenant)
    assert (found.intact, found.through) == (True, 1)


def test_it_is_over_in_each_tenant_by_itself(
    tenant: Tenant, other_tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    """The same is wrong with both."""
    told(other_tenant, "x")
    sealing.seal_new()
    rewrite_the_end()
    watching.look_at_trails()

    accepting.accept(tenant, verified(tenant).problem, actor="ops")
    watching.look_at_trails()

    left = Notification.objects.get(cause=Cause.AUDIT, resolved=None)
    assert left.tenant == other_tenant


def test_the_log_says_it_once(
    sealed: list[AuditEvent], caplog: pytest.LogCaptureFixture
) -> None:
    rewrite_the_end()

    for _ in range(3):
        sealing.seal_new()
        watching.look_at_trails()

    assert caplog.text.count("the audit trail is not sealed any more") == 1


def test_what_was_put_in_beyond_the_end_is_not_pruned_into_a_signed_beginning(
    tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    """Seals need no key: somebody has made a good one for it."""
    forged, young = told(tenant, "forged", "young")
    AuditEvent.objects.exclude(pk=young.pk).update(at=timezone.now() - timedelta(days=400))
    AuditEvent.objects.update(sequence=None)
    AuditChain.objects.all().delete()
    sealing.seal_new()
    sixth = AuditEvent.objects.get(sequence=6)
    chain = AuditChain(tenant=tenant, head=6, head_seal=sixth.seal, head_at=timezone.now())
    seals.sign_head(chain)
    chain.save()  # as it was before the last two were put in

    with pytest.raises(forgetting.Broken, match="event 7 stands beyond the end"):
        list(forgetting.forget(tenant.pk, timezone.now() - timedelta(days=365)))

    assert AuditEvent.objects.filter(pk=forged.pk).exists()
    assert AuditChain.objects.get().start == 0


def test_an_anchor_of_before_says_that_it_cannot_be_compared(
    tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    noted = verified(tenant)
    rewrite_the_end()
    accepting.accept(tenant, verified(tenant).problem, actor="ops")
    sealing.seal_new()

    found = verified(tenant, Anchor(noted.through - 1, noted.seal))

    assert found.problem.endswith("compared with nothing: the chain begins after 6 by now")
