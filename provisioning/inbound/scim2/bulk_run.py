"""One bulk request on its way: what waits for what, and what is told of each operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from provisioning.inbound.scim2.bulk_references import (
    resolved,
    without_password,
    without_unknown,
)
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.messages import Answer
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.values import Json

Serve = Callable[[str, list[str], Any, str], Answer]
"""Method, path segments, body and version (an If-Match) to an answer."""
Make = Callable[[Sequence[Any]], Sequence[Answer | ScimError]]
"""The bodies of new users to an answer for each."""
USERS = "Users"


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    bulk_id: str
    version: str
    data: Any
    needs: tuple[str, ...]
    """The `bulkId`s it refers to."""

    @property
    def is_user(self) -> bool:
        """Whether it makes a user, and refers to nobody."""
        is_new = self.method == "POST" and self.path.strip("/") == USERS
        return is_new and not self.needs


class Run:
    """One bulk request on its way."""

    def __init__(
        self, operations: list[Operation], allowed: int, serve: Serve, make: Make, site: Site
    ) -> None:
        self.operations = operations
        self.allowed = allowed
        """Failures after which it ends; 0: it does not."""
        self.serve = serve
        self.make = make
        self.site = site
        self.waiting = dict.fromkeys(range(len(operations)))
        self.results: dict[int, Json] = {}
        self.failures = 0
        self.ids: dict[str, str] = {}
        """What each `bulkId` stands for."""
        self.makers = {o.bulk_id: n for n, o in enumerate(operations) if o.method == "POST"}
        self.halves: dict[int, Answer] = {}
        """Resources that are made, but for references to others which were not."""

    @property
    def is_over(self) -> bool:
        return not self.waiting or 0 < self.allowed <= self.failures

    def next(self) -> int:
        """The first operation that need not wait; one of a circle when all have to."""
        for index in self.waiting:
            if not self._awaited(index):
                return index
        index, passed = next(iter(self.waiting)), set[int]()
        while index not in passed:
            passed.add(index)
            index = self._awaited(index)[0]
        return index

    def perform(self, index: int) -> None:
        """That operation, and what may go together with it."""
        together = self._together(index)
        if len(together) > 1:
            self._make(together)
        else:
            self._perform_alone(index)
        self.complete()

    def _together(self, index: int) -> list[int]:
        """New users in a row; one by one where failures may end it after any of them."""
        rest = range(index, index if self.allowed else len(self.operations))
        return [*takewhile(lambda n: n in self.waiting and self.operations[n].is_user, rest)]

    def _make(self, indexes: list[int]) -> None:
        bodies = [self.operations[index].data for index in indexes]
        for index, answer in zip(indexes, self.make(bodies), strict=True):
            del self.waiting[index]
            if isinstance(answer, ScimError):
                self._fail(index, answer)
            else:
                self._note_id(self.operations[index], answer)
                self._succeed(index, answer)

    def _perform_alone(self, index: int) -> None:
        operation = self.operations[index]
        is_half = bool(self._awaited(index))
        del self.waiting[index]
        try:
            answer = self._serve(operation, is_half)
        except ScimError as error:
            self._fail(index, error)
        else:
            if is_half:
                self.halves[index] = answer
            else:
                self._succeed(index, answer)

    def complete(self, *, everything: bool = False) -> None:
        """Bring in references that are known by now; with `everything`, or give up."""
        for index in [n for n in self.halves if everything or not self._awaited(n)]:
            half = self.halves.pop(index)
            operation = self.operations[index]
            path = [operation.path.strip("/"), self.ids[operation.bulk_id]]
            version = half.headers["ETag"]
            try:
                data = without_password(resolved(operation.data, self.ids))
                whole = self.serve("PUT", path, data, version)
            except ScimError as error:
                del self.ids[operation.bulk_id]
                self._fail(index, error)
                if not self._is_taken_back(path, version):
                    self.results[index]["location"] = self.site.location(*path)
            else:
                self._succeed(index, replace(whole, status=half.status))

    def _is_taken_back(self, path: list[str], version: str) -> bool:
        """Not if somebody else has changed it meanwhile, or the way out is closed."""
        try:
            self.serve("DELETE", path, None, version)
        except ScimError:
            return False
        return True

    def _awaited(self, index: int) -> list[int]:
        """The operations yet to come that make what this one refers to."""
        makers = (self.makers.get(name) for name in self.operations[index].needs)
        return [maker for maker in makers if maker in self.waiting]

    def _serve(self, operation: Operation, is_half: bool) -> Answer:
        data = operation.data
        if is_half:
            data = without_unknown(data, self.ids)
        segments = [resolved(s, self.ids) for s in operation.path.strip("/").split("/")]
        answer = self.serve(
            operation.method, segments, resolved(data, self.ids), operation.version
        )
        self._note_id(operation, answer)
        return answer

    def _note_id(self, operation: Operation, answer: Answer) -> None:
        if answer.body and operation.method == "POST":
            self.ids[operation.bulk_id] = answer.body["id"]

    def _succeed(self, index: int, answer: Answer) -> None:
        told = self._told(index)
        if location := (answer.body or {}).get("meta", {}).get("location"):
            told["location"] = location
        if "ETag" in answer.headers:
            told["version"] = answer.headers["ETag"]
        self.results[index] = {**told, "status": str(answer.status)}

    def _fail(self, index: int, error: ScimError) -> None:
        self.failures += 1
        told = self._told(index)
        self.results[index] = {**told, "status": str(error.status), "response": error.body()}

    def _told(self, index: int) -> Json:
        """What every answer tells: a resource that was there before has its place."""
        operation = self.operations[index]
        told: Json = {"method": operation.method}
        if operation.bulk_id:
            told["bulkId"] = operation.bulk_id
        segments = operation.path.strip("/").split("/")
        with suppress(ScimError):
            if operation.method != "POST" and len(segments) > 1:
                told["location"] = self.site.location(*resolved(segments[:2], self.ids))
        return told
