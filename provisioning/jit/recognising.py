"""Signing in where just-in-time provisioning is switched off: only who is known gets in."""

from __future__ import annotations

from django.utils import timezone

from provisioning.jit import incoming as reading
from provisioning.jit import linking
from provisioning.jit.logins import Login, NotAdmitted, SignedIn
from provisioning.jit.signing_in import settings_of


def recognise(login: Login) -> SignedIn:
    """Whom the subject is here: associated, or linked now by a claim that may link.

    Makes and changes nobody. Raises `NotAdmitted`.
    """
    settings = settings_of(login)
    incoming = reading.read(login)
    row, user = linking.known(login, settings, incoming)
    if user is None:
        raise NotAdmitted(
            f"nobody here is associated with this account of {login.provider}, and people are "
            "not made when they sign in"
        )
    if not user.active:
        raise NotAdmitted(f"the account {user.full_name} is disabled")
    if row._state.adding:
        row = linking.associated(login, settings, incoming)
    row.last_login = timezone.now()
    row.save(update_fields=["last_login"])
    return SignedIn(user.pk, user.full_name, False)
