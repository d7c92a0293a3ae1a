"""Groups are called otherwise at a target as soon as their role mapping says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from provisioning import reconsidering
from provisioning.configuration import apply
from provisioning.models import Job
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def map_roles(*rows: tuple[str, str]) -> None:
    mappings = [{"local": local, "remote": remote} for local, remote in rows]
    provider = {"name": "partner", "role_mappings": mappings}
    tenant = {"domain": "carbon.super", "identity_providers": [provider]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")
    while reconsidering.work():
        pass


def test_a_group_is_renamed_with_its_members(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim").entity_id
    store.add_group("sales", members=[kim])
    store.add_group("other")
    deliver()
    before = Job.objects.count()

    map_roles(("sales", "Vendita"))
    deliver()

    assert sorted(g["displayName"] for g in target.groups.values()) == ["Vendita", "other"]
    assert target.member_names("Vendita") == ["kim"]
    assert Job.objects.count() == before + 1
