"""What changed between two SCIM documents, as the partial resource of SCIM 1.1 (§3.3.2).

A server first removes what `meta.attributes` names and then merges the rest: simple
attributes are replaced, complex ones merged, and the values of multi-valued ones *added*.
A multi-valued attribute that differs is therefore named and sent whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.scim.diff import same
from connectors.scim.payload import is_extension

_Name = tuple[str, str]
"""The schema ("" for the core) and the attribute."""


@dataclass
class Partial:
    """`document` is what to merge, `removed` the attributes to remove before."""

    document: dict[str, Any] = field(default_factory=dict)
    removed: list[_Name] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.document or self.removed)

    @property
    def paths(self) -> list[str]:
        """For `meta.attributes`: an extension's attributes have their urn before them."""
        return [f"{schema}:{name}" if schema else name for schema, name in self.removed]

    @property
    def schemas(self) -> list[str]:
        """The extensions that it touches."""
        touched = [
            *filter(is_extension, self.document),
            *(schema for schema, _ in self.removed),
        ]
        return [schema for schema in dict.fromkeys(touched) if schema]


def partial(before: Mapping[str, Any], after: Mapping[str, Any]) -> Partial:
    """The smallest partial resource that makes `before` into `after`.

    Both are documents without null and empty values.

    >>> found = partial({"title": "Dr", "name": {"givenName": "K", "middleName": "O"}},
    ...                 {"name": {"givenName": "Kim"}, "emails": [{"value": "k@x.org"}]})
    >>> found.paths
    ['title', 'name.middleName', 'emails']
    >>> found.document
    {'name': {'givenName': 'Kim'}, 'emails': [{'value': 'k@x.org'}]}
    """
    old, new = dict(_attributes(before)), dict(_attributes(after))
    found = Partial(removed=[name for name in old if name not in new])
    for name, value in new.items():
        if not same(old.get(name), value):
            _change(found, name, old.get(name), value)
    return found


def _attributes(document: Mapping[str, Any]) -> Iterator[tuple[_Name, Any]]:
    for key, value in document.items():
        if is_extension(key) and isinstance(value, Mapping):
            yield from (((key, name), inner) for name, inner in value.items())
        else:
            yield ("", key), value


def _change(found: Partial, name: _Name, old: Any, new: Any) -> None:
    schema, attribute = name
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        found.removed += [(schema, f"{attribute}.{sub}") for sub in old if sub not in new]
        new = {sub: value for sub, value in new.items() if not same(old.get(sub), value)}
        if not new:
            return
    elif isinstance(old, list) or isinstance(new, list):
        found.removed.append(name)
    holder = found.document.setdefault(schema, {}) if schema else found.document
    holder[attribute] = new
