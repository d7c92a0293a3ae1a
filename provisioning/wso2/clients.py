"""OAuth clients of service providers, from hand-written and from exported files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from provisioning.wso2 import secrets
from provisioning.wso2.notes import HIDDEN, Pen
from provisioning.wso2.reading import Part, Unreadable, parse
from provisioning.wso2.secrets import Variables

Entry = dict[str, Any]

_LOGINS = "is about logins at WSO2, which stay where they are"
_NOT_THERE = (
    "the secret is not in the file: give it as environment variable {}, or make the client a "
    "new one in the console"
)
_OTHER = "clients here get tokens by client credentials, for the door they call"
_KNOWN = frozenset({"oauthconsumerkey", "oauthconsumersecret", "callbackurl"})


def clients(name: str, part: Part, pen: Pen, variables: Variables) -> Entry:
    entry: Entry = {}
    for one in part.below("InboundAuthenticationRequestConfigs"):
        kind = one.said("InboundAuthType").lower()
        if kind in ("oauth2", "oauth") and not entry:
            entry = _client(name, one, pen, variables)
        else:
            pen.left_out(one, _LOGINS, value=kind)
    return entry


def _client(name: str, part: Part, pen: Pen, variables: Variables) -> Entry:
    client_id = part.said("InboundAuthKey")
    if not client_id:
        pen.left_out(part, "an OAuth client without its id")
        return {}
    said = dict(_said(part))
    pen.taken(part, "oauth_client.client_id", value=client_id)
    secret = _secret(name, part, said.get("oauthconsumersecret"), pen, variables)
    entry: Entry = {"oauth_client": {"client_id": client_id, "client_secret": secret}}
    callback = said.get("callbackurl")
    if callback and callback.text.startswith("regexp="):
        pen.by_hand(callback, "addresses are listed, not matched", ours="redirect_uris")
    elif callback and callback.text:
        entry["redirect_uris"] = [callback.text]
        pen.taken(callback, "redirect_uris")
    for word, held in said.items():
        if word not in _KNOWN:
            pen.left_out(held, _OTHER)
    return entry


def _secret(
    name: str, part: Part, held: Part | None, pen: Pen, variables: Variables
) -> secrets.Secret:
    known = secrets.readable(held) if held else ""
    secret = variables.secret(name, "client_secret", value=known)
    if known:
        pen.taken(held or part, "oauth_client.client_secret", value=HIDDEN)
    else:
        why = _NOT_THERE.format(secret.variable)
        pen.by_hand(held or part, why, ours="oauth_client.client_secret", value=HIDDEN)
    return secret


def _said(part: Part) -> Iterator[tuple[str, Part]]:
    """What is said of the client: properties, or a document within the document."""
    for one in part.below("Properties"):
        if value := one.part("Value"):
            yield (
                one.said("Name").lower(),
                replace(value, path=f"Properties/{one.said('Name')}"),
            )
    held = part.part("inboundConfiguration")
    if held is None or not held.text:
        return
    try:
        root = parse(held.text.encode(), held.file)
    except Unreadable as error:
        raise held.refuse("the document within cannot be read") from error
    for below in root.parts:
        path = f"inboundConfiguration/{below.name}"
        yield below.name.lower(), replace(below, path=path, line=held.line + below.line - 1)
