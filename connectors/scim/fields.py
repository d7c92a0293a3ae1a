"""The settings of the SCIM 2.0 connector."""

from __future__ import annotations

from connectors.types import ConfigField

SCIM2_FIELDS = (
    ConfigField(
        "authentication",
        "Authentication",
        help="How we prove to the target who is calling.",
        kind="choice",
        default="basic",
        choices=(
            ("basic", "Basic (username and password)"),
            ("bearer", "Bearer (access token)"),
            ("api_key", "API key in a header"),
            ("oauth2", "OAuth 2.0 client credentials"),
            ("none", "None"),
        ),
    ),
    ConfigField("username", "Username", help="For Basic."),
    ConfigField("password", "Password", help="For Basic.", secret=True),
    ConfigField("access_token", "Access token", help="For Bearer.", secret=True),
    ConfigField(
        "api_key_header", "API key header", help="For API key: the header that carries it."
    ),
    ConfigField("api_key", "API key", help="For API key.", secret=True),
    ConfigField(
        "token_endpoint",
        "Token endpoint",
        help="For OAuth 2.0: where access tokens are issued.",
        kind="url",
    ),
    ConfigField("client_id", "Client ID", help="For OAuth 2.0."),
    ConfigField("client_secret", "Client secret", help="For OAuth 2.0.", secret=True),
    ConfigField("scope", "Scope", help="For OAuth 2.0: scopes to ask for."),
    ConfigField(
        "user_endpoint",
        "User endpoint",
        help="Like https://target.example/scim/v2/Users.",
        kind="url",
        required=True,
        identity=True,
    ),
    ConfigField(
        "group_endpoint",
        "Group endpoint",
        help="Like https://target.example/scim/v2/Groups. Empty: no groups are sent.",
        kind="url",
        identity=True,
    ),
    ConfigField(
        "user_store_domain",
        "User store domain",
        help="Names at the target are DOMAIN/name, whatever our own store is called.",
    ),
    ConfigField(
        "enable_password_provisioning",
        "Enable password provisioning",
        help="Send passwords when users are created and when passwords change.",
        kind="boolean",
        default=False,
    ),
    ConfigField(
        "default_password",
        "Default password",
        help="For new users whose own password is not sent.",
        secret=True,
    ),
    ConfigField(
        "profile",
        "Profile",
        help="aws: send one e-mail, phone and address only. Else leave it empty.",
        advanced=True,
    ),
    ConfigField(
        "update_method",
        "Update method",
        help="Automatic uses PATCH, and PUT where the target has no PATCH.",
        kind="choice",
        default="auto",
        choices=(("auto", "Automatic"), ("put", "PUT"), ("patch", "PATCH")),
        advanced=True,
    ),
)
