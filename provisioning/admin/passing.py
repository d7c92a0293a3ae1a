"""Who was sent onward without being stored (dumb mode): names, and where they are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from connectors import EntityType
from idp import secrets
from idp.console.base import in_tenant
from idp.console.buttons import Button
from idp.console.scope import current_tenant, operator_of
from provisioning import details, intake, searching
from provisioning.admin.accepting import outcome_words, say_refused
from provisioning.admin.reading import ReadingAdmin, word_filter
from provisioning.changes import Accepted, Action, Change, Door, Refused
from provisioning.models import PassingEntity
from provisioning.models.job import TYPES
from provisioning.templatetags.console import state_tag, when
from serviceproviders.models import ServiceProvider

TypeFilter = word_filter("entity_type", "type", TYPES)


class ServiceProviderFilter(SimpleListFilter):
    title = "service provider"
    parameter_name = "service_provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = in_tenant(ServiceProvider.objects.all(), current_tenant(request))
        return [(str(row.pk), str(row)) for row in rows.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {pk for pk, _ in self.lookup_choices}
        if self.value() not in known:
            return queryset
        return queryset.filter(service_provider=self.value())


@admin.register(PassingEntity)
class PassingEntityAdmin(ReadingAdmin):
    detail_template = "console/passing_entity.html"
    list_display = ["shown_name", "entity_type", "shown_provider", "shown_state", "when"]
    list_filter = [ServiceProviderFilter, TypeFilter]
    search_fields = ["name"]
    search_help_text = "User or group name; or an id"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    actions = ["withdraw_selected"]
    buttons = (
        Button(
            "withdraw",
            "Withdraw",
            "withdraw",
            "person_remove",
            permission="work",
            danger=True,
            shown=lambda row: row.deleted is None,
            confirm="It is removed at every target where it is, as each connector's policy "
            "says, and then forgotten here. The application is not told.",
        ),
    )

    def withdraw(self, request: HttpRequest, obj: PassingEntity) -> None:
        try:
            accepted = self._withdraw(request, obj)
        except Refused as refused:
            say_refused(request, refused)
            return
        told = "; ".join(outcome_words(outcome) for outcome in accepted.outcomes)
        messages.success(request, f"{obj} is withdrawn. Targets: {told or 'none'}.")

    @action(description="Withdraw at the targets", permissions=["work"])
    def withdraw_selected(
        self, request: HttpRequest, queryset: QuerySet[PassingEntity]
    ) -> None:
        withdrawn = 0
        for row in queryset.filter(deleted=None):
            try:
                self._withdraw(request, row)
                withdrawn += 1
            except Refused as refused:
                say_refused(request, refused)
        messages.success(request, f"Removals on their way: {withdrawn}.")

    def _withdraw(self, request: HttpRequest, row: PassingEntity) -> Accepted:
        """As if its service provider had deleted it, whatever that does today."""
        return intake.accept(
            Change(
                tenant=row.tenant,
                service_provider=row.service_provider,
                door=Door.CONSOLE,
                actor=operator_of(request).username,
                action=Action.DELETE,
                entity_type=EntityType(row.entity_type),
                entity_id=row.pk,
            )
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PassingEntity]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("store", "service_provider", "tenant").defer(
            "sealed_state"
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PassingEntity], search_term: str
    ) -> tuple[QuerySet[PassingEntity], bool]:
        term = search_term.strip()
        if found := searching.as_uuid(term):
            return queryset.filter(pk=found), False
        if term:
            queryset = queryset.filter(searching.passing_like(current_tenant(request), term))
        return queryset, False

    def detail(self, obj: PassingEntity) -> dict[str, Any]:
        try:
            standings = details.of_passing(obj)
        except secrets.CannotOpen as error:
            return {"row": obj, "unreadable": str(error)}
        return {"row": obj, "standings": standings}

    @display(description="Name")
    def shown_name(self, row: PassingEntity) -> str:
        return row.full_name

    @display(description="Sent by")
    def shown_provider(self, row: PassingEntity) -> str:
        return str(row.service_provider)

    @display(description="State")
    def shown_state(self, row: PassingEntity) -> SafeString:
        if row.deleted:
            return state_tag("held", "being removed")
        return state_tag("linked", "sent onward")

    @display(description="Last changed")
    def when(self, row: PassingEntity) -> SafeString:
        return when(row.modified)
