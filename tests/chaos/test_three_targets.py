"""Three targets that misbehave, each with people of its own: everybody, who has a role, and
whom a rule lets go. In the end each holds what `explain` says, and nobody was deleted who
had not to go. `CHAOS_SEED` runs one seed again; `make chaos` is the long form."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.clients import Client, Person, Team, _patch
from tests.chaos.judging import differences, everything, groups_of, wanted_groups
from tests.chaos.killing import Blows, Killer
from tests.chaos.ledger import Ledger
from tests.chaos.migrated import ROOT
from tests.chaos.site import Site, configuration
from tests.chaos.story import (
    LONG,
    OPEN,
    ROUNDS,
    SIZE,
    fresh_seed,
    make_clients,
    say,
    started,
    under_fire,
)
from tests.chaos.target import ChaoticTarget
from tests.flows.policies import has_claim, policy, rule

CLAIM = "http://wso2.org/claims/"
ROLE = "team-all-0 #1"
"""The team of everybody's that nobody renames."""
AWAY = "not there"
"""Whose nickname this is, a rule keeps out of one target."""
MAPPING = [
    {"remote": "title", "local": f"{CLAIM}title"},
    {"remote": "nickName", "local": f"{CLAIM}nickname"},
    {"remote": "userType", "constant": "partner"},
    {"remote": "name.familyName", "local": f"{CLAIM}lastname", "default": "none"},
    {"remote": "displayName", "expression": "username + ' of ' + store"},
]
BIG = (
    replace(SIZE, people=2_000, teams=200, changes=20_000, pace=0.05, patience=1_800)
    if LONG
    else replace(SIZE, people=32, changes=120, kills=1)
)


@dataclass
class Wanderer(Client):
    """Its people come and go at the targets, too; it knows who ever had to go where."""

    left: set[str] = field(default_factory=set)
    """Who ever had to leave the target by role."""
    denied: set[str] = field(default_factory=set)

    __hash__ = Client.__hash__

    def patch(self) -> None:
        if self.dice.random() > 0.4:
            return super().patch()
        person = self.anybody()
        person.number += 1
        person.nickname = AWAY
        self.denied.add(f"user {person.external_id}")
        value = {"title": f"#{person.number}", "nickName": AWAY}
        body = _patch([{"op": "replace", "value": value}])
        return self.update("Users", person, "PATCH", body, f"#{person.number}")

    def set_member(self, person: Person, team: Team, wanted: bool) -> None:
        if not wanted and team.name == ROLE:
            self.left.add(f"user {person.external_id}")
        super().set_member(person, team, wanted)

    def had_to_go(self, place: str) -> set[str]:
        """From a target, at some time."""
        gone = {f"user {one.external_id}" for one in self.people if one.gone}
        return gone | {"everybody": set[str](), "by-role": self.left}.get(place, self.denied)


@pytest.mark.parametrize("round", range(ROUNDS))
def test_each_target_holds_what_explain_says(tmp_path: Path, round: int) -> None:
    seed = fresh_seed()
    site = Site(tmp_path)
    ledger = Ledger(f"sqlite:///{tmp_path / 'purveyor.sqlite3'}")
    with ExitStack() as stack:
        targets = {
            name: stack.enter_context(ChaoticTarget(seed + number))
            for number, name in enumerate(("everybody", "by-role", "by-rule"))
        }
        first, *others = targets.values()
        blows = Blows(site, first, ledger, soon=SIZE.soon)
        killer = Killer(
            seed,
            BIG.kill_every,
            {
                "web process": blows.web,
                "worker child": blows.child,
                "serve alone": blows.master,
                "everything": blows.host,
            },
            BIG.kills,
        )
        site.configure(three(targets))
        stack.enter_context(started(site))
        clients = make_clients(site, seed, BIG, Wanderer)
        under_fire(site, first, clients, killer, *others)
        told = site.status(wait=BIG.patience)
        say(f"jobs: {told['jobs']}")
        for name, target in targets.items():
            say(f"{name}: {len(target.users)} there, {len(target.deleted())} deleted")
        wrong = [f"{told['jobs'][state]} jobs {state}" for state in OPEN if told["jobs"][state]]
        wrong += [f"{row}\n{ledger.story_of(str(row[1]))}" for row in ledger.unfinished()]
        wrong += judged(site, targets, clients, ledger)
        assert not wrong, "\n".join([*wrong[:12], f"({len(wrong)} in all)", site.logs()])


def three(targets: Mapping[str, ChaoticTarget]) -> dict[str, Any]:
    """One target's configuration with two more, and what decides who goes there."""
    tree = configuration(targets["everybody"].settings)
    (tenant,) = tree["tenants"]
    more: dict[str, Any] = {
        "everybody": {},
        "by-role": {"provisioning_roles": [ROLE]},
        "by-rule": {"claim_dialect": "custom", "claim_mappings": MAPPING},
    }
    connectors: dict[str, Any] = {
        "everybody": {},
        "by-role": {"groups": "none"},
        "by-rule": {"groups": "none", "on_deny": "withdraw"},
    }
    tenant["identity_providers"] = [
        {
            "name": name,
            "connectors": [
                {"type": "scim2", "settings": dict(target.settings), **connectors[name]}
            ],
            **more[name],
        }
        for name, target in targets.items()
    ]
    rows = [
        {"identity_provider": n, "connector": "scim2", "enable_rules": n == "by-rule"}
        for n in targets
    ]
    for sender in tenant["service_providers"]:
        sender["outbound"] = rows
    document = policy("away", rule("r", "Deny", has_claim(f"{CLAIM}nickname", AWAY)))
    tenant["policies"] = [
        {"name": "away", "document": document, "published": True, "enabled": True}
    ]
    return tree


def judged(
    site: Site,
    targets: Mapping[str, ChaoticTarget],
    clients: Sequence[Client],
    ledger: Ledger,
) -> list[str]:
    explained = expected(site)
    wrong: list[str] = []
    for name, target in targets.items():
        held = {user["externalId"]: shown(user) for user in target.users.values()}
        for key, told in differences(explained.get(name, {}), held).items():
            story = ledger.story_of(f"user-%{key.removeprefix('e-')}%")
            wrong.append(f"{name}: {key}: explained != there: {told}\n{story}")
        asked: set[str] = set().union(*(c.had_to_go(name) for c in wanderers(clients)))
        gone = {one for one in target.deleted() if one.startswith("user ")}
        wrong += [f"{name}: nobody wanted {one} to go" for one in sorted(gone - asked)]
        again = name != "everybody"
        creates = target.second_creates(may_come_back=again)
        wrong += [f"{name}: second create: {one}" for one in creates]
        wrong += [f"{name}: out of order: {one}" for one in target.out_of_order()]
    first = targets["everybody"]
    there = groups_of(first.groups.values(), list(first.users.values()))
    people = everything(clients[0].door, "Users")
    store = groups_of(everything(clients[0].door, "Groups"), people)
    for left, right, what in (
        (wanted_groups(clients, ()), store, "clients != store"),
        (store, there, "store != everybody"),
    ):
        wrong += [f"{what}: {key}: {told}" for key, told in differences(left, right).items()]
    return wrong


def wanderers(clients: Iterable[Client]) -> list[Wanderer]:
    return [one for one in clients if isinstance(one, Wanderer)]


def shown(user: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in user.items() if key not in ("id", "schemas")}


def expected(site: Site) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.expected"],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
