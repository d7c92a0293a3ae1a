"""A SCIM 2.0 target that misbehaves by a seed, and keeps a record of everything it did."""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.fakes.scim2 import Scim2Target
from tests.fakes.server import Reply, Request

TROUBLES = {
    "500": 4,
    "500 done": 2,
    "429": 1,
    "reset": 3,
    "reset done": 4,
    "hang": 2,
    "hang, reset done": 1,
}
"""What goes wrong, and how often in comparison."""


@dataclass(slots=True, eq=False)
class Seen:
    """One request as it came: `done` is its place in the order of what took effect."""

    arrived: int
    request: Request
    trouble: str = ""
    done: int | None = None
    reply: Reply | None = None

    @property
    def took_effect(self) -> bool:
        return self.done is not None and self.reply is not None and self.reply.status < 300


class ChaoticTarget(Scim2Target):
    """Of a hundred requests so many as `rate` meet a trouble, until `calm()`."""

    def __init__(
        self, seed: int, *, rate: float = 15, longest_hang: float = 3, host: str = "127.0.0.1"
    ) -> None:
        self.host = host
        self.seen: list[Seen] = []
        self.troubles: Counter[str] = Counter()
        self._dice = random.Random(seed)
        self._rate, self._longest_hang = rate, longest_hang
        self._calm = threading.Event()
        self._numbers = itertools.count(1)
        self._under_way = 0
        self._idle = threading.Condition()
        super().__init__()

    def calm(self) -> None:
        """Behave from now on; what hangs goes on."""
        self._calm.set()

    def quiet(self, seconds: float = 30) -> bool:
        """Wait until no request is under way."""
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, seconds)

    def answer(self, request: Request) -> Reply | None:
        with self._counted():
            with self.lock:
                self.log.append(request)
                self._arrived.notify_all()
                seen = Seen(next(self._numbers), request, self._trouble(request))
                self.seen.append(seen)
            return self._answered(seen)

    def _trouble(self, request: Request) -> str:
        if self._calm.is_set() or self._dice.uniform(0, 100) > self._rate:
            return ""
        (kind,) = self._dice.choices(list(TROUBLES), list(TROUBLES.values()))
        self.troubles[kind] += 1
        return kind

    def _answered(self, seen: Seen) -> Reply | None:
        kind = seen.trouble
        if kind == "hang":
            self._calm.wait(self._dice.uniform(0.2, self._longest_hang))
        if kind not in ("500", "429", "reset"):
            self._do(seen)
        if kind == "hang, reset done":
            self._calm.wait(self._dice.uniform(0.2, self._longest_hang))
        if kind.startswith("500"):
            return Reply(500)
        if kind == "429":
            return Reply(429, headers={"Retry-After": "1"})
        return None if "reset" in kind else seen.reply

    def _do(self, seen: Seen) -> None:
        with self.lock:
            seen.reply = self.respond(seen.request)
            seen.done = next(self._numbers)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._under_way += 1
        try:
            yield
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    # -- what the record shows ------------------------------------------------------------

    def written(self) -> list[Seen]:
        with self.lock:
            return [one for one in self.seen if one.request.method != "GET"]

    def peers(self) -> Counter[str]:
        """How many writes took effect, by the address they came from."""
        return Counter(one.request.peer for one in self.written() if one.took_effect)

    def second_creates(self, *, may_come_back: bool = False) -> list[str]:
        """Creates that came after one of the same entity had taken effect; `may_come_back`:
        and no delete between them."""
        done: dict[str, int] = {}
        found = []
        names = self._names() if may_come_back else {}
        for one in sorted(self.written(), key=_end):
            if may_come_back and one.request.method == "DELETE" and one.took_effect:
                done.pop(names.get(_remote_id(one), ""), None)
            if one.request.method != "POST":
                continue
            name = identity(one)
            if name in done and one.arrived > done[name]:
                found.append(f"{name}: {one.request} after it had been created")
            elif name in done and one.took_effect:
                found.append(f"{name}: created twice")
            if one.took_effect and one.done is not None:
                done.setdefault(name, one.done)
        return found

    def out_of_order(self) -> list[str]:
        """Where the running number of an entity went backwards."""
        newest: dict[str, int] = {}
        found = []
        names = self._names()
        for one in sorted((s for s in self.written() if s.done is not None), key=_end):
            name = names.get(_remote_id(one), "")
            for number in numbers(one.request):
                before = newest.get(name, 0)
                if name and number < before:
                    found.append(f"{name}: {number} after {before} ({one.request})")
                newest[name] = max(number, before)
        return found

    def deleted(self) -> set[str]:
        """Whoever was ever deleted here."""
        names = self._names()
        done = (s for s in self.written() if s.request.method == "DELETE" and s.took_effect)
        return {names[_remote_id(one)] for one in done}

    def _names(self) -> dict[str, str]:
        creates = [s for s in self.written() if s.request.method == "POST" and s.took_effect]
        return {_remote_id(one): identity(one) for one in creates}


def identity(one: Seen) -> str:
    document = one.request.json
    kind = "user" if "/Users" in one.request.path else "group"
    name = document.get("userName") or document.get("displayName")
    return f"{kind} {document.get('externalId') or name}"


def numbers(request: Request) -> list[int]:
    """The running numbers a request carries, in `title` or in a group's `displayName`."""
    if not request.body:
        return []
    document = request.json
    values = [document] if "Operations" not in document else _patched(document["Operations"])
    texts = [
        v.get("title") or (v.get("displayName") if "title" not in v else "") for v in values
    ]
    return [int(text.rpartition("#")[2]) for text in texts if text and "#" in str(text)]


def _patched(operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {op["path"]: op.get("value")} if op.get("path") else dict(op["value"])
        for op in operations
        if op.get("path") in (None, "title", "displayName")
    ]


def _remote_id(one: Seen) -> str:
    if one.request.method == "POST":
        assert one.reply is not None
        return str((one.reply.document or {}).get("id", ""))
    return one.request.path.rpartition("/")[2]


def _end(one: Seen) -> int:
    return one.done if one.done is not None else one.arrived
