"""Requests, answers and metadata between us and an identity provider of others' making."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from idp.authenticators import read_metadata, signing_keys
from provisioning.inbound.saml import Ours, SamlRefused, Theirs, ask, read
from provisioning.inbound.saml.descriptor import descriptor
from tests.fakes.saml.documents import CONSUMER, US
from tests.fakes.saml.keys import pair
from tests.fakes.saml.provider import SamlProvider

MAIL = "urn:oid:0.9.2342.19200300.100.1.3"


@pytest.fixture(scope="module")
def ours() -> Ours:
    return Ours(US, CONSUMER, signing_keys.read(signing_keys.made()))


@pytest.fixture
def idp(ours: Ours) -> Iterator[SamlProvider]:
    with SamlProvider() as running:
        running.know(descriptor(ours).decode())
        yield running


def theirs_of(idp: SamlProvider) -> Theirs:
    told = read_metadata(idp.metadata)
    assert told.wants_signed_requests
    return Theirs(told.entity_id, told.sign_on, told.certificates)


def query_of(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query))


@pytest.mark.parametrize(
    "signing",
    [
        {"sign_assertion": True, "sign_response": False},
        {"sign_assertion": False, "sign_response": True},
        {"sign_assertion": True, "sign_response": True},
    ],
)
def test_somebody_signs_in(idp: SamlProvider, ours: Ours, signing: dict[str, bool]) -> None:
    idp.signing = signing
    idp.attributes = {"mail": ["kim@acme.example"], "title": ["Head", "Acting"]}
    theirs = theirs_of(idp)

    asked = ask(ours, theirs, "relay-1")
    place, fields = idp.form_for(query_of(asked.location))
    told = read(fields["SAMLResponse"], asked.id, ours, theirs, timezone.now())

    assert (place, fields["RelayState"]) == (CONSUMER, "relay-1")
    assert (told.subject, told.claims[MAIL]) == ("kim", "kim@acme.example")
    assert told.claims["urn:oid:2.5.4.12"] == ["Head", "Acting"]


def test_a_request_that_was_changed_or_is_not_signed_is_no_request(
    idp: SamlProvider, ours: Ours
) -> None:
    theirs = theirs_of(idp)
    signed = query_of(ask(ours, theirs, "relay-1").location)

    with pytest.raises(Exception, match="not signed correctly"):
        idp.form_for({**signed, "RelayState": "relay-2"})
    with pytest.raises(Exception, match=r"(?i)sign"):
        idp.form_for(query_of(ask(Ours(US, CONSUMER), theirs, "relay-1").location))


def test_an_answer_to_another_request_is_refused(idp: SamlProvider, ours: Ours) -> None:
    theirs = theirs_of(idp)
    first, second = ask(ours, theirs, "a"), ask(ours, theirs, "b")
    _, fields = idp.form_for(query_of(first.location))

    with pytest.raises(SamlRefused, match="another request"):
        read(fields["SAMLResponse"], second.id, ours, theirs, timezone.now())


def test_keys_roll_over_without_anybody_being_refused(idp: SamlProvider, ours: Ours) -> None:
    before = theirs_of(idp)
    idp.key = pair("new")
    after = theirs_of(idp)
    both = Theirs(before.entity_id, before.sign_on, (*before.certificates, *after.certificates))
    asked = ask(ours, both, "a")
    _, fields = idp.form_for(query_of(asked.location))

    with pytest.raises(SamlRefused, match="no key"):
        read(fields["SAMLResponse"], asked.id, ours, before, timezone.now())
    assert read(fields["SAMLResponse"], asked.id, ours, both, timezone.now()).subject == "kim"


def test_a_sign_on_address_with_a_query_keeps_it(ours: Ours) -> None:
    theirs = Theirs("idp", "https://idp.example/sso?tenant=a%26b#top", ())

    query = query_of(ask(ours, theirs, "relay").location)

    assert list(query) == ["tenant", "SAMLRequest", "RelayState", "SigAlg", "Signature"]
    assert query["tenant"] == "a&b"
