"""Linking by hand: an operator says which account at the target is whose, or that none is.

What is typed is only ever looked up; what is stored is what the target answered. Nothing is
linked to an account with a protected name, or to one that is linked to somebody else.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from connectors import (
    Connector,
    ConnectorError,
    Entity,
    EntityType,
    Found,
    JobIsWrong,
    RemoteMissing,
)
from idp.models import OutboundConnector, key_of, new_id
from provisioning import audit, operations, subjects, targets
from provisioning.changes import Door
from provisioning.models import (
    GUARD,
    REHEARSED,
    REMOVES,
    AcceptedMember,
    Job,
    LinkState,
    ProvisionedEntity,
    State,
)
from provisioning.outbox import arrivals

log = logging.getLogger(__name__)

DEADLINE = 20.0
"""Seconds a look-up may take while an operator waits."""


class CannotLink(Exception):
    """Why not, in a sentence."""


@dataclass(frozen=True, slots=True)
class Account:
    """What was found. `objection`: why it cannot be linked; `remark`: what to know first."""

    found: Found
    email: str
    objection: str = ""
    remark: str = ""


def may_link(job: Job) -> bool:
    """Whether it waits for somebody to say which account is meant."""
    stuck = job.state == State.FAILED or (
        job.state == State.HELD and job.reason_code not in (GUARD, REHEARSED)
    )
    return stuck and job.operation not in REMOVES


def look_up(job: Job, wanted: str) -> list[Account]:
    """The accounts there of that id or name, for the job's entity. Raises `CannotLink`."""
    with _opened(job.connector) as target:
        by_id = _under_id(target, job, wanted)
        entity = Entity(EntityType(job.entity_type), str(job.entity_id), wanted)
        found = [by_id] if by_id else target.find(entity)
    return [_account(job, one) for one in found]


def link(
    job: Job, remote_id: str, *, actor: str, door: str = Door.CONSOLE
) -> ProvisionedEntity:
    """Store that this account is the entity's, as adopted, and let the job go on.

    The account is asked for once more, so that nothing is linked that is not there. No
    password is ever set on it. Raises `CannotLink`.
    """
    with _opened(job.connector) as target:
        found = _under_id(target, job, remote_id)
    if found is None or found.remote_id != remote_id:
        raise CannotLink("There is no account under that id any more.")
    with transaction.atomic():
        subject = subjects.locked(job.tenant, job.entity_id)
        if subject is None:
            raise CannotLink("It is deleted here.")
        kinds = {job.entity_type: {job.entity_id}}
        users, groups = kinds.get(EntityType.USER, set()), kinds.get(EntityType.GROUP, set())
        arrivals.lock_groups(users, groups)
        job = Job.objects.select_related("connector__provider", "tenant").get(pk=job.pk)
        _check(job)
        if objection := _account(job, found).objection:
            raise CannotLink(objection)
        stored = _store(job, found)
        _forget_passwords(job)
        late = arrivals.of_users(job.connector, users)
        late |= arrivals.of_groups(job.connector, groups)
        if late:
            arrivals.enqueue(job.connector, late, new_id())
        again = operations.retry if job.state == State.FAILED else operations.release
        again(Job.objects.filter(pk=job.pk), actor=actor)
        _note(stored, "link.adopt", actor, door, job)
    return stored


def unlink(link: ProvisionedEntity, *, actor: str, door: str = Door.CONSOLE) -> None:
    """Forget whose account it is; nothing is sent. Raises `CannotLink`."""
    with transaction.atomic():
        subjects.locked(link.tenant, link.entity_id)
        link = ProvisionedEntity.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if link.owed:
            raise CannotLink("Its removal is owed: send that first, so that it is not lost.")
        mine = Job.objects.filter(connector=link.connector_id, entity_id=link.entity_id)
        if mine.filter(is_open=True).exists():
            raise CannotLink(
                "A job of it is on its way or held: wait for it, or decide about it, first."
            )
        AcceptedMember.objects.filter(
            group__connector=link.connector_id, member_id=link.entity_id
        ).delete()
        _note(link, "link.forget", actor, door)
        link.delete()


