"""The settings of the SCIM connectors."""

from __future__ import annotations

from connectors import passwords
from connectors.scim.profiles import abouts, choices
from connectors.types import ConfigField, When

_NAMES_AND_PASSWORDS = (
    ConfigField(
        "user_store_domain",
        "User store domain",
        help="Names at the target are DOMAIN/name, whatever our own store is called.",
    ),
    *passwords.fields(),
)
_UPDATE_METHOD = ConfigField(
    "update_method",
    "Update method",
    help="Automatic uses PATCH, and PUT where the target has no PATCH.",
    kind="choice",
    default="auto",
    choices=(("auto", "Automatic"), ("put", "PUT"), ("patch", "PATCH")),
    advanced=True,
)


def _with(way: str) -> When:
    return When("authentication", (way,))


def _endpoints(base: str) -> tuple[ConfigField, ConfigField]:
    return (
        ConfigField(
            "user_endpoint",
            "User endpoint",
            help=f"Like {base}/Users.",
            kind="url",
            required=True,
            identity=True,
        ),
        ConfigField(
            "group_endpoint",
            "Group endpoint",
            help=f"Like {base}/Groups. Empty: no groups are sent.",
            kind="url",
            identity=True,
        ),
    )


SCIM1_FIELDS = (
    ConfigField("username", "Username", help="For Basic authentication.", required=True),
    ConfigField("password", "Password", required=True, secret=True),
    *_endpoints("https://target.example/wso2/scim"),
    *_NAMES_AND_PASSWORDS,
    _UPDATE_METHOD,
)
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
    ConfigField("username", "Username", shown_when=_with("basic")),
    ConfigField("password", "Password", secret=True, shown_when=_with("basic")),
    ConfigField("access_token", "Access token", secret=True, shown_when=_with("bearer")),
    ConfigField(
        "api_key_header",
        "API key header",
        help="The header that carries the key, like X-Api-Key.",
        shown_when=_with("api_key"),
    ),
    ConfigField("api_key", "API key", secret=True, shown_when=_with("api_key")),
    ConfigField(
        "token_endpoint",
        "Token endpoint",
        help="Where access tokens are issued.",
        kind="url",
        shown_when=_with("oauth2"),
    ),
    ConfigField("client_id", "Client ID", shown_when=_with("oauth2")),
    ConfigField("client_secret", "Client secret", secret=True, shown_when=_with("oauth2")),
    ConfigField(
        "scope",
        "Scope",
        help="Scopes to ask for, separated by blanks.",
        shown_when=_with("oauth2"),
    ),
    *_endpoints("https://target.example/scim/v2"),
    *_NAMES_AND_PASSWORDS,
    ConfigField(
        "profile",
        "Profile",
        help=" ".join(["What the target does differently. Empty: the standard.", *abouts()]),
        kind="choice",
        choices=choices(),
        advanced=True,
    ),
    _UPDATE_METHOD,
)
