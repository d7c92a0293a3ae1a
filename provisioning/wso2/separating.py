"""One identity provider of WSO2 may have to become two.

WSO2's SCIM connectors send in their own dialect and take no notice of claim mappings; those
are for logins then. Here a mapping counts for both, so the login moves to a provider of its
own: nothing but what WSO2 sends is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from provisioning.wso2.connector_types import BY_NAME
from provisioning.wso2.notes import Became, Note, Notes
from provisioning.wso2.providers import has_login

Entry = dict[str, Any]

LOGIN = "-login"
_OF_LOGIN = ("claim_dialect", "claim_mappings", "user_id_claim", "role_claim")
_MOVED = ("home_realm_identifier", "jit", "authenticator")
_COPIED = ("display_name", "enabled", "alias", "certificate", "role_mappings", "unmapped_roles")
_NO_NOTICE = (
    "WSO2's SCIM connectors send in their own dialect and take no notice of the mapping"
)
_OWN = frozenset(renamed.key for renamed in BY_NAME.values() if renamed.own_dialect)


def separated(providers: Sequence[Entry], notes: Notes) -> list[Entry]:
    found: list[Entry] = []
    for entry in providers:
        found += _separated(entry, notes, {one["name"] for one in providers})
    return found


def _separated(entry: Entry, notes: Notes, names: set[str]) -> list[Entry]:
    types = [one["type"] for one in entry.get("connectors", ())]
    ignoring = [one for one in types if one in _OWN]
    if entry.get("claim_dialect") != "custom" or not ignoring:
        return [entry]
    if len(ignoring) < len(types):
        return [_switched_off(entry, notes)]
    login = {key: entry.pop(key) for key in _OF_LOGIN if key in entry}
    entry["claim_dialect"] = "local"
    if not has_login(entry):
        _note(entry, notes, "claim_dialect: local", f"{_NO_NOTICE}, and nobody signs in by it")
        return [entry]
    name = f"{entry['name']}{LOGIN}"
    while name in names:
        name += LOGIN
    login |= {key: entry.pop(key) for key in _MOVED if key in entry}
    login |= {key: entry[key] for key in _COPIED if key in entry}
    _note(
        entry, notes, f"{name}, with login, JIT and mapping", f"{_NO_NOTICE}: it is for logins"
    )
    return [entry, {"name": name, **login}]


def _switched_off(entry: Entry, notes: Notes) -> Entry:
    """Connectors that follow the mapping beside connectors that do not."""
    for one in entry["connectors"]:
        if one["type"] in _OWN:
            one["enabled"] = False
    why = f"{_NO_NOTICE}, the other connectors do: make an identity provider of its own for it"
    _note(entry, notes, "connectors: the SCIM ones are off", why, Became.BY_HAND)
    return entry


def _note(
    entry: Entry, notes: Notes, ours: str, why: str, result: Became = Became.TRANSLATED
) -> None:
    subject = f"identity provider {entry['name']}"
    first = next(one for one in notes.rows if one.subject == subject)
    notes.rows.append(
        Note(first.file, first.line, subject, "ClaimConfig", "", result, ours, why)
    )
