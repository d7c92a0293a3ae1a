"""Testing the connection to an SPML provider without changing anything there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from connectors.errors import ConnectorError
from connectors.spml import requests
from connectors.spml.names import PASSWORD, PROFILE, SEARCH, SUSPEND
from connectors.spml.objects import UNSUPPORTED, Objects
from connectors.spml.xml import Element, children, local
from connectors.types import EntityType, Finding

_CAPABILITIES = (
    (
        SEARCH,
        "The target can be searched",
        "The target has no search: accounts are found again only if their ID is their name",
    ),
    (SUSPEND, "The target can disable accounts", "The target cannot disable accounts"),
    (PASSWORD, "The target sets passwords", "The target does not set passwords of accounts"),
)
_CLASSES = frozenset({"objectClassDefinition", "supportedSchemaEntity"})


def findings(users: Objects, all_objects: Mapping[EntityType, Objects]) -> list[Finding]:
    """Transport, credentials, target, profile, object classes and capabilities, a line each."""
    found = list(_transport(users))
    try:
        response = users.client.ask(requests.list_targets())
    except ConnectorError as error:
        answers = error.code == UNSUPPORTED
        said = "The provider answers, and does not list its targets" if answers else str(error)
        return [*found, Finding(ok=answers, what=said)]
    found.append(Finding(ok=True, what="The provider answers and accepts the credentials"))
    target = _target(list(children(response, "target")), users.target)
    if isinstance(target, Finding):
        return [*found, target]
    if target is not None:
        found += [*_profile(target), *_classes(target, all_objects.values())]
        found += _capabilities(target, users)
    if EntityType.GROUP not in all_objects:
        found.append(Finding(ok=True, what="No group object class is set: groups are not sent"))
    return found


def _transport(users: Objects) -> Iterator[Finding]:
    if urlsplit(users.client.endpoint).scheme == "http":
        yield Finding(
            # Where private targets are allowed, plain http inside is the operator's choice.
            ok=users.client.http.allow_private,
            what="The endpoint is plain http: credentials and data travel unprotected",
        )


def _target(listed: list[Element], wanted: str) -> Element | Finding | None:
    """The target that is meant, None when none is listed, or what is wrong."""
    names = ", ".join(one.get("targetID") or "one without an ID" for one in listed)
    if wanted:
        meant = [one for one in listed if one.get("targetID") == wanted]
        missing = Finding(
            ok=False, what=f"There is no target {wanted}: there is {names or 'none'}"
        )
        return meant[0] if meant else missing
    if len(listed) > 1:
        return Finding(ok=False, what=f"There are several targets, name one of them: {names}")
    return listed[0] if listed else None


def _profile(target: Element) -> Iterator[Finding]:
    profile = target.get("profile") or PROFILE
    if profile.casefold() != PROFILE.casefold():
        yield Finding(ok=False, what=f"The target speaks {profile}, and not the DSML profile")


def _classes(target: Element, wanted: Iterable[Objects]) -> Iterator[Finding]:
    known = {
        (one.get("name") or one.get("entityName") or "").casefold()
        for one in target.iter()
        if local(one) in _CLASSES
    } - {""}
    for objects in wanted:
        name = objects.classes[-1]
        if known and name.casefold() not in known:
            told = ", ".join(sorted(known))
            yield Finding(
                ok=False, what=f"The target has no object class {name}: it has {told}"
            )


def _capabilities(target: Element, users: Objects) -> Iterator[Finding]:
    listed = [one for part in children(target, "capabilities") for one in part]
    if not listed:
        yield Finding(ok=True, what="The target does not announce what it can do")
        return
    offered = {(one.get("namespaceURI") or "").casefold() for one in listed}
    for capability, can, cannot in _CAPABILITIES:
        has = capability.casefold() in offered
        users.capabilities.remember(capability, offered=has)
        yield Finding(ok=True, what=can if has else cannot)
