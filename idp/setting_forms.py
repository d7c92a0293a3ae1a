"""Forms whose fields are settings that something declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from unfold import widgets

from connectors import ConfigField
from idp.models import IdentityProvider
from idp.setting_fields import PREFIX, form_field
from idp.setting_sets import plain

CLEAR = "clear_"

if TYPE_CHECKING:
    RowForm = forms.ModelForm[Any]
else:
    RowForm = forms.ModelForm


class SettingsForm(RowForm):
    """Secrets and files are write-only: an empty one keeps what is stored, a box beside it
    clears it."""

    @property
    def declared(self) -> Sequence[ConfigField]:
        raise LookupError(f"{type(self).__name__} declares no settings")

    def check_settings(self) -> None:
        """Raises `ValidationError` for what was submitted, by the names of settings."""
        raise LookupError(f"{type(self).__name__} checks no settings")

    def declare(self, stored: Mapping[str, Any], provider: IdentityProvider) -> None:
        """Make the fields; `stored` are the settings there are."""
        fields = {field.name: field for field in self.declared}
        for declared in self.declared:
            name, held = PREFIX + declared.name, stored.get(declared.name)
            self.fields[name] = form_field(
                declared, fields, provider, held, shown_by=self.add_prefix
            )
            if not declared.secret and declared.kind != "file":
                self.initial[name] = plain(stored.get(declared.name, declared.default))
            elif held and (declared.secret or not declared.required):
                self.fields[CLEAR + declared.name] = forms.BooleanField(
                    label="Clear it",
                    required=False,
                    widget=widgets.UnfoldBooleanWidget(),
                )

    def setting_names(self, *, advanced: bool) -> list[tuple[str, ...]]:
        """Lines of the form's field names of the settings, in the order declared."""
        return [
            tuple(
                name
                for name in (PREFIX + declared.name, CLEAR + declared.name)
                if name in self.fields
            )
            for declared in self.declared
            if declared.advanced is advanced
        ]

    def submitted_settings(self) -> dict[str, Any]:
        """What was submitted, as `setting_sets.clean` takes it; after validation."""
        return dict(self._submitted())

    def _submitted(self) -> Iterator[tuple[str, Any]]:
        for declared in self.declared:
            if self.cleaned_data.get(CLEAR + declared.name):
                yield declared.name, None
            elif (value := self.cleaned_data.get(PREFIX + declared.name)) is not None:
                yield declared.name, value

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.check_settings()
            except ValidationError as error:
                self._refuse(error)
        return cleaned

    def _refuse(self, error: ValidationError) -> None:
        for name, texts in error.message_dict.items():
            known = PREFIX + name if PREFIX + name in self.fields else None
            for text in texts:
                self.add_error(known, text)

    def save_m2m(self) -> None:
        """There is nothing many-to-many about settings."""
