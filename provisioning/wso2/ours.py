"""What we send, in the same words as WSO2's request: attributes, flat, by path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.planning import Verdict
from provisioning.wso2.requests import NAME_OF, Attributes

_FIELD = re.compile(r"[A-Za-z]\w*")
NONE = "(none)"


def attributes_of(verdict: Verdict, settings: Mapping[str, Any]) -> Attributes:
    """Of a verdict that sends; only what the connector uses of the claims."""
    kind = verdict.connector.type
    payload = verdict.payload
    given = {**payload.get("attributes", {}), **payload.get("create_only", {})}
    sent = dict(_flat(given)) if kind in ("scim", "scim2") else _used(kind, given, settings)
    if kind in ("scim", "scim2"):
        sent["active"] = str(payload.get("active", True)).lower()
    if kind == "spml":
        sent["objectclass"] = str(settings.get("object_class", ""))
    if external := payload.get("external_id"):
        sent["externalId"] = str(external)
    sent[NAME_OF.get(kind, "name")] = verdict.remote_name
    return sent


def password_of(settings: Mapping[str, Any]) -> str:
    """What becomes of the password of somebody who is made with one."""
    if settings.get("enable_password_provisioning"):
        return "the person's own"
    return "the default one" if settings.get("default_password") else NONE


def _used(kind: str, given: Mapping[str, Any], settings: Mapping[str, Any]) -> Attributes:
    if kind == "google":
        names = {"name.givenName": "given_name_claim", "name.familyName": "family_name_claim"}
        found = {
            path: str(given.get(settings.get(name, ""), "")) for path, name in names.items()
        }
        found |= {key: _text(value) for key, value in given.items() if _FIELD.fullmatch(key)}
        return {path: value for path, value in found.items() if value}
    if kind == "salesforce":
        return {key: _text(value) for key, value in given.items() if _FIELD.fullmatch(key)}
    return {key: _text(value) for key, value in given.items()}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """
    >>> dict(_flat({"name": {"givenName": "Kim"}, "emails": [{"value": "k", "type": "work"}]}))
    {'name.givenName': 'Kim', 'emails.work': 'k'}
    """
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _flat(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for one in value:
            yield from _entry(one, path)
    elif value not in (None, ""):
        yield path, _text(value)


def _entry(one: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(one, Mapping):
        yield path, _text(one)
    elif "value" in one:
        kind = str(one.get("type") or "")
        yield (f"{path}.{kind}" if kind else path), _text(one["value"])
    else:
        plain = {key: value for key, value in one.items() if key not in ("type", "primary")}
        yield from _flat(plain, path)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)
