"""What SAML adds to the addresses of logins: where responses are posted, and who we are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from provisioning.inbound.login import addresses, attempts, finding, saml, trail
from provisioning.inbound.login.stops import NotLetIn
from provisioning.inbound.login.views import LoginView
from provisioning.inbound.saml import MEDIA_TYPE, descriptor


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(
    sensitive_post_parameters("SAMLResponse"),
    name="dispatch",
)
class Consumer(LoginView):
    """The assertion consumer service. The POST comes from another site, so without the
    browser's cookie: the answer is checked here, and gone on with where the cookie is back."""

    def post(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name, unused=True)
        saml.told_of_us(provider)
        state = request.POST.get("RelayState", "")
        if not state:
            raise NotLetIn(
                f"Nobody here asked {provider} who you are. Begin the login at the application."
            )
        row = attempts.take(provider, state)
        with trail.recording(row):
            answer = saml.answer(provider, row.kept, request.POST.get("SAMLResponse", ""))
        attempts.keep(row, answer)
        response = HttpResponseRedirect(addresses.go_on(provider, state))
        response.status_code = 303  # what was a POST goes on as a GET
        return response


class Descriptor(LoginView):
    """Our metadata, for whoever runs the identity provider."""

    def get(self, request: HttpRequest, name: str, domain: str | None = None) -> HttpResponse:
        provider = finding.provider(domain, name, unused=True)
        told = descriptor(saml.told_of_us(provider))
        return HttpResponse(told, content_type=MEDIA_TYPE)
