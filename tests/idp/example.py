"""A connector with a field of every kind; it sends nothing anywhere."""

from __future__ import annotations

from typing import ClassVar

from connectors import ConfigField, Connector, Entity, EntityType, Finding, Found, Receipt


class ExampleConnector(Connector):
    key: ClassVar[str] = "example"
    label: ClassVar[str] = "Example"
    fields: ClassVar[tuple[ConfigField, ...]] = (
        ConfigField("endpoint", "Endpoint", kind="url", required=True, identity=True),
        ConfigField("username", "User name"),
        ConfigField("password", "Password", secret=True),
        ConfigField("passwords", "Send passwords", kind="boolean", default=False),
        ConfigField(
            "method",
            "Method",
            kind="choice",
            default="put",
            choices=(("put", "PUT"), ("patch", "PATCH")),
            advanced=True,
        ),
        ConfigField("private_key", "Private key", kind="textarea", secret=True),
    )

    def create(self, entity: Entity) -> Receipt:
        return Receipt(entity.local_id, entity.remote_name, entity.attributes)

    def update(self, entity: Entity) -> Receipt:
        return Receipt(entity.remote_id, entity.remote_name, entity.attributes)

    def delete(self, entity: Entity) -> None:
        return None

    def find(self, entity: Entity) -> list[Found]:
        return []

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        return None

    def check(self) -> list[Finding]:
        ok = self.settings["password"] == "right"
        said = "The target accepted the credentials." if ok else "The target refused us."
        return [Finding(ok, said)]
