"""Whatever comes in: an answer or a fault that says what is wrong, and no error of ours."""

from __future__ import annotations

import dataclasses
from typing import Any
from xml.sax.saxutils import escape

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.inbound.soap.operations import OPERATIONS, Operation
from provisioning.inbound.soap.vocabulary import Kind
from tests.provisioning.inbound.soap.clients import SOAP11, SOAP12, V1, V2, Raw, Told

pytestmark = pytest.mark.django_db(transaction=True)
often = settings(max_examples=150, suppress_health_check=list(HealthCheck))

in_xml = st.characters(codec="utf-8", exclude_characters="\x00\ufffe\uffff").filter(
    lambda char: char in "\t\n" or ord(char) >= 32
)
names = st.sampled_from(["kim", "STAFF/lee", "sales", "Internal/boss", "", "*", "k?", "%", "/"])
texts = st.one_of(names, st.text(in_xml, max_size=30))
uris = st.sampled_from(
    [
        f"http://wso2.org/claims/{name}"
        for name in ("title", "photos", "username", "active", "emailaddress", "groups", "dob")
    ]
    + ["", "urn:x"]
)
versions = st.sampled_from([SOAP11, SOAP12])


@st.composite
def parts(draw: st.DrawFn, kind: Kind) -> str:
    """What could stand in a parameter of that kind, or should not."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.sampled_from(["<b/>", "<s:userName>x</s:userName>", "<!-- -->"]))
    if kind is Kind.CLAIM_VALUE:
        uri, value = draw(uris), draw(texts)
        return f"<x:claimURI>{uri}</x:claimURI><x:value>{escape(value)}</x:value>"
    if kind is Kind.PERMISSION:
        return f"<action>{escape(draw(texts))}</action>"
    if kind in (Kind.INT, Kind.BOOLEAN):
        return str(draw(st.one_of(st.integers(), st.booleans(), st.just("true"), st.just(""))))
    return escape(draw(st.one_of(texts, uris)))


@st.composite
def messages(draw: st.DrawFn, operation: Operation) -> str:
    said = []
    for param in operation.params:
        for _ in range(draw(st.integers(0, 3 if param.many else 1))):
            said.append(f"<s:{param.name}>{draw(parts(param.kind))}</s:{param.name}>")
    if draw(st.integers(0, 9)) == 0:
        said = draw(st.permutations(said))
    return f"<s:{operation.name}>{''.join(said)}</s:{operation.name}>"


def check(answer: Told) -> None:
    """An answer; or a fault with a reason, which is not ours, at the status of its binding."""
    if answer.root is None:
        assert answer.status == 202
    elif answer.fault:
        assert "Internal error" not in answer.fault
        assert answer.code in ("Client", "Sender", "VersionMismatch", "MustUnderstand")
        assert answer.status in (400, 413, 415, 500)
        assert answer.code != "Sender" or answer.status != 500
    else:
        assert answer.status == 200


@pytest.fixture
def talk(client: Client, credentials: dict[str, str], staff: Any) -> Raw:
    raw = Raw(client, credentials, V2)
    raw("<s:addUser><s:userName>kim</s:userName></s:addUser>")
    raw("<s:addUser><s:userName>STAFF/lee</s:userName></s:addUser>")
    raw("<s:addRole><s:roleName>sales</s:roleName></s:addRole>")
    return raw


@often
@given(
    body=st.sampled_from(OPERATIONS).flatmap(messages),
    soap=versions,
    name=st.sampled_from([V1, V2]),
)
def test_operations_with_anything_in_them(talk: Raw, body: str, soap: str, name: str) -> None:
    check(dataclasses.replace(talk, soap=soap, name=name)(body))


@often
@given(
    cut=st.integers(0, 400),
    noise=st.one_of(st.binary(max_size=20), st.text(max_size=10).map(str.encode)),
    soap=versions,
)
def test_messages_cut_and_mixed_up(talk: Raw, cut: int, noise: bytes, soap: str) -> None:
    whole = (
        f'<e:Envelope xmlns:e="{soap}" xmlns:s="http://service.ws.um.carbon.wso2.org">'
        '<e:Header><w:x xmlns:w="urn:w" e:mustUnderstand="0"/></e:Header><e:Body>'
        "<s:isExistingUser><s:userName>kim</s:userName></s:isExistingUser></e:Body></e:Envelope>"
    ).encode()

    raw = dataclasses.replace(talk, soap=soap)
    check(raw.send(whole[:cut] + noise + whole[cut:]))
    check(raw.send(whole[:cut]))
    check(raw.send(noise))


@often
@given(media_type=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_any_media_type(talk: Raw, media_type: str) -> None:
    check(talk.send(b"<a/>", f"text/xml; {media_type}"))
