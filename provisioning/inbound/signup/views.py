"""Looking at a link changes nothing: mail scanners follow links, people press buttons."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from provisioning import signup
from provisioning.changes import Refused, TargetRefused

PAGE = "sign_up.html"


# Nobody is signed in: who has the token may do this, from wherever.
@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class ConfirmView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(request, token, press=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(request, token, press=True)

    def answer(self, request: HttpRequest, token: str, *, press: bool) -> HttpResponse:
        try:
            row = signup.find(token)
            if press:
                signup.confirm(row)
        except signup.Unknown as error:
            return _page(request, 404, problem=str(error))
        except TargetRefused:
            return _page(request, 502, row=row, again=True)
        except Refused as error:
            return _page(request, 409, problem=f"The account cannot be made: {error}.")
        return _page(request, 200, row=row, done=press or row.confirmed is not None)


def _page(request: HttpRequest, status: int, **shown: object) -> HttpResponse:
    response = render(request, PAGE, shown, status=status)
    # The address is a secret: it goes to nobody else.
    response["Referrer-Policy"] = "no-referrer"
    return response
