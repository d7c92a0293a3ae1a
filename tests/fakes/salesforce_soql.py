"""As much of SOQL as the tests need: one object, equality, IN, AND, OR, quoted strings."""

from __future__ import annotations

import re
from typing import Any

_QUERY = re.compile(r"SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: LIMIT (\d+))?", re.DOTALL)
_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|\w+|[=(),])", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def select(soql: str, objects: dict[str, dict[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows, with the columns asked for. AssertionError for what is no SOQL."""
    parsed = _QUERY.fullmatch(soql)
    assert parsed, f"no SOQL: {soql}"
    columns = [column.strip() for column in parsed[1].split(",")]
    rows = [row for row in objects[parsed[2]].values() if _fits(row, parsed[3])]
    found = rows[: int(parsed[4])] if parsed[4] else rows
    return [{column: row.get(column) for column in columns} for row in found]


def _fits(row: dict[str, Any], condition: str | None) -> bool:
    if condition is None:
        return True
    tokens = _TOKEN.findall(condition)
    assert "".join(tokens).replace(" ", "") == re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "",
        condition).replace(" ", ""), f"unreadable: {condition}"  # fmt: skip
    outcome, joiner = _term(row, tokens), ""
    while tokens:
        joiner = tokens.pop(0)
        right = _term(row, tokens)
        outcome = (outcome and right) if joiner == "AND" else (outcome or right)
    return outcome


def _term(row: dict[str, Any], tokens: list[str]) -> bool:
    column, operator = tokens.pop(0), tokens.pop(0)
    held = str(row.get(column) or "").lower()
    if operator == "=":
        return held == _text(tokens.pop(0)).lower()
    assert operator == "IN"
    assert tokens.pop(0) == "("
    values = []
    while (token := tokens.pop(0)) != ")":
        if token != ",":
            values.append(_text(token).lower())
    return held in values


def _text(token: str) -> str:
    assert token.startswith("'"), token
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), token[1:-1])
