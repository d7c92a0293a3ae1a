"""The settings of the Google Workspace connector."""

from __future__ import annotations

from connectors import passwords
from connectors.types import ConfigField

GOOGLE_FIELDS = (
    ConfigField(
        "domain",
        "Google domain",
        help="Primary addresses are name@domain. It must be a verified domain of the account.",
        required=True,
        identity=True,
    ),
    ConfigField(
        "primary_email_claim",
        "Primary e-mail claim",
        help="Known from WSO2, where it has no effect either: the primary address is always "
        "made by the pattern.",
        kind="claim",
        advanced=True,
    ),
    ConfigField(
        "given_name_claim",
        "Given name claim",
        help="The claim that holds the given name; with a claim dialect of its own, its remote "
        "name.",
        kind="claim",
        default="http://wso2.org/claims/givenname",
    ),
    ConfigField(
        "family_name_claim",
        "Family name claim",
        help="The claim that holds the family name.",
        kind="claim",
        default="http://wso2.org/claims/lastname",
    ),
    ConfigField(
        "service_account_email",
        "Service account e-mail",
        help="Of the service account with domain-wide delegation. A JSON key brings its own.",
    ),
    ConfigField(
        "private_key",
        "Private key",
        help="The key file of the service account: JSON, PKCS12 (.p12) or PEM.",
        kind="file",
        secret=True,
        required=True,
    ),
    ConfigField(
        "admin_email",
        "Administrator's e-mail",
        help="The administrator on whose behalf the service account acts.",
        required=True,
    ),
    ConfigField(
        "application_name",
        "Application name",
        help="Told to Google in the User-Agent header.",
        default="Purveyor",
    ),
    ConfigField(
        "pattern",
        "Provisioning pattern",
        help="UD user store domain, UN user name, TD tenant domain, IDP identity provider.",
        kind="pattern",
        default="{UN}",
    ),
    ConfigField("separator", "Provisioning separator", default="_"),
    *passwords.fields(sent=True, otherwise="one that nobody knows"),
    ConfigField(
        "org_unit_path",
        "Organizational unit",
        help="Where new users are put, like /Staff. A mapped orgUnitPath takes precedence.",
        advanced=True,
    ),
    ConfigField(
        "private_key_password",
        "Private key password",
        help="Of a PKCS12 or encrypted PEM file.",
        secret=True,
        default="notasecret",
        advanced=True,
    ),
    ConfigField(
        "base_url",
        "Base URL",
        kind="url",
        default="https://admin.googleapis.com",
        identity=True,
        advanced=True,
    ),
    ConfigField(
        "token_uri",
        "Token URI",
        kind="url",
        default="https://oauth2.googleapis.com/token",
        advanced=True,
    ),
)
