"""Attributes as DSMLv2 has them: their names, their values, and what changed between two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connectors.errors import NotConfigured
from connectors.spml.names import DSML
from connectors.spml.xml import Element, checked, child

Values = tuple[str, ...]
NAME = r"(?:[0-2](?:\.[0-9]+)+|[A-Za-z][A-Za-z0-9-]*)(?:;[A-Za-z0-9-]+)*"
"""`AttributeDescriptionValue` of DSMLv2: a name or an OID, with options."""
_NAME = re.compile(NAME)
_NOTHING: tuple[Any, ...] = (None, "", [])
_NAMED = 5
"""Names told in an error; a person may have more claims."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an attribute; without values, `delete` takes all of it away."""

    mode: Literal["add", "replace", "delete"]
    name: str
    values: Values = ()


def is_name(name: str) -> bool:
    """
    >>> is_name("givenName"), is_name("cn;lang-de"), is_name("2.5.4.42")
    (True, True, True)
    >>> is_name("http://wso2.org/claims/givenname"), is_name("name.givenName"), is_name("")
    (False, False, False)
    """
    return bool(_NAME.fullmatch(name))


def attributes_of(given: Mapping[str, Any]) -> dict[str, Values]:
    """Mapped attributes as they are sent. NotConfigured names those that cannot be."""
    odd = sorted(name for name, value in given.items() if not is_name(name) and _is(value))
    if odd:
        more = f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else ""
        raise NotConfigured(
            f"SPML has no attributes called {', '.join(odd[:_NAMED])}{more}: map them to names "
            "of letters, digits and hyphens in the claim mapping of the identity provider"
        )
    return {name: values_of(value) for name, value in given.items() if _is(value)}


def sendable(given: Mapping[str, Any]) -> dict[str, Values]:
    """Those of the attributes that may have been sent."""
    return {n: values_of(value) for n, value in given.items() if is_name(n) and _is(value)}


def values_of(value: Any) -> Values:
    """One value or several, each once: a DSML attribute is a set."""
    several = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(_text(one) for one in several if one not in _NOTHING))


def plain(values: Values) -> str | list[str]:
    """As JSON keeps it: one value as itself."""
    return values[0] if len(values) == 1 else list(values)


def changes(before: Mapping[str, Values], after: Mapping[str, Values]) -> list[Change]:
    """What makes `before` into `after`, an attribute at a time. Names are compared without
    case, values as sets.

    >>> changes({"sn": ("Lee",), "title": ("Dr",)}, {"SN": ("Lee",), "mail": ("k@x.example",)})
    ... # doctest: +NORMALIZE_WHITESPACE
    [Change(mode='replace', name='mail', values=('k@x.example',)),
     Change(mode='delete', name='title', values=())]
    """
    old = {name.casefold(): set(values) for name, values in before.items()}
    new = {name.casefold() for name in after}
    return [
        *(
            Change("replace", name, values)
            for name, values in after.items()
            if old.get(name.casefold()) != set(values)
        ),
        *(Change("delete", name) for name in before if name.casefold() not in new),
    ]


def attr(parent: Element, name: str, values: Iterable[str]) -> None:
    _valued(child(parent, DSML, "attr", name=name), name, values)


def modification(parent: Element, change: Change) -> None:
    """Open content of an `spml:modification` (DSMLv2 profile §4.2.2)."""
    made = child(parent, DSML, "modification", name=change.name, operation=change.mode)
    _valued(made, change.name, change.values)


def equals(parent: Element, name: str, value: str) -> None:
    """A filter for it, open content of a `query` (DSMLv2 profile §4.3.1)."""
    match = child(child(parent, DSML, "filter"), DSML, "equalityMatch", name=name)
    _valued(match, name, [value])


def by_mode(all_changes: Sequence[Change]) -> dict[str, list[Change]]:
    grouped: dict[str, list[Change]] = {}
    for change in all_changes:
        grouped.setdefault(change.mode, []).append(change)
    return grouped


def _valued(element: Element, name: str, values: Iterable[str]) -> None:
    for value in values:
        child(element, DSML, "value").text = checked(value, name)


def _is(value: Any) -> bool:
    return value not in _NOTHING


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
