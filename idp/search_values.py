"""Which values of a user can be searched by index, and the rows that make it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from idp.models import SearchValue, User

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


def search_rows(user: User) -> list[SearchValue]:
    return [
        SearchValue(tenant_id=user.tenant_id, user_id=user.pk, path=path, value=value)
        for path, value in sorted(search_keys(user.document))
    ]


def search_keys(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Path and value of what can be searched in it: folded, cut to the column, each once."""
    return {
        (path, str(value).casefold()[: SearchValue.LENGTH])
        for path in SEARCHABLE
        for value in values_at(document, path)
    }


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
