"""Taking a connector's preset mapping: what it would add is shown first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from idp import presets
from idp.console.buttons import Button
from idp.models import IdentityProvider
from provisioning.admin.role_lists import RoleListAdmin


class PresetAdmin(RoleListAdmin):
    buttons = (
        Button(
            "preset",
            "Take the connector's preset mapping",
            "take_preset",
            icon="playlist_add",
            shown=presets.is_offered,
        ),
        *RoleListAdmin.buttons,
    )

    def take_preset(self, request: HttpRequest, obj: IdentityProvider) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Preset mapping",
                "opts": self.opts,
                "original": obj,
                "preset": presets.of(obj),
                "back": self.page_of(obj),
            }
            return TemplateResponse(request, "console/preset.html", context)
        taken = presets.take(obj)
        names = [row.remote for row in taken.missing]
        self.admin_site.note(request, obj, "preset", [{"added": {"rows": names}}])
        count = f"{len(names)} row{'' if len(names) == 1 else 's'}"
        messages.success(request, f"{count} added to the claim mappings of {obj}.")
        return None
