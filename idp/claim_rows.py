"""Whether a row of a claim mapping can be: what it names must exist."""

from __future__ import annotations

from idp import expressions
from idp.claims import ClaimTable, UnknownClaim


def problems(table: ClaimTable, local: str, expression: str) -> dict[str, str]:
    """What is wrong with it, by field: sentences without a full stop."""
    found = {}
    if local and (problem := _unknown(table, local)):
        found["local"] = problem
    if expression and (problem := _in_expression(table, expression)):
        found["expression"] = problem
    return found


def _in_expression(table: ClaimTable, text: str) -> str:
    try:
        compiled = expressions.compile(text)
    except expressions.ExpressionRefused as error:
        return str(error)
    for uri in sorted(compiled.claims):
        if problem := _unknown(table, uri):
            return f"{_place_of(text, uri)}: {problem}"
    return ""


def _unknown(table: ClaimTable, uri: str) -> str:
    try:
        table.claim(uri)
    except UnknownClaim as error:
        return str(error)
    return ""


def _place_of(text: str, part: str) -> str:
    """
    >>> _place_of("store +\\nclaims['x']", "x")
    'line 2, position 9'
    """
    before = text[: max(0, text.find(part))]
    return (
        f"line {before.count(chr(10)) + 1}, position {len(before.rpartition(chr(10))[2]) + 1}"
    )
