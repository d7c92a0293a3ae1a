"""What `/Users` and `/Groups` do alike (RFC 7644 §3.3, §3.4.1, §3.6)."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet

from connectors import EntityType
from idp.models import Group, Tenant, User
from provisioning import intake
from provisioning.changes import Accepted, Action, Change, Refused
from provisioning.inbound.scim2.errors import ScimError, not_found, of_refused, outcome_headers
from provisioning.inbound.scim2.messages import Answer, Call, check_match, is_unchanged
from provisioning.inbound.scim2.narrowing import Lookups, uuid_of
from provisioning.inbound.scim2.projection import Projection
from provisioning.inbound.scim2.rendering import Site, etag
from provisioning.inbound.scim2.schema import ResourceSchema
from provisioning.inbound.scim2.values import Json
from provisioning.readers import Reader

E = TypeVar("E", User, Group)


class Endpoint(ABC, Generic[E]):
    """A resource type's endpoint, for everybody whose resources have that schema."""

    name: ClassVar[str]
    tally: ClassVar[str]
    entity_type: ClassVar[EntityType]
    columns: ClassVar[Mapping[str, str]]
    """What the fields of a `Change` are called in SCIM, for messages."""

    def __init__(self, schema: ResourceSchema) -> None:
        self.schema = schema

    # for each type

    @abstractmethod
    def read_body(self, call: Call, body: Any) -> dict[str, Any]:
        """The `user=` or `group=` of the `Change` that a POST asks for."""

    @abstractmethod
    def replace(self, call: Call, entity_id: str, body: Any) -> Answer: ...

    @abstractmethod
    def patch(self, call: Call, entity_id: str, body: Any) -> Answer: ...

    @abstractmethod
    def rows(self, tenant: Tenant) -> QuerySet[E]: ...

    @abstractmethod
    def with_id(self, reader: Reader, key: uuid.UUID) -> E | None: ...

    @abstractmethod
    def lookups(self, tenant: Tenant) -> Lookups: ...

    @abstractmethod
    def render(
        self, entities: Sequence[E], site: Site, projection: Projection, reader: Reader
    ) -> list[Json]:
        """The resources as asked for, in a constant number of queries."""

    # for both

    def create(self, call: Call, body: Any) -> Answer:
        accepted = self.accept(call, Action.CREATE, **self.read_body(call, body))
        return self._created(call, accepted)

    def create_all(self, call: Call, bodies: Sequence[Any]) -> Sequence[Answer | ScimError]:
        """What `create` answers to each, in their order; many together cost less."""
        read = [self._read_new(call, body) for body in bodies]
        changes = (change for change in read if isinstance(change, Change))
        answers = intake.accept_all(changes)
        return [
            change if isinstance(change, ScimError) else self._answered(call, next(answers))
            for change in read
        ]

    def _read_new(self, call: Call, body: Any) -> Change | ScimError:
        try:
            fields = self.read_body(call, body)
        except ScimError as error:
            return error
        return call.change(Action.CREATE, self.entity_type, **fields)

    def _answered(self, call: Call, answer: Accepted | Refused) -> Answer | ScimError:
        if isinstance(answer, Refused):
            return of_refused(answer, self.columns)
        return self._created(call, answer)

    def _created(self, call: Call, accepted: Accepted) -> Answer:
        answer = self.answer(call, accepted, status=201)
        location = call.site.location(self.name, accepted.entity_id)
        return Answer(answer.status, answer.body, {**answer.headers, "Location": location})

    def read(self, call: Call, entity_id: str) -> Answer:
        entity = self.find(call, entity_id)
        headers = {"ETag": etag(entity)}
        if is_unchanged(entity, call.if_none_match):
            return Answer(304, headers=headers)
        [body] = self.render([entity], call.site, call.projection, call.reader)
        return Answer(200, body, headers)

    def delete(self, call: Call, entity_id: str) -> Answer:
        accepted = self.accept(
            call,
            Action.DELETE,
            entity_id=self.key(entity_id),
            expected_version=self.expected_version(call, entity_id),
        )
        return Answer(204, headers=outcome_headers(accepted.outcomes))

    def expected_version(self, call: Call, entity_id: str) -> int | None:
        """The version that the conditions hold for; without one any version will do."""
        if not (call.if_match or call.if_none_match):
            return None
        entity = self.find(call, entity_id)
        check_match(entity, call)
        return entity.version

    def accept(self, call: Call, action: Action, **fields: Any) -> Accepted:
        """`intake.accept`, with refusals as SCIM errors."""
        try:
            return intake.accept(call.change(action, self.entity_type, **fields))
        except Refused as refused:
            raise of_refused(refused, self.columns) from refused

    def answer(self, call: Call, accepted: Accepted, status: int = 200) -> Answer:
        entity: Any = accepted.entity
        [body] = self.render([entity], call.site, call.projection, call.reader)
        headers = {"ETag": etag(entity), **outcome_headers(accepted.outcomes)}
        return Answer(status, body, headers)

    def find(self, call: Call, entity_id: str) -> E:
        entity = self.with_id(call.reader, self.key(entity_id))
        if entity is None:
            raise self.missing(entity_id)
        return entity

    def key(self, entity_id: str) -> uuid.UUID:
        key = uuid_of(entity_id.lower())
        if key is None:
            raise self.missing(entity_id)
        return key

    def missing(self, entity_id: str) -> Exception:
        return not_found(f"{self.schema.name} {entity_id[:80]}")
