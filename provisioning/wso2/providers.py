"""An identity provider's file: `repository/conf/identity/identity-providers/*.xml`."""

from __future__ import annotations

import re
from typing import Any

from provisioning.wso2.authenticators import authenticator_of
from provisioning.wso2.certificates import NoCertificate, pem_of
from provisioning.wso2.claims import LocalClaims, claim_configuration
from provisioning.wso2.connectors import connectors_of
from provisioning.wso2.jit import jit_of
from provisioning.wso2.notes import Notes, Pen
from provisioning.wso2.reading import Part
from provisioning.wso2.secrets import Variables

Entry = dict[str, Any]

ROOT = "identityprovider"
RESIDENT = "LOCAL"
SHARED = "SHARED_"
_TEXTS = {
    "displayname": "display_name",
    "identityproviderdescription": "description",
    "alias": "alias",
    "homerealmid": "home_realm_identifier",
}
_DONE_BELOW = frozenset(
    {
        "federatedauthenticatorconfigs",
        "provisioningconnectorconfigs",
        "claimconfig",
        "permissionandroleconfig",
        "justintimeprovisioningconfig",
    }
)
_LEFT_OUT = {
    "isprimary": "WSO2 marks its resident identity provider by it",
    "isfederationhub": "a hub asks for the home realm first; `/login/?realm=` is told it",
    "imageurl": "has no counterpart",
    "templateid": "belongs to WSO2's console",
    "jwksendpoint": "keys for logins are found through the issuer",
    "idpgroupconfigs": "a list of groups at the provider, which nothing here needs",
}
_DEFAULTS = {
    "defaultauthenticatorconfig": "says which of several authenticators counts",
    "defaultprovisioningconnectorconfig": "the rows of service providers name their connector",
}


def provider_of(
    root: Part, notes: Notes, claims: LocalClaims, variables: Variables
) -> Entry | None:
    """The entry of our document; None for WSO2's own. Raises `Unreadable`."""
    if root.name.lower() != ROOT:
        raise root.refuse(f"holds a {root.name}, not an identity provider")
    name = root.said("IdentityProviderName")
    if not name:
        raise root.refuse("an identity provider without IdentityProviderName")
    pen = notes.on(f"identity provider {name}")
    if name == RESIDENT:
        pen.left_out(root, "the resident identity provider is this server itself", value=name)
        return None
    entry: Entry = {"name": name, "enabled": root.is_true("IsEnabled")}
    if root.part("IsEnabled") is None:
        pen.translated(root, "enabled", "not said: WSO2 takes it as false", value="")
    for part in root.parts:
        if not part.is_empty and part.name.lower() not in _DONE_BELOW:
            _field(part, entry, pen)
    _sections(root, name, entry, pen, claims, variables)
    return entry


def _field(part: Part, entry: Entry, pen: Pen) -> None:
    word, text = part.name.lower(), part.text
    if word == "identityprovidername" and text.startswith(SHARED):
        pen.translated(part, "name", "kept with its prefix: rules and rows name it so")
    elif word == "identityprovidername":
        pen.taken(part, "name")
    elif word in _TEXTS:
        entry[_TEXTS[word]] = text
        pen.taken(part, _TEXTS[word])
    elif word == "isenabled":
        pen.taken(part, "enabled")
    elif word == "provisioningrole":
        entry["provisioning_roles"] = [
            role for role in re.split(r"[\s,]*,[\s,]*", text) if role
        ]
        pen.taken(part, "provisioning_roles")
    elif word == "certificate":
        _certificate(part, entry, pen)
    elif word in ("issuer", "idpproperties"):
        _issuer(part, pen)
    else:
        pen.left_out(part, (_LEFT_OUT | _DEFAULTS).get(word, "is not known here"))


def _certificate(part: Part, entry: Entry, pen: Pen) -> None:
    try:
        entry["certificate"] = pem_of(part)
    except NoCertificate as error:
        pen.by_hand(part, f"{error}: paste it into the form", ours="certificate")
    else:
        pen.taken(part, "certificate", value=f"{entry['certificate'].count('BEGIN')} in PEM")


def _issuer(part: Part, pen: Pen) -> None:
    if _issuer_in(part):
        pen.translated(
            part, "authenticator.issuer", "belongs to the login", value=_issuer_in(part)
        )
    else:
        pen.left_out(part, "has no counterpart")


def _issuer_in(part: Part) -> str:
    if part.name.lower() == "issuer":
        return part.text
    held = [part, *part.parts]
    named = (one for one in held if one.said("Name") == "idpIssuerName")
    return next((one.said("Value") for one in named), "")


def _sections(
    root: Part, name: str, entry: Entry, pen: Pen, claims: LocalClaims, variables: Variables
) -> None:
    if part := root.part("ClaimConfig"):
        entry |= claim_configuration(part, pen, claims)
    if part := root.part("PermissionAndRoleConfig"):
        entry |= _roles(part, pen)
    if (part := root.part("JustInTimeProvisioningConfig")) and (jit := jit_of(part, pen)):
        entry["jit"] = jit
    issuers = (_issuer_in(one) for one in root.named("Issuer", "IdpProperties"))
    default = root.part("DefaultAuthenticatorConfig")
    authenticator = authenticator_of(
        name,
        root.below("FederatedAuthenticatorConfigs"),
        (default.text or default.said("Name")) if default else "",
        next(filter(None, issuers), ""),
        entry.get("certificate", ""),
        pen,
        variables,
    )
    if authenticator:
        entry["authenticator"] = authenticator
    parts = root.below("ProvisioningConnectorConfigs")
    if connectors := connectors_of(name, parts, pen, variables):
        entry["connectors"] = connectors


def _roles(part: Part, pen: Pen) -> Entry:
    rows: dict[str, Entry] = {}
    for below in part.parts:
        if below.name.lower() != "rolemappings":
            pen.left_out(below, "the provider's roles are told by the mapping")
            continue
        for one in below.parts:
            local, remote = _local_role(one), one.said("RemoteRole")
            told = f"{local} → {remote}"
            if not local or not remote or local in rows:
                pen.left_out(one, "half a mapping, or a second one of the role", value=told)
                continue
            rows[local] = {"local": local, "remote": remote}
            pen.taken(one, "role_mappings", value=told)
    if not rows:
        return {}
    why = "groups without a mapping keep their names at the target, as WSO2's do"
    pen.translated(part, "unmapped_roles: keep", why, value="")
    return {"role_mappings": list(rows.values()), "unmapped_roles": "keep"}


def _local_role(mapping: Part) -> str:
    """`DOMAIN/name`, with the store said apart or within the name."""
    part = mapping.part("LocalRole")
    if part is None:
        return ""
    name, store = part.said("LocalRoleName") or part.text, part.said("UserStoreId")
    if not store or "/" in name or store.upper() == "PRIMARY":
        return name
    return f"{store.upper()}/{name}"


def has_login(entry: Entry) -> bool:
    return bool(entry.get("authenticator")) or bool(entry.get("jit", {}).get("enabled"))
