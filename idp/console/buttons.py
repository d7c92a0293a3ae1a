"""Buttons on a page of one object: always a POST, confirmed on a page of its own if asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model


def _always(obj: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Button:
    """`act` is the name of the admin's method `(request, obj) -> HttpResponse | None`.

    Without an answer of its own the operator is back on the object's page. `confirm` is
    the sentence to agree to first.
    """

    name: str
    label: str
    act: str
    icon: str = ""
    permission: str = "change"
    confirm: str = ""
    danger: bool = False
    shown: Callable[[Any], bool] = _always

    def is_for(self, obj: Model | None) -> bool:
        return obj is not None and self.shown(obj)
