"""Reading files of users or groups, row by row: never more than one in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import orjson

from provisioning.entity_files.rows import (
    TOLD_BACK,
    BadHeader,
    BadRow,
    Row,
    Shape,
    named,
    understood,
)

FORMATS = ("csv", "jsonl")
DELIMITERS = ",;\t"
"""What spreadsheets put between cells, by the language of their user."""


def read(lines: Iterable[str], shape: Shape, format: str) -> CsvFile | JsonFile:
    """Raises `BadHeader` at once where the beginning cannot be understood."""
    return CsvFile(lines, shape) if format == "csv" else JsonFile(lines, shape)


class CsvFile:
    """The first line names the columns; a cell that is a JSON list holds several texts."""

    def __init__(self, lines: Iterable[str], shape: Shape) -> None:
        self._shape = shape
        rest = iter(lines)
        try:
            first = next(rest, "")
            delimiter = max(DELIMITERS, key=first.count)
            # Strict: a quote that is never closed would swallow the rest of the file.
            self._reader = csv.reader(chain([first], rest), delimiter=delimiter, strict=True)
            self.header = [cell.strip() for cell in next(self._reader, [])]
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadHeader(f"The file is no CSV in UTF-8: {error}.") from error
        self._columns = [shape.column(name) for name in self.header]
        if shape.required not in self._columns:
            raise BadHeader(
                f"The first line must name the columns, {shape.required} among them."
            )
        for column in self._columns:
            if self._columns.count(column) > 1 and column not in TOLD_BACK:
                raise BadHeader(f"The column {column} is there twice.")

    def __iter__(self) -> Iterator[Row]:
        while True:
            try:
                cells = next(self._reader, None)
            except (csv.Error, UnicodeDecodeError) as error:
                line = self._reader.line_num
                yield Row(line, {}, {}, f"no CSV in UTF-8 from here on: {error}")
                return
            if cells is None:
                return
            if cells:
                yield self._row(cells)

    def _row(self, cells: list[str]) -> Row:
        line = self._reader.line_num
        told = dict(zip(self.header, cells, strict=False))
        if len(cells) > len(self._columns):
            problem = f"{len(cells)} cells, but {len(self._columns)} columns"
            return Row(line, told, {}, problem)
        given = {
            column: _cell(column, cell)
            for column, cell in zip(self._columns, cells, strict=False)
            if cell.strip() and column not in TOLD_BACK
        }
        return understood(self._shape, line, given, told)


def _cell(column: str, cell: str) -> Any:
    if column == "password":
        return cell
    text = cell.strip()
    if text.startswith("["):
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return text  # a text that begins so
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return value
    return text


class JsonFile:
    """An object a line, with the names of columns as its keys."""

    header = ()

    def __init__(self, lines: Iterable[str], shape: Shape) -> None:
        self._shape = shape
        rest = iter(lines)
        try:
            first = next(rest, None)
        except UnicodeDecodeError as error:
            raise BadHeader(f"The file is no JSON in UTF-8: {error}.") from error
        if first is None:
            raise BadHeader("The file is empty.")
        self._lines = chain([first], rest)

    def __iter__(self) -> Iterator[Row]:
        number = 0
        while True:
            number += 1
            try:
                text = next(self._lines, None)
            except UnicodeDecodeError as error:
                yield Row(number, {}, {}, f"no JSON in UTF-8 from here on: {error}")
                return
            if text is None:
                return
            if text.strip():
                yield self._row(number, text)

    def _row(self, number: int, text: str) -> Row:
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return Row(number, {}, {}, f"no JSON: {error}")
        if not isinstance(told, Mapping):
            return Row(number, {}, {}, "a line must be a JSON object")
        try:
            given = named(self._shape, told)
        except BadRow as error:
            return Row(number, told, {}, str(error))
        return understood(self._shape, number, given, told)
