"""Whatever comes in, the answer is SCIM 1.1; whatever the format, it is the same person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from idp import scim1
from idp.models import Tenant
from provisioning.inbound.scim2.schema import user_schema
from provisioning.inbound.scim11 import read_xml
from provisioning.inbound.scim11.schema import in_words_of_1
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.inbound.scim11.conftest import CORE, ENTERPRISE, WSO2, Scim1

patient = settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# what a person may be

said = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=12
)
kinds = st.sampled_from(["work", "home", "other"])
entries = st.fixed_dictionaries({"value": said}, optional={"type": kinds})
people = st.fixed_dictionaries(
    {},
    optional={
        "displayName": said,
        "nickName": said,
        "title": said,
        "externalId": said,
        "timezone": said,
        "active": st.booleans(),
        "name": st.dictionaries(
            st.sampled_from(["givenName", "familyName", "formatted"]), said, min_size=1
        ),
        "emails": st.lists(entries, min_size=1, max_size=3),
        "phoneNumbers": st.lists(entries, min_size=1, max_size=3),
        "addresses": st.lists(
            st.dictionaries(st.sampled_from(["locality", "country"]), said, min_size=1),
            min_size=1,
            max_size=2,
        ),
        ENTERPRISE: st.fixed_dictionaries(
            {"department": said},
            optional={
                "employeeNumber": said,
                "manager": st.fixed_dictionaries({"managerId": said}),
            },
        ),
    },
)


@patient
@given(person=people)
def test_what_is_written_in_json_is_read_in_xml_and_by_scim_2(
    scim: Scim1, client: Client, tenant: Tenant, person: dict[str, Any]
) -> None:
    kim = scim.make_user("kim", **person)
    path = f"/Users/{kim['id']}"

    status, root, _ = scim.xml("GET", path)
    by_2 = Scim(client, credentials=basic())("GET", path).body
    scim("DELETE", path)

    for name, value in person.items():
        assert kim[name] == value
    assert status == 200
    assert root is not None
    schema = in_words_of_1(user_schema(tenant))
    as_read = read_xml.read(etree.tostring(root), "Users", lambda _: schema)
    assert without_meta(as_read) == without_meta(kim)
    assert without_meta(scim1.told(by_2)) == without_meta(kim)


def without_meta(user: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in user.items() if key not in ("meta", "schemas")}


# what no client should send

texts = st.text(max_size=12) | st.sampled_from(["", "\0", "kim", "x" * 300, "ß", "delete"])
names = st.sampled_from(
    [
        *("userName", "NAME", "name.givenName", "emails", "active", "externalId", "members"),
        *("id", "displayName", "schemas", "meta", "attributes", "password", "groups", "value"),
        *("operation", "primary", "type", "manager", "managerId", "x", "urn:x", "."),
        *("Operations", "method", "path", "bulkId", "data", "failOnErrors", "version"),
        *(CORE, ENTERPRISE, WSO2, f"{ENTERPRISE}:manager.managerId", "addresses"),
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | names
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
bodies = st.dictionaries(names, values, max_size=6) | values


def check(scim: Scim1, method: str, path: str, body: Any, **params: Any) -> None:
    raw = json.dumps(body).encode() if body is not None else b""
    answer = scim(method, path, raw=raw, **params)

    assert answer.status < 500, answer.body
    if answer.status >= 400:
        [error] = answer.body["Errors"]
        assert error["code"] == str(answer.status)
        assert error["description"]


@patient
@given(body=bodies)
@pytest.mark.parametrize("endpoint", ["/Users", "/Groups", "/Bulk"])
def test_no_body_breaks_the_door(scim: Scim1, endpoint: str, body: Any) -> None:
    check(scim, "POST", endpoint, body)


@patient
@given(body=bodies, removed=st.lists(names | texts, max_size=2))
@pytest.mark.parametrize("endpoint", ["/Users", "/Groups"])
def test_no_change_breaks_the_door(
    scim: Scim1, endpoint: str, body: Any, removed: list[str]
) -> None:
    name = "userName" if endpoint == "/Users" else "displayName"
    if not hasattr(scim, "target"):
        scim.target = scim("POST", endpoint, {name: "kim"}).body["id"]  # type: ignore[attr-defined]
    path = f"{endpoint}/{scim.target}"  # type: ignore[attr-defined]

    check(scim, "PUT", path, body)
    check(scim, "PATCH", path, body)
    if isinstance(body, dict):
        check(scim, "PATCH", path, {**body, "meta": {"attributes": removed}})


@patient
@given(
    params=st.dictionaries(
        st.sampled_from(["filter", "attributes", "sortBy", "sortOrder", "startIndex", "count"]),
        texts
        | names
        | st.sampled_from([f"{ENTERPRISE}:manager.managerId eq x", "userName eq", "(", "-1"]),
        max_size=3,
    )
)
def test_no_question_breaks_the_door(scim: Scim1, params: dict[str, str]) -> None:
    check(scim, "GET", "/Users", None, params=params)
    check(scim, "GET", "/Groups", None, params=params)


# documents

tags = st.sampled_from(
    [
        *("User", "Group", "Bulk", "userName", "name", "emails", "email", "value", "meta"),
        *("attributes", "attribute", "Operations", "Operation", "data", "path", "active"),
        *("members", "member", "e:manager", "e:managerId", "w:department", "primary"),
    ]
)
contents = st.text(st.characters(codec="utf-8", exclude_characters="<>&\0"), max_size=8)
documents = st.recursive(
    contents,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        tags,
        st.lists(inner, max_size=3),
    ),
    max_leaves=10,
)


@patient
@given(inner=documents, kind=st.sampled_from(["Users", "Groups", "Bulk"]))
def test_no_document_breaks_the_door(scim: Scim1, inner: str, kind: str) -> None:
    root = kind.removesuffix("s")
    document = (
        f'<{root} xmlns="{CORE}" xmlns:e="{ENTERPRISE}" xmlns:w="{WSO2}">{inner}</{root}>'
    )

    status, answered, _ = scim.xml("POST", f"/{kind}", document)

    assert status < 500
    assert answered is not None
    if status >= 400:
        assert answered.findtext(".//{*}description")
