from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from idp.models import IdentityProvider, Mode, OutboundConnector, Tenant
from provisioning.models import AuditEvent
from tests.console import SECRET, SETTINGS, World
from tests.factories import make_connector
from tests.fakes.scim2 import Scim2Target

POLICIES = {
    "mode": "active",
    "groups_choice": "all",
    "groups_names": "",
    "delete_action": "delete",
    "on_conflict": "adopt",
    "protected_names": "",
    "retry_hours": "24",
    "requests_per_second": "0",
    "burst": "10",
    "concurrency": "4",
    "daily_quota": "0",
    "on_deny": "keep",
    "guard_max_count": "0",
    "guard_max_percent": "0",
    "guard_window_minutes": "60",
    "guard_expire_hours": "0",
}


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running


@pytest.fixture
def connector(tenant: Tenant) -> OutboundConnector:
    return make_connector(tenant, SETTINGS)


def form(settings: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it: boxes that are off are not there."""
    given = {**SETTINGS, "password": "", "access_token": "", **(settings or {})}
    shown = {f"setting_{name}": value for name, value in given.items() if value is not False}
    return {"enabled": "on", **POLICIES, "setting_update_method": "auto", **shown, **values}


def page_of(connector: OutboundConnector) -> str:
    return reverse("admin:idp_outboundconnector_change", args=[connector.pk])


def add_page(provider: IdentityProvider, kind: str = "") -> str:
    return reverse("admin:idp_outboundconnector_add") + f"?provider={provider.pk}&type={kind}"


def errors_of(answer: Any) -> dict[str, list[str]]:
    return {
        name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()
    }


def test_the_type_is_chosen_first(console: Client, tenant: Tenant) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")

    chooser = console.get(add_page(provider)).content.decode()
    page = console.get(add_page(provider, "scim2")).content.decode()

    assert "type=scim2" in chooser
    assert "setting_user_endpoint" in page


def test_a_connector_is_added_to_its_identity_provider(console: Client, tenant: Tenant) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")

    answer = console.post(
        add_page(provider, "scim2"),
        form(
            {"password": SECRET},
            groups_choice="some",
            groups_names="sales\nSTAFF/sales",
            protected_names="admin\nroot",
        ),
    )

    connector = OutboundConnector.objects.get()
    assert answer["Location"] == reverse(
        "admin:idp_identityprovider_change", args=[provider.pk]
    )
    assert connector.settings["password"] == SECRET
    assert connector.groups == ["sales", "STAFF/sales"]
    assert connector.protected_names == ["admin", "root"]
    assert (connector.revision, connector.generation) == (1, 1)


def test_scim_1_is_a_type_of_its_own(console: Client, tenant: Tenant) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")
    page = console.get(add_page(provider, "scim")).content.decode()
    given = {name: SETTINGS[name] for name in ("username", "user_endpoint", "group_endpoint")}
    shown = {f"setting_{name}": value for name, value in given.items()}
    rest = {"enabled": "on", **POLICIES, "setting_update_method": "auto", **shown}

    refused = console.post(add_page(provider, "scim"), rest)
    console.post(add_page(provider, "scim"), {**rest, "setting_password": SECRET})

    assert "SCIM 1.1 settings" in page
    assert "setting_authentication" not in page
    assert "setting_password" in errors_of(refused)
    connector = OutboundConnector.objects.get()
    assert (connector.type, connector.settings["password"]) == ("scim", SECRET)
    assert b"type=scim2" in console.get(add_page(provider)).content


def test_one_type_is_there_once(console: Client, connector: OutboundConnector) -> None:
    provider = connector.provider

    assert b"type=scim2" not in console.get(add_page(provider)).content
    console.post(add_page(provider, "scim2"), form())
    assert OutboundConnector.objects.count() == 1


def test_secrets_are_kept_unless_given_or_cleared(
    console: Client, connector: OutboundConnector
) -> None:
    console.post(page_of(connector), form({"username": "root"}))
    connector.refresh_from_db()
    assert connector.settings["password"] == SECRET
    assert connector.settings["username"] == "root"

    console.post(page_of(connector), form({"password": "another"}))
    connector.refresh_from_db()
    assert connector.settings["password"] == "another"

    console.post(page_of(connector), form(clear_password="on"))
    connector.refresh_from_db()
    assert connector.settings["password"] == ""


def test_settings_that_no_key_opens_are_entered_anew(
    console: Client, connector: OutboundConnector, settings: Settings
) -> None:
    settings.PURVEYOR_SECRET_KEYS = ["BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="]

    assert console.get(page_of(connector)).status_code == 200
    console.post(page_of(connector), form({"password": "entered-again"}))

    connector.refresh_from_db()
    assert connector.settings["password"] == "entered-again"


def test_what_was_typed_as_a_secret_does_not_come_back(
    console: Client, connector: OutboundConnector
) -> None:
    answer = console.post(
        page_of(connector), form({"user_endpoint": "nowhere", "password": "typed-secret"})
    )

    assert list(errors_of(answer)) == ["setting_user_endpoint"]
    assert b"typed-secret" not in answer.content


def test_pointing_elsewhere_moves_the_generation(
    console: Client, connector: OutboundConnector
) -> None:
    console.post(page_of(connector), form({"user_endpoint": "http://127.0.0.1:8/Users"}))

    connector.refresh_from_db()
    assert (connector.revision, connector.generation) == (2, 2)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"groups_choice": "some"}, "groups_names"),
        ({"groups_choice": "every"}, "groups_choice"),
        ({"mode": "rehearsing"}, "mode"),
        ({"maintenance_windows": "sat 22:00"}, "maintenance_windows"),
        ({"maintenance_windows": "sat 22:00 - 25:00"}, "maintenance_windows"),
        ({"retry_hours": "-1"}, "retry_hours"),
        ({"guard_window_minutes": "0"}, "guard_window_minutes"),
        ({"requests_per_second": "0.0001"}, "requests_per_second"),
        ({"requests_per_second": "nan"}, "requests_per_second"),
        ({"burst": "0"}, "burst"),
        ({"concurrency": "0"}, "concurrency"),
        ({"daily_quota": "-1"}, "daily_quota"),
        ({"setting_authentication": "magic"}, "setting_authentication"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    console: Client, connector: OutboundConnector, values: dict[str, Any], field: str
) -> None:
    answer = console.post(page_of(connector), form(**values))

    assert list(errors_of(answer)) == [field]


def test_the_audit_trail_names_the_fields_and_no_values(
    console: Client, connector: OutboundConnector
) -> None:
    console.post(page_of(connector), form({"password": "typed-secret"}))

    event = AuditEvent.objects.get(action="configuration.update")
    assert event.subject_name == "partner/scim2"
    assert "Password" in str(event.detail)
    assert "typed-secret" not in str(event.detail)


def test_the_connection_is_tested_without_saving(
    console: Client, connector: OutboundConnector, target: Scim2Target
) -> None:
    test = reverse("admin:idp_outboundconnector_test", args=[connector.pk])
    right = form(target.settings)

    good = console.post(test, right).content.decode()
    bad = console.post(test, {**right, "setting_password": "wrong"}).content.decode()

    assert "pv-bad" not in good
    assert "accepts the credentials" in good
    assert "401" in bad
    connector.refresh_from_db()
    assert connector.settings == SETTINGS
    assert target.users == {}


def test_a_new_connector_is_tested_before_it_exists(
    console: Client, tenant: Tenant, target: Scim2Target
) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")
    test = reverse("admin:idp_outboundconnector_test_new")
    query = f"?provider={provider.pk}&type=scim2"

    good = console.post(test + query, form(target.settings)).content.decode()
    incomplete = console.post(test + query, form({"user_endpoint": ""})).content.decode()

    assert "accepts the credentials" in good
    assert "User endpoint: This field is required." in incomplete
    assert not OutboundConnector.objects.exists()


def test_pausing_and_resuming(console: Client, connector: OutboundConnector) -> None:
    def press(name: str) -> str:
        console.post(reverse("admin:idp_outboundconnector_press", args=[connector.pk, name]))
        connector.refresh_from_db()
        return str(connector.mode)

    assert press("pause") == "paused"
    assert press("resume") == "active"


def test_the_end_of_a_dry_run_is_confirmed(
    console: Client, connector: OutboundConnector
) -> None:
    connector.mode = Mode.DRY_RUN
    connector.save()
    press = reverse("admin:idp_outboundconnector_press", args=[connector.pk, "activate"])

    asked = console.post(press).content.decode()
    connector.refresh_from_db()
    assert "only rehearsed" in asked
    assert connector.mode == Mode.DRY_RUN

    console.post(press, {"confirmed": "1"})
    connector.refresh_from_db()
    assert connector.mode == Mode.ACTIVE


def test_windows_are_lines_of_the_form(console: Client, connector: OutboundConnector) -> None:
    lines = "sun, sat 22:00-04:00\n\n2026-12-24 18:00 - 2026-12-26 06:00"
    console.post(page_of(connector), form(maintenance_windows=lines))

    connector.refresh_from_db()
    assert connector.maintenance_windows == [
        {"days": ["sat", "sun"], "from": "22:00", "to": "04:00"},
        {"from": "2026-12-24T18:00", "to": "2026-12-26T06:00"},
    ]
    assert connector.revision == 1
    page = console.get(page_of(connector)).content.decode()
    assert "sat, sun 22:00 - 04:00\n2026-12-24 18:00 - 2026-12-26 06:00" in page

    answer = console.post(page_of(connector), form(maintenance_windows="sat 22:00 - 25:00"))
    assert errors_of(answer)["maintenance_windows"] == [
        "“sat 22:00 - 25:00”: to must be a time like 22:00."
    ]


def test_one_with_history_is_retired_not_deleted(console: Client, world: World) -> None:
    connector = world.connector
    delete = reverse("admin:idp_outboundconnector_delete", args=[connector.pk])
    retire = reverse("admin:idp_outboundconnector_press", args=[connector.pk, "retire"])

    assert console.post(delete, {"post": "yes"}).status_code == 403
    console.post(retire)
    connector.refresh_from_db()
    assert connector.retired_at is None
    console.post(retire, {"confirmed": "1"})
    connector.refresh_from_db()
    assert connector.retired_at is not None


def test_one_that_was_never_used_can_be_deleted(
    console: Client, connector: OutboundConnector
) -> None:
    delete = reverse("admin:idp_outboundconnector_delete", args=[connector.pk])

    console.post(delete, {"post": "yes"})

    assert not OutboundConnector.objects.exists()


def test_a_type_that_is_not_installed_has_a_page(console: Client, tenant: Tenant) -> None:
    gone = make_connector(tenant, {}, type="gone")

    page = console.get(page_of(gone))
    provider = reverse("admin:idp_identityprovider_change", args=[gone.provider_id])

    assert page.status_code == 200
    assert "gone (not installed)" in console.get(provider).content.decode()
