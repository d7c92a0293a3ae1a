from __future__ import annotations

from django.urls import path

from provisioning.inbound.signup.views import ConfirmView

urlpatterns = [path("sign-up/<str:token>/", ConfirmView.as_view(), name="confirm_sign_up")]
