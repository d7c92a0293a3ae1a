from __future__ import annotations

import pytest
from django.test import Client

from idp.models import Tenant
from tests.console import World, make_world, sign_in


@pytest.fixture
def console(tenant: Tenant) -> Client:
    """The console, with an administrator of the root tenant signed in."""
    return sign_in(tenant)


@pytest.fixture
def world(tenant: Tenant) -> World:
    return make_world(tenant, "kim")


@pytest.fixture
def elsewhere(other_tenant: Tenant) -> World:
    """One of everything in another tenant."""
    return make_world(other_tenant, "stranger")
