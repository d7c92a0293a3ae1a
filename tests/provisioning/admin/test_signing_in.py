"""What an identity provider has to know of us, on its page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from idp import authenticators
from idp.models import Authenticator, IdentityProvider, Tenant
from provisioning.admin import signing_in
from provisioning.inbound.login import addresses, saml
from tests.console import sign_in
from tests.fakes.saml.metadata import metadata
from tests.idp.test_admin_configuration import page_of

pytestmark = pytest.mark.django_db
OIDC = {"issuer": "https://idp.example", "client_id": "a", "client_secret": "hush"}


def provider_of(tenant: Tenant, kind: str, name: str = "corporate", **settings: Any) -> Any:
    row = IdentityProvider.objects.create(tenant=tenant, name=name)
    authenticators.save(Authenticator(provider=row, type=kind), settings)
    return IdentityProvider.objects.get(pk=row.pk)


def told(provider: IdentityProvider) -> dict[str, str]:
    return {fact.name: fact.text for fact in signing_in.facts(provider)}


@pytest.mark.parametrize("name", ["corporate", "Firma Müller & Söhne", "a@b:c;d=e+f,g~h%20"])
def test_addresses_are_those_that_logins_use(
    tenant: Tenant, other_tenant: Tenant, name: str
) -> None:
    for owner in (tenant, other_tenant):
        by_saml = provider_of(owner, "saml", name, metadata=metadata())
        ours = saml.told_of_us(by_saml)

        assert told(by_saml)["Our entity ID"] == ours.entity_id
        assert told(by_saml)["Assertion consumer service"] == ours.consumer

        by_oidc = provider_of(owner, "oidc", f"{name}2", **OIDC)
        assert told(by_oidc)["Redirect URI"] == addresses.callback(by_oidc)
        assert told(by_oidc)["Redirect URI after signing out"] == addresses.signed_out(by_oidc)


def test_an_entity_id_of_ones_own_is_told(tenant: Tenant) -> None:
    provider = provider_of(tenant, "saml", metadata=metadata(), entity_id="urn:us")

    assert told(provider)["Our entity ID"] == "urn:us"
    assert told(provider)["Our metadata"].endswith("/login/corporate/metadata/")


def test_there_is_nothing_to_tell_without_an_authenticator(tenant: Tenant) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="corporate")
    console = sign_in(tenant)

    assert signing_in.facts(provider) == []
    assert "For the identity provider" not in console.get(page_of(provider)).content.decode()


def test_the_page_shows_it_to_whoever_may_see_it(tenant: Tenant) -> None:
    provider = provider_of(tenant, "saml", metadata=metadata())
    viewer: Client = sign_in(tenant, "vera", role="viewer")

    page = viewer.get(page_of(provider)).content.decode()

    assert "For the identity provider" in page
    assert told(provider)["Assertion consumer service"] in page


def test_a_name_with_a_slash_is_no_address(tenant: Tenant) -> None:
    assert told(provider_of(tenant, "saml", "a/b", metadata=metadata())) == {}
