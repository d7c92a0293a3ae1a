from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from idp.models import Tenant
from provisioning.inbound import verified
from provisioning.inbound.auth import AuthRefused, Caller, authenticate
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic


def call(
    headers: dict[str, str], domain: str | None = None, address: str = "10.0.0.1"
) -> Caller:
    request = RequestFactory().get("/scim2/Users", headers=headers, REMOTE_ADDR=address)
    return authenticate(request, domain)


def refused(headers: dict[str, str], domain: str | None = None, **more: str) -> AuthRefused:
    with pytest.raises(AuthRefused) as caught:
        call(headers, domain, **more)
    return caught.value


def test_an_operator_with_basic_acts_for_the_resident_service_provider(
    tenant: Tenant, resident: ServiceProvider
) -> None:
    make_operator(tenant)

    assert call(basic()) == Caller(tenant, resident, "ops")
    assert call(basic(), "carbon.super") == Caller(tenant, resident, "ops")
    assert call(basic("ops@carbon.super")).actor == "ops"


def test_what_follows_the_last_at_sign_chooses_an_existing_tenant(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_operator(other_tenant, "kim")
    make_operator(other_tenant, "kim@mail.example")
    make_operator(tenant, "sam@mail.example")

    assert call(basic("kim@partner.example")).tenant == other_tenant
    assert call(basic("kim@mail.example@partner.example")).tenant == other_tenant
    assert call(basic("sam@mail.example")).tenant == tenant


def test_under_a_tenant_url_names_are_bare_or_carry_that_domain(other_tenant: Tenant) -> None:
    make_operator(other_tenant, "kim")

    assert call(basic("kim"), "partner.example").actor == "kim@partner.example"
    assert call(basic("kim@partner.example"), "partner.example").tenant == other_tenant


def test_credentials_of_another_tenant_are_refused(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_operator(tenant, "ops")
    make_operator(other_tenant, "kim")

    assert refused(basic("ops"), "partner.example").status == 401
    assert refused(basic("kim")).status == 401
    assert refused(basic("kim@partner.example"), "carbon.super").status == 401


def test_an_operator_named_like_a_login_of_another_tenant_stays_outside(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_operator(tenant, "kim@partner.example")

    assert refused(basic("kim@partner.example")).status == 401
    assert call(basic("kim@partner.example"), "carbon.super").tenant == tenant


def test_a_super_operator_acts_in_every_tenant(tenant: Tenant, other_tenant: Tenant) -> None:
    make_operator(tenant, "root", is_superuser=True)

    caller = call(basic("root"), "partner.example")

    assert caller.tenant == other_tenant
    assert caller.service_provider == resident_of(other_tenant)
    assert caller.actor == "root"


def test_a_super_operator_and_a_tenant_operator_may_share_a_name(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_operator(tenant, "admin", "of-the-root-1", is_superuser=True)
    make_operator(other_tenant, "admin", "of-the-tenant-1")

    assert call(basic("admin", "of-the-tenant-1"), "partner.example").actor.endswith("example")
    assert call(basic("admin", "of-the-root-1"), "partner.example").actor == "admin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic bm9jb2xvbg=="},
        {"Authorization": "Basic /////w=="},
        {"Authorization": "Digest x"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        basic("nobody"),
        basic("ops", "wrong"),
        basic("\0", "x"),
        basic("x" * 400, "x"),
        basic("ops@\0"),
    ],
    ids=str,
)
def test_what_is_no_credential_is_401_with_a_challenge(
    tenant: Tenant, headers: dict[str, str]
) -> None:
    make_operator(tenant)

    for domain in (None, "carbon.super", "no.such.tenant"):
        answer = refused(headers, domain)
        assert answer.status == 401
        assert "realm=" in answer.headers["WWW-Authenticate"]


def test_an_operator_without_the_permission_is_403(tenant: Tenant) -> None:
    make_operator(tenant, use_doors=False)

    assert refused(basic()).status == 403


def test_password_change_and_deactivation_act_at_once(tenant: Tenant) -> None:
    operator = make_operator(tenant)
    call(basic())

    operator.set_password("another-123")
    operator.save()
    assert refused(basic()).status == 401
    call(basic(password="another-123"))

    operator.is_active = False
    operator.save()
    assert refused(basic(password="another-123")).status == 401


def test_five_wrong_passwords_lock_the_name_out_at_that_address(tenant: Tenant) -> None:
    make_operator(tenant)
    call(basic())

    for _ in range(5):
        refused(basic(password="wrong"))

    assert "Too many" in str(refused(basic()))
    assert "Too many" in str(refused(basic("ops@carbon.super")))
    assert call(basic(), address="10.0.0.2").actor == "ops"


def test_a_success_starts_the_count_again(tenant: Tenant) -> None:
    make_operator(tenant)

    for _ in range(3):
        for _ in range(4):
            refused(basic(password="wrong"))
        assert call(basic()).actor == "ops"


def test_verifying_again_costs_no_hashing(
    tenant: Tenant, settings: Settings, django_assert_num_queries: object
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    make_operator(tenant)
    call(basic())
    counted: list[str] = []

    class Counting(verified.VerifiedCredentials):
        def _remember(self, digest: bytes) -> None:
            counted.append("hashed")
            super()._remember(digest)

    cache = Counting()
    stored = make_operator(tenant, "two").password
    for _ in range(20):
        assert cache.check("letmein-123", stored)

    assert counted == ["hashed"]


def test_verified_credentials_age_and_are_bounded() -> None:
    now = [0.0]
    cache = verified.VerifiedCredentials(clock=lambda: now[0])
    stored = verified.make_password("letmein-123")
    assert cache.check("letmein-123", stored)
    assert not cache.check("other", stored)

    now[0] = verified.SECONDS + 1

    assert not cache._knows(verified._digest("letmein-123", stored))
