"""Functions as a policy calls them: `answer("1.0 integer-add", "integer 2", "integer 3")`.

An argument is a literal, "integer 2"; a bag, ("integer", "2", "3"); or a function for one that
applies it, "@1.0 string-equal".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from provisioning.rules import datatypes, names
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.expressions import Scope, expression
from provisioning.rules.request import Request
from tests.provisioning.rules.writing import NOTHING, NS, apply, function, value

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TYPES = {names.short(identifier): identifier for identifier in datatypes.ALL}
Argument = str | tuple[str, ...]


def written(argument: Argument) -> str:
    """A literal, a bag of a type and its texts, or the function that a function takes."""
    if isinstance(argument, tuple):
        kind, *items = argument
        version = {"dayTimeDuration": "3.0", "yearMonthDuration": "3.0"}.get(kind, "1.0")
        version = {"ipAddress": "2.0", "dnsName": "2.0"}.get(kind, version)
        return apply(
            named(f"{version} {kind}-bag"), *(value(one, TYPES[kind]) for one in items)
        )
    if argument.startswith("@"):
        return function(named(argument[1:]))
    kind, _, text = argument.partition(" ")
    return value(text, TYPES[kind])


def named(short: str) -> str:
    version, name = short.split(" ")
    return f"{names.URN}{version}:function:{name}"


def evaluated(xml: str, asked: Request = NOTHING) -> Any:
    root = etree.fromstring(f"<x {NS}>{xml}</x>")
    return expression(root[0], Scope()).run(Evaluation(asked, NOW))


def answer(name: str, *arguments: Argument) -> Any:
    return evaluated(apply(named(name), *(written(one) for one in arguments)))


def code(name: str, *arguments: Argument) -> str:
    """The status code of the Indeterminate that comes of it."""
    try:
        found = answer(name, *arguments)
    except Indeterminate as error:
        return names.short(error.code)
    return f"answered {found!r}"


def meant(expected: Argument) -> Any:
    return evaluated(written(expected))
