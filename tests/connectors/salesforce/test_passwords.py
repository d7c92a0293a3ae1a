"""Which password a user of Salesforce gets, and when: a request of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import ConnectorError, JobIsWrong, NotBefore, RetryLater
from connectors.http import Http
from connectors.testing import accepted
from tests.connectors.salesforce.conftest import Connect, person
from tests.fakes.salesforce import SalesforceOrg, failure

ON = {"enable_password_provisioning": True}


@pytest.mark.parametrize(
    ("provisioned", "own", "default", "set_there"),
    [
        (True, "own-password-1", "default-1", ["own-password-1"]),
        (True, None, "default-1", ["default-1"]),
        (False, "own-password-1", "default-1", ["default-1"]),
        (False, "own-password-1", "", []),
        (True, None, "", []),
    ],
)
def test_a_new_user_gets_their_own_or_the_default_password_or_none(
    org: SalesforceOrg,
    connect: Connect,
    http: Http,
    provisioned: bool,
    own: str | None,
    default: str,
    set_there: list[str],
) -> None:
    connector = connect(enable_password_provisioning=provisioned, default_password=default)

    receipt = connector.create(person("kim", password=own))

    assert org.passwords.get(receipt.remote_id, []) == set_there
    assert receipt.password_set is bool(set_there)
    assert not any(one in repr(http.exchanges) for one in set_there)


def test_an_update_sets_the_persons_new_password_and_no_other(
    org: SalesforceOrg, connect: Connect
) -> None:
    kim = person("kim")
    connector = connect(**ON, default_password="default-1")
    before = accepted(kim, connector.create(kim))

    for change in ({"active": False}, {"accepted": None}, {"password": "second-2"}):
        connector.update(replace(before, **change))

    assert org.passwords[before.remote_id] == ["default-1", "second-2"]


def test_a_password_that_the_policy_refuses_is_told(
    org: SalesforceOrg, connect: Connect
) -> None:
    connector = connect(**ON)
    kim = person("kim")
    before = accepted(kim, connector.create(kim))

    with pytest.raises(JobIsWrong, match="INVALID_NEW_PASSWORD"):
        connector.update(replace(before, password="short"))


@pytest.mark.parametrize("how", ["refused", "throttled", "broken"])
def test_a_new_user_without_the_password_is_looked_at_again(
    org: SalesforceOrg, connect: Connect, how: str
) -> None:
    """The user is there: until the password is, too, the create is *maybe sent*."""
    connector = connect(**ON)
    kim = person("kim", password="short" if how == "refused" else "long-enough-1")
    if how == "throttled":
        org.fail_next(429, path="/password", headers={"Retry-After": "7"})
    if how == "broken":
        org.drop_next(path="/password", processed=False)

    with pytest.raises(RetryLater) as raised:
        connector.create(kim)

    assert raised.value.maybe_sent
    assert isinstance(raised.value, NotBefore) is (how == "throttled")
    [there] = connector.find(kim)
    again = replace(kim, remote_id=there.remote_id, accepted_name=there.remote_name)
    if how == "refused":
        with pytest.raises(JobIsWrong, match="INVALID_NEW_PASSWORD"):
            connector.update(again)
    else:
        assert connector.update(again).password_set


def test_a_change_whose_password_is_refused_is_half_done_and_said_to_be(
    org: SalesforceOrg, connect: Connect
) -> None:
    connector = connect(**ON)
    kim = person("kim")
    before = accepted(kim, connector.create(kim))
    changed = replace(before, password="short", attributes={**kim.attributes, "Title": "Dr"})

    with pytest.raises(RetryLater) as raised:
        connector.update(changed)
    assert raised.value.maybe_sent
    assert org.users[before.remote_id]["Title"] == "Dr"

    patches = len(org.requests("PATCH"))
    with pytest.raises(JobIsWrong):
        connector.update(replace(changed, accepted=None))
    assert len(org.requests("PATCH")) == patches


def test_whoever_may_not_set_passwords_is_told_so(org: SalesforceOrg, connect: Connect) -> None:
    connector = connect(**ON)
    kim = person("kim")
    before = accepted(kim, connector.create(kim))
    org.fail_next(403, path="/password", body=failure("INSUFFICIENT_ACCESS"))

    with pytest.raises(ConnectorError, match="INSUFFICIENT_ACCESS"):
        connector.update(replace(before, password="second-2"))
