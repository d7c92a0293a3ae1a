"""Careful clients: they know what they want, and make sure after every lost answer."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

PATIENCE = 90.0
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Person:
    """Somebody a client owns. `number` counts the changes; the target must see it grow."""

    external_id: str
    username: str
    number: int = 1
    active: bool = True
    nickname: str = ""
    password: str = ""
    id: str = ""
    etag: str = ""
    gone: bool = False

    @property
    def document(self) -> dict[str, Any]:
        return {
            "schemas": [USER],
            "userName": self.username,
            "externalId": self.external_id,
            "title": f"#{self.number}",
            "nickName": self.nickname or "nick",
            "active": self.active,
            "name": {"givenName": self.external_id, "familyName": "Chaos"},
            "emails": [{"value": f"{self.external_id}@chaos.example", "primary": True}],
        }


@dataclass
class Team:
    """A group a client owns: only the owner renames it; members may be anybody's."""

    external_id: str
    number: int = 1
    id: str = ""
    etag: str = ""
    gone: bool = False

    @property
    def name(self) -> str:
        return f"{self.external_id} #{self.number}"

    @property
    def document(self) -> dict[str, Any]:
        return {"schemas": [GROUP], "displayName": self.name, "externalId": self.external_id}


class Door:
    """The SCIM 2.0 door as one client calls it; tells what was slow and what went wrong."""

    def __init__(self, url: str, authorization: str) -> None:
        self.url = f"{url}/scim2"
        self.session = requests.Session()
        self.session.headers["Authorization"] = authorization
        self.session.headers["Content-Type"] = "application/scim+json"
        self.lost = self.refused = self.answered = 0
        self.seconds: list[float] = []
        self.lock = threading.Lock()
        self._pause = threading.Event()

    def once(
        self, method: str, path: str, body: Any = None, etag: str = ""
    ) -> requests.Response | None:
        """The answer, or None when there was none or it was the server's fault."""
        headers = {"If-Match": etag} if etag else {}
        started = time.monotonic()
        try:
            answer = self.session.request(
                method, self.url + path, json=body, headers=headers, timeout=45
            )
        except requests.RequestException:
            self.lost += 1
            self._pause.wait(0.3)
            return None
        self.seconds.append(time.monotonic() - started)
        if answer.status_code >= 500:
            self.refused += 1
            self._pause.wait(0.3)
            return None
        self.answered += 1
        return answer

    def get(self, path: str) -> requests.Response:
        deadline = time.monotonic() + PATIENCE
        while (answer := self.once("GET", path)) is None:
            assert time.monotonic() < deadline, f"GET {path} was never answered"
        return answer

    def find(self, kind: str, external_id: str) -> dict[str, Any] | None:
        wanted = quote(f'externalId eq "{external_id}"')
        answer = self.get(f"/{kind}?filter={wanted}")
        assert answer.status_code == 200, answer.text
        found = answer.json()["Resources"]
        assert len(found) <= 1, f"{external_id} is here {len(found)} times"
        return found[0] if found else None


