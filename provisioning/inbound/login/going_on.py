"""The identity provider has answered: ask the person if that is wanted, let the engine act,
and send the browser on, or say why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from idp.models import JitSettings, Prompt
from provisioning import changes, jit
from provisioning.inbound.login import attempts, codes, deciding, pages, prompts, trail, trying
from provisioning.inbound.login.prompts import Said
from provisioning.inbound.login.stops import Busy, NotLetIn, Stop, TargetFailed
from provisioning.jit import Login, NameIsTaken, NotAdmitted, SignedIn
from provisioning.models import LoginAttempt, Purpose


@dataclass(frozen=True, slots=True)
class Step:
    """An attempt with an answer, and what it says; `state` names it in addresses."""

    request: HttpRequest
    row: LoginAttempt
    state: str
    login: Login


def go_on(request: HttpRequest, row: LoginAttempt, state: str) -> HttpResponse:
    """After the answer is kept. Raises `Stop`."""
    step = Step(request, row, state, login_of(row))
    if row.purpose == Purpose.TEST:
        return trying.result(request, row, step.login)
    with trail.recording(row, step.login.subject):
        if (asks := _asks(step)) is not None:
            return prompts.show(request, row, state, asks)
        return HttpResponseRedirect(_done(step)) if row.redirect_uri else _signed_in(step)


def said(request: HttpRequest, row: LoginAttempt, state: str) -> HttpResponse:
    """After the person has answered what they were asked. Raises `Stop`."""
    step = Step(request, row, state, login_of(row))
    with trail.recording(row, step.login.subject):
        asks = _asks(step)
        if asks is None or row.purpose != Purpose.LOGIN:
            raise NotLetIn("Nothing was asked. Sign in again.")
        heard = prompts.read(request, row, asks)
        if isinstance(heard, Said):
            return _agreed(step, asks, heard)
        if heard is None:
            attempts.finish(row)
            raise prompts.ConsentRefused(
                f"You did not agree, so no account was made. {row.provider} was told nothing."
            )
        return prompts.show(request, row, state, heard)


def _agreed(step: Step, asks: prompts.Asks, heard: Said) -> HttpResponse:
    login = replace(step.login, username=heard.username, password=heard.password)
    try:
        if step.row.redirect_uri:
            return pages.onward(step.request, _done(replace(step, login=login)))
        return _signed_in(replace(step, login=login))
    except prompts.Again as again:
        attempts.reopen(step.row)
        asks = replace(asks, problems={again.field: str(again)}, username=heard.username)
        return prompts.show(step.request, step.row, step.state, asks)


def login_of(row: LoginAttempt) -> Login:
    answer = attempts.answer_of(row)
    return Login(
        provider=row.provider,
        service_provider=row.service_provider,
        subject=answer.subject,
        claims=answer.claims,
        roles=answer.roles,
        email_verified=answer.email_verified,
    )


def _asks(step: Step) -> prompts.Asks | None:
    """What somebody is asked who would be made now; None: nothing."""
    settings = _settings(step.row)
    if settings is None or settings.prompt == Prompt.SILENT:
        return None
    try:
        foreseen = jit.foresee(step.login)
    except NotAdmitted as error:
        raise _refused(error) from error
    if foreseen.user is not None:
        return None
    return prompts.asks(Prompt(settings.prompt), step.login, foreseen)


def _settings(row: LoginAttempt) -> JitSettings | None:
    """Of just-in-time provisioning, where it is switched on."""
    settings: JitSettings | None = getattr(row.provider, "jit", None)
    return settings if settings is not None and settings.enabled else None


def _done(step: Step) -> str:
    done = _sign_in(step)
    return codes.issue(step.row, step.login.subject, done)


def _signed_in(step: Step) -> HttpResponse:
    done = _sign_in(step)
    return pages.page(step.request, "signed_in", done=done, provider=step.row.provider)


def _sign_in(step: Step) -> SignedIn:
    """Raises `Stop`, or `prompts.Again` when the person may choose once more."""
    attempts.finish(step.row)
    login = step.login
    try:
        if _settings(step.row) is None:
            done = jit.recognise(login)
        else:
            deciding.check_rules(login)
            done = jit.sign_in(login)
    except NameIsTaken as error:
        if login.username:
            raise prompts.Again("username", f"The name {login.username} is taken.") from error
        raise _refused(error) from error
    except NotAdmitted as error:
        raise _refused(error) from error
    except changes.Refused as error:
        raise _unmade(login, error) from error
    if done.failed:
        raise TargetFailed(_names(done.failed))
    if absent := deciding.absent_from(login, done):
        raise TargetFailed(_sentence([f"{one.provider.name}/{one.type}" for one in absent]))
    trail.accepted(step.row, login.subject, done)
    return done


def _refused(error: NotAdmitted) -> Stop:
    return NotLetIn(f"The reason: {error}.")


def _unmade(login: Login, error: changes.Refused) -> Exception:
    if isinstance(error, changes.TargetRefused):
        failed = [one for one in error.outcomes if one.result is changes.Result.FAILED]
        return TargetFailed(_names(failed))
    if isinstance(error, changes.Busy):
        return Busy("Too many people are signing in at this moment; try again in a while.")
    asked = {"userName": "username", "password": "password"}
    if login.password is not None and (field := asked.get(error.field)):
        return prompts.Again(field, str(error).removeprefix(f"{error.field}: "))
    return NotLetIn(f"The reason: {error}.")


def _names(failed: Sequence[changes.TargetOutcome]) -> str:
    return _sentence([f"{one.identity_provider}/{one.connector}" for one in failed])


def _sentence(names: Sequence[str]) -> str:
    return (
        f"Another system that must know you did not take your account ({', '.join(names)}). "
        "You are not signed in; try again in a while."
    )
