"""The part of an identity provider's page that says how people sign in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from idp import authenticators
from idp.models import Authenticator, IdentityProvider, Tenant
from provisioning.models import AuditEvent
from tests.console import sign_in
from tests.fakes.saml.metadata import metadata
from tests.idp.test_admin_configuration import form, page_of, rows

OIDC = {
    "setting_type": "oidc",
    "setting_issuer": "https://idp.example",
    "setting_client_id": "purveyor",
    "setting_client_secret": "hush-4711",
    "setting_token_endpoint_auth_method": "client_secret_basic",
    "setting_scopes": "openid\n\nemail\nemail",
}
SAML: dict[str, Any] = {"setting_type": "saml", "setting_sign_requests": "on"}


@pytest.fixture
def console(tenant: Tenant) -> Client:
    return sign_in(tenant)


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    return IdentityProvider.objects.create(tenant=tenant, name="partner")


def submit(console: Client, provider: IdentityProvider, **values: Any) -> Any:
    row = Authenticator.objects.filter(provider=provider).first()
    given = {**values, "id": row.pk if row else "", "provider": provider.pk}
    posted = form(rows("authenticator", given, initial=1 if row else 0))
    return console.post(page_of(provider), posted)


def errors(answer: Any) -> dict[str, list[str]]:
    [formset] = [
        one.formset
        for one in answer.context["inline_admin_formsets"]
        if one.formset.model is Authenticator
    ]
    told: dict[str, list[str]] = formset.errors[0]
    return told


def test_openid_connect_is_set_up_and_its_secret_never_shown(
    console: Client, provider: IdentityProvider
) -> None:
    assert submit(console, provider, **OIDC).status_code == 302

    row = Authenticator.objects.get()
    assert (row.type, row.settings["scopes"]) == ("oidc", ["openid", "email"])
    assert row.settings["client_secret"] == "hush-4711"
    page = console.get(page_of(provider)).content.decode()
    assert "https://idp.example" in page
    assert "hush-4711" not in page
    assert "hush-4711" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_an_empty_secret_keeps_the_stored_one(
    console: Client, provider: IdentityProvider
) -> None:
    submit(console, provider, **OIDC)

    submit(console, provider, **{**OIDC, "setting_client_id": "b", "setting_client_secret": ""})

    settings = Authenticator.objects.get().settings
    assert (settings["client_id"], settings["client_secret"]) == ("b", "hush-4711")
    event = AuditEvent.objects.filter(action="configuration.update").latest("id")
    assert "Client ID" in str(event.detail)


@pytest.mark.parametrize("how", ["uploaded", "pasted"])
def test_metadata_is_uploaded_or_pasted(
    console: Client, provider: IdentityProvider, how: str
) -> None:
    file = SimpleUploadedFile("idp.xml", metadata().encode())

    submit(
        console, provider, **SAML, setting_metadata=file if how == "uploaded" else metadata()
    )

    settings = Authenticator.objects.get().settings
    assert settings["metadata"] == metadata()
    assert "PRIVATE KEY" in settings["signing_key"]
    submit(console, provider, **SAML, setting_entity_id="urn:us")
    assert Authenticator.objects.get().settings == {**settings, "entity_id": "urn:us"}


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        (SAML, "setting_metadata", "Metadata is required."),
        (
            {**SAML, "setting_metadata": "<a/>"},
            "setting_metadata",
            "Metadata: it describes no SAML 2.0 identity provider.",
        ),
        ({**OIDC, "setting_issuer": "idp"}, "setting_issuer", "must be a whole address"),
        ({**OIDC, "setting_client_secret": ""}, "setting_client_secret", "is required"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    console: Client,
    provider: IdentityProvider,
    given: dict[str, Any],
    field: str,
    said: str,
) -> None:
    answer = submit(console, provider, **given)

    [(named, [text])] = errors(answer).items()
    assert (named, said in text) == (field, True), text
    assert not Authenticator.objects.exists()


def test_another_protocol_takes_its_place_and_none_takes_it_away(
    console: Client, provider: IdentityProvider
) -> None:
    submit(console, provider, **OIDC)
    submit(console, provider, **SAML, setting_metadata=metadata(), setting_issuer="left")
    assert Authenticator.objects.get().type == "saml"
    assert "issuer" not in Authenticator.objects.get().settings

    submit(console, provider, setting_type="")

    assert not Authenticator.objects.exists()


def test_one_is_set_up_together_with_its_identity_provider(
    console: Client, tenant: Tenant
) -> None:
    console.post(reverse("admin:idp_identityprovider_add"), form(rows("authenticator", OIDC)))

    row = Authenticator.objects.select_related("provider").get()
    assert (row.provider.name, row.type) == ("partner", "oidc")


def test_a_viewer_sees_it_and_changes_nothing(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    authenticators.save(Authenticator(provider=provider, type="saml"), {"metadata": metadata()})
    viewer = sign_in(tenant, "vera", role="viewer")

    page = viewer.get(page_of(provider))

    assert page.status_code == 200
    assert "PRIVATE KEY" not in page.content.decode()
    assert submit(viewer, provider, **OIDC).status_code == 403
