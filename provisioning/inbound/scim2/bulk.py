"""`/Bulk` (RFC 7644 §3.7): many operations in one request, each as if it came alone.

An operation waits for those whose `bulkId` it refers to, whatever the order; references in a
circle are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Operation:
    method: str
    path: str
    bulk_id: str
    version: str
    data: Any
    needs: set[str] = field(default_factory=set)


def answer_bulk(body: Any, serve: Serve, site: Site, *, schema: str = "") -> Answer:
    """Run the operations and report on each, in the order they were given.

    `schema` is what the request has to name; empty: nothing.
    """
    operations, allowed = _read(body, schema)
    results: dict[int, Json] = {}
    ids: dict[str, str] = {}
    failures = 0
    for index in _in_order(operations, ids):
        operation = operations[index]
        results[index] = _result(operation, ids, serve, site)
        failures += int(results[index]["status"]) >= 400
        if allowed and failures >= allowed:
            break
    told = [results[index] for index in sorted(results)]
    return Answer(200, {"schemas": [RESPONSE_SCHEMA], "Operations": told})


def _in_order(operations: list[_Operation], ids: Mapping[str, str]) -> Iterator[int]:
    """Indexes as their references are known; at last those whose never will be."""
    waiting = list(range(len(operations)))
    made = {operation.bulk_id for operation in operations if operation.method == "POST"}
    tried: set[str] = set()
    while waiting:
        known = ids.keys() | tried
        index = next((n for n in waiting if operations[n].needs & made <= known), waiting[0])
        yield index
        tried.add(operations[index].bulk_id)
        waiting.remove(index)


def _result(operation: _Operation, ids: dict[str, str], serve: Serve, site: Site) -> Json:
    told: Json = {"method": operation.method}
    if operation.bulk_id:
        told["bulkId"] = operation.bulk_id
    try:
        segments = [_resolved(s, ids) for s in operation.path.strip("/").split("/")]
        data = _resolved(operation.data, ids)
        if operation.method != "POST" and len(segments) > 1:
            told["location"] = site.location(*segments[:2])
        answer = serve(operation.method, segments, data, operation.version)
    except ScimError as error:
        return {**told, "status": str(error.status), "response": error.body()}
    if answer.body and operation.method == "POST":
        ids[operation.bulk_id] = answer.body["id"]
    location = (answer.body or {}).get("meta", {}).get("location")
    if location:
        told["location"] = location
    if "ETag" in answer.headers:
        told["version"] = answer.headers["ETag"]
    return {**told, "status": str(answer.status)}


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
    return [_operation(entry) for entry in given], allowed


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
    operation = _Operation(method, path, bulk_id, version, entry.get("data"))
    operation.needs = set(_references([path, operation.data]))
    return operation


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
