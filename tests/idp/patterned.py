"""A connector whose names are made by a pattern; it sends nothing anywhere."""

from __future__ import annotations

from typing import ClassVar

from connectors import ConfigField, EntityType, LocalName
from connectors.patterns import Pattern, in_domain
from tests.idp.example import ExampleConnector


class PatternedConnector(ExampleConnector):
    key: ClassVar[str] = "patterned"
    label: ClassVar[str] = "Patterned"
    fields: ClassVar[tuple[ConfigField, ...]] = (
        ConfigField("pattern", "Pattern", kind="pattern", default="{UN}"),
        ConfigField("separator", "Separator", default="_"),
        ConfigField("domain", "Domain"),
    )

    def remote_name(self, entity_type: EntityType, name: LocalName) -> str:
        built = Pattern.parse(self.settings["pattern"]).build(name, self.settings["separator"])
        return in_domain(built, self.settings["domain"])
