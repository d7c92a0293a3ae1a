"""The settings of the SPML connector, and the mapping it proposes."""

from __future__ import annotations

from connectors import passwords
from connectors.spml.dsml import NAME
from connectors.types import ConfigField, PresetRow, When

CLAIM = "http://wso2.org/claims/"
_CREDENTIALS = When("authentication", ("basic", "wsse"))
_CLASSES = rf"{NAME}(?:\s*,\s*{NAME})*"

SPML_FIELDS = (
    ConfigField(
        "endpoint",
        "SPML endpoint",
        help="Like https://target.example/spml.",
        kind="url",
        required=True,
        identity=True,
    ),
    ConfigField(
        "object_class",
        "SPML object class",
        help="What users are at the target, like user or inetOrgPerson. Several: separated by "
        "commas, the most specific last.",
        required=True,
        matches=_CLASSES,
    ),
    ConfigField(
        "authentication",
        "Authentication",
        help="How we prove to the target who is calling.",
        kind="choice",
        default="basic",
        choices=(
            ("basic", "Basic (username and password)"),
            ("wsse", "WS-Security UsernameToken"),
            ("none", "None"),
        ),
    ),
    ConfigField("username", "Username", shown_when=_CREDENTIALS),
    ConfigField("password", "Password", secret=True, shown_when=_CREDENTIALS),
    ConfigField(
        "user_store_domain",
        "User store domain",
        help="Names at the target are DOMAIN/name, whatever our own store is called.",
    ),
    *passwords.fields(),
    ConfigField(
        "name_attribute",
        "Name attribute",
        help="The attribute that holds a user's name.",
        default="accountId",
        matches=NAME,
        advanced=True,
    ),
    ConfigField(
        "password_attribute",
        "Password attribute",
        help="The attribute that holds the password of a new user, like credentials. Empty: it "
        "is set by a request of its own.",
        matches=NAME,
        advanced=True,
    ),
    ConfigField(
        "target_id",
        "Target ID",
        help="Where a provider has several targets: which one. Test connection lists them.",
        identity=True,
        advanced=True,
    ),
    ConfigField(
        "container_id",
        "Container ID",
        help="The object below which new users and groups are made.",
        advanced=True,
    ),
    ConfigField(
        "group_object_class",
        "Group object class",
        help="What groups are at the target. Empty: no groups are sent.",
        matches=_CLASSES,
        advanced=True,
    ),
    ConfigField(
        "group_name_attribute",
        "Group name attribute",
        help="The attribute that holds a group's name.",
        default="cn",
        matches=NAME,
        advanced=True,
    ),
    ConfigField(
        "member_attribute",
        "Member attribute",
        help="The attribute of a group that holds the IDs of its members.",
        default="member",
        matches=NAME,
        advanced=True,
    ),
    ConfigField(
        "wsse_nonce",
        "Nonce and creation time",
        help="Send them with each request, for targets that ask for them.",
        kind="boolean",
        default=False,
        advanced=True,
        shown_when=When("authentication", ("wsse",)),
    ),
)

PRESET = (
    PresetRow("cn", local=CLAIM + "fullname"),
    PresetRow("givenName", local=CLAIM + "givenname"),
    PresetRow("mail", local=CLAIM + "emailaddress"),
    PresetRow("mobile", local=CLAIM + "mobile"),
    PresetRow("sn", local=CLAIM + "lastname"),
    PresetRow("telephoneNumber", local=CLAIM + "telephone"),
    PresetRow("title", local=CLAIM + "title"),
)
