"""Hosts as network namespaces on one bridge; a host's cable can be pulled."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.chaos.databases import must_have


@dataclass(frozen=True)
class Host:
    """One namespace; `address` is its own, `cable` the bridge's end of its cable."""

    namespace: str
    address: str
    cable: str

    def command(self, *command: str) -> tuple[str, ...]:
        """The same command, in this host."""
        return ("ip", "netns", "exec", self.namespace, *command)

    def cut(self) -> None:
        """Nothing goes in or out any more, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def heal(self) -> None:
        _ip("link", "set", self.cable, "up")


@dataclass(frozen=True)
class Network:
    address: str
    """Of this machine, on the bridge."""
    hosts: tuple[Host, ...]


@contextmanager
def network(count: int) -> Iterator[Network]:
    """So many hosts and this machine on one bridge of a test range; removed at the end."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        must_have("no network namespaces", "needs root, and ip of iproute2")
    mark = secrets.token_hex(3)
    # Private, as connectors may be allowed to call; hopefully nobody's just now.
    net = f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(256)}"
    bridge = f"pvb{mark}"
    hosts = tuple(
        Host(f"pv-{mark}-{n}", f"{net}.{10 + n}", f"pv{mark}{n}") for n in range(count)
    )
    try:
        try:
            _ip("link", "add", bridge, "type", "bridge")
        except subprocess.CalledProcessError as error:
            must_have("no network namespaces", str(error.stderr))
        _ip("address", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in hosts:
            _plug_in(host, bridge)
        yield Network(f"{net}.1", hosts)
    finally:
        for host in hosts:
            _quietly("link", "del", host.cable)
            _quietly("netns", "del", host.namespace)
        _quietly("link", "del", bridge)


def _plug_in(host: Host, bridge: str) -> None:
    _ip("netns", "add", host.namespace)
    _ip("link", "add", host.cable, "type", "veth", "peer", "eth0", "netns", host.namespace)
    _ip("link", "set", host.cable, "master", bridge, "up")
    inside = ("-n", host.namespace)
    _ip(*inside, "link", "set", "lo", "up")
    _ip(*inside, "address", "add", f"{host.address}/24", "dev", "eth0")
    _ip(*inside, "link", "set", "eth0", "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, timeout=30)


def _quietly(*arguments: str) -> None:
    with suppress(subprocess.CalledProcessError):
        _ip(*arguments)
