"""Fixtures are nouns; what they need is made by `tests.factories`."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from pytest_django import Settings

from idp.models import ROOT, Tenant, UserStore
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import create_tenant, resident_of
from tests.log_lines import Lines, caught

hypothesis.settings.register_profile(
    "busy machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("busy machine")


@pytest.fixture(autouse=True)
def _fast_hashing(settings: Settings) -> None:
    """Hashing a password takes as long as a hundred tests; one test uses the real hashers."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def tenant(db: None) -> Tenant:
    # Tests that commit empty every table behind them, the root tenant's row included.
    return Tenant.objects.filter(domain=ROOT).first() or create_tenant(ROOT)


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    return create_tenant("partner.example")


@pytest.fixture
def resident(tenant: Tenant) -> ServiceProvider:
    return resident_of(tenant)


@pytest.fixture
def staff(tenant: Tenant) -> UserStore:
    return UserStore.objects.create(tenant=tenant, domain="STAFF")


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """What is logged meanwhile, in the format that the test names (else JSON)."""
    with caught(getattr(request, "param", "json")) as found:
        yield found
