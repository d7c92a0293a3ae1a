"""Who signs in through an identity provider, and whom they are here; removable."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from idp.console.base import FirstStep, in_tenant
from idp.console.scope import current_tenant, operator_of
from idp.models import IdentityProvider, User
from provisioning import jit
from provisioning.admin.reading import ListAdmin
from provisioning.models import Association
from provisioning.templatetags.console import when


class ProviderFilter(SimpleListFilter):
    title = "identity provider"
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = in_tenant(IdentityProvider.objects.all(), current_tenant(request))
        return [(str(row.pk), str(row)) for row in rows.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {pk for pk, _ in self.lookup_choices}
        return queryset.filter(provider=self.value()) if self.value() in known else queryset


@admin.register(Association)
class AssociationAdmin(ListAdmin):
    list_display = ["subject", "provider", "shown_user", "shown_created", "shown_login"]
    list_select_related = ["provider"]
    list_filter = [ProviderFilter]
    search_fields = ["subject"]
    search_help_text = "The subject, from its beginning"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    actions = ["remove_selected"]
    first_step = FirstStep(
        "They are made when people sign in. Give an identity provider an authenticator, and "
        "switch its just-in-time provisioning on.",
        "Identity providers",
        "admin:idp_identityprovider_changelist",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(subject__startswith=term) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        answer = super().changelist_view(request, extra_context)
        if (shown := getattr(answer, "context_data", None)) and "cl" in shown:
            rows = list(shown["cl"].result_list)
            users = User.objects.select_related("store").in_bulk([row.user_id for row in rows])
            for row in rows:
                row.user = users.get(row.user_id)
            shown["cl"].result_list = rows
        return answer

    @action(description="Remove", permissions=["work"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[Association]) -> None:
        count = jit.remove(queryset, actor=operator_of(request).username)
        messages.success(
            request,
            f"{count} removed. The users stay; who signs in again is linked anew where the "
            "identity provider may link, and refused where a user of that name is there.",
        )

    @display(description="User")
    def shown_user(self, obj: Any) -> SafeString | str:
        if (user := getattr(obj, "user", None)) is None:
            return "not stored"
        page = reverse("admin:idp_user_change", args=[user.pk])
        return format_html('<a class="pv-link" href="{}">{}</a>', page, user.full_name)

    @display(description="Associated")
    def shown_created(self, obj: Association) -> SafeString:
        return when(obj.created)

    @display(description="Last login")
    def shown_login(self, obj: Association) -> SafeString | str:
        return when(obj.last_login) if obj.last_login else "never"
