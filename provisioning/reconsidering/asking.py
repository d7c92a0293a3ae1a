"""Who has to be planned again, and why. Each writes a row and returns at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from idp import revisions
from idp.models import IdentityProvider, OnDeny, OutboundConnector
from provisioning.models import HeldBack, PolicyRevision, Reconsideration, Whom
from provisioning.policies import compiled

ENGINE = "engine"


def ask(
    connectors: Iterable[OutboundConnector],
    whom: Whom,
    cause: str,
    *,
    actor: str,
    before: Sequence[str] | None = None,
) -> None:
    """Have these connectors' people planned again; asked twice, it begins anew.

    `before`: the provisioning roles as they were.
    """
    with transaction.atomic():
        for connector in connectors:
            row, _ = Reconsideration.objects.select_for_update().get_or_create(
                connector=connector,
                whom=whom,
                defaults={"tenant_id": connector.provider.tenant_id},
            )
            row.cause, row.actor, row.after = cause[:190], actor, None
            row.created = timezone.now()
            if before is not None and list(before) not in row.lists:
                row.lists = [*row.lists, list(before)]
            row.save()


def follow_policies() -> None:
    """Where policies changed: whom a rule holds back, and, where a Deny withdraws,
    everybody who is there."""
    changed = PolicyRevision.objects.exclude(number=F("reconsidered"))
    for revision in changed.select_related("tenant"):
        with transaction.atomic():
            found = _asking_rules().filter(provider__tenant=revision.tenant)
            _ask_rules(found, "policies changed", actor=ENGINE)
            PolicyRevision.objects.filter(pk=revision.pk).update(reconsidered=revision.number)


def follow_rules(connectors: Iterable[OutboundConnector], cause: str, *, actor: str) -> None:
    """Where rules are asked otherwise than before: at another row, or with another
    consequence. Jobs that wait there are planned again before they are sent."""
    chosen = list(connectors)
    ids = [connector.pk for connector in chosen]
    revisions.move(OutboundConnector.objects.filter(pk__in=ids))
    _ask_rules(chosen, cause, actor=actor)


def _ask_rules(connectors: Iterable[OutboundConnector], cause: str, *, actor: str) -> None:
    for connector in connectors:
        withdraws = connector.on_deny == OnDeny.WITHDRAW
        whom = Whom.THERE if withdraws else Whom.HELD_BACK
        ask([connector], whom, cause, actor=actor)


def follow_roles(provider: IdentityProvider, before: Sequence[str], *, actor: str) -> None:
    """The provisioning roles of the identity provider are others than `before`."""
    cause = "provisioning roles changed"
    ask(_live(provider), Whom.ENTITLED, cause, actor=actor, before=before)


def follow_names(provider: IdentityProvider, *, actor: str) -> None:
    """Groups may be called otherwise at the identity provider's targets."""
    ask(_live(provider), Whom.GROUPS, "role mappings changed", actor=actor)


def follow_settings() -> None:
    """Whom a rule or the claim mapping holds back, where the mapping or the connector's
    settings have changed since."""
    stale = HeldBack.objects.filter(connector=OuterRef("pk"), revision__lt=OuterRef("revision"))
    moved = OutboundConnector.objects.filter(Exists(stale), retired_at=None)
    moved = moved.exclude(pk__in=_under_way()).select_related("provider")
    ask(moved, Whom.HELD_BACK, "claim mapping or settings changed", actor=ENGINE)


def ask_by_the_clock() -> None:
    """Everybody who is held back: it may be another time now. And where policies withdraw
    by the clock, everybody who is there."""
    waiting = HeldBack.objects.order_by().values("connector_id").distinct()
    held = OutboundConnector.objects.filter(retired_at=None, pk__in=waiting)
    whom = dict.fromkeys(held.select_related("provider"), Whom.HELD_BACK)
    for connector in _asking_rules().filter(on_deny=OnDeny.WITHDRAW):
        if compiled.of(connector.provider.tenant).withdraws_by_clock:
            whom[connector] = Whom.THERE
    busy = _under_way()
    for connector, chosen in whom.items():
        if connector.pk not in busy:
            ask([connector], chosen, "by the clock", actor=ENGINE)


def _under_way() -> set[uuid.UUID]:
    """Connectors whose people are being asked about."""
    rows = Reconsideration.objects.exclude(whom=Whom.GROUPS)
    return set(rows.values_list("connector_id", flat=True))


def _asking_rules() -> QuerySet[OutboundConnector]:
    rows = OutboundConnector.objects.filter(outbound_targets__enable_rules=True)
    return rows.filter(retired_at=None).select_related("provider__tenant").distinct()


def _live(provider: IdentityProvider) -> QuerySet[OutboundConnector]:
    return provider.connectors.filter(retired_at=None).select_related("provider")
