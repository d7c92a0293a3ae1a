"""The audit trail's chain: what is changed, taken out or put in afterwards shows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from idp.models import Tenant
from provisioning import pruning, rotation
from provisioning.chain import forgetting, sealing, verifying
from provisioning.chain.verifying import Anchor, Verified
from provisioning.models import AuditChain, AuditEvent
from tests.provisioning.chain.conftest import told

NEW_KEY = base64.urlsafe_b64encode(b"n" * 32).decode()


def verified(tenant: Tenant, anchor: Anchor | None = None) -> Verified:
    *_, found = verifying.verify(tenant, anchor)
    return found


def test_events_are_numbered_without_a_gap_in_each_tenant(
    tenant: Tenant, other_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    told(tenant, *"abcde")
    told(other_tenant, "x")

    rounds = 1
    while sealing.seal_new():
        rounds += 1

    assert rounds == 3
    for one, many in ((tenant, 5), (other_tenant, 1)):
        events = AuditEvent.objects.filter(tenant=one).order_by("sequence")
        assert [event.sequence for event in events] == list(range(1, many + 1))
        assert verified(one).intact
        assert verified(one).through == many


def test_an_event_that_comes_late_is_sealed_after_those_before_it(
    tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    """Its transaction took long: its id is older than what is sealed already."""
    (late,) = told(tenant, "late")
    AuditEvent.objects.filter(pk=late.pk).delete()
    late.pk = AuditEvent.objects.order_by("id")[0].pk.__class__(int=1)
    late.save(force_insert=True)

    sealing.seal_new()

    late.refresh_from_db()
    assert late.sequence == 7
    assert verified(tenant).through == 7


def test_what_is_not_sealed_yet_is_counted(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    told(tenant, "g", "h")

    found = verified(tenant)

    assert (found.intact, found.through, found.unsealed) == (True, 6, 2)


def forge(event: AuditEvent) -> None:
    event.detail = {"attributes": ["nickName"]}
    event.save()


def take_out(event: AuditEvent) -> None:
    event.delete()


def swap(event: AuditEvent) -> None:
    """With the next one: each has a seal, but not its own."""
    follower = AuditEvent.objects.get(sequence=(event.sequence or 0) + 1)
    numbers = event.sequence, follower.sequence
    AuditEvent.objects.filter(pk=event.pk).update(sequence=None)
    AuditEvent.objects.filter(pk=follower.pk).update(sequence=numbers[0])
    AuditEvent.objects.filter(pk=event.pk).update(sequence=numbers[1])


@pytest.mark.parametrize(
    ("crime", "problem"),
    [
        (forge, "event 3 is not what was sealed"),
        (take_out, "event 3 is missing"),
        (swap, "event 3 is not what was sealed"),
    ],
)
def test_a_change_of_what_was_sealed_shows(
    tenant: Tenant,
    sealed: list[AuditEvent],
    crime: Callable[[AuditEvent], None],
    problem: str,
) -> None:
    crime(AuditEvent.objects.get(sequence=3))

    found = verified(tenant)

    assert (found.problem, found.through) == (problem, 2)


def test_who_has_the_database_alone_cannot_make_the_chain_anew(
    tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    AuditEvent.objects.filter(sequence=5).update(actor="nobody")
    AuditEvent.objects.update(sequence=None, seal=None)
    chain = AuditChain.objects.get()
    signature = bytes(chain.head_signature)
    AuditChain.objects.all().delete()
    sealing.seal_new()
    AuditChain.objects.update(head_signature=signature)  # all of it but the key

    assert "signature does not hold" in verified(tenant).problem


def test_the_newest_events_cannot_be_cut_off(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    AuditEvent.objects.filter(sequence__gte=5).delete()
    assert verified(tenant).problem == "event 5 is missing"

    AuditChain.objects.update(head=4)
    assert "signature does not hold" in verified(tenant).problem


def test_an_event_that_was_put_in_shows(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    (forged,) = told(tenant, "forged")
    AuditEvent.objects.filter(pk=forged.pk).update(sequence=7, seal=b"s" * 32)

    assert verified(tenant).problem == "event 7 stands beyond the end of the chain"


def test_an_anchor_tells_an_older_database_from_this_one(
    tenant: Tenant, sealed: list[AuditEvent]
) -> None:
    """Whoever puts back an old copy of the database has good signatures, but fewer events."""
    noted = verified(tenant)
    anchor = Anchor(noted.through, noted.seal)
    assert verified(tenant, anchor).intact

    later = Anchor(9, b"s" * 32)
    assert verified(tenant, later).problem == "the chain ends at 6, before the anchor 9"
    other = Anchor(4, b"s" * 32)
    assert verified(tenant, other).problem == "event 4 has another seal than the anchor"


def make_older(*numbers: int) -> None:
    """As if they had been written, and sealed, long ago."""
    long_ago = timezone.now() - timedelta(days=400)
    AuditEvent.objects.filter(sequence__in=numbers).update(at=long_ago)
    AuditEvent.objects.update(sequence=None, seal=None)
    AuditChain.objects.all().delete()
    sealing.seal_new()


def test_pruning_leaves_a_signed_checkpoint_and_what_is_left_verifies(
    tenant: Tenant, sealed: list[AuditEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    make_older(1, 2, 3)

    assert list(pruning.prune_audit(tenant, 365, "ops")) == [2, 3]

    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        *["user.update"] * 3,
        "audit.prune",
    ]
    sealing.seal_new()
    found = verified(tenant)
    assert (found.intact, found.start, found.through) == (True, 3, 7)
    AuditChain.objects.update(start=4)
    assert "the start of the chain has been changed" in verified(tenant).problem


def test_an_old_event_among_young_ones_stays(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    make_older(1, 4)

    assert list(pruning.prune_audit(tenant, 365, "ops")) == [1]
    assert verified(tenant).through == 6


def test_what_is_not_sealed_is_never_pruned(tenant: Tenant) -> None:
    (event,) = told(tenant, "a")
    AuditEvent.objects.update(at=timezone.now() - timedelta(days=400))

    assert list(pruning.prune_audit(tenant, 365, "ops")) == []
    assert AuditEvent.objects.get() == event


def test_what_was_changed_is_kept_as_evidence(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    make_older(1, 2, 3)
    AuditEvent.objects.filter(sequence=2).update(actor="nobody")

    with pytest.raises(forgetting.Broken, match="event 2 is not what was sealed"):
        list(pruning.prune_audit(tenant, 365, "ops"))
    assert AuditEvent.objects.count() == 6


def test_retention_by_the_clock_keeps_what_the_settings_say(
    tenant: Tenant, sealed: list[AuditEvent], settings: Settings
) -> None:
    make_older(1, 2, 3)

    settings.PURVEYOR_KEEP_AUDIT_DAYS = 0
    pruning.forget_some()
    assert AuditEvent.objects.count() == 6

    settings.PURVEYOR_KEEP_AUDIT_DAYS = 365
    pruning.forget_some()
    assert AuditEvent.objects.filter(action="user.update").count() == 3

    AuditEvent.objects.filter(sequence=4).update(at=timezone.now() - timedelta(days=500))
    pruning.forget_some()  # says so in the log, and goes on
    assert AuditEvent.objects.filter(action="user.update").count() == 3


def test_reading_it_all_while_it_is_pruned(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    """The beginning goes between our look at the chain and our look at the events."""
    make_older(1, 2, 3)
    chain = AuditChain.objects.get()
    list(pruning.prune_audit(tenant, 365, "ops"))

    found = Verified(tenant)
    list(verifying._walk(chain, found, None))

    assert (found.problem, found.start, found.through) == ("", 3, 6)


def test_a_new_key_signs_again_and_the_old_one_may_go(
    tenant: Tenant, sealed: list[AuditEvent], settings: Settings
) -> None:
    [old] = settings.PURVEYOR_SECRET_KEYS
    settings.PURVEYOR_SECRET_KEYS = [NEW_KEY]
    assert "signed with a key that is not in PURVEYOR_SECRET_KEYS" in verified(tenant).problem

    settings.PURVEYOR_SECRET_KEYS = [NEW_KEY, old]
    *_, tally = rotation.rotate()
    assert tally.unreadable == 0

    settings.PURVEYOR_SECRET_KEYS = [NEW_KEY]
    assert verified(tenant).intact


def test_a_forged_end_is_not_signed_again(
    tenant: Tenant, sealed: list[AuditEvent], settings: Settings
) -> None:
    AuditChain.objects.update(head=5)
    settings.PURVEYOR_SECRET_KEYS = [NEW_KEY, *settings.PURVEYOR_SECRET_KEYS]

    *_, tally = rotation.rotate()

    assert tally.unreadable == 1
    assert not verified(tenant).intact


def test_a_tenant_without_events_is_intact(tenant: Tenant) -> None:
    found = verified(tenant)

    assert (found.intact, found.through, found.unsealed) == (True, 0, 0)


def test_the_trail_says_that_it_was_pruned(tenant: Tenant, sealed: list[AuditEvent]) -> None:
    make_older(1, 2)
    list(pruning.prune_audit(tenant, 365, "manage.py prune"))

    event = AuditEvent.objects.get(action="audit.prune")

    assert (event.actor, event.detail["events"]) == ("manage.py prune", 2)
