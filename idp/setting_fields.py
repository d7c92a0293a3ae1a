"""Form fields for the settings that a connector class declares."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold import widgets

from connectors import ConfigField

UNCHANGED = "unchanged"


class SecretTextarea(widgets.UnfoldAdminTextareaWidget):
    """A textarea that, like a password input, never shows what it was given."""

    def format_value(self, value: Any) -> str:
        return ""


def form_field(declared: ConfigField, stored: bool) -> forms.Field:
    shared: dict[str, Any] = {
        "label": declared.label,
        "help_text": declared.help,
        "required": declared.required and not (declared.secret and stored),
    }
    if declared.kind == "boolean":
        shared["required"] = False
        return forms.BooleanField(widget=widgets.UnfoldBooleanWidget(), **shared)
    if declared.kind == "choice":
        blank = [] if declared.required or declared.default else [("", "—")]
        return forms.ChoiceField(
            choices=[*blank, *declared.choices],
            widget=widgets.UnfoldAdminSelectWidget(),
            **shared,
        )
    return forms.CharField(
        strip=not declared.secret, widget=_widget(declared, stored), **shared
    )


def _widget(declared: ConfigField, stored: bool) -> forms.Widget:
    attrs: dict[str, Any] = {"autocomplete": "new-password" if declared.secret else "off"}
    if declared.secret and stored:
        attrs["placeholder"] = UNCHANGED
    if declared.kind == "textarea":
        attrs["rows"] = 4
    kinds = {
        (True, True): SecretTextarea,
        (True, False): widgets.UnfoldAdminTextareaWidget,
        (False, True): widgets.UnfoldAdminPasswordWidget,
        (False, False): widgets.UnfoldAdminTextInputWidget,
    }
    widget: forms.Widget = kinds[declared.kind == "textarea", declared.secret](attrs=attrs)
    return widget
