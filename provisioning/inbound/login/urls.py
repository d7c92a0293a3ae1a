"""Login pages, at the root (tenant `carbon.super`) and under `/t/<tenant-domain>/`.

Not among the doors: their pages need cookies, forms and the console's session.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from provisioning.inbound.login import consumer, views

pages: list[URLPattern | URLResolver] = [
    path("", views.Choose.as_view(), name="login"),
    path("<str:name>/", views.Begin.as_view(), name="login_begin"),
    path("<str:name>/callback/", views.Callback.as_view(), name="login_callback"),
    path("<str:name>/acs/", consumer.Consumer.as_view(), name="login_acs"),
    path("<str:name>/metadata/", consumer.Descriptor.as_view(), name="login_metadata"),
    path("<str:name>/continue/", views.Continue.as_view(), name="login_continue"),
    path("<str:name>/logout/", views.SignOut.as_view(), name="login_logout"),
    path("<str:name>/signed-out/", views.SignedOut.as_view(), name="login_signed_out"),
    path("<str:name>/test/", views.Test.as_view(), name="login_test"),
]

urlpatterns = [
    path("login/", include(pages)),
    path("t/<str:domain>/login/", include(pages)),
]
