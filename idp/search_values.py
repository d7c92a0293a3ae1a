"""Which values of a user can be searched by index, and the rows that make it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from idp import local_claims
from idp.models import SearchValue, Tenant, User

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEARCHABLE = (
    "displayName",
    "emails.value",
    "name.familyName",
    "name.givenName",
    "nickName",
    "phoneNumbers.value",
    f"{ENTERPRISE}:employeeNumber",
)


def kept_paths(tenant: Tenant) -> tuple[str, ...]:
    """The paths whose values get rows: ours, and the searchable claims of the tenant."""
    own = local_claims.own_claims(tenant).rows
    return (*SEARCHABLE, *(claim.path for claim in own if claim.searchable))


def indexed_paths(tenant: Tenant) -> tuple[str, ...]:
    """The paths whose rows are complete, so that they may answer a search."""
    own = local_claims.own_claims(tenant).rows
    return (*SEARCHABLE, *(claim.path for claim in own if claim.searchable and claim.indexed))


def search_rows(user: User, paths: Iterable[str] = SEARCHABLE) -> list[SearchValue]:
    return [search_row(user, *key) for key in sorted(search_keys(user.document, paths))]


def search_row(user: User, path: str, value: str) -> SearchValue:
    return SearchValue(tenant_id=user.tenant_id, user_id=user.pk, path=path, value=value)


def search_keys(
    document: Mapping[str, Any], paths: Iterable[str] = SEARCHABLE
) -> set[tuple[str, str]]:
    """Path and value of what can be searched in it: folded, cut to the column, each once."""
    return {
        (path, _text_of(value).casefold()[: SearchValue.LENGTH])
        for path in paths
        for value in values_at(document, path)
    }


def _text_of(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def values_at(document: Mapping[str, Any], path: str) -> Iterator[Any]:
    """Every value under a dotted path of a document; lists are walked.

    >>> list(values_at({"emails": [{"value": "a@x"}, {"value": "b@x"}]}, "emails.value"))
    ['a@x', 'b@x']
    """
    if path.startswith("urn:"):
        schema, _, rest = path.rpartition(":")
        document, path = document.get(schema) or {}, rest
    head, _, tail = path.partition(".")
    for value in _listed(document.get(head)):
        if not tail:
            yield value
        elif isinstance(value, Mapping):
            yield from values_at(value, tail)


def _listed(value: Any) -> Iterable[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
