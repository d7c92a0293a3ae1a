"""Who is right in the end: clients, user store and target must tell the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.chaos.clients import Client, Door
from tests.chaos.ledger import Ledger
from tests.chaos.target import ChaoticTarget

PAGE = 100
ATTRIBUTES = ("userName", "externalId", "title", "nickName", "active", "name", "emails")
Users = dict[str, dict[str, Any]]
Groups = dict[str, tuple[str, frozenset[str]]]
"""By externalId: the displayName, and the members' externalIds."""


def everything(door: Door, kind: str) -> list[dict[str, Any]]:
    """All resources of the store, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = door.get(f"/{kind}?count={PAGE}&startIndex={len(found) + 1}").json()
        found += page.get("Resources", [])
        if len(found) >= page["totalResults"]:
            return found


def users_of(resources: Iterable[dict[str, Any]]) -> Users:
    return {one["externalId"]: _shown(one) for one in resources}


def groups_of(resources: Iterable[dict[str, Any]], users: list[dict[str, Any]]) -> Groups:
    names = {str(one["id"]): one["externalId"] for one in users}
    return {
        one["displayName"].partition(" #")[0]: (
            one["displayName"],
            frozenset(names.get(str(m["value"]), m["value"]) for m in one.get("members", [])),
        )
        for one in resources
    }


def _shown(user: dict[str, Any]) -> dict[str, Any]:
    shown = {name: user.get(name) for name in ATTRIBUTES}
    shown["name"] = {k: (user.get("name") or {}).get(k) for k in ("givenName", "familyName")}
    shown["emails"] = [one["value"] for one in user.get("emails") or []]
    return shown


def wanted_users(clients: Iterable[Client]) -> Users:
    return {
        one.external_id: _shown(one.document) for client in clients for one in client.here()
    }


def wanted_groups(clients: Iterable[Client], everybodys: Iterable[str]) -> Groups:
    clients = list(clients)
    here = {one.external_id for client in clients for one in client.here()}
    inside = {pair for c in clients for pair, wanted in c.members.items() if wanted}
    teams = {t.external_id: t.name for c in clients for t in c.teams + c.everybodys}
    return {
        team: (name, frozenset(p for t, p in inside if t == team and p in here))
        for team, name in teams.items()
    }


def differences(left: dict[str, Any], right: dict[str, Any]) -> dict[str, str]:
    """By key: what one side has and the other has not."""
    return {
        key: f"{left.get(key)} != {right.get(key)}"
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    }


def judge(
    clients: list[Client], door: Door, target: ChaoticTarget, ledger: Ledger
) -> list[str]:
    """Everything that is wrong, each with the story of its jobs."""
    users, groups = everything(door, "Users"), everything(door, "Groups")
    with target.lock:
        there, groups_there = list(target.users.values()), list(target.groups.values())
    store = users_of(users), groups_of(groups, users)
    held = users_of(there), groups_of(groups_there, there)
    wrong = _told("clients != store", wanted_users(clients), store[0], ledger)
    wrong += _told("clients != store", wanted_groups(clients, ()), store[1], ledger)
    wrong += _told("store != target", store[0], held[0], ledger)
    wrong += _told("store != target", store[1], held[1], ledger)
    if len(there) != len(held[0]) or len(groups_there) != len(held[1]):
        wrong.append("the target holds somebody twice")
    wrong += _passwords(clients, target)
    wrong += [f"second create: {one}" for one in target.second_creates()]
    wrong += [f"out of order: {one}" for one in target.out_of_order()]
    return wrong


def _told(what: str, left: dict[str, Any], right: dict[str, Any], ledger: Ledger) -> list[str]:
    told = []
    for key, difference in differences(left, right).items():
        shown = left.get(key) or right.get(key)
        name = shown["userName"] if isinstance(shown, dict) else f"{key} #%"
        told.append(f"{what}: {key}: {difference}\n{ledger.story_of(name)}")
    return told


def _passwords(clients: list[Client], target: ChaoticTarget) -> list[str]:
    """A password arrives with the account, however many attempts that took."""
    ids = {one.get("externalId"): str(one["id"]) for one in target.users.values()}
    return [
        f"the password of {person.external_id} is not at the target"
        for client in clients
        for person in client.here()
        if person.password and target.passwords.get(ids[person.external_id]) != person.password
    ]
