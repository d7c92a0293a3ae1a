"""What WSO2 would have sent beside what we send, for one person who is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import ConnectorIsWrong
from idp.claim_table import DIALECT
from idp.models import OutboundConnector, Tenant
from provisioning import planning, routes, targets
from provisioning.changes import Door, Event
from provisioning.explain import asking
from provisioning.planning import SENDS, Verdict
from provisioning.policies import compiled
from provisioning.subjects import Subject
from provisioning.wso2 import bringing, ours, people, requests
from provisioning.wso2.document import Document
from provisioning.wso2.requests import NAME_OF, Attributes, Request

Entry = Mapping[str, Any]

REMARKS = {
    "scim": "Lists go as objects with value, type and primary. WSO2 raises no errors and "
    "believes that everything succeeded.",
    "scim2": "Lists go as objects with value, type and primary (RFC 7643), where WSO2 writes "
    "plain texts unless told otherwise. WSO2 forgets the id of the answer and searches by name "
    "each time; it is kept here.",
    "salesforce": "A token is used until it ends, where WSO2 asks for one with each request.",
    "google": "An update leaves the password alone, where WSO2 sets a random one each time.",
    "spml": "Suspend, resume and passwords are sent as well.",
}
_WHY = {
    "active": "the account's state, which WSO2 does not send",
    "externalId": "our id of the person, by which a lost answer is found again",
    "password": "never a random one: who has none is made without, or with the default one",
    "credentials": "never a random one: see password_attribute",
}
_ONLY_OURS = "a claim that WSO2's dialect has no place for, or another one"
_ONLY_THEIRS = "its place here is another one"
_NOTHING = "nothing is sent"
_NO_NAME = "(told once its settings work)"
_OTHER = "named by another rule: the separator is taken literally, a domain needs its @"


@dataclass(frozen=True, slots=True)
class Row:
    attribute: str
    wso2: str
    ours: str
    why: str = ""

    @property
    def same(self) -> bool:
        return self.wso2 == self.ours

    def as_json(self) -> dict[str, Any]:
        return {
            "attribute": self.attribute,
            "wso2": self.wso2,
            "ours": self.ours,
            "same": self.same,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """One target. `request` is empty where WSO2's connector is not known."""

    service_provider: str
    identity_provider: str
    connector: str
    verdict: str
    reason: str
    request: str = ""
    rows: Sequence[Row] = ()
    remark: str = ""
    wrong: str = ""
    """Why the connector cannot work as it is configured, if that is known."""

    def as_json(self) -> dict[str, Any]:
        return {
            "service_provider": self.service_provider,
            "identity_provider": self.identity_provider,
            "connector": self.connector,
            "verdict": self.verdict,
            "reason": self.reason,
            "wso2_request": self.request,
            "attributes": [row.as_json() for row in self.rows],
            "remark": self.remark,
            "wrong": self.wrong,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    person: str
    roles: Sequence[str]
    targets: Sequence[Compared]

    def as_json(self) -> dict[str, Any]:
        targets = [target.as_json() for target in self.targets]
        return {"person": self.person, "roles": list(self.roles), "targets": targets}


def compare(document: Document, tenant: Tenant, user: str = "") -> Comparison:
    """For that user, else for a made-up one in the first role of every list of roles. The
    document has been applied. Raises `NotKnown`."""
    tenant.refresh_from_db()
    providers = {one["name"]: one for one in document.tenant.get("identity_providers", ())}
    if user:
        subject = asking.subject_of(tenant, "user", user)
    else:
        lists = (one.get("provisioning_roles") for one in providers.values())
        subject = people.sample(tenant, frozenset(listed[0] for listed in lists if listed))
    compared = [
        target
        for service in document.tenant.get("service_providers", ())
        for target in _targets(service, tenant, providers, subject)
    ]
    return Comparison(subject.name, sorted(subject.groups), compared)


def _targets(
    service: Entry, tenant: Tenant, providers: Mapping[str, Entry], subject: Subject
) -> Iterator[Compared]:
    sender = asking.service_provider_of(tenant, service["name"])
    policies = compiled.anew(tenant)
    verdicts = planning.plan(
        subject, routes.of(sender), Door.IMPORT, {}, event=Event.POST, policies=policies
    )
    listed = {
        (row["identity_provider"], row["connector"]) for row in service.get("outbound", ())
    }
    for verdict in verdicts:
        name, kind = verdict.connector.provider.name, verdict.connector.type
        if (name, kind) in listed:
            yield _compared(service["name"], verdict, providers[name], subject)


def _compared(service: str, verdict: Verdict, provider: Entry, subject: Subject) -> Compared:
    kind = verdict.connector.type
    entry = next(one for one in provider["connectors"] if one["type"] == kind)
    request = requests.create(subject, provider, entry)
    wrong = _wrong(verdict.connector, entry)
    sent = ours.attributes_of(verdict, entry["settings"]) if verdict.kind in SENDS else {}
    if sent and request:
        sent |= _password(kind, request, entry["settings"])
        if targets.namer(verdict.connector) is None:
            sent[NAME_OF[kind]] = _NO_NAME
    return Compared(
        service,
        provider["name"],
        kind,
        str(verdict.kind),
        verdict.reason,
        request.line if request else "",
        list(_rows(kind, request.attributes, sent)) if request else [],
        REMARKS.get(kind, ""),
        wrong,
    )


def _password(kind: str, request: Request, settings: Entry) -> Attributes:
    word = "credentials" if kind == "spml" else "password"
    told = ours.password_of(settings)
    return {word: told} if word in request.attributes or told != ours.NONE else {}


def _wrong(connector: OutboundConnector, entry: Entry) -> str:
    """Not asked while secrets are still to be given."""
    if bringing.missing(entry["settings"]):
        return ""
    try:
        targets.open_connector(connector)
    except ConnectorIsWrong as error:
        return str(error)
    return ""


def _rows(kind: str, theirs: Attributes, sent: Attributes) -> Iterator[Row]:
    name = NAME_OF[kind]
    keys = sorted({*theirs, *sent}, key=lambda key: (key != name, key))
    for key in keys:
        before, after = theirs.get(key, ""), sent.get(key, "")
        shown = key.removeprefix(DIALECT)
        why = "" if before == after else _why(key, before, after, name) if sent else _NOTHING
        yield Row(shown, before, after, why)


def _why(key: str, before: str, after: str, name: str) -> str:
    if after == _NO_NAME:
        return "some of its settings are still to be given"
    if known := _WHY.get(key):
        return known
    if not before:
        return _ONLY_OURS
    if not after:
        return _ONLY_THEIRS
    return _OTHER if key == name else "read from another place"
