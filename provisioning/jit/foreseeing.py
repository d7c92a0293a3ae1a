"""What a login would do, without doing it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors import EntityType
from idp import queries
from idp.claims import Profile, Value, profile_of
from idp.models import Group, User, key_of, split_name
from provisioning import passing
from provisioning.jit import incoming as reading
from provisioning.jit import linking, roles
from provisioning.jit.logins import Login, NotAdmitted
from provisioning.jit.roles import Roles
from provisioning.jit.signing_in import full_name, settings_of, values_of
from provisioning.subjects import Subject, group_names


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`user` is who they are already; None: somebody new of that name. `linked`: they would
    be recognised by a claim for the first time. `values` are claims by their local names;
    `said_roles` in the identity provider's words. `taken`: the name is somebody else's."""

    user: User | None
    name: str
    linked: bool
    taken: bool
    values: Mapping[str, Value]
    said_roles: Sequence[str] | None
    join: Sequence[str]
    leave: Sequence[str]
    subject: Subject


def foresee(login: Login) -> Foreseen:
    """Raises `NotAdmitted`. Whether just-in-time provisioning is switched on is not asked."""
    settings = settings_of(login)
    incoming = reading.read(login)
    row, user = linking.known(login, settings, incoming)
    if user is not None and not user.active:
        raise NotAdmitted(f"the account {user.full_name} is disabled")
    decided = roles.decide(login, row, user, incoming.roles)
    if user is None:
        name = full_name(login, settings, incoming)
        after = reading.write(incoming, incoming.values, Profile(username=name))
    else:
        name = user.full_name
        after = reading.write(incoming, values_of(settings, incoming, row), profile_of(user))
    return Foreseen(
        user=user,
        name=name,
        linked=user is not None and row._state.adding,
        taken=user is None and _is_taken(login, name),
        values=incoming.values,
        said_roles=incoming.roles,
        join=_names(decided.join),
        leave=_names(decided.leave),
        subject=_subject(login, row.user_id, name, after, user, decided),
    )


def _names(groups: Sequence[Group]) -> list[str]:
    return sorted(group.full_name for group in groups)


def _is_taken(login: Login, name: str) -> bool:
    stores = queries.stores_of(login.tenant)
    if login.service_provider.dumb_mode:
        domain, bare = split_name(name, set(stores))
        sent = login.service_provider
        return bool(passing.named(sent, EntityType.USER, domain, [key_of(bare)]))
    where = queries.named(stores, name, "username_key")
    return User.objects.filter(where, tenant=login.tenant).exists()


def _subject(
    login: Login,
    user_id: uuid.UUID,
    name: str,
    after: Profile,
    user: User | None,
    decided: Roles,
) -> Subject:
    held = group_names(user.pk) if user is not None else frozenset()
    groups = {*held, *_names(decided.join)} - set(_names(decided.leave))
    domain, _ = split_name(name, set(queries.stores_of(login.tenant)))
    return Subject(
        tenant=login.tenant,
        type=EntityType.USER,
        id=user_id,
        name=name,
        version=(user.version if user else 0) + 1,
        external_id=after.external_id,
        store=domain,
        document=after.document,
        groups=frozenset(groups),
        passes=login.service_provider.dumb_mode,
    )
