from __future__ import annotations

import pytest
import yaml

from idp.models import Tenant
from provisioning.configuration import apply, export
from tests.provisioning.configuration.files import FULL, applied, in_tenant

pytestmark = pytest.mark.usefixtures("tenant")


def test_applying_what_was_exported_changes_nothing(tenant: Tenant) -> None:
    applied(FULL)
    tenant.refresh_from_db()
    tree = yaml.safe_load(yaml.safe_dump(export(tenant)))

    report = apply(tree, actor="test")

    assert {str(line.result) for line in report.lines} == {"unchanged"}


def test_what_was_never_set_can_be_written_as_yaml(tenant: Tenant) -> None:
    applied(in_tenant("identity_providers: [{name: plain, connectors: []}]"))
    tree = export(tenant)

    assert yaml.safe_load(yaml.safe_dump(tree)) == tree


def test_an_exported_tenant_can_be_made_elsewhere(tenant: Tenant) -> None:
    applied(FULL)
    tenant.refresh_from_db()
    tree = export(tenant)
    tree["tenants"][0]["domain"] = "copy.example"
    settings = tree["tenants"][0]["identity_providers"][0]["connectors"][0]["settings"]
    hr = tree["tenants"][0]["service_providers"][0]
    hr["oauth_client"] |= {"client_id": "hr-copy", "client_secret": "another-1"}

    apply(tree, actor="test")
    again = export(Tenant.objects.get(domain="copy.example"))

    assert again["tenants"][0]["identity_providers"] == tree["tenants"][0]["identity_providers"]
    assert "password" not in settings


def test_no_secret_is_exported(tenant: Tenant) -> None:
    applied(FULL)
    tenant.refresh_from_db()

    text = str(export(tenant, people=True))

    assert not any(secret in text for secret in ("hush-hush", "letmein", "hr-secret"))


def test_what_is_retired_is_left_out_with_its_rows(tenant: Tenant) -> None:
    applied(FULL)
    tenant.refresh_from_db()
    applied(in_tenant("identity_providers: [{name: partner, state: absent}]"))

    tree = export(tenant)

    assert tree["tenants"][0]["identity_providers"] == []
    assert tree["tenants"][0]["service_providers"][1]["outbound"] == []
    assert {str(x.result) for x in apply(tree, actor="t").lines} == {"unchanged"}
