from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from idp import bulk_update
from idp.models import Tenant, User, UserStore, new_id

pytestmark = pytest.mark.django_db


def people(tenant: Tenant, count: int) -> list[User]:
    store = UserStore.objects.get(tenant=tenant, domain="PRIMARY")
    return [
        User.objects.create(
            id=new_id(),
            tenant=tenant,
            store=store,
            username=f"user-{number}",
            username_key=f"user-{number}",
            document={"title": "Dr"},
            created=timezone.now(),
            modified=timezone.now(),
        )
        for number in range(count)
    ]


def test_each_row_gets_its_own_values_and_keeps_the_others(tenant: Tenant) -> None:
    users = people(tenant, 30)
    for number, user in enumerate(users):
        user.document, user.active = {"title": f"Title {number}"}, bool(number % 2)
        user.username = "not to be written"

    with CaptureQueriesContext(
        connection,
    ) as queries:
        bulk_update.update(users, ("document", "active"))

    assert len(queries) == 1
    stored = User.objects.order_by("id").values_list("username", "document", "active")
    assert list(stored) == [
        (f"user-{number}", {"title": f"Title {number}"}, bool(number % 2))
        for number in range(30)
    ]


def test_a_row_that_has_gone_does_not_come_back(tenant: Tenant) -> None:
    kim, lee = people(tenant, 2)
    User.objects.filter(pk=kim.pk).delete()
    kim.active = lee.active = False

    bulk_update.update([kim, lee], ("active",))

    assert list(User.objects.values_list("pk", "active")) == [(lee.pk, False)]


def test_nothing_is_asked_when_there_is_nothing_to_write() -> None:
    with CaptureQueriesContext(connection) as queries:
        bulk_update.update([], ("active",))

    assert len(queries) == 0
