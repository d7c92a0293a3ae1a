"""What the shapes of the OpenAPI document are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import TextChoices

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
TEXTS: Shape = {"type": "array", "items": TEXT}
ID: Shape = {"type": "string", "format": "uuid"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
COUNT: Shape = {"type": "integer", "minimum": 0}
NUMBER: Shape = {"type": "number", "minimum": 0}
FLAG: Shape = {"type": "boolean"}
ANY_OBJECT: Shape = {"type": "object", "additionalProperties": {}}
ENTITY: Mapping[str, Shape] = {"entity": TEXT, "entity_id": ID, "entity_type": TEXT}
"""Who or what it is about, wherever something is told of one."""
TARGET: Mapping[str, Shape] = {
    "identity_provider": TEXT,
    "connector": TEXT,
    "remote_name": TEXT,
}
"""Where it is, and what it is called there."""


def words(choices: type[TextChoices]) -> Shape:
    return {"type": "string", "enum": list(choices.values)}


def fixed(**properties: Shape) -> Shape:
    return {"type": "object", "required": list(properties), "properties": properties}


def some(required: Sequence[str], **properties: Shape) -> Shape:
    return {**fixed(**properties), "required": list(required)}


def or_null(shape: Shape) -> Shape:
    return {**shape, "nullable": True}
