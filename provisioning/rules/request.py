from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioning.rules import datatypes, limits, names
from provisioning.rules.content import Content
from provisioning.rules.errors import RequestRefused, Unreadable

Key = tuple[str, ...]
"""Category, attribute id and data type; then the issuer, for those who ask for one."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value of an attribute, or the reason why its text is none."""

    category: str
    attribute_id: str
    data_type: str
    value: Any
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a decision is asked about. Made once, never changed, shared by threads.

    `bags` holds every value by its `Key`; `unreadable` tells why a bag has no value;
    `echo` are the attributes that come back with the result, as XML; `contents` the documents
    by category.
    """

    bags: Mapping[Key, tuple[Any, ...]]
    unreadable: Mapping[Key, str] = field(default_factory=dict)
    contents: Mapping[str, Content] = field(default_factory=dict)
    echo: tuple[Any, ...] = ()
    problem: str = ""

    @classmethod
    def of(cls, attributes: Mapping[str, Mapping[str, Sequence[tuple[str, Any]]]]) -> Request:
        """From categories, attribute ids and (data type, value) pairs. A value is text, or
        what Python has for the type: bool, int, float, bytes, datetime, date, time, timedelta
        (months as int for yearMonthDuration). Raises `RequestRefused`.
        """
        return built(
            given
            for category, by_id in attributes.items()
            for attribute_id, values in by_id.items()
            for given in _given(category, attribute_id, values)
        )


def _given(
    category: str, attribute_id: str, values: Sequence[tuple[str, Any]]
) -> Iterator[Given]:
    for data_type, value in values:
        if datatypes.find(data_type) is None:
            raise RequestRefused(f"{attribute_id}: there is no data type {data_type}")
        known = names.canonical_type(data_type)
        yield Given(category, attribute_id, known, read(known, value))


def built(
    values: Iterator[Given],
    contents: Mapping[str, Content] | None = None,
    echo: tuple[Any, ...] = (),
) -> Request:
    """A request of these values. What is unreadable counts when somebody asks for it."""
    bags: dict[Key, list[Any]] = {}
    unreadable: dict[Key, str] = {}
    for given in values:
        plain: Key = (given.category, given.attribute_id, given.data_type)
        keys = [plain] if given.issuer is None else [plain, (*plain, given.issuer)]
        for key in keys:
            if isinstance(given.value, Unreadable):
                unreadable[key] = f"{given.attribute_id}: {given.value}"
            else:
                bags.setdefault(key, []).append(given.value)
    whole = {key: tuple(bag) for key, bag in bags.items() if key not in unreadable}
    return Request(whole, unreadable, contents or {}, echo)


def read(data_type: str, value: Any) -> Any:
    """The value, or why it is none."""
    if isinstance(value, str) and len(value) > limits.TEXT:
        return Unreadable(f"a value of {len(value)} characters is too long")
    try:
        return datatypes.ALL[data_type].of(value)
    except Unreadable as error:
        return error
