"""When, for whom and in answer to what an assertion holds (core, 2.4 and 2.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lxml import etree

from provisioning.inbound.saml.names import BEARER, saml
from provisioning.inbound.saml.parties import Ours
from provisioning.inbound.saml.refusals import SamlRefused

SKEW = timedelta(seconds=60)
"""By so much clocks may differ."""
LONGEST = timedelta(hours=24)
"""An assertion that could be shown for longer is not one for signing in."""
KNOWN = {saml("AudienceRestriction"), saml("OneTimeUse"), saml("ProxyRestriction")}


def check(assertion: etree._Element, ours: Ours, now: datetime) -> None:
    """Raises `SamlRefused`."""
    issued = _moment(assertion, "IssueInstant")
    if issued is None or issued > now + SKEW:
        raise SamlRefused("the assertion was issued in the future: compare the clocks")
    found = assertion.find(saml("Conditions"))
    if found is None:
        raise SamlRefused("the assertion says nothing of whom it is for (Conditions)")
    if any(one.tag not in KNOWN for one in found):
        raise SamlRefused("the assertion has a condition that is not known here")
    _check_window(found, now)
    restrictions = found.findall(saml("AudienceRestriction"))
    if not restrictions:
        raise SamlRefused("the assertion says nothing of whom it is for (AudienceRestriction)")
    for restriction in restrictions:
        if ours.entity_id not in _texts(restriction, "Audience"):
            raise SamlRefused(f"the assertion is for somebody else, not for {ours.entity_id}")


def confirmed_until(
    assertion: etree._Element, asked: str, ours: Ours, now: datetime
) -> datetime:
    """Until when a bearer may show it: one confirmation must hold in everything.

    Raises `SamlRefused` with what is wrong with the last.
    """
    reason = SamlRefused("the assertion does not say who may show it (SubjectConfirmation)")
    path = f"{saml('Subject')}/{saml('SubjectConfirmation')}"
    for confirmation in assertion.findall(path):
        if confirmation.get("Method") != BEARER:
            continue
        try:
            end = _confirmed(confirmation, asked, ours, now)
        except SamlRefused as error:
            reason = error
            continue
        return end + SKEW
    raise reason


def _confirmed(confirmation: etree._Element, asked: str, ours: Ours, now: datetime) -> datetime:
    data = confirmation.find(saml("SubjectConfirmationData"))
    if data is None:
        raise SamlRefused("the assertion does not say where it may be shown")
    if data.get("Recipient") != ours.consumer:
        raise SamlRefused("the assertion was meant for another address (Recipient)")
    if data.get("InResponseTo") != asked:
        raise SamlRefused("the assertion answers another request")
    end = _moment(data, "NotOnOrAfter")
    if end is None:
        raise SamlRefused("the assertion does not say until when it may be shown")
    if end > now + LONGEST:
        raise SamlRefused("the assertion may be shown for more than a day")
    _check_window(data, now)
    return end


def check_authenticated(assertion: etree._Element, now: datetime) -> None:
    """Somebody has signed in there, and is signed in still (core, 2.7.2)."""
    statements = assertion.findall(saml("AuthnStatement"))
    if not statements:
        raise SamlRefused("the assertion does not say that somebody has signed in")
    for statement in statements:
        end = _moment(statement, "SessionNotOnOrAfter")
        if end is not None and end <= now - SKEW:
            raise SamlRefused("the session at the identity provider has ended")


def _check_window(element: etree._Element, now: datetime) -> None:
    start, end = _moment(element, "NotBefore"), _moment(element, "NotOnOrAfter")
    if start is not None and start > now + SKEW:
        raise SamlRefused("the assertion is not valid yet: compare the clocks")
    if end is not None and end <= now - SKEW:
        raise SamlRefused("the assertion is not valid any more: sign in again")


def _moment(element: etree._Element, name: str) -> datetime | None:
    text = element.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise SamlRefused(f"{name} is no moment") from error


def _texts(parent: etree._Element, name: str) -> list[str]:
    return [(one.text or "").strip() for one in parent.findall(saml(name))]
