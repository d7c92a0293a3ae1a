"""The test login: an operator signs in at the real identity provider, and nobody is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from idp.console.scope import current_tenant, operator_of
from idp.local_claims import table_of
from idp.models import IdentityProvider, key_of
from provisioning import jit, planning, routes
from provisioning.changes import Door, Event
from provisioning.inbound.login import addresses, attempts, pages
from provisioning.inbound.login.stops import NotLetIn, Unknown
from provisioning.jit import Foreseen, Login, NotAdmitted
from provisioning.models import LoginAttempt
from provisioning.planning import Verdict

PERMISSION = "idp.change_identityprovider"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said, and what it is here."""

    name: str
    value: str
    here: str = ""


def check_operator(request: HttpRequest, provider: IdentityProvider) -> None:
    """Whoever may change it may try it, while working in its tenant. Raises `Stop`."""
    if not operator_of(request).has_perm(PERMISSION):
        raise NotLetIn("Your role does not include test logins. An administrator can do this.")
    if current_tenant(request) != provider.tenant:
        raise Unknown("There is no such identity provider in the tenant you work in.")


def result(request: HttpRequest, row: LoginAttempt, login: Login) -> HttpResponse:
    """What the login would have done. What was said of the person is forgotten with it."""
    attempts.forget(row)
    if not request.user.is_authenticated or operator_of(request).pk != row.operator_id:
        raise NotLetIn("This test was begun by another operator, or you have signed out.")
    check_operator(request, row.provider)
    foreseen, problem = _foreseen(login)
    settings = getattr(row.provider, "jit", None)
    return pages.page(
        request,
        "test_result",
        provider=row.provider,
        service_provider=row.service_provider,
        login=login,
        received=[Line(name, _text(value)) for name, value in sorted(login.claims.items())],
        mapped=_mapped(login, foreseen),
        roles=_roles(login, foreseen),
        foreseen=foreseen,
        problem=problem,
        is_on=settings is not None and settings.enabled,
        settings=settings,
        verdicts=_verdicts(login, foreseen),
        again=addresses.path_of(row.tenant, row.provider, "test/"),
    )


def _foreseen(login: Login) -> tuple[Foreseen | None, str]:
    try:
        return jit.foresee(login), ""
    except NotAdmitted as error:
        return None, str(error)


def _mapped(login: Login, foreseen: Foreseen | None) -> list[Line]:
    names = {entry.uri: entry.display_name for entry in table_of(login.tenant).entries}
    values = foreseen.values.items() if foreseen is not None else ()
    return [Line(names.get(uri) or uri, _text(value), uri) for uri, value in sorted(values)]


def _roles(login: Login, foreseen: Foreseen | None) -> list[Line]:
    said: Sequence[str] = (foreseen.said_roles if foreseen is not None else None) or ()
    here: dict[str, list[str]] = {}
    for mapping in login.provider.role_mappings.all():
        here.setdefault(key_of(mapping.remote), []).append(mapping.local)
    return [Line(role, "", ", ".join(here.get(key_of(role), ()))) for role in said]


def _verdicts(login: Login, foreseen: Foreseen | None) -> list[Verdict]:
    """The very plan that the login would follow."""
    if foreseen is None or foreseen.taken:
        return []
    ways = routes.of(login.service_provider)
    event = Event.POST if foreseen.user is None else Event.PUT
    return planning.plan(foreseen.subject, ways, Door.JIT, event=event)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Iterable) and not isinstance(value, dict):
        return ", ".join(map(_text, value))
    return str(value)
