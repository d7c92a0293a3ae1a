"""Claims that a tenant defines for itself."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from idp import local_claims
from idp.claim_places import CUSTOM
from idp.console.base import TenantAdmin, TenantForm
from idp.models import LocalClaim


class LocalClaimForm(TenantForm):
    class Meta:
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, example in (
            ("uri", "http://wso2.org/claims/badge"),
            ("path", f"{CUSTOM}:badge"),
        ):
            if name in self.fields:
                self.fields[name].widget.attrs["placeholder"] = example

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            row = self._meta.model(
                **{**self._values(), **cleaned}, pk=self.instance.pk, tenant=self.tenant
            )
            row._state.adding = self.instance._state.adding
            try:
                local_claims.check(row)
            except ValidationError as error:
                for name, texts in error.message_dict.items():
                    self.add_error(name if name in self.fields else None, texts)
        return cleaned

    def _values(self) -> dict[str, Any]:
        """What is stored of fields that this page does not let anybody change."""
        names = ("uri", *LocalClaim.FIXED, "searchable")
        return {name: getattr(self.instance, name) for name in names}


@admin.register(LocalClaim)
class LocalClaimAdmin(TenantAdmin):
    """Beside the built-in claims; where values live stays, people have some."""

    form = LocalClaimForm
    list_display = ["display_name", "uri", "path", "type", "shown_search"]
    search_fields = ["uri", "display_name", "path"]
    ordering = ["uri"]
    fieldsets = [
        ("Claim", {"fields": [("display_name", "uri"), "description"]}),
        (
            "Where it lives",
            {
                "fields": ["path", ("type", "multivalued"), "searchable"],
                "description": "Path, type and number of values stay as they are once it is "
                "saved: people may have values there.",
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["uri", *LocalClaim.FIXED] if obj else []

    def save_model(
        self, request: HttpRequest, obj: LocalClaim, form: Any, change: bool
    ) -> None:
        local_claims.save(obj)

    def delete_model(self, request: HttpRequest, obj: LocalClaim) -> None:
        local_claims.delete(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that claim mappings use stays."""
        used = obj is not None and local_claims.users_of(obj)
        return bool(super().has_delete_permission(request, obj)) and not used

    @display(description="Search", label={"indexed": "success", "being indexed": "warning"})
    def shown_search(self, obj: LocalClaim) -> str:
        if not obj.searchable:
            return "by reading"
        return "indexed" if obj.indexed else "being indexed"
