"""Groups and roles: their names here, their members a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold import widgets
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from connectors import EntityType
from idp import queries as people
from idp.console.base import Panel
from idp.console.scope import current_tenant
from idp.forms import NamesField
from idp.models import INTERNAL, PRIMARY, Group, User, UserStore
from provisioning import details, searching
from provisioning.admin.accepting import AcceptingAdmin, AcceptingForm, say_refused
from provisioning.admin.exporting import Exporting
from provisioning.admin.stores import StoreFilter
from provisioning.changes import Action, GroupData, Refused
from provisioning.entity_files import writing
from provisioning.entity_files.reading import FORMATS
from provisioning.readers import PassingReader, reader_of
from serviceproviders.tenants import resident_of


class GroupForm(AcceptingForm):
    FIELDS = {"displayName": "name", "members": "members"}

    name = forms.CharField(max_length=255, widget=widgets.UnfoldAdminTextInputWidget())
    store = forms.ChoiceField(
        label="User store",
        widget=widgets.UnfoldAdminSelectWidget(),
        help_text="Internal holds roles: they decide about provisioning and never leave.",
    )
    members = NamesField(
        label="Add members", required=False, help_text="User names, one per line."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = UserStore.objects.filter(tenant=self.tenant).order_by("domain")
        self.fields["store"].choices = [  # type: ignore[attr-defined]  # a choice field
            (store.domain, store.domain) for store in stores
        ]
        self.initial.setdefault("store", PRIMARY)
        if self.row is not None:
            self.initial.update(name=self.row.name, store=self.row.store.domain)
            self.fields["store"].disabled = True

    def clean_members(self) -> list[Any]:
        """User ids for the names. Unknown names are refused, each one named."""
        stores = people.stores_of(self.tenant)
        found, unknown = [], []
        for name in self.cleaned_data["members"]:
            where = people.named(stores, name, "username_key")
            user = User.objects.filter(where, tenant=self.tenant).only("pk").first()
            user = user or self._sent_onward(name)
            found.append(user.pk) if user else unknown.append(name)
        if unknown:
            raise forms.ValidationError(f"There is no user {', '.join(unknown[:10])}.")
        return found

    def _sent_onward(self, name: str) -> User | None:
        """Where nothing is stored, members are those who were sent onward as well."""
        reader = reader_of(resident_of(self.tenant))
        if self.row is not None or not isinstance(reader, PassingReader):
            return None
        found = reader.page(EntityType.USER, "name", name, count=1)
        return next((one for one in found if isinstance(one, User)), None)

    def data_of_change(self) -> dict[str, Any]:
        store = UserStore(domain=self.cleaned_data["store"])
        name = store.full_name(self.cleaned_data["name"])
        return {"group": GroupData(name=name, add=self.cleaned_data["members"])}


@admin.register(Group)
class GroupAdmin(Exporting, AcceptingAdmin):
    exports = "groups"
    formats = FORMATS
    entity_type = EntityType.GROUP
    form_class = GroupForm
    list_display = ["shown_name", "kind", "member_count", "modified"]
    list_filter = [StoreFilter]
    list_disable_select_all = True
    show_full_result_count = False
    search_fields = ["name"]
    search_help_text = "Group name"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    paginator = InfinitePaginator

    def fieldsets_of(self, form: Any) -> Any:
        return [
            ("Group", {"fields": [("name", "store")]}),
            ("Members", {"fields": ["members"]}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        # Not joined: the page must come out of the index on (tenant, id).
        return super().get_queryset(request).prefetch_related("store")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Group], search_term: str
    ) -> tuple[QuerySet[Group], bool]:
        if term := search_term.strip():
            queryset = queryset.filter(searching.groups_like(current_tenant(request), term))
        return queryset, False

    def get_panels(self, request: HttpRequest, obj: Group) -> list[Panel]:
        page, named = request.GET.get("members", "1"), request.GET.get("member", "")
        members = details.members_of(obj, page, named)
        may = self.has_change_permission(request, obj)
        return [
            Panel("console/panels/members.html", {"group": obj, "page": members, "may": may}),
            Panel("console/panels/whereabouts.html", details.of_group(obj)),
        ]

    def lines(self, request: HttpRequest, found: QuerySet[Group], format: str) -> Iterator[str]:
        return writing.groups(found, format)

    def get_urls(self) -> list[URLPattern]:
        remove = self.admin_site.admin_view(require_POST(self.remove_member))
        url = path("<path:object_id>/remove/", remove, name="idp_group_remove_member")
        return [url, *super().get_urls()]

    def remove_member(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take one member out; also from the user's page (`back=user`)."""
        group = self._row(request, object_id)
        if not self.has_change_permission(request, group):
            raise PermissionDenied
        user = searching.as_uuid(request.POST.get("user", ""))
        try:
            if user is not None:
                data = GroupData(remove=[user])
                self.tell(request, self.accept(request, Action.UPDATE, group, group=data))
        except Refused as refused:
            say_refused(request, refused)
        return HttpResponseRedirect(self._back(request, group, user))

    def _back(self, request: HttpRequest, group: Group, user: Any) -> str:
        if request.POST.get("back") == "user" and user is not None:
            return reverse("admin:idp_user_change", args=[user])
        return self.page_of(group)

    @display(description="Group")
    def shown_name(self, obj: Group) -> str:
        return obj.full_name

    @display(description="Kind")
    def kind(self, obj: Group) -> str:
        return "role" if obj.store.domain == INTERNAL else "group"
