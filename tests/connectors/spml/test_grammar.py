"""The provider we test against notices what is not as the specifications say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.http import Http
from connectors.spml.connector import SpmlConnector
from connectors.testing import accepted
from tests.connectors.spml.conftest import person
from tests.fakes.spml import SpmlTarget

MISTAKES = {
    "another namespace": (b"urn:oasis:names:tc:DSML:2:0:core", b"urn:oasis:names:tc:DSML:2:0"),
    "no mode": (b' modificationMode="replace"', b""),
    "another mode": (b' modificationMode="replace"', b' modificationMode="change"'),
    "no operation": (b' operation="replace"', b""),
    "a claim for a name": (b' name="sn"', b' name="http://wso2.org/claims/lastname"'),
    "no ID": (b' ID="', b' Id="'),
    "not returned so": (b'returnData="identifier"', b'returnData="id"'),
    "an ID that is none": (b'requestID="r-', b'requestID="1-'),
    "never done": (b'executionMode="synchronous"', b'executionMode="someday"'),
    "not SOAP 1.1": (b"http://schemas.xmlsoap.org/soap/envelope/", b"urn:soap"),
    "no XML": (b"</soap:Envelope>", b""),
}


@pytest.fixture
def sent(http: Http) -> Iterator[tuple[SpmlTarget, bytes]]:
    """A modifyRequest as it went out, to a provider that now waits for another."""
    with SpmlTarget() as target:
        connector = SpmlConnector(target.settings, http)
        kim = accepted(person(), connector.create(person()))
        connector.update(replace(kim, attributes={**kim.attributes, "sn": "Oh"}))
        yield target, target.log[-1].body


def again(
    target: SpmlTarget, http: Http, body: bytes, action: str = "SPMLModifyRequest"
) -> int:
    headers = {
        **dict(target.log[-1].headers),
        "soapaction": f'"{action}"',
        "content-length": str(len(body)),
    }
    return http.request("POST", f"{target.url}/spml", headers=headers, body=body).status


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_noticed(sent: tuple[SpmlTarget, bytes], http: Http, mistake: str) -> None:
    target, body = sent
    right, wrong = MISTAKES[mistake]
    assert right in body
    assert again(target, http, body) == 200

    assert again(target, http, body.replace(right, wrong)) == 500
    assert len(target.violations) == 1


def test_elements_out_of_order_are_noticed(sent: tuple[SpmlTarget, bytes], http: Http) -> None:
    target, body = sent
    start, end = body.index(b"<spml:psoID"), body.index(b"<spml:modification ")
    pso_id = body[start:end]
    turned = body.replace(pso_id, b"").replace(
        b"</spml:modification>", b"</spml:modification>" + pso_id
    )

    assert again(target, http, turned) == 500


def test_another_action_is_noticed(sent: tuple[SpmlTarget, bytes], http: Http) -> None:
    target, body = sent

    assert again(target, http, body, action="SPMLAddRequest") == 500
