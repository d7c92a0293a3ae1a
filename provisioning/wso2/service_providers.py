"""A service provider's file: `repository/conf/identity/service-providers/*.xml`."""

from __future__ import annotations

from typing import Any

from provisioning.wso2.clients import clients
from provisioning.wso2.connector_types import key_of
from provisioning.wso2.notes import Notes, Pen
from provisioning.wso2.reading import Part
from provisioning.wso2.secrets import Variables
from serviceproviders.models import RESIDENT

Entry = dict[str, Any]

ROOT = "serviceprovider"
TEMPLATE = "default"
_LOGINS = "is about logins at WSO2, which stay where they are"
_LEFT_OUT = {
    "applicationid": "a number of WSO2's database",
    "owner": "a tenant's operators own everything in it",
    "issaasapp": "a service provider belongs to one tenant, and sends people of that tenant",
    "localandoutboundauthenticationconfig": _LOGINS,
    "requestpathauthenticatorconfigs": _LOGINS,
    "certificate": "clients prove who they are by their secret",
    "jwksuri": "clients prove who they are by their secret",
    "claimconfig": "WSO2 takes only claims that it asks for; whatever the client sends is "
    "taken here",
    "permissionandroleconfig": "is about permissions at WSO2",
    "associatedrolesconfig": "is about permissions at WSO2",
}
_NO_REPORT = "report: a target that fails is named in the answer, where WSO2 only logs it"


def service_provider_of(root: Part, notes: Notes, variables: Variables) -> Entry | None:
    """The entry of our document; None for WSO2's template. Raises `Unreadable`."""
    if root.name.lower() != ROOT:
        raise root.refuse(f"holds a {root.name}, not a service provider")
    name = root.said("ApplicationName")
    if not name:
        raise root.refuse("a service provider without ApplicationName")
    pen = notes.on(f"service provider {name}")
    if name == TEMPLATE:
        pen.left_out(root, "WSO2's template for logins of unknown applications", value=name)
        return None
    entry: Entry = {"name": "resident" if name == RESIDENT else name}
    for part in root.parts:
        if not part.is_empty:
            entry |= _section(name, part, pen, variables)
    return entry


def _section(name: str, part: Part, pen: Pen, variables: Variables) -> Entry:
    word = part.name.lower()
    if word == "applicationname":
        _named_here(name, part, pen)
    elif word == "description":
        pen.taken(part, "description")
        return {"description": part.text}
    elif word == "inboundauthenticationconfig":
        return clients(name, part, pen, variables)
    elif word == "inboundprovisioningconfig":
        return {"inbound": _inbound(part, pen)}
    elif word == "outboundprovisioningconfig":
        return {"outbound": _outbound(part, pen)}
    else:
        pen.left_out(part, _LEFT_OUT.get(word, "has no counterpart"))
    return {}


def _named_here(name: str, part: Part, pen: Pen) -> None:
    if name == RESIDENT:
        pen.translated(part, "name", "called resident in files")
    else:
        pen.taken(part, "name")


def _inbound(part: Part, pen: Pen) -> Entry:
    dumb = part.is_true("IsDumbModeEnabled")
    entry: Entry = {"user_store": "", "dumb_mode": dumb}
    for below in part.parts:
        word = below.name.lower()
        if below.is_empty:
            continue
        if word == "provisioninguserstore" and dumb:
            pen.translated(below, "inbound.user_store: ''", "nothing is stored in dumb mode")
        elif word == "provisioninguserstore":
            entry["user_store"] = below.text.upper()
            pen.taken(below, "inbound.user_store")
        elif word == "isdumbmodeenabled" and dumb:
            pen.translated(
                below, "inbound.dumb_mode", "every door honours it, SCIM 2.0 as well"
            )
        elif word == "isdumbmodeenabled":
            pen.taken(below, "inbound.dumb_mode")
        else:
            pen.left_out(below, "WSO2 takes no notice of it for service providers")
    return entry


def _outbound(part: Part, pen: Pen) -> list[Entry]:
    rows: dict[str, Entry] = {}
    for below in part.parts:
        if below.name.lower() != "provisioningidentityproviders":
            pen.left_out(below, "WSO2 reads it and takes no notice of it")
            continue
        for one in below.parts:
            if row := _row(one, pen):
                if row["identity_provider"] in rows:
                    pen.left_out(one, "a second row of the identity provider")
                else:
                    rows[row["identity_provider"]] = row
    return list(rows.values())


def _row(part: Part, pen: Pen) -> Entry | None:
    provider, default = part.said("IdentityProviderName"), _connector(part)
    connector = (default.said("Name") or default.text) if default else ""
    told = f"{provider}/{connector}"
    if default is None or not provider or not connector:
        pen.left_out(part, "names no connector: WSO2 sends nothing there", value=told)
        return None
    settings = _named(part, connector) or default
    blocking = settings.is_true("IsBlocking", "Blocking")
    jit = part.part("JustInTimeProvisioningConfig")
    row = {
        "identity_provider": provider,
        "connector": key_of(connector),
        "blocking": blocking,
        "on_blocking_failure": "report",
        "enable_rules": settings.is_true("IsRulesEnabled", "RulesEnabled"),
        "jit_outbound": bool(
            jit and jit.is_true("IsProvisioningEnabled", "ProvisioningEnabled")
        ),
    }
    flags = ", ".join(
        name for name in ("blocking", "enable_rules", "jit_outbound") if row[name]
    )
    value = f"{told} ({flags})" if flags else told
    why = []
    if blocking:
        why.append(_NO_REPORT)
    if row["enable_rules"]:
        why.append("rules never hold back a delete, and see the roles' own names")
    if row["connector"] != connector:
        why.append(f"the connector is called {row['connector']}")
    if why:
        pen.translated(part, "outbound", "; ".join(why), value=value)
    else:
        pen.taken(part, "outbound", value=value)
    return row


def _connector(row: Part) -> Part | None:
    """Which connector the row means: by name, as an element, or the only one it has."""
    default = row.part("DefaultProvisioningConnectorConfig")
    if default is not None and not default.is_empty:
        return default
    only = row.below("ProvisioningConnectorConfigs")
    return only[0] if len(only) == 1 else None


def _named(row: Part, connector: str) -> Part | None:
    """Where a row's flags are when it names its connector only."""
    listed = row.below("ProvisioningConnectorConfigs")
    return next((one for one in listed if one.said("Name") == connector), None)
