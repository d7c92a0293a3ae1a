"""The provider itself: who may call it, what it does, and what it answers."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import quoteattr

from tests.fakes.server import FakeServer, Reply, Request
from tests.fakes.spml import soap
from tests.fakes.spml.soap import Node
from tests.fakes.spml.store import Held, Refused, Store

USERNAME, PASSWORD = "provisioner", 'Prov "secret"/ö+&<9'
SEARCH, SUSPEND, SET_PASSWORD = (f"{soap.SPML}:{n}" for n in ("search", "suspend", "password"))
EVERYTHING = (SEARCH, SUSPEND, SET_PASSWORD)


class SpmlTarget(FakeServer):
    """`with SpmlTarget() as target: SpmlConnector(target.settings, http)`.

    `violations` are requests that are not as the specifications say; they are refused.
    Misbehaviour may be meant for one operation: `drop_next(path="AddRequest")`.
    """

    def __init__(
        self,
        *,
        authentication: str = "basic",
        nonce: bool = False,
        capabilities: tuple[str, ...] = EVERYTHING,
        groups: bool = True,
        targets: tuple[str, ...] = ("",),
        ids_are_names: bool = False,
        filters: str = "obeyed",
        page: int = 100,
        gives_ids: bool = True,
        shows_classes: bool = True,
        finds_data: bool = True,
    ) -> None:
        self.authentication, self.nonce = authentication, nonce
        self.capabilities, self.targets = capabilities, targets
        self.filters, self.page = filters, page
        self.gives_ids, self.shows_classes = gives_ids, shows_classes
        self.groups, self.finds_data = groups, finds_data
        self.store = Store({"user": "accountId", "group": "cn"}, ids_are_names=ids_are_names)
        self.violations: list[str] = []
        self.refusals: list[tuple[str, Callable[[Node], Reply]]] = []
        self.pending: list[str] = []
        self._found: list[Held] = []
        super().__init__()

    # -- as the tests see it ----------------------------------------------------------------

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "endpoint": f"{self.url}/spml",
            "object_class": "user",
            "authentication": self.authentication,
            "username": USERNAME,
            "password": PASSWORD,
            "enable_password_provisioning": SET_PASSWORD in self.capabilities,
            "wsse_nonce": self.nonce,
            "target_id": self.targets[0],
            "group_object_class": "group" if self.groups else "",
        }

    @property
    def secrets(self) -> list[str]:
        return [PASSWORD]

    @property
    def users(self) -> dict[str, Held]:
        return {held.id: held for held in self.store.objects.values() if held.is_a("user")}

    def user(self, name: str) -> Held:
        [held] = [one for one in self.users.values() if one.values("accountId") == [name]]
        return held

    def group(self, name: str) -> Held:
        found = [one for one in self.store.objects.values() if one.is_a("group")]
        [held] = [one for one in found if one.values("cn") == [name]]
        return held

    def member_ids(self, group_id: str) -> list[str]:
        return self.store.objects[group_id].values("member")

    def ignore_filters(self) -> None:
        self.filters = "ignored"

    def answer_in_pages(self, size: int) -> None:
        self.page = size

    def add_twin(self, remote_id: str) -> bool:
        return self.store.double(remote_id)

    def member_names(self, group: str) -> list[str]:
        ids = self.group(group).values("member")
        return sorted(self.store.objects[one].values("accountId")[0] for one in ids)

    def asked(self, operation: str) -> list[Node]:
        """The requests for this operation, as XML."""
        return [
            soap.body_of(soap.envelope_of(one))
            for one in self.log
            if soap.operation_of(one) == operation
        ]

    def refuse_next(self, operation: str, code: str, *messages: str) -> None:
        """Answer the next such request with status *failure*."""
        self.refusals.append((operation, lambda asked: soap.failure(asked, code, *messages)))

    def fault_next(self, operation: str, code: str, reason: str = "no") -> None:
        self.refusals.append((operation, lambda asked: soap.fault(code, reason)))

    # -- as a provider ----------------------------------------------------------------------

    def answer(self, request: Request) -> Reply | None:
        action = request.headers.get("soapaction", "").strip('"')
        return super().answer(dataclasses.replace(request, path=f"{request.path}#{action}"))

    def respond(self, request: Request) -> Reply:
        try:
            envelope = soap.envelope_of(request)
        except soap.Odd as error:
            self.violations.append(str(error))
            return soap.fault("soap:Client", f"malformed: {error}")
        if (refusal := self._stranger(request, envelope)) is not None:
            return refusal
        asked, operation = soap.body_of(envelope), soap.operation_of(request)
        for expected, make in self.refusals:
            if expected == operation:
                self.refusals.remove((expected, make))
                return make(asked)
        try:
            reply: Reply = getattr(self, f"_{operation}")(asked)
        except Refused as error:
            return soap.failure(asked, error.code, str(error))
        if operation in self.pending:
            self.pending.remove(operation)
            return soap.response(asked, status="pending")
        return reply

    def _stranger(self, request: Request, envelope: Node) -> Reply | None:
        if self.authentication == "basic":
            joined = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
            known = request.headers.get("authorization") == f"Basic {joined}"
            return (
                None if known else Reply(401, body=b"who are you?", content_type="text/plain")
            )
        token = soap.first(envelope, "soap:Header/wsse:Security/wsse:UsernameToken")
        told = [] if token is None else [one.text for one in token][:2]
        if told != [USERNAME, PASSWORD] or (self.nonce and len(token) < 4):
            return soap.fault("wsse:FailedAuthentication", "the token is not known")
        return None

    def _addRequest(self, asked: Node) -> Reply:  # noqa: N802 as the request is called
        if (asked.get("targetID") or "") not in self.targets:
            raise Refused("noSuchIdentifier", "there is no such target")
        found = soap.every(asked, "spml:data/dsml:attr")
        attributes = {one.get("name"): soap.values_of(one) for one in found}
        container = soap.first(asked, "spml:containerID")
        held = self.store.add(attributes, "" if container is None else container.get("ID"))
        held.password = "".join(held.attributes.pop("credentials", []))
        pso = self._pso(held, data=False) if self.gives_ids else ""
        return soap.response(asked, pso, status="success")

    def _modifyRequest(self, asked: Node) -> Reply:  # noqa: N802
        changes = []
        for modification in soap.every(asked, "spml:modification"):
            for one in modification:
                if one.get("operation") != modification.get("modificationMode"):
                    raise Refused("malformedRequest", "mode and operation differ")
                changes.append((one.get("operation"), one.get("name"), soap.values_of(one)))
        held = self.store.modify(self._id(asked, "spml"), changes)
        return soap.response(asked, self._pso(held, data=False), status="success")

    def _deleteRequest(self, asked: Node) -> Reply:  # noqa: N802
        del self.store.objects[self.store.get(self._id(asked, "spml")).id]
        return soap.response(asked, status="success")

    def _lookupRequest(self, asked: Node) -> Reply:  # noqa: N802
        held = self.store.get(self._id(asked, "spml"))
        return soap.response(asked, self._pso(held), status="success")

    def _listTargetsRequest(self, asked: Node) -> Reply:  # noqa: N802
        offered = "".join(f'<spml:capability namespaceURI="{c}"/>' for c in self.capabilities)
        entities = "".join(
            f'<spml:supportedSchemaEntity entityName="{name}"/>' for name in self.store.naming
        )
        told = "".join(
            f"<spml:target targetID={quoteattr(target)} profile='{soap.SPML}:DSML'>"
            f"<spml:schema>{entities}</spml:schema>"
            f"<spml:capabilities>{offered}</spml:capabilities></spml:target>"
            for target in self.targets
        )
        return soap.response(asked, told, status="success")

    def _suspendRequest(self, asked: Node) -> Reply:  # noqa: N802
        return self._switched(asked, False)

    def _resumeRequest(self, asked: Node) -> Reply:  # noqa: N802
        return self._switched(asked, True)

    def _switched(self, asked: Node, active: bool) -> Reply:
        self._offers(SUSPEND)
        self.store.get(self._id(asked, "susp")).active = active
        return soap.response(asked, status="success")

    def _activeRequest(self, asked: Node) -> Reply:  # noqa: N802
        self._offers(SUSPEND)
        active = self.store.get(self._id(asked, "susp")).active
        return soap.response(asked, status="success", active=str(active).lower())

    def _setPasswordRequest(self, asked: Node) -> Reply:  # noqa: N802
        self._offers(SET_PASSWORD)
        held = self.store.get(self._id(asked, "pass"))
        held.password = soap.first(asked, "pass:password").text or ""
        return soap.response(asked, status="success")

    def _searchRequest(self, asked: Node) -> Reply:  # noqa: N802
        self._offers(SEARCH)
        match = soap.first(asked, "find:query/dsml:filter/dsml:equalityMatch")
        [value] = soap.values_of(match)
        everybody = list(self.store.objects.values())
        obeyed = self.filters == "obeyed"
        self._found = (
            list(self.store.matching(match.get("name"), value)) if obeyed else everybody
        )
        return self._paged(asked)

    def _iterateRequest(self, asked: Node) -> Reply:  # noqa: N802
        return self._paged(asked)

    def _paged(self, asked: Node) -> Reply:
        shown, self._found = self._found[: self.page], self._found[self.page :]
        told = "".join(self._pso(held, data=self.finds_data, prefix="find") for held in shown)
        more = '<find:iterator ID="more"/>' if self._found else ""
        return soap.response(asked, told + more, status="success")

    def _offers(self, capability: str) -> None:
        if capability not in self.capabilities:
            raise Refused("unsupportedOperation", "there is no such capability")

    def _id(self, asked: Node, prefix: str) -> str:
        pso_id = soap.first(asked, f"{prefix}:psoID")
        if (pso_id.get("targetID") or "") not in self.targets:
            raise Refused("noSuchIdentifier", "there is no such target")
        return str(pso_id.get("ID"))

    def _pso(self, held: Held, *, data: bool = True, prefix: str = "spml") -> str:
        target = f" targetID={quoteattr(self.targets[0])}" if self.targets[0] else ""
        shown = [
            (name, values)
            for name, values in held.attributes.items()
            if self.shows_classes or name.casefold() != "objectclass"
        ]
        inner = f"<spml:data>{soap.attrs(shown)}</spml:data>" if data else ""
        told = f"<spml:psoID ID={quoteattr(held.id)}{target}/>{inner}"
        return f"<{prefix}:pso>{told}</{prefix}:pso>"
