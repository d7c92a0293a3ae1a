"""Just-in-time provisioning: the settings of people who sign in."""

from __future__ import annotations

from typing import Any

from provisioning.wso2.notes import Pen
from provisioning.wso2.reading import Part, is_true

Entry = dict[str, Any]

AS_IN_USERNAME = "as in username"
_SYNC = {"OVERRIDE_ALL": "override_all", "PRESERVE_LOCAL": "preserve_local", "NONE": "none"}
_ASSOCIATES = ("enableassociatelocaluser", "associatelocaluser")
_ASSOCIATED = (
    "whoever has the same name is asked for the password there; here say by which claims "
    "people are recognised"
)
_ASKS = ("ispasswordprovisioningenabled", "allowmodifyusername", "promptconsent")


def jit_of(part: Part, pen: Pen) -> Entry:
    entry: Entry = {}
    for below in part.parts:
        word, text = below.name.lower(), below.text
        if not below.is_empty:
            _read(word, text, below, pen, entry)
    asked = [below for below in part.parts if below.name.lower() in _ASKS and below.text]
    if asked:
        entry["prompt"] = _prompt(part)
        for below in asked:
            pen.translated(below, f"jit.prompt: {entry['prompt']}", "three switches are one")
    return entry


def _read(word: str, text: str, below: Part, pen: Pen, entry: Entry) -> None:
    if word in ("isprovisioningenabled", "provisioningenabled"):
        entry["enabled"] = is_true(text)
        pen.taken(below, "jit.enabled")
    elif word == "provisioninguserstore":
        _store(text, below, pen, entry)
    elif word == "userstoreclaimuri":
        entry["user_store_claim"] = text
        pen.taken(below, "jit.user_store_claim")
    elif word == "attributesyncmethod" and text.upper() in _SYNC:
        entry["attribute_sync"] = _SYNC[text.upper()]
        pen.taken(below, "jit.attribute_sync")
    elif word in _ASSOCIATES:
        pen.by_hand(below, _ASSOCIATED, ours="jit.link_existing_by")
    elif word in ("accountlookupattributemappings", "accountlookupattributemapping"):
        _lookups(below, pen, entry)
    elif word not in _ASKS:
        pen.left_out(below, "has no counterpart")


def _store(text: str, below: Part, pen: Pen, entry: Entry) -> None:
    anywhere = text.lower() == AS_IN_USERNAME
    entry["user_store"] = "" if anywhere else text.upper()
    if anywhere:
        pen.translated(below, "jit.user_store: ''", "empty: the prefix of the name decides")
    else:
        pen.taken(below, "jit.user_store")


def _lookups(part: Part, pen: Pen, entry: Entry) -> None:
    claims = [text for one in (part, *part.parts) if (text := one.said("LocalAttribute"))]
    entry["link_existing_by"] = list(
        dict.fromkeys([*entry.get("link_existing_by", []), *claims])
    )
    pen.taken(part, "jit.link_existing_by", value=", ".join(claims))


def _prompt(part: Part) -> str:
    if part.is_true("AllowModifyUserName"):
        return "username"
    if part.is_true("IsPasswordProvisioningEnabled"):
        return "password"
    return "consent" if part.is_true("PromptConsent") else "silent"
