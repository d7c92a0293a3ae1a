"""`/Bulk` (RFC 7644 §3.7): many operations in one request, each as if it came alone.

An operation waits for those whose `bulkId` it refers to, whatever the order. Where
references go in a circle, one resource is made without them first and completed once all of
them are known; one that cannot be completed is taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from provisioning.inbound.scim2.bodies import check_schemas
from provisioning.inbound.scim2.bulk_references import references
from provisioning.inbound.scim2.bulk_run import Make, Operation, Run, Serve
from provisioning.inbound.scim2.errors import ScimError, invalid_syntax, invalid_value
from provisioning.inbound.scim2.messages import Answer
from provisioning.inbound.scim2.rendering import Site

REQUEST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
MAX_OPERATIONS = 1_000
MAX_PAYLOAD = 5 * 1024 * 1024


def answer_bulk(body: Any, serve: Serve, make: Make, site: Site, *, schema: str = "") -> Answer:
    """Run the operations and report on each, in the order they were given.

    `schema` is what the request has to name; empty: nothing.
    """
    operations, allowed = _read(body, schema)
    run = Run(operations, allowed, serve, make, site)
    while not run.is_over:
        run.perform(run.next())
    run.complete(everything=True)
    told = [run.results[index] for index in sorted(run.results)]
    return Answer(200, {"schemas": [RESPONSE_SCHEMA], "Operations": told})


def _read(body: Any, schema: str) -> tuple[list[Operation], int]:
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


def _operation(entry: Any) -> Operation:
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
    needs = tuple(dict.fromkeys(references([path, data])))
    return Operation(method, path, bulk_id, version, data, needs)
