"""Identity providers, service providers and connectors: entries of the configuration file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import IdentityProvider, OutboundConnector
from provisioning import budgets, queries, wake
from provisioning.api import filters
from provisioning.api.described import resource
from provisioning.api.problems import Problem, missing, wrong
from provisioning.api.shapes import COUNT, MOMENT, NUMBER, TEXT, fixed, or_null
from provisioning.api.views import ApiView
from provisioning.changes import Door
from provisioning.configuration import policies, single
from provisioning.configuration.export import (
    connector_entry,
    provider_entry,
    service_provider_entry,
    whole_providers,
    whole_service_providers,
)
from provisioning.configuration.report import Line, Result
from provisioning.models import Policy
from provisioning.searching import as_uuid
from serviceproviders.models import RESIDENT, ServiceProvider

Entry = dict[str, Any]

BUDGET_NOW = fixed(
    requests_per_second=or_null(NUMBER),
    concurrency=COUNT,
    lowered_because=TEXT,
    used_today=COUNT,
    left_today=or_null(COUNT),
    paused_until=or_null(MOMENT),
    goes_on_at=or_null(MOMENT),
)


class Configured(ApiView):
    """A resource whose body is an entry of the configuration file.

    An absent key keeps its value, with PUT as with PATCH: nothing is lost because a script
    did not know of it. PUT also creates; DELETE retires.
    """

    kind: ClassVar[single.Kind]
    key: ClassVar[str]
    read_only: ClassVar[frozenset[str]] = frozenset({"id"})
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"destroy": frozenset({"withdraw"})}

    def rows(self) -> QuerySet[Any]:
        raise LookupError(f"{type(self).__name__} has no rows")

    def bring(self, entry: Mapping[str, Any]) -> Line:
        raise LookupError(f"{type(self).__name__} brings nothing")

    def named(self, name: str) -> Any:
        return self.rows().filter(name=name).first()

    def row_of(self, id: str) -> Any:
        """By id or by name; None when there is none."""
        key = as_uuid(id)
        row = self.rows().filter(pk=key).first() if key else None
        return row if row is not None else self.named(id)

    def required_row(self, id: str) -> Any:
        row = self.row_of(id)
        if row is None:
            raise missing(f"{self.model._meta.verbose_name} {id[:80]}")
        return row

    def name_of(self, row: Any) -> str:
        return str(row.name)

    def entry(self) -> Entry:
        """The body without what is only told: so what was read can be sent back."""
        return {k: v for k, v in self.body().items() if k not in self.read_only}

    def present(self, entry: Entry) -> Entry:
        """For what is not there yet."""
        if entry.get("state") == "absent":
            raise wrong(("state", "there is no such entry that could go"))
        return entry

    def applied(self, entry: Mapping[str, Any]) -> Line:
        line = self.bring(single.cleaned(self.kind, entry))
        wake.wake()
        return line

    def run(self) -> Any:
        return single.run_of(self.caller.actor, Door.REST)

    def answered(self, row: Any, *, created: bool) -> Response:
        told = self.told_one(row)
        if not created:
            return Response(told)
        place = self.request.build_absolute_uri(self.request.path)
        location = place if place.rstrip("/").endswith(str(row.pk)) else f"{place}{row.pk}/"
        return Response(told, status=201, headers={"Location": location})

    # actions

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.required_row(id)))

    def create(self, request: Request, **kwargs: Any) -> Response:
        entry = self.present(self.entry())
        checked = single.cleaned(self.kind, entry)
        name = str(checked[self.key])
        known = self.named(name)
        if known is not None and getattr(known, "retired_at", None) is None:
            raise Problem(
                409, f"{self.key}: “{name}” is taken", errors=[(self.key, "is taken")]
            )
        self.applied(entry)
        return self.answered(self.named(name), created=True)

    def update(self, request: Request, id: str, **kwargs: Any) -> Response:
        row, entry = self.row_of(id), self.entry()
        if row is None and as_uuid(id):
            raise missing(f"{self.model._meta.verbose_name} {id}")
        entry = entry if row is not None else self.present(entry)
        name = self.name_of(row) if row is not None else id
        line = self.applied(self._keyed(entry, name))
        return self.answered(self.named(name), created=line.result is Result.CREATED)

    def partial_update(self, request: Request, id: str, **kwargs: Any) -> Response:
        name = self.name_of(self.required_row(id))
        self.applied(self._keyed(self.entry(), name))
        return self.answered(self.named(name), created=False)

    def destroy(self, request: Request, id: str, **kwargs: Any) -> Response:
        entry: Entry = {"state": "absent", self.key: self.name_of(self.required_row(id))}
        if (withdraw := request.query_params.get("withdraw")) is not None:
            if withdraw not in ("true", "false"):
                raise wrong(("withdraw", "must be true or false"))
            entry["withdraw"] = withdraw == "true"
        self.applied(entry)
        return Response(status=204)

    def _keyed(self, entry: Entry, name: str) -> Entry:
        if entry.get(self.key, name) != name:
            raise wrong((self.key, "cannot be changed: it is what files find the entry by"))
        return {**entry, self.key: name}


@resource("IdentityProvider", "an identity provider", "identity providers")
class IdentityProviders(Configured):
    model = IdentityProvider
    kind, key = "identity_providers", "name"
    filterset_class = filters.IdentityProviders
    queryset = IdentityProvider.objects.none()

    def rows(self) -> QuerySet[IdentityProvider]:
        return whole_providers(IdentityProvider.objects.filter(tenant=self.tenant))

    def bring(self, entry: Mapping[str, Any]) -> Line:
        return single.bring_provider(self.run(), self.tenant, entry)

    def told(self, rows: Sequence[IdentityProvider]) -> list[Entry]:
        return [{"id": row.pk, **provider_entry(row), "state": state(row)} for row in rows]


@resource("ServiceProvider", "a service provider", "service providers")
class ServiceProviders(Configured):
    model = ServiceProvider
    kind, key = "service_providers", "name"
    filterset_class = filters.ServiceProviders
    queryset = ServiceProvider.objects.none()

    def rows(self) -> QuerySet[ServiceProvider]:
        return whole_service_providers(ServiceProvider.objects.filter(tenant=self.tenant))

    def named(self, name: str) -> Any:
        return self.rows().filter(name=RESIDENT if name == "resident" else name).first()

    def name_of(self, row: ServiceProvider) -> str:
        return str(row)

    def bring(self, entry: Mapping[str, Any]) -> Line:
        return single.bring_service_provider(self.run(), self.tenant, entry)

    def told(self, rows: Sequence[ServiceProvider]) -> list[Entry]:
        return [
            {"id": row.pk, **service_provider_entry(row), "state": state(row)} for row in rows
        ]


@resource("Connector", "a connector", "connectors")
class Connectors(Configured):
    """A connector on its own; an identity provider's entry has its connectors as well."""

    model = OutboundConnector
    kind, key = "connectors", "type"
    read_only = frozenset({"id", "identity_provider", "budget_now", "eta_seconds"})
    filterset_class = filters.Connectors
    queryset = OutboundConnector.objects.none()

    def rows(self) -> QuerySet[OutboundConnector]:
        rows = OutboundConnector.objects.filter(provider__tenant=self.tenant)
        return rows.select_related("provider__tenant", "health", "spent")

    def row_of(self, id: str) -> Any:
        key = as_uuid(id)
        return self.rows().filter(pk=key).first() if key else None

    def name_of(self, row: OutboundConnector) -> str:
        self.provider = row.provider
        return row.type

    def named(self, name: str) -> Any:
        return self.rows().filter(provider=self.provider, type=name).first()

    def bring(self, entry: Mapping[str, Any]) -> Line:
        return single.bring_connector(self.run(), self.provider, entry)

    def create(self, request: Request, **kwargs: Any) -> Response:
        name = self.body().get("identity_provider")
        if not isinstance(name, str) or not name:
            raise wrong(("identity_provider", "must be the name of one"))
        rows = IdentityProvider.objects.select_related("tenant")
        found = rows.filter(tenant=self.tenant, name=name, retired_at=None).first()
        if found is None:
            raise wrong(("identity_provider", f"there is no identity provider {name[:80]}"))
        self.provider = found
        return super().create(request, **kwargs)

    def update(self, request: Request, id: str, **kwargs: Any) -> Response:
        self.required_row(id)
        return super().update(request, id, **kwargs)

    def told(self, rows: Sequence[OutboundConnector]) -> list[Entry]:
        queued = queries.queued_at(rows)
        return [
            {
                "id": row.pk,
                "identity_provider": row.provider.name,
                **connector_entry(row),
                "state": state(row),
                **_budget_now(queries.budget_of(row, queued.get(row.pk, 0))),
            }
            for row in rows
        ]


@resource("Policy", "a policy", "policies", retires=False)
class Policies(Configured):
    """XACML 3.0 documents that decide. One goes by being unpublished or disabled."""

    model = Policy
    kind, key = "policies", "name"
    filterset_class = filters.Policies
    queryset = Policy.objects.none()

    def rows(self) -> QuerySet[Policy]:
        return Policy.objects.filter(tenant=self.tenant).select_related("published")

    def bring(self, entry: Mapping[str, Any]) -> Line:
        return single.bring_policy(self.run(), self.tenant, entry)

    def told(self, rows: Sequence[Policy]) -> list[Entry]:
        return [{"id": row.pk, **policies.told(row)} for row in rows]


def _budget_now(live: budgets.Live) -> Entry:
    return {"budget_now": live.document(), "eta_seconds": live.eta}


def state(row: Any) -> str:
    return "present" if row.retired_at is None else "absent"
