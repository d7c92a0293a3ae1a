"""Form fields for settings, as what has them declares them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from unfold import widgets

from connectors import ConfigField
from idp import setting_claims, setting_values
from idp.form_fields import NamesField
from idp.models import IdentityProvider

UNCHANGED = "unchanged"
PREFIX = "setting_"


class SecretTextarea(widgets.UnfoldAdminTextareaWidget):
    """A textarea that, like a password input, never shows what it was given."""

    def format_value(self, value: Any) -> str:
        return ""


class FileOrText(SecretTextarea):
    """A file to choose, or its text to paste: the file counts where both are given."""

    needs_multipart_form = True

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        own = {**(attrs or {})}
        chosen = own.pop("id", f"id_{name}")
        pasted = {**own, "id": f"{chosen}_text", "aria-label": "The text of the file"}
        stored = (
            "One is stored; another takes its place." if self.attrs.get("data-held") else ""
        )
        return format_html(
            '{}<span class="pv-subtle pv-stored">{}</span>'
            '<details class="pv-paste"><summary>Paste its text instead</summary>{}</details>',
            widgets.UnfoldAdminFileFieldWidget().render(name, None, {"id": chosen}, renderer),
            stored,
            super().render(name, None, pasted, renderer),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name) or super().value_from_datadict(data, files, name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and name not in data


class FileField(forms.CharField):
    """What is chosen is read here, and no further than it may be large."""

    def __init__(self, *, largest: int, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.largest = largest

    def to_python(self, value: Any) -> str:
        if not isinstance(value, UploadedFile):
            return super().to_python(value) or ""
        value.seek(0)  # it may have been read to see whether anything changed
        content = value.read(self.largest + 1)
        if len(content) > self.largest:
            raise ValidationError(
                f"{self.label} is too large: at most {self.largest:,} bytes, please."
            )
        return setting_values.from_upload(content)


def form_field(
    declared: ConfigField,
    fields: Mapping[str, ConfigField],
    provider: IdentityProvider,
    held: Any,
    *,
    shown_by: Callable[[str], str],
) -> forms.Field:
    """`held` is what is stored of it; of a secret only whether anything is. `shown_by` says
    what the page calls the field of that name."""
    shared: dict[str, Any] = {
        "label": declared.label,
        "help_text": _help(declared, fields),
        # What others hide, and what is kept when left empty, `connector_settings` asks for.
        "required": declared.required
        and declared.shown_when is None
        and not (held and _is_kept(declared)),
    }
    field = _MAKERS.get(declared.kind, _text)(declared, shared, provider, held)
    if when := declared.shown_when:
        field.widget.attrs["data-shown-by"] = shown_by(PREFIX + when.field)
        values = [
            str(value).lower() if value in (True, False) else value for value in when.values
        ]
        field.widget.attrs["data-shown-with"] = json.dumps(values)
    return field


def _is_kept(declared: ConfigField) -> bool:
    return declared.secret or declared.kind == "file"


def _help(declared: ConfigField, fields: Mapping[str, ConfigField]) -> str:
    """With the condition in words, for browsers in which no script hides the field."""
    if declared.shown_when is None:
        return escape(declared.help)
    other = fields[declared.shown_when.field]
    words = dict(other.choices)
    told = " or ".join(words.get(v, str(v).lower()) for v in declared.shown_when.values)
    condition = f"Only where {other.label} is {told}."
    return format_html("{} <noscript>{}</noscript>", declared.help, condition)


def _boolean(
    declared: ConfigField, shared: dict[str, Any], provider: IdentityProvider, held: Any
) -> forms.Field:
    shared["required"] = False
    return forms.BooleanField(widget=widgets.UnfoldBooleanWidget(), **shared)


def _choice(
    declared: ConfigField, shared: dict[str, Any], provider: IdentityProvider, held: Any
) -> forms.Field:
    blank = [] if declared.required or declared.default else [("", "—")]
    return forms.ChoiceField(
        choices=[*blank, *declared.choices], widget=widgets.UnfoldAdminSelectWidget(), **shared
    )


def _claim(
    declared: ConfigField, shared: dict[str, Any], provider: IdentityProvider, held: Any
) -> forms.Field:
    local = [(uri, f"{name} ({uri})") for uri, name in setting_claims.local_at(provider)]
    mapped = [(name, name) for name in setting_claims.mapped_at(provider)]
    known = {key for key, _ in (*local, *mapped)}
    kept = [(held, f"{held} (not there any more)")] if held and held not in known else []
    blank = [] if declared.required else [("", "—")]
    groups = [("Remote names in the claim mapping", mapped), ("Local claims", local)]
    choices = [*blank, *kept, *[group for group in groups if group[1]]]
    return forms.ChoiceField(
        choices=choices if mapped else [*blank, *kept, *local],
        widget=widgets.UnfoldAdminSelectWidget(),
        **shared,
    )


def _file(
    declared: ConfigField, shared: dict[str, Any], provider: IdentityProvider, held: Any
) -> forms.Field:
    attrs = {"autocomplete": "off", "rows": 4, "spellcheck": "false"}
    if held:
        attrs["data-held"] = "yes"
    return FileField(largest=declared.largest, widget=FileOrText(attrs=attrs), **shared)


def _text(
    declared: ConfigField, shared: dict[str, Any], provider: IdentityProvider, held: Any
) -> forms.Field:
    attrs: dict[str, Any] = {"autocomplete": "new-password" if declared.secret else "off"}
    if declared.secret and held:
        attrs["placeholder"] = UNCHANGED
    if declared.kind == "textarea":
        attrs["rows"] = 4
    if declared.kind == "number":
        attrs["inputmode"] = "decimal"
    kinds = {
        (True, True): SecretTextarea,
        (True, False): widgets.UnfoldAdminTextareaWidget,
        (False, True): widgets.UnfoldAdminPasswordWidget,
        (False, False): widgets.UnfoldAdminTextInputWidget,
    }
    widget = kinds[declared.kind == "textarea", declared.secret](attrs=attrs)
    return forms.CharField(strip=not declared.secret, widget=widget, **shared)


def _list(
    declared: ConfigField, shared: dict[str, Any], provider: IdentityProvider, held: Any
) -> forms.Field:
    return NamesField(**shared)


Maker = Callable[[ConfigField, dict[str, Any], IdentityProvider, Any], forms.Field]
_MAKERS: dict[str, Maker] = {
    "boolean": _boolean,
    "choice": _choice,
    "claim": _claim,
    "file": _file,
    "list": _list,
}
