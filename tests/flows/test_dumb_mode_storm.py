"""Dumb mode: whatever an application does, in the end the target has what it was told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.utils import timezone

from connectors import EntityType
from idp.models import IdentityProvider, User
from provisioning.models import Job, PassingEntity, State
from provisioning.readers import PassingReader
from serviceproviders.models import ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.inbound.scim2.conftest import Json, Scim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("onward")]
Step = Callable[[], None]

STEPS = 150


class Application:
    """Does anything that may be done, to people and groups it knows by their ids."""

    def __init__(self, scim: Scim, dice: random.Random) -> None:
        self.scim = scim
        self.dice = dice
        self.users: list[str] = []
        self.groups: list[str] = []

    def step(self) -> None:
        do = self.dice.choice(
            [self.create, self.create, self.change, self.replace, self.delete, self.group]
            + [self.members] * 2
        )
        do()

    def sent(self, method: str, path: str, body: Json | None = None) -> Json:
        answer = self.scim(method, path, body)
        assert answer.status in (200, 201, 204, 409), answer.body
        return answer.body if answer.status != 409 else {}

    def person(self) -> Json:
        groups = self.dice.choice([{}, {"groups": []}, {"groups": [{"value": "listed"}]}])
        return {
            "userName": f"p{self.dice.randrange(12)}",
            "title": f"t{self.dice.randrange(9)}",
            **groups,
        }

    def create(self) -> None:
        if made := self.sent("POST", "/Users", self.person()):
            self.users.append(made["id"])

    def replace(self) -> None:
        if self.users:
            self.sent("PUT", f"/Users/{self.dice.choice(self.users)}", self.person())

    def change(self) -> None:
        if self.users:
            operation = {"op": "replace", "path": "title", "value": f"c{self.dice.random()}"}
            user = self.dice.choice(self.users)
            assert self.scim.patch(f"/Users/{user}", operation).status == 200

    def delete(self) -> None:
        gone = self.dice.choice([self.users, self.users, self.users, self.groups])
        if gone:
            path = "Users" if gone is self.users else "Groups"
            self.sent("DELETE", f"/{path}/{gone.pop(self.dice.randrange(len(gone)))}")

    def group(self) -> None:
        members = [{"value": user} for user in self.users[:3]]
        body = {"displayName": f"g{self.dice.randrange(4)}", "members": members}
        if made := self.sent("POST", "/Groups", body):
            self.groups.append(made["id"])

    def members(self) -> None:
        if not (self.groups and self.users):
            return
        user, group = self.dice.choice(self.users), self.dice.choice(self.groups)
        operation = self.dice.choice(
            [
                {"op": "add", "path": "members", "value": [{"value": user}]},
                {"op": "remove", "path": f'members[value eq "{user}"]'},
            ]
        )
        assert self.scim.patch(f"/Groups/{group}", operation).status == 200


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Stands still: which retries are due must not depend on how busy the machine is."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.mark.parametrize("roles", [[], ["listed", "g0"]], ids=["everybody", "by-role"])
def test_target_and_reader_agree_after_a_storm(
    scim: Scim,
    portal: ServiceProvider,
    target: Scim2Target,
    deliver: Step,
    later: Step,
    roles: list[str],
    clock: time_machine.Coordinates,
) -> None:
    IdentityProvider.objects.update(provisioning_roles=roles)
    dice = random.Random(4711)
    application = Application(scim, dice)
    for _ in range(STEPS):
        application.step()
        if dice.random() < 0.1:
            target.drop_next(processed=dice.random() < 0.5)
        if dice.random() < 0.15:
            deliver()
    # What a name is refused for depends on what was delivered by then, and so does who is left.
    application.sent("POST", "/Users", {**application.person(), "userName": "last"})
    while Job.objects.filter(is_open=True).exists():
        assert not Job.objects.filter(state=State.HELD).exists()
        later()
        deliver()

    reader = PassingReader(portal)
    users = {one.pk: one for one in reader.page(EntityType.USER, "", "", count=100)}
    groups = reader.page(EntityType.GROUP, "", "", count=100)
    entitled = {
        pk
        for pk, listed in ((pk, reader.groups_of_users([pk])[pk]) for pk in users)
        if not roles or {group.name for group in listed} & set(roles)
    }
    assert {u["userName"]: u.get("title") for u in target.users.values()} == {
        users[pk].username: users[pk].document.get("title")  # type: ignore[union-attr]
        for pk in entitled
    }
    assert {
        g["displayName"]: target.member_names(g["displayName"]) for g in target.groups.values()
    } == {
        group.name: sorted(  # type: ignore[union-attr]
            users[member.id].username  # type: ignore[union-attr]
            for member in reader.members_of(group)  # type: ignore[arg-type]
            if member.id in entitled
        )
        for group in groups
    }
    assert not PassingEntity.objects.exclude(deleted=None).exists()
    assert not User.objects.exists()
    assert users
    assert not Job.objects.filter(state=State.FAILED).exists()
