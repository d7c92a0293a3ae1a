"""Settings renamed, patterns kept, and what WSO2 does unasked said aloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from provisioning.wso2.connector_types import BY_NAME, Renamed
from provisioning.wso2.notes import Became
from provisioning.wso2.secrets import Secret
from tests.provisioning.wso2.servers import connector, note, only_provider, provider, whys


def translated(folder: Path, text: str) -> dict[str, Any]:
    entry, _ = only_provider(folder, provider("one", text))
    [made] = entry["connectors"]  # type: ignore[misc]
    return dict(made)


@pytest.mark.parametrize("renamed", BY_NAME.values(), ids=list(BY_NAME))
def test_every_setting_there_is_a_place_for_exists(renamed: Renamed) -> None:
    known = {field.name for field in registry.load(renamed.key).fields}

    assert {*renamed.settings.values(), *renamed.fixed} - known == set()


def test_google_keeps_its_pattern_and_sends_people_only(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        connector(
            "googleapps",
            google_prov_domain_name="acme.example",
            google_prov_pattern="{UD,UN}",
            google_prov_separator="-",
            google_prov_private_key="MIIK",
        ),
    )

    assert made == {
        "type": "google",
        "enabled": True,
        "groups": "none",
        "settings": {
            "domain": "acme.example",
            "pattern": "{UD,UN}",
            "separator": "-",
            "private_key": Secret("WSO2_ONE_GOOGLE_PRIVATE_KEY", "MIIK"),
            "enable_password_provisioning": False,
        },
    }


@pytest.mark.parametrize(
    ("given", "ours"),
    [("basic", "basic"), ("bearer", "bearer"), ("apiKey", "api_key"), ("unknown", "basic")],
)
def test_the_ways_to_prove_who_calls(tmp_path: Path, given: str, ours: str) -> None:
    made = translated(tmp_path, connector("SCIM2", scim2__authentication__mode=given))

    assert made["settings"]["authentication"] == ours


def test_passwords_are_sent_unless_switched_off(tmp_path: Path) -> None:
    made = translated(tmp_path, connector("scim", scim__username="admin"))

    assert made["settings"] == {"username": "admin", "enable_password_provisioning": True}
    assert "groups" not in made


def test_a_default_password_lies_within_a_property(tmp_path: Path) -> None:
    text = connector("scim", scim__username="a").replace(
        "<Value>a</Value>",
        "<Value>a</Value><SubProperties><SubProperty><Name>scim-default-pwd</Name>"
        "<Value>first-1</Value></SubProperty></SubProperties>",
    )

    made = translated(tmp_path, text)

    assert made["settings"]["default_password"] == Secret(
        "WSO2_ONE_SCIM_DEFAULT_PASSWORD", "first-1"
    )


def test_spml_stays_without_credentials_as_it_was(tmp_path: Path) -> None:
    entry, document = only_provider(
        tmp_path, provider("one", connector("spml", spml__ep="https://x.example", spml__oc="u"))
    )

    [made] = entry["connectors"]  # type: ignore[misc]
    assert made["settings"]["authentication"] == "none"
    assert "never sends them" in next(
        one.why for one in document.notes.of(Became.TRANSLATED) if "authentication" in one.ours
    )


def test_a_connector_that_is_not_here_is_told(tmp_path: Path) -> None:
    entry, document = only_provider(tmp_path, provider("one", connector("duo", host="x")))

    assert "connectors" not in entry
    assert (
        "installed as one of your own"
        in whys(document, Became.BY_HAND)[
            "ProvisioningConnectorConfigs/ProvisioningConnectorConfig"
        ]
    )


def test_a_property_that_is_not_known_is_told_with_its_line(tmp_path: Path) -> None:
    _, document = only_provider(
        tmp_path, provider("one", "\n\n", connector("salesforce", sf__new="1"))
    )

    told = note(document, "sf-new")
    assert (told.result, told.line, told.value) == (Became.LEFT_OUT, 3, "1")
