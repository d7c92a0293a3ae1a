from __future__ import annotations

import doctest

import pytest

from idp.models import Tenant, User
from provisioning import searching
from provisioning.admin import person_document
from tests.console import add_user


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