@dataclass
class Client(threading.Thread):
    """Posts, changes and deletes its own people and teams, and who is in which team."""

    number: int
    door: Door
    seed: int
    people_wanted: int
    teams_wanted: int
    changes: int
    everybodys: list[Team] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    members: dict[tuple[str, str], bool] = field(default_factory=dict)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(name=f"client {self.number}", daemon=True)
        self.dice = random.Random(f"{self.seed}-{self.number}")
        self.stopped = threading.Event()
        self.pace = 0.0
        self.enough = threading.Event()
        """Until then it goes on changing, when everything it had to do is done."""
        self.enough.set()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 told by whoever joins the thread
            self.error = error

    def work(self) -> None:
        for index in range(self.teams_wanted):
            self.add_team(f"team-{self.number}-{index}")
        steps = [self.add_person] * self.people_wanted + [self.change] * self.changes
        self.dice.shuffle(steps)
        for step in steps:
            if self.stopped.wait(self.pace):
                return
            step()
        while not self.enough.is_set() and not self.stopped.wait(self.pace):
            self.change()

    # -- steps ----------------------------------------------------------------------------

    def add_person(self) -> None:
        free = [one.username for one in self.people if one.gone]
        free = [name for name in free if name not in {p.username for p in self.here()}]
        index = len(self.people)
        name = f"user-{self.number}-{index}"
        if free and self.dice.random() < 0.3:
            name = self.dice.choice(free)
        person = Person(f"e-{self.number}-{index}", name)
        if index % 10 == 3:
            person.password = f"Tell-nobody-{self.number}-{index}"
        self.people.append(person)
        document = person.document
        if person.password:
            document["password"] = person.password
        self.create("Users", person, document)

    def add_team(self, external_id: str) -> None:
        team = Team(external_id)
        self.teams.append(team)
        self.create("Groups", team, team.document)

    def change(self) -> None:
        steps = [self.put, self.patch, self.enter, self.leave, self.rename_team, self.remove]
        (step,) = self.dice.choices(steps, [3, 4, 5, 2, 1, 1])
        step()

    def put(self) -> None:
        person = self.anybody()
        person.number += 1
        person.active = self.dice.random() < 0.8
        if self.dice.random() < 0.15:
            person.username = f"user-{person.external_id}~{person.number}"
        self.update("Users", person, "PUT", person.document, f"#{person.number}")

    def patch(self) -> None:
        person = self.anybody()
        person.number += 1
        person.nickname = f"nick {person.number}"
        value = {"title": f"#{person.number}", "nickName": person.nickname}
        operations = [{"op": "replace", "value": value}]
        self.update("Users", person, "PATCH", _patch(operations), f"#{person.number}")

    def remove(self) -> None:
        person = self.anybody()
        deadline = time.monotonic() + PATIENCE
        while (answer := self.door.once("DELETE", f"/Users/{person.id}")) is None:
            assert time.monotonic() < deadline, f"{person} cannot be deleted"
        assert answer.status_code in (204, 404), answer.text
        person.gone = True

    def rename_team(self) -> None:
        if not self.teams:
            return
        team = self.dice.choice(self.teams)
        team.number += 1
        operations = [{"op": "replace", "path": "displayName", "value": team.name}]
        self.update("Groups", team, "PATCH", _patch(operations), team.name)

    def enter(self) -> None:
        # A client may begin to change before any team has been made.
        if teams := self.teams + self.everybodys:
            self.set_member(self.anybody(), self.dice.choice(teams), True)

    def leave(self) -> None:
        ours = {one.external_id: one for one in self.here()}
        inside = [pair for pair, wanted in self.members.items() if wanted and pair[1] in ours]
        if inside:
            team, person = self.dice.choice(sorted(inside))
            known = {one.external_id: one for one in self.teams + self.everybodys}
            self.set_member(ours[person], known[team], False)

    def set_member(self, person: Person, team: Team, wanted: bool) -> None:
        """Nobody else changes this membership, so doing it again does no harm."""
        add = {"op": "add", "path": "members", "value": [{"value": person.id}]}
        remove = {"op": "remove", "path": f'members[value eq "{person.id}"]'}
        body = _patch([add if wanted else remove])
        deadline = time.monotonic() + PATIENCE
        while (answer := self.door.once("PATCH", f"/Groups/{team.id}", body)) is None:
            assert time.monotonic() < deadline, f"{team} cannot be changed"
        assert answer.status_code in (200, 204), answer.text
        self.members[team.external_id, person.external_id] = wanted

    # -- the care -------------------------------------------------------------------------

    def create(self, kind: str, one: Person | Team, document: dict[str, Any]) -> None:
        """Post until it is there, and never twice: after a lost answer, look first."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.door.once("POST", f"/{kind}", document)
            if answer is not None and answer.status_code == 201:
                return self.note(one, answer.json())
            assert answer is None or answer.status_code == 409, answer.text
            found = self.door.find(kind, one.external_id)
            if found is not None:
                return self.note(one, found)
        raise AssertionError(f"{one} cannot be created")

    def update(self, kind: str, one: Person | Team, method: str, body: Any, mark: str) -> None:
        """Change under If-Match; after a lost answer, look whether it was made."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.door.once(method, f"/{kind}/{one.id}", body, etag=one.etag)
            if answer is not None and answer.status_code == 200:
                return self.note(one, answer.json())
            assert answer is None or answer.status_code == 412, answer.text
            found = self.door.get(f"/{kind}/{one.id}")
            assert found.status_code == 200, found.text
            document = found.json()
            self.note(one, document)
            if mark in (document.get("title"), document.get("displayName")):
                return None
        raise AssertionError(f"{one} cannot be changed")

    def note(self, one: Person | Team, document: dict[str, Any]) -> None:
        one.id, one.etag = document["id"], document["meta"]["version"]

    def here(self) -> list[Person]:
        return [one for one in self.people if one.id and not one.gone]

    def anybody(self) -> Person:
        """Somebody who is here; when all have been removed, somebody new."""
        if not self.here():
            self.add_person()
        return self.dice.choice(self.here())


def _patch(operations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": operations}
