from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from idp.models import Group, Membership, Tenant, UserStore
from provisioning.details import MEMBERS
from tests.console import add_group, add_user


def page_of(group: Group) -> str:
    return reverse("admin:idp_group_change", args=[group.pk])


def test_adding_a_group_with_members(console: Client, tenant: Tenant, staff: UserStore) -> None:
    add_user(tenant, "kim")
    add_user(tenant, "STAFF/zoe")

    console.post(
        reverse("admin:idp_group_add"),
        {"name": "sales", "store": "STAFF", "members": "KIM\nstaff/zoe\n"},
    )

    group = Group.objects.get()
    assert (group.full_name, group.member_count) == ("STAFF/sales", 2)


def test_unknown_members_are_named(console: Client, tenant: Tenant) -> None:
    add_user(tenant, "kim")

    answer = console.post(
        reverse("admin:idp_group_add"),
        {"name": "sales", "store": "PRIMARY", "members": "kim\nnobody\nno/one"},
    )

    assert answer.context["adminform"].form.errors["members"] == [
        "There is no user nobody, no/one."
    ]
    assert not Group.objects.exists()


def test_members_of_another_tenant_are_unknown(
    console: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    stranger = add_user(other_tenant, "stranger")
    group = add_group(tenant, "sales")

    answer = console.post(page_of(group), {"name": "sales", "members": "stranger"})
    console.post(
        reverse("admin:idp_group_remove_member", args=[group.pk]), {"user": stranger.pk}
    )

    assert "members" in answer.context["adminform"].form.errors
    assert not Membership.objects.exists()


def test_a_name_that_is_taken_is_said_at_the_name(console: Client, tenant: Tenant) -> None:
    add_group(tenant, "sales")

    answer = console.post(reverse("admin:idp_group_add"), {"name": "Sales", "store": "PRIMARY"})

    assert list(answer.context["adminform"].form.errors) == ["name"]


def test_renaming_keeps_the_members(console: Client, tenant: Tenant) -> None:
    kim = add_user(tenant, "kim")
    group = add_group(tenant, "sales", add=[kim.pk])

    console.post(page_of(group), {"name": "selling", "version": group.version})

    group.refresh_from_db()
    assert (group.name, group.member_count) == ("selling", 1)


def test_removing_one_member(console: Client, tenant: Tenant) -> None:
    kim, zoe = add_user(tenant, "kim"), add_user(tenant, "zoe")
    group = add_group(tenant, "sales", add=[kim.pk, zoe.pk])

    console.post(reverse("admin:idp_group_remove_member", args=[group.pk]), {"user": kim.pk})

    assert Membership.objects.get().user_id == zoe.pk


def test_a_page_shows_some_of_many_members(
    console: Client, tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    people = [add_user(tenant, f"user-{number:03}") for number in range(MEMBERS + 1)]
    group = add_group(tenant, "sales", add=[person.pk for person in people])

    with django_assert_max_num_queries(16):
        first = console.get(page_of(group)).content.decode()
    second = console.get(page_of(group), {"members": "2"}).content.decode()
    found = console.get(page_of(group), {"member": "user-10"}).content.decode()

    assert first.count(">Remove<") == MEMBERS
    assert second.count(">Remove<") == 1
    assert found.count(">Remove<") == 1
    assert f"{MEMBERS + 1} members" in first


def test_odd_page_numbers_show_the_first_page(console: Client, tenant: Tenant) -> None:
    group = add_group(tenant, "sales")

    for page in ("0", "-1", "x", "9" * 30, "²"):
        assert console.get(page_of(group), {"members": page}).status_code == 200


def test_deleting_a_group(console: Client, tenant: Tenant) -> None:
    group = add_group(tenant, "sales")

    console.post(reverse("admin:idp_group_delete", args=[group.pk]))

    assert not Group.objects.exists()
