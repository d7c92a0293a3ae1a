"""From a policy document to a compiled policy."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

from provisioning.rules import combining, limits, names
from provisioning.rules.combining import Algorithm, Child
from provisioning.rules.documents import Element, attribute_of, tag
from provisioning.rules.duties import DutyExpression, duty_expressions
from provisioning.rules.errors import PolicyRefused
from provisioning.rules.expressions import READER, Scope, condition
from provisioning.rules.outcomes import EFFECTS
from provisioning.rules.policies import Policy, PolicyId, Rule
from provisioning.rules.references import VERSION, VERSION_MATCH, Reference, References
from provisioning.rules.targets import Target, target

_XPATH_1: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_UNDER_WAY: ContextVar[tuple[PolicyId, ...]] = ContextVar("policies being loaded", default=())


def load(document: bytes | str, references: References | None = None) -> Policy:
    """A policy or policy set, checked through and through. `references` answers the policies
    it refers to, None for those there are not. Raises `PolicyRefused`, whose text tells the
    line and the reason.
    """
    root = READER.read(document)
    name = _name(root)
    under_way = _UNDER_WAY.get()
    if name in under_way:
        circle = " → ".join(one.id for one in (*under_way[under_way.index(name) :], name))
        raise READER.fail(f"policies refer to each other in a circle: {circle}", root)
    if len(under_way) > limits.POLICY_DEPTH:
        raise READER.fail("references lead through too many policies", root)
    token = _UNDER_WAY.set((*under_way, name))
    try:
        return _compiled(root, references)
    except RecursionError as error:
        raise PolicyRefused("expressions lie too deep within each other") from error
    finally:
        _UNDER_WAY.reset(token)


def _compiled(element: Element, references: References | None) -> Policy:
    _check_defaults(element)
    if tag(element) == "Policy":
        return _policy(element)
    return _policy_set(element, references)


def _name(element: Element) -> PolicyId:
    is_set = tag(element) == "PolicySet"
    version = attribute_of(element, "Version").strip()
    if not VERSION.fullmatch(version):
        raise READER.fail(f"{version} is no version, such as 1.0", element)
    name = attribute_of(element, "PolicySetId" if is_set else "PolicyId").strip()
    return PolicyId(name, version, is_set)


def _check_defaults(element: Element) -> None:
    if len(element.findall(f"{{{names.NAMESPACE}}}PolicyIssuer")):
        raise READER.fail("PolicyIssuer: delegated policies are not supported", element)
    depth = element.get("MaxDelegationDepth", "0").strip()
    if not depth.lstrip("+-").isdecimal():
        raise READER.fail(f"MaxDelegationDepth: {depth} is no integer", element)
    versions = [one for one in element.iterfind("{*}*/{*}XPathVersion") if one.text]
    for version in versions:
        if (version.text or "").strip() != _XPATH_1 and _uses_xpath(element):
            raise READER.fail(f"XPathVersion: only {_XPATH_1} is supported", version)


def _uses_xpath(element: Element) -> bool:
    """Whether anything in it is an XPath expression."""
    return any(
        tag(one) == "AttributeSelector" or one.get("DataType") == names.XPATH
        for one in element.iter()
        if isinstance(one.tag, str)
    )


def _algorithm(element: Element, attribute: str, known: dict[str, Algorithm]) -> Algorithm:
    identifier = attribute_of(element, attribute).strip()
    if identifier not in known:
        raise READER.fail(f"there is no combining algorithm {identifier}", element)
    return known[identifier]


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if tag(child) == name), None)


def _description(element: Element) -> str:
    found = _child(element, "Description")
    return "" if found is None else " ".join((found.text or "").split())


def _scope(element: Element) -> Scope:
    definitions: dict[str, Element] = {}
    for child in element:
        if tag(child) == "VariableDefinition":
            name = attribute_of(child, "VariableId")
            if name in definitions:
                raise READER.fail(f"the variable {name} is defined twice", child)
            definitions[name] = child
    return Scope(definitions)


def _policy(element: Element) -> Policy:
    name, scope = _name(element), _scope(element)
    words = f"policy {name.id}"
    where = target(_child(element, "Target"))
    rules = [_rule(child, scope, words) for child in element if tag(child) == "Rule"]
    for child in scope.definitions.values():
        scope.variable(child)
    duties = duty_expressions(element, scope)
    return Policy(
        name,
        _description(element),
        words,
        _algorithm(element, "RuleCombiningAlgId", combining.OF_RULES),
        tuple(rule for rule, _ in rules),
        where.run,
        where.keys,
        duties,
        1 + where.weight,
        sum(weight for _, weight in rules) + scope.weight + _weight(duties),
    )


def _rule(element: Element, scope: Scope, words: str) -> tuple[Rule, int]:
    """The rule, and its weight."""
    effect = attribute_of(element, "Effect")
    if effect not in EFFECTS:
        raise READER.fail(f"{effect} is neither Permit nor Deny", element)
    where = target(_child(element, "Target"))
    when = _child(element, "Condition")
    made = None if when is None else condition(when, scope)
    duties = duty_expressions(element, scope)
    name = attribute_of(element, "RuleId")
    rule = Rule(
        name,
        EFFECTS[effect],
        f"{words}, rule {name}",
        where.run,
        made.run if made else None,
        duties,
    )
    return rule, 1 + where.weight + (made.weight if made else 0) + _weight(duties)


def _weight(duties: tuple[DutyExpression, ...]) -> int:
    return sum(part.expression.weight for duty in duties for part in duty.assignments)


def _policy_set(element: Element, references: References | None) -> Policy:
    name, where = _name(element), target(_child(element, "Target"))
    children = [made for child in element if (made := _member(child, references)) is not None]
    depth = 1 + max((child.depth for child in children), default=0)
    if depth > limits.POLICY_DEPTH:
        raise READER.fail(f"more than {limits.POLICY_DEPTH} policies deep", element)
    return _assembled(element, name, where, children, depth)


def _assembled(
    element: Element, name: PolicyId, where: Target, children: list[Policy], depth: int
) -> Policy:
    duties = duty_expressions(element, Scope())
    members: tuple[Child, ...] = tuple(children)
    return Policy(
        name,
        _description(element),
        f"policy set {name.id}",
        _algorithm(element, "PolicyCombiningAlgId", combining.OF_POLICIES),
        members,
        where.run,
        where.keys,
        duties,
        1 + where.weight,
        _weight(duties),
        depth,
    )


def _member(element: Element, references: References | None) -> Policy | None:
    if tag(element) in ("Policy", "PolicySet"):
        return _compiled(element, references)
    if tag(element) in ("PolicyIdReference", "PolicySetIdReference"):
        return _referred(element, references)
    return None


def _referred(element: Element, references: References | None) -> Policy:
    patterns = {
        name: element.get(name) for name in ("Version", "EarliestVersion", "LatestVersion")
    }
    for name, pattern in patterns.items():
        if pattern is not None and not VERSION_MATCH.fullmatch(pattern):
            raise READER.fail(f"{name}: {pattern} is no version", element)
    is_set = tag(element) == "PolicySetIdReference"
    reference = Reference((element.text or "").strip(), is_set, *patterns.values())
    try:
        found = references(reference) if references else None
    except PolicyRefused as error:
        raise READER.fail(f"{reference} is refused: {error}", element) from error
    if found is None:
        raise READER.fail(f"there is no {reference}", element)
    return found
