"""A service account's key as a file: beside the configuration that names it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idp.models import OutboundConnector, Tenant
from provisioning import targets
from provisioning.configuration import ConfigurationError, apply, loading
from provisioning.configuration.report import Result
from tests.fakes.google import GoogleDirectory

CONFIGURATION = """
version: 1
tenants:
  - domain: carbon.super
    local_claims:
      - {{uri: "http://wso2.org/claims/called", path: "urn:purveyor:custom:User:called"}}
    identity_providers:
      - name: workspace
        connectors:
          - type: google
            settings:
              domain: {domain}
              admin_email: {admin}
              service_account_email: {account}
              private_key: {{file: key.p12}}
              given_name_claim: {claim}
              base_url: {url}
              token_uri: {url}/token
"""


@pytest.fixture
def google() -> Iterator[GoogleDirectory]:
    with GoogleDirectory() as running:
        yield running


def configuration(google: GoogleDirectory, folder: Path, claim: str = "called") -> Any:
    file = folder / "purveyor.yaml"
    file.write_text(
        CONFIGURATION.format(
            domain=google.domain,
            admin=google.admin,
            account=google.account,
            claim=f"http://wso2.org/claims/{claim}",
            url=google.url,
        )
    )
    return loading.read(file)


def test_a_p12_beside_the_configuration_opens_the_door(
    tenant: Tenant, google: GoogleDirectory, tmp_path: Path
) -> None:
    key = google.pkcs12
    (tmp_path / "key.p12").write_bytes(base64.b64decode(key))
    apply(configuration(google, tmp_path), actor="a test")

    connector = OutboundConnector.objects.get()
    assert connector.settings["private_key"] == key
    assert all(finding.ok for finding in targets.open_connector(connector).check())
    again = apply(configuration(google, tmp_path), actor="a test")
    assert again.counts[Result.CHANGED] == 0


def test_a_claim_that_is_not_there_is_named_with_its_place(
    tenant: Tenant, google: GoogleDirectory, tmp_path: Path
) -> None:
    (tmp_path / "key.p12").write_bytes(base64.b64decode(google.pkcs12))
    with pytest.raises(ConfigurationError) as raised:
        apply(configuration(google, tmp_path, claim="caled"), actor="a test")

    assert "settings.given_name_claim: Given name claim: there is no claim" in str(raised.value)
    assert not OutboundConnector.objects.exists()
