"""What a service provider sees costs the same with few people and with many."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors import EntityType
from idp.models import UserStore, new_id
from provisioning import passing, readers
from provisioning.models import PassingEntity, PassingMember
from provisioning.readers import PassingReader
from serviceproviders.models import ServiceProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(resident: ServiceProvider) -> ServiceProvider:
    return ServiceProvider.objects.create(
        tenant=resident.tenant, name="hr-portal", dumb_mode=True
    )


def send(portal: ServiceProvider, kind: EntityType, name: str) -> PassingEntity:
    now = timezone.now()
    row = PassingEntity(
        id=new_id(),
        tenant=portal.tenant,
        service_provider=portal,
        store=UserStore.objects.get(tenant=portal.tenant, domain="PRIMARY"),
        entity_type=kind,
        name=name,
        name_key=name,
        external_id="same",
        created=now,
        modified=now,
    )
    row.state = {"document": {"title": name}, "active": True, "groups": ["said"]}
    row.save()
    return row


def queries(what: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        what()
    return len(asked)


def test_it_reads_in_as_many_queries_for_one_as_for_many(portal: ServiceProvider) -> None:
    reader = PassingReader(portal)
    user, group = send(portal, EntityType.USER, "u0"), send(portal, EntityType.GROUP, "g0")
    PassingMember.objects.create(group=group, member=user)

    def read() -> None:
        users = reader.page(EntityType.USER, "external_id", "same", count=100)
        found = reader.groups_of_users([one.pk for one in users])
        assert all({name for _, name in found[one.pk]} > {"said"} for one in users)
        assert reader.members_of_groups([group.pk])[group.pk]

    few = queries(read)
    for n in range(1, 30):
        other = send(portal, EntityType.USER, f"u{n}")
        PassingMember.objects.create(group=group, member=other)

    assert queries(read) == few
    assert len(reader.page(EntityType.USER, "", "", count=100)) == 30
    assert reader.count(EntityType.USER, "external_id", "same") == 30


def test_the_switch_chooses_and_what_is_read_has_no_row(portal: ServiceProvider) -> None:
    row = send(portal, EntityType.USER, "kim")
    user = readers.reader_of(portal).user_with_id(row.pk)
    portal.dumb_mode = False

    assert user is not None
    assert (user.full_name, user.document) == ("kim", {"title": "kim"})
    assert user._state.adding
    assert readers.reader_of(portal).user_with_id(row.pk) is None


@pytest.mark.parametrize("name", ["a\0b", "", "nobody"])
def test_a_name_nobody_has_finds_nobody(portal: ServiceProvider, name: str) -> None:
    send(portal, EntityType.USER, "kim")

    assert PassingReader(portal).count(EntityType.USER, "name", name) == 0


def test_names_are_told_apart_without_case() -> None:
    assert passing.without_known(["Sales", "other", "OTHER"], ["sales"]) == ["other"]
