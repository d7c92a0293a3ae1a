"""The form asks for every setting in the way the connector has declared it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from idp.models import ClaimMapping, IdentityProvider, OutboundConnector, Tenant
from tests.factories import make_claim, make_connector
from tests.fakes.google import GoogleDirectory
from tests.provisioning.admin.test_connectors import POLICIES, add_page, errors_of, page_of


@pytest.fixture
def google() -> Iterator[GoogleDirectory]:
    with GoogleDirectory() as running:
        yield running


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    return IdentityProvider.objects.create(tenant=tenant, name="workspace")


def form(google: GoogleDirectory, **values: Any) -> dict[str, Any]:
    """The form for that account, without the key."""
    given = {name: text for name, text in google.settings.items() if name != "private_key"}
    shown = {f"setting_{name}": text for name, text in given.items()}
    return {"enabled": "on", **POLICIES, **shown, **values}


def upload(content: bytes, name: str = "key.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def tag(page: str, name: str) -> str:
    """The (first) element of that name, as it is written."""
    found = re.search(rf'<(?:input|select|textarea)[^>]*\bname="{name}"[^>]*>', page)
    assert found, name
    return found[0]


def choices(page: str, name: str) -> list[str]:
    select = page[page.index(tag(page, name)) :]
    return re.findall(r'<option value="([^"]*)"', select[: select.index("</select>")])


@pytest.mark.parametrize("kind", ["key_file", "pem", "pkcs12"])
def test_a_key_is_uploaded_in_each_of_its_forms(
    console: Client, provider: IdentityProvider, google: GoogleDirectory, kind: str
) -> None:
    text: str = getattr(google, kind)
    content = base64.b64decode(text) if kind == "pkcs12" else text.encode()
    given = form(google, setting_private_key=upload(content))

    test = reverse("admin:idp_outboundconnector_test_new")
    said = console.post(f"{test}?provider={provider.pk}&type=google", given).content.decode()
    given["setting_private_key"] = upload(content)
    console.post(add_page(provider, "google"), given)

    connector = OutboundConnector.objects.get()
    assert connector.settings["private_key"] == text
    assert text.encode() not in bytes(connector.sealed_settings)
    assert "users of acme.example can be read" in said
    assert "pv-bad" not in said


def test_a_key_can_be_pasted_and_is_never_shown_again(
    console: Client, provider: IdentityProvider, google: GoogleDirectory
) -> None:
    console.post(add_page(provider, "google"), form(google, setting_private_key=google.pem))
    connector = OutboundConnector.objects.get()

    page = console.get(page_of(connector)).content.decode()
    console.post(page_of(connector), form(google, setting_application_name="Ours"))

    assert google.pem.splitlines()[1] not in page
    assert "One is stored" in page
    connector.refresh_from_db()
    assert connector.settings["private_key"].splitlines() == google.pem.splitlines()
    assert connector.settings["application_name"] == "Ours"


def test_a_file_that_is_too_large_is_refused_at_its_field(
    console: Client, provider: IdentityProvider, google: GoogleDirectory
) -> None:
    given = form(google, setting_private_key=upload(b"x" * 65_537))

    answer = console.post(add_page(provider, "google"), given)

    assert errors_of(answer) == {
        "setting_private_key": ["Private key is too large: at most 65,536 bytes, please."]
    }


def test_claims_are_chosen_from_those_there_are(
    console: Client, provider: IdentityProvider, tenant: Tenant
) -> None:
    make_claim(tenant, "badge")
    ClaimMapping.objects.create(provider=provider, remote="FirstName", constant="x")

    plain = console.get(add_page(provider, "google")).content.decode()
    provider.claim_dialect = "custom"
    provider.save()
    mapped = console.get(add_page(provider, "google")).content.decode()

    assert "http://wso2.org/claims/badge" in choices(plain, "setting_given_name_claim")
    assert "FirstName" not in choices(plain, "setting_given_name_claim")
    assert "FirstName" in choices(mapped, "setting_given_name_claim")
    assert 'value="http://wso2.org/claims/givenname" selected' in plain


def test_a_claim_that_is_gone_is_still_shown(console: Client, tenant: Tenant) -> None:
    connector = make_connector(tenant, {"given_name_claim": "FirstName"}, type="google")

    page = console.get(page_of(connector)).content.decode()

    assert 'value="FirstName" selected' in page
    assert "FirstName (not there any more)" in page


def test_a_field_says_what_shows_it_to_the_script_and_in_words(
    console: Client, provider: IdentityProvider
) -> None:
    page = console.get(add_page(provider, "scim2")).content.decode()

    token = tag(page, "setting_access_token")
    assert 'data-shown-by="setting_authentication"' in token
    assert "[&quot;bearer&quot;]" in token
    assert "<noscript>Only where Authentication is Bearer (access token).</noscript>" in page
    assert "data-shown-by" not in tag(page, "setting_user_endpoint")
    assert "console/connector_form" in page


def test_what_is_hidden_and_wrong_is_said(console: Client, tenant: Tenant) -> None:
    """Without a script it can be filled in; with one the row stays where it is."""
    connector = make_connector(tenant, {}, type="scim2")
    shown = {
        "setting_user_endpoint": "http://127.0.0.1:9/Users",
        "setting_authentication": "none",
        "setting_token_endpoint": "nowhere",
        "setting_update_method": "auto",
    }

    answer = console.post(page_of(connector), {"enabled": "on", **POLICIES, **shown})

    assert list(errors_of(answer)) == ["setting_token_endpoint"]
