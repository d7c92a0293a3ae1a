"""`/login/…`: the addresses that browsers are sent to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from idp.console.scope import operator_of
from idp.models import IdentityProvider
from provisioning.inbound.login import (
    addresses,
    attempts,
    browsers,
    codes,
    finding,
    going_on,
    pages,
    trail,
    trying,
)
from provisioning.inbound.login.attempts import Wish
from provisioning.inbound.login.protocol import Begun
from provisioning.inbound.login.protocols import protocol_of
from provisioning.inbound.login.stops import Stop
from provisioning.models import Purpose
from serviceproviders.models import ServiceProvider


class LoginView(View):
    """Whatever ends a login is told on a page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Stop as stop:
            return pages.stopped(request, stop)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _sent(
    request: HttpRequest, provider: IdentityProvider, wish: Wish, state: str, begun: Begun
) -> str:
    """Keep the attempt; answers the browser's token, for its cookie."""
    browser = browsers.of(request)
    attempts.start(request, provider, wish, state, begun, browser)
    return browser


class Begin(LoginView):
    """To the identity provider."""

    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name)
        wish = finding.wish(request, provider.tenant)
        attempts.check_rate(request, provider)
        state = attempts.new_state()
        begun = protocol_of(provider).begin(provider, state)
        browser = _sent(request, provider, wish, state, begun)
        response = HttpResponseRedirect(begun.url)
        browsers.remember(response, browser)
        return response


class Callback(LoginView):
    """Back from the identity provider."""

    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name, unused=True)
        state = request.GET.get("state", "")
        row = attempts.take(provider, state, request)
        with trail.recording(row):
            answer = protocol_of(provider).finish(provider, row.kept, request)
        attempts.keep(row, answer)
        return going_on.go_on(request, row, state)


@method_decorator(
    sensitive_post_parameters("password", "password_again"),
    name="dispatch",
)
class Continue(LoginView):
    """Where the person is asked, and where an answer that came by a POST goes on."""

    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name, unused=True)
        state = request.GET.get("state", "")
        return going_on.go_on(request, attempts.kept(provider, state, request), state)

    def post(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name, unused=True)
        state = request.POST.get("state", "")
        return going_on.said(request, attempts.kept(provider, state, request), state)


class Choose(LoginView):
    """Home realm discovery: the realm names the identity provider, or the person does."""

    def get(self, request: HttpRequest, domain: str | None = None) -> HttpResponse:
        tenant = finding.tenant(domain)
        finding.wish(request, tenant)
        asked = {n: request.GET[n] for n in finding.PARAMETERS if request.GET.get(n)}
        query = f"?{urlencode(asked)}" if asked else ""
        realm = request.GET.get("realm", "").rpartition("@")[2].strip()
        rows = finding.in_use(tenant)
        if realm and "\0" not in realm:
            found = rows.filter(home_realm_identifier__iexact=realm).first()
            if found is not None:
                return HttpResponseRedirect(addresses.path_of(tenant, found) + query)
        choices = [(row, addresses.path_of(tenant, row) + query) for row in rows]
        return pages.page(request, "choose", choices=choices, realm=realm, query=asked)


class SignOut(LoginView):
    """To the identity provider, to sign out there; and back to the application."""

    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name)
        asked = finding.wish(request, provider.tenant)
        attempts.check_rate(request, provider)
        wish = Wish(
            asked.service_provider, Purpose.LOGOUT, asked.redirect_uri, asked.application_state
        )
        state = attempts.new_state()
        url = protocol_of(provider).leave(provider, state)
        if not url:
            return pages.page(request, "signed_out", provider=provider, there=False)
        response = HttpResponseRedirect(url)
        browsers.remember(response, _sent(request, provider, wish, state, Begun(url)))
        return response


class SignedOut(LoginView):
    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name, unused=True)
        row = attempts.take(provider, request.GET.get("state", ""), request)
        if row.purpose == Purpose.LOGOUT and row.redirect_uri:
            return HttpResponseRedirect(codes.returning(row))
        return pages.page(request, "signed_out", provider=provider, there=True)


class Test(LoginView):
    """An operator tries it: begun by a button, so by nobody else in their browser."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not admin.site.has_permission(request):
            return redirect_to_login(request.get_full_path(), "admin:login")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = self.provider(request, domain, name)
        senders = ServiceProvider.objects.filter(tenant=provider.tenant, retired_at=None)
        return pages.page(request, "test", provider=provider, senders=senders)

    def post(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = self.provider(request, domain, name)
        sender = finding.service_provider(
            provider.tenant, request.POST.get("service_provider", "")
        )
        wish = Wish(sender, Purpose.TEST, operator_id=operator_of(request).pk)
        state = attempts.new_state()
        begun = protocol_of(provider).begin(provider, state)
        browser = _sent(request, provider, wish, state, begun)
        response = pages.onward(request, begun.url)
        browsers.remember(response, browser)
        return response

    def provider(self, request: HttpRequest, domain: str | None, name: str) -> IdentityProvider:
        provider = finding.provider(domain, name, unused=True)
        trying.check_operator(request, provider)
        return provider
