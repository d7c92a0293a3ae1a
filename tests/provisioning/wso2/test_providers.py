from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography import x509
from lxml import etree

from provisioning.wso2.authenticators import metadata
from provisioning.wso2.notes import Became
from provisioning.wso2.secrets import Secret
from tests.fakes.certificates import issue
from tests.provisioning.wso2.servers import (
    note,
    of,
    only_provider,
    provider,
    whys,
    written,
)


@pytest.fixture
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    return issue("one.example", tmp_path_factory.mktemp("keys"))[0].read_text()


def properties(name: str, **values: str) -> str:
    held = "".join(
        f"<property><Name>{key}</Name><Value>{value}</Value></property>"
        for key, value in values.items()
    )
    return (
        f"<FederatedAuthenticatorConfigs><any><Name>{name}</Name><IsEnabled>true</IsEnabled>"
        f"<Properties>{held}</Properties></any></FederatedAuthenticatorConfigs>"
    )


def jit(**settings: str) -> str:
    held = "".join(f"<{name}>{value}</{name}>" for name, value in settings.items())
    return f"<JustInTimeProvisioningConfig>{held}</JustInTimeProvisioningConfig>"


def test_roles_are_a_list_however_they_are_separated(tmp_path: Path) -> None:
    entry, _ = only_provider(
        tmp_path, provider("one", "<ProvisioningRole>a, b,,STAFF/c d ,</ProvisioningRole>")
    )

    assert entry["provisioning_roles"] == ["a", "b", "STAFF/c d"]


def test_what_does_not_say_that_it_is_enabled_is_not(tmp_path: Path) -> None:
    text = (
        "<IdentityProvider><IdentityProviderName>one</IdentityProviderName></IdentityProvider>"
    )

    entry, document = only_provider(tmp_path, text)

    assert entry == {"name": "one", "enabled": False}
    assert whys(document, Became.TRANSLATED)["IdentityProvider"].startswith("not said")


@pytest.mark.parametrize("form", ["pem", "bare", "wrapped", "list"])
def test_certificates_come_in_many_forms(tmp_path: Path, certificate: str, form: str) -> None:
    pem = certificate
    bare = "".join(pem.splitlines()[1:-1])
    packed = base64.b64encode(pem.encode()).decode()
    given = {
        "pem": pem,
        "bare": bare,
        "wrapped": packed,
        "list": f'[{{"thumbPrint": "x", "certValue": "{packed}"}}]',
    }[form]

    entry, _ = only_provider(tmp_path, provider("one", f"<Certificate>{given}</Certificate>"))

    [found] = x509.load_pem_x509_certificates(str(entry["certificate"]).encode())
    assert found == x509.load_pem_x509_certificate(pem.encode())


def test_what_is_no_certificate_is_left_to_a_hand(tmp_path: Path) -> None:
    entry, document = only_provider(tmp_path, provider("one", "<Certificate>hm</Certificate>"))

    assert "certificate" not in entry
    assert note(document, "Certificate").result is Became.BY_HAND


@pytest.mark.parametrize(
    ("switches", "prompt"),
    [
        ({"PromptConsent": "false"}, "silent"),
        ({"PromptConsent": "true"}, "consent"),
        ({"IsPasswordProvisioningEnabled": "true", "PromptConsent": "true"}, "password"),
        ({"AllowModifyUserName": "true", "IsPasswordProvisioningEnabled": "true"}, "username"),
    ],
)
def test_three_switches_are_one_prompt(
    tmp_path: Path, switches: dict[str, str], prompt: str
) -> None:
    entry, _ = only_provider(tmp_path, provider("one", jit(**switches)))

    assert entry["jit"] == {"prompt": prompt}


def test_the_store_may_be_in_the_name(tmp_path: Path) -> None:
    text = jit(IsProvisioningEnabled="true", ProvisioningUserStore="As in username")

    entry, document = only_provider(tmp_path, provider("one", text))

    assert entry["jit"] == {"enabled": True, "user_store": ""}
    assert "user_stores" not in document.tenant


