"""The one story of all arrangements: change under fire, then calm, then judge."""

from __future__ import annotations

import base64
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.chaos.clients import Client, Door, Team
from tests.chaos.judging import judge
from tests.chaos.killing import Blow, Killer
from tests.chaos.ledger import Ledger
from tests.chaos.site import PASSWORD, Site
from tests.chaos.target import ChaoticTarget

LONG = bool(os.environ.get("CHAOS_LONG"))
CLIENTS = 8
OPEN = ("pending", "running", "held", "failed")


@dataclass(frozen=True)
class Size:
    """How much happens. `soon`: the leases of killed workers are over at once. `kills`: how
    often each is killed, at most."""

    people: int
    teams: int
    changes: int
    kill_every: float
    patience: int
    pace: float
    soon: bool
    kills: int | None = None


SIZE = (
    Size(people=500, teams=40, changes=1500, kill_every=4, patience=900, pace=0.4, soon=False)
    if LONG
    else Size(
        people=40,
        teams=5,
        changes=160,
        kill_every=0.4,
        patience=90,
        pace=0.2,
        soon=True,
        kills=2,
    )
)
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "3" if LONG else "1"))


def fresh_seed() -> int:
    """`CHAOS_SEED` runs one again; otherwise it is new every time, and printed."""
    given = os.environ.get("CHAOS_SEED")
    seed = int(given) if given else random.SystemRandom().randrange(1, 1_000_000)
    say(f"CHAOS_SEED={seed}")
    return seed


def say(text: str) -> None:
    """For pytest's report: shown when a test fails, and with -s."""
    sys.stdout.write(f"{text}\n")


@contextmanager
def running(site: Site, target: ChaoticTarget) -> Iterator[Site]:
    site.prepare(target.settings)
    with started(site):
        yield site


@contextmanager
def started(site: Site) -> Iterator[Site]:
    """One that is prepared already."""
    try:
        site.start()
        yield site
    finally:
        site.stop()


def make_clients(
    site: Site, seed: int, size: Size = SIZE, kind: type[Client] = Client
) -> list[Client]:
    """Eight, every other with Bearer, the rest with Basic; the last teams are everybody's."""
    basic = "Basic " + base64.b64encode(f"chaos:{PASSWORD}".encode()).decode()
    bearer = f"Bearer {site.token()}"
    shared = max(1, size.teams // 5)
    clients = []
    for number in range(CLIENTS):
        people = _share(size.people, number)
        teams = _share(size.teams - shared, number)
        door = Door(site.url, bearer if number % 2 else basic)
        clients.append(kind(number, door, seed, people, teams, _share(size.changes, number)))
        clients[-1].pace = size.pace
    everybodys = [Team(f"team-all-{index}") for index in range(shared)]
    for team in everybodys:
        clients[0].create("Groups", team, team.document)
    for client in clients:
        client.everybodys = everybodys
    return clients


def _share(whole: int, number: int) -> int:
    return whole // CLIENTS + (number < whole % CLIENTS)


def change_all(clients: Sequence[Client], seconds: float = 1800) -> None:
    """Run every client to its end."""
    for client in clients:
        client.start()
    deadline = time.monotonic() + seconds
    for client in clients:
        client.join(max(0.0, deadline - time.monotonic()))
        client.stopped.set()
    for client in clients:
        assert not client.is_alive(), f"{client.name} has not finished"
        if client.error is not None:
            raise client.error


def under_fire(
    site: Site,
    target: ChaoticTarget,
    clients: Sequence[Client],
    killer: Killer,
    *others: ChaoticTarget,
) -> None:
    """The clients change everything while the killer strikes and the targets misbehave."""
    started = time.monotonic()
    for client in clients:
        client.enough = killer.everybody
    killer.start()
    try:
        change_all(clients)
    finally:
        killer.stop()
    changed = time.monotonic()
    for one in (target, *others):
        one.calm()
    site.wait_until_serving()
    say(
        f"changed in {changed - started:.0f} s; killed: {dict(killer.struck)}; "
        f"targets: {[dict(one.troubles) for one in (target, *others)]}; clients: "
        f"{sum(c.door.answered for c in clients)} answers, "
        f"{sum(c.door.lost for c in clients)} lost, "
        f"{sum(c.door.refused for c in clients)} refused"
    )


def agree(
    site: Site, target: ChaoticTarget, clients: list[Client], ledger: Ledger, patience: int
) -> None:
    """Wait until nothing is under way; then everybody must tell the same."""
    started = time.monotonic()
    told = site.status(wait=patience)
    say(f"idle after {time.monotonic() - started:.0f} s; jobs: {told['jobs']}")
    stuck = {state: told["jobs"][state] for state in OPEN if told["jobs"][state]}
    wrong = [f"jobs left: {stuck}"] if stuck else []
    wrong += [str(row) for row in ledger.unfinished()]
    wrong += judge(clients, clients[0].door, target, ledger)
    assert not wrong, "\n".join([*wrong[:12], f"({len(wrong)} in all)", site.logs()])


def nothing_lost_nothing_twice(
    site: Site, target: ChaoticTarget, ledger: Ledger, seed: int, blows: dict[str, Blow]
) -> None:
    with running(site, target):
        clients = make_clients(site, seed)
        under_fire(site, target, clients, Killer(seed, SIZE.kill_every, blows, SIZE.kills))
        agree(site, target, clients, ledger, SIZE.patience)
