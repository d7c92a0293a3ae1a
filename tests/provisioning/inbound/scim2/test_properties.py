"""Whatever comes in, the answer is SCIM; whatever the filter, SQL and Python agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from idp.models import Tenant, UserStore
from provisioning.inbound.scim2 import filters
from provisioning.inbound.scim2.schema import user_schema
from tests.provisioning.inbound.scim2.conftest import Scim

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
patient = settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(max_size=12) | st.sampled_from(["", "\0", "kim", "x" * 300, "ß", "%_", 'a"b'])
names = st.sampled_from(
    [
        "userName",
        "NAME",
        "name.givenName",
        "emails",
        "active",
        "externalId",
        "members",
        "id",
        "displayName",
        "schemas",
        "meta",
        "password",
        "groups",
        ENTERPRISE,
        "manager",
        "x",
        f"{ENTERPRISE}:manager.value",
        "Operations",
        "op",
        "path",
        "value",
        "urn:x",
        ".",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
bodies = st.dictionaries(names, values, max_size=6) | values
paths = (
    st.sampled_from(
        [
            'emails[type eq "work"].value',
            "emails.value",
            "name",
            "members",
            'members[value eq "x"]',
            ENTERPRISE,
            f"{ENTERPRISE}:manager",
            "active",
            "emails[",
            "]",
            "members[display pr]",
            'emails[type eq "work" and primary eq true]',
            "emails[not (type pr)].primary",
        ]
    )
    | names
    | texts
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove", "x"])},
    optional={"path": paths, "value": values},
)


def check(scim: Scim, method: str, path: str, body: Any) -> None:
    answer = scim(method, path, raw=json.dumps(body).encode())

    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert answer.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert answer.body["status"] == str(answer.status)
        assert answer.body["detail"]


@patient
@given(body=bodies)
@pytest.mark.parametrize("endpoint", ["/Users", "/Groups", "/.search", "/Bulk"])
def test_no_body_breaks_the_door(scim: Scim, endpoint: str, body: Any) -> None:
    check(scim, "POST", endpoint, body)


@patient
@given(body=bodies, changes=st.lists(operations, min_size=1, max_size=3))
@pytest.mark.parametrize("endpoint", ["/Users", "/Groups"])
def test_no_change_breaks_the_door(
    scim: Scim, endpoint: str, body: Any, changes: list[Any]
) -> None:
    name = "userName" if endpoint == "/Users" else "displayName"
    if not hasattr(scim, "target"):
        scim.target = scim("POST", endpoint, {name: "kim"}).body["id"]  # type: ignore[attr-defined]
    path = f"{endpoint}/{scim.target}"  # type: ignore[attr-defined]

    check(scim, "PUT", path, body)
    check(scim, "PATCH", path, {"Operations": changes})


words = st.sampled_from(
    [
        "userName",
        "emails.value",
        "name",
        "eq",
        "co",
        "pr",
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        '"x"',
        "true",
        "null",
        "7",
        "emails",
        "type",
        '"\\u0000"',
        "meta.created",
        "groups",
        "x",
    ]
)


@patient
@given(
    text=st.lists(words, max_size=9).map(" ".join) | texts,
    start=texts,
    sort=names | texts,
    shown=names | texts,
)
def test_no_question_breaks_the_door(
    scim: Scim, text: str, start: str, sort: str, shown: str
) -> None:
    for params in (
        {"filter": text},
        {"startIndex": start, "sortBy": sort},
        {"count": start, "cursor": text},
        {"attributes": shown, "filter": text},
        {"excludedAttributes": shown},
    ):
        for path in ("/Users", "/Groups", "/"):
            answer = scim("GET", path, params=params)
            assert answer.status in (200, 400), answer.body
            assert answer.body["schemas"][0].startswith("urn:ietf:params:scim:api:messages")


PEOPLE: list[dict[str, Any]] = [
    {"userName": "ann", "externalId": "A", "displayName": "Ann", "title": "boss"},
    {"userName": "Bob", "active": False, "emails": [{"value": "b@x.example", "type": "work"}]},
    {
        "userName": "STAFF/ann",
        "externalId": "a",
        "emails": [
            {"value": "A@x.example", "primary": True},
            {"value": "b@y.example", "type": "home"},
        ],
    },
    {"userName": "a/b", "displayName": "", "name": {"givenName": "Ann", "familyName": "ß"}},
    {"userName": "straße", "nickName": "%_", ENTERPRISE: {"employeeNumber": "7"}},
    {"userName": "x" * 200, "displayName": "y" * 300, "title": "ANN"},
]

attributes = st.sampled_from(
    [
        "userName",
        "externalId",
        "displayName",
        "title",
        "name.givenName",
        "name.familyName",
        "nickName",
        "emails.value",
        "emails.type",
        "emails",
        f"{ENTERPRISE}:employeeNumber",
    ]
)
operands = st.sampled_from(
    [
        "ann",
        "A",
        "a",
        "b@x.example",
        "a@x.example",
        "STAFF/ann",
        "staff",
        "/",
        "f/a",
        "ss",
        "ß",
        "%",
        "_",
        "",
        "7",
        "work",
        "y" * 255,
        "y" * 300,
        "x" * 200,
        "bob",
        "nobody",
    ]
)
operators = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
leaves = (
    st.builds(lambda a, o, v: f"{a} {o} {json.dumps(v)}", attributes, operators, operands)
    | attributes.map(lambda a: f"{a} pr")
    | st.sampled_from(["active eq true", "active ne true", "emails.primary eq true"])
    | st.builds(
        lambda o, v, w: f'emails[value {o} "{v}" and {w}]',
        operators,
        st.sampled_from(["b@x.example", "a", "@"]),
        st.sampled_from(['type eq "work"', "primary pr", "not (type pr)", 'value co "b"']),
    )
)
questions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda a, b: f"({a}) and ({b})", inner, inner)
        | st.builds(lambda a, b: f"({a}) or ({b})", inner, inner)
        | inner.map(lambda a: f"not ({a})")
    ),
    max_leaves=4,
)


@pytest.fixture
def crowd(scim: Scim, tenant: Tenant, staff: UserStore) -> list[dict[str, Any]]:
    return [scim("POST", "/Users", body).body for body in PEOPLE]


@settings(patient, max_examples=250)
@given(text=questions)
def test_a_filter_finds_what_matching_one_by_one_finds(
    scim: Scim, tenant: Tenant, crowd: list[dict[str, Any]], text: str
) -> None:
    term = filters.parse(user_schema(tenant), text)
    expected = [person["userName"] for person in crowd if term.matches(person)]

    assert scim.found(text) == expected
    first = scim("GET", "/Users", params={"filter": text, "cursor": "", "count": 2}).body
    assert first["totalResults"] == len(expected)
    assert [r["userName"] for r in first["Resources"]] == expected[:2]


@settings(patient, max_examples=200)
@given(text=questions)
def test_our_matching_agrees_with_that_of_scim2_models(
    scim: Scim, tenant: Tenant, crowd: list[dict[str, Any]], text: str
) -> None:
    from scim2_models import EnterpriseUser, InvalidFilterException, ScimFilter, User

    model = User[EnterpriseUser]
    term = filters.parse(user_schema(tenant), text)
    # It compares lower-case letters, we folded ones: that differs for a sharp s.
    assume("ß" not in text and "ss" not in text)
    people = [one for one in crowd if "ß" not in json.dumps(one, ensure_ascii=False)]
    try:
        ScimFilter[model](text)
    except InvalidFilterException:
        reject()  # it wants e-mail addresses as operands of emails.value
    for person in people:
        instance = model.model_validate(person)
        theirs = ScimFilter[model](text).match(instance)  # type: ignore[valid-type]
        assert term.matches(person) == theirs, person
