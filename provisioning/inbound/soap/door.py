"""From an envelope to an operation and back, without HTTP around it."""

from __future__ import annotations

from typing import Any

from provisioning.inbound.soap import parameters
from provisioning.inbound.soap.calls import Call
from provisioning.inbound.soap.envelopes import Envelope
from provisioning.inbound.soap.faults import SoapFault
from provisioning.inbound.soap.operations import TABLE, Operation
from provisioning.inbound.soap.vocabulary import SERVICE_NS, Service, local, namespace


def operation_of(envelope: Envelope, action: str) -> Operation:
    """The operation that the body names; with an empty body, that of the SOAP action: some
    WSDLs have no message for operations without parameters. Raises `SoapFault`."""
    if envelope.body is None:
        name = action.strip().strip('"').removeprefix("urn:")
        if name not in TABLE:
            raise SoapFault("The body is empty, and the SOAP action names no operation.")
        return TABLE[name]
    name, space = local(envelope.body), namespace(envelope.body)
    if space != SERVICE_NS:
        raise SoapFault(
            f"Operations are in the namespace {SERVICE_NS}; {name[:80]} is in {space[:200]!r}."
        )
    if name not in TABLE:
        raise SoapFault(f"There is no operation {name[:80]!r}.")
    return TABLE[name]


def serve(service: Service, call: Call, operation: Operation, envelope: Envelope) -> Any:
    """What the operation's handler returns. Raises `SoapFault`."""
    given = parameters.read(service, operation.name, operation.params, envelope.body)
    return operation.handler(call, given)
