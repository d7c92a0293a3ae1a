"""How people sign in, in a file and over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from idp.models import Authenticator, Tenant
from provisioning.configuration import ConfigurationError, apply, export, loading
from provisioning.models import AuditEvent
from tests.fakes.saml.metadata import metadata
from tests.provisioning.api.conftest import Api, api

__all__ = ["api"]

HUSH = "hush-hush-4711"
OIDC: dict[str, Any] = {
    "type": "oidc",
    "issuer": "https://idp.example",
    "client_id": "purveyor",
    "client_secret": HUSH,
}


@pytest.fixture(autouse=True)
def _there(tenant: Tenant) -> None:
    """A tenant to apply files to."""


def brought(authenticator: Any, **more: Any) -> list[tuple[str, list[str]]]:
    """What applying a file with it says of the identity provider."""
    provider = {"name": "corporate", "authenticator": authenticator, **more}
    tenants = [{"domain": "carbon.super", "identity_providers": [provider]}]
    report = apply({"version": 1, "tenants": tenants}, actor="a test")
    return [
        (str(line.result), list(line.fields))
        for line in report.lines
        if line.kind == "identity provider"
    ]


def exported(tenant: Tenant) -> Any:
    tree = yaml.safe_load(yaml.safe_dump(export(tenant)))
    [provider] = tree["tenants"][0]["identity_providers"]
    return provider.get("authenticator")


def test_the_same_file_twice_changes_nothing(tenant: Tenant) -> None:
    assert brought(OIDC) == [("created", [])]
    assert brought(OIDC) == [("unchanged", [])]
    assert brought({**OIDC, "scopes": ["openid"]}) == [("changed", ["authenticator"])]
    assert AuditEvent.objects.get(action="identity_provider.changed").detail == {
        "fields": ["authenticator"]
    }


def test_what_is_exported_has_no_secret_and_can_be_applied_again(tenant: Tenant) -> None:
    brought({"type": "saml", "metadata": metadata()})

    told = exported(tenant)

    assert told == {
        "type": "saml",
        "metadata": metadata(),
        "entity_id": "",
        "name_id_format": "",
        "emails_verified": False,
        "sign_requests": True,
    }
    assert brought(told) == [("unchanged", [])]
    brought(OIDC)
    assert HUSH not in str(exported(tenant))
    assert exported(tenant)["scopes"] == ["openid", "profile", "email"]


@pytest.mark.parametrize("nothing", [{}, {"type": "oidc"}, {"issuer": None}])
def test_what_is_not_said_stays(tenant: Tenant, nothing: Any) -> None:
    brought(OIDC)

    assert brought(nothing) == [("unchanged", [])]
    assert brought({"client_id": "other"}) == [("changed", ["authenticator"])]
    settings = Authenticator.objects.get().settings
    assert (settings["client_id"], settings["client_secret"]) == ("other", HUSH)


def test_an_identity_provider_without_one_keeps_being_without(tenant: Tenant) -> None:
    assert brought({}) == [("created", [])]
    assert exported(tenant) is None
    assert brought({"state": "absent"}) == [("unchanged", [])]


def test_it_is_taken_away_by_its_state(tenant: Tenant) -> None:
    brought(OIDC)

    assert brought({"state": "absent"}) == [("changed", ["authenticator"])]
    assert exported(tenant) is None


def test_metadata_may_lie_in_a_file(tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "idp.xml").write_text(metadata() + "\n")
    filled = loading.fill({"type": "saml", "metadata": {"file": "idp.xml"}}, tmp_path)

    brought(filled)

    assert exported(tenant)["metadata"] == metadata()


def test_scopes_may_come_from_the_environment(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPES", "[openid, groups]")

    brought(loading.fill({**OIDC, "scopes": {"env": "SCOPES"}}, Path()))

    assert exported(tenant)["scopes"] == ["openid", "groups"]


def test_one_that_cannot_be_leaves_everything_as_it_was(tenant: Tenant) -> None:
    with pytest.raises(ConfigurationError) as caught:
        brought({**OIDC, "scopes": ["profile"]}, description="new")

    path = "tenants[0].identity_providers[0].authenticator.scopes"
    assert caught.value.problems == (f"{path}: Scopes must have openid among them.",)
    assert export(tenant)["tenants"][0]["identity_providers"] == []


def test_rest_takes_tells_and_removes_it_without_its_secrets(api: Api) -> None:
    made = api.post("identity-providers/", {"name": "corporate", "authenticator": OIDC})
    told = api.get("identity-providers/corporate/").json()
    again = api.put("identity-providers/corporate/", told)
    wrong = api.patch("identity-providers/corporate/", {"authenticator": {"isuer": "x"}})
    gone = api.patch(
        "identity-providers/corporate/", {"authenticator": {"state": "absent"}}
    ).json()

    assert made.status_code == 201
    assert told["authenticator"]["issuer"] == "https://idp.example"
    assert again.json() == told
    assert HUSH not in made.content.decode() + again.content.decode()
    assert wrong.json()["errors"] == [
        {"field": "authenticator.isuer", "detail": "unknown key; did you mean issuer?"}
    ]
    assert "authenticator" not in gone


def test_the_document_tells_the_settings_of_each_type(api: Api) -> None:
    shapes = api.get("schema/?format=json").json()["components"]["schemas"]

    oidc, saml = shapes["NewIdentityProvider"]["properties"]["authenticator"]["anyOf"]

    assert oidc["properties"]["client_secret"]["writeOnly"] is True
    assert oidc["properties"]["scopes"]["type"] == "array"
    assert saml["properties"]["type"]["enum"] == ["saml"]
    assert saml["properties"]["signing_key"]["writeOnly"] is True
    assert "writeOnly" not in saml["properties"]["metadata"]
