"""What a request asks of answers: the parameters that SCIM 1.1 has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from provisioning.inbound.scim2.values import Json

_KNOWN = {"attributes", "filter", "sortby", "sortorder", "startindex", "count"}
_UNQUOTED = re.compile(r"\s*([\w:.$-]+)\s+(eq|co|sw|gt|ge|lt|le)\s+([^\s\"()]+)\s*", re.I)
_LITERAL = re.compile(r"true|false|null|-?[0-9]+(\.[0-9]+)?", re.I)


def parameters(given: Mapping[str, str], *, strict: bool) -> Mapping[str, str]:
    """The parameters there are; others mean nothing, also those that SCIM 2.0 has.

    WSO2's own connectors ask `userName Eq kim`, without quotes: tolerated unless strict.
    """
    known = {name: value for name, value in given.items() if name.lower() in _KNOWN}
    if strict:
        return known
    return {
        name: _quoted(value) if name.lower() == "filter" else value
        for name, value in known.items()
    }


def _quoted(text: str) -> str:
    found = _UNQUOTED.fullmatch(text)
    if found is None or _LITERAL.fullmatch(found[3]) or "\\" in found[3]:
        return text
    return f'{found[1]} {found[2]} "{found[3]}"'


def speaks_of(urn: str, params: Mapping[str, str], body: object) -> bool:
    """Whether a request speaks of an extension: by the attributes it gives or asks for."""
    asked = next((v for n, v in params.items() if n.lower() == "attributes"), "")
    if urn.lower() in asked.lower():
        return True
    return isinstance(body, Mapping) and _names(urn.lower(), body)


def _names(urn: str, body: Json | Mapping[str, object]) -> bool:
    schemas = body.get("schemas")
    listed = schemas if isinstance(schemas, list) else []
    given = (*body, *(one for one in listed if isinstance(one, str)))
    return any(name.lower().startswith(urn) for name in given)
