"""The requests we send, element by element in the order of the OASIS schemas."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from connectors.spml import dsml
from connectors.spml.dsml import Change, Values
from connectors.spml.names import PASSWORD, PROFILE, SEARCH, SPML, SUSPEND
from connectors.spml.pso import OBJECT_CLASS, PsoId
from connectors.spml.xml import Element, child, root

_PAGE = "100"


def add(
    classes: Sequence[str], attributes: Mapping[str, Values], target: str, container: str
) -> Element:
    """Only the identifier is wanted back."""
    request = _request(SPML, "addRequest", targetID=target, returnData="identifier")
    if container:
        PsoId(container, target).below(request, SPML, "containerID")
    data = child(request, SPML, "data")
    dsml.attr(data, OBJECT_CLASS, classes)
    for name, values in attributes.items():
        dsml.attr(data, name, values)
    return request


def modify(pso: PsoId, changes: Sequence[Change]) -> Element:
    """One `modification` for each mode, so that `modificationMode` and the operations within
    say the same."""
    request = _request(SPML, "modifyRequest", returnData="identifier")
    pso.below(request, SPML)
    for mode, same in dsml.by_mode(changes).items():
        modification = child(request, SPML, "modification", modificationMode=mode)
        for change in same:
            dsml.modification(modification, change)
    return request


def delete(pso: PsoId) -> Element:
    return _about(pso, SPML, "deleteRequest")


def lookup(pso: PsoId) -> Element:
    return _about(pso, SPML, "lookupRequest", returnData="data")


def suspend(pso: PsoId) -> Element:
    return _about(pso, SUSPEND, "suspendRequest")


def resume(pso: PsoId) -> Element:
    return _about(pso, SUSPEND, "resumeRequest")


def active(pso: PsoId) -> Element:
    return _about(pso, SUSPEND, "activeRequest")


def set_password(pso: PsoId, password: str) -> Element:
    request = _about(pso, PASSWORD, "setPasswordRequest")
    child(request, PASSWORD, "password").text = password
    return request


def search(attribute: str, value: str, target: str) -> Element:
    request = _request(SEARCH, "searchRequest", returnData="data", maxSelect=_PAGE)
    query = child(request, SEARCH, "query", targetID=target, scope="subTree")
    dsml.equals(query, attribute, value)
    return request


def iterate(iterator: str) -> Element:
    request = _request(SEARCH, "iterateRequest")
    child(request, SEARCH, "iterator", ID=iterator)
    return request


def list_targets() -> Element:
    return _request(SPML, "listTargetsRequest", profile=PROFILE)


def _about(pso: PsoId, namespace: str, name: str, /, **attributes: str) -> Element:
    request = _request(namespace, name, **attributes)
    pso.below(request, namespace)
    return request


def _request(namespace: str, name: str, /, **attributes: str) -> Element:
    """Asked to be done at once; the identifier is for the provider's log (an xsd:ID)."""
    return root(
        namespace,
        name,
        requestID=f"r-{uuid.uuid4()}",
        executionMode="synchronous",
        **attributes,
    )
