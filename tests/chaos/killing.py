"""Who is killed, when, by a seed; and what is done so that life goes on."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.chaos.ledger import Ledger
from tests.chaos.site import Program, Site, eventually
from tests.chaos.target import ChaoticTarget

Blow = Callable[[], None]


class Killer(threading.Thread):
    """Strikes at random moments, `every` so many seconds on average, until told to stop.

    With `times`, until everybody was struck so often: a busy machine takes long to start
    again what was killed, and that must not keep the clients from ever coming to an end.
    """

    def __init__(
        self, seed: int, every: float, blows: dict[str, Blow], times: int | None = None
    ) -> None:
        super().__init__(name="killer", daemon=True)
        self.dice = random.Random(f"{seed}-killer")
        self.every, self.blows = every, blows
        self.left = sys.maxsize if times is None else times * len(blows)
        self.struck: Counter[str] = Counter()
        self.error: BaseException | None = None
        self.everybody = threading.Event()
        """Every blow has been struck at least once."""
        self._enough = threading.Event()

    def run(self) -> None:
        try:
            hand: list[str] = []
            while self.left and not self._enough.wait(self._pause()):
                self.left -= 1
                if not hand:  # everybody once, then everybody again in another order
                    hand = self.dice.sample(sorted(self.blows), len(self.blows))
                name = hand.pop()
                self.blows[name]()
                self.struck[name] += 1
                if len(self.struck) == len(self.blows):
                    self.everybody.set()
        except BaseException as error:  # noqa: BLE001 told by `stop`
            self.error = error
            self.everybody.set()

    def _pause(self) -> float:
        return self.dice.uniform(0.5, 1.5) * self.every

    def stop(self) -> None:
        self._enough.set()
        self.join(120)
        if self.error is not None:
            raise self.error


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and nobody asked for does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Blows:
    """What can be done to a site. `soon`: leases of the dead are over at once."""

    def __init__(
        self, site: Site, target: ChaoticTarget, ledger: Ledger, *, soon: bool
    ) -> None:
        self.site, self.target, self.ledger, self.soon = site, target, ledger, soon
        self.dice = random.Random(1)
        self.orphans: list[int] = []
        """Processes that have lost their `serve` and may still finish something."""

    def web(self) -> None:
        """One web process; `serve` starts another."""
        if found := self.site.serve.children("!--wake-fd"):
            kill(self.dice.choice(found))

    def child(self) -> None:
        """The worker child; `serve` starts another."""
        serve = self.site.serve
        for pid in serve.children("--wake-fd"):
            if self.soon:
                os.kill(serve.pid, signal.SIGSTOP)  # no other one before the leases are over
            kill(pid)
            self._bury()
        if self.soon:
            os.kill(serve.pid, signal.SIGCONT)

    def master(self) -> None:
        """`serve` alone: its processes notice, and end by themselves."""
        self.orphans += self.site.serve.children()
        self.site.serve.kill(group=False)
        self.site.wait_until_serving()

    def host(self) -> None:
        """Everything of `serve` at once, as when the machine loses its power."""
        self.site.serve.kill()
        self._bury()
        self.site.wait_until_serving()

    def workers(self, workers: list[Program]) -> Blow:
        """Processes that deliver, all at once."""

        def blow() -> None:
            for worker in workers:
                worker.kill()
            self._bury()
            for worker in workers:
                worker.start()

        return blow

    def worker(self, workers: list[Program]) -> Blow:
        """One process that delivers; its leases run out in their own time."""

        def blow() -> None:
            worker = self.dice.choice(workers)
            worker.kill()
            worker.start()

        return blow

    def _bury(self) -> None:
        if self.soon:
            for pid in filter(alive, self.orphans):
                kill(pid)
            eventually("the target has finished", lambda: self.target.quiet(1))
            self.ledger.leases_run_out()
