"""Redis is lost in the middle of everything, or falls silent: nobody outside notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import pytest

from tests.brokers import OwnRedis, celery_worker, redis
from tests.chaos.brokers import Outages, Woken, counted
from tests.chaos.clients import Client, Door
from tests.chaos.databases import own_database
from tests.chaos.ledger import Ledger
from tests.chaos.site import PATIENCE, Site, eventually
from tests.chaos.story import (
    LONG,
    SIZE,
    agree,
    change_all,
    fresh_seed,
    make_clients,
    running,
    say,
)
from tests.chaos.target import ChaoticTarget

__all__ = ["redis"]

AWAY = 60.0 if LONG else 0.0
"""Seconds of each part; the short form goes on as soon as it has seen what it wants."""

ARRIVES = 10.0 if LONG else PATIENCE
"""Seconds until a change is at the target: a promise, which the long form judges."""

LATER = 0.05
"""Seconds an answer may take longer while Redis is away; judged by the long form only."""


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("kind", ["gone", "silent"])
def test_losing_redis_in_mid_run_loses_nothing_refuses_nobody_and_delays_nobody(
    tmp_path: Path, redis: OwnRedis, kind: str
) -> None:
    seed = fresh_seed()
    with own_database() as url, ChaoticTarget(seed, rate=0) as target:
        site = Site(tmp_path, DATABASE_URL=url, CELERY_BROKER_URL=redis.url)
        workers = [celery_worker(site, f"celery-{number}") for number in (1, 2)]
        outages = Outages(redis)
        with running(site, target):
            clients = make_clients(site, seed, replace(SIZE, people=16, changes=0))
            visitor = somebody_else(clients)
            with changing(clients):
                told = counted(site, "purveyor_wake_ups_told_total")
                everybody_is_woken(site, Woken(workers), told)
                # The first passwords are checked slowly.
                eventually("everybody is at work", lambda: at_work(clients))
                calm = Part(site, clients)
                calm.arrivals = visits(visitor, target, AWAY)
                calm.ends()

                (outages.gone if kind == "gone" else outages.silent)()
                away = Part(site, clients)
                eventually("wake-ups are dropped", lambda: away.dropped() > 0)
                # At the target while Redis is still away.
                away.arrivals = visits(visitor, target, AWAY)
                away.ends()
                told = counted(site, "purveyor_wake_ups_told_total")
                outages.over()
                everybody_is_woken(site, Woken(workers), told)

            assert sum(c.door.lost + c.door.refused for c in [*clients, visitor]) == 0
            # Had they waited for the broker, there would be a question to it for each answer.
            assert len(away.answers) > away.tried
            agree(site, target, [*clients, visitor], Ledger(url), SIZE.patience)
    say(f"before: {calm}; while Redis was {kind}: {away}")
    if LONG:
        assert away.answer(99) <= calm.answer(99) + LATER


class Part:
    """What happened between here and `ends`."""

    def __init__(self, site: Site, clients: list[Client]) -> None:
        self.site, self.clients = site, clients
        self.before = [len(client.door.seconds) for client in clients]
        self.dropped_before = counted(site, "purveyor_wake_ups_dropped_total")
        self.answers: list[float] = []
        self.arrivals: list[float] = []
        self.tried = 0.0

    def dropped(self) -> float:
        return counted(self.site, "purveyor_wake_ups_dropped_total") - self.dropped_before

    def ends(self) -> None:
        self.tried = self.dropped()
        for client, before in zip(self.clients, self.before, strict=True):
            self.answers += client.door.seconds[before:]

    def answer(self, percent: int) -> float:
        """Seconds within which so many of a hundred answers came."""
        return quantiles(self.answers, n=100)[percent - 1]

    def __str__(self) -> str:
        took = ", ".join(f"{self.answer(p) * 1000:.0f} ms ({p} %)" for p in (50, 95, 99))
        return (
            f"{len(self.answers)} answers in {took}, "
            f"at most {max(self.answers) * 1000:.0f} ms; {len(self.arrivals)} at the target "
            f"within {max(self.arrivals) * 1000:.0f} ms; "
            f"{self.tried:.0f} wake-ups dropped"
        )


@contextmanager
def changing(clients: list[Client]) -> Iterator[None]:
    """Everybody goes on changing meanwhile."""
    enough = threading.Event()
    failed: list[BaseException] = []

    def change() -> None:
        try:
            change_all(clients)
        except BaseException as error:  # noqa: BLE001 told below
            failed.append(error)

    for client in clients:
        client.enough = enough
    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join(600)
    assert not failed, failed


def at_work(clients: list[Client]) -> bool:
    return all(len(client.door.seconds) > 3 for client in clients)


def somebody_else(clients: list[Client]) -> Client:
    """One who does only what the test says."""
    door = Door("", str(clients[0].door.session.headers["Authorization"]))
    door.url = clients[0].door.url
    return Client(len(clients), door, 0, 0, 0, 0)


def visits(visitor: Client, target: ChaoticTarget, seconds: float) -> list[float]:
    """New people come, at least five; how long each took to be at the target."""
    took: list[float] = []
    ends = time.monotonic() + seconds
    pause = threading.Event()
    while len(took) < 5 or time.monotonic() < ends:
        visitor.add_person()
        name = visitor.people[-1].username
        answered = time.monotonic()
        eventually(f"{name} is at the target", lambda: target.user(name), ARRIVES)  # noqa: B023
        took.append(time.monotonic() - answered)
        pause.wait(visitor.dice.uniform(0, 0.3))
    return took


def everybody_is_woken(site: Site, woken: Woken, told: float) -> None:
    # What Redis read before it fell silent, it tells later though it was given up.
    try:
        eventually("the workers are woken", woken.everybody, 90)
        eventually(
            "wake-ups are told",
            lambda: counted(site, "purveyor_wake_ups_told_total") > told,
            90,
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n{site.logs()}") from error
