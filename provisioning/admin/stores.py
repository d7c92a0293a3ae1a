from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from idp.console.scope import current_tenant
from idp.models import UserStore


class StoreFilter(SimpleListFilter):
    title = "user store"
    parameter_name = "store"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = UserStore.objects.filter(tenant=current_tenant(request)).order_by("domain")
        return [(row.domain, row.domain) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        store = UserStore.objects.filter(tenant=current_tenant(request), domain=self.value())
        return queryset.filter(store=store.first()) if self.value() else queryset
