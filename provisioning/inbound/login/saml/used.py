"""An assertion is taken once, by whichever process, and remembered while it could be shown."""

from __future__ import annotations

import hashlib

from django.db import IntegrityError, transaction
from django.utils import timezone

from idp.models import IdentityProvider, new_id
from provisioning.inbound.saml import Asserted, SamlRefused
from provisioning.models import UsedAssertion

AT_ONCE = 5_000


def take(provider: IdentityProvider, told: Asserted) -> None:
    """Raises `SamlRefused` when it was taken before."""
    digest = hashlib.sha256(told.assertion_id.encode()).digest()
    row = UsedAssertion(id=new_id(), provider=provider, digest=digest, until=told.until)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise SamlRefused("the assertion was used before: sign in again") from error


def forget_old() -> bool:
    """A batch of assertions that nobody would take any more; True when there may be more."""
    old = UsedAssertion.objects.filter(until__lt=timezone.now()).order_by("until")
    ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
    UsedAssertion.objects.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE
