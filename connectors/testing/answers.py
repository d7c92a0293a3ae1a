"""Each row of a connector's table of answers, against a server that answers so."""
# ruff: noqa: S101 - these are tests, to be inherited

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from connectors.answers import Asked, KnownAnswer, Means, means
from connectors.base import Connector
from connectors.errors import ConnectorError
from connectors.testing.remote import Contract, Remote, accepted
from connectors.types import Entity, Found


class AnswerContract(Contract):
    """To be extended beside `ConnectorContract`, with the same fixture and values."""

    def test_each_answer_becomes_what_its_row_says(
        self, connector: Connector, remote: Remote
    ) -> None:
        rows = self.connector_class.known_answers
        came = [
            self._came_of(row, connector, remote, f"person-{number}")
            for number, row in enumerate(rows)
        ]

        wrong = [
            f"{row.asked}, {row.shown}: {met}, not {row.means}"
            for row, met in zip(rows, came, strict=True)
            if met is not row.means
        ]
        assert wrong == []
        assert rows

    def changed(self, entity: Entity) -> Entity:
        """The same entity with something else to be sent; override where `active` is none."""
        return replace(entity, active=not entity.active)

    def _came_of(
        self, row: KnownAnswer, connector: Connector, remote: Remote, name: str
    ) -> Means:
        connector.find(self.entity("nobody"))  # signed in, also after a 401
        entity = self._known(row, connector, remote, self.entity(name))
        self._prepare(row, remote, entity)
        error: ConnectorError | None = None
        found: list[Found] = []
        try:
            found = self._ask(row, connector, entity)
        except ConnectorError as raised:
            error = raised
        remote.behave()
        return means(row.asked, error, found)

    def _known(
        self, row: KnownAnswer, connector: Connector, remote: Remote, entity: Entity
    ) -> Entity:
        """As it is there before the row is asked for."""
        there = row.asked in (Asked.UPDATE, Asked.DELETE)
        if not (there or row.own == "taken"):
            return entity
        receipt = connector.create(entity)
        if not there:
            return entity
        entity = accepted(entity, receipt)
        if row.own == "gone":
            self.vanish(connector, remote, entity)
        return entity

    def _ask(self, row: KnownAnswer, connector: Connector, entity: Entity) -> list[Found]:
        match row.asked:
            case Asked.CREATE:
                connector.create(entity)
            case Asked.UPDATE:
                connector.update(self.changed(entity))
            case Asked.DELETE:
                connector.delete(entity)
            case Asked.FIND:
                return connector.find(entity)
        return []

    def _prepare(self, row: KnownAnswer, remote: Remote, entity: Entity) -> None:
        if row.own:
            return
        if not row.status:
            remote.drop_next()
            return
        body = row.body.replace("{name}", entity.remote_name).encode()
        # Whoever renews a token after a 401 asks again.
        times = 2 if row.status == HTTPStatus.UNAUTHORIZED else 1
        remote.fail_next(row.status, times=times, headers=row.headers, body=body)
