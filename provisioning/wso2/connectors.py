"""Outbound connectors: settings renamed, patterns kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors import ConfigField, registry
from provisioning.wso2 import secrets
from provisioning.wso2.connector_types import BY_NAME, REMARKS, WORDS, Renamed
from provisioning.wso2.notes import HIDDEN, Pen
from provisioning.wso2.reading import Part, is_true
from provisioning.wso2.secrets import Secret, Variables

Entry = dict[str, Any]

FLAGS_OF_ROWS = ("IsBlocking", "IsRulesEnabled", "RulesEnabled", "Blocking")
_NOT_HERE = "there is no connector type {} here: it has to be installed as one of your own"
_OF_ROWS = "counts on the service provider's row only, in WSO2 as well"


def connectors_of(
    provider: str, parts: tuple[Part, ...], pen: Pen, variables: Variables
) -> list[Entry]:
    found: dict[str, Entry] = {}
    for part in parts:
        name = part.said("Name")
        if not name:
            pen.left_out(part, "a connector without a name: WSO2 passes over it as well")
            continue
        renamed = BY_NAME.get(name.lower()) or _own(name)
        if renamed is None:
            pen.by_hand(part, _NOT_HERE.format(name), value=name)
        elif renamed.key in found:
            pen.left_out(part, f"a second connector {name} of the same identity provider")
        else:
            found[renamed.key] = _connector(provider, part, renamed, pen, variables)
    return list(found.values())


def _own(name: str) -> Renamed | None:
    """One of the operator's own, whose settings are called alike."""
    try:
        fields = registry.load(name).fields
    except LookupError:
        return None
    return Renamed(name, {field.name: field.name for field in fields})


def _connector(
    provider: str, part: Part, renamed: Renamed, pen: Pen, variables: Variables
) -> Entry:
    entry: Entry = {"type": renamed.key, "enabled": part.is_true("IsEnabled")}
    for below in part.parts:
        word = below.name.lower()
        if word == "name":
            same = below.text == renamed.key
            (pen.taken(below, "type") if same else pen.translated(below, "type", renamed.key))
        elif word == "isenabled":
            pen.taken(below, "enabled")
        elif below.name in FLAGS_OF_ROWS:
            pen.left_out(below, _OF_ROWS)
        elif word != "provisioningproperties":
            pen.left_out(below, "has no counterpart")
    if part.part("IsEnabled") is None:
        pen.translated(part, "enabled", "not said: WSO2 takes it as false", value="")
    entry["settings"] = _settings(provider, part, renamed, pen, variables)
    if not renamed.sends_groups and renamed.key in {known.key for known in BY_NAME.values()}:
        why = f"WSO2 sends {renamed.key} people only; `all` sends groups too"
        pen.translated(part, "groups: none", why, value="")
        entry["groups"] = "none"
    return entry


def _settings(
    provider: str, part: Part, renamed: Renamed, pen: Pen, variables: Variables
) -> Entry:
    fields = {field.name: field for field in registry.load(renamed.key).fields}
    names = {name.lower(): ours for name, ours in renamed.settings.items()}
    gone = {name.lower(): why for name, why in renamed.left_out.items()}
    settings: Entry = {}
    for one in _properties(part):
        name, value = one.said("Name").lower(), one.part("Value")
        ours = names.get(name)
        if value is None or not value.text:
            continue
        if ours is None or ours not in fields:
            pen.left_out(one, gone.get(name, "the connector here has no such setting"))
            continue
        words = (provider, renamed.key, ours)
        if fields[ours].secret:
            why = REMARKS.get((renamed.key, ours), "")
            settings[ours] = secret_of(
                one, value, f"settings.{ours}", pen, variables.secret(*words), why
            )
        else:
            settings[ours] = _value(one, value.text, renamed, fields[ours], pen)
    for ours, (default, why) in renamed.fixed.items():
        if ours not in settings:
            settings[ours] = default
            pen.translated(part, f"settings.{ours}: {_told(default)}", why, value="")
    return settings


def _properties(part: Part) -> Iterator[Part]:
    """All of them; a sub-property (SCIM's default password) lies within another."""
    for one in part.below("ProvisioningProperties"):
        yield one
        yield from one.below("SubProperties")


def secret_of(
    one: Part, value: Part, ours: str, pen: Pen, secret: Secret, why: str = ""
) -> Secret:
    known = secrets.readable(value)
    if not known:
        hint = f"encrypted by WSO2: give it as environment variable {secret.variable}"
        pen.by_hand(one, hint, ours=ours, value=HIDDEN)
    elif why:
        pen.translated(one, ours, why, value=HIDDEN)
    else:
        pen.taken(one, ours, value=HIDDEN)
    return Secret(secret.variable, known)


def _value(one: Part, text: str, renamed: Renamed, field: ConfigField, pen: Pen) -> Any:
    ours = f"settings.{field.name}"
    words: Mapping[str, str] | None = WORDS.get((renamed.key, field.name))
    if words is not None:
        word = words.get(text.lower(), next(iter(words.values())))
        if word == text:
            pen.taken(one, ours)
        else:
            pen.translated(one, ours, f"called {word} here")
        return word
    if why := REMARKS.get((renamed.key, field.name)):
        pen.translated(one, ours, why)
    else:
        pen.taken(one, ours)
    return is_true(text) if field.kind == "boolean" else text


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
