"""What a change of an identity provider's provisioning roles does to people. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from connectors import EntityType
from idp.models import (
    Group,
    IdentityProvider,
    Membership,
    OutboundConnector,
    Tenant,
    User,
    UserStore,
    key_of,
    split_name,
)
from provisioning.models import LinkState, ProvisionedEntity
from serviceproviders.models import RESIDENT, OutboundTarget

Roles = Sequence[str]


@dataclass(frozen=True, slots=True)
class Effect:
    """At one connector: how many people would get an account there, and lose it.

    At most so many: other gates (a rule, say) may keep somebody away, and people who are
    only sent onward are not counted.
    """

    connector: OutboundConnector
    created: int
    withdrawn: int


def effects(provider: IdentityProvider, roles: Roles) -> list[Effect]:
    """What would become of this list instead of the present one, connector by connector."""
    live = provider.connectors.filter(retired_at=None).order_by("type")
    found = []
    for connector in live:
        connector.provider = provider
        gaining = gainers(connector, roles, [provider.provisioning_roles])
        found.append(Effect(connector, _absent(connector, gaining), _leaving(connector, roles)))
    return found


def gainers(
    connector: OutboundConnector, roles: Roles, before: Iterable[Roles]
) -> QuerySet[User]:
    """People whom `roles` entitle and one of the lists before did not.

    Nobody else: to list a role sends nobody who could have been sent there all along.
    """
    tenant = connector.provider.tenant
    people = User.objects.filter(tenant=tenant)
    if row_for_new(connector) is None:
        return people.none()
    newly = Q(pk=None)
    for listed in before:
        if listed:
            newly |= Q(~_holds(tenant, listed))
    if roles:
        people = people.filter(_holds(tenant, roles))
    return people.filter(newly)


def row_for_new(connector: OutboundConnector) -> OutboundTarget | None:
    """Whose row sends somebody who is nowhere yet: the resident service provider's, else the
    only one there is."""
    rows = OutboundTarget.objects.filter(
        connector=connector, service_provider__retired_at=None
    ).select_related("service_provider")
    found = list(rows[:50])
    resident = [row for row in found if row.service_provider.name == RESIDENT]
    return resident[0] if resident else found[0] if len(found) == 1 else None


def _absent(connector: OutboundConnector, people: QuerySet[User]) -> int:
    there = _there(connector).filter(entity_id=OuterRef("pk"))
    return people.filter(~Exists(there)).count()


def _leaving(connector: OutboundConnector, roles: Roles) -> int:
    if not roles:
        return 0
    tenant = connector.provider.tenant
    left = User.objects.filter(~_holds(tenant, roles), pk=OuterRef("entity_id"))
    return _there(connector).filter(Exists(left)).count()


def _there(connector: OutboundConnector) -> QuerySet[ProvisionedEntity]:
    return ProvisionedEntity.objects.filter(
        connector=connector, entity_type=EntityType.USER, state=LinkState.LINKED
    )


def _holds(tenant: Tenant, roles: Roles) -> Exists:
    groups = groups_called(tenant, roles)
    return Exists(Membership.objects.filter(user=OuterRef("pk"), group_id__in=groups))


def groups_called(tenant: Tenant, names: Roles) -> list[uuid.UUID]:
    """The ids of the tenant's groups and roles of these full names."""
    stores = {store.domain: store for store in UserStore.objects.filter(tenant=tenant)}
    wanted = Q(pk=None)
    for name in names:
        domain, bare = split_name(name, set(stores))
        wanted |= Q(store=stores[domain], name_key=key_of(bare))
    return list(Group.objects.filter(wanted, tenant=tenant).values_list("pk", flat=True))
