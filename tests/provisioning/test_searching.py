from __future__ import annotations

import doctest

import pytest

from idp.models import Tenant, User, UserStore
from provisioning import audit, searching
from provisioning.admin import person_document
from provisioning.models import AuditEvent, PassingEntity
from serviceproviders.models import ServiceProvider
from tests.console import add_user, sent_by


@pytest.mark.parametrize("module", [searching, person_document])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module


@pytest.mark.parametrize(
    "name", ["ki", "zoë", "Straße", "名前", "\ud7ff", "\U0010fffe", "a/b", "%_\\"]
)
def test_names_are_found_by_how_they_begin(tenant: Tenant, name: str) -> None:
    user = add_user(tenant, f"{name}-1")
    add_user(tenant, "other")

    found = User.objects.filter(searching.users_like(tenant, name.upper()))
    exact = User.objects.filter(searching.users_like(tenant, name))

    assert list(exact) == [user]
    assert set(found) <= {user}


def test_nobody_of_another_tenant_is_found(tenant: Tenant, other_tenant: Tenant) -> None:
    add_user(other_tenant, "kim", document={"emails": [{"value": "kim@x.org"}]})

    for term in ("kim", "kim@x.org"):
        assert not User.objects.filter(searching.users_like(tenant, term)).exists()


def test_who_was_sent_onward_is_found_with_their_jobs(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    for one in (tenant, other_tenant):
        UserStore.objects.create(tenant=one, domain="STAFF")
        portal = ServiceProvider.objects.create(tenant=one, name="portal", dumb_mode=True)
        sent_by(portal, "kim")
        sent_by(portal, "lee")
    mine = PassingEntity.objects.filter(tenant=tenant)

    found = PassingEntity.objects.filter(searching.passing_like(tenant, "KI"))
    assert list(found) == list(mine.filter(name="kim"))
    assert not PassingEntity.objects.filter(searching.passing_like(tenant, "staff/ki")).exists()
    event = audit.record(
        tenant=tenant,
        actor="ops",
        action="user.create",
        subject_type="user",
        subject_id=found[0].pk,
        subject_name="under another name",
    )
    events = AuditEvent.objects.filter(searching.events_like(tenant, "kim"))
    assert list(events) == [event]
