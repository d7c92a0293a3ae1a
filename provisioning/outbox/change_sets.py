"""Change-sets of group jobs: which members shall be added and removed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from connectors import EntityType
from provisioning.models import Job, MemberChange


def add_members(job: Job, members: Sequence[tuple[uuid.UUID, bool]]) -> None:
    """Merge rows into a job's change-set; the newer word on a member counts."""
    latest = dict(members)
    MemberChange.objects.bulk_create(
        [
            MemberChange(job=job, member_id=member, wanted=wanted)
            for member, wanted in latest.items()
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["job", "member_id"],
        update_fields=["wanted", "counted"],
    )


def move_members(older: Job, newer: Job) -> None:
    """Give a job's change-set to a newer one, whose own word counts where both speak."""
    if older.entity_type != EntityType.GROUP:
        return
    spoken = MemberChange.objects.filter(job=newer).values("member_id")
    MemberChange.objects.filter(job=older).exclude(member_id__in=spoken).update(job=newer)
    MemberChange.objects.filter(job=older).delete()
