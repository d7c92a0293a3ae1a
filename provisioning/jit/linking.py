"""Which local user a subject is: the one it was, one it may be linked to, or a new one.

An existing user is never taken over by a name: only attributes that the identity provider is
trusted with link, and only when they name exactly one.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from idp.by_claim import candidates
from idp.claims import DIALECT, NAMING
from idp.models import JitSettings, User, new_id
from provisioning import audit, passing
from provisioning.changes import Door
from provisioning.jit.incoming import Incoming
from provisioning.jit.logins import Login, NotAdmitted
from provisioning.models import Association

EMAIL = f"{DIALECT}emailaddress"
"""Believed only where the identity provider has verified it."""


def associated(login: Login, settings: JitSettings, incoming: Incoming) -> Association:
    """The subject's association; a new one for a new user, or one just linked.

    Raises `NotAdmitted`.
    """
    row, user = known(login, settings, incoming)
    return row if not row._state.adding else _stored(login, row, user)


def known(
    login: Login, settings: JitSettings, incoming: Incoming
) -> tuple[Association, User | None]:
    """The subject's association, and the user it is; not stored where it is a new one, for
    somebody recognised or, without a user, for a new one. Raises `NotAdmitted`."""
    rows = Association.objects.filter(provider=login.provider, subject=login.subject)
    if found := rows.first():
        return found, user_of(login, found)
    user = _match(login, settings, incoming)
    row = Association(
        id=new_id(),
        tenant=login.tenant,
        provider=login.provider,
        subject=login.subject,
        user_id=user.pk if user else new_id(),
        created=timezone.now(),
    )
    return row, user


def _stored(login: Login, row: Association, user: User | None) -> Association:
    """Of the same person at the same moment, only one is."""
    rows = Association.objects.filter(provider=login.provider, subject=login.subject)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if user is not None:
                _record(login, user)
    except IntegrityError:
        if found := rows.first():
            return found
        raise NotAdmitted(_TAKEN.format(name=user)) from None
    return row


_TAKEN = "{name} is associated with somebody else of this identity provider"


def user_of(login: Login, row: Association) -> User | None:
    if login.service_provider.dumb_mode:
        return passing.user(login.service_provider, row.user_id)
    users = User.objects.select_related("store", "tenant")
    return users.filter(tenant=login.tenant, pk=row.user_id).first()


def _match(login: Login, settings: JitSettings, incoming: Incoming) -> User | None:
    if login.service_provider.dumb_mode:
        return None
    for uri in settings.link_existing_by:
        value = incoming.username if uri in NAMING else incoming.values.get(uri)
        if not isinstance(value, str) or not value:
            continue
        found = candidates(login.tenant, uri, value)
        if found and uri == EMAIL and not login.email_verified:
            raise NotAdmitted(
                "the e-mail address is somebody's here, and the identity provider has not "
                "verified it",
                f"claims.{uri}",
            )
        if len(found) == 1:
            [user] = found
            if Association.objects.filter(provider=login.provider, user_id=user.pk).exists():
                raise NotAdmitted(_TAKEN.format(name=user))
            return user
    return None


def remove(rows: QuerySet[Association], *, actor: str) -> int:
    """The subjects are nobody here any more; the users stay as they are."""
    with transaction.atomic():
        gone = list(rows.select_related("provider", "tenant").select_for_update(of=("self",)))
        names = User.objects.select_related("store").in_bulk([row.user_id for row in gone])
        for row in gone:
            user = names.get(row.user_id)
            audit.record(
                tenant=row.tenant,
                actor=actor,
                action="association.remove",
                door=Door.CONSOLE,
                subject_type="user",
                subject_id=row.user_id,
                subject_name=user.full_name if user else "",
                detail={"identity_provider": row.provider.name, "subject": row.subject},
            )
        rows.filter(pk__in=[row.pk for row in gone]).delete()
    return len(gone)


def _record(login: Login, user: User) -> None:
    audit.record(
        tenant=login.tenant,
        actor=login.actor or login.provider.name,
        action="association.create",
        door=Door.JIT,
        service_provider=login.service_provider.name,
        subject_type="user",
        subject_id=user.pk,
        subject_name=user.full_name,
        detail={"identity_provider": login.provider.name, "subject": login.subject},
    )
