"""Eight clients, processes killed at random, a target that misbehaves: nothing is lost,
nothing happens twice. `CHAOS_SEED` runs one seed again; `make chaos` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.databases import end_connections, own_database
from tests.chaos.killing import Blows
from tests.chaos.ledger import Ledger
from tests.chaos.site import MANAGE, Site
from tests.chaos.story import ROUNDS, SIZE, fresh_seed, nothing_lost_nothing_twice
from tests.chaos.target import ChaoticTarget


@pytest.mark.parametrize("round", range(ROUNDS))
def test_with_sqlite_and_the_worker_child(tmp_path: Path, round: int) -> None:
    seed = fresh_seed()
    site = Site(tmp_path)
    ledger = Ledger(f"sqlite:///{tmp_path / 'purveyor.sqlite3'}")
    with ChaoticTarget(seed) as target:
        blows = Blows(site, target, ledger, soon=SIZE.soon)
        by_name = {
            "web process": blows.web,
            "worker child": blows.child,
            "serve alone": blows.master,
            "everything": blows.host,
        }
        nothing_lost_nothing_twice(site, target, ledger, seed, by_name)


@pytest.mark.postgres
@pytest.mark.parametrize("round", range(ROUNDS))
def test_with_postgresql_and_two_workers(tmp_path: Path, round: int) -> None:
    seed = fresh_seed()
    with own_database() as url, ChaoticTarget(seed) as target:
        site = Site(tmp_path, DATABASE_URL=url)
        site.serve.command += ("--no-worker",)
        workers = [
            site.add(site.program(f"worker-{number}", *MANAGE, "worker")) for number in (1, 2)
        ]
        ledger = Ledger(url)
        blows = Blows(site, target, ledger, soon=SIZE.soon)
        by_name = {
            "web process": blows.web,
            "serve alone": blows.master,
            "workers": blows.workers(workers) if SIZE.soon else blows.worker(workers),
            "database connections": lambda: end_connections(url),
        }
        nothing_lost_nothing_twice(site, target, ledger, seed, by_name)
