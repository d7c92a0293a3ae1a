"""Somebody is taken into a group and removed, and requests meet: nobody stays a member whose
account is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from idp.models import IdentityProvider
from provisioning.models import AcceptedMember, Job, MemberChange, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def put_off(entity_type: str) -> None:
    """Jobs of that kind wait for an hour, the others are due."""
    now = timezone.now()
    waiting = Job.objects.filter(state=State.PENDING)
    waiting.update(not_before=now)
    waiting.filter(entity_type=entity_type).update(not_before=now + timedelta(hours=1))


def test_who_may_have_been_removed_is_not_taken_into_a_group(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    kim = store.add_user("kim").entity_id
    team = store.add_group("team").entity_id
    deliver()
    store.set_group(team, add=[kim], name="team-2")
    store.delete_user(kim)
    put_off("group")
    target.drop_next(method="DELETE", processed=True)
    deliver()
    removal = Job.objects.get(entity_id=kim, operation="delete")
    assert (removal.state, removal.maybe_sent) == (State.PENDING, True)

    put_off("user")
    deliver()
    assert target.group("team-2"), "the group is not kept waiting"
    assert target.member_names("team-2") == []

    later()
    deliver()
    assert target.users == {}
    assert target.member_names("team-2") == []
    assert not Job.objects.filter(is_open=True).exists()
    assert not AcceptedMember.objects.exists()
    assert not MemberChange.objects.exists()


def test_who_was_left_out_and_is_wanted_again_is_taken_in(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    deliver: Step,
    later: Step,
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["staff"])
    kim = store.add_user("kim").entity_id
    staff = store.add_group("staff").entity_id
    store.set_group(staff, add=[kim])
    team = store.add_group("team").entity_id
    deliver()
    assert target.user("kim")
    # The withdrawal has no effect and no answer: the account stays, and nobody knows it.
    target.drop_next(method="DELETE", processed=False)
    store.set_group(staff, remove=[kim])
    store.set_group(team, add=[kim])
    put_off("group")
    deliver()
    put_off("user")
    deliver()
    assert target.member_names("team") == []

    store.set_group(staff, add=[kim])
    later()
    deliver()
    later()
    deliver()

    assert target.member_names("team") == ["kim"]
    assert target.member_names("staff") == ["kim"]
    assert len(target.requests("POST", "/Users")) == 1
    assert not Job.objects.filter(is_open=True).exists()
