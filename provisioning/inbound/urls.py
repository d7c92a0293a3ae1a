"""The doors, each at the root (tenant `carbon.super`) and under `/t/<tenant-domain>/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from provisioning.inbound.scim2.views import ScimView
from provisioning.inbound.scim11.views import Scim1View
from provisioning.inbound.soap.views import SoapView

doors: list[URLPattern | URLResolver] = [
    re_path(r"^scim2(?:/(?P<rest>[\s\S]*))?$", ScimView.as_view(), name="scim2"),
    re_path(r"^wso2/scim(?:/(?P<rest>[\s\S]*))?$", Scim1View.as_view(), name="scim11"),
    # WSO2's WSDLs name an endpoint behind the service; all of them are this one.
    re_path(
        r"^services/(?P<name>RemoteUserStoreManagerService(?:V2)?)(?:\.\w+)?/?$",
        SoapView.as_view(),
        name="soap",
    ),
    path("oauth2/", include("provisioning.inbound.oauth.urls")),
]

urlpatterns = [
    path("", include(doors)),
    path("t/<str:domain>/", include(doors)),
]
