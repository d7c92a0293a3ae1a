"""Eight clients, processes killed at random, a target that misbehaves: nothing is lost,
nothing happens twice. `CHAOS_SEED` runs one seed again; `make chaos` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.killing import Blows
from tests.chaos.ledger import Ledger
from tests.chaos.site import Site
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
