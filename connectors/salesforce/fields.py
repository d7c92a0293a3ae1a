"""The settings of the Salesforce connector, and the mapping it proposes."""

from __future__ import annotations

from connectors import passwords
from connectors.types import ConfigField, PresetRow, When

CLAIM = "http://wso2.org/claims/"


def _with(*grants: str) -> When:
    return When("grant", grants)


SALESFORCE_FIELDS = (
    ConfigField("api_version", "API version", help="Like v60.0.", required=True),
    ConfigField(
        "domain_name",
        "Domain name",
        help="Of the organisation, like https://acme.my.salesforce.com",
        kind="url",
        required=True,
        identity=True,
    ),
    ConfigField("client_id", "Client ID", help="Consumer key of the app.", required=True),
    ConfigField(
        "grant",
        "OAuth 2.0 grant",
        help="JWT bearer takes a private key, among the advanced settings.",
        kind="choice",
        default="password",
        choices=(
            ("password", "Username and password"),
            ("client_credentials", "Client credentials"),
            ("jwt_bearer", "JWT bearer"),
        ),
    ),
    ConfigField(
        "client_secret",
        "Client secret",
        help="Consumer secret of the app.",
        secret=True,
        shown_when=_with("password", "client_credentials"),
    ),
    ConfigField("username", "Username", shown_when=_with("password", "jwt_bearer")),
    ConfigField(
        "password",
        "Password",
        help="The password followed by the security token.",
        secret=True,
        shown_when=_with("password"),
    ),
    ConfigField(
        "private_key",
        "Private key",
        help="RSA, PEM. Its certificate belongs to the app.",
        kind="file",
        secret=True,
        advanced=True,
        shown_when=_with("jwt_bearer"),
    ),
    ConfigField(
        "token_endpoint",
        "OAuth2 token endpoint",
        kind="url",
        default="https://login.salesforce.com/services/oauth2/token",
        required=True,
    ),
    ConfigField(
        "pattern",
        "Provisioning pattern",
        help="UD user store domain, UN user name, TD tenant domain, IDP identity provider.",
        kind="pattern",
        default="{UN}",
    ),
    ConfigField("separator", "Provisioning separator", default="_"),
    ConfigField(
        "provisioning_domain",
        "Provisioning domain",
        help="Usernames become name@domain. Salesforce wants them to look like addresses.",
    ),
    *passwords.fields(otherwise="none is set"),
    ConfigField(
        "rename_on_delete",
        "Rename on delete",
        help="Users cannot be deleted, only deactivated: a new username frees the old one.",
        kind="boolean",
        default=True,
        advanced=True,
    ),
)

PRESET = (
    PresetRow("Alias", local=CLAIM + "givenname", default="user"),
    PresetRow("Email", local=CLAIM + "emailaddress"),
    PresetRow("EmailEncodingKey", constant="UTF-8"),
    PresetRow("FirstName", local=CLAIM + "givenname"),
    PresetRow("LanguageLocaleKey", constant="en_US"),
    PresetRow("LastName", local=CLAIM + "lastname"),
    PresetRow("LocaleSidKey", constant="en_US"),
    PresetRow("ProfileId", constant="Standard User"),
    PresetRow("TimeZoneSidKey", constant="America/Los_Angeles"),
    PresetRow("UserPermissionsCallCenterAutoLogin", constant="false"),
    PresetRow("UserPermissionsMarketingUser", constant="false"),
    PresetRow("UserPermissionsOfflineUser", constant="false"),
)
