"""What a file holds, whatever its format: rows, and why one of them cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

SEPARATOR = ";"
TOLD_BACK = ("refused_line", "refused_because")
"""Columns of a report of refused rows, which reading passes over."""


class BadHeader(Exception):
    """The file cannot be understood from its beginning; the message is a sentence."""


class BadRow(ValueError):
    """This row cannot be used; the message says which column, and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `problem` says why it cannot be used; `given` is the line as it was."""

    line: int
    given: Mapping[str, Any]
    entry: Mapping[str, Any]
    problem: str = ""


class Shape(Protocol):
    """What the columns of a file mean."""

    @property
    def required(self) -> str:
        """The column that no file can be without."""

    def column(self, name: str) -> str:
        """The column of that name, as `entry` knows it. Raises `BadHeader`."""

    def entry(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a row says, by its columns; empty ones are not there. Raises `BadRow`."""


def one(column: str, value: Any) -> str:
    """A single text. Raises `BadRow`."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise BadRow(f"{column} must be a text")
    return value


def several(column: str, value: Any) -> list[str]:
    """Texts, as a list or separated by `;`. Raises `BadRow`."""
    if isinstance(value, str):
        value = [text.strip() for text in value.split(SEPARATOR)]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadRow(f"{column} must be a list of texts")
    return [text for text in value if text.strip()]


def named(shape: Shape, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, by the columns' own names. Raises `BadRow`."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        try:
            column = shape.column(name)
        except BadHeader as error:
            raise BadRow(str(error)) from error
        if column in found:
            raise BadRow(f"The column {column} is there twice.")
        if column not in TOLD_BACK and value not in ("", None, []):
            found[column] = value
    return found


def understood(
    shape: Shape, line: int, given: Mapping[str, Any], told: Mapping[str, Any]
) -> Row:
    """The row of what is given by its columns; `told` is the same as it stood there."""
    try:
        for column, value in given.items():
            _check(column, value)
        if shape.required not in given:
            raise BadRow(f"{shape.required} is empty")
        return Row(line, told, shape.entry(given))
    except BadRow as error:
        return Row(line, told, {}, str(error))


def _check(column: str, value: Any) -> None:
    """Raises `BadRow`."""
    if isinstance(value, bool):
        return
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise BadRow(f"{column} must be a text or a list of texts")
    if any("\0" in text for text in texts):
        raise BadRow(f"{column} has a NUL character, which cannot be stored")
