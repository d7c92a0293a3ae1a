from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from idp import secrets
from idp.models.base import Row


class SealedRow(Row):
    """A row with settings that hold secrets, sealed as a whole for this row alone."""

    sealed_as: ClassVar[str]
    sealed_settings = models.BinaryField(editable=False)

    class Meta:
        abstract = True

    @property
    def settings(self) -> dict[str, Any]:
        """In clear, secrets included: for who connects with them, never for a page."""
        opened: dict[str, Any] = secrets.unseal(self.sealed_settings, self._place)
        return opened

    @settings.setter
    def settings(self, values: dict[str, Any]) -> None:
        self.sealed_settings = secrets.seal(values, self._place)

    @property
    def known_settings(self) -> dict[str, Any] | None:
        """The settings that are stored; None before, and where no key opens them."""
        if self._state.adding:
            return None
        try:
            return self.settings
        except secrets.CannotOpen:
            return None

    @property
    def _place(self) -> str:
        return f"{self.sealed_as}/{self.pk}"
