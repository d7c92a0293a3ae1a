from __future__ import annotations

from pathlib import Path

import pytest

from idp.claims import BUILT_IN
from provisioning.wso2.claims import LocalClaims
from provisioning.wso2.notes import Became
from tests.provisioning.wso2.servers import (
    connector,
    mappings,
    of,
    only_provider,
    provider,
    whys,
    written,
)

CLAIMS = "http://wso2.org/claims/"
LOCAL = "<LocalClaimDialect>true</LocalClaimDialect>"


def test_rows_keep_their_defaults(tmp_path: Path) -> None:
    entry, document = only_provider(
        tmp_path,
        provider(
            "one",
            mappings(
                (f"{CLAIMS}lastname", "LastName", ""),
                (f"{CLAIMS}dob", "LanguageLocaleKey", "en_US"),
                ("", "ProfileId", "00e1"),
                (f"{CLAIMS}title", "lastname", ""),
                ("", "Nothing", ""),
            ),
        ),
    )

    assert entry["claim_dialect"] == "custom"
    assert entry["claim_mappings"] == [
        {"remote": "LastName", "local": f"{CLAIMS}lastname"},
        {"remote": "LanguageLocaleKey", "local": f"{CLAIMS}dob", "default": "en_US"},
        {"remote": "ProfileId", "constant": "00e1"},
    ]
    left_out = [one.why for one in document.notes.of(Became.LEFT_OUT)]
    assert left_out == [
        "lastname is mapped twice: the first one counts",
        "a mapping from nothing",
    ]
    assert any("`constant: en_US` is better" in one.why for one in document.notes.rows)


def test_defaults_in_the_local_dialect_count_for_nothing(tmp_path: Path) -> None:
    text = mappings((f"{CLAIMS}title", f"{CLAIMS}title", "Boss")).replace(
        "<ClaimConfig>", f"<ClaimConfig>{LOCAL}"
    )

    entry, document = only_provider(tmp_path, provider("one", text))

    assert entry["claim_dialect"] == "local"
    assert "claim_mappings" not in entry
    assert "no default values" in whys(document, Became.LEFT_OUT)["ClaimMappings/ClaimMapping"]


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        (f"{CLAIMS}badge", "urn:purveyor:custom:User:badge"),
        ("urn:acme:2fa", "urn:purveyor:custom:User:claim-2fa"),
        ("http://acme.example/gender/", "urn:purveyor:custom:User:gender2"),
    ],
)
def test_claims_that_are_not_here_are_defined(uri: str, path: str) -> None:
    claims = LocalClaims.of(BUILT_IN)

    assert claims.need(uri)
    assert not claims.need(uri)
    assert claims.defined[uri]["path"] == path


def test_a_login_beside_scim_moves_to_a_provider_of_its_own(tmp_path: Path) -> None:
    jit = (
        "<JustInTimeProvisioningConfig><IsProvisioningEnabled>true</IsProvisioningEnabled>"
        "</JustInTimeProvisioningConfig>"
    )
    mapping = mappings((f"{CLAIMS}givenname", "given_name", ""))
    text = provider(
        "one", "<HomeRealmId>one.example</HomeRealmId>", connector("scim"), mapping, jit
    )

    document = of(written(tmp_path, providers={"one": text}))

    sends, signs_in = document.tenant["identity_providers"]
    assert (sends["name"], sends["claim_dialect"]) == ("one", "local")
    assert not {"jit", "claim_mappings", "home_realm_identifier"} & sends.keys()
    assert (signs_in["name"], signs_in["claim_dialect"]) == ("one-login", "custom")
    assert signs_in["jit"] == {"enabled": True}
    assert signs_in["home_realm_identifier"] == "one.example"
    assert "connectors" not in signs_in


def test_a_mapping_that_scim_takes_no_notice_of_is_not_sent(tmp_path: Path) -> None:
    mapping = mappings((f"{CLAIMS}givenname", "given_name", ""))

    entry, _ = only_provider(tmp_path, provider("one", connector("SCIM2"), mapping))

    assert entry["claim_dialect"] == "local"
    assert "claim_mappings" not in entry


def test_scim_beside_a_connector_that_follows_the_mapping_is_off(tmp_path: Path) -> None:
    both = connector("scim") + connector("salesforce")
    both = both.replace("</ProvisioningConnectorConfigs><ProvisioningConnectorConfigs>", "")
    mapping = mappings((f"{CLAIMS}lastname", "LastName", ""))

    entry, document = only_provider(tmp_path, provider("one", both, mapping))

    enabled = {one["type"]: one["enabled"] for one in entry["connectors"]}  # type: ignore[attr-defined]
    assert enabled == {"scim": False, "salesforce": True}
    assert "identity provider of its own" in whys(document, Became.BY_HAND)["ClaimConfig"]
