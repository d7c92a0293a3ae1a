"""The request with which WSO2 would create a person at a target.

As its connectors are described; nothing was measured. Attributes are told flat, by path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from idp.claim_table import DIALECT
from provisioning import mapping
from provisioning.subjects import Subject
from provisioning.wso2 import dialects, names

Entry = Mapping[str, Any]
Attributes = dict[str, str]

RANDOM = "a random one"
OWN_OR_RANDOM = "the person's own, or a random one"
DEFAULT = "the default one"
NAME_OF = {
    "google": "primaryEmail",
    "salesforce": "Username",
    "scim": "userName",
    "scim2": "userName",
    "spml": "accountId",
}
"""The attribute that is the name, by our connector type."""
_FAILS = "(WSO2 fails to make a name)"
GOOGLE_USERS = "https://admin.googleapis.com/admin/directory/v1/users"


_READ_ONLY = frozenset(
    DIALECT + name
    for name in (
        *("userid", "created", "modified", "location", "resourceType"),
        *("username", "userprincipal", "role", "roles", "groups"),
        *("active", "identity/accountDisabled", "phoneNumbers", "photos", "telephone"),
    )
)
"""Claims that nobody gave: made by the store, or another view of those that were given."""


@dataclass(frozen=True, slots=True)
class Request:
    line: str
    attributes: Attributes


def create(subject: Subject, provider: Entry, connector: Entry) -> Request | None:
    """None for connectors of the operator's own."""
    write = _WRITERS.get(connector["type"])
    return write(subject, provider, connector["settings"]) if write else None


def _scim1(subject: Subject, provider: Entry, settings: Entry) -> Request:
    return _scim(subject, settings, dialects.SCIM1)


def _scim2(subject: Subject, provider: Entry, settings: Entry) -> Request:
    return _scim(subject, settings, dialects.SCIM2)


def _scim(subject: Subject, settings: Entry, dialect: Mapping[str, str]) -> Request:
    known = _claims(subject)
    attributes = {
        path: known[DIALECT + name] for name, path in dialect.items() if DIALECT + name in known
    }
    attributes.pop("active", None)  # a claim like any other there, that nobody sets
    attributes["userName"] = names.in_store(settings, subject.name)
    if settings.get("enable_password_provisioning"):
        attributes |= {"password": OWN_OR_RANDOM}
    elif settings.get("default_password"):
        attributes |= {"password": DEFAULT}
    return Request(f"POST {settings.get('user_endpoint', '')}", attributes)


def _google(subject: Subject, provider: Entry, settings: Entry) -> Request:
    mapped = _mapped(subject, provider)
    given = mapped.get(str(settings.get("given_name_claim", "")), "")
    family = mapped.get(str(settings.get("family_name_claim", "")), "")
    attributes = {
        "primaryEmail": names.by_pattern("google", settings, subject, provider["name"])
        or _FAILS,
        "name.givenName": given or subject.name,
        "name.familyName": family or subject.name,
        "password": RANDOM,
    }
    return Request(f"POST {GOOGLE_USERS}", attributes)


def _salesforce(subject: Subject, provider: Entry, settings: Entry) -> Request:
    name = names.by_pattern("salesforce", settings, subject, provider["name"]) or _FAILS
    address = str(settings.get("domain_name", "")).rstrip("/")
    path = f"/services/data/{settings.get('api_version', '')}/sobjects/user/"
    return Request(f"POST {address}{path}", {**_mapped(subject, provider), "Username": name})


def _spml(subject: Subject, provider: Entry, settings: Entry) -> Request:
    attributes = {
        "objectclass": str(settings.get("object_class", "")),
        "accountId": subject.name,
        "credentials": RANDOM,
        **_mapped(subject, provider),
    }
    return Request(f"POST {settings.get('endpoint', '')} (SPMLAddRequest)", attributes)


def _mapped(subject: Subject, provider: Entry) -> Attributes:
    """The provider's mapping with its defaults; in the local dialect the claims."""
    known = _claims(subject)
    if provider.get("claim_dialect") != "custom":
        return known
    found = {
        row["remote"]: known.get(row.get("local", ""))
        or row.get("default", row.get("constant"))
        for row in provider.get("claim_mappings", ())
    }
    return {remote: value for remote, value in found.items() if value}


def _claims(subject: Subject) -> Attributes:
    """What an event of a new user carries: what was given, as texts."""
    given = mapping.claims_of(subject)
    return {
        uri: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for uri, value in given.items()
        if uri not in _READ_ONLY
    }


_WRITERS: Mapping[str, Callable[[Subject, Entry, Entry], Request]] = {
    "google": _google,
    "salesforce": _salesforce,
    "scim": _scim1,
    "scim2": _scim2,
    "spml": _spml,
}
