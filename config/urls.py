"""The outside of Purveyor: the console and the doors."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("", include("provisioning.inbound.urls")),
    path("", include("provisioning.inbound.login.urls")),
    path("", include("provisioning.inbound.signup.urls")),
    path("", include("provisioning.api.urls")),
]
