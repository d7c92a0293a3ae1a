"""The Directory API of a Workspace account whose users and groups are two dictionaries.

What it is sent is checked against Google's own discovery document (shipped in
google-api-python-client): paths, parameters, unknown and read-only fields, types, entries of
lists; and against what the reference says of values (`google_rules`).
"""

from __future__ import annotations

from typing import Any

from tests.fakes.google_discovery import ROOT, unlike_discovery
from tests.fakes.google_groups import GoogleGroups, error, quota
from tests.fakes.google_rules import bad_value
from tests.fakes.server import Reply, Request


class GoogleDirectory(GoogleGroups):
    """`with GoogleDirectory() as google: GoogleConnector(google.settings, http)`.

    `hidden` holds addresses of users that were made and are not shown yet (eventual
    consistency): `show()` ends that.
    """

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.org_units = {"/", "/New", "/Staff", "/Staff/Sales"}
        self.schemas = {
            "Employment": {"badge": False, "skills": True},
            "A": {"x": False, "y": False},
        }
        """Custom schemas: whether a field holds many values."""
        self.hide_new = False
        super().__init__()

    # -- what a test wants to know --------------------------------------------------------

    def user(self, email: str) -> dict[str, Any] | None:
        return self._user(email)

    def ignore_filters(self) -> None:
        """Users are asked for by key: there is no filter."""

    def answer_in_pages(self, size: int) -> None:
        """No list is asked for."""

    def add_twin(self, remote_id: str) -> bool:
        return False

    def add_user(self, email: str, **fields: Any) -> dict[str, Any]:
        """A user who is there already, as if somebody else had made them."""
        return self._stored({"primaryEmail": email, "suspended": False, **fields})

    def show(self) -> None:
        """Whoever was made is shown from now on."""
        self.hidden.clear()
        self.hide_new = False

    # -- what it answers ------------------------------------------------------------------

    def respond(self, request: Request) -> Reply:
        if request.path == "/token":
            return self.issue(request)
        if not request.path.startswith(ROOT):
            return error(404, "Not Found", "notFound")
        if not self.may(request):
            return error(401, "Invalid Credentials", "authError")
        steps = request.path.removeprefix(ROOT).split("/")
        if problem := unlike_discovery(request, steps):
            return error(400, problem, "invalid")
        answers = {"users": self._users, "groups": self._groups}
        answer = answers.get(steps[0])
        return answer(request, steps[1:]) if answer else error(404, "Not Found", "notFound")

    def _users(self, request: Request, steps: list[str]) -> Reply:
        if not steps:
            if request.method == "POST":
                return self._insert(request.json)
            return self._page("users", request, [*self.users.values()])
        user = self._user(steps[0])
        if user is None or user["primaryEmail"] in self.hidden:
            return error(404, "Resource Not Found: userKey", "notFound")
        if request.method == "GET":
            return Reply(200, _shown(user))
        if request.method == "DELETE":
            del self.users[user["id"]]
            for members in self.members.values():
                members.pop(user["id"], None)
            return Reply(204)
        return self._update(user, request.json)

    def _insert(self, body: dict[str, Any]) -> Reply:
        names = body.get("name", {})
        for field, value in (
            ("primaryEmail", body.get("primaryEmail")),
            ("givenName", names.get("givenName")),
            ("familyName", names.get("familyName")),
            ("password", body.get("password")),
        ):
            if not value:
                return error(400, f"Invalid Input: {field}", "invalid")
        if problem := self._invalid(body):
            return problem
        if self._taken(body["primaryEmail"]):
            return error(409, "Entity already exists.", "duplicate")
        user = self._stored(body)
        if self.hide_new:
            self.hidden.add(user["primaryEmail"])
        return Reply(200, _shown(user))

    def _update(self, user: dict[str, Any], body: dict[str, Any]) -> Reply:
        if problem := self._invalid(body):
            return problem
        new = body.get("primaryEmail", user["primaryEmail"]).lower()
        if new != user["primaryEmail"]:
            if self._user(new) not in (None, user) or self._group(new):
                return error(409, "Entity already exists.", "duplicate")
            user["aliases"] = [*user.get("aliases", []), user["primaryEmail"]]
            user["aliases"] = [alias for alias in user["aliases"] if alias != new]
        self._merge(user, {**body, "primaryEmail": new})
        return Reply(200, _shown(user))

    def _merge(self, user: dict[str, Any], body: dict[str, Any]) -> None:
        """Patch semantics: what is not named stays, null clears, objects are merged."""
        if password := body.pop("password", None):
            self.passwords[user["id"]] = password
        for key, value in body.items():
            if value is None:
                user.pop(key, None)
            elif isinstance(value, dict) and isinstance(user.get(key), dict):
                self._merge(user[key], dict(value))
            else:
                user[key] = value

    def _invalid(self, body: dict[str, Any]) -> Reply | None:
        email = body.get("primaryEmail")
        if email is not None and not email.lower().endswith(f"@{self.domain}"):
            return error(404, "Domain not found.", "notFound")
        problem = bad_value(body, self.org_units, self.schemas)
        return error(400, problem, "invalid") if problem else None

    def _stored(self, body: dict[str, Any]) -> dict[str, Any]:
        body = dict(body)
        user: dict[str, Any] = {"id": str(next(self._ids)), "kind": "admin#directory#user"}
        self.users[user["id"]] = user
        body["primaryEmail"] = body["primaryEmail"].lower()
        self._merge(user, {"suspended": False, **body})
        return user

    def _user(self, key: str) -> dict[str, Any] | None:
        key = key.lower()
        for user in self.users.values():
            if key in (user["id"], user["primaryEmail"], *user.get("aliases", ())):
                return user
        return None


def _shown(user: dict[str, Any]) -> dict[str, Any]:
    """As users.get tells it: the addresses are among the e-mails, too."""
    names = [{"address": user["primaryEmail"], "primary": True}]
    names += [{"address": alias} for alias in user.get("aliases", ())]
    return {**user, "emails": [*user.get("emails", ()), *names], "isAdmin": False}


__all__ = ["GoogleDirectory", "quota"]
