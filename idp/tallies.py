"""Counts that cost one row to read and never make writers queue."""

from __future__ import annotations

import secrets

from django.db.models import BigIntegerField, CharField, F, QuerySet, UUIDField

from idp.models import Tally, Tenant
from idp.prepared import Parameter, Prepared, PreparedUpdate


def _of_tenant() -> QuerySet[Tally]:
    return Tally.objects.filter(
        tenant_id=Parameter("tenant", UUIDField()), kind=Parameter("kind", CharField())
    )


_MOVE = PreparedUpdate(
    lambda: _of_tenant().filter(slot=Parameter("slot", BigIntegerField())),
    value=F("value") + Parameter("by", BigIntegerField()),
)
_VALUES = Prepared(lambda: _of_tenant().values_list("value"))


def move(tenant: Tenant, kind: str, by: int) -> None:
    slot = secrets.randbelow(Tally.SLOTS)
    if not _MOVE.run(by=by, tenant=tenant.pk, kind=kind, slot=slot):
        Tally.objects.get_or_create(tenant=tenant, kind=kind, slot=slot)
        _MOVE.run(by=by, tenant=tenant.pk, kind=kind, slot=slot)


def total(tenant: Tenant, kind: str) -> int:
    """How many users (`"users"`) or groups (`"groups"`) the tenant has."""
    return sum(value for (value,) in _VALUES.all(tenant=tenant.pk, kind=kind))
