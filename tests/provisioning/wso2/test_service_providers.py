from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provisioning.wso2.document import Document
from provisioning.wso2.notes import Became
from provisioning.wso2.secrets import Secret
from tests.provisioning.wso2.servers import connector, note, of, provider, whys, written

OUTBOUND = (
    "<OutboundProvisioningConfig><ProvisioningIdentityProviders>{}"
    "</ProvisioningIdentityProviders></OutboundProvisioningConfig>"
)


def service(*parts: str, name: str = "shop") -> str:
    named = f"<ApplicationName>{name}</ApplicationName>"
    return f"<ServiceProvider>{named}{''.join(parts)}</ServiceProvider>"


def row(idp: str, *parts: str) -> str:
    named = f"<IdentityProviderName>{idp}</IdentityProviderName>"
    return f"<IdentityProvider>{named}{''.join(parts)}</IdentityProvider>"


def read(folder: Path, *parts: str, name: str = "shop") -> tuple[dict[str, Any], Document]:
    providers = {"one": provider("one", connector("SCIM2"))}
    document = of(
        written(folder, providers=providers, services={"shop": service(*parts, name=name)})
    )
    [entry] = document.tenant["service_providers"]
    return entry, document


FLAGS = "<IsBlocking>true</IsBlocking><RulesEnabled>true</RulesEnabled>"
WITHIN = (
    f"<DefaultProvisioningConnectorConfig><Name>SCIM2</Name>{FLAGS}"
    "</DefaultProvisioningConnectorConfig>"
)
THE_ONLY_ONE = (
    "<ProvisioningConnectorConfigs><ProvisioningConnectorConfig><Name>SCIM2</Name>"
    f"{FLAGS}</ProvisioningConnectorConfig></ProvisioningConnectorConfigs>"
)
BY_NAME = (
    "<DefaultProvisioningConnectorConfig>SCIM2</DefaultProvisioningConnectorConfig>"
    f"{THE_ONLY_ONE.replace('RulesEnabled', 'IsRulesEnabled')}"
)


@pytest.mark.parametrize("parts", [WITHIN, BY_NAME, THE_ONLY_ONE])
def test_a_row_names_its_connector_in_three_ways(tmp_path: Path, parts: str) -> None:
    jit = (
        "<JustInTimeProvisioningConfig><IsProvisioningEnabled>true</IsProvisioningEnabled>"
        "</JustInTimeProvisioningConfig>"
    )

    entry, _ = read(tmp_path, OUTBOUND.format(row("one", parts, jit)))

    assert entry["outbound"] == [
        {
            "identity_provider": "one",
            "connector": "scim2",
            "blocking": True,
            "on_blocking_failure": "report",
            "enable_rules": True,
            "jit_outbound": True,
        }
    ]


def test_rows_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    default = "<DefaultProvisioningConnectorConfig>scim</DefaultProvisioningConnectorConfig>"

    entry, document = read(
        tmp_path, OUTBOUND.format(row("gone", default) + row("one", default) + row("one"))
    )

    assert entry["outbound"] == []
    lost = [one for one in document.notes.of(Became.BY_HAND) if one.what == "outbound row"]
    assert [one.value for one in lost] == ["gone/scim", "one/scim"]
    assert note(document, "ProvisioningIdentityProviders/IdentityProvider")
    assert any("names no connector" in one.why for one in document.notes.of(Became.LEFT_OUT))


def test_dumb_mode_has_no_store(tmp_path: Path) -> None:
    inbound = (
        "<InboundProvisioningConfig><ProvisioningUserStore>staff</ProvisioningUserStore>"
        "<IsDumbModeEnabled>true</IsDumbModeEnabled></InboundProvisioningConfig>"
    )

    entry, document = read(tmp_path, inbound)

    assert entry["inbound"] == {"user_store": "", "dumb_mode": True}
    assert "user_stores" not in document.tenant


def test_the_resident_one_is_called_resident(tmp_path: Path) -> None:
    entry, _ = read(tmp_path, name="wso2carbon-local-sp")

    assert entry == {"name": "resident"}


def client(*parts: str) -> str:
    return (
        "<InboundAuthenticationConfig><InboundAuthenticationRequestConfigs>"
        "<InboundAuthenticationRequestConfig><InboundAuthKey>abc</InboundAuthKey>"
        f"<InboundAuthType>oauth2</InboundAuthType>{''.join(parts)}"
        "</InboundAuthenticationRequestConfig></InboundAuthenticationRequestConfigs>"
        "</InboundAuthenticationConfig>"
    )


def test_a_client_of_a_file_written_by_hand(tmp_path: Path) -> None:
    held = (
        "<Properties><Property><Name>oauthConsumerSecret</Name><Value>hush-1</Value></Property>"
        "<Property><Name>grantTypes</Name><Value>password</Value></Property></Properties>"
    )

    entry, document = read(tmp_path, client(held))

    secret = Secret("WSO2_SHOP_CLIENT_SECRET", "hush-1")
    assert entry["oauth_client"] == {"client_id": "abc", "client_secret": secret}
    assert note(document, "grantTypes").result is Became.LEFT_OUT
    assert not any("hush-1" in str(one) for one in document.notes.rows)


def test_a_client_whose_secret_is_not_there_waits_for_it(tmp_path: Path) -> None:
    _, document = read(tmp_path, client())

    [told] = document.notes.of(Became.BY_HAND)
    assert "WSO2_SHOP_CLIENT_SECRET" in told.why


def test_a_document_within_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    held = "<inboundConfiguration><![CDATA[<oAuthAppDO>]]></inboundConfiguration>"
    folder = written(tmp_path, services={"shop": service("\n", client(held))})

    document = of(folder)

    [problem] = document.problems
    assert problem.endswith("shop.xml:2: the document within cannot be read.")


def test_logins_stay_where_they_are(tmp_path: Path) -> None:
    _, document = read(tmp_path, "<IsSaaSApp>true</IsSaaSApp>", "<New>1</New>")

    told = whys(document, Became.LEFT_OUT)
    assert told["ServiceProvider/IsSaaSApp"].startswith("a service provider belongs")
    assert told["ServiceProvider/New"] == "has no counterpart"
