from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password

from idp.models import User, UserStore
from tests.provisioning.inbound.scim2.conftest import Scim

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:purveyor:custom:User"


def test_a_user_is_created_and_read_again(scim: Scim) -> None:
    made = scim(
        "POST",
        "/Users",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "userName": "kim",
            "externalId": "4711",
            "name": {"givenName": "Kim", "familyName": "Lee"},
            "emails": [{"value": "kim@example.com", "type": "work", "primary": True}],
            ENTERPRISE: {"department": "Sales", "manager": {"value": "x"}},
            CUSTOM: {"gender": "x", "challengeQuestionUris": ["left", "right"]},
        },
    )

    assert made.status == 201
    assert made.headers["Location"] == made.body["meta"]["location"]
    assert made.headers["ETag"] == made.body["meta"]["version"] == 'W/"1"'
    assert made.headers["Content-Type"] == "application/scim+json"
    assert made.body["meta"]["created"] == made.body["meta"]["lastModified"]
    assert made.body["active"] is True
    assert set(made.body["schemas"]) == {
        "urn:ietf:params:scim:schemas:core:2.0:User",
        ENTERPRISE,
        CUSTOM,
    }
    assert scim("GET", f"/Users/{made.body['id']}").body == made.body
    assert scim("GET", f"/Users/{made.body['id']}/").body == made.body


def test_what_is_stored_is_the_document_without_columns(scim: Scim) -> None:
    scim.make_user(
        "kim",
        externalId="1",
        active=False,
        title="Boss",
        id="mine",
        meta={"version": "x"},
        groups=[{"value": "x"}],
        password="open-sesame-42",
        nonsense="ignored",
    )

    user = User.objects.get()
    assert user.document == {"title": "Boss"}
    assert (user.external_id, user.active) == ("1", False)
    assert check_password("open-sesame-42", user.password)


def test_attribute_names_do_not_mind_case(scim: Scim) -> None:
    scim("POST", "/Users", {"USERNAME": "kim", "Name": {"GIVENNAME": "Kim"}})

    assert User.objects.get().document == {"name": {"givenName": "Kim"}}


def test_full_names_choose_the_store(scim: Scim, staff: UserStore) -> None:
    made = scim.make_user("staff/kim")

    assert made["userName"] == "STAFF/kim"
    assert User.objects.get().store == staff


def test_a_password_is_never_shown_and_is_validated(scim: Scim) -> None:
    made = scim.make_user("kim", password="open-sesame-42")
    assert "password" not in made

    weak = scim("POST", "/Users", {"userName": "sam", "password": "short"})

    assert weak.status == 400
    assert weak.body["scimType"] == "invalidValue"
    assert weak.body["detail"].startswith("password:")


def test_a_taken_name_is_a_conflict(scim: Scim) -> None:
    scim.make_user("kim")

    answer = scim("POST", "/Users", {"userName": "KIM"})

    assert answer.status == 409
    assert answer.body["scimType"] == "uniqueness"
    assert "userName" in answer.body["detail"]
    assert answer.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


