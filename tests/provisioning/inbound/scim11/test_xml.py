"""The same door in XML: requests, answers, lists, bulk, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from idp.models import Tenant, User
from serviceproviders.models import ServiceProvider
from tests.factories import make_claim
from tests.provisioning.inbound.scim11.conftest import CORE, ENTERPRISE, WSO2, Scim1, described

NS: Any = {"s": CORE, "e": ENTERPRISE, "w": WSO2}
XSI = "http://www.w3.org/2001/XMLSchema-instance"
KIM = f"""<?xml version="1.0" encoding="UTF-8"?>
<User xmlns="{CORE}" xmlns:enterprise="{ENTERPRISE}">
  <userName>kim</userName>
  <password>first-Secret-1</password>
  <name><givenName>Kim &amp; Co</givenName><familyName>O'Lee</familyName></name>
  <active>false</active>
  <emails>
    <email><value>kim@example.org</value><type>work</type><primary>true</primary></email>
    <email><value>k@home.example</value><type>home</type></email>
  </emails>
  <addresses><address><locality>Köln</locality></address></addresses>
  <enterprise:department>R&amp;D</enterprise:department>
  <enterprise:manager><enterprise:managerId>26</enterprise:managerId></enterprise:manager>
</User>"""


def text(root: etree._Element | None, path: str) -> str | None:
    assert root is not None
    return root.findtext(path, namespaces=NS)


def error(answer: tuple[int, etree._Element | None, dict[str, str]]) -> str:
    status, root, headers = answer
    assert headers["Content-Type"] == "application/xml"
    assert text(root, "s:Errors/s:Error/s:code") == str(status)
    return text(root, "s:Errors/s:Error/s:description") or ""


def test_a_user_written_in_xml_is_read_in_json_and_back(scim: Scim1) -> None:
    status, root, headers = scim.xml("POST", "/Users", KIM)

    assert status == 201
    assert root is not None
    assert root.tag == f"{{{CORE}}}User"
    assert headers["Content-Type"] == "application/xml"
    assert text(root, "s:active") == "false"
    assert text(root, "s:emails/s:email/s:primary") == "true"
    assert text(root, "e:manager/e:managerId") == "26"
    assert text(root, "s:meta/s:location") == headers["Location"]
    assert "ecret" not in etree.tostring(root, encoding="unicode")

    path = f"/Users/{text(root, 's:id')}"
    kim = scim("GET", path).body
    assert kim["schemas"] == [CORE, ENTERPRISE]
    assert kim["active"] is False
    assert kim["name"] == {"givenName": "Kim & Co", "familyName": "O'Lee"}
    assert kim["emails"] == [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "k@home.example", "type": "home"},
    ]
    assert kim["addresses"] == [{"locality": "Köln"}]
    assert kim[ENTERPRISE] == {"department": "R&D", "manager": {"managerId": "26"}}

    document = etree.tostring(root, encoding="unicode")
    status, same, _ = scim.xml("PUT", path, document)
    assert (status, text(same, "s:meta/s:version")) == (200, 'W/"1"')
    assert scim("GET", path).body == kim


def test_a_patch_in_xml_removes_and_merges(scim: Scim1) -> None:
    _, root, _ = scim.xml("POST", "/Users", KIM)
    path = f"/Users/{text(root, 's:id')}"

    status, patched, _ = scim.xml(
        "PATCH",
        path,
        f"""<User xmlns="{CORE}" xmlns:w="{WSO2}">
          <meta><attributes>
            <attribute>name.givenName</attribute><attribute>{ENTERPRISE}:manager</attribute>
          </attributes></meta>
          <emails>
            <email operation="delete"><value>k@home.example</value></email>
            <email><value>kim@example.org</value><type>other</type></email>
          </emails>
          <w:division>North</w:division>
        </User>""",
    )

    assert status == 200
    assert text(patched, "w:division") == "North"
    kim = scim("GET", path).body
    assert kim["name"] == {"familyName": "O'Lee"}
    assert kim["emails"] == [{"value": "kim@example.org", "type": "other", "primary": True}]
    assert kim[ENTERPRISE] == {"department": "R&D", "division": "North"}


def test_groups_and_lists_in_xml(scim: Scim1) -> None:
    kim = scim.make_user("kim", displayName="Kim")["id"]
    member = f"<member><value>{kim}</value></member>"

    status, group, _ = scim.xml(
        "POST",
        "/Groups",
        f'<Group xmlns="{CORE}"><displayName>sales</displayName>'
        f"<members>{member}</members></Group>",
    )
    assert (status, text(group, "s:members/s:member/s:display")) == (201, "Kim")
    gone = member.replace("</value>", "</value><operation>delete</operation>")
    path = f"/Groups/{text(group, 's:id')}"
    _, group, _ = scim.xml(
        "PATCH", path, f'<Group xmlns="{CORE}"><members>{gone}</members></Group>'
    )
    assert text(group, "s:members") is None

    _, listed, _ = scim.xml("GET", "/Users.xml?filter=userName%20eq%20%22kim%22")
    assert listed is not None
    assert listed.tag == f"{{{CORE}}}Response"
    assert text(listed, "s:totalResults") == "1"
    [one] = listed.findall("s:Resources/s:Resource", NS)
    assert (one.get(f"{{{XSI}}}type"), text(one, "s:userName")) == ("User", "kim")
    status, root, _ = scim.xml("DELETE", path)
    assert (status, root) == (200, None)


def test_bulk_in_xml(scim: Scim1) -> None:
    status, root, _ = scim.xml(
        "POST",
        "/Bulk",
        f"""<Bulk xmlns="{CORE}" xmlns:xsi="{XSI}"><failOnErrors>1</failOnErrors><Operations>
          <Operation><method>POST</method><path>/Users</path><bulkId>k</bulkId>
            <data xsi:type="User"><userName>kim</userName><active>false</active></data>
          </Operation>
          <Operation><method>POST</method><path>/Groups</path><bulkId>g</bulkId>
            <data><Group><displayName>sales</displayName>
              <members><member><value>bulkId:k</value></member></members></Group></data>
          </Operation>
          <Operation><method>POST</method><path>/Users</path><bulkId>x</bulkId>
            <data><userName>KIM</userName></data>
          </Operation>
          <Operation><method>DELETE</method><path>/Users/x</path></Operation>
        </Operations></Bulk>""",
    )

    assert status == 200
    assert root is not None
    codes = [
        one.findtext("s:status/s:code", namespaces=NS)
        for one in root.findall("s:Operations/s:Operation", NS)
    ]
    assert codes == ["201", "201", "409"]
    assert User.objects.get().active is False
    assert len(scim("GET", "/Groups").body["Resources"][0]["members"]) == 1


def test_errors_are_in_the_format_that_was_asked_for(scim: Scim1) -> None:
    assert "not found" in error(scim.xml("GET", "/Foo"))
    assert "DELETE" in error(scim.xml("DELETE", "/Users"))
    scim.credentials = {}
    answer = scim.xml("GET", "/Users")
    assert (answer[0], "realm=" in answer[2]["WWW-Authenticate"]) == (401, True)
    assert error(answer)


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("<User", "not XML"),
        ("<Group/>", "Group"),
        ('<User xmlns="urn:x"><userName>kim</userName></User>', "User"),
        ("<User><emails><email><value/></email></emails></User>", "userName"),
        ("<User><userName>kim</userName><active>maybe</active></User>", "active"),
        ("<User><userName><x/></userName></User>", "userName"),
        ('<!DOCTYPE User [<!ENTITY x "kim">]><User><userName>&x;</userName></User>', "DOCTYPE"),
        (
            '<!DOCTYPE User SYSTEM "file:///etc/passwd"><User><userName>k</userName></User>',
            "DOCTYPE",
        ),
    ],
)
def test_what_is_wrong_in_a_document_is_named(scim: Scim1, document: str, named: str) -> None:
    answer = scim.xml("POST", "/Users", document)

    assert answer[0] == 400
    assert named in error(answer)
    assert not User.objects.exists()


def test_strict_refuses_in_xml_what_it_refuses_in_json(
    scim: Scim1, resident: ServiceProvider
) -> None:
    resident.strict = True
    resident.save()

    status, _, _ = scim.xml("POST", "/Users", KIM)
    assert status == 201
    unknown = f'<User xmlns="{CORE}"><userName>lee</userName><shoe>43</shoe></User>'
    assert "shoe" in error(scim.xml("POST", "/Users", unknown))


def test_claims_of_one_s_own_are_typed_by_their_definition(scim: Scim1, tenant: Tenant) -> None:
    urn = "urn:acme:scim:User"
    for name, kind, several in (
        ("pay-grade", "integer", False),
        ("badges", "string", True),
        ("rate", "decimal", False),
    ):
        make_claim(tenant, name, type=kind, multivalued=several, path=f"{urn}:{name}")
    own = {"pay-grade": 7, "badges": ["a", "b"], "rate": 0.5}
    kim = scim.make_user("kim", **{urn: own})
    assert kim[urn] == own

    _, root, _ = scim.xml("GET", f"/Users/{kim['id']}")
    assert root is not None
    assert text(root, f"{{{urn}}}badges/{{{urn}}}value") == "a"
    document = etree.tostring(root, encoding="unicode")
    scim("DELETE", f"/Users/{kim['id']}")
    scim.xml("POST", "/Users", document)

    assert User.objects.get().document[urn] == own


def test_characters_that_xml_cannot_hold_do_not_break_an_answer(scim: Scim1) -> None:
    kim = scim.make_user("kim", title="a\x01b\ufffec\r\n")

    status, root, _ = scim.xml("GET", f"/Users/{kim['id']}")

    assert (status, text(root, "s:title")) == (200, "a\ufffdb\ufffdc\r\n")


def test_json_is_answered_to_xml_where_that_is_asked_for(scim: Scim1) -> None:
    headers = {**(scim.credentials or {}), "Accept": "application/json"}

    answer = scim.http.generic(
        "POST", "/wso2/scim/Users", KIM.encode(), "application/xml", headers=headers
    )

    assert answer.status_code == 201
    assert answer.json()["userName"] == "kim"
    assert described(scim("POST", "/Users", {"userName": "kim"}, Accept="application/json"))


@pytest.mark.parametrize("number", ["nan", "1" * 30, "", "1,5", "x"])
def test_what_is_no_number_is_refused_by_name(scim: Scim1, tenant: Tenant, number: str) -> None:
    urn = "urn:acme:scim:User"
    make_claim(tenant, "floor", type="integer", path=f"{urn}:floor")
    make_claim(tenant, "rate", type="decimal", path=f"{urn}:rate")

    for name in ("floor", "rate"):
        own = f'<a:{name} xmlns:a="{urn}">{number}</a:{name}>'
        answer = scim.xml("POST", "/Users", f"<User><userName>kim</userName>{own}</User>")
        assert answer[0] == 400
        assert f"{urn}:{name}" in error(answer)
