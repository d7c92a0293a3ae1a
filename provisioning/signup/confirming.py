"""The link is followed: the sign-up becomes a change like any other."""

from __future__ import annotations

from django.utils import timezone

from idp.models import User
from provisioning import passing
from provisioning.changes import Accepted, NameTaken
from provisioning.intake import accept
from provisioning.models import SignUp
from provisioning.signup import role
from provisioning.signup.asking import ACTOR, change_of, digest


class Unknown(LookupError):
    """No such link, or not any more; a sentence."""


def find(token: str) -> SignUp:
    """Raises `Unknown`."""
    rows = SignUp.objects.select_related("tenant", "service_provider__user_store")
    row = rows.filter(token_digest=digest(token), expires__gt=timezone.now()).first()
    if row is None:
        raise Unknown("This link is not good, or not any more. Sign up again.")
    return row


def confirm(row: SignUp) -> Accepted | None:
    """Make the user, once; None when that has been done. Raises the `Refused` tree, and
    then it can be tried again."""
    if row.confirmed is not None:
        return None
    row.service_provider.tenant = row.tenant
    role.ensure(row.tenant, row.service_provider, ACTOR)
    try:
        accepted = accept(change_of(row))
    except NameTaken:
        if not _is_made(row):
            raise
        accepted = None
    SignUp.objects.filter(pk=row.pk).update(confirmed=timezone.now(), sealed_given=None)
    return accepted


def _is_made(row: SignUp) -> bool:
    """By another click at the same moment, or before a process died."""
    stored = User.objects.filter(tenant=row.tenant, pk=row.user_id).exists()
    return stored or passing.exists(row.service_provider, row.user_id)
