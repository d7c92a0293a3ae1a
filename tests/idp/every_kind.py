"""A connector whose settings are of the kinds that ask for more than a text."""

from __future__ import annotations

from typing import ClassVar

from connectors import ConfigField, When
from tests.idp.example import ExampleConnector


class EveryKindConnector(ExampleConnector):
    key: ClassVar[str] = "every"
    label: ClassVar[str] = "Every kind"
    fields: ClassVar[tuple[ConfigField, ...]] = (
        ConfigField(
            "login",
            "Login",
            kind="choice",
            default="token",
            choices=(("token", "By token"), ("key", "By key")),
        ),
        ConfigField(
            "token",
            "Token",
            help="Eight letters.",
            required=True,
            secret=True,
            matches="[a-z]{8}",
            shown_when=When("login", ("token",)),
        ),
        ConfigField(
            "key_file",
            "Key file",
            kind="file",
            required=True,
            secret=True,
            largest=1000,
            shown_when=When("login", ("key",)),
        ),
        ConfigField(
            "encrypted", "Encrypted", kind="boolean", shown_when=When("login", ("key",))
        ),
        ConfigField(
            "key_password",
            "Key password",
            required=True,
            secret=True,
            shown_when=When("encrypted", (True,)),
        ),
        ConfigField("banner", "Banner", kind="file", largest=100),
        ConfigField("pages", "Pages", kind="number", default=10, matches=r"\d{1,3}"),
        ConfigField("ratio", "Ratio", kind="number"),
        ConfigField("badge_claim", "Badge claim", kind="claim"),
        ConfigField("colours", "Colours", kind="list", default=("red",), matches="[a-z]+"),
        ConfigField("code", "Code", help="Like AB-12.", matches=r"[A-Z]{2}-\d{2}"),
    )
