from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse

from idp.models import Group, Tenant, User, UserStore
from provisioning.models import AuditEvent, Job
from serviceproviders.models import ServiceProvider
from tests.console import SETTINGS, add_group, add_user
from tests.factories import make_connector, send_to

ADD = "admin:idp_user_add"
EMPTY = {
    "username": "",
    "store": "PRIMARY",
    "given_name": "",
    "family_name": "",
    "display_name": "",
    "emails": "",
    "phones": "",
    "title": "",
    "department": "",
    "password": "",
    "groups": "",
}


def form(**values: Any) -> dict[str, Any]:
    return {**EMPTY, "active": "on", **values}


def page_of(user: User) -> str:
    return reverse("admin:idp_user_change", args=[user.pk])


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_adding_a_person_provisions_them(
    console: Client, tenant: Tenant, resident: ServiceProvider
) -> None:
    send_to(resident, make_connector(tenant, SETTINGS))
    add_group(tenant, "sales")

    answer = console.post(
        reverse(ADD),
        form(
            username="kim",
            given_name="Kim",
            family_name="Lee",
            emails="kim@example.org\nlee@example.org",
            phones="+1 555 1",
            department="Sales",
            password="s3cret-word",
            groups="sales",
        ),
        follow=True,
    )

    user = User.objects.get(username="kim")
    assert user.document["name"] == {"givenName": "Kim", "familyName": "Lee"}
    assert user.document["emails"] == [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "lee@example.org", "type": "work"},
    ]
    assert check_password("s3cret-word", user.password)
    assert user.memberships.get().group.name == "sales"
    assert Job.objects.filter(entity_id=user.pk, operation="create").count() == 1
    assert "partner/scim2 queued" in messages_of(answer)[0]
    event = AuditEvent.objects.get(subject_id=str(user.pk), action="user.create")
    assert (event.actor, event.door) == ("ops", "console")


def test_a_store_is_part_of_the_name(console: Client, staff: UserStore) -> None:
    console.post(reverse(ADD), form(username="kim", store="STAFF"))

    assert User.objects.get().full_name == "STAFF/kim"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "TAKEN"}, "username"),
        ({"username": "kim", "emails": "nowhere"}, "emails"),
        ({"username": "kim", "groups": "no-such-group"}, "groups"),
        ({"username": "kim", "store": "Internal"}, "store"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    console: Client, tenant: Tenant, values: dict[str, str], field: str
) -> None:
    add_user(tenant, "taken")

    answer = console.post(reverse(ADD), form(**values))

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert User.objects.count() == 1


def test_a_password_is_never_shown_again(console: Client) -> None:
    answer = console.post(reverse(ADD), form(username="", password="s3cret-word"))

    assert b"s3cret-word" not in answer.content


def test_attributes_the_form_does_not_know_stay(console: Client, tenant: Tenant) -> None:
    document = {
        "title": "Engineer",
        "nickName": "Kimmy",
        "name": {"givenName": "Kim", "middleName": "Q"},
        "emails": [
            {"value": "home@x.org", "type": "home"},
            {"value": "kim@x.org", "type": "work", "primary": True, "display": "Kim"},
        ],
        "urn:example:Custom": {"badge": "7"},
    }
    user = add_user(tenant, "kim", document=document, external_id="e-1")

    console.post(
        page_of(user),
        form(
            username="kim",
            version=user.version,
            given_name="Kim",
            title="Lead",
            emails="kim@x.org\nhome@x.org",
        ),
    )

    user.refresh_from_db()
    assert user.document == {**document, "title": "Lead"}
    assert user.external_id == "e-1"


def test_saving_without_a_change_sends_nothing(console: Client, tenant: Tenant) -> None:
    user = add_user(tenant, "kim", document={"title": "Engineer"})

    answer = console.post(
        page_of(user), form(username="kim", version=1, title="Engineer"), follow=True
    )

    assert "nothing was sent" in messages_of(answer)[0]
    user.refresh_from_db()
    assert user.version == 1


def test_emptying_the_last_sub_attribute_takes_the_attribute_away(
    console: Client, tenant: Tenant
) -> None:
    user = add_user(tenant, "kim", document={"name": {"givenName": "Kim"}})

    console.post(page_of(user), form(username="kim", version=1))

    user.refresh_from_db()
    assert user.document == {}


def test_a_change_made_meanwhile_is_not_overwritten(console: Client, tenant: Tenant) -> None:
    user = add_user(tenant, "kim")
    console.post(page_of(user), form(username="kim", version=1, title="First"))

    answer = console.post(page_of(user), form(username="kim", version=1, title="Second"))

    assert "Somebody else changed it" in str(
        answer.context["adminform"].form.non_field_errors()
    )
    user.refresh_from_db()
    assert user.document == {"title": "First"}


def test_an_empty_password_keeps_the_stored_one(console: Client, tenant: Tenant) -> None:
    user = add_user(tenant, "kim", password="s3cret-word")

    console.post(page_of(user), form(username="kim.lee", version=1))

    user.refresh_from_db()
    assert user.username == "kim.lee"
    assert check_password("s3cret-word", user.password)


def test_deleting_asks_first_and_then_deletes_everywhere(
    console: Client, tenant: Tenant, resident: ServiceProvider
) -> None:
    user = add_user(tenant, "kim")
    page = reverse("admin:idp_user_delete", args=[user.pk])

    assert console.get(page).status_code == 200
    assert User.objects.exists()
    console.post(page)

    assert not User.objects.exists()
    assert AuditEvent.objects.filter(action="user.delete").exists()


def test_the_page_says_where_a_person_is_and_why_not(
    console: Client, tenant: Tenant, resident: ServiceProvider
) -> None:
    connector = make_connector(tenant, SETTINGS)
    connector.provider.provisioning_roles = ["sales"]
    connector.provider.save()
    send_to(resident, connector)
    user = add_user(tenant, "kim")

    page = console.get(page_of(user)).content.decode()

    assert "Where is this person?" in page
    assert "partner/scim2" in page
    assert "not there" in page
    assert "sales" in page


def test_search_finds_by_beginning_of_name_and_by_mail(
    console: Client, tenant: Tenant, staff: UserStore
) -> None:
    add_user(tenant, "kim", document={"emails": [{"value": "Lee@Example.org"}]})
    add_user(tenant, "STAFF/zoe", document={"name": {"familyName": "Larsen"}})
    add_user(tenant, "ann")

    def found(term: str) -> list[str]:
        answer = console.get(reverse("admin:idp_user_changelist"), {"q": term})
        return [user.full_name for user in answer.context["cl"].result_list]

    assert found("KI") == ["kim"]
    assert found("lee@example.org") == ["kim"]
    assert found("lars") == ["STAFF/zoe"]
    assert found("staff/z") == ["STAFF/zoe"]
    assert found("nobody") == []


def test_a_long_list_costs_no_count(
    console: Client, tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    page = reverse("admin:idp_user_changelist")
    for number in range(5):
        add_user(tenant, f"user-{number}")

    with django_assert_max_num_queries(7) as queries:
        assert console.get(page).status_code == 200

    assert not [q for q in queries.captured_queries if "COUNT(" in q["sql"].upper()]


def test_leaving_a_group_goes_through_its_change(console: Client, tenant: Tenant) -> None:
    user = add_user(tenant, "kim")
    group = add_group(tenant, "sales", add=[user.pk])

    answer = console.post(
        reverse("admin:idp_group_remove_member", args=[group.pk]),
        {"user": user.pk, "back": "user"},
    )

    assert answer["Location"] == page_of(user)
    assert Group.objects.get().member_count == 0
