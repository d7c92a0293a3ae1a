"""Service providers: whoever is judged otherwise by a changed outbound row is planned again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from idp.console.scope import operator_of
from provisioning import reconsidering
from serviceproviders.admin import ServiceProviderAdmin
from serviceproviders.models import OutboundTarget, ServiceProvider


@admin.register(ServiceProvider)
class SendingAdmin(ServiceProviderAdmin):
    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is not OutboundTarget:
            return
        moved = [
            row.connector for row, names in formset.changed_objects if "enable_rules" in names
        ]
        actor = operator_of(request).username
        reconsidering.follow_rules(moved, "rules on or off", actor=actor)
