from __future__ import annotations

from typing import Any

from connectors import ConfigField, registry
from provisioning.management.base import Command as Base


class Command(Base):
    help = "The connectors there are, with the settings each has."

    def work(self, **options: Any) -> bool:
        keys = registry.keys()
        told = [_told(key) for key in keys]
        if options["json"]:
            self.tell_json(told)
        else:
            for connector in told:
                self._tell(connector)
        return not any("problem" in connector for connector in told)

    def _tell(self, connector: dict[str, Any]) -> None:
        self.tell(f"{connector['key']}: {connector.get('label') or connector['problem']}")
        for field in connector["fields"]:
            marks = [mark for mark in ("required", "secret", "advanced") if field[mark]]
            told = f" ({', '.join(marks)})" if marks else ""
            self.tell(f"  {field['name']}: {field['label']}{told}")


def _told(key: str) -> dict[str, Any]:
    try:
        kind = registry.load(key)
    except (LookupError, ImportError) as error:
        return {"key": key, "problem": f"cannot be loaded: {error}", "fields": []}
    return {"key": key, "label": kind.label, "fields": [_field(f) for f in kind.fields]}


def _field(field: ConfigField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "help": field.help,
        "kind": field.kind,
        "required": field.required,
        "secret": field.secret,
        "advanced": field.advanced,
        "default": field.default,
        "choices": [value for value, _ in field.choices],
        "matches": field.matches,
        "shown_when": _condition(field),
    }


def _condition(field: ConfigField) -> dict[str, list[Any]]:
    """The other setting, with the values of it that make this one apply."""
    when = field.shown_when
    return {when.field: [*when.values]} if when else {}
