"""The users, or the groups, of one target of an SPML provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.errors import Ambiguous, ConnectorIsWrong, JobIsWrong, RemoteMissing
from connectors.spml import requests
from connectors.spml.capabilities import Capabilities
from connectors.spml.client import SpmlClient
from connectors.spml.dsml import Change, Values
from connectors.spml.names import SUSPEND
from connectors.spml.pso import Pso, PsoId, named
from connectors.spml.xml import Element, children
from connectors.types import EntityType

UNSUPPORTED = "unsupportedOperation"
_MOST_PAGES = 500


@dataclass(frozen=True, slots=True)
class Objects:
    """`classes` are the values of `objectclass`, the last one the most specific; objects are
    called by their attribute `name_attribute`."""

    client: SpmlClient
    capabilities: Capabilities
    type: EntityType
    classes: Sequence[str]
    name_attribute: str
    target: str = ""
    container: str = ""

    def add(self, attributes: Mapping[str, Values]) -> str:
        """The remote id, or "" when the provider took the object but gave none."""
        request = requests.add(self.classes, attributes, self.target, self.container)
        response = self.client.told(request, on_object=False)
        found = None if response is None else self._named_in(response)
        return self.remote_id(found) if found else ""

    def modify(self, remote_id: str, changes: Sequence[Change]) -> str:
        """The remote id from now on: a provider may give another with a new name."""
        before = self.pso_id(remote_id)
        found = self._named_in(self.client.tell(requests.modify(before, changes)))
        return self.remote_id(found) if found and found.id != before.id else remote_id

    def delete(self, remote_id: str) -> None:
        self.client.tell(requests.delete(self.pso_id(remote_id)))

    def set_active(self, remote_id: str, active: bool) -> None:
        make = requests.resume if active else requests.suspend
        self.client.tell(make(self.pso_id(remote_id)))

    def set_password(self, remote_id: str, password: str) -> None:
        self.client.tell(requests.set_password(self.pso_id(remote_id), password))

    def read(self, remote_id: str) -> Pso | None:
        request = requests.lookup(self.pso_id(remote_id))
        try:
            response = self.client.ask(request, on_object=True)
        except RemoteMissing:
            return None
        found = next((Pso.read(one) for one in children(response, "pso")), None)
        if found is None:
            raise ConnectorIsWrong(
                f"{self.client.endpoint} answers without the object asked for"
            )
        return found

    def is_active(self, remote_id: str) -> bool:
        """True where nobody can be suspended. `RemoteMissing` when it is gone."""
        if self.type is not EntityType.USER or not self.capabilities.expected(SUSPEND):
            return True
        try:
            request = requests.active(self.pso_id(remote_id))
            response = self.client.ask(request, on_object=True)
        except JobIsWrong as error:
            if error.code != UNSUPPORTED:
                raise
            self.capabilities.remember(SUSPEND, offered=False)
            return True
        return (response.get("active") or "").strip().lower() not in ("false", "0")

    def search(self, name: str) -> Iterator[Pso]:
        """Whatever the provider finds for the name, page by page."""
        request = requests.search(self.name_attribute, name, self.target)
        for _ in range(_MOST_PAGES):
            response = self.client.ask(request)
            for one in children(response, "pso"):
                if (found := Pso.read(one)) is not None:
                    yield found
            following = next((one.get("ID") for one in children(response, "iterator")), None)
            if not following:
                return
            request = requests.iterate(following)
        raise Ambiguous(
            f"{self.client.endpoint} finds more for {name} than can be read through"
        )

    def may_be(self, pso: Pso) -> bool:
        """Whether it is one of these users or groups, or does not say what it is."""
        return pso.is_a(self.classes[-1])

    def name_of(self, pso: Pso, wanted: str = "") -> str:
        """The name it has, the one asked for if it has several."""
        names = pso.values(self.name_attribute)
        asked = (name for name in names if name.casefold() == wanted.casefold())
        return next(asked, next(iter(names), ""))

    def pso_id(self, remote_id: str) -> PsoId:
        return PsoId.parse(remote_id, self.target)

    def remote_id(self, pso_id: PsoId) -> str:
        return pso_id.remote_id(self.target)

    def missing(self, remote_id: str) -> RemoteMissing:
        return RemoteMissing(f"{self.client.endpoint} has nothing under {remote_id}")

    def _named_in(self, response: Element) -> PsoId | None:
        return next((named(one) for one in children(response, "pso")), None)
