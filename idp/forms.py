"""Form fields and forms for what the console edits in more than plain columns."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from unfold import widgets

from connectors import ConfigField
from idp import connector_settings
from idp.form_fields import NamesField, WindowsField
from idp.models import IdentityProvider, OutboundConnector
from idp.setting_fields import PREFIX
from idp.setting_forms import RowForm, SettingsForm

__all__ = ["PREFIX", "ConnectorForm", "NamesField", "RowForm"]


class ConnectorForm(SettingsForm):
    """A connector: its policies, and its settings as the connector class declares them.

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
        self.declare(self.instance.known_settings or {}, self.instance.provider)
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

    @property
    def has_pattern(self) -> bool:
        """Whether names at the target are made by a pattern that is a setting."""
        return any(declared.kind == "pattern" for declared in self.declared)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
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
            self._check_unique()
        return super().clean()

    def _check_unique(self) -> None:
        row = self.instance
        others = OutboundConnector.objects.filter(provider=row.provider, type=row.type)
        if row._state.adding and others.exists():
            self.add_error(None, f"{row.provider} has a connector of this type already.")

    def check_settings(self) -> None:
        stored = self.instance.known_settings
        connector_settings.clean_for(self.instance, self.submitted_settings(), stored)

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
