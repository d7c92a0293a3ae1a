"""As much of SOQL as is sent: one object, `=` and IN, AND or OR, LIMIT, quoted strings."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.salesforce_fields import OBJECTS, is_id

Rows = dict[str, dict[str, dict[str, Any]]]
_QUERY = re.compile(
    r"SELECT\s+(\w+(?:\s*,\s*\w+)*)\s+FROM\s+(\w+)(?:\s+WHERE\s+(.+?))?(?:\s+LIMIT\s+(\d+))?",
    re.DOTALL | re.IGNORECASE,
)
_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|\w+|[=(),])", re.DOTALL)
_ESCAPES = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
}


class Refused(Exception):
    """The query is none; `code` as Salesforce names it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def select(soql: str, rows: Rows) -> tuple[str, list[dict[str, Any]]]:
    """The object's name and its rows, with the columns asked for. Raises `Refused`."""
    parsed = _QUERY.fullmatch(soql.strip())
    if not parsed:
        raise Refused("MALFORMED_QUERY", f"unexpected token in {soql!r}")
    kind = parsed[2]
    if kind not in OBJECTS:
        raise Refused("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    columns = [_column(kind, column.strip()) for column in parsed[1].split(",")]
    fitting = _fitting(kind, list(rows[kind].values()), parsed[3])
    found = fitting[: int(parsed[4])] if parsed[4] else fitting
    return kind, [{column: row.get(column) for column in columns} for row in found]


def _column(kind: str, name: str) -> str:
    if name != "Id" and name not in OBJECTS[kind]:
        raise Refused("INVALID_FIELD", f"No such column '{name}' on entity '{kind}'.")
    return name


def _fitting(
    kind: str, rows: list[dict[str, Any]], condition: str | None
) -> list[dict[str, Any]]:
    if condition is None:
        return rows
    tokens = _tokens(condition)
    terms, joiners = [_term(kind, tokens)], []
    while tokens:
        joiners.append(tokens.pop(0).upper())
        terms.append(_term(kind, tokens))
    if set(joiners) - {"AND", "OR"} or len(set(joiners)) > 1:
        raise Refused("MALFORMED_QUERY", f"unexpected token: {joiners[-1]}")
    together = any if joiners[:1] == ["OR"] else all
    return [
        row
        for row in rows
        if together(str(row.get(column) or "").lower() in values for column, values in terms)
    ]


def _tokens(condition: str) -> list[str]:
    tokens, at = [], 0
    while at < len(condition.rstrip()):
        found = _TOKEN.match(condition, at)
        if not found:
            raise Refused("MALFORMED_QUERY", f"unexpected token: {condition[at : at + 10]}")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _term(kind: str, tokens: list[str]) -> tuple[str, set[str]]:
    try:
        column, operator = _column(kind, tokens.pop(0)), tokens.pop(0).upper()
        if operator == "=":
            given = [tokens.pop(0)]
        elif operator == "IN" and tokens.pop(0) == "(":
            given = tokens[: tokens.index(")")]
            del tokens[: len(given) + 1]
            given = given[::2]
        else:
            raise Refused("MALFORMED_QUERY", f"unexpected token: {operator}")
    except (IndexError, ValueError) as error:
        raise Refused("MALFORMED_QUERY", "unexpected end of query") from error
    values = {_text(token) for token in given}
    if column.endswith("Id") and (wrong := [one for one in values if not is_id(one)]):
        raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {wrong[0]}")
    return column, {value.lower() for value in values}


def _text(token: str) -> str:
    if not token.startswith("'"):
        raise Refused("MALFORMED_QUERY", f"unexpected token: {token}")

    def meant(escape: re.Match[str]) -> str:
        if escape[1] not in _ESCAPES:
            raise Refused("MALFORMED_QUERY", f"Illegal string literal: {token}")
        return _ESCAPES[escape[1]]

    return re.sub(r"\\(.)", meant, token[1:-1], flags=re.DOTALL)
