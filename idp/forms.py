"""Form fields and forms for what the console edits in more than plain columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold import widgets

from connectors import ConfigField
from idp import connector_settings
from idp.form_fields import WindowsField
from idp.models import IdentityProvider, OutboundConnector
from idp.setting_fields import PREFIX, form_field

__all__ = ["PREFIX", "ConnectorForm", "NamesField", "RowForm"]

if TYPE_CHECKING:
    RowForm = forms.ModelForm[Any]
else:
    RowForm = forms.ModelForm

CLEAR = "clear_"


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


class ConnectorForm(RowForm):
    """A connector: its policies, and its settings as the connector class declares them.

    Secrets and files are write-only: an empty one keeps what is stored, a box beside it
    clears it.
    `save()` stores through `connector_settings.save_settings`.
    """

    groups_choice = forms.ChoiceField(
        label="Groups",
        choices=[("all", "All groups"), ("none", "No groups"), ("some", "These groups only")],
        initial="all",
        widget=widgets.UnfoldAdminSelectWidget(),
        help_text="Roles (Internal/…) never go to a target.",
    )
    groups_names = NamesField(
        label="These groups", required=False, help_text="Full names, one per line."
    )
    maintenance_windows = WindowsField(
        required=False,
        help_text="Times in which nothing is delivered, by the tenant's clock, one per line: "
        "“sat, sun 22:00 - 04:00” every week, or “2026-12-24 18:00 - 2026-12-26 06:00” once.",
    )
    protected_names = NamesField(
        required=False,
        help_text="Accounts at the target that are never touched unless they were made "
        "here. One per line.",
    )

    class Meta:
        model = OutboundConnector
        fields = [
            "enabled",
            "mode",
            "delete_action",
            "on_deny",
            "on_conflict",
            "protected_names",
            "maintenance_windows",
            "retry_hours",
            "requests_per_second",
            "burst",
            "concurrency",
            "daily_quota",
            "guard_max_count",
            "guard_max_percent",
            "guard_window_minutes",
            "guard_expire_hours",
        ]
        widgets = {
            "enabled": widgets.UnfoldBooleanSwitchWidget(),
            "mode": widgets.UnfoldAdminSelectWidget(),
            "delete_action": widgets.UnfoldAdminSelectWidget(),
            "on_deny": widgets.UnfoldAdminSelectWidget(),
            "on_conflict": widgets.UnfoldAdminSelectWidget(),
            "retry_hours": widgets.UnfoldAdminIntegerFieldWidget(),
            "requests_per_second": widgets.UnfoldAdminTextInputWidget(),
            "burst": widgets.UnfoldAdminIntegerFieldWidget(),
            "concurrency": widgets.UnfoldAdminIntegerFieldWidget(),
            "daily_quota": widgets.UnfoldAdminIntegerFieldWidget(),
            "guard_max_count": widgets.UnfoldAdminIntegerFieldWidget(),
            "guard_max_percent": widgets.UnfoldAdminIntegerFieldWidget(),
            "guard_window_minutes": widgets.UnfoldAdminIntegerFieldWidget(),
            "guard_expire_hours": widgets.UnfoldAdminIntegerFieldWidget(),
        }
        labels = {
            "requests_per_second": "Requests a second",
            "burst": "In a row",
            "concurrency": "At a time",
            "daily_quota": "Requests a day",
            "guard_max_count": "Hold after so many",
            "guard_max_percent": "Hold above so many percent",
            "guard_window_minutes": "Within so many minutes",
            "guard_expire_hours": "Reject after so many hours",
        }
        help_texts = {
            "retry_hours": "How long a job is tried again before it counts as failed.",
            "requests_per_second": "By all workers together; 0: no limit. 0.5 is one every two "
            "seconds.",
            "burst": "So many may go at once after a quiet time, where requests a second are "
            "limited.",
            "concurrency": "Requests under way at a time, by all workers together.",
            "daily_quota": "0: no limit. Counted until midnight in the tenant's time zone; the "
            "rest waits for the next day.",
            "on_conflict": "When the target has an account of that name already.",
            "on_deny": "When a rule says Deny about somebody who has an account there.",
            "guard_max_count": "Deletes and disables; 0: no limit.",
            "guard_max_percent": "Of the active accounts there; 0: no limit.",
            "guard_expire_hours": "What nobody decided about stays there; 0: it waits.",
        }

    provider: ClassVar[IdentityProvider | None] = None
    connector_type: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Without an instance: a new connector of `connector_type` on `provider`."""
        if kwargs.get("instance") is None:
            kwargs["instance"] = OutboundConnector(
                provider=self.provider, type=self.connector_type
            )
        super().__init__(*args, **kwargs)
        stored = self.instance.known_settings or {}
        for declared in self.declared:
            self._declare(declared, stored)
        groups = self.instance.groups
        if isinstance(groups, list):
            self.initial["groups_choice"], self.initial["groups_names"] = "some", groups
        else:
            self.initial["groups_choice"] = groups

    @property
    def declared(self) -> tuple[ConfigField, ...]:
        """Nothing for a connector whose class is not installed (any more)."""
        try:
            fields: tuple[ConfigField, ...] = self.instance.fields
        except (LookupError, ImportError):
            fields = ()
        return fields

    def _declare(self, declared: ConfigField, stored: Mapping[str, Any]) -> None:
        name, held = PREFIX + declared.name, stored.get(declared.name)
        fields = {field.name: field for field in self.declared}
        self.fields[name] = form_field(declared, fields, self.instance.provider, held)
        if not declared.secret and declared.kind != "file":
            self.initial[name] = stored.get(declared.name, declared.default)
        elif held:
            self.fields[CLEAR + declared.name] = forms.BooleanField(
                label="Clear it",
                required=False,
                widget=widgets.UnfoldBooleanWidget(),
            )

    @property
    def has_pattern(self) -> bool:
        """Whether names at the target are made by a pattern that is a setting."""
        return any(declared.kind == "pattern" for declared in self.declared)

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
        """What was submitted, as `connector_settings.clean` takes it; after validation."""
        return dict(self._submitted())

    def _submitted(self) -> Iterator[tuple[str, Any]]:
        for declared in self.declared:
            if self.cleaned_data.get(CLEAR + declared.name):
                yield declared.name, None
            elif (value := self.cleaned_data.get(PREFIX + declared.name)) is not None:
                yield declared.name, value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        choice = cleaned.get("groups_choice")
        names = cleaned.get("groups_names") or []
        self.instance.groups = names if choice == "some" else choice or "all"
        if choice == "some" and not names:
            self.add_error("groups_names", "Name at least one group.")
        for name in ("burst", "concurrency"):
            if cleaned.get(name) == 0:
                self.add_error(name, "At least one request must be able to go.")
        if cleaned.get("guard_window_minutes") == 0:
            self.add_error("guard_window_minutes", "A window lasts at least one minute.")
        if not self.errors:
            self._check_settings()
            self._check_unique()
        return cleaned

    def _check_unique(self) -> None:
        row = self.instance
        others = OutboundConnector.objects.filter(provider=row.provider, type=row.type)
        if row._state.adding and others.exists():
            self.add_error(None, f"{row.provider} has a connector of this type already.")

    def _check_settings(self) -> None:
        stored = self.instance.known_settings
        try:
            connector_settings.clean_for(self.instance, self.submitted_settings(), stored)
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                known = PREFIX + name if PREFIX + name in self.fields else None
                for text in texts:
                    self.add_error(known, text)

    def unsaved(self) -> OutboundConnector:
        """The connector as submitted, for a test of the connection; never to be saved."""
        row: OutboundConnector = self.instance
        row.settings = connector_settings.clean_for(
            row, self.submitted_settings(), row.known_settings
        ).values
        return row

    def save(self, commit: bool = True) -> OutboundConnector:
        """Stores at once: settings and revision belong to one transaction."""
        connector_settings.save_settings(self.instance, self.submitted_settings())
        stored: OutboundConnector = self.instance
        return stored

    def save_m2m(self) -> None:
        """There is nothing many-to-many about a connector."""
