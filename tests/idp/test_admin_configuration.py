"""Identity providers, user stores and operators in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import (
    ClaimMapping,
    IdentityProvider,
    JitSettings,
    Operator,
    OutboundConnector,
    RoleMapping,
    Tenant,
    UserStore,
)
from provisioning.models import AuditEvent
from tests.console import SETTINGS, add_user, sign_in
from tests.factories import make_connector, make_operator


@pytest.fixture
def console(tenant: Tenant) -> Client:
    return sign_in(tenant)


@pytest.fixture
def connector(tenant: Tenant) -> OutboundConnector:
    return make_connector(tenant, SETTINGS)


def rows(prefix: str, *given: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """The rows of one table of the form."""
    data: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(given),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for number, row in enumerate(given):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


JIT_OFF = {"prompt": "silent", "attribute_sync": "override_all"}


def form(*parts: dict[str, Any], **values: Any) -> dict[str, Any]:
    data = {
        "name": "partner",
        "enabled": "on",
        "claim_dialect": "local",
        "unmapped_roles": "keep",
        **rows("claim_mappings"),
        **rows("role_mappings"),
        **rows("authenticator", {"setting_type": ""}),
        **rows("jit", JIT_OFF),
        **values,
    }
    for part in parts:
        data |= part
    return data


def page_of(provider: IdentityProvider) -> str:
    return reverse("admin:idp_identityprovider_change", args=[provider.pk])


def revision(connector: OutboundConnector) -> int:
    connector.refresh_from_db()
    return int(connector.revision)


def test_adding_an_identity_provider_with_everything(console: Client, tenant: Tenant) -> None:
    console.post(
        reverse("admin:idp_identityprovider_add"),
        form(
            rows(
                "claim_mappings",
                {"remote": "LastName", "local": "http://wso2.org/claims/lastname"},
                {"remote": "Encoding", "constant": "UTF-8", "create_only": "on"},
            ),
            rows("role_mappings", {"local": "STAFF/sales", "remote": "Sales"}),
            rows("jit", {**JIT_OFF, "enabled": "on"}),
            claim_dialect="custom",
            provisioning_roles="sales\nInternal/payroll",
        ),
    )

    provider = IdentityProvider.objects.get()
    assert provider.tenant == tenant
    assert provider.provisioning_roles == ["sales", "Internal/payroll"]
    assert [row.remote for row in provider.claim_mappings.all()] == ["LastName", "Encoding"]
    assert RoleMapping.objects.get().remote == "Sales"
    assert JitSettings.objects.get().enabled
    assert AuditEvent.objects.get().action == "configuration.create"


@pytest.mark.parametrize("name", ["partner", ""])
def test_names_are_once_per_tenant_and_never_empty(
    console: Client, connector: OutboundConnector, name: str
) -> None:
    answer = console.post(reverse("admin:idp_identityprovider_add"), form(name=name))

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert IdentityProvider.objects.count() == 1


def test_a_certificate_is_one(console: Client) -> None:
    answer = console.post(
        reverse("admin:idp_identityprovider_add"), form(certificate="not a certificate")
    )

    assert list(answer.context["adminform"].form.errors) == ["certificate"]


def test_another_tenant_may_use_the_same_name(console: Client, other_tenant: Tenant) -> None:
    make_connector(other_tenant, SETTINGS)

    console.post(reverse("admin:idp_identityprovider_add"), form())

    assert IdentityProvider.objects.filter(name="partner").count() == 2


@pytest.mark.parametrize(
    "row",
    [
        {"remote": "Title"},
        {"remote": "Title", "local": "http://wso2.org/claims/title", "constant": "x"},
        {"local": "http://wso2.org/claims/title"},
    ],
)
def test_a_claim_row_says_one_place_its_value_comes_from(
    console: Client, row: dict[str, str]
) -> None:
    answer = console.post(
        reverse("admin:idp_identityprovider_add"), form(rows("claim_mappings", row))
    )

    assert answer.status_code == 200
    assert not ClaimMapping.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"provisioning_roles": "sales", "roles_agreed": "1"},
        {"claim_dialect": "custom"},
        {"unmapped_roles": "drop"},
        rows("role_mappings", {"local": "a", "remote": "b"}),
        rows("claim_mappings", {"remote": "a", "constant": "b"}),
    ],
)
def test_what_changes_what_is_sent_moves_the_connectors(
    console: Client, connector: OutboundConnector, change: dict[str, Any]
) -> None:
    console.post(page_of(connector.provider), form(change))

    assert revision(connector) == 2


def test_what_changes_nothing_that_is_sent_moves_nothing(
    console: Client, connector: OutboundConnector
) -> None:
    console.post(page_of(connector.provider), form(description="Ours", display_name="Partner"))

    connector.provider.refresh_from_db()
    assert connector.provider.display_name == "Partner"
    assert revision(connector) == 1


def test_retiring_and_taking_back(console: Client, connector: OutboundConnector) -> None:
    provider = connector.provider

    def press(name: str) -> None:
        url = reverse("admin:idp_identityprovider_press", args=[provider.pk, name])
        console.post(url, {"confirmed": "1"})
        provider.refresh_from_db()

    press("retire")
    assert provider.retired_at is not None
    press("restore")
    assert provider.retired_at is None


def test_one_with_connectors_cannot_be_deleted(
    console: Client, connector: OutboundConnector
) -> None:
    delete = reverse("admin:idp_identityprovider_delete", args=[connector.provider.pk])

    assert console.post(delete, {"post": "yes"}).status_code == 403


def test_history_leads_to_the_audit_trail(
    console: Client, connector: OutboundConnector
) -> None:
    history = reverse("admin:idp_identityprovider_history", args=[connector.provider.pk])

    answer = console.get(history)

    assert answer["Location"].endswith(f"?subject_id={connector.provider.pk}")


# user stores


def test_store_domains_are_upper_case(console: Client) -> None:
    console.post(reverse("admin:idp_userstore_add"), {"domain": "staff", "description": ""})

    assert UserStore.objects.filter(domain="STAFF").exists()


@pytest.mark.parametrize("domain", ["PRIMARY", "internal", "a b", "TAKEN"])
def test_domains_that_cannot_be_are_refused(
    console: Client, tenant: Tenant, domain: str
) -> None:
    add_user(tenant, "taken/kim")
    before = UserStore.objects.count()

    answer = console.post(reverse("admin:idp_userstore_add"), {"domain": domain})

    assert answer.status_code == 200
    assert UserStore.objects.count() == before


def test_only_empty_stores_are_deleted(
    console: Client, tenant: Tenant, staff: UserStore
) -> None:
    def delete(store: UserStore) -> int:
        url = reverse("admin:idp_userstore_delete", args=[store.pk])
        return int(console.post(url, {"post": "yes"}).status_code)

    user = add_user(tenant, "STAFF/kim")
    assert delete(staff) == 403
    assert delete(UserStore.objects.get(tenant=tenant, domain="PRIMARY")) == 403

    console.post(reverse("admin:idp_user_delete", args=[user.pk]))
    assert delete(staff) == 302


# operators


def operator_form(**values: Any) -> dict[str, Any]:
    return {"name": "vera", "role": "viewer", "is_active": "on", "new_password": "", **values}


def test_adding_an_operator(console: Client, tenant: Tenant) -> None:
    console.post(reverse("admin:idp_operator_add"), operator_form(new_password="a-good-word-9"))

    vera = Operator.objects.get(name="vera")
    assert (vera.tenant, vera.role, vera.is_superuser) == (tenant, "viewer", False)
    assert vera.check_password("a-good-word-9")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"new_password": ""}, "new_password"),
        ({"new_password": "short"}, "new_password"),
        ({"name": "a@b", "new_password": "a-good-word-9"}, "name"),
        ({"name": "ops", "new_password": "a-good-word-9"}, "name"),
    ],
)
def test_operators_that_cannot_be_are_refused(
    console: Client, values: dict[str, str], field: str
) -> None:
    answer = console.post(reverse("admin:idp_operator_add"), operator_form(**values))

    assert answer.status_code == 200
    assert Operator.objects.count() == 1
    errors = answer.context["adminform"].form.errors
    assert field in errors or "__all__" in errors


def test_nobody_makes_themselves_a_super_operator(console: Client, tenant: Tenant) -> None:
    vera = make_operator(tenant, "vera")
    page = reverse("admin:idp_operator_change", args=[vera.pk])

    console.post(page, operator_form(is_superuser="on", role="administrator"))

    vera.refresh_from_db()
    assert (vera.role, vera.is_superuser) == ("administrator", False)


def test_administrators_do_not_touch_super_operators(console: Client, tenant: Tenant) -> None:
    root = make_operator(tenant, "root", is_superuser=True)
    page = reverse("admin:idp_operator_change", args=[root.pk])
    delete = reverse("admin:idp_operator_delete", args=[root.pk])

    assert console.post(page, operator_form(new_password="a-good-word-9")).status_code == 403
    assert console.post(delete, {"post": "yes"}).status_code == 403


def test_nobody_locks_themselves_out(console: Client) -> None:
    me = Operator.objects.get()
    page = reverse("admin:idp_operator_change", args=[me.pk])

    console.post(page, {"email": "me@example.org", "role": "viewer", "new_password": ""})
    deleted = console.post(reverse("admin:idp_operator_delete", args=[me.pk]), {"post": "yes"})

    me.refresh_from_db()
    assert (me.role, me.is_active, me.email) == ("administrator", True, "me@example.org")
    assert deleted.status_code == 403


def test_an_operator_who_has_been_here_can_be_deleted(console: Client, tenant: Tenant) -> None:
    vera = make_operator(tenant, "vera")

    console.post(reverse("admin:idp_operator_delete", args=[vera.pk]), {"post": "yes"})

    assert Operator.objects.count() == 1
