"""From an expression in XML to a closure, with its type checked (7.4, 7.8).

Data types, arity and the types of arguments are known when a policy is loaded, so what could
never be evaluated is refused then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from provisioning.rules import datatypes, functions, limits, names, selectors
from provisioning.rules.datatypes import DataType, XPathExpression
from provisioning.rules.designators import designator
from provisioning.rules.documents import Element, Reader, attribute_of, tag
from provisioning.rules.errors import PolicyRefused, Unreadable
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions import patterns
from provisioning.rules.functions.signature import (
    Closure,
    Function,
    Kind,
    WrongArguments,
    check,
)
from provisioning.rules.xpath import BadXPath, compiled

READER: Final = Reader(PolicyRefused, ("Policy", "PolicySet"))
_UNSET: Final = object()


@dataclass(frozen=True, slots=True)
class Expression:
    """`weight` counts the expressions in it, `depth` how deep they are within each other.

    `constant` is the value of a literal, and None for anything else.
    """

    kind: Kind
    run: Closure
    weight: int = 1
    depth: int = 1
    constant: Any = None


@dataclass(slots=True)
class Scope:
    """The variables of a policy while it is loaded. Each is compiled when first needed, and
    counts once in the weight of the policy.
    """

    definitions: Mapping[str, Element] = field(default_factory=dict)
    weight: int = 0
    made: dict[str, Expression] = field(default_factory=dict)
    making: list[str] = field(default_factory=list)

    def variable(self, element: Element) -> Expression:
        name = attribute_of(element, "VariableId")
        if name in self.making:
            circle = " → ".join([*self.making[self.making.index(name) :], name])
            raise READER.fail(f"variables refer to each other in a circle: {circle}", element)
        if name not in self.definitions:
            raise READER.fail(f"there is no variable {name}", element)
        if name not in self.made:
            if len(self.making) > limits.EXPRESSION_DEPTH:
                raise READER.fail("variables refer to too many others", element)
            self.making.append(name)
            made = expression(self.definitions[name][0], self)
            self.making.pop()
            self.weight += made.weight
            self.made[name] = _remembered(made)
        return self.made[name]


def _remembered(inner: Expression) -> Expression:
    """Evaluated once in a decision, however often it is referred to."""
    run, key = inner.run, object()

    def remember(e: Evaluation) -> Any:
        value = e.variables.get(key, _UNSET)
        if value is _UNSET:
            value = e.variables[key] = run(e)
        return value

    if inner.constant is not None:
        return inner
    return Expression(inner.kind, remember, depth=inner.depth + 1)


def expression(element: Element, scope: Scope) -> Expression:
    """Raises `PolicyRefused`."""
    return _MAKERS[tag(element)](element, scope)


def condition(element: Element, scope: Scope) -> Expression:
    made = expression(element[0], scope)
    if made.kind != Kind(names.BOOLEAN):
        raise READER.fail(f"a Condition must be true or false, not {made.kind}", element)
    return made


def data_type_of(element: Element) -> DataType:
    identifier = attribute_of(element, "DataType")
    kind = datatypes.find(identifier)
    if kind is None:
        raise READER.fail(f"there is no data type {identifier}", element)
    return kind


def literal(element: Element, scope: Scope | None = None) -> Expression:
    kind = data_type_of(element)
    value = value_of(element, kind, READER)
    return Expression(Kind(kind.id), lambda e: value, constant=value)


def value_of(element: Element, kind: DataType, reader: Reader) -> Any:
    """Of an AttributeValue. Raises what the reader raises."""
    try:
        return plain_value(element, kind)
    except Unreadable as error:
        raise reader.fail(f"{kind.name}: {error}", element) from error


def plain_value(element: Element, kind: DataType) -> Any:
    """Raises `Unreadable`."""
    if len(element):
        raise Unreadable("a value has no elements in it")
    text = element.text or ""
    if len(text) > limits.TEXT:
        raise Unreadable(f"a value of {len(text)} characters is too long")
    if kind.id != names.XPATH:
        return kind.parse(text)
    category = element.get("XPathCategory")
    if category is None:
        raise Unreadable("the attribute XPathCategory is missing")
    namespaces = prefixes(element)
    try:
        compiled(text.strip(), namespaces)
    except BadXPath as error:
        raise Unreadable(str(error)) from error
    return XPathExpression(text.strip(), category, namespaces)


def prefixes(element: Element) -> dict[str, str]:
    return {str(prefix): uri for prefix, uri in element.nsmap.items() if prefix}


def attribute(element: Element, scope: Scope | None = None) -> Expression:
    kind = data_type_of(element)
    run = designator(
        attribute_of(element, "Category").strip(),
        attribute_of(element, "AttributeId").strip(),
        kind.id,
        element.get("Issuer"),
        must_be_present=READER.boolean(element, "MustBePresent"),
    )
    return Expression(Kind(kind.id, bag=True), run)


def selector(element: Element, scope: Scope | None = None) -> Expression:
    kind = data_type_of(element)
    try:
        run = selectors.selector(
            attribute_of(element, "Category").strip(),
            attribute_of(element, "Path"),
            prefixes(element),
            kind,
            element.get("ContextSelectorId"),
            must_be_present=READER.boolean(element, "MustBePresent"),
        )
    except BadXPath as error:
        raise READER.fail(str(error), element) from error
    return Expression(Kind(kind.id, bag=True), run)


def _reference(element: Element, scope: Scope) -> Expression:
    return scope.variable(element)


def _stray_function(element: Element, scope: Scope) -> Expression:
    raise READER.fail("a Function stands only as first argument of one that takes it", element)


def function_named(element: Element, attribute: str) -> Function | functions.HigherOrder:
    identifier = attribute_of(element, attribute).strip()
    found = functions.ALL.get(identifier)
    if found is None:
        raise READER.fail(f"there is no function {identifier}", element)
    return found


def _apply(element: Element, scope: Scope) -> Expression:
    function = function_named(element, "FunctionId")
    children = [child for child in element if tag(child) != "Description"]
    try:
        if isinstance(function, Function):
            return _applied(function, [expression(child, scope) for child in children], element)
        return _higher(function, children, scope)
    except WrongArguments as error:
        raise READER.fail(f"{names.short(function.id)} {error}", element) from error


def _applied(function: Function, arguments: list[Expression], element: Element) -> Expression:
    kinds = function.kinds(len(arguments))
    check([argument.kind for argument in arguments], kinds)
    if function.id in patterns.TAKING_PATTERNS:
        arguments[0] = with_pattern(arguments[0], element)
    run = function.closure([argument.run for argument in arguments])
    return _composed(function.returns, run, arguments, element)


def with_pattern(argument: Expression, element: Element) -> Expression:
    """A regular expression that is known now is made now, or refused."""
    if not isinstance(argument.constant, str):
        return argument
    try:
        ready = patterns.compiled(argument.constant)
    except patterns.BadPattern as error:
        raise READER.fail(str(error), element) from error
    return replace(argument, run=lambda e: ready, constant=ready)


def _higher(
    function: functions.HigherOrder, children: list[Element], scope: Scope
) -> Expression:
    if not children or tag(children[0]) != "Function":
        raise WrongArguments("takes a Function as argument 1")
    inner = function_named(children[0], "FunctionId")
    if not isinstance(inner, Function):
        raise WrongArguments(f"cannot apply {names.short(inner.id)}")
    arguments = [expression(child, scope) for child in children[1:]]
    given = [argument.kind for argument in arguments]
    returns = function.returns(inner, given)
    if inner.id in patterns.TAKING_PATTERNS:
        arguments[0] = with_pattern(arguments[0], children[0])
    run = function.closure(inner, [argument.run for argument in arguments], given)
    return _composed(returns, run, arguments, children[0])


def _composed(
    kind: Kind, run: Closure, parts: list[Expression], element: Element
) -> Expression:
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > limits.EXPRESSION_DEPTH:
        raise READER.fail(f"more than {limits.EXPRESSION_DEPTH} expressions deep", element)
    return Expression(kind, run, 1 + sum(part.weight for part in parts), depth)


_MAKERS: Final[Mapping[str, Callable[[Element, Scope], Expression]]] = {
    "Apply": _apply,
    "AttributeValue": literal,
    "AttributeDesignator": attribute,
    "AttributeSelector": selector,
    "VariableReference": _reference,
    "Function": _stray_function,
}
