"""What lists can be narrowed by: words and names that an index answers."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from idp import queries
from idp.models import Group, IdentityProvider, OutboundConnector, Tenant, User
from provisioning import searching
from provisioning.changes import Door
from provisioning.models import (
    AuditEvent,
    Cause,
    Job,
    LinkState,
    Notification,
    NotificationPreference,
    Operation,
    Policy,
    ProvisionedEntity,
    Severity,
    State,
    Webhook,
)
from serviceproviders.models import RESIDENT, ServiceProvider

PRESENCE = [("present", "present"), ("absent", "absent: retired")]


class Narrowed(DjangoFilterBackend):
    """A wrong value is 400, named; an empty one is no filter."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ValidationError(filterset.errors)
        narrowed: QuerySet[Any] = filterset.qs
        return narrowed


class _OfTenant(django_filters.FilterSet):
    @property
    def tenant(self) -> Tenant:
        tenant: Tenant = self.request.auth.tenant
        return tenant


def _text(method: str, help_text: str) -> Any:
    return django_filters.CharFilter(method=method, help_text=help_text)


class _Presence(_OfTenant):
    name = django_filters.CharFilter(field_name="name")
    state = django_filters.ChoiceFilter(
        choices=PRESENCE, method="by_state", help_text="absent: the retired ones"
    )

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(retired_at__isnull=value == "present")


class IdentityProviders(_Presence):
    class Meta:
        model = IdentityProvider
        fields: list[str] = []


class ServiceProviders(_Presence):
    name = _text("by_name", "resident is the tenant's own")

    class Meta:
        model = ServiceProvider
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(name=RESIDENT if value == "resident" else value)


class Policies(_OfTenant):
    name = django_filters.CharFilter(field_name="name")

    class Meta:
        model = Policy
        fields: list[str] = []


class Webhooks(_OfTenant):
    name = django_filters.CharFilter(field_name="name")

    class Meta:
        model = Webhook
        fields: list[str] = []


class Recipients(_OfTenant):
    operator = django_filters.CharFilter(field_name="operator__name")

    class Meta:
        model = NotificationPreference
        fields: list[str] = []


class Notifications(_OfTenant):
    state = django_filters.ChoiceFilter(
        choices=[("open", "open"), ("resolved", "resolved")], method="by_state"
    )
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    cause = django_filters.ChoiceFilter(choices=Cause.choices)

    class Meta:
        model = Notification
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(resolved__isnull=value == "open")


class Connectors(_OfTenant):
    identity_provider = django_filters.CharFilter(field_name="provider__name")
    type = django_filters.CharFilter(field_name="type")
    state = django_filters.ChoiceFilter(choices=PRESENCE, method="by_state")

    class Meta:
        model = OutboundConnector
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(retired_at__isnull=value == "present")


class Users(_OfTenant):
    username = _text("by_name", "the full name: kim, STAFF/kim")
    search = _text("by_search", "how a name or an e-mail address begins; at most 200")

    class Meta:
        model = User
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(queries.named(queries.stores_of(self.tenant), value, "username_key"))

    def by_search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(searching.users_like(self.tenant, value))


class Groups(_OfTenant):
    name = _text("by_name", "the full name: sales, STAFF/sales, Internal/boss")
    search = _text("by_search", "how a name begins; at most 200")

    class Meta:
        model = Group
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(queries.named(queries.stores_of(self.tenant), value, "name_key"))

    def by_search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(searching.groups_like(self.tenant, value))


class _AtConnectors(_OfTenant):
    """By names of the configuration; a name that there is not finds nothing."""

    identity_provider = _text("by_connector", "its name")
    connector = _text("by_connector", "its type, or its id")
    entity = _text("by_entity", "a full name, or an id, here")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        narrowed: QuerySet[Any] = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        ids = connectors_called(self.tenant, asked["identity_provider"], asked["connector"])
        # As values: an index on the connector is of use then.
        return narrowed if ids is None else narrowed.filter(connector_id__in=ids)

    def by_connector(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows

    def by_entity(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(entity_id__in=entities_called(self.tenant, value))


class HeldJobs(_AtConnectors):
    operation = django_filters.ChoiceFilter(choices=Operation.choices)

    class Meta:
        model = Job
        fields: list[str] = []


class Jobs(HeldJobs):
    state = django_filters.ChoiceFilter(choices=State.choices)
    signature = _text("by_signature", "failed ones of that signature")

    def by_signature(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(signature=value, is_failed=True)


class Entities(_AtConnectors):
    state = django_filters.ChoiceFilter(choices=LinkState.choices)

    class Meta:
        model = ProvisionedEntity
        fields: list[str] = []


class Events(_OfTenant):
    subject = django_filters.CharFilter(
        field_name="subject_id", help_text="the id of what it is about"
    )
    door = django_filters.ChoiceFilter(choices=[(door.value, door.value) for door in Door])

    class Meta:
        model = AuditEvent
        fields: list[str] = []


def connectors_called(tenant: Tenant, provider: str, kind: str) -> list[uuid.UUID] | None:
    """Ids of the connectors of that name, and of that type or id; None without either."""
    if not provider and not kind:
        return None
    rows = OutboundConnector.objects.filter(provider__tenant=tenant)
    if provider:
        rows = rows.filter(provider__name=provider)
    if kind:
        pk = searching.as_uuid(kind)
        rows = rows.filter(pk=pk) if pk else rows.filter(type=kind)
    return list(rows.values_list("pk", flat=True))


def entities_called(tenant: Tenant, text: str) -> list[uuid.UUID]:
    """Ids of the user and the group of that full name, or the id itself; who is gone is
    found among the newest jobs."""
    if pk := searching.as_uuid(text):
        return [pk]
    stores = queries.stores_of(tenant)
    found: list[uuid.UUID] = []
    for model, column in ((User, "username_key"), (Group, "name_key")):
        named: Q = queries.named(stores, text, column)
        rows = model._default_manager.filter(named, tenant=tenant)
        found += rows.values_list("pk", flat=True)
    return found or searching.entities_gone(tenant, text)
