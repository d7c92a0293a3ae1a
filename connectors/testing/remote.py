"""What a fake remote system must offer, and the values the tests share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Any, ClassVar, Protocol

import pytest

from connectors.base import Connector
from connectors.http import Http
from connectors.types import Entity, EntityType, Receipt

MARKER = 'Marker-Pa55 "word"/äö+&'
"""A password that is written differently in JSON, XML, URLs and base64."""


class Hang(Protocol):
    reached: Event
    """Set once a request hangs."""

    def release(self) -> None: ...


class Remote(Protocol):
    """A fake of the remote system: a real HTTP server that misbehaves on demand.

    A subclass of `FakeServer` has most of it; `settings`, `secrets` and what stands under
    "look-ups" below are its own.
    """

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings with which the connector reaches it, passwords provisioned if it can."""

    @property
    def secrets(self) -> Sequence[str]:
        """What in `settings` must never be shown."""

    def fail_next(
        self,
        status: int = 500,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> object:
        """Answer the next requests so, without doing what they ask."""

    def behave(self) -> None:
        """Forget what is still to go wrong."""

    def hang_next(self, *, processed: bool = False) -> Hang:
        """Do what the next request asks, and do not answer it until released."""

    def drop_next(self, *, processed: bool = True) -> object:
        """Do what the next request asks (or, not `processed`, do not), and break the
        connection."""

    def garbage_next(self) -> object:
        """Do what the next request asks, and answer 200 with something senseless."""

    def count_requests(self) -> int:
        """How many requests have arrived so far."""

    def member_ids(self, group_id: str) -> Sequence[str]:
        """The remote ids of a group's members; only asked if the connector takes groups."""

    def stop(self) -> None:
        """Refuse connections from now on."""

    # look-ups

    def ignore_filters(self) -> None:
        """From now on answer a look-up with everybody there is, whoever was asked for.
        Nothing to do where an object is asked for by key."""

    def answer_in_pages(self, size: int) -> None:
        """From now on answer lists in pages of so many. Nothing to do without lists."""

    def add_twin(self, remote_id: str) -> bool:
        """Hold a second user of the same name under another id, though it should not be.
        False where an answer cannot hold two."""


class Contract:
    """The fixtures and values of every contract class."""

    connector_class: ClassVar[type[Connector]]
    awkward_names: ClassVar[Sequence[str]] = (
        'o"neil',
        "back\\slash",
        "kim' or '1'='1",
        "a+b&c=d%20#e",
        "jürgen",
        "kim*",
    )
    """Names the remote system allows that are hard to ask for."""

    @pytest.fixture
    def remote(self) -> Iterator[Remote]:
        pytest.fail("define a fixture `remote` in the subclass")  # pragma: no cover

    @pytest.fixture
    def http(self) -> Iterator[Http]:
        with Http(allow_private=True, timeout=10) as http:
            yield http

    @pytest.fixture
    def connector(self, remote: Remote, http: Http) -> Connector:
        return self.signed_in(remote, http)

    def signed_in(self, remote: Remote, http: Http) -> Connector:
        """A connector whose next request is the one asked for, not one for a token."""
        connector = self.connector_class(remote.settings, http)
        connector.find(self.entity("nobody"))
        http.reset()
        return connector

    def named(self, name: str) -> str:
        """What somebody called so is called at the target; override for `kim@domain`."""
        return name

    def entity(self, name: str, **more: Any) -> Entity:
        """A user as the engine would hand it over; override where more is needed."""
        values: dict[str, Any] = {
            "type": EntityType.USER,
            "local_id": f"local-{name}",
            "remote_name": self.named(name),
            "external_id": f"local-{name}",
        }
        return Entity(**{**values, **more})

    def vanish(self, connector: Connector, remote: Any, entity: Entity) -> None:
        """Make it unknown there; override where a delete leaves something behind."""
        connector.delete(entity)

    def group(self, name: str, **more: Any) -> Entity:
        return self.entity(name, **{"type": EntityType.GROUP, **more})


def accepted(entity: Entity, receipt: Receipt) -> Entity:
    """The entity as the engine hands it over after this receipt."""
    return replace(
        entity,
        remote_id=receipt.remote_id,
        accepted=receipt.accepted,
        accepted_name=receipt.remote_name,
        password=None,
    )
