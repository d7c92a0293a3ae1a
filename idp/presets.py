"""The claim mapping that a connector proposes, taken over by its identity provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from connectors import PresetRow
from idp import revisions
from idp.models import ClaimDialect, ClaimMapping, IdentityProvider


@dataclass(frozen=True, slots=True)
class Preset:
    """`missing` rows would be added; `kept` are the provider's own of the same names."""

    missing: Sequence[PresetRow]
    kept: Sequence[ClaimMapping]
    switches_dialect: bool

    @property
    def adds(self) -> bool:
        return bool(self.missing) or self.switches_dialect


def of(provider: IdentityProvider) -> Preset:
    """What the connectors in service propose, and what of it is there. Names are compared
    without case: no target has two attributes that differ in nothing else."""
    own = {row.remote.casefold(): row for row in provider.claim_mappings.all()}
    proposed: dict[str, PresetRow] = {}
    for connector in provider.connectors.filter(retired_at=None).order_by("type"):
        try:
            rows = connector.connector_class.preset
        except (LookupError, ImportError):
            continue
        for row in rows:
            proposed.setdefault(row.remote.casefold(), row)
    return Preset(
        missing=[row for key, row in proposed.items() if key not in own],
        kept=[own[key] for key in proposed if key in own],
        switches_dialect=bool(proposed) and provider.claim_dialect != ClaimDialect.CUSTOM,
    )


def is_offered(provider: IdentityProvider) -> bool:
    return provider.retired_at is None and of(provider).adds


def take(provider: IdentityProvider) -> Preset:
    """Add the missing rows behind the provider's own, none of which is changed, and have the
    mapping used. Answers what was added."""
    with transaction.atomic():
        locked = IdentityProvider.objects.select_for_update().get(pk=provider.pk)
        preset = of(locked)
        last = max((row.order for row in locked.claim_mappings.all()), default=-1)
        ClaimMapping.objects.bulk_create(
            ClaimMapping(
                provider=locked,
                order=last + number,
                remote=row.remote,
                local=row.local,
                constant=row.constant,
                default=row.default,
            )
            for number, row in enumerate(preset.missing, 1)
        )
        if preset.switches_dialect:
            locked.claim_dialect = ClaimDialect.CUSTOM
            locked.save(update_fields=["claim_dialect", "modified"])
        if preset.adds:
            revisions.touch(locked)
    return preset
