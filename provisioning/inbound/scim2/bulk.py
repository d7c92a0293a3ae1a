"""`/Bulk` (RFC 7644 §3.7): many operations in one request, each as if it came alone.

An operation waits for those whose `bulkId` it refers to, whatever the order. Where
references go in a circle, one resource is made without them first and completed once all of
them are known; one that cannot be completed is taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from provisioning.inbound.scim2.bodies import check_schemas
from provisioning.inbound.scim2.errors import ScimError, invalid_syntax, invalid_value
from provisioning.inbound.scim2.messages import Answer
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.values import Json

REQUEST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
MAX_OPERATIONS = 1_000
MAX_PAYLOAD = 5 * 1024 * 1024
_PREFIX = "bulkId:"

Serve = Callable[[str, list[str], Any, str], Answer]
"""Method, path segments, body and version (an If-Match) to an answer."""


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    bulk_id: str
    version: str
    data: Any
    needs: tuple[str, ...]
    """The `bulkId`s it refers to."""


def answer_bulk(body: Any, serve: Serve, site: Site, *, schema: str = "") -> Answer:
    """Run the operations and report on each, in the order they were given.

    `schema` is what the request has to name; empty: nothing.
    """
    operations, allowed = _read(body, schema)
    run = _Run(operations, serve, site)
    while run.waiting and not (allowed and run.failures >= allowed):
        run.perform(run.next())
    run.complete(everything=True)
    told = [run.results[index] for index in sorted(run.results)]
    return Answer(200, {"schemas": [RESPONSE_SCHEMA], "Operations": told})


class _Run:
    """One bulk request on its way."""

    def __init__(self, operations: list[_Operation], serve: Serve, site: Site) -> None:
        self.operations = operations
        self.serve = serve
        self.site = site
        self.waiting = dict.fromkeys(range(len(operations)))
        self.results: dict[int, Json] = {}
        self.failures = 0
        self.ids: dict[str, str] = {}
        """What each `bulkId` stands for."""
        self.makers = {o.bulk_id: n for n, o in enumerate(operations) if o.method == "POST"}
        self.halves: dict[int, Answer] = {}
        """Resources that are made, but for references to others which were not."""

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
        self.complete()

    def complete(self, *, everything: bool = False) -> None:
        """Bring in references that are known by now; with `everything`, or give up."""
        for index in [n for n in self.halves if everything or not self._awaited(n)]:
            half = self.halves.pop(index)
            operation = self.operations[index]
            path = [operation.path.strip("/"), self.ids[operation.bulk_id]]
            version = half.headers["ETag"]
            try:
                data = _without_password(_resolved(operation.data, self.ids))
                whole = self.serve("PUT", path, data, version)
            except ScimError as error:
                self._take_back(path, version)
                del self.ids[operation.bulk_id]
                self._fail(index, error)
            else:
                self._succeed(index, replace(whole, status=half.status))

    def _take_back(self, path: list[str], version: str) -> None:
        """Unless somebody else has changed it meanwhile, or the way out is closed."""
        with suppress(ScimError):
            self.serve("DELETE", path, None, version)

    def _awaited(self, index: int) -> list[int]:
        """The operations yet to come that make what this one refers to."""
        makers = (self.makers.get(name) for name in self.operations[index].needs)
        return [maker for maker in makers if maker in self.waiting]

    def _serve(self, operation: _Operation, is_half: bool) -> Answer:
        data = operation.data
        if is_half:
            data = _without_unknown(data, self.ids)
        segments = [_resolved(s, self.ids) for s in operation.path.strip("/").split("/")]
        answer = self.serve(
            operation.method, segments, _resolved(data, self.ids), operation.version
        )
        if answer.body and operation.method == "POST":
            self.ids[operation.bulk_id] = answer.body["id"]
        return answer

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
                told["location"] = self.site.location(*_resolved(segments[:2], self.ids))
        return told


def _read(body: Any, schema: str) -> tuple[list[_Operation], int]:
    if not isinstance(body, Mapping):
        raise invalid_syntax("The body is not a JSON object.")
    if schema:
        check_schemas(body, schema)
    given = body.get("Operations")
    if not isinstance(given, list) or not given:
        raise invalid_syntax("Operations: must be a list with at least one operation.")
    if len(given) > MAX_OPERATIONS:
        raise ScimError(413, f"Operations: at most {MAX_OPERATIONS} in one request.")
    allowed = body.get("failOnErrors") or 0
    if isinstance(allowed, bool) or not isinstance(allowed, int) or allowed < 0:
        raise invalid_value("failOnErrors", "takes a whole number.")
    operations = [_operation(entry) for entry in given]
    made = Counter(operation.bulk_id for operation in operations if operation.method == "POST")
    for name in (name for operation in operations for name in operation.needs):
        if made[name] > 1:
            raise invalid_value("bulkId", f"{name[:80]!r} stands for several operations.")
    return operations, allowed


def _operation(entry: Any) -> _Operation:
    if not isinstance(entry, Mapping):
        raise invalid_syntax("Operations: every operation is an object.")
    texts = [entry.get(name) or "" for name in ("method", "path", "bulkId", "version")]
    if not all(isinstance(text, str) for text in texts):
        raise invalid_syntax("Operations: method, path, bulkId and version are strings.")
    method, path, bulk_id, version = texts
    method = method.upper()
    if method not in ("POST", "PUT", "PATCH", "DELETE"):
        raise invalid_syntax("method: must be POST, PUT, PATCH or DELETE.")
    if method == "POST" and not bulk_id:
        raise invalid_syntax("bulkId: a POST needs one.")
    data = entry.get("data")
    needs = tuple(dict.fromkeys(_references([path, data])))
    return _Operation(method, path, bulk_id, version, data, needs)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for part in value.split("/"):
            if part.startswith(_PREFIX):
                yield part.removeprefix(_PREFIX)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _references(entry)


def _resolved(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value.startswith(_PREFIX):
        name = value.removeprefix(_PREFIX)
        if name not in ids:
            raise ScimError(409, f"bulkId {name[:80]!r} stands for nothing.", "invalidValue")
        return ids[name]
    if isinstance(value, Mapping):
        return {key: _resolved(entry, ids) for key, entry in value.items()}
    if isinstance(value, list):
        return [_resolved(entry, ids) for entry in value]
    return value


def _without_unknown(value: Any, ids: Mapping[str, str]) -> Any:
    """The data without what refers to a resource that is not made yet."""
    if isinstance(value, Mapping):
        return {
            name: _without_unknown(entry, ids)
            for name, entry in value.items()
            if not isinstance(entry, str) or _is_known(entry, ids)
        }
    if isinstance(value, list):
        return [_without_unknown(entry, ids) for entry in value if _is_known(entry, ids)]
    return value


def _is_known(value: Any, ids: Mapping[str, str]) -> bool:
    return all(name in ids for name in _references(value))


def _without_password(data: Any) -> Any:
    """It is set already, and a PUT that leaves it out keeps it."""
    return {name: value for name, value in data.items() if name.lower() != "password"}
