"""What WSO2's connectors and their properties are called here. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Renamed:
    """A connector type: `settings` by WSO2's property names, `left_out` with the reason,
    `fixed` for what WSO2 does without asking: our setting, value and why."""

    key: str
    settings: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, tuple[object, str]] = field(default_factory=dict)
    sends_groups: bool = False
    own_dialect: bool = False
    """It sends in a dialect of its own and takes no notice of claim mappings."""


_PASSWORDS = (True, "WSO2 sends passwords unless this is switched off")
_SCIM = {
    "user-ep": "user_endpoint",
    "group-ep": "group_endpoint",
    "user-store-domain": "user_store_domain",
    "enable-pwd-provisioning": "enable_password_provisioning",
    "default-pwd": "default_password",
    "username": "username",
    "password": "password",
}
_DEFAULT_NAME = (
    "who has no name is called as the account is; a claim mapping may have a default"
)

GOOGLE = Renamed(
    "google",
    {
        "google_prov_domain_name": "domain",
        "google_prov_email_claim_dropdown": "primary_email_claim",
        "google_prov_givenname_claim_dropdown": "given_name_claim",
        "google_prov_familyname_claim_dropdown": "family_name_claim",
        "google_prov_service_acc_email": "service_account_email",
        "google_prov_private_key": "private_key",
        "google_prov_admin_email": "admin_email",
        "google_prov_application_name": "application_name",
        "google_prov_pattern": "pattern",
        "google_prov_separator": "separator",
    },
    left_out={
        "google_prov_givenname": _DEFAULT_NAME,
        "google_prov_familyname": _DEFAULT_NAME,
    },
    fixed={
        "enable_password_provisioning": (
            False,
            "WSO2 sends Google a random password, never the person's own",
        )
    },
)
SALESFORCE = Renamed(
    "salesforce",
    {
        "sf-api-version": "api_version",
        "sf-domain-name": "domain_name",
        "sf-clientid": "client_id",
        "sf-client-secret": "client_secret",
        "sf-usePasswordGrant": "grant",
        "sf-username": "username",
        "sf-password": "password",
        "sf-token-endpoint": "token_endpoint",
        "sf-prov-pattern": "pattern",
        "sf-prov-separator": "separator",
        "sf-prov-domainName": "provisioning_domain",
    },
    fixed={"grant": ("password", "WSO2 uses the password grant unless told otherwise")},
)
SCIM1 = Renamed(
    "scim",
    {f"scim-{name}": ours for name, ours in _SCIM.items()},
    fixed={"enable_password_provisioning": _PASSWORDS},
    sends_groups=True,
    own_dialect=True,
)
SCIM2 = Renamed(
    "scim2",
    {
        **{f"scim2-{name}": ours for name, ours in _SCIM.items()},
        "scim2-authentication-mode": "authentication",
        "scim2-access-token": "access_token",
        "scim2-api-key-header": "api_key_header",
        "scim2-api-key-value": "api_key",
    },
    fixed={"enable_password_provisioning": _PASSWORDS},
    sends_groups=True,
    own_dialect=True,
)
SPML = Renamed(
    "spml",
    {
        "spml-username": "username",
        "spml-password": "password",
        "spml-ep": "endpoint",
        "spml-oc": "object_class",
    },
    fixed={
        "authentication": (
            "none",
            "WSO2 asks for credentials and never sends them; `basic` and `wsse` do",
        )
    },
)

BY_NAME: Mapping[str, Renamed] = {
    "googleapps": GOOGLE,
    "google": GOOGLE,
    "salesforce": SALESFORCE,
    "scim": SCIM1,
    "scim2": SCIM2,
    "spml": SPML,
}

WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("salesforce", "grant"): {"true": "password", "false": "client_credentials"},
    ("scim2", "authentication"): {
        "basic": "basic",
        "bearer": "bearer",
        "apikey": "api_key",
        "none": "none",
    },
}
"""Values with other words, by our type and setting."""

REMARKS: Mapping[tuple[str, str], str] = {
    (
        "google",
        "primary_email_claim",
    ): "has no effect, in WSO2 either: the pattern makes the name",
    ("scim2", "api_key_header"): "WSO2 sends the key as Authorization whatever this says; here "
    "it is sent in this header",
    ("spml", "username"): "WSO2 never sends it",
    ("spml", "password"): "WSO2 never sends it",
}
"""What is different about a setting that is taken as it is."""


def key_of(name: str) -> str:
    """Our key of WSO2's connector type; one that is not ours keeps its name.

    >>> key_of("SCIM2"), key_of("googleapps"), key_of("duo")
    ('scim2', 'google', 'duo')
    """
    known = BY_NAME.get(name.strip().lower())
    return known.key if known else name.strip()
