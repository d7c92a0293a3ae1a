"""The same story with a broker and two Celery workers: the broker goes away and falls silent
like everything else, and in the end both workers hear of changes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.brokers import OwnRedis, celery_worker, redis
from tests.chaos.brokers import Broker, Outages, Woken, rabbit
from tests.chaos.clients import Client
from tests.chaos.databases import end_connections, own_database
from tests.chaos.killing import Blows, Killer
from tests.chaos.ledger import Ledger
from tests.chaos.site import Site, eventually
from tests.chaos.story import (
    LONG,
    ROUNDS,
    SIZE,
    agree,
    fresh_seed,
    make_clients,
    running,
    say,
    under_fire,
)
from tests.chaos.target import ChaoticTarget

__all__ = ["redis"]

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("round", range(ROUNDS))]


@pytest.mark.redis
def test_with_redis_and_two_celery_workers(tmp_path: Path, redis: OwnRedis, round: int) -> None:
    with_two_celery_workers(tmp_path, redis)


@pytest.mark.amqp
def test_with_rabbitmq_and_two_celery_workers(tmp_path: Path, round: int) -> None:
    with rabbit(tmp_path, own=LONG) as broker:
        with_two_celery_workers(tmp_path, broker)


def with_two_celery_workers(folder: Path, broker: Broker) -> None:
    seed = fresh_seed()
    with own_database() as url, ChaoticTarget(seed) as target:
        site = Site(folder, DATABASE_URL=url, CELERY_BROKER_URL=broker.url)
        workers = [celery_worker(site, f"celery-{number}") for number in (1, 2)]
        ledger, outages = Ledger(url), Outages(broker)
        blows = Blows(site, target, ledger, soon=SIZE.soon)
        by_name = {
            "web process": blows.web,
            "serve alone": blows.master,
            "workers": blows.workers(workers) if SIZE.soon else blows.worker(workers),
            "database connections": lambda: end_connections(url),
            "broker, kill": outages.gone,
            "broker, silence": outages.silent,
        }
        with running(site, target):
            clients = make_clients(site, seed)
            killer = Killer(seed, SIZE.kill_every, by_name, SIZE.kills)
            under_fire(site, target, clients, killer)
            outages.over()
            say(f"the broker was away: {dict(outages.had)}")
            woken = Woken(workers)
            eventually("both workers are woken again", lambda: changed(clients, woken), 90)
            agree(site, target, clients, ledger, SIZE.patience)


def changed(clients: list[Client], woken: Woken) -> bool:
    """Change somebody until everybody has heard of it."""
    clients[0].patch()
    return woken.everybody()
