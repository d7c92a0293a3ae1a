"""The users, or the groups, of one SCIM server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.errors import ConnectorIsWrong, RemoteMissing
from connectors.http import Answer
from connectors.scim.client import Endpoint, ScimClient, document_of
from connectors.scim.payload import remote_id_of
from connectors.scim.version import Version
from connectors.types import EntityType


@dataclass(frozen=True, slots=True)
class Page:
    """Resources of one list answer; `total` is how many there are, as the server says."""

    resources: list[dict[str, Any]]
    total: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    client: ScimClient
    endpoint: Endpoint
    type: EntityType
    version: Version

    def create(self, document: Mapping[str, Any]) -> str:
        """The id the target gave, or "" when it took the object but gave none."""
        body = self.version.resource(self.type, document)
        answer = self.client.send("POST", self.endpoint.collection(), body, on_object=False)
        return _given_id(answer, self.endpoint)

    def read(self, remote_id: str, *, members: bool = False) -> dict[str, Any] | None:
        """The resource, or None. A group comes without members unless they are asked for."""
        lean = self.type is EntityType.GROUP and not members
        url = self.endpoint.item(remote_id, **(self.version.without_members if lean else {}))
        try:
            return self.client.get(url, on_object=True)
        except RemoteMissing:
            return None

    def replace(self, remote_id: str, document: Mapping[str, Any]) -> None:
        body = self.version.resource(self.type, {"id": remote_id, **document})
        self.client.send("PUT", self.endpoint.item(remote_id), body, on_object=True)

    def patch(self, remote_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The resource as the target answered it, {} after a 204 or an unreadable body."""
        answer = self.client.send("PATCH", self.endpoint.item(remote_id), body, on_object=True)
        return document_of(answer) or {}

    def delete(self, remote_id: str) -> None:
        self.client.send("DELETE", self.endpoint.item(remote_id), on_object=True)

    def missing(self, remote_id: str) -> RemoteMissing:
        return RemoteMissing(f"{self.endpoint.url} has nothing under {remote_id}")

    def filters_by(self, attribute: str) -> bool:
        """Whether it is any use to ask: not, where the product is known not to answer."""
        behaviour = self.version.behaviour
        known = {
            EntityType.USER: behaviour.user_filters,
            EntityType.GROUP: behaviour.group_filters,
        }[self.type]
        return known is None or attribute in known

    def page(self, **parameters: Any) -> Page:
        """One list answer; `Resources` may be missing when there are none."""
        filtered = "filter" in parameters
        if not self.version.behaviour.start_index:
            parameters.pop("startIndex", None)
        try:
            url = self.endpoint.collection(**parameters)
            answered = self.client.get(url, on_object=filtered)
        except RemoteMissing:
            # Some say 404 when nobody matches: true only if there is a collection at all.
            first = {"startIndex": 1} if self.version.behaviour.start_index else {}
            self.client.get(self.endpoint.collection(**first, count=1))
            return Page([])
        resources = answered.get("Resources")
        if resources is None and ("totalResults" in answered or "schemas" in answered):
            return Page([])
        if not isinstance(resources, list):
            raise ConnectorIsWrong(
                f"{self.endpoint.url} does not answer with a list of SCIM resources"
            )
        total = answered.get("totalResults")
        listed = [resource for resource in resources if isinstance(resource, dict)]
        return Page(listed, total if isinstance(total, int) else 0)


def _given_id(answer: Answer, endpoint: Endpoint) -> str:
    document = document_of(answer) or {}
    meta = document.get("meta")
    there = meta.get("location") if isinstance(meta, dict) else None
    return (
        remote_id_of(document)
        or _id_in(answer.headers.get("Location", ""), endpoint)
        or _id_in(there, endpoint)
    )


def _id_in(location: Any, endpoint: Endpoint) -> str:
    """The last step of a Location, absolute or relative, if it lies below the collection."""
    if not isinstance(location, str):
        return ""
    try:
        path = urlsplit(location).path.rstrip("/")
    except ValueError:
        return ""
    *folders, last = path.split("/")
    collection = urlsplit(endpoint.url).path.rstrip("/").rpartition("/")[2]
    below = not folders or folders[-1].lower() == collection.lower()
    return unquote(last) if below else ""
