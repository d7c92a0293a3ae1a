"""Look-ups prepared once find what the ORM finds, whatever is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import CharField, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from idp import queries
from idp.models import Group, Membership, Tenant, User, UserStore, new_id
from idp.prepared import Parameter, Prepared


def make_users(tenant: Tenant, count: int) -> list[User]:
    store = UserStore.objects.get(tenant=tenant, domain="PRIMARY")
    now = timezone.now()
    return User.objects.bulk_create(
        User(
            id=new_id(),
            tenant=tenant,
            store=store,
            username=f"p{n}",
            username_key=f"p{n}",
            document={"name": {"givenName": "Ünal 'quoted' %s"}, "roles": [{"value": n}]},
            created=now,
            modified=now,
        )
        for n in range(count)
    )


def values_of(row: User) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in User._meta.fields}


def test_a_row_has_the_values_and_the_related_row_that_the_orm_reads(tenant: Tenant) -> None:
    made, _ = make_users(tenant, 2)
    by_orm = User.objects.select_related("store").get(pk=made.pk)

    found = queries.user_with_id(tenant, made.pk)

    assert found is not None
    assert values_of(found) == values_of(by_orm)
    with CaptureQueriesContext(connection) as captured:
        assert found.store == by_orm.store
    assert captured.captured_queries == []
    found.active = False
    found.save()
    assert not User.objects.get(pk=made.pk).active


def test_rows_of_another_tenant_or_id_are_not_found(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    (made,) = make_users(tenant, 1)

    assert queries.user_with_id(other_tenant, made.pk) is None
    assert queries.user_with_id(tenant, new_id()) is None


def test_values_come_as_tuples_in_the_order_of_the_queryset(tenant: Tenant) -> None:
    prepared = Prepared(
        lambda: (
            User.objects.filter(tenant_id=Parameter("tenant", UUIDField()))
            .exclude(username_key=Parameter("name", CharField()))
            .order_by("-username_key")
            .values_list("username", "store__domain", "document__name__givenName")
        )
    )
    make_users(tenant, 3)

    found = prepared.all(tenant=tenant.pk, name="p1")

    assert found == [(f"p{n}", "PRIMARY", "Ünal 'quoted' %s") for n in (2, 0)]


def test_what_is_null_beyond_an_outer_join_stays_none(tenant: Tenant) -> None:
    prepared = Prepared(
        lambda: User.objects.filter(tenant_id=Parameter("tenant", UUIDField())).values_list(
            "username", "memberships__group_id", "memberships__group__created"
        )
    )
    make_users(tenant, 1)

    assert prepared.all(tenant=tenant.pk) == [("p0", None, None)]


def test_the_groups_of_one_are_those_it_has_among_many(tenant: Tenant) -> None:
    kim, sam = make_users(tenant, 2)
    now = timezone.now()
    for name in ("b", "a"):
        group = Group.objects.create(
            tenant=tenant, store=kim.store, name=name, name_key=name, created=now, modified=now
        )
        Membership.objects.create(group=group, user=kim)

    together = queries.groups_of_users([kim.pk, sam.pk])

    assert [group.name for group in together[kim.pk]] == ["b", "a"]
    assert queries.groups_of_users([kim.pk]) == together
    assert queries.groups_of_users([sam.pk]) == {}


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_statement_each_with_a_connection_of_its_own(tenant: Tenant) -> None:
    users = make_users(tenant, 8)

    def find(user: User) -> User | None:
        try:
            return queries.user_with_id(tenant, user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find, users * 5)) == users * 5
