"""Whatever a server answers, a connector raises nothing but `ConnectorError`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import ConnectorError, EntityType, Member, MemberChanges
from connectors.http import Http
from connectors.scim.connector import ScimConnector
from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector
from tests.connectors.scim.people import group, person
from tests.fakes.server import FakeServer, Reply, Request

words = st.sampled_from(
    ["kim", "x-kim", "1", "", "true", "uniqueness", "noTarget", "/scim/Users/7", "rate limit"]
)
KEYS = (
    *("id", "userName", "displayName", "externalId", "active", "name", "members", "value"),
    *("meta", "location", "schemas", "Resources", "totalResults", "patch", "supported"),
    *("detail", "scimType", "Errors", "errors", "error", "description", "code", "display"),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), words, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=12,
)
replies = st.builds(
    Reply,
    status=st.sampled_from(
        [200, 201, 202, 204, 302, 400, 401, 403, 404, 405, 409, 429, 500, 503]
    ),
    document=values,
    headers=st.fixed_dictionaries(
        {},
        optional={
            "Location": st.sampled_from(["", "/Users/8", "http://[", "Users/%zz", "9", "//"]),
            "Retry-After": st.sampled_from(
                ["3", "never", "Sun, 22 Nov 2026 08:00:00 GMT", "-1"]
            ),
        },
    ),
)


class Parrot(FakeServer):
    reply = Reply()

    def respond(self, request: Request) -> Reply:
        return self.reply if self.reply.status != 204 else Reply(204)


@pytest.fixture(scope="module")
def parrot() -> Iterator[Parrot]:
    with Parrot() as parrot:
        yield parrot


JIM = [Member("1", "jim"), Member("2", "joe")]
ATTEMPTS: list[Callable[[ScimConnector], Any]] = [
    lambda c: c.create(person()),
    lambda c: c.update(person(remote_id="1", accepted={"active": False})),
    lambda c: c.update(person(remote_id="1", attributes={"name": {"givenName": "K"}})),
    lambda c: c.update(group(remote_id="1", accepted={})),
    lambda c: c.delete(person(remote_id="1")),
    lambda c: c.find(person()),
    lambda c: c.find(group()),
    lambda c: c.fetch(EntityType.USER, "1"),
    lambda c: list(c.change_members(group(remote_id="1"), MemberChanges(add=JIM, remove=JIM))),
    lambda c: list(
        c.change_members(group(remote_id="1"), MemberChanges(remove=JIM, everyone=JIM))
    ),
    lambda c: c.check(),
]


@pytest.mark.parametrize("method", ["auto", "put"])
@pytest.mark.parametrize("kind", [Scim1Connector, Scim2Connector])
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(reply=replies, attempt=st.sampled_from(ATTEMPTS))
def test_only_named_errors_are_raised(
    parrot: Parrot,
    kind: type[ScimConnector],
    method: str,
    reply: Reply,
    attempt: Callable[[ScimConnector], Any],
) -> None:
    parrot.reply = reply
    base = f"{parrot.url}/{kind.key}-{method}"
    wanted = {
        "authentication": "none",
        "username": "admin",
        "password": "target-pass-4711",
        "user_endpoint": f"{base}/Users",
        "group_endpoint": f"{base}/Groups",
        "update_method": method,
    }
    with Http(allow_private=True) as http, suppress(ConnectorError):
        attempt(kind(wanted, http))
