"""Who has signed up by themselves lately, and whether they have confirmed it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from provisioning.admin.reading import ListAdmin
from provisioning.models import SignUp
from provisioning.templatetags.console import when


@admin.register(SignUp)
class SignUpAdmin(ListAdmin):
    list_display = ["username", "email", "service_provider", "shown_state", "made"]
    list_select_related = ["service_provider"]
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()

    @display(
        description="State", label={"Waits for the link": "warning", "Confirmed": "success"}
    )
    def shown_state(self, obj: SignUp) -> str:
        return "Confirmed" if obj.confirmed else "Waits for the link"

    @display(description="Signed up")
    def made(self, obj: SignUp) -> SafeString:
        return when(obj.created)
