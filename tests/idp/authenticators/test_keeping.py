"""Settings of authenticators: what is kept, what is made, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from django.core.exceptions import ValidationError
from django.utils import timezone

from connectors import declared
from idp import authenticators
from idp.authenticators import signing_keys
from idp.models import Authenticator, IdentityProvider, Tenant
from tests.fakes.saml.keys import pair
from tests.fakes.saml.metadata import metadata

OIDC: dict[str, Any] = {
    "issuer": "https://idp.example",
    "client_id": "purveyor",
    "client_secret": "hush",
}


def keep(provider: IdentityProvider, kind: str, **submitted: Any) -> dict[str, Any]:
    """What is stored afterwards."""
    authenticators.save(Authenticator(provider=provider, type=kind), submitted)
    return Authenticator.objects.get(provider=provider).settings


def refusal(provider: IdentityProvider, kind: str, **submitted: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        authenticators.save(Authenticator(provider=provider, type=kind), submitted)
    messages: dict[str, list[str]] = caught.value.message_dict
    return messages


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    return IdentityProvider.objects.create(tenant=tenant, name="corporate")


@pytest.mark.parametrize("kind", authenticators.TYPES)
def test_what_is_declared_is_declared_well(kind: str) -> None:
    assert declared.problems(authenticators.TYPES[kind]) == []
    assert declared.problems(authenticators.together()) == []


def test_what_is_not_said_has_its_default(provider: IdentityProvider) -> None:
    assert keep(provider, "oidc", **OIDC) == {
        **OIDC,
        "token_endpoint_auth_method": "client_secret_basic",
        "private_key": "",
        "key_id": "",
        "scopes": ["openid", "profile", "email"],
    }


def test_a_secret_that_is_not_said_stays(provider: IdentityProvider) -> None:
    keep(provider, "oidc", **OIDC)

    kept = keep(provider, "oidc", client_id="another", client_secret="", scopes=["openid"])

    assert (kept["client_id"], kept["client_secret"]) == ("another", "hush")
    assert kept["scopes"] == ["openid"]


def test_another_type_begins_anew(provider: IdentityProvider) -> None:
    keep(provider, "oidc", **OIDC)

    kept = keep(provider, "saml", metadata=metadata())

    assert Authenticator.objects.get().type == "saml"
    assert "client_secret" not in kept
    assert "issuer" in refusal(provider, "oidc", client_id="x")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"issuer": "idp.example"}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"scopes": ["profile"]}, "scopes"),
        ({"scopes": ["openid", 'a"b']}, "scopes"),
        ({"scopes": {"a": 1}}, "scopes"),
        ({"scopes": [["openid"]]}, "scopes"),
        ({"token_endpoint_auth_method": "mutual"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "private_key"),
        ({"private_key": "nonsense"}, "private_key"),
        ({"metadata": "<a/>"}, "metadata"),
    ],
)
def test_what_is_wrong_of_openid_connect_is_named(
    provider: IdentityProvider, more: dict[str, Any], field: str
) -> None:
    assert list(refusal(provider, "oidc", **{**OIDC, **more})) == [field]
    assert not Authenticator.objects.exists()


def test_a_client_may_sign_with_a_key_or_have_no_secret(provider: IdentityProvider) -> None:
    by_key = {"token_endpoint_auth_method": "private_key_jwt", "private_key": pair().key_pem}

    assert keep(provider, "oidc", issuer=OIDC["issuer"], client_id="a", **by_key)["private_key"]
    assert keep(provider, "oidc", token_endpoint_auth_method="none")["client_id"] == "a"


def test_a_key_for_requests_is_made_once(provider: IdentityProvider) -> None:
    first = keep(provider, "saml", metadata=metadata())["signing_key"]

    assert signing_keys.read(first).certificate.not_valid_after_utc > timezone.now()
    assert keep(provider, "saml", entity_id="urn:us")["signing_key"] == first
    assert keep(provider, "saml", signing_key=None)["signing_key"] not in ("", first)


def test_a_key_of_ones_own_gets_a_certificate_where_it_has_none(
    provider: IdentityProvider,
) -> None:
    ours = pair("ours")

    alone = keep(provider, "saml", metadata=metadata(), signing_key=ours.key_pem)
    whole = keep(provider, "saml", signing_key=ours.key_pem + ours.certificate_pem)

    read = signing_keys.read(alone["signing_key"])
    assert read.certificate.public_key() == ours.key.public_key()
    assert signing_keys.read(whole["signing_key"]).certificate == ours.certificate


def test_who_does_not_sign_needs_no_key(provider: IdentityProvider) -> None:
    assert keep(provider, "saml", metadata=metadata(), sign_requests=False)["signing_key"] == ""


def locked() -> str:
    key = pair().key
    assert isinstance(key, rsa.RSAPrivateKey)
    encryption = BestAvailableEncryption(b"hush")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"metadata": ""}, "metadata", "required"),
        ({"metadata": "<a/>"}, "metadata", "no SAML 2.0 identity provider"),
        (
            {"metadata": metadata(role='validUntil="2020-01-01T00:00:00Z"')},
            "metadata",
            "valid until 2020-01-01",
        ),
        (
            {
                "metadata": metadata(role='WantAuthnRequestsSigned="true"'),
                "sign_requests": False,
            },
            "sign_requests",
            "wants our requests signed",
        ),
        ({"entity_id": "two words"}, "entity_id", "cannot be"),
        ({"entity_id": "x" * 1025}, "entity_id", "at most 1024"),
        (
            {"name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
            "name_id_format",
            "must be one of",
        ),
        ({"signing_key": "nonsense"}, "signing_key", "private key in PEM"),
        ({"signing_key": pair("ec", kind="ec").key_pem}, "signing_key", "RSA key"),
        ({"signing_key": pair("weak", bits=1024).key_pem}, "signing_key", "2048 bits"),
        (
            {"signing_key": pair("a").key_pem + pair("b").certificate_pem},
            "signing_key",
            "another key",
        ),
        ({"signing_key": locked()}, "signing_key", "password"),
    ],
)
def test_what_is_wrong_of_saml_is_named(
    provider: IdentityProvider, more: dict[str, Any], field: str, said: str
) -> None:
    [(named, [text])] = refusal(provider, "saml", **{"metadata": metadata(), **more}).items()

    assert (named, said in text) == (field, True), text


def test_metadata_that_is_valid_for_a_while_is_taken(provider: IdentityProvider) -> None:
    end = timezone.now() + timedelta(days=1)
    text = metadata(role=f'validUntil="{end:%Y-%m-%dT%H:%M:%SZ}"')

    assert keep(provider, "saml", metadata=text)["metadata"] == text


def test_settings_no_key_opens_are_entered_anew(
    provider: IdentityProvider, settings: Any
) -> None:
    keep(provider, "oidc", **OIDC)
    settings.PURVEYOR_SECRET_KEYS = ["QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="]

    assert "client_id" in refusal(provider, "oidc", issuer="https://idp.example")
    assert keep(provider, "oidc", **OIDC)["client_secret"] == "hush"
