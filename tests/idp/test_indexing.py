from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from idp import local_claims
from idp.claims import CUSTOM
from idp.indexing import PART, SETTLES, index_claims
from idp.models import LocalClaim, SearchValue, Tenant
from idp.search_values import indexed_paths
from tests.console import add_user
from tests.factories import make_claim

pytestmark = pytest.mark.django_db(transaction=True)
PATH = f"{CUSTOM}:badge"


def values() -> list[str]:
    return list(
        SearchValue.objects.filter(path=PATH).order_by("value").values_list("value", flat=True)
    )


def later() -> int:
    return index_claims(timezone.now() + SETTLES + timedelta(seconds=1))


def test_values_people_had_before_are_indexed_and_new_ones_at_once(
    tenant: Tenant, other_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.indexing.PART", 2)
    assert PART > 2
    claim = make_claim(tenant)
    for number in range(5):
        add_user(tenant, f"u{number}", document={CUSTOM: {"badge": f"B{number}"}})
    add_user(other_tenant, "stranger", document={CUSTOM: {"badge": "B0"}})
    assert values() == []

    claim.searchable = True
    local_claims.save(claim)
    add_user(claim.tenant, "new", document={CUSTOM: {"badge": "NEW"}})
    assert values() == ["new"]
    assert PATH not in indexed_paths(claim.tenant)
    assert index_claims() == 0  # somebody may still write people as before

    assert later() == 1
    assert values() == ["b0", "b1", "b2", "b3", "b4", "new"]
    assert PATH in indexed_paths(Tenant.objects.get(pk=tenant.pk))
    assert later() == 0


def test_one_that_changes_meanwhile_is_indexed_again(tenant: Tenant) -> None:
    claim = make_claim(tenant, searchable=True)
    stale = LocalClaim.objects.select_related("tenant").get()
    claim.description = "changed"
    local_claims.save(claim)

    local_claims.set_indexed(stale)

    assert not LocalClaim.objects.get().indexed


def test_when_it_is_searchable_no_longer_its_rows_go(tenant: Tenant) -> None:
    claim = make_claim(tenant, searchable=True)
    add_user(tenant, "kim", document={CUSTOM: {"badge": "17"}})
    assert later() == 1
    claim.refresh_from_db()
    assert claim.indexed

    claim.searchable = False
    local_claims.save(claim)

    assert values() == []
    assert not LocalClaim.objects.get().indexed
