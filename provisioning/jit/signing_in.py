"""A login becomes changes like any other: the user made or brought up to date, and groups
given and taken."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from connectors import EntityType
from idp import queries
from idp.claims import Profile, profile_of
from idp.models import (
    INTERNAL,
    PRIMARY,
    AttributeSync,
    JitSettings,
    User,
    split_name,
)
from provisioning.changes import (
    Accepted,
    Action,
    Change,
    Door,
    GroupData,
    NameTaken,
    NotFound,
    Refused,
    SaidGroup,
    UserData,
    VersionMoved,
)
from provisioning.intake import accept
from provisioning.jit import incoming as reading
from provisioning.jit import linking, roles
from provisioning.jit.incoming import Incoming
from provisioning.jit.logins import Login, NameIsTaken, NotAdmitted, SignedIn
from provisioning.jit.roles import Roles
from provisioning.models import Association

TRIES = 5


def sign_in(login: Login) -> SignedIn:
    """Make whoever signs in, or bring them up to date, and send them on.

    Raises `NotAdmitted`, and the `Refused` tree when the change cannot be made; a blocking
    target that failed is told by `SignedIn.failed`. Done again it does nothing twice.
    """
    settings = settings_of(login)
    if not settings.enabled:
        raise NotAdmitted(
            f"{login.provider.name} has just-in-time provisioning switched off",
            "identity_provider",
        )
    incoming = reading.read(login)
    row = linking.associated(login, settings, incoming)
    for _ in range(TRIES):
        user = linking.user_of(login, row)
        try:
            if user is None:
                return _create(login, settings, incoming, row)
            return _update(login, settings, incoming, row, user)
        except VersionMoved:
            continue  # somebody else changed them since they were read
    raise VersionMoved("it was changed by somebody else meanwhile", field="version")


def settings_of(login: Login) -> JitSettings:
    """Raises `NotAdmitted` for an identity provider that is not in use, and for a subject
    that is none."""
    provider = login.provider
    settings: JitSettings | None = getattr(provider, "jit", None)
    if provider.retired_at is not None or not provider.enabled:
        raise NotAdmitted(f"{provider.name} is not in use", "identity_provider")
    if not login.subject or len(login.subject) > 255 or "\0" in login.subject:
        raise NotAdmitted("a subject has 1 to 255 characters")
    return settings or JitSettings(provider=provider)


def _create(
    login: Login, settings: JitSettings, incoming: Incoming, row: Association
) -> SignedIn:
    try:
        name = full_name(login, settings, incoming)
        after = reading.write(incoming, incoming.values, Profile(username=name))
        decided = roles.decide(login, row, None, incoming.roles)
        _remember(row, decided, incoming)
        data = replace(_data(login, name, after, decided), password=login.password)
        accepted = accept(_change(login, Action.CREATE, row, data))
    except NameTaken as error:
        if linking.user_of(login, row) is not None:
            raise VersionMoved("it was made meanwhile") from error
        _forget(row)
        raise NameIsTaken(
            f"there is a user {name} already, who is not linked with this identity provider"
        ) from error
    except (NotAdmitted, Refused):
        _forget(row)
        raise
    _finish(row)
    return SignedIn(row.user_id, name, True, accepted.outcomes)


def _update(
    login: Login, settings: JitSettings, incoming: Incoming, row: Association, user: User
) -> SignedIn:
    if not user.active:
        raise NotAdmitted(f"the account {user.full_name} is disabled")
    decided = roles.decide(login, row, user, incoming.roles)
    values = values_of(settings, incoming, row)
    after = reading.write(incoming, values, profile_of(user))
    synced = settings.attribute_sync != AttributeSync.NONE
    _remember(row, decided, incoming if synced else None)
    done: list[Accepted] = [
        accept(
            replace(
                _change(
                    login,
                    Action.UPDATE,
                    row,
                    _data(login, user.full_name, after, decided),
                ),
                expected_version=user.version,
            )
        )
    ]
    if not login.service_provider.dumb_mode:
        done += _leave(login, row, decided)
    _finish(row, decided, incoming if synced else None)
    outcomes = [one for accepted in done for one in accepted.outcomes]
    return SignedIn(row.user_id, user.full_name, False, outcomes)


def values_of(
    settings: JitSettings, incoming: Incoming, row: Association
) -> dict[str, str | list[str]]:
    """What is written: what came, and, unless local values are kept, nothing where the
    identity provider has given something and does not any more."""
    if settings.attribute_sync == AttributeSync.NONE:
        return {}
    gone: dict[str, str | list[str]] = {}
    if settings.attribute_sync == AttributeSync.OVERRIDE_ALL:
        gone = {uri: "" for uri in row.given_claims if uri not in incoming.values}
    return {**gone, **incoming.values}


def _leave(login: Login, row: Association, decided: Roles) -> list[Accepted]:
    done = []
    for group in decided.leave:
        change = Change(
            tenant=login.tenant,
            service_provider=login.service_provider,
            door=Door.JIT,
            actor=login.actor or login.provider.name,
            action=Action.UPDATE,
            entity_type=EntityType.GROUP,
            entity_id=group.pk,
            group=GroupData(remove=[row.user_id]),
        )
        try:
            done.append(accept(change))
        except NotFound:
            continue  # the group went meanwhile, and with it the membership
    return done


def _change(login: Login, action: Action, row: Association, data: UserData) -> Change:
    return Change(
        tenant=login.tenant,
        service_provider=login.service_provider,
        door=Door.JIT,
        actor=login.actor or login.provider.name,
        action=action,
        entity_type=EntityType.USER,
        entity_id=row.user_id,
        user=data,
    )


def _data(login: Login, name: str, after: Profile, decided: Roles) -> UserData:
    passes = login.service_provider.dumb_mode
    names = [group.store.full_name(group.name) for group in decided.wanted]
    return UserData(
        name=name,
        document=after.document,
        external_id=after.external_id,
        active=True,
        join=() if passes else [group.store.full_name(group.name) for group in decided.join],
        groups=[SaidGroup(one) for one in names] if decided.said else None,
    )


def full_name(login: Login, settings: JitSettings, incoming: Incoming) -> str:
    """In the store the settings name, that of a claim, or the one in the user name."""
    stores = queries.user_stores(login.tenant)
    domain, bare = split_name(incoming.username, set(stores))
    if settings.user_store_claim:
        asked = str(incoming.values.get(settings.user_store_claim) or PRIMARY).upper()
        if asked not in stores or asked == INTERNAL:
            raise NotAdmitted(
                f"there is no user store {asked}", f"claims.{settings.user_store_claim}"
            )
        domain = asked
    elif settings.user_store is not None:
        domain = settings.user_store.domain
    if domain == INTERNAL:
        raise NotAdmitted("roles are not users")
    return stores[domain].full_name(login.username or bare)


def _remember(row: Association, decided: Roles, incoming: Incoming | None) -> None:
    """Before it is done: what was given and not written down could never be taken back."""
    given = sorted({*row.given_groups, *decided.given})
    claims = sorted({*row.given_claims, *(incoming.values if incoming else ())})
    if given != row.given_groups or claims != row.given_claims:
        row.given_groups, row.given_claims = given, claims
        row.save(update_fields=["given_groups", "given_claims"])


def _finish(
    row: Association, decided: Roles | None = None, incoming: Incoming | None = None
) -> None:
    row.last_login = timezone.now()
    if decided is not None:
        row.given_groups = list(decided.given)
    if incoming is not None:
        row.given_claims = sorted(incoming.values)
    row.save(update_fields=["given_groups", "given_claims", "last_login"])


def _forget(row: Association) -> None:
    """Nobody was made: the subject is as unknown as before."""
    if row.last_login is None:
        row.delete()
