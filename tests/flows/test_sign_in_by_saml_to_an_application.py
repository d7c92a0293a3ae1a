"""Applications send people to sign in by SAML 2.0, and learn who came."""

from __future__ import annotations

from re import findall

import pytest
from django.test import Client

from idp.models import Tenant, User
from provisioning.models import AuditEvent, UsedAssertion
from serviceproviders.models import ServiceProvider
from tests.console import sign_in
from tests.fakes.saml.provider import SamlProvider
from tests.flows.conftest import Store
from tests.flows.jit import portal
from tests.flows.logins import APPLICATION, application, code_of, redeem
from tests.flows.saml import MAIL, Bring, C, Visitor, bring, idp

__all__ = ["application", "bring", "idp", "portal"]
pytestmark = pytest.mark.django_db(transaction=True)
WANTED = {"service_provider": "hr-portal", "redirect_uri": APPLICATION, "state": "s 1"}


def test_an_application_redeems_who_it_was(
    bring: Bring, application: ServiceProvider, client: Client
) -> None:
    bring()

    told = redeem(client, code_of(Visitor().sign_in(**WANTED))).json()

    assert (told["user"], told["subject"], told["created"]) == ("kim", "kim", True)
    assert told["claims"][f"{C}lastname"] == "Lee"
    assert told["identity_provider"] == "corporate"


@pytest.mark.parametrize("verified", [False, True])
def test_an_address_links_only_where_the_identity_provider_vouches_for_it(
    bring: Bring, store: Store, verified: bool
) -> None:
    document = {"emails": [{"value": "kim@acme.example", "primary": True}]}
    store.add_user("kimberly", document=document)
    bring(
        {"emails_verified": verified},
        jit={"enabled": True, "link_existing_by": [f"{C}emailaddress"]},
    )

    page = Visitor().sign_in()

    assert page.status_code == (200 if verified else 403)
    assert [user.username for user in User.objects.all()] == ["kimberly"]


def test_a_user_is_named_by_an_attribute(bring: Bring, idp: SamlProvider) -> None:
    idp.present = "00u1f96"
    bring(user_id_claim=MAIL)

    Visitor().sign_in()

    assert User.objects.get().username == "kim@acme.example"


def test_other_tenants_have_addresses_keys_and_people_of_their_own(
    idp: SamlProvider, bring: Bring, other_tenant: Tenant
) -> None:
    bring()
    ours = Client().get("/login/corporate/metadata/").content.decode()
    bring(tenant=other_tenant)
    theirs = Client().get("/t/partner.example/login/corporate/metadata/").content.decode()

    assert "http://127.0.0.1:8000/t/partner.example/login/corporate/acs/" in theirs
    assert certificate(ours) != certificate(theirs)
    visitor = Visitor(tenant=other_tenant)
    place, fields = visitor.form_at(visitor.begin())
    assert Client().post("/login/corporate/acs/", fields).status_code == 400
    assert visitor.follow(visitor.post(place, fields)).status_code == 200
    assert [user.tenant for user in User.objects.all()] == [other_tenant]


def certificate(metadata: str) -> str:
    [found] = findall(r"<ds:X509Certificate>(.*)</ds:X509Certificate>", metadata)
    return str(found)


def test_an_operator_tries_it_and_nobody_is_made(bring: Bring, tenant: Tenant) -> None:
    bring()
    visitor = Visitor()
    visitor.client = sign_in(tenant)

    page = visitor.client.post("/login/corporate/test/", {"service_provider": "resident"})
    location = page.context["url"]
    result = visitor.follow(visitor.post(*visitor.form_at(location)))

    assert result.status_code == 200, result.content
    assert b"kim@acme.example" in result.content
    assert not User.objects.exists()
    assert UsedAssertion.objects.count() == 1
    assert not AuditEvent.objects.filter(action="login.accept").exists()
