"""What no client of a WSDL would send: every fault says what is wrong."""

from __future__ import annotations

import dataclasses

import pytest
from django.test import Client
from pytest_django import Settings

from idp.models import User
from tests.provisioning.inbound.soap.clients import SOAP11, SOAP12, V1, Raw

pytestmark = pytest.mark.django_db(transaction=True)
ASK = "<s:isExistingUser><s:userName>kim</s:userName></s:isExistingUser>"
ADD = "<s:addUser><s:userName>kim</s:userName></s:addUser>"
WSA = "http://www.w3.org/2005/08/addressing"
BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
versions = pytest.mark.parametrize("soap", [SOAP11, SOAP12])


def header(content: str) -> str:
    return f'<e:Header xmlns:a="{WSA}">{content}</e:Header>'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not XML"),
        (b"hello", "not XML"),
        (b"<a", "not XML"),
        (b"<a/>", "no SOAP envelope, but 'a'"),
        (b"\xff\xfe\x00", "not XML"),
        (f'<e:Envelope xmlns:e="{SOAP11}"/>'.encode(), "one body"),
        (
            f'<e:Envelope xmlns:e="{SOAP11}"><e:Body/><e:Body/></e:Envelope>'.encode(),
            "one body",
        ),
        (f'<e:Envelope xmlns:e="{SOAP11}"><e:Header/></e:Envelope>'.encode(), "one body"),
        (f'<e:Envelope xmlns:e="{SOAP11}"><Body/></e:Envelope>'.encode(), "one body"),
        (f'<e:Envelope xmlns:e="{SOAP11}"><e:Body/></e:Envelope>'.encode(), "body is empty"),
    ],
)
def test_what_is_no_envelope(raw: Raw, body: bytes, told: str) -> None:
    answer = raw.send(body)

    assert told in answer.fault
    assert (answer.status, answer.code) == (500, "Client")


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a [<!ENTITY x "y">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
        BOMB,
    ],
)
def test_there_are_no_entities(raw: Raw, doctype: str) -> None:
    use = "&x;" if "ENTITY x" in doctype else "kim"
    body = f"<s:addUser><s:userName>{use}</s:userName></s:addUser>"
    envelope = (
        f'{doctype}<e:Envelope xmlns:e="{SOAP11}" xmlns:s="http://service.ws.um.carbon.wso2.org">'
        f"<e:Body>{body}</e:Body></e:Envelope>"
    )

    for encoding in ("utf-8", "utf-16"):
        answer = raw.send(envelope.encode(encoding), f"text/xml; charset={encoding}")
        assert "no DOCTYPE" in answer.fault
    assert not User.objects.exists()


def test_nothing_is_nested_without_end(raw: Raw) -> None:
    deep = raw("<s:addUser>" + "<s:x>" * 5000 + "</s:x>" * 5000 + "</s:addUser>")
    assert "not XML" in deep.fault


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<s:dropTables/>", "There is no operation 'dropTables'"),
        ("<addUser/>", "Operations are in the namespace"),
        ("<x:addUser/>", "addUser is in 'http://common.mgt"),
        (ADD + ADD, "more than one operation"),
        ("<s:addUser><s:name>kim</s:name></s:addUser>", "name: addUser has no such parameter"),
        (
            "<s:deleteUser><s:userName>a</s:userName><s:userName>b</s:userName></s:deleteUser>",
            "userName: is given more than once",
        ),
        (
            "<s:deleteUser><s:userName><b/></s:userName></s:deleteUser>",
            "userName: takes a text, not elements",
        ),
        ("<s:deleteUser><s:userName href='#1'/></s:deleteUser>", "userName: references"),
        (
            "<s:listUsers><s:maxItemLimit>ten</s:maxItemLimit></s:listUsers>",
            "maxItemLimit: must be a whole number, not 'ten'",
        ),
        (
            "<s:listUsers><s:maxItemLimit>99999999999</s:maxItemLimit></s:listUsers>",
            "maxItemLimit: must be a whole number",
        ),
        (
            "<s:addUser><s:requirePasswordChange>yes</s:requirePasswordChange></s:addUser>",
            "requirePasswordChange: must be true or false, not 'yes'",
        ),
        ("<s:addUser><s:claims>x</s:claims></s:addUser>", "claims: takes claimURI, value"),
        (
            "<s:addUser><s:claims><x:uri>x</x:uri></s:claims></s:addUser>",
            "claims: has no part 'uri'",
        ),
        (
            "<s:addUser><s:claims><x:value>1</x:value><x:value>2</x:value></s:claims></s:addUser>",
            "claims: value is given more than once",
        ),
        (
            "<s:addUser><s:claims><x:value><b/></x:value></s:claims></s:addUser>",
            "claims.value: takes a text",
        ),
    ],
)
@versions
def test_what_no_operation_takes(raw: Raw, soap: str, body: str, told: str) -> None:
    answer = dataclasses.replace(raw, soap=soap)(body)

    assert told in answer.fault
    code, status = ("Client", 500) if soap == SOAP11 else ("Sender", 400)
    assert (answer.code, answer.status) == (code, status)
    assert answer.headers["Content-Type"].startswith(
        "text/xml" if soap == SOAP11 else "application/soap+xml"
    )
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("older", "fault"),
    [
        (True, "UserStoreException"),
        (False, "RemoteUserStoreManagerServiceUserStoreException"),
    ],
)
def test_what_the_first_service_refuses_is_answered_with_a_fault_too(
    raw: Raw, settings: Settings, older: bool, fault: str
) -> None:
    settings.PURVEYOR_SOAP_OLDER_TYPES = older
    first = dataclasses.replace(raw, name=V1)

    refused = first("<s:deleteUser><s:userName>nobody</s:userName></s:deleteUser>")
    made = first(ADD)

    assert (refused.status, "no user nobody" in refused.fault) == (500, True)
    assert refused.found(fault)
    assert (made.status, made.root) == (202, None)
    assert User.objects.get().username == "kim"


