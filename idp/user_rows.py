"""A user's row locked and updated, with SQL that is made once. For `idp.userstores` only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db.models import CharField, UUIDField

from idp.models import SearchValue, Tenant, User
from idp.prepared import Parameter, Prepared, PreparedDelete, PreparedUpdate


def _id(name: str) -> Parameter:
    return Parameter(name, UUIDField())


def _text(name: str) -> Parameter:
    return Parameter(name, CharField())


_LOCKED = Prepared(
    lambda: (
        User.objects.select_related("store")
        .select_for_update(of=("self",))
        .filter(tenant_id=_id("tenant"), pk=_id("id"))
        .order_by()
    )
)


def lock(tenant: Tenant, user_id: uuid.UUID) -> User | None:
    return _LOCKED.first(tenant=tenant.pk, id=user_id)


@cache
def _update(names: tuple[str, ...]) -> PreparedUpdate:
    """Of these columns only: one that is named costs its indexes, changed or not."""
    return PreparedUpdate(lambda: User.objects.filter(pk=_id("user")), *names)


def update(user: User, changed: Mapping[str, Any]) -> None:
    """Bring these columns to these values, in the row and in the instance."""
    for name, value in changed.items():
        setattr(user, name, value)
    _update(tuple(changed)).run(user=user.pk, **changed)


_UNSEARCHED = PreparedDelete(
    lambda: SearchValue.objects.filter(
        user_id=_id("user"), path=_text("path"), value=_text("value")
    )
)


def forget_search_value(user: User, path: str, value: str) -> None:
    _UNSEARCHED.run(user=user.pk, path=path, value=value)
