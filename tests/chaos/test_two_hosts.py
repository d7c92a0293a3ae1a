"""Two hosts with one worker each share the work; one is cut off and comes back."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chaos.clients import Client
from tests.chaos.databases import own_database
from tests.chaos.hosts import Host, Network, network
from tests.chaos.ledger import Ledger
from tests.chaos.site import MANAGE, ROOT, Site, eventually
from tests.chaos.story import LONG, SIZE, agree, change_all, fresh_seed, make_clients, say
from tests.chaos.target import ChaoticTarget

LEASE = 60
IN_THE_MIDDLE = """
import sys
from django.db import transaction
from idp.models import OutboundConnector
with transaction.atomic():
    OutboundConnector.objects.select_for_update().get()
    print("locked", flush=True)
    sys.stdin.read()
"""
"""What a worker does when it claims, for longer."""


@contextmanager
def two_hosts(folder: Path, seed: int) -> Iterator[tuple[Site, ChaoticTarget, Network, Ledger]]:
    """Web server here, a worker in each namespace, PostgreSQL and the target for both."""
    with own_database() as url, network(2) as net:
        parts = urlsplit(url)
        there = f"{net.address}:{parts.port or 5432}"
        remote = parts._replace(netloc=f"{(parts.username or 'root')}@{there}").geturl()
        site = Site(folder, DATABASE_URL=url)
        relay = site.program(
            "relay",
            MANAGE[0],
            "-m",
            "tests.chaos.relay",
            f"{there}={parts.hostname}:{parts.port or 5432}",
        )
        site.serve.command += ("--no-worker",)
        site.programs.insert(0, relay)
        for number, host in enumerate(net.hosts):
            command = host.command(*MANAGE, "worker")
            site.add(site.program(f"worker-{number}", *command, DATABASE_URL=remote))
        with ChaoticTarget(seed, host=net.address, rate=5, longest_hang=1) as target:
            site.prepare(target.settings)
            try:
                site.start()
                yield site, target, net, Ledger(url)
            finally:
                site.stop()


@pytest.mark.postgres
def test_a_host_that_is_cut_off_loses_nothing_and_joins_again(tmp_path: Path) -> None:
    seed = fresh_seed()
    with two_hosts(tmp_path, seed) as (site, target, net, ledger):
        first, second = net.hosts
        clients = make_clients(site, seed)
        changing = threading.Thread(target=change_all, args=(clients,), daemon=True)
        changing.start()
        eventually(
            "both deliver", lambda: all(target.peers()[h.address] > 4 for h in net.hosts)
        )

        with in_the_middle(site, first):
            first.cut()
        eventually("what was on its way is there", lambda: target.quiet(1))
        before = target.peers()
        cut_for(ledger, target, second, before)
        during = target.peers()
        first.heal()
        changing.join(600)
        target.calm()
        agree(site, target, clients, ledger, SIZE.patience + LEASE)
        after = target.peers()
        say(f"writes by host: {dict(before)}, while cut: {dict(during)}, then: {dict(after)}")

        assert during[first.address] == before[first.address]
        eventually(
            "the healed one delivers again", lambda: joined(clients, target, first, after)
        )


@contextmanager
def in_the_middle(site: Site, host: Host) -> Iterator[None]:
    """Somebody on that host has locked the connector; they die with their cable pulled."""
    worker = next(program for program in site.programs if host.namespace in program.command)
    holder = subprocess.Popen(
        host.command(*MANAGE, "shell", "--verbosity", "0", "-c", IN_THE_MIDDLE),
        cwd=ROOT,
        env=worker.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield
    finally:
        holder.kill()
        holder.communicate()


def cut_for(ledger: Ledger, target: ChaoticTarget, other: Host, before: Counter[str]) -> None:
    """Until the other one has done a good piece of work; the long form outlives the leases."""
    eventually(
        "the other goes on", lambda: target.peers()[other.address] > before[other.address] + 10
    )
    if LONG:
        ended = time.monotonic() + LEASE + 5
        eventually("leases have run out", lambda: time.monotonic() > ended, 2 * LEASE)


def joined(
    clients: list[Client], target: ChaoticTarget, host: Host, before: Counter[str]
) -> bool:
    """Change people until that host delivers some of it."""
    for client in clients:
        client.patch()
    return target.peers()[host.address] > before[host.address]
