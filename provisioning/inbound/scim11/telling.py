"""Answers of the SCIM 2.0 door as SCIM 1.1 has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from idp import scim1
from idp.claim_places import CUSTOM
from idp.scim1 import CORE, ENTERPRISE_1, WSO2
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.messages import Answer
from provisioning.inbound.scim2.values import Json
from provisioning.inbound.scim11.schema import UNTOLD

_HEAD = ("id", "externalId")


def tell(answer: Answer, *, wso2: bool = False) -> Answer:
    """A resource, or a list of them. With `wso2` in the extension that WSO2 has."""
    body = answer.body
    if body is None:
        return replace(answer, status=200) if _is_delete(answer) else answer
    if "Resources" not in body:
        return replace(answer, body=resource(body, wso2=wso2))
    resources = [resource(one, wso2=wso2) for one in body["Resources"]]
    return replace(answer, body={**body, "schemas": [CORE], "Resources": resources})


def _is_delete(answer: Answer) -> bool:
    """What a change leaves has a version, even when its body is not shown."""
    return answer.status == 204 and "ETag" not in answer.headers


def resource(found: Json, *, wso2: bool = False) -> Json:
    told = scim1.told({k: v for k, v in found.items() if k not in ("schemas", "meta")})
    if wso2:
        _move_to_wso2(told)
    head = {name: told.pop(name) for name in _HEAD if name in told}
    meta = {k: v for k, v in found.get("meta", {}).items() if k != "resourceType"}
    urns = sorted(name for name in told if name.startswith("urn:"))
    return {
        "schemas": [CORE, *urns],
        **head,
        **({"meta": meta} if meta else {}),
        **{name: _without_references(value) for name, value in told.items()},
    }


def _move_to_wso2(told: Json) -> None:
    moved = dict(told.pop(ENTERPRISE_1, {}))
    custom = told.get(CUSTOM)
    if isinstance(custom, Mapping):
        names = [n for n in custom if scim1.place_of(f"{WSO2}:{n}") == f"{CUSTOM}:{n}"]
        moved |= {name: custom[name] for name in names}
        told[CUSTOM] = {name: value for name, value in custom.items() if name not in names}
        if not told[CUSTOM]:
            del told[CUSTOM]
    if moved:
        told[WSO2] = moved


def _without_references(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {name: part for name, part in entry.items() if name != UNTOLD}
        if isinstance(entry, Mapping)
        else entry
        for entry in value
    ]


def error_body(error: ScimError) -> Json:
    """What went wrong, and the status as a text."""
    return {"Errors": [{"description": str(error), "code": str(error.status)}]}