@contextlib.contextmanager
def _opened(connector: OutboundConnector) -> Iterator[Connector]:
    """A connector to ask; whatever it raises is told as `CannotLink`."""
    ends = time.monotonic() + DEADLINE
    try:
        opened = targets.open_connector(connector, lambda: ends - time.monotonic())
        with opened.http:
            yield opened
    except ConnectorError as error:
        raise CannotLink(f"The target could not be asked: {error}") from error
    except Exception as error:
        # A connector of anybody's may break in any way.
        log.exception("connector %s broke while an account was looked up", connector.pk)
        raise CannotLink("The connector broke while it asked; the log has where.") from error


def _under_id(target: Connector, job: Job, remote_id: str) -> Found | None:
    try:
        return target.fetch(EntityType(job.entity_type), remote_id)
    except (JobIsWrong, RemoteMissing):
        return None  # no id as this target has them


def _account(job: Job, found: Found) -> Account:
    objection = remark = ""
    protected = {str(name).casefold() for name in job.connector.protected_names}
    if found.remote_name.casefold() in protected:
        objection = f"{found.remote_name} is a protected name at this target."
    owners = ProvisionedEntity.objects.filter(
        connector=job.connector_id, entity_type=job.entity_type, remote_id=found.remote_id
    ).exclude(entity_id=job.entity_id)
    for owner in owners:
        if owner.state == LinkState.LINKED:
            objection = f"It is linked to {owner.entity_name}."
        else:
            remark = f"It was {owner.entity_name}'s, and was left there."
    if not found.active:
        remark = f"It is disabled there; it will be enabled. {remark}".strip()
    return Account(found, _email(found), objection, remark)


def _email(found: Found) -> str:
    told = found.attributes.get("emails")
    entries = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    for entry in sorted(entries, key=lambda one: not one.get("primary")):
        return str(entry.get("value") or entry.get("address") or "")
    single = (found.attributes.get(name) for name in ("email", "Email", "primaryEmail"))
    return next((str(one) for one in single if one), "")


def _check(job: Job) -> None:
    """Under the entity's lock: nothing has happened that this would undo."""
    if not may_link(job):
        raise CannotLink("It does not wait for that any more.")
    mine = Job.objects.filter(connector=job.connector_id, entity_id=job.entity_id)
    if mine.filter(is_open=True, state=State.RUNNING).exists():
        raise CannotLink("A job of it is under way: wait for it.")
    if job.state == State.FAILED and not operations.retryable(mine.filter(pk=job.pk)).exists():
        raise CannotLink("Something newer of it is done or on its way.")


def _store(job: Job, found: Found) -> ProvisionedEntity:
    now = timezone.now()
    known = ProvisionedEntity.objects.select_for_update(of=("self",)).filter(
        connector=job.connector_id, entity_type=job.entity_type, entity_id=job.entity_id
    )
    row = known.first() or ProvisionedEntity(
        id=new_id(),
        tenant=job.tenant,
        connector=job.connector,
        entity_type=job.entity_type,
        entity_id=job.entity_id,
        created=now,
    )
    if row.state == LinkState.LINKED and row.remote_id not in ("", found.remote_id):
        raise CannotLink(f"It is linked to {row.remote_name} already: unlink that first.")
    ProvisionedEntity.objects.filter(
        connector=job.connector_id, entity_type=job.entity_type, remote_id=found.remote_id
    ).exclude(entity_id=job.entity_id).delete()
    row.entity_name, row.target_id, row.state = job.entity_name, job.target_id, LinkState.LINKED
    row.remote_id, row.remote_name = found.remote_id, found.remote_name
    row.name_key, row.external_id = key_of(found.remote_name), ""
    row.active, row.adopted, row.accepted = found.active, True, None
    row.generation, row.owed, row.updated = job.connector.generation, "", now
    row.save()
    return row


def _forget_passwords(job: Job) -> None:
    """Whoever used the account so far keeps the password: none is set on what is adopted."""
    Job.objects.filter(
        connector=job.connector_id, entity_id=job.entity_id, sealed_password__isnull=False
    ).update(sealed_password=None)


def _note(
    link: ProvisionedEntity, action: str, actor: str, door: str, job: Job | None = None
) -> None:
    audit.record(
        tenant=link.tenant,
        actor=actor,
        action=action,
        subject_type=link.entity_type,
        subject_id=link.entity_id,
        subject_name=link.entity_name,
        door=door,
        change_id=job.change_id if job else None,
        detail={
            "connector": str(link.connector),
            "remote_id": link.remote_id,
            "remote_name": link.remote_name,
            **({"job": str(job.pk)} if job else {}),
        },
    )