def test_stores_that_are_named_are_made(tmp_path: Path) -> None:
    mapping = (
        "<PermissionAndRoleConfig><RoleMappings><RoleMapping><LocalRole>"
        "<LocalRoleName>sales</LocalRoleName><UserStoreId>hr</UserStoreId></LocalRole>"
        "<RemoteRole>S</RemoteRole></RoleMapping></RoleMappings></PermissionAndRoleConfig>"
    )
    roles = "<ProvisioningRole>Internal/x,SHOP/y,z</ProvisioningRole>"
    text = provider("one", jit(ProvisioningUserStore="Staff"), mapping, roles)

    entry, document = only_provider(tmp_path, text)

    assert entry["role_mappings"] == [{"local": "HR/sales", "remote": "S"}]
    stores = [one["domain"] for one in document.tenant["user_stores"]]
    assert stores == ["HR", "SHOP", "STAFF"]


def test_an_openid_connect_login_is_written_down(tmp_path: Path) -> None:
    login = properties(
        "OpenIDConnectAuthenticator", ClientId="us", ClientSecret="hush", Scopes="openid email"
    )

    entry, _ = only_provider(
        tmp_path, provider("one", "<Issuer>https://one.example</Issuer>", login)
    )

    assert entry["authenticator"] == {
        "type": "oidc",
        "issuer": "https://one.example",
        "client_id": "us",
        "client_secret": Secret("WSO2_ONE_CLIENT_SECRET", "hush"),
        "scopes": ["openid", "email"],
    }


def test_a_saml_login_becomes_metadata(tmp_path: Path, certificate: str) -> None:
    login = properties(
        "SAMLSSOAuthenticator",
        IdPEntityId="https://one.example",
        SSOUrl="https://one.example/sso",
        SPEntityId="us",
        ISAuthnReqSigned="true",
        NameIDType="urn/oasis/names/tc/SAML/2.0/nameid-format/persistent",
    )

    entry, _ = only_provider(
        tmp_path, provider("one", f"<Certificate>{certificate}</Certificate>", login)
    )

    authenticator = entry["authenticator"]
    assert isinstance(authenticator, dict)
    root = etree.fromstring(authenticator.pop("metadata"))
    assert root.get("entityID") == "https://one.example"
    assert authenticator == {
        "type": "saml",
        "entity_id": "us",
        "sign_requests": True,
        "name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    }


def test_metadata_holds_every_certificate(certificate: str) -> None:
    address = "https://one.example/sso?a=1&b=2"

    root = etree.fromstring(metadata("urn:one", address, certificate * 2))

    bare = "".join(certificate.splitlines()[1:-1])
    assert [one.text for one in root.iter("{*}X509Certificate")] == [bare, bare]
    assert {one.get("Location") for one in root.iter("{*}SingleSignOnService")} == {address}


def test_files_that_cannot_be_taken_hold_back_no_other(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        providers={
            "broken": "<IdentityProvider>\n<IsEnabled>",
            "good": provider("good"),
            "nameless": "<IdentityProvider/>",
            "other": "<ServiceProvider/>",
            "twice": provider("Good"),
        },
    )

    document = of(folder)

    assert [one["name"] for one in document.tenant["identity_providers"]] == ["good"]
    told = [problem.removeprefix("repository/conf/identity/identity-providers/")
            for problem in document.problems]  # fmt: skip
    assert told[0].startswith("broken.xml:2: no XML that can be read: ")
    assert told[1:] == [
        "nameless.xml:1: an identity provider without IdentityProviderName.",
        "other.xml:1: holds a ServiceProvider, not an identity provider.",
        "twice.xml:1: repository/conf/identity/identity-providers/good.xml has the name Good.",
    ]


def test_the_resident_one_is_this_server(tmp_path: Path) -> None:
    document = of(written(tmp_path, providers={"LOCAL": provider("LOCAL")}))

    assert "identity_providers" not in document.tenant
    assert "is this server itself" in whys(document, Became.LEFT_OUT)["IdentityProvider"]
