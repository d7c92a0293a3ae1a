"""The claim configuration of an identity provider, and the local claims it speaks of."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from idp.claim_places import CUSTOM, At
from idp.claim_table import DIALECT
from idp.claims import ClaimTable
from provisioning.wso2.notes import Pen
from provisioning.wso2.reading import Part

Entry = dict[str, Any]

CONSTANTS = frozenset(
    {"EmailEncodingKey", "LanguageLocaleKey", "LocaleSidKey", "ProfileId", "TimeZoneSidKey"}
)
"""Salesforce fields that WSO2's guide maps from claims that only stand in for a default."""
_STAND_IN = (
    "kept as it is; if {local} only stands in for the default, `constant: {default}` is "
    "better: somebody who has the claim sends it"
)
_URIS = {"roleclaimuri": "role_claim", "userclaimuri": "user_id_claim"}
_FILTER = "WSO2 sends no default values in the local dialect either"


@dataclass(slots=True)
class LocalClaims:
    """Claims of the tenant beside those that there are: `defined` are to be made."""

    known: Container[str]
    paths: set[str] = field(default_factory=set)
    """Where a claim lives already, in lower case."""
    defined: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, table: ClaimTable) -> LocalClaims:
        places = (entry.place for entry in table.entries)
        taken = {":".join(place.path).lower() for place in places if isinstance(place, At)}
        return cls({entry.uri for entry in table.entries}, taken)

    def need(self, uri: str) -> bool:
        """Whether the claim has to be defined; then it will be."""
        if uri in self.known or uri in self.defined:
            return False
        name = _attribute(uri)
        path, number = f"{CUSTOM}:{name}", 1
        while path.lower() in self.paths:
            number += 1
            path = f"{CUSTOM}:{name}{number}"
        self.paths.add(path.lower())
        self.defined[uri] = {"uri": uri, "display_name": name, "path": path}
        return True


def _attribute(uri: str) -> str:
    """
    >>> _attribute("http://wso2.org/claims/badge-no"), _attribute("urn:acme:2fa")
    ('badge-no', 'claim-2fa')
    """
    last = re.split(r"[/:#]", uri.rstrip("/"))[-1]
    plain = re.sub(r"[^\w$-]+", "-", last, flags=re.ASCII).strip("-")
    return plain if re.match(r"[A-Za-z]", plain) else f"claim-{plain or 'own'}"


def claim_configuration(part: Part, pen: Pen, claims: LocalClaims) -> Entry:
    entry: Entry = {}
    if part.is_empty:
        return entry
    local = part.is_true("LocalClaimDialect")
    entry["claim_dialect"] = "local" if local else "custom"
    for below in part.parts:
        word = below.name.lower()
        if word == "localclaimdialect":
            pen.taken(below, "claim_dialect")
        elif word in _URIS and below.text:
            entry[_URIS[word]] = below.text
            pen.taken(below, _URIS[word])
        elif word in ("idpclaim", "idpclaims"):
            pen.left_out(below, "a list of the remote names, which the mapping has anyway")
        elif word != "claimmappings":
            pen.left_out(
                below, "is about claims that WSO2 gives applications, not provisioning"
            )
    entry |= _rows_of(part, pen, claims, local=local)
    return entry


def _rows_of(part: Part, pen: Pen, claims: LocalClaims, *, local: bool) -> Entry:
    rows = _mappings(part.below("ClaimMappings"), pen, claims, local=local)
    if rows or local:
        return {"claim_mappings": rows} if rows else {}
    pen.translated(part, "claim_dialect: local", "an own dialect without a single mapping")
    return {"claim_dialect": "local"}


def _mappings(
    parts: tuple[Part, ...], pen: Pen, claims: LocalClaims, *, local: bool
) -> list[Entry]:
    rows: dict[str, Entry] = {}
    for part in parts:
        uri, remote = _uri(part, "LocalClaim"), _uri(part, "RemoteClaim")
        default = part.said("DefaultValue")
        told = f"{remote} ← {uri}" + (f" or “{default}”" if default else "")
        if local:
            pen.left_out(part, _FILTER, value=told)
        elif not remote:
            pen.left_out(part, "a mapping without a remote claim", value=told)
        elif remote.lower() in rows:
            pen.left_out(part, f"{remote} is mapped twice: the first one counts", value=told)
        elif not uri and not default:
            pen.left_out(part, "a mapping from nothing", value=told)
        else:
            rows[remote.lower()] = _row(part, remote, uri, default, told, pen, claims)
    return list(rows.values())


def _row(
    part: Part, remote: str, uri: str, default: str, told: str, pen: Pen, claims: LocalClaims
) -> Entry:
    if not uri:
        pen.translated(part, "claim_mappings", "a default alone is a constant", value=told)
        return {"remote": remote, "constant": default}
    row = {"remote": remote, "local": uri, **({"default": default} if default else {})}
    if claims.need(uri):
        why = f"{uri} is no claim here: it is defined as one of the tenant's own"
        pen.translated(part, "claim_mappings", why, value=told)
    elif default and (remote in CONSTANTS or remote.startswith("UserPermissions")):
        short = uri.removeprefix(DIALECT)
        why = _STAND_IN.format(local=short, default=default)
        pen.translated(part, "claim_mappings", why, value=told)
    else:
        pen.taken(part, "claim_mappings", value=told)
    return row


def _uri(part: Part, name: str) -> str:
    claim = part.part(name)
    return claim.said("ClaimUri") if claim else ""
