"""Testing the connection to a SCIM server without changing anything there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from connectors.errors import ConnectorError
from connectors.http import Http
from connectors.scim.collection import Collection
from connectors.scim.writing import PatchSupport, announced
from connectors.types import EntityType, Finding

_WORDS = {EntityType.USER: "users", EntityType.GROUP: "groups"}


def findings(
    collections: Mapping[EntityType, Collection], support: PatchSupport, http: Http
) -> list[Finding]:
    """One line each for transport, users, groups and PATCH; stops where nothing answers."""
    users = collections[EntityType.USER]
    reached = list(_endpoints(collections))
    found = [*_transport(collections, http), *reached]
    if all(finding.ok for finding in reached):
        found.append(_patch(users, support))
    if EntityType.GROUP not in collections:
        found.append(Finding(ok=True, what="No group endpoint is set: groups are not sent"))
    return found


def _endpoints(collections: Mapping[EntityType, Collection]) -> Iterator[Finding]:
    for entity_type, collection in collections.items():
        word = _WORDS[entity_type]
        try:
            collection.page(startIndex=1, count=1)
        except ConnectorError as error:
            yield Finding(ok=False, what=f"The {word} endpoint: {error}")
            return
        yield Finding(ok=True, what=f"The {word} endpoint answers and accepts the credentials")


def _transport(collections: Mapping[EntityType, Collection], http: Http) -> Iterator[Finding]:
    for entity_type, collection in collections.items():
        if urlsplit(collection.endpoint.url).scheme == "http":
            yield Finding(
                # Where private targets are allowed, plain http inside is the operator's choice.
                ok=http.allow_private,
                what=f"The {_WORDS[entity_type]} endpoint is plain http: "
                "credentials and data travel unprotected",
            )


def _patch(users: Collection, support: PatchSupport) -> Finding:
    if method := support.fixed(users):
        sent = f"Changes of users are sent by {method.upper()}, as the profile says"
        return Finding(ok=True, what=sent)
    supported = announced(users)
    if supported is None:
        return Finding(ok=True, what="The target does not announce whether it supports PATCH")
    support.remember(users, supported)
    if supported:
        return Finding(ok=True, what="The target supports PATCH")
    return Finding(ok=True, what="The target has no PATCH: changes are sent by PUT")
