"""What an identity provider answers about somebody, and everything that must hold before it
is believed (profiles, 4.1.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from provisioning.inbound.saml import attributes, conditions, parsing, signatures
from provisioning.inbound.saml.names import ENTITY, SUCCESS, saml, samlp
from provisioning.inbound.saml.parties import Ours, Theirs
from provisioning.inbound.saml.refusals import NobodySignedIn, SamlRefused

LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class Asserted:
    """Somebody, vouched for. The assertion is to be taken once; `until` it could be shown
    again."""

    assertion_id: str
    until: datetime
    subject: str
    claims: Mapping[str, Any]
    emails_verified: bool


def read(posted: str, asked: str, ours: Ours, theirs: Theirs, now: datetime) -> Asserted:
    """`asked` is the id of the request that this must be the answer to.

    Raises `SamlRefused`.
    """
    response = parsing.parsed(posted)
    _check_status(response)
    _check_response(response, asked, ours, theirs)
    if response.find(saml("EncryptedAssertion")) is not None:
        raise SamlRefused(
            "the assertion is encrypted, which is not taken: switch encryption off for us; "
            "TLS protects it on its way"
        )
    whole, assertion = signatures.believed(response, theirs.certificates)
    if whole is not None:
        _check_response(whole, asked, ours, theirs)
    _check_version(assertion, "assertion")
    _check_issuer(assertion.find(saml("Issuer")), theirs)
    conditions.check(assertion, ours, now)
    until = conditions.confirmed_until(assertion, asked, ours, now)
    conditions.check_authenticated(assertion, now)
    return Asserted(
        assertion_id=_id(assertion),
        until=until,
        subject=attributes.subject(assertion, ours, theirs),
        claims=attributes.claims(assertion),
        emails_verified=theirs.emails_verified,
    )


def _check_status(response: etree._Element) -> None:
    """Also of answers that nobody signed: they say no, or nothing (core, 3.2.2)."""
    code = response.find(f"{samlp('Status')}/{samlp('StatusCode')}")
    if code is None:
        raise SamlRefused("the response has no status")
    if code.get("Value") == SUCCESS:
        return
    inner = code.find(samlp("StatusCode"))
    told = (code if inner is None else inner).get("Value") or ""
    message = response.findtext(f"{samlp('Status')}/{samlp('StatusMessage')}") or ""
    words = f" ({message.strip()[:200]})" if message.strip() else ""
    raise NobodySignedIn(
        f"the identity provider has signed nobody in: {told.rpartition(':')[2][:60]}{words}"
    )


def _check_response(response: etree._Element, asked: str, ours: Ours, theirs: Theirs) -> None:
    _check_version(response, "response")
    if not response.get("InResponseTo"):
        raise SamlRefused("nobody asked for this response: sign in from here")
    if response.get("InResponseTo") != asked:
        raise SamlRefused("the response answers another request")
    if response.get("Destination") != ours.consumer:
        raise SamlRefused("the response was meant for another address (Destination)")
    issuer = response.find(saml("Issuer"))
    if issuer is not None:
        _check_issuer(issuer, theirs)


def _check_version(element: etree._Element, what: str) -> None:
    if element.get("Version") != "2.0":
        raise SamlRefused(f"the {what} is not of version 2.0")


def _check_issuer(issuer: etree._Element | None, theirs: Theirs) -> None:
    """By its very name; another key of a name somewhere else is no key here."""
    name = "" if issuer is None else (issuer.text or "").strip()
    if name != theirs.entity_id or (
        issuer is not None and issuer.get("Format") not in (None, ENTITY)
    ):
        raise SamlRefused(f"the issuer is {name[:200] or 'missing'}, not {theirs.entity_id}")


def _id(assertion: etree._Element) -> str:
    id = assertion.get("ID") or ""
    if not 0 < len(id) <= LONGEST_ID:
        raise SamlRefused("the assertion has no ID, or one that is too long")
    return id
