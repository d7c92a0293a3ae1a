"""What users and groups do alike: read from the stores, written through `intake.accept`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import EntityType
from idp import queries, tallies
from idp.models import key_of
from provisioning import intake, passing
from provisioning.api.problems import missing, wrong
from provisioning.api.views import ApiView, outcome_headers
from provisioning.changes import (
    Accepted,
    Action,
    Change,
    Door,
)
from provisioning.configuration import single
from provisioning.searching import as_uuid

Json = dict[str, Any]


class People(ApiView):
    """What both do alike. An absent key keeps its value; PUT also creates."""

    entity_type: EntityType
    key: str
    column: str
    read_only: frozenset[str]

    def rows(self) -> QuerySet[Any]:
        raise LookupError(f"{type(self).__name__} has no rows")

    def write(self, row: Any, entry: Mapping[str, Any]) -> Accepted:
        """Create, or bring the row to the entry."""
        raise LookupError(f"{type(self).__name__} writes nothing")

    def row_of(self, id: str) -> Any:
        """By id or full name; None when there is none. In dumb mode also somebody whom the
        caller's service provider sent onward: a row that is not stored."""
        stores = queries.stores_of(self.tenant)
        key = as_uuid(id)
        row = self.rows().filter(pk=key).first() if key else None
        row = row or self.rows().filter(queries.named(stores, id, self.column)).first()
        if row is not None or not self.caller.service_provider.dumb_mode:
            return row
        sent = passing.rows_of(self.caller.service_provider, self.entity_type)
        found = sent.filter(pk=key).first() if key else None
        found = found or sent.filter(queries.named(stores, id, "name_key")).first()
        return passing.as_entity(found) if found else None

    def required_row(self, id: str) -> Any:
        row = self.row_of(id)
        if row is None:
            raise missing(f"{self.entity_type} {id[:80]}")
        return row

    def entry(self, name: str | None = None) -> Mapping[str, Any]:
        """The checked body; `name` when the address says it."""
        body = {k: v for k, v in self.body().items() if k not in self.read_only}
        if name is not None:
            body.setdefault(self.key, name)
        return self.checked(body)

    def checked(self, body: Json) -> Mapping[str, Any]:
        return single.cleaned(f"{self.entity_type}s", body)

    def change(self, action: Action, **fields: Any) -> Accepted:
        return intake.accept(
            Change(
                tenant=self.tenant,
                service_provider=self.caller.service_provider,
                door=Door.REST,
                actor=self.caller.actor,
                action=action,
                entity_type=self.entity_type,
                **fields,
            )
        )

    def total(self) -> int | None:
        asked = any(self.request.query_params.get(name) for name in ("search", self.key))
        return None if asked else tallies.total(self.tenant, f"{self.entity_type}s")

    def answered(self, accepted: Accepted, *, created: bool = False) -> Response:
        headers = outcome_headers(accepted.outcomes)
        told = self.told_one(self.required_row(str(accepted.entity_id)))
        if created:
            headers["Location"] = f"{self.list_address}{accepted.entity_id}/"
        return Response(told, status=201 if created else 200, headers=headers)

    @property
    def list_address(self) -> str:
        path, plural = self.request.path, f"/{self.entity_type}s"
        here = path[: path.index(plural) + len(plural)]
        return self.request.build_absolute_uri(f"{here}/")

    # actions

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.required_row(id)))

    def create(self, request: Request, **kwargs: Any) -> Response:
        return self.answered(self.write(None, self.entry()), created=True)

    def update(self, request: Request, id: str, **kwargs: Any) -> Response:
        row = self.row_of(id)
        if row is None and as_uuid(id):
            raise missing(f"{self.entity_type} {id}")
        entry = self.entry(row.full_name if row is not None else id)
        if row is None and key_of(entry[self.key]) != key_of(id):
            raise wrong((self.key, "is another one than the address names"))
        return self.answered(self.write(row, entry), created=row is None)

    def partial_update(self, request: Request, id: str, **kwargs: Any) -> Response:
        row = self.required_row(id)
        return self.answered(self.write(row, self.entry(row.full_name)))

    def destroy(self, request: Request, id: str, **kwargs: Any) -> Response:
        accepted = self.change(Action.DELETE, entity_id=self.required_row(id).pk)
        return Response(status=204, headers=outcome_headers(accepted.outcomes))
