"""What an operator is asked for. Form, checks, storage and logs follow from this."""

from __future__ import annotations

from connectors import ConfigField, When

FIELDS = (
    ConfigField(
        "endpoint",
        "Endpoint",
        help="Where Sample answers, like https://sample.example/api.",
        kind="url",
        required=True,
        # It says which system this is: when it changes, accounts are looked up anew.
        identity=True,
    ),
    ConfigField(
        "authentication",
        "Authentication",
        kind="choice",
        default="token",
        choices=(("token", "Access token"), ("basic", "Username and password")),
    ),
    ConfigField(
        "access_token",
        "Access token",
        required=True,
        secret=True,
        shown_when=When("authentication", ("token",)),
    ),
    ConfigField(
        "username", "Username", required=True, shown_when=When("authentication", ("basic",))
    ),
    ConfigField(
        "password",
        "Password",
        required=True,
        secret=True,
        shown_when=When("authentication", ("basic",)),
    ),
)
