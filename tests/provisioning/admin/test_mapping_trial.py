"""Trying claim mappings on a person, before they are saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp.claims import DIALECT
from idp.models import ClaimMapping, IdentityProvider, Tenant
from provisioning.models import Job
from tests.console import SETTINGS, add_group, add_user, sign_in
from tests.factories import make_connector
from tests.idp.test_admin_configuration import form, rows

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = DIALECT + "title"


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    made = make_connector(tenant, SETTINGS).provider
    kim = add_user(
        tenant,
        "kim",
        document={"title": "Boss", "urn:purveyor:custom:User": {"totpSecretkey": "SESAME"}},
    )
    add_group(tenant, "sales", add=[kim.pk])
    return made


def tried(console: Client, provider: IdentityProvider, *given: Any, **values: Any) -> Any:
    url = reverse("admin:idp_identityprovider_trial", args=[provider.pk])
    posted = {"person": "kim", "claim_dialect": "custom", **values}
    return console.post(url, form(*given, **posted))


def lines(answer: Any) -> list[tuple[str, Any, str]]:
    return [
        (line.row.remote, line.value, line.problem) for line in answer.context["trial"].lines
    ]


def test_rows_that_are_not_saved_are_tried_on_a_real_person(
    console: Client, provider: IdentityProvider
) -> None:
    answer = tried(
        console,
        provider,
        rows(
            "claim_mappings",
            {"remote": "title", "local": TITLE},
            {"remote": "nickName", "expression": f"claims['{TITLE}'] + '@' + tenant"},
            {"remote": "x", "expression": "1 / 0 == 1"},
            {"remote": "y", "expression": "oops("},
            {"remote": "z", "local": TITLE, "constant": "both"},
            {"remote": "roles", "local": DIALECT + "groups"},
        ),
        rows("role_mappings", {"local": "sales", "remote": "Verkauf"}),
    )

    found = lines(answer)
    assert found[:2] == [("title", "Boss", ""), ("nickName", "Boss@carbon.super", "")]
    assert [bool(problem) for _, _, problem in found] == [False, False, True, True, True, False]
    assert found[3][2].startswith("Line 1, position ")
    assert found[4][2] == "A row has one of a local claim, a constant and an expression."
    assert found[5][1] == ["Verkauf"]
    page = answer.content.decode()
    assert "Nothing is sent: claim mapping row 3 (x): divide by zero" in page
    assert (ClaimMapping.objects.count(), Job.objects.count()) == (0, 0)
    provider.refresh_from_db()
    assert provider.claim_dialect == "local"


def test_it_shows_what_each_connector_would_be_given(
    console: Client, provider: IdentityProvider
) -> None:
    row = {"remote": "emails.work", "constant": "a@x", "create_only": "on"}

    page = tried(console, provider, rows("claim_mappings", row)).content.decode()

    assert "The connector scim2 would be given" in page
    assert "&quot;emails.work&quot;: &quot;a@x&quot;" in page


def test_secrets_are_masked(console: Client, provider: IdentityProvider) -> None:
    key = DIALECT + "identity/secretkey"
    secret = {"remote": "key", "expression": f"claims['{key}']"}

    custom = tried(console, provider, rows("claim_mappings", secret)).content.decode()
    local = tried(console, provider, claim_dialect="local").content.decode()

    assert "SESAME" not in custom + local
    assert "•••••" in custom
    assert "uses the local claim dialect" in local


@pytest.mark.parametrize(
    ("name", "said"), [("", "Choose a person first."), ("nobody", "no user “nobody”")]
)
def test_it_needs_a_person(
    console: Client, provider: IdentityProvider, name: str, said: str
) -> None:
    assert said in tried(console, provider, person=name).content.decode()


def test_people_and_providers_of_other_tenants_are_out_of_reach(
    console: Client, provider: IdentityProvider, other_tenant: Tenant
) -> None:
    elsewhere = make_connector(other_tenant, SETTINGS).provider
    add_user(other_tenant, "stranger")

    assert tried(console, elsewhere).status_code == 404
    assert "no user" in tried(console, provider, person="stranger").content.decode()
    options = console.get(reverse("admin:idp_user_options"), {"person": ""}).content.decode()
    assert "kim" in options
    assert "stranger" not in options


def test_who_may_only_look_does_not_try(tenant: Tenant, provider: IdentityProvider) -> None:
    viewer = sign_in(tenant, "vera", role="viewer")

    assert tried(viewer, provider).status_code == 404
    page = viewer.get(reverse("admin:idp_identityprovider_change", args=[provider.pk]))
    assert "try-mapping" not in page.content.decode()


def test_an_expression_is_saved_and_its_mistakes_are_said_at_it(
    console: Client, provider: IdentityProvider
) -> None:
    page = reverse("admin:idp_identityprovider_change", args=[provider.pk])
    wrong = {"remote": "title", "expression": "store +\nstor"}
    answer = console.post(page, form(rows("claim_mappings", wrong)))

    [formset] = [
        f
        for f in answer.context["inline_admin_formsets"]
        if f.formset.prefix == "claim_mappings"
    ]
    assert formset.formset.errors == [
        {"expression": ["Line 2, position 1: undeclared reference to 'stor'."]}
    ]

    console.post(page, form(rows("claim_mappings", {"remote": "title", "expression": "store"})))
    assert ClaimMapping.objects.get().expression == "store"
