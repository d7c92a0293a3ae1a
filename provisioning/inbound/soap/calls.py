"""A request without its envelope: who asks, and how changes of theirs are made."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from connectors import EntityType
from idp.claims import Profile
from idp.models import Tenant, User
from provisioning import intake
from provisioning.changes import (
    Action,
    Change,
    Door,
    Refused,
    SaidGroup,
    TargetOutcome,
    UserData,
    VersionMoved,
)
from provisioning.inbound.auth import Caller
from provisioning.inbound.soap.attempts import Attempts
from provisioning.inbound.soap.faults import Code, SoapFault, of_refused, wrong
from provisioning.inbound.soap.names import Names
from provisioning.readers import Reader, reader_of

Outcomes = list[TargetOutcome]
ATTEMPTS = 20
BACK_OFF = 0.01
"""Seconds: the longest wait after the first lost race; twice that after the second, …"""
NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler is given beside the parameters."""

    caller: Caller
    reader: Reader
    names: Names
    attempts: Attempts

    @property
    def tenant(self) -> Tenant:
        return self.caller.tenant

    @property
    def passes(self) -> bool:
        """Whether what is written is sent onward and not stored."""
        return self.caller.service_provider.dumb_mode

    def accept(
        self, action: Action, kind: EntityType, *, done: str = "", **fields: Any
    ) -> Outcomes:
        """Make a change. Raises `SoapFault`, and `VersionMoved` where a version was given.

        `done` is told when it fails: what the same request had made before.
        """
        change = Change(
            tenant=self.tenant,
            service_provider=self.caller.service_provider,
            door=Door.SOAP,
            actor=self.caller.actor,
            action=action,
            entity_type=kind,
            **fields,
        )
        try:
            return list(intake.accept(change).outcomes)
        except VersionMoved:
            raise
        except Refused as refused:
            raise of_refused(refused, done) from refused

    def change_user(self, name: str, make: Callable[[User], UserData]) -> Outcomes:
        """Read, change, store; again when somebody else was faster."""
        for attempt in range(ATTEMPTS):
            time.sleep(random.uniform(0, BACK_OFF * attempt))  # noqa: S311 - a wait, no secret
            user = self.names.user(name)
            try:
                return self.accept(
                    Action.UPDATE,
                    EntityType.USER,
                    entity_id=user.pk,
                    expected_version=user.version,
                    user=make(user),
                )
            except VersionMoved:
                continue
        fault = SoapFault(
            f"userName: {name} is being changed by others all the time; try again.",
            Code.SERVER,
            told=True,
            kind="VersionMoved",
        )
        fault.counts_as = 409
        raise fault


def call_of(caller: Caller, request: HttpRequest) -> Call:
    reader = reader_of(caller.service_provider)
    names = Names(caller.service_provider, reader)
    return Call(caller, reader, names, Attempts(request, caller.tenant.domain))


def data_of(
    profile: Profile,
    *,
    password: str | None = None,
    join: list[str] | None = None,
    groups: list[str] | None = None,
) -> UserData:
    """What `accept` takes. Raises `SoapFault` for what no column holds."""
    if len(profile.external_id) > NAME_LENGTH:
        raise wrong("claims", f"externalid takes at most {NAME_LENGTH} characters.")
    return UserData(
        name=profile.username,
        document=profile.document,
        external_id=profile.external_id,
        active=profile.active,
        password=password,
        join=join or [],
        groups=None if groups is None else [SaidGroup(name) for name in groups],
    )
