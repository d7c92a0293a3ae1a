"""`import_wso2`: what it does, what it tells, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from idp.models import IdentityProvider, LocalClaim, OutboundConnector, Tenant, UserStore
from provisioning.configuration import apply_file
from provisioning.models import AuditEvent, Policy
from provisioning.wso2 import bringing
from serviceproviders.models import OAuthClient, OutboundTarget, ServiceProvider
from tests.factories import make_connector, send_to
from tests.provisioning.management.running import run
from tests.provisioning.wso2.servers import (
    PROVIDERS,
    SERVER,
    SERVICES,
    connector,
    copied,
    provider,
    written,
)

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "WSO2_SALESFORCE_COM_SALESFORCE_CLIENT_SECRET"
SECRETS = ("letmein-scim", "hush-oidc", "hr-secret-1", "hush-sf")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tenant: Tenant) -> None:
    """The secret that WSO2 encrypted."""
    monkeypatch.setenv(SECRET, "hush-sf")


@pytest.mark.usefixtures("given")
def test_everything_arrives(tenant: Tenant) -> None:
    ended = run("import_wso2", SERVER)

    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "11 created, 1 changed, 1 unchanged"
    scim = OutboundConnector.objects.get(type="scim2")
    assert (scim.enabled, scim.groups, scim.mode) == (True, "all", "active")
    assert scim.settings["password"] == "letmein-scim"
    assert scim.settings["user_endpoint"] == "https://partner.example/scim2/Users"
    salesforce = OutboundConnector.objects.get(type="salesforce")
    assert salesforce.settings["pattern"] == "{UD,UN,TD}"
    assert salesforce.settings["client_secret"] == "hush-sf"
    partner = IdentityProvider.objects.get(name="partner")
    assert partner.provisioning_roles == ["Internal/partner", "sales"]
    assert partner.home_realm_identifier == ""
    login = IdentityProvider.objects.get(name="partner-login")
    assert (login.jit.user_store, login.jit.prompt) == (
        UserStore.objects.get(domain="STAFF"),
        "consent",
    )
    assert LocalClaim.objects.get().uri == "http://wso2.org/claims/badge"
    rows = OutboundTarget.objects.order_by("provider__name")
    assert [(r.provider.name, r.blocking, r.enable_rules, r.jit_outbound) for r in rows] == [
        ("partner", True, True, False),
        ("salesforce.com", False, False, True),
    ]
    assert OAuthClient.objects.get().client_id == "hr-client"
    policies = Policy.objects.order_by("order")
    assert [(p.name, p.published_id is not None) for p in policies] == [
        ("canada", True),
        ("old-idea", False),
        ("provisioning_user_claim_based_policy_template", False),
    ]


@pytest.mark.usefixtures("given")
def test_a_second_time_changes_nothing() -> None:
    run("import_wso2", SERVER, "--mode", "dry_run")
    OutboundConnector.objects.update(mode="active")

    ended = run("import_wso2", SERVER, "--mode", "dry_run")

    assert ended.out.splitlines()[-1] == "0 created, 0 changed, 12 unchanged"
    assert set(OutboundConnector.objects.values_list("mode", flat=True)) == {"active"}


@pytest.mark.usefixtures("given")
def test_rows_that_lead_elsewhere_stay(tenant: Tenant, resident: ServiceProvider) -> None:
    send_to(
        resident,
        make_connector(tenant, {"user_endpoint": "http://127.0.0.1:9/Users"}, name="another"),
    )

    run("import_wso2", SERVER)

    rows = OutboundTarget.objects.filter(service_provider=resident)
    assert set(rows.values_list("provider__name", flat=True)) == {"another", "partner"}
    assert run("import_wso2", SERVER, "--json").json["applied"]["changed"] == 0


@pytest.mark.usefixtures("tenant")
def test_a_dry_run_tells_and_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "report.md"

    ended = run("import_wso2", SERVER, "--dry-run", "--json", "--report", file)

    told = ended.json
    assert (ended.code, told["applied"]["dry_run"], told["applied"]["created"]) == (0, True, 11)
    assert told["variables"] == ["WSO2_PARTNER_ISSUER", SECRET]
    assert told["prepared_logins"] == ["partner-login"]
    assert not IdentityProvider.objects.exists()
    assert not AuditEvent.objects.exists()
    page = file.read_text()
    assert f"- `{SECRET}`" in page
    assert "## Left out, and why" in page


@pytest.mark.usefixtures("tenant")
def test_no_secret_is_told_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, "hush-sf")
    files = [tmp_path / name for name in ("report.md", "report.json", "out.yaml")]

    ended = [
        run("import_wso2", SERVER, "--dry-run", "--report", files[0], "--write", files[2]),
        run("import_wso2", SERVER, "--json", "--report", files[1]),
    ]

    everything = [one.out + one.err for one in ended] + [file.read_text() for file in files]
    assert [text for text in everything if any(secret in text for secret in SECRETS)] == []


def test_the_written_file_does_the_same(
    tmp_path: Path, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out.yaml"
    run("import_wso2", SERVER, "--dry-run", "--write", file)
    for name, value in {
        SECRET: "hush-sf",
        "WSO2_PARTNER_SCIM2_PASSWORD": "letmein-scim",
        "WSO2_HR_PORTAL_CLIENT_SECRET": "hr-secret-1",
        "WSO2_PARTNER_CLIENT_SECRET": "hush-oidc",
        "WSO2_PARTNER_ISSUER": "https://partner.example",
    }.items():
        monkeypatch.setenv(name, value)
    tree = yaml.safe_load(file.read_text())
    for one in tree["tenants"][0]["identity_providers"]:
        if not bringing.authenticator_is_accepted():
            one.pop("authenticator", None)
    file.write_text(yaml.safe_dump(tree))

    apply_file(file, actor="a reader")

    assert run("import_wso2", SERVER, "--json").json["applied"]["changed"] == 0


@pytest.mark.usefixtures("tenant")
def test_a_secret_that_must_be_there_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "scim__username": "a",
        "scim__user__ep": "https://x.example",
        "scim__password": "*",
    }
    folder = written(
        tmp_path, providers={"one": provider("one", connector("scim", **settings))}
    )

    ended = run("import_wso2", folder)

    assert ended.code == 2
    assert "settings.password: Password is required." in ended.err
    assert "To be given as environment variables: WSO2_ONE_SCIM_PASSWORD." in ended.err
    assert not IdentityProvider.objects.exists()
    monkeypatch.setenv("WSO2_ONE_SCIM_PASSWORD", "hush")
    assert run("import_wso2", folder).code == 0
    monkeypatch.delenv("WSO2_ONE_SCIM_PASSWORD")
    assert (
        run("import_wso2", folder).out.splitlines()[-1] == "0 created, 0 changed, 3 unchanged"
    )


@pytest.mark.usefixtures("tenant")
def test_a_secret_may_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("import_wso2", SERVER)
    monkeypatch.setenv(SECRET, "hush-sf")

    second = run("import_wso2", SERVER)

    assert (first.code, second.code) == (0, 0)
    assert first.err == (
        f"To be given as environment variables: WSO2_PARTNER_ISSUER, {SECRET}. "
        "Then import again.\n"
    )
    assert (
        "changed   carbon.super: connector salesforce.com/salesforce (settings)" in second.out
    )


@pytest.mark.usefixtures("given")
def test_a_broken_file_holds_everything_back_and_the_others_are_told(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / PROVIDERS / "broken.xml").write_text("<IdentityProvider>\n  <IsEnabled>true\n")
    (folder / SERVICES / "odd.xml").write_text("<Something/>")

    ended = run("import_wso2", folder, "--json", "--write", tmp_path / "out.yaml")

    assert ended.code == 2
    lines = ended.err.splitlines()
    assert lines[0].startswith(f"{PROVIDERS}/broken.xml:3: no XML that can be read: ")
    assert lines[1:] == [
        f"{SERVICES}/odd.xml:1: holds a Something, not a service provider.",
        "Nothing was done.",
    ]
    assert ended.json["taken"] == 55
    assert not IdentityProvider.objects.exists()
    assert not (tmp_path / "out.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing"], "missing is no folder."),
        (["."], " holds no identity-providers, service-providers or policies."),
        ([".", "--tenant", "nobody.example"], "There is no tenant nobody.example."),
        ([".", "--person", "nobody"], "There is no user nobody in the tenant carbon.super."),
    ],
)
@pytest.mark.usefixtures("tenant")
def test_what_cannot_be_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = run("import_wso2", *arguments)

    assert ended.code == 2
    assert ended.err.strip().endswith(sentence)


@pytest.mark.usefixtures("given")
def test_another_tenant_is_left_alone(other_tenant: Tenant) -> None:
    run("import_wso2", SERVER, "--tenant", other_tenant.domain)

    tenants = IdentityProvider.objects.values_list("tenant__domain", flat=True)
    assert set(tenants) == {other_tenant.domain}


def compared(told: Any, kind: str) -> dict[str, Any]:
    [found] = [one for one in told["comparison"]["targets"] if one["connector"] == kind]
    return dict(found)


@pytest.mark.usefixtures("given")
def test_what_wso2_sends_stands_beside_what_we_send(tmp_path: Path) -> None:
    file = tmp_path / "report.json"

    run("import_wso2", SERVER, "--dry-run", "--report", file)

    told = json.loads(file.read_text())
    assert (told["comparison"]["person"], told["comparison"]["roles"]) == (
        "kim",
        ["Internal/partner"],
    )
    salesforce = compared(told, "salesforce")
    assert salesforce["wso2_request"] == (
        "POST https://acme.my.salesforce.com/services/data/v32.0/sobjects/user/"
    )
    assert [one for one in salesforce["attributes"] if not one["same"]] == []
    assert salesforce["attributes"][0] == {
        "attribute": "Username",
        "wso2": "primary_kim_carbon.super@acme.example",
        "ours": "primary_kim_carbon.super@acme.example",
        "same": True,
        "why": "",
    }
    scim = compared(told, "scim2")
    differs = {one["attribute"]: (one["wso2"], one["ours"]) for one in scim["attributes"]
               if not one["same"]}  # fmt: skip
    assert differs == {"active": ("", "true"), "addresses.country": ("", "CA")}


@pytest.mark.usefixtures("given")
def test_somebody_whom_a_rule_denies_is_told_so(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    policy = folder / "repository/conf/identity/policies/canada.xml"
    policy.write_text(policy.read_text().replace(">CA<", ">NO<"))

    told = run("import_wso2", folder, "--dry-run", "--json").json

    scim = compared(told, "scim2")
    assert scim["verdict"] == "skip"
    assert "canada" in scim["reason"]
    assert {one["why"] for one in scim["attributes"]} == {"nothing is sent"}


@pytest.mark.usefixtures("tenant")
def test_a_connector_that_cannot_work_is_told(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    file = folder / PROVIDERS / "salesforce.xml"
    cipher = "eyJjIjoiYWJjZCIsInQiOiJSU0EiLCJ0cCI6IjQwNSJ9"
    text = file.read_text().replace(cipher, "hush-sf")
    file.write_text(
        text.replace("acme.my.salesforce.com/services", "login.salesforce.com/services")
    )

    ended = run("import_wso2", folder, "--dry-run")

    assert "salesforce.com/salesforce cannot work as it is: Client credentials" in ended.out


def test_names_with_nothing_else_are_enough(tmp_path: Path, tenant: Tenant) -> None:
    folder = written(tmp_path, providers={"one": provider("one", enabled=False)})

    ended = run("import_wso2", folder)

    assert ended.code == 0
    assert not IdentityProvider.objects.get(name="one").enabled