@pytest.mark.parametrize(
    ("body", "attribute"),
    [
        ({}, "userName"),
        ({"userName": ""}, "userName"),
        ({"userName": None}, "userName"),
        ({"userName": 7}, "userName"),
        ({"userName": "x" * 256}, "userName"),
        ({"userName": "a\u0000b"}, "userName"),
        ({"userName": "a\nb"}, "userName"),
        ({"userName": "Internal/kim"}, "userName"),
        ({"userName": "kim", "active": "maybe"}, "active"),
        ({"userName": "kim", "name": "Kim"}, "name"),
        ({"userName": "kim", "title": ["a"]}, "title"),
        ({"userName": "kim", "emails": [{"value": 7}]}, "emails.value"),
        ({"userName": "kim", "emails": [["x"]]}, "emails"),
        ({"userName": "kim", "x509Certificates": [{"value": "?"}]}, "x509Certificates.value"),
        ({"userName": "kim", "externalId": "x" * 256}, "externalId"),
        ({"userName": "kim", ENTERPRISE: "x"}, ENTERPRISE),
        ({"userName": "kim", "password": "p" * 2000}, "password"),
        (
            {"userName": "kim", "emails": [{"value": "a", "primary": True}] * 2},
            "emails",
        ),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused_by_name(
    scim: Scim, body: dict[str, object], attribute: str
) -> None:
    answer = scim("POST", "/Users", body)

    assert answer.status == 400
    assert answer.body["scimType"] == "invalidValue"
    assert attribute in answer.body["detail"]
    assert not User.objects.exists()


def test_dialects_are_tolerated(scim: Scim) -> None:
    made = scim.make_user("kim", active="False", emails="kim@example.com", roles=["boss"])

    assert made["active"] is False
    assert made["emails"] == [{"value": "kim@example.com"}]
    assert made["roles"] == [{"value": "boss"}]


def test_put_clears_what_it_leaves_out_but_not_active_and_password(scim: Scim) -> None:
    made = scim.make_user(
        "kim", active=False, title="Boss", externalId="1", password="open-sesame-42"
    )

    answer = scim("PUT", f"/Users/{made['id']}", {"userName": "kim", "nickName": "K"})

    assert answer.status == 200
    assert answer.body["nickName"] == "K"
    assert answer.body["active"] is False
    assert "title" not in answer.body
    assert "externalId" not in answer.body
    assert check_password("open-sesame-42", User.objects.get().password)


def test_a_user_can_be_renamed(scim: Scim) -> None:
    made = scim.make_user("kim")

    answer = scim("PUT", f"/Users/{made['id']}", {"userName": "kim2"})

    assert answer.body["userName"] == "kim2"
    assert answer.body["id"] == made["id"]


def test_delete_answers_204_then_404(scim: Scim) -> None:
    made = scim.make_user("kim")

    assert scim("DELETE", f"/Users/{made['id']}").status == 204
    assert scim("DELETE", f"/Users/{made['id']}").status == 404
    assert scim("GET", f"/Users/{made['id']}").status == 404


def test_a_user_shows_its_groups_read_only(scim: Scim) -> None:
    made = scim.make_user("kim")
    group = scim.make_group("sales", [made["id"]])

    shown = scim("GET", f"/Users/{made['id']}").body["groups"]
    refused = scim.patch(
        f"/Users/{made['id']}", {"op": "add", "path": "groups", "value": [{"value": "x"}]}
    )

    assert shown == [
        {
            "value": group["id"],
            "$ref": group["meta"]["location"],
            "display": "sales",
            "type": "direct",
        }
    ]
    assert (refused.status, refused.body["scimType"]) == (400, "mutability")


def test_attributes_choose_what_is_shown(scim: Scim) -> None:
    made = scim.make_user(
        "kim", title="Boss", name={"givenName": "Kim", "familyName": "Lee"}, nickName="K"
    )
    path = f"/Users/{made['id']}"

    only = scim("GET", path, params={"attributes": "name.givenName,title"}).body
    less = scim("GET", path, params={"excludedAttributes": "name.givenName,id,title"}).body

    assert only == {
        "schemas": made["schemas"],
        "id": made["id"],
        "name": {"givenName": "Kim"},
        "title": "Boss",
    }
    assert less["name"] == {"familyName": "Lee"}
    assert less["id"] == made["id"]
    assert "title" not in less
    both = scim("GET", path, params={"attributes": "title", "excludedAttributes": "name"})
    assert both.status == 400


def test_several_sub_attributes_of_several_values_are_shown_together(scim: Scim) -> None:
    emails = [{"value": "a@x", "type": "work", "primary": True}, {"value": "b@x"}]
    made = scim.make_user("kim", emails=emails)

    body = scim(
        "GET", f"/Users/{made['id']}", params={"attributes": "emails.value,emails.type"}
    ).body

    assert body["emails"] == [{"value": "a@x", "type": "work"}, {"value": "b@x"}]
