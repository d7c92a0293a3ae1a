from __future__ import annotations

from django.urls import re_path

from provisioning.inbound.oauth import views

urlpatterns = [
    re_path(r"^token/?$", views.TokenView.as_view(), name="oauth-token"),
    re_path(r"^introspect/?$", views.IntrospectView.as_view(), name="oauth-introspect"),
    re_path(r"^revoke/?$", views.RevokeView.as_view(), name="oauth-revoke"),
]
