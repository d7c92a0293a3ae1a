"""What goes over the wire: headers, security, and documents that are not to be trusted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import ConnectorError, ConnectorIsWrong, EntityType, Member, MemberChanges
from connectors.http import Http
from connectors.spml import xml
from connectors.spml.connector import SpmlConnector
from tests.connectors.spml.conftest import Connect, group, person
from tests.fakes.server import FakeServer, Reply, Request
from tests.fakes.spml import SpmlTarget
from tests.fakes.spml.soap import NAMESPACES, envelope_of, first
from tests.fakes.spml.target import PASSWORD, USERNAME

SOAP = NAMESPACES["soap"]


def message(inner: str, before: str = "") -> bytes:
    return (
        f'{before}<s:Envelope xmlns:s="{SOAP}"><s:Body>{inner}</s:Body></s:Envelope>'
    ).encode()


def test_basic_in_the_header_of_http(target: SpmlTarget, connector: SpmlConnector) -> None:
    connector.create(person())

    [request] = target.log
    assert request.headers["soapaction"] == '"SPMLAddRequest"'
    assert request.headers["content-type"] == "text/xml; charset=utf-8"
    assert request.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert b"Security" not in request.body


def test_a_username_token_in_the_header_of_soap(connect: Connect, http: Http) -> None:
    target, connector = connect(authentication="wsse")

    connector.create(person())

    [request] = target.log
    assert "authorization" not in request.headers
    security = first(envelope_of(request), "soap:Header/wsse:Security")
    assert security.get(f"{{{SOAP}}}mustUnderstand") == "1"
    assert [one.text for one in security[0]] == [USERNAME, PASSWORD]
    assert "secret" not in repr(http.exchanges)


def test_each_request_has_a_nonce_of_its_own(connect: Connect) -> None:
    target, connector = connect(authentication="wsse", nonce=True)

    connector.find(person())
    connector.find(person())

    nonces = [first(envelope_of(one), "//wsse:Nonce").text for one in target.log]
    assert len(set(nonces)) == len(nonces) == 2


def test_nobody_calls_where_nobody_is_asked(connect: Connect) -> None:
    target, connector = connect(
        settings={"authentication": "none", "username": "", "password": ""}
    )

    with pytest.raises(ConnectorIsWrong, match="401"):
        connector.create(person())
    assert "authorization" not in target.log[0].headers


@pytest.mark.parametrize("way", ["basic", "wsse", ""])
def test_credentials_that_are_missing_are_named(connect: Connect, way: str) -> None:
    with pytest.raises(ConnectorIsWrong, match="needs Username, Password: fill it in"):
        connect(settings={"authentication": way, "username": "", "password": ""})


def test_an_unknown_authentication_is_named(connect: Connect) -> None:
    with pytest.raises(ConnectorIsWrong, match="'magic': basic, wsse, none"):
        connect(settings={"authentication": "magic"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Hi!",
        b"<html/>",
        b"{}",
        message(""),
        message("text"),
        message("<?pi ?><!-- nothing -->"),
        message("<a>&lol;</a>", before='<!DOCTYPE s:Envelope [<!ENTITY lol "lol">]>'),
        message("<a/>", before='<!DOCTYPE s:Envelope SYSTEM "http://127.0.0.1:9/x.dtd">'),
        message("<a>" * 2000 + "</a>" * 2000),
        message(f"<a>{'x' * xml.LARGEST}</a>"),
        message("<a/>").replace(b"s:Envelope", b"s:Letter"),
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
    ],
    ids=range(13),
)
def test_what_is_no_message_is_none(body: bytes) -> None:
    assert xml.opened(body) is None


def test_what_is_one_is_opened_whatever_else_stands_there() -> None:
    said = xml.opened(message("<!-- hello --><a x='1'>&amp;<b/></a>"))

    assert said is not None
    assert (xml.local(said), said.get("x"), xml.text_of(said)) == ("a", "1", "&")


names = st.sampled_from(
    ["addResponse", "lookupResponse", "searchResponse", "modifyResponse", "activeResponse",
     "listTargetsResponse", "Fault", "faultcode", "faultstring", "errorMessage", "pso", "psoID",
     "data", "attr", "value", "iterator", "target", "capabilities", "capability",
     "supportedSchemaEntity"]
)  # fmt: skip
keys = st.sampled_from(
    ["status", "error", "ID", "targetID", "name", "active", "entityName", "namespaceURI"]
)
words = st.sampled_from(
    ["success", "failure", "pending", "kim", "", "noSuchIdentifier", "alreadyExists", "false",
     "customError", "s:Client", "s:Server", "already exists", "member", "objectclass", "user",
     "accountId", "unsupportedOperation", "pso-1"]
)  # fmt: skip


def element(name: str, attributes: dict[str, str], inner: list[str]) -> str:
    told = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{told}>{''.join(inner)}</{name}>"


elements = st.recursive(
    words,
    lambda inner: st.builds(
        element, names, st.dictionaries(keys, words, max_size=3), st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
replies = st.builds(
    Reply,
    status=st.sampled_from([200, 202, 204, 302, 400, 401, 404, 409, 429, 500, 503]),
    body=st.one_of(elements.map(message), st.binary(max_size=30)),
    headers=st.sampled_from([{}, {"Retry-After": "3"}, {"Retry-After": "never"}]),
)


class Parrot(FakeServer):
    reply = Reply()

    def respond(self, request: Request) -> Reply:
        return self.reply


@pytest.fixture(scope="module")
def parrot() -> Any:
    with Parrot() as running:
        yield running


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(reply=replies)
def test_whatever_a_provider_answers_nothing_but_connector_errors(
    parrot: Parrot, http: Http, reply: Reply
) -> None:
    parrot.reply = reply
    connector = SpmlConnector(
        {"endpoint": parrot.url, "object_class": "user", "group_object_class": "group",
         "authentication": "none"},
        http,
    )  # fmt: skip
    kim = person(remote_id="pso-1", active=False, password="first-Secret-1")
    changes = MemberChanges(add=[Member("pso-1", "kim")], remove=[Member("pso-2", "lee")])
    for attempt in (
        lambda: connector.create(kim),
        lambda: connector.update(kim),
        lambda: connector.find(kim),
        lambda: connector.fetch(EntityType.USER, "pso-1"),
        lambda: connector.delete(kim),
        lambda: list(connector.change_members(group(remote_id="pso-3"), changes)),
        connector.check,
    ):
        with suppress(ConnectorError):
            attempt()
