"""Names that only look as if they were in a store."""

from __future__ import annotations

from idp.models import Group, Tenant, User, key_of


def name_beginning_with(tenant: Tenant, domain: str) -> str | None:
    """A user or group of the tenant whose bare name begins with `DOMAIN/`.

    While there is one, a store of that domain must not be made: the name would change
    its meaning.
    """
    start = key_of(f"{domain}/")
    end = start[:-1] + chr(ord(start[-1]) + 1)
    users = User.objects.filter(
        tenant=tenant, username_key__gte=start, username_key__lt=end
    ).values_list("username", flat=True)
    groups = Group.objects.filter(
        tenant=tenant, name_key__gte=start, name_key__lt=end
    ).values_list("name", flat=True)
    # Databases sort by rules of their own, so the range may hold strangers.
    found = [*users[:100], *groups[:100]]
    return next((name for name in found if key_of(name).startswith(start)), None)
