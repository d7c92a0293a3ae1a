"""The doors, each at the root (tenant `carbon.super`) and under `/t/<tenant-domain>/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

doors: list[URLPattern | URLResolver] = [
    path("oauth2/", include("provisioning.inbound.oauth.urls")),
]

urlpatterns = [
    path("", include(doors)),
    path("t/<str:domain>/", include(doors)),
]
