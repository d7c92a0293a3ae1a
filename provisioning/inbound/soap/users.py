"""Operations on users, and on their passwords."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from connectors import EntityType
from idp.claims import Profile, profile_of
from idp.models import key_of
from provisioning.changes import Action
from provisioning.inbound import verified
from provisioning.inbound.soap import claims
from provisioning.inbound.soap.calls import Call, Outcomes, data_of
from provisioning.inbound.soap.faults import SoapFault, meaningless, wrong
from provisioning.inbound.soap.names import MOST
from provisioning.inbound.soap.parameters import Given

PASSWORD_LENGTH = 1024


def add(call: Call, given: Given) -> Outcomes:
    claims.check_profile(given)
    if given.flag("requirePasswordChange"):
        raise wrong(
            "requirePasswordChange",
            "nobody signs in here to change a password; leave it out, or say false.",
        )
    name = given.text("userName")
    profile = claims.written(call, given.claims(), Profile(username=name))
    if key_of(profile.username) != key_of(name):
        raise wrong("claims", f"the claims call the user {profile.username}, not {name}.")
    roles = given.texts("roleList")
    if not call.passes:  # where nobody is stored, roles may be any that rules go by
        roles = [call.names.role(role, "roleList").full_name for role in roles]
    password = given.optional("credential") or None
    if password is not None:
        check_password("credential", password)
    data = data_of(profile, password=password, join=roles)
    return call.accept(Action.CREATE, EntityType.USER, user=data)


def delete(call: Call, given: Given) -> Outcomes:
    user = call.names.user(given.text("userName"))
    return call.accept(Action.DELETE, EntityType.USER, entity_id=user.pk)


def exists(call: Call, given: Given) -> bool:
    return call.names.find_user(given.text("userName")) is not None


def names_like(call: Call, given: Given) -> list[str]:
    """No filter means everybody; a limit below zero, as many as are told at all."""
    limit = given.number("maxItemLimit", -1)
    most = MOST if limit < 0 else min(limit, MOST)
    return call.names.users_like(given.optional("filter") or "*", most, "filter")


def authenticate(call: Call, given: Given) -> bool:
    name, password = given.text("userName"), given.optional("credential")
    return _knows(call, "authenticate", name, password)


def update_password(call: Call, given: Given) -> Outcomes:
    name = given.text("userName")
    call.names.user(name)
    if not _knows(call, "updateCredential", name, given.optional("oldCredential")):
        raise wrong("oldCredential", "this is not the password, or the user is disabled.")
    return _set_password(call, name, given.text("newCredential"))


def set_password(call: Call, given: Given) -> Outcomes:
    return _set_password(call, given.text("userName"), given.text("newCredential"))


def _set_password(call: Call, name: str, password: str) -> Outcomes:
    call.names.user(name)
    check_password("newCredential", password)
    return call.change_user(name, lambda user: data_of(profile_of(user), password=password))


def check_password(parameter: str, password: str) -> None:
    """Raises `SoapFault`."""
    if len(password) > PASSWORD_LENGTH:
        raise wrong(parameter, f"takes at most {PASSWORD_LENGTH} characters.")
    try:
        validate_password(password)
    except ValidationError as error:
        raise wrong(parameter, " ".join(error.messages)) from error


def _knows(call: Call, operation: str, name: str, password: str) -> bool:
    """Whether it is the password of that user, who may sign in. A name that is not there takes
    as long, and counts as a failure as well."""
    if call.passes:
        raise meaningless(
            operation,
            "people are sent onward and not stored (dumb mode): there are no passwords.",
        )
    if call.attempts.is_locked(name):
        raise SoapFault(
            "Too many failed attempts with this name from this address. Try again later.",
            told=True,
            kind="LockedOut",
        )
    user = call.names.find_user(name)
    if user is None or not user.password or not password:
        verified.burn(password)
        known = False
    else:
        known = verified.credentials.check(password, user.password)
    call.attempts.count(name, success=known)
    return known and user is not None and user.active
