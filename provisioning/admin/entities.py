"""Provisioned entities: what is believed to exist at the targets."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from idp.console.buttons import Button
from idp.console.scope import current_tenant, operator_of
from provisioning import details, hand_links, owed, searching
from provisioning.admin.reading import ConnectorFilter, ReadingAdmin, word_filter
from provisioning.models import LinkState, ProvisionedEntity
from provisioning.models.job import TYPES
from provisioning.templatetags.console import state_tag, when

StateFilter = word_filter("state", "state", LinkState.choices)
TypeFilter = word_filter("entity_type", "type", TYPES)


@admin.register(ProvisionedEntity)
class ProvisionedEntityAdmin(ReadingAdmin):
    detail_template = "console/provisioned_entity.html"
    list_display = [
        "entity_name",
        "entity_type",
        "shown_target",
        "shown_state",
        "remote_name",
        "remote_id",
        "when",
    ]
    list_filter = [ConnectorFilter, StateFilter, TypeFilter]
    search_fields = ["entity_name"]
    search_help_text = "User, group or remote name; or an id"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    actions = ["send_owed_selected"]
    buttons = (
        Button(
            "send_owed",
            "Send the owed removal",
            "send_owed",
            "person_remove",
            permission="work",
            danger=True,
            shown=lambda link: bool(link.owed),
            confirm="The account is removed at the target as the connector says.",
        ),
        Button(
            "unlink",
            "Unlink",
            "unlink",
            "link_off",
            permission="work",
            danger=True,
            shown=lambda link: not link.owed,
            confirm="Nothing is sent: the account stays at the target as it is, with its "
            "groups there. Purveyor forgets whose it is: deleting the person here will not "
            "remove it any more. Who is still to be there is looked for by name at the next "
            "change, and the account found then is adopted or held, as the connector says.",
        ),
    )

    def send_owed(self, request: HttpRequest, obj: ProvisionedEntity) -> None:
        self._send_owed(request, ProvisionedEntity.objects.filter(pk=obj.pk))

    @action(description="Send owed removals", permissions=["work"])
    def send_owed_selected(
        self, request: HttpRequest, queryset: QuerySet[ProvisionedEntity]
    ) -> None:
        self._send_owed(request, queryset)

    def _send_owed(self, request: HttpRequest, links: QuerySet[ProvisionedEntity]) -> None:
        sent = owed.send(links, actor=operator_of(request).username)
        if sent:
            messages.success(request, f"Removals on their way: {sent}.")
        else:
            messages.warning(
                request, "Nothing to send: not owed any more, or the connector is disabled."
            )

    def unlink(self, request: HttpRequest, obj: ProvisionedEntity) -> HttpResponse | None:
        try:
            hand_links.unlink(obj, actor=operator_of(request).username)
        except hand_links.CannotLink as error:
            messages.warning(request, str(error))
            return None
        messages.success(request, f"{obj.entity_name} and {obj.remote_name} are unlinked.")
        return HttpResponseRedirect(self.page_after(obj))

    def page_after(self, obj: ProvisionedEntity) -> str:
        """Where the operator came from: the entity's page, if it is still here."""
        page = details.entity_url(obj.tenant, obj.entity_type, obj.entity_id)
        return page or reverse("admin:provisioning_provisionedentity_changelist")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProvisionedEntity]:
        rows = super().get_queryset(request).prefetch_related("connector__provider")
        return rows.defer("sealed_accepted")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProvisionedEntity], search_term: str
    ) -> tuple[QuerySet[ProvisionedEntity], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(searching.links_like(current_tenant(request), term)), False

    def detail(self, obj: ProvisionedEntity) -> dict[str, Any]:
        url = details.entity_url(obj.tenant, obj.entity_type, obj.entity_id)
        return {"link": obj, "entity_url": url}

    @display(description="Last written")
    def when(self, link: ProvisionedEntity) -> SafeString:
        return when(link.updated)

    @display(description="Connector")
    def shown_target(self, link: ProvisionedEntity) -> str:
        return str(link.connector)

    @display(description="State")
    def shown_state(self, link: ProvisionedEntity) -> SafeString:
        if link.owed:
            return state_tag("held", "removal owed")
        if link.state == LinkState.LINKED and not link.active:
            return state_tag("former", "disabled there")
        return state_tag(link.state)
