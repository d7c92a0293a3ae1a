"""The schemas of users and groups under the names that SCIM 1.1 has for them.

Attributes keep the place they have in a user's document; only what clients call them, and
what messages call them, is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from idp import scim1
from idp.claim_places import CUSTOM, ENTERPRISE
from idp.scim1 import CORE, ENTERPRISE_1, WSO2
from provisioning.inbound.scim2.schema import Attribute, ResourceSchema, Schema

UNTOLD = "$ref"
"""SCIM 1.1 has no references."""


@lru_cache(maxsize=512)
def in_words_of_1(stored: ResourceSchema) -> ResourceSchema:
    """Users or groups of SCIM 2.0 as SCIM 1.1 knows them; the same value for the same."""
    core = Schema(CORE, stored.core.attributes)
    extensions = dict(_extensions(stored.extensions))
    return replace(stored, core=core, extensions=extensions)


def _extensions(stored: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    for urn, schema in stored.items():
        if urn == ENTERPRISE:
            yield ENTERPRISE_1, Schema(ENTERPRISE, _renamed(schema, ENTERPRISE_1))
            own = {name: _kept(stored[CUSTOM], name) for name in _names_of_wso2()}
            attributes = {**_renamed(schema, WSO2), **own}
            yield WSO2, Schema(ENTERPRISE, attributes)
        else:
            yield urn, schema


def _renamed(schema: Schema, urn: str) -> dict[str, Attribute]:
    return {
        name: _called(attribute, f"{urn}:{attribute.name}")
        for name, attribute in schema.attributes.items()
    }


def _called(attribute: Attribute, path: str) -> Attribute:
    subs = {}
    for sub in attribute.subs.values():
        name = sub_name(attribute.path, sub)
        if name != UNTOLD:
            subs[name.lower()] = replace(sub, path=f"{path}.{name}")
    return replace(attribute, path=path, subs=subs)


def sub_name(path: str, sub: Attribute) -> str:
    """What SCIM 1.1 calls a part of the attribute with that path in SCIM 2.0."""
    return scim1.name_of(f"{path}.{sub.name}").rpartition(".")[2]


def _names_of_wso2() -> list[str]:
    """What only WSO2's extension has; we keep it among the attributes of built-in claims."""
    prefix = f"{WSO2}:"
    names = (name for name, place in scim1.NAMES.items() if place.startswith(f"{CUSTOM}:"))
    return [name.removeprefix(prefix).lower() for name in names]


def _kept(custom: Schema, name: str) -> Attribute:
    attribute = custom.attributes[name]
    return replace(attribute, path=f"{WSO2}:{attribute.name}", home=CUSTOM)
