"""What somebody is asked before an account is made for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from idp.local_claims import table_of
from idp.models import PRIMARY, Prompt, split_name
from idp.queries import stores_of
from provisioning.inbound.login import pages
from provisioning.inbound.login.stops import NotLetIn
from provisioning.jit import Foreseen, Login
from provisioning.models import LoginAttempt

LONGEST_NAME = 255
TAKEN = "There is a user of this name already; choose another."


class ConsentRefused(NotLetIn):
    title = "You are not signed in"


class Again(Exception):
    """What was chosen does not work; a sentence, and the field it is about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asks:
    """`facts` are what is about to be stored, by name; `problems` by field."""

    prompt: Prompt
    username: str
    facts: Sequence[tuple[str, str]]
    groups: Sequence[str]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def for_name(self) -> bool:
        return self.prompt == Prompt.USERNAME

    @property
    def for_password(self) -> bool:
        return self.prompt in (Prompt.PASSWORD, Prompt.USERNAME)


@dataclass(frozen=True, slots=True)
class Said:
    """They agree; `username` is empty and `password` None where they were not asked."""

    username: str = ""
    password: str | None = field(default=None, repr=False)


def asks(prompt: Prompt, login: Login, foreseen: Foreseen) -> Asks:
    """Raises `NotLetIn` when the name is taken and no other can be chosen."""
    if foreseen.taken and prompt != Prompt.USERNAME:
        raise NotLetIn(
            f"The reason: there is a user {foreseen.name} already, who is not linked with this "
            "identity provider."
        )
    table = table_of(login.tenant)
    names = {entry.uri: entry.display_name for entry in table.entries}
    facts = [
        (names.get(uri) or uri, ", ".join(value) if isinstance(value, list) else str(value))
        for uri, value in sorted(foreseen.values.items())
        if value
    ]
    _, bare = split_name(foreseen.name, set(stores_of(login.tenant)))
    problems = {"username": TAKEN} if foreseen.taken else {}
    return Asks(prompt, bare, facts, foreseen.join, problems)


def show(request: HttpRequest, row: LoginAttempt, state: str, asks: Asks) -> HttpResponse:
    return pages.page(
        request,
        "prompt",
        asks=asks,
        provider=row.provider,
        application=None if row.service_provider.is_resident else row.service_provider,
        state=state,
    )


@sensitive_variables("password", "again")
def read(request: HttpRequest, row: LoginAttempt, asks: Asks) -> Said | Asks | None:
    """What they said; what they are asked again; None: they refuse."""
    if request.POST.get("decision") != "agree":
        return None
    username = request.POST.get("username", "").strip() if asks.for_name else ""
    password = request.POST.get("password", "") if asks.for_password else None
    problems: dict[str, str] = {}
    if asks.for_name and (problem := _name_problem(row, username)):
        problems["username"] = problem
    if password is not None:
        again = request.POST.get("password_again", "")
        problems |= _password_problems(password, again)
    if problems:
        kept = {"username": username} if asks.for_name else {}
        return Asks(
            asks.prompt, kept.get("username", asks.username), asks.facts, asks.groups, problems
        )
    return Said(username, password)


def _name_problem(row: LoginAttempt, username: str) -> str:
    if not username:
        return "Choose a user name."
    if len(username) > LONGEST_NAME or not username.isprintable():
        return f"A user name has at most {LONGEST_NAME} characters that can be seen."
    domain, _ = split_name(username, set(stores_of(row.tenant)))
    if "/" in username or domain != PRIMARY:
        return "A user name has no slash: where the account is kept is not yours to choose."
    return ""


@sensitive_variables("password", "again")
def _password_problems(password: str, again: str) -> dict[str, str]:
    if "\0" in password or len(password) > 1024:
        return {"password": "A password has at most 1024 characters."}
    try:
        validate_password(password)
    except ValidationError as error:
        return {"password": " ".join(error.messages)}
    if password != again:
        return {"password_again": "The two passwords differ."}
    return {}
