"""What the chaotic target's record finds, if it happens."""

from __future__ import annotations

from typing import Any

import requests

from tests.chaos.target import ChaoticTarget


def send(target: ChaoticTarget, method: str, path: str = "", **document: Any) -> Any:
    auth = (target.username, target.password)
    url = f"{target.users_endpoint}{path}"
    answer = requests.request(
        method, url, json={"schemas": [], **document}, auth=auth, timeout=5
    )
    return answer.json()


def test_a_second_create_is_found_though_the_name_differs() -> None:
    with ChaoticTarget(1, rate=0) as target:
        send(target, "POST", userName="kim", externalId="e-1")
        assert target.second_creates() == []

        send(target, "POST", userName="kim2", externalId="e-1")
        assert len(target.second_creates()) == 1


def test_a_create_that_was_refused_for_its_name_is_found_as_well() -> None:
    with ChaoticTarget(1, rate=0) as target:
        for _ in range(2):
            send(target, "POST", userName="kim", externalId="e-1")

        assert len(target.second_creates()) == 1


def test_what_goes_backwards_is_found() -> None:
    with ChaoticTarget(1, rate=0) as target:
        made = send(target, "POST", userName="kim", externalId="e-1", title="#1")
        for number in (3, 3):
            send(target, "PUT", f"/{made['id']}", userName="kim", title=f"#{number}")
        assert target.out_of_order() == []

        back = [{"op": "replace", "path": "title", "value": "#2"}]
        send(target, "PATCH", f"/{made['id']}", Operations=back)
        assert len(target.out_of_order()) == 1
