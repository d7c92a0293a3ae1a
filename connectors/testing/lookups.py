"""Look-ups: whom a connector believes to have found, whatever it is told."""
# ruff: noqa: S101 - these are tests, to be inherited

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.base import Connector
from connectors.errors import Ambiguous, ConnectorError, JobIsWrong, RemoteExists
from connectors.http import Http
from connectors.testing.remote import Contract, Remote, accepted
from connectors.types import Entity, EntityType, Found

_ALL = 50
"""More requests than any one call makes."""


class Lookups(Contract):
    def test_two_of_one_name_are_never_taken_for_one(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        receipt = connector.create(entity)
        twice = remote.add_twin(receipt.remote_id)

        try:
            found = connector.find(entity)
        except Ambiguous:
            assert twice
        else:
            assert len({one.remote_id for one in found}) == (2 if twice else 1)

    def test_an_ignored_filter_finds_nobody_else(
        self, connector: Connector, remote: Remote
    ) -> None:
        ids = {name: connector.create(self.entity(name)).remote_id for name in _NAMES}
        remote.ignore_filters()

        for name, remote_id in ids.items():
            assert _ids(connector.find(self.entity(name))) == [remote_id]
        assert connector.find(self.entity("nobody")) == []

    def test_answers_in_pages_are_read_to_the_end(
        self, connector: Connector, remote: Remote
    ) -> None:
        ids = {name: connector.create(self.entity(name)).remote_id for name in _NAMES}
        remote.ignore_filters()
        remote.answer_in_pages(2)

        for name, remote_id in ids.items():
            assert _ids(connector.find(self.entity(name))) == [remote_id]

    def test_an_answer_about_somebody_else_is_not_believed(
        self, connector: Connector, remote: Remote, http: Http
    ) -> None:
        kim, robin = self.entity("kim"), self.entity("robin")
        kims_id = connector.create(kim).remote_id
        robins_id = connector.create(robin).remote_id
        about_kim = _said(http, lambda: connector.find(kim))
        kim_herself = _said(http, lambda: connector.fetch(EntityType.USER, kims_id))

        remote.fail_next(200, times=_ALL, body=about_kim)
        assert kims_id not in _ids(_or_nobody(connector, robin))
        remote.behave()
        remote.fail_next(200, times=_ALL, body=kim_herself)

        with pytest.raises(ConnectorError):
            connector.fetch(EntityType.USER, robins_id)

    def test_a_success_that_is_none_makes_no_account(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        remote.fail_next(200, body=b"{}")

        with pytest.raises(ConnectorError):
            connector.create(entity)

        assert connector.find(entity) == []

    def test_renaming_to_a_name_that_is_taken_says_so(self, connector: Connector) -> None:
        connector.create(self.entity("robin"))
        entity = self.entity("kim")
        before = accepted(entity, connector.create(entity))

        with pytest.raises((RemoteExists, JobIsWrong)):
            connector.update(replace(before, remote_name=self.named("robin")))

        found = connector.fetch(EntityType.USER, before.remote_id)
        assert found is not None
        assert found.remote_name == self.named("kim")


_NAMES = ("kim", "robin", "lee", "sam", "alex")


def _ids(found: list[Found]) -> list[str]:
    return [one.remote_id for one in found]


def _or_nobody(connector: Connector, entity: Entity) -> list[Found]:
    """To refuse an answer is as good as to find nobody in it."""
    try:
        return connector.find(entity)
    except ConnectorError:
        return []


def _said(http: Http, ask: Callable[[], object]) -> bytes:
    """What the remote system answered to the first request."""
    http.reset()
    ask()
    return http.exchanges[0].response_body.encode()
