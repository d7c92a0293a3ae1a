"""Sign-ups whose links are not good any more."""

from __future__ import annotations

from django.utils import timezone

from provisioning.models import SignUp

AT_ONCE = 5_000


def forget_old() -> bool:
    """A batch of them; True when there may be more."""
    old = SignUp.objects.filter(expires__lt=timezone.now())
    ids = list(old.order_by("expires").values_list("pk", flat=True)[:AT_ONCE])
    SignUp.objects.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE
