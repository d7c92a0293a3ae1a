"""Fields of forms that hold more than one line of text says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold import widgets

from idp import maintenance
from idp.maintenance import WindowRefused


class NamesField(forms.CharField):
    """A list of names, one per line: a list in Python and in the column."""

    widget = widgets.UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        lines = (line.strip() for line in (value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial or []) != self.to_python(data))


class WindowsField(forms.CharField):
    """Maintenance windows, one per line: rows in Python and in the column."""

    widget = widgets.UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(maintenance.window(row).line for row in value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        lines = [line.strip() for line in (value or "").splitlines() if line.strip()]
        windows, wrong = [], []
        for line in lines:
            try:
                windows.append(maintenance.of_line(line))
            except WindowRefused as error:
                wrong.append(f"“{line}”: {error.field} {error}.")
        if wrong:
            raise ValidationError(wrong)
        try:
            return maintenance.rows_of(windows)
        except WindowRefused as error:
            raise ValidationError(f"These windows {error}.") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial or []) != data)