@versions
def test_an_operation_without_a_message_is_told_by_its_action(raw: Raw, soap: str) -> None:
    raw = dataclasses.replace(raw, soap=soap)
    by_header = raw("", SOAPAction='"urn:isReadOnly"')
    by_type = raw.send(
        f'<e:Envelope xmlns:e="{soap}"><e:Body/></e:Envelope>'.encode(),
        'application/soap+xml; charset=utf-8; action="urn:getRoleNames"',
    )

    assert by_header.found("return") == ["false"]
    assert by_type.found("getRoleNamesResponse") == [""]
    assert "body is empty" in raw("", SOAPAction="urn:dropTables").fault


def test_another_version_of_soap_is_told_which_there_are(raw: Raw) -> None:
    told = raw.send(
        b'<e:Envelope xmlns:e="http://www.w3.org/2001/12/soap-envelope"><e:Body/></e:Envelope>'
    )

    assert (told.code, told.status) == ("VersionMismatch", 500)
    assert "SOAP 1.1 and 1.2" in told.fault


@versions
def test_headers_that_must_be_understood(raw: Raw, soap: str) -> None:
    raw = dataclasses.replace(raw, soap=soap)
    tolerated = raw(ASK, header('<t:x xmlns:t="urn:t"/><t:y xmlns:t="urn:t" e:actor="urn:z"/>'))
    assert tolerated.found("return") == ["false"]

    security = '<w:Security xmlns:w="urn:wsse" e:mustUnderstand="1"/>'
    answer = raw(ADD, header(security))

    assert (answer.code, answer.status) == ("MustUnderstand", 500)
    assert "{urn:wsse}Security is not understood" in answer.fault
    assert not User.objects.exists()


@versions
def test_addressing_is_tolerated_and_answered(raw: Raw, soap: str) -> None:
    raw = dataclasses.replace(raw, soap=soap)
    headers = (
        '<a:To e:mustUnderstand="1">http://x.example/services</a:To>'
        '<a:Action e:mustUnderstand="true">urn:isExistingUser</a:Action>'
        "<a:MessageID>urn:uuid:1</a:MessageID>"
        f"<a:ReplyTo><a:Address>{WSA}/anonymous</a:Address></a:ReplyTo>"
    )
    answer = raw(ASK, header(headers))
    refused = raw("<s:nothing/>", header(headers))

    assert answer.found("RelatesTo") == refused.found("RelatesTo") == ["urn:uuid:1"]
    assert answer.found("Action") == ["urn:isExistingUserResponse"]
    assert refused.found("Action") == [f"{WSA}/soap/fault"]
    elsewhere = "<a:ReplyTo><a:Address>http://evil.example/</a:Address></a:ReplyTo>"
    assert "over the same connection" in raw(ADD, header(elsewhere)).fault
    assert not User.objects.exists()


def test_media_types_character_sets_and_sizes(raw: Raw, settings: Settings) -> None:
    envelope = (
        f'<e:Envelope xmlns:e="{SOAP11}" xmlns:s="http://service.ws.um.carbon.wso2.org"><e:Body>'
        "<s:addUser><s:userName>zoë</s:userName></s:addUser></e:Body></e:Envelope>"
    )
    latin = raw.send(envelope.encode("latin-1"), "text/xml; charset=ISO-8859-1")
    unknown = raw.send(envelope.encode(), "text/xml; charset=klingon")
    json = raw.send(envelope.encode(), "application/json")
    attached = raw.send(envelope.encode(), "multipart/related; boundary=x")
    packed = raw.send(envelope.encode(), Content_Encoding="gzip")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    large = raw.send(envelope.encode())

    assert (latin.status, User.objects.get().username) == (200, "zoë")
    assert (unknown.status, "'klingon' is not known" in unknown.fault) == (415, True)
    assert (json.status, "text/xml or application/soap+xml" in json.fault) == (415, True)
    assert attached.status == 415
    assert (packed.status, "uncompressed" in packed.fault) == (415, True)
    assert (large.status, "larger than 100 bytes" in large.fault) == (413, True)


def test_other_methods(client: Client, credentials: dict[str, str]) -> None:
    for method in ("get", "put", "delete", "patch", "options"):
        answer = getattr(client, method)(f"/services/{V1}", headers=credentials)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
