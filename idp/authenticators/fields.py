"""The settings of authenticators, declared once: file, REST, export and form follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors import ConfigField, When

OIDC = "oidc"
SAML = "saml"

_BY_SECRET = ("client_secret_basic", "client_secret_post")
_SAML_1 = "urn:oasis:names:tc:SAML:1.1:nameid-format"
_SAML_2 = "urn:oasis:names:tc:SAML:2.0:nameid-format"

OIDC_FIELDS = (
    ConfigField(
        "issuer",
        "Issuer",
        help="The address under which it describes itself "
        "(/.well-known/openid-configuration), exactly as it writes it.",
        kind="url",
        required=True,
        identity=True,
    ),
    ConfigField("client_id", "Client ID", required=True),
    ConfigField(
        "token_endpoint_auth_method",
        "How we prove who we are",
        kind="choice",
        default="client_secret_basic",
        choices=(
            ("client_secret_basic", "Secret, in the header (client_secret_basic)"),
            ("client_secret_post", "Secret, in the body (client_secret_post)"),
            ("private_key_jwt", "Signed by a key (private_key_jwt)"),
            ("none", "Not at all: a public client (none)"),
        ),
    ),
    ConfigField(
        "client_secret",
        "Client secret",
        required=True,
        secret=True,
        shown_when=When("token_endpoint_auth_method", _BY_SECRET),
    ),
    ConfigField(
        "private_key",
        "Private key",
        help="In PEM, without a password. The identity provider knows its public half.",
        kind="file",
        required=True,
        secret=True,
        shown_when=When("token_endpoint_auth_method", ("private_key_jwt",)),
    ),
    ConfigField(
        "key_id",
        "Key ID",
        help="What the identity provider calls the key (kid), where it wants to be told.",
        shown_when=When("token_endpoint_auth_method", ("private_key_jwt",)),
    ),
    ConfigField(
        "scopes",
        "Scopes",
        help="What is asked for, one per line; openid must be among them.",
        kind="list",
        default=("openid", "profile", "email"),
        matches=r"[\x21\x23-\x5b\x5d-\x7e]+",
    ),
)

SAML_FIELDS = (
    ConfigField(
        "metadata",
        "Metadata",
        help="The document with which the identity provider describes itself, in XML.",
        kind="file",
        required=True,
        identity=True,
        largest=512 * 1024,
    ),
    ConfigField(
        "entity_id",
        "Our entity ID",
        help="What the identity provider knows us by. Empty: the address of our metadata.",
        matches=r"\S+",
    ),
    ConfigField(
        "name_id_format",
        "Name ID format",
        help="How people shall be named. Transient names are of no use here: they change "
        "with every login.",
        kind="choice",
        choices=(
            (f"{_SAML_2}:persistent", "Persistent"),
            (f"{_SAML_1}:emailAddress", "E-mail address"),
            (f"{_SAML_1}:unspecified", "Unspecified"),
            (f"{_SAML_1}:X509SubjectName", "X.509 subject name"),
            (f"{_SAML_1}:WindowsDomainQualifiedName", "Windows domain qualified name"),
            (f"{_SAML_2}:kerberos", "Kerberos"),
        ),
    ),
    ConfigField(
        "emails_verified",
        "Its e-mail addresses are verified",
        help="Only then may somebody who is here already be recognised by their address.",
        kind="boolean",
        default=False,
    ),
    ConfigField(
        "sign_requests",
        "Sign our requests",
        kind="boolean",
        default=True,
    ),
    ConfigField(
        "signing_key",
        "Signing key",
        help="A private key in PEM without a password, and its certificate if there is one. "
        "Empty: one is made.",
        kind="file",
        secret=True,
        shown_when=When("sign_requests", (True,)),
    ),
)

TYPES: Mapping[str, tuple[ConfigField, ...]] = {OIDC: OIDC_FIELDS, SAML: SAML_FIELDS}

TYPE = ConfigField(
    "type",
    "Protocol",
    help="How people sign in through this identity provider.",
    kind="choice",
    choices=((OIDC, "OpenID Connect"), (SAML, "SAML 2.0")),
)


def together() -> Sequence[ConfigField]:
    """Those of all types in one form: each applies with its type only."""
    return (
        TYPE,
        *(
            field if field.shown_when else replace(field, shown_when=When("type", (kind,)))
            for kind, fields in TYPES.items()
            for field in fields
        ),
    )
