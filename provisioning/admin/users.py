"""Users: who is in the stores, and where each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from unfold import widgets
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from connectors import EntityType
from idp.console.base import Panel
from idp.console.scope import current_tenant
from idp.forms import NamesField
from idp.local_claims import table_of
from idp.models import INTERNAL, PRIMARY, User, UserStore
from provisioning import details, searching
from provisioning.admin import own_claims, person_document
from provisioning.admin.accepting import AcceptingAdmin, AcceptingForm
from provisioning.admin.exporting import Exporting
from provisioning.admin.stores import StoreFilter
from provisioning.admin.why import why_page
from provisioning.changes import UserData
from provisioning.entity_files import writing
from provisioning.entity_files.reading import FORMATS


def _text(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=widgets.UnfoldAdminTextInputWidget(), **more
    )


class UserForm(AcceptingForm):
    FIELDS = {"userName": "username", "groups": "groups", "password": "password"}

    username = forms.CharField(
        label="User name", max_length=255, widget=widgets.UnfoldAdminTextInputWidget()
    )
    store = forms.ChoiceField(label="User store", widget=widgets.UnfoldAdminSelectWidget())
    given_name = _text("First name")
    family_name = _text("Last name")
    display_name = _text("Display name")
    emails = NamesField(
        label="E-mail addresses",
        required=False,
        help_text="One per line; the first is primary.",
    )
    phones = NamesField(
        label="Phone numbers", required=False, help_text="One per line; the first is primary."
    )
    title = _text("Title")
    department = _text("Department")
    active = forms.BooleanField(
        required=False,
        initial=True,
        widget=widgets.UnfoldBooleanWidget(),
        help_text="Accounts of people who are not active are disabled at the targets.",
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=widgets.UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    groups = NamesField(
        label="Add to groups",
        required=False,
        help_text="Full names (sales, STAFF/sales, Internal/role), one per line.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = UserStore.objects.filter(tenant=self.tenant).exclude(domain=INTERNAL)
        self.fields["store"].choices = [  # type: ignore[attr-defined]  # a choice field
            (store.domain, store.domain) for store in stores.order_by("domain")
        ]
        self.initial.setdefault("store", PRIMARY)
        self.own = own_claims.fields_of(self.tenant, self.row)
        self.fields.update(self.own)
        if self.row is not None:
            self._show(self.row)

    def _show(self, row: User) -> None:
        account = {"username": row.username, "store": row.store.domain, "active": row.active}
        self.initial.update(person_document.read(row.document) | account)
        self.fields["store"].disabled = True
        if row.password:
            self.fields["password"].widget.attrs["placeholder"] = "unchanged"

    def clean_emails(self) -> list[str]:
        emails: list[str] = self.cleaned_data["emails"]
        kept = set(self.initial.get("emails", ()))
        for email in emails:
            if email not in kept:
                _check_email(email)
        return emails

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, problem in own_claims.problems(self.own, cleaned).items():
            self.add_error(name, problem)
        return cleaned

    def data_of_change(self) -> dict[str, Any]:
        cleaned, row = self.cleaned_data, self.row
        store = UserStore(domain=cleaned["store"])
        document = person_document.write(row.document if row else {}, cleaned)
        data = UserData(
            name=store.full_name(cleaned["username"]),
            document=own_claims.write(self.own, document, cleaned),
            external_id=row.external_id if row else "",
            active=cleaned["active"],
            password=cleaned["password"] or None,
            join=cleaned["groups"],
        )
        return {"user": data}


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError(f"“{email}” is not an e-mail address.") from error


@admin.register(User)
class UserAdmin(Exporting, AcceptingAdmin):
    exports = "users"
    formats = FORMATS
    entity_type = EntityType.USER
    form_class = UserForm
    list_display = ["shown_name", "display_name", "email", "active", "modified"]
    list_filter = [StoreFilter]
    list_disable_select_all = True
    show_full_result_count = False
    search_fields = ["username"]
    search_help_text = "User name, e-mail, first or last name"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    paginator = InfinitePaginator

    def fieldsets_of(self, form: Any) -> Any:
        account = [("username", "store"), "active", "password"]
        person = [
            ("given_name", "family_name"),
            "display_name",
            ("emails", "phones"),
            ("title", "department"),
        ]
        own = [("Further claims", {"fields": list(form.own)})] if form.own else []
        return [
            ("Account", {"fields": account}),
            ("Person", {"fields": person}),
            *own,
            ("Groups", {"fields": ["groups"]}),
        ]

    def lines(self, request: HttpRequest, found: QuerySet[User], format: str) -> Iterator[str]:
        return writing.users(found, table_of(current_tenant(request)), format)

    def get_urls(self) -> list[URLPattern]:
        options = self.admin_site.admin_view(self.options)
        return [
            path("options/", options, name="idp_user_options"),
            path("why/", self.admin_site.admin_view(self.why), name="why"),
            *super().get_urls(),
        ]

    def why(self, request: HttpRequest) -> HttpResponse:
        """Why somebody is, or is not, at a target."""
        return why_page(self.admin_site, request)

    def options(self, request: HttpRequest) -> HttpResponse:
        """People whose name begins so, as options of a field that asks for one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        term = request.GET.get("person", "").strip()
        rows = self.get_queryset(request)
        if term:
            rows = rows.filter(searching.users_like(current_tenant(request), term))
        found = [(row.full_name, self.display_name(row)) for row in rows.order_by("-id")[:10]]
        return render(request, "console/options.html", {"options": found})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        # Not joined: the page must come out of the index on (tenant, id).
        return super().get_queryset(request).prefetch_related("store")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if term := search_term.strip():
            queryset = queryset.filter(searching.users_like(current_tenant(request), term))
        return queryset, False

    def get_panels(self, request: HttpRequest, obj: User) -> list[Panel]:
        return [
            Panel("console/panels/whereabouts.html", details.of_user(obj), above=True),
            Panel("console/panels/memberships.html", details.groups_of(obj)),
        ]

    @display(description="User", ordering=None)
    def shown_name(self, obj: User) -> str:
        return obj.full_name

    @display(description="Name")
    def display_name(self, obj: User) -> str:
        shown = person_document.read(obj.document)
        both = f"{shown['given_name']} {shown['family_name']}".strip()
        return shown["display_name"] or both or "-"

    @display(description="E-mail")
    def email(self, obj: User) -> str:
        emails = person_document.read(obj.document)["emails"]
        return emails[0] if emails else "-"
