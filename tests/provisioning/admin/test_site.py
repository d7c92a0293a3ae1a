"""Signing in, the policy of the pages, tenants and super-operators."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import Operator, Tenant, UserStore
from serviceproviders.models import ServiceProvider
from tests.console import add_user, sign_in
from tests.factories import make_operator


@pytest.fixture
def root(tenant: Tenant) -> Client:
    return sign_in(tenant, "root", is_superuser=True)


def test_signing_in_and_out(tenant: Tenant) -> None:
    make_operator(tenant, "ops", "letmein-123")
    client = Client()

    wrong = client.post(reverse("admin:login"), {"username": "ops", "password": "no"})
    right = client.post(reverse("admin:login"), {"username": "ops", "password": "letmein-123"})

    assert wrong.status_code == 200
    assert right["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
    client.post(reverse("admin:logout"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_operators_of_other_tenants_sign_in_with_their_domain(other_tenant: Tenant) -> None:
    make_operator(other_tenant, "ops", "letmein-123")
    data = {"username": "ops@partner.example", "password": "letmein-123"}

    client = Client()
    client.post(reverse("admin:login"), data)

    assert b"partner.example" in client.get(reverse("admin:index")).content


def test_too_many_wrong_passwords_lock_the_name(tenant: Tenant) -> None:
    make_operator(tenant, "ops", "letmein-123")
    client = Client()
    wrong = {"username": "ops", "password": "no"}

    for _ in range(5):
        answer = client.post(reverse("admin:login"), wrong)
    right = client.post(reverse("admin:login"), {**wrong, "password": "letmein-123"})

    assert answer.status_code == right.status_code == 429
    assert b"Locked for a while" in right.content


def test_what_is_not_there_is_said_in_words(console: Client) -> None:
    missing = console.get(reverse("admin:idp_user_change", args=["nonsense"]))
    forbidden = console.get(reverse("admin:switch_tenant"))

    assert (missing.status_code, forbidden.status_code) == (404, 403)
    assert b"There is no such page" in missing.content
    assert b"Your role does not include this" in forbidden.content


def test_inactive_operators_stay_out(tenant: Tenant) -> None:
    client = sign_in(tenant)
    Operator.objects.update(is_active=False)

    assert client.get(reverse("admin:index")).status_code == 302


def test_changing_ones_own_password(console: Client) -> None:
    data = {
        "old_password": "letmein-123",
        "new_password1": "a-better-word-9",
        "new_password2": "a-better-word-9",
    }

    assert console.get(reverse("admin:password_change")).status_code == 200
    console.post(reverse("admin:password_change"), data)

    assert Operator.objects.get().check_password("a-better-word-9")


def policy(answer: Any) -> dict[str, str]:
    parts = answer["Content-Security-Policy"].split("; ")
    return {name: values for name, _, values in (part.partition(" ") for part in parts)}


def test_console_pages_allow_what_the_theme_needs_and_no_more(console: Client) -> None:
    for page in ("admin:index", "admin:login", "admin:idp_user_add"):
        granted = policy(console.get(reverse(page)))
        assert granted["script-src"] == "'self' 'unsafe-eval'"
        assert granted["style-src"] == "'self'"
        assert granted["style-src-attr"] == "'unsafe-inline'"
        assert granted["default-src"] == "'self'"


def test_everything_else_has_the_strict_policy(db: None) -> None:
    granted = policy(Client().get("/nothing-here/"))

    assert granted["default-src"] == "'self'"
    assert "script-src" not in granted
    assert "style-src" not in granted


def test_pages_bring_no_script_of_their_own(console: Client) -> None:
    for page in ("admin:index", "admin:idp_user_add", "admin:provisioning_job_changelist"):
        text = console.get(reverse(page)).content.decode()
        assert text.count("<script") == text.count("<script src=") + text.count("<script id=")
        assert "<style" not in text


def test_super_operators_choose_the_tenant_they_work_in(
    root: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    add_user(other_tenant, "stranger")
    users = reverse("admin:idp_user_changelist")
    assert b"stranger" not in root.get(users).content

    chooser = root.get(reverse("admin:switch_tenant"))
    root.post(reverse("admin:switch_tenant"), {"tenant": "partner.example"})

    assert b"partner.example" in chooser.content
    assert b"stranger" in root.get(users).content


def test_choosing_needs_a_post_and_a_tenant_there_is(
    root: Client, other_tenant: Tenant
) -> None:
    root.get(reverse("admin:switch_tenant"), {"tenant": "partner.example"})

    assert b"carbon.super" in root.get(reverse("admin:index")).content
    assert root.post(reverse("admin:switch_tenant"), {"tenant": "x"}).status_code == 404


def test_others_choose_nothing(console: Client, other_tenant: Tenant) -> None:
    page = reverse("admin:switch_tenant")

    assert console.get(page).status_code == 403
    assert console.post(page, {"tenant": "partner.example"}).status_code == 403
    assert b"Tenants" not in console.get(reverse("admin:index")).content


def test_a_choice_does_not_outlive_the_right(
    root: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    add_user(other_tenant, "stranger")
    root.post(reverse("admin:switch_tenant"), {"tenant": "partner.example"})
    Operator.objects.update(is_superuser=False)

    assert b"stranger" not in root.get(reverse("admin:idp_user_changelist")).content


def test_a_new_tenant_has_what_every_tenant_has(root: Client) -> None:
    root.post(
        reverse("admin:idp_tenant_add"), {"domain": "new.example", "time_zone": "Europe/Paris"}
    )

    tenant = Tenant.objects.get(domain="new.example")
    assert UserStore.objects.filter(tenant=tenant).count() == 2
    assert ServiceProvider.objects.get(tenant=tenant).is_resident


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"domain": "Not A Domain"}, "domain"),
        ({"domain": "carbon.super"}, "domain"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_tenants_that_cannot_be_are_refused(
    root: Client, values: dict[str, str], field: str
) -> None:
    data = {"domain": "new.example", "time_zone": "UTC", **values}

    answer = root.post(reverse("admin:idp_tenant_add"), data)

    assert list(answer.context["adminform"].form.errors) == [field]


def test_tenants_are_not_for_ordinary_administrators(
    console: Client, other_tenant: Tenant
) -> None:
    for page in (
        reverse("admin:idp_tenant_changelist"),
        reverse("admin:idp_tenant_add"),
        reverse("admin:idp_tenant_change", args=[other_tenant.pk]),
    ):
        assert console.get(page).status_code == 403


def test_pages_tell_the_time_of_the_tenant(console: Client, tenant: Tenant) -> None:
    Tenant.objects.update(time_zone="Asia/Tokyo")
    add_user(tenant, "kim")
    shown = console.get(reverse("admin:idp_user_changelist")).content.decode()
    Tenant.objects.update(time_zone="no such zone")

    assert console.get(reverse("admin:idp_user_changelist")).status_code == 200
    created = tenant.users.get().modified
    assert f"{(created.hour + 9) % 24:02}:{created:%M:%S}" in shown
