"""Expressions in claim mappings: CEL (cel-spec), on Google's engine.

    claims['http://wso2.org/claims/title'] + ' (' + store + ')'

In scope: `claims` (texts and lists of texts by claim URI), `groups` (full names, roles
included), `username` (in its store), `store`, `tenant`, `idp`. An expression is compiled
once per text and process, and may be evaluated by many threads.

It cannot take long, nor much memory: the engine stops after 10,000 iterations and 32
levels, `sizes` measures what could be made before it is made, and texts are limited here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import isfinite
from typing import Any

from idp.expressions import sizes
from idp.expressions.syntax import Call, Constant, Field, Name, Node, Unreadable, read, walk

MOST_CHARACTERS = 2_048
MOST_TEXT = 65_536
"""Characters of an input."""
MOST_ITEMS = 5_000
"""Entries of an input list."""
MOST_RESULT = 16_384
"""Characters of a result, or entries of a list."""
MUST_GIVE = "it must give a text, a number, true or false, or a list of these"
NAMES = ("claims", "groups", "username", "store", "tenant", "idp")

Value = str | bool | int | float | list[Any] | None
Scope = Mapping[str, Any]

_PLACE = re.compile(r"<input>:(\d+):(\d+): (.*?)(?: \(in container ''\))?$", re.MULTILINE)
_GIVES = re.compile(r"(?:LIST<)?(?:STRING|BOOL|INT|UINT|DOUBLE|DYN|NULL)>?\Z")


class ExpressionRefused(ValueError):
    """It cannot be used; the message says why, and where in the text."""


class ExpressionFailed(Exception):
    """It has no answer for this person; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """`claims` are the URIs that it reads by name."""

    text: str
    claims: frozenset[str]
    _tree: Node
    _program: Any
    _grows: bool

    def evaluate(self, scope: Scope) -> Value:
        """A text, a number, true or false, a list of these; None without a value.

        No value is what reading a claim that the person does not have comes to. Raises
        `ExpressionFailed`.
        """
        if self._grows:
            try:
                sizes.check(self._tree, scope)
            except sizes.TooMuch as error:
                raise ExpressionFailed("it could take too long for this person") from error
        try:
            answer = self._program.eval(data=dict(scope))
        except RuntimeError as error:
            raise ExpressionFailed(_in_words(str(error))) from error
        kind, plain = answer.type().name(), answer.plain_value()
        if kind != "ERROR":
            return _result(kind, plain)
        if str(plain).startswith("NOT_FOUND: Key not found in map"):
            return None
        raise ExpressionFailed(_in_words(str(plain)))


@lru_cache(maxsize=1024)
def compile(text: str) -> Expression:
    """Raises `ExpressionRefused`."""
    if len(text) > MOST_CHARACTERS:
        raise ExpressionRefused(f"an expression has at most {MOST_CHARACTERS} characters")
    try:
        program = _environment().compile(text)
        tree = read(program.serialize())
    except (RuntimeError, Unreadable) as error:
        raise ExpressionRefused(_place(str(error))) from error
    _check_functions(tree)
    gives = program.return_type().name()
    if not _GIVES.match(gives):
        raise ExpressionRefused(f"it gives a {gives}; {MUST_GIVE}")
    return Expression(text, frozenset(_claims_of(tree)), tree, program, sizes.grows(tree))


def scope(
    *,
    claims: Mapping[str, Any],
    groups: list[str],
    username: str,
    store: str,
    tenant: str,
    idp: str,
) -> Scope:
    """What an expression can see. Raises `ExpressionFailed` when a part is too large."""
    for uri, value in claims.items():
        _check_input(f"the claim {uri}", value)
    _check_input("the list of groups", groups)
    return {
        "claims": dict(claims),
        "groups": groups,
        "username": username,
        "store": store,
        "tenant": tenant,
        "idp": idp,
    }


def _check_input(what: str, value: Any) -> None:
    texts = value if isinstance(value, list) else [value]
    if len(texts) > MOST_ITEMS or any(len(text) > MOST_TEXT for text in texts):
        raise ExpressionFailed(f"{what} is too large for expressions")


@cache
def _environment() -> Any:
    try:
        from cel_expr_python import cel
        from cel_expr_python.ext.ext_strings import ExtStrings
    except ImportError as error:
        raise ExpressionRefused(
            "expressions need the package cel-expr-python, which is not installed here "
            "(it has no wheel for every system)"
        ) from error
    text = cel.Type.STRING
    variables = dict.fromkeys(NAMES, text) | {
        "claims": cel.Type.Map(text, cel.Type.DYN),
        "groups": cel.Type.List(text),
    }
    return cel.NewEnv(variables=variables, extensions=[ExtStrings()])


def _check_functions(tree: Node) -> None:
    for node in walk(tree):
        if isinstance(node, Call) and node.function not in sizes.RESULTS:
            raise ExpressionRefused(f"{node.function}() is not available in claim mappings")


def _claims_of(tree: Node) -> set[str]:
    found = set()
    for node in walk(tree):
        match node:
            case Call("_[_]", (Name("claims"), Constant(str() as uri))):
                found.add(uri)
            case Call("@in", (Constant(str() as uri), Name("claims"))):
                found.add(uri)
            case Field(Name("claims"), name):
                found.add(name)
    return found


def _place(error: str) -> str:
    """The engine's first complaint, with its place in the text.

    >>> _place("INVALID_ARGUMENT: ERROR: <input>:1:3: Syntax error: oh no\\n | 1+\\n | ..^")
    'line 1, position 3: Syntax error: oh no'
    """
    found = _PLACE.search(error)
    if found is None or int(found[1]) < 1:
        return _in_words(found[3] if found else error)
    text = found[3].removesuffix(" [INVALID_ARGUMENT]").partition(" expecting ")[0]
    text = text.replace("mismatched input '<EOF>'", "it ends too early")
    return f"line {found[1]}, position {found[2]}: {text}"


def _in_words(error: str) -> str:
    """
    >>> _in_words("INTERNAL: Iteration budget exceeded [INTERNAL]")
    'Iteration budget exceeded'
    >>> _in_words("OUT_OF_RANGE: <string>.charAt(<pos>): <pos> is greater than <string>.size()")
    'charAt(pos): pos is greater than the length of the text'
    """
    text = re.sub(r"^[A-Z_]+: ", "", error.partition("\\n")[0])
    text = re.sub(r" \[[A-Z_]+\]$", "", text)
    text = text.replace("<string>.size()", "the length of the text").replace("<string>.", "")
    return re.sub(r"<(\w+)>", r"\1", text)


def _result(kind: str, value: Any) -> Value:
    if isinstance(value, list):
        if len(value) > MOST_RESULT:
            raise ExpressionFailed(f"it gives a list of more than {MOST_RESULT}")
        return [_single(kind, entry) for entry in value]
    return None if value is None else _single(kind, value)


def _single(kind: str, value: Any) -> Any:
    if not isinstance(value, str | bool | int | float):
        raise ExpressionFailed(f"it gives a {kind}; {MUST_GIVE}")
    if isinstance(value, float) and not isfinite(value):
        raise ExpressionFailed("it gives no number")
    if isinstance(value, str) and len(value) > MOST_RESULT:
        raise ExpressionFailed(f"it gives a text of more than {MOST_RESULT} characters")
    return value
