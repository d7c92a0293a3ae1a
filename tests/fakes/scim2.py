"""A SCIM 2.0 target whose users and groups are two dictionaries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.scim2_quirks import Quirks
from tests.fakes.scim2_server import Scim2Server

__all__ = ["ENTERPRISE", "Quirks", "Scim2Target"]

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Scim2Target(Scim2Server):
    """`with Scim2Target() as target: Scim2Connector(target.settings, http)`.

    `users` and `groups` hold the resources by id. Names are unique, whatever their case.
    `authentication` is one of basic, bearer, api_key, oauth2 and none; every other keyword
    is one of `Quirks`.
    """

    @property
    def users_endpoint(self) -> str:
        return f"{self.url}{self.base}/Users"

    @property
    def groups_endpoint(self) -> str:
        return f"{self.url}{self.base}/Groups"

    @property
    def token_endpoint(self) -> str:
        return f"{self.url}/oauth2/token"

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a `scim2` connector for this target."""
        return {
            "user_endpoint": self.users_endpoint,
            "group_endpoint": self.groups_endpoint if self.quirks.groups else "",
            "authentication": self.authentication,
            "enable_password_provisioning": True,
            **{
                "basic": {"username": self.username, "password": self.password},
                "bearer": {"access_token": self.access_token},
                "api_key": {"api_key_header": self.api_key_header, "api_key": self.api_key},
                "oauth2": {
                    "token_endpoint": self.token_endpoint,
                    "client_id": self.client_id,
                    "client_secret": self.client_secret,
                },
                "none": {},
            }[self.authentication],
        }

    def add_user(self, name: str, /, **attributes: Any) -> dict[str, Any]:
        """A user who is there already, as if somebody else had made them."""
        return self._store("Users", {"userName": name, "active": True, **attributes})

    def add_group(self, name: str, /, members: list[str] | None = None) -> dict[str, Any]:
        """A group that is there already; `members` are ids."""
        values = [{"value": member} for member in members or []]
        return self._store("Groups", {"displayName": name, "members": values})

    def user(self, name: str) -> dict[str, Any] | None:
        with self.lock:
            return next((u for u in self.users.values() if u["userName"] == name), None)

    def group(self, name: str) -> dict[str, Any] | None:
        with self.lock:
            return next((g for g in self.groups.values() if g["displayName"] == name), None)

    def member_names(self, group: str) -> list[str]:
        """The userNames (or, unknown here, ids) of a group's members, sorted."""
        with self.lock:
            held = (self.group(group) or {}).get("members", [])
            ids = [str(member["value"]) for member in held]
            return sorted(self.users.get(i, {}).get("userName", i) for i in ids)

    def member_ids(self, group_id: str) -> list[str]:
        with self.lock:
            return [str(member["value"]) for member in self.groups[group_id].get("members", [])]

    def ignore_filters(self) -> None:
        with self.lock:
            self.quirks = replace(self.quirks, filters="ignored")

    def answer_in_pages(self, size: int) -> None:
        with self.lock:
            self.quirks = replace(self.quirks, page_size=size)

    def add_twin(self, remote_id: str) -> bool:
        self._store("Users", self.users[remote_id])
        return True

    @property
    def secrets(self) -> list[str]:
        """What must never be shown of the settings."""
        return [self.password, self.access_token, self.api_key, self.client_secret]

    def revoke_tokens(self) -> None:
        """What OAuth tokens were issued are refused from now on."""
        with self.lock:
            self.tokens.clear()
