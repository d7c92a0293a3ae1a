"""An operator tries an identity provider: a real login there, and nothing is kept here."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from idp.models import IdentityProvider, JitSettings, Tenant, User
from provisioning.models import Association, AuditEvent, Job, LoginAttempt, LoginCode
from serviceproviders.models import OutboundTarget
from tests.factories import make_operator
from tests.fakes.openid import OpenIdProvider
from tests.flows.conftest import Store
from tests.flows.jit import jit_outbound
from tests.flows.logins import Person, application, corporate, openid, person

__all__ = ["application", "corporate", "jit_outbound", "openid", "person"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("application")]
PAGE = "/login/corporate/test/"


@pytest.fixture
def ops(person: Person, tenant: Tenant) -> Person:
    """Signed in at the console."""
    person.client.force_login(make_operator(tenant))
    return person


def tried(ops: Person, **posted: str) -> Any:
    begun = ops.client.post(PAGE, posted)
    assert begun.status_code == 200, begun.content
    begun.status_code = 302
    begun["Location"] = begun.context["url"]
    return ops.client.get(ops.at_provider(begun))


def test_it_shows_what_a_login_would_do_and_does_nothing(
    ops: Person, openid: OpenIdProvider, jit_outbound: OutboundTarget
) -> None:
    openid.person["groups"] = ["Sales", "Pilots"]
    before = AuditEvent.objects.count()

    page = tried(ops, service_provider="hr-portal").content.decode()

    assert "Somebody new: <strong>kim</strong>" in page
    for shown in ("given_name", "http://wso2.org/claims/givenname", "kim@acme.example"):
        assert shown in page
    assert "no role mapping: gives nothing" in page
    assert "Would join: sales" in page
    assert "partner / scim2: create as kim" in page
    for model in (User, Association, Job, LoginAttempt, LoginCode):
        assert not model._default_manager.exists()
    assert AuditEvent.objects.count() == before


@pytest.mark.usefixtures("corporate")
def test_it_says_who_it_would_be_or_why_nobody(ops: Person, store: Store) -> None:
    store.add_user("kim")
    assert "not linked with this identity provider" in tried(ops).content.decode()

    JitSettings.objects.update(link_existing_by=["http://wso2.org/claims/username"])
    assert "would be linked" in tried(ops).content.decode()

    IdentityProvider.objects.filter(name="corporate").update(enabled=False)
    assert "is not in use" in tried(ops).content.decode()


def test_only_who_may_change_it_may_try_it(person: Person, tenant: Tenant) -> None:
    assert person.client.get(PAGE).status_code == 302  # to the console's login
    for role in ("viewer", "operator"):
        person.client.force_login(make_operator(tenant, role, role=role))
        assert person.client.get(PAGE).status_code == 403
        assert person.client.post(PAGE).status_code == 403
    assert not LoginAttempt.objects.exists()


def test_operators_of_other_tenants_do_not_see_it(person: Person, other_tenant: Tenant) -> None:
    person.client.force_login(make_operator(other_tenant))

    assert person.client.get(PAGE).status_code == 404


def test_nobody_begins_it_for_the_operator(ops: Person) -> None:
    ops.client.handler.enforce_csrf_checks = True

    assert ops.client.post(PAGE).status_code == 403
    assert not LoginAttempt.objects.exists()


def test_its_end_is_shown_to_the_operator_alone(ops: Person, tenant: Tenant) -> None:
    begun = ops.client.post(PAGE)
    begun.status_code = 302
    begun["Location"] = begun.context["url"]
    back = ops.at_provider(begun)
    assert Client().get(back).status_code == 403  # another browser

    ops.client.force_login(make_operator(tenant, "another"))
    answer = ops.client.get(back)

    assert answer.status_code == 403
    assert b"kim@acme.example" not in answer.content
    assert not LoginAttempt.objects.exists()


def test_the_page_of_the_identity_provider_leads_to_it(
    ops: Person, corporate: IdentityProvider
) -> None:
    page = ops.client.get(f"/admin/idp/identityprovider/{corporate.pk}/change/")

    assert f'href="{PAGE}"'.encode() in page.content
