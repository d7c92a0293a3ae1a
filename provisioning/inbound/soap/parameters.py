"""The parameters of an operation, read and checked by its row in the table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioning.inbound.soap.faults import wrong
from provisioning.inbound.soap.vocabulary import XSI_NS, Composed, Element, Kind, Service, local

_INT = re.compile(r"[+-]?[0-9]{1,10}\Z", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter, or what is returned. `many`: it may be repeated."""

    name: str
    kind: Kind = Kind.STRING
    many: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What a request gives, by parameter. What is nil or left out is not in it."""

    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text that must be there. Raises `SoapFault`."""
        value = str(self.values.get(name) or "")
        if not value.strip():
            raise wrong(name, "is required.")
        return value

    def optional(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def texts(self, name: str) -> list[str]:
        """Each text once; empty ones are what some clients send for none."""
        return list(dict.fromkeys(one for one in self.values.get(name, ()) if one))

    def number(self, name: str, default: int) -> int:
        return int(self.values.get(name, default))

    def flag(self, name: str) -> bool:
        return bool(self.values.get(name, False))

    def claims(self, name: str = "claims") -> dict[str, list[str]]:
        """The values of a list of `ClaimValue`, by claim uri."""
        found: dict[str, list[str]] = {}
        for pair in self.values.get(name, ()):
            if not (uri := pair.get("claimURI")):
                raise wrong(name, "a claim needs a claimURI.")
            found.setdefault(uri, []).append(pair.get("value") or "")
        return found

    def permissions(self, name: str) -> list[Mapping[str, str]]:
        return [one for one in self.values.get(name, ()) if one]


def read(
    service: Service, operation: str, params: Sequence[Param], element: Element | None
) -> Given:
    """Elements are told by their names, without case; order and namespace do not matter.

    Raises `SoapFault` naming the parameter.
    """
    by_name = {param.name.lower(): param for param in params}
    values: dict[str, Any] = {}
    for child in element if element is not None else ():
        param = by_name.get(local(child).lower())
        if param is None:
            raise wrong(local(child)[:80] or "?", f"{operation} has no such parameter.")
        if not param.many and param.name in values:
            raise wrong(param.name, "is given more than once.")
        value = _value(service, param, child)
        if param.many:
            values.setdefault(param.name, []).extend([] if value is None else [value])
        elif value is not None:
            values[param.name] = value
    return Given(values)


def _value(service: Service, param: Param, element: Element) -> Any:
    if "href" in element.attrib:
        raise wrong(param.name, "references (href) are not followed: write the value there.")
    if element.get(f"{{{XSI_NS}}}nil", "").strip() in ("true", "1"):
        return None
    composed = service.types.get(param.kind)
    if composed is not None:
        return _parts(param, composed, element)
    return _simple(param.name, param.kind, _text(param.name, element))


def _parts(param: Param, composed: Composed, element: Element) -> Mapping[str, str]:
    if param.kind is Kind.TENANT:
        return {}  # nothing is asked of it
    if (element.text or "").strip():
        raise wrong(param.name, f"takes {', '.join(composed.parts)} as elements, no text.")
    found: dict[str, str] = {}
    for child in element:
        name = local(child)
        if name not in composed.parts:
            raise wrong(param.name, f"has no part {name[:80]!r}.")
        if name in found:
            raise wrong(param.name, f"{name} is given more than once.")
        found[name] = _text(f"{param.name}.{name}", child)
    return found


def _text(name: str, element: Element) -> str:
    if len(element):
        raise wrong(name, "takes a text, not elements.")
    return element.text or ""


def _simple(name: str, kind: Kind, text: str) -> Any:
    if kind is Kind.STRING:
        return text
    text = text.strip()
    if kind is Kind.BOOLEAN:
        if text not in _BOOLEANS:
            raise wrong(name, f"must be true or false, not {text[:80]!r}.")
        return _BOOLEANS[text]
    if not _INT.match(text) or not -(2**31) <= int(text) < 2**31:
        raise wrong(name, f"must be a whole number, not {text[:80]!r}.")
    return int(text)
