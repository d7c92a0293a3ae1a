from __future__ import annotations

import pytest
from django.utils import timezone

from tests.console import World
from tests.provisioning.api.conftest import Api
from tests.provisioning.api.test_configuring import problem

pytestmark = pytest.mark.django_db


def test_the_answer_has_the_keys_that_scripts_rely_on(api: Api, world: World) -> None:
    told = api.get("explain/?user=kim&service_provider=resident").json()

    assert (told["user"], told["service_provider"]) == ("kim", "resident")
    [target] = told["targets"]
    keys = "identity_provider connector verdict reason gates remote_name payload"
    assert set(keys.split()) <= target.keys()
    assert {gate["gate"]: gate["ok"] for gate in target["gates"]}["role"] is True
    assert target["payload"]["attributes"] == {"title": "kim title"}
    assert target["link"]["remote_id"] == "r-1"
    assert target["jobs"][0]["last_attempts"][0]["status"] == 400


def test_the_past_is_asked_by_day(api: Api, world: World) -> None:
    today = timezone.now().date().isoformat()

    told = api.get(f"explain/?user=kim&at={today}").json()
    before = api.get("explain/?user=kim&at=2020-01-01").json()

    [target] = told["targets"]
    assert (target["verdict"], target["decisions"][0]["action"]) == ("create", "user.create")
    assert before["targets"] == []


def test_groups_and_single_connectors_are_asked_about(api: Api, world: World) -> None:
    told = api.get("explain/?group=kim-group&identity_provider=kim-idp&connector=scim2").json()

    assert told["group"] == "kim-group"
    assert [target["connector"] for target in told["targets"]] == ["scim2"]


def test_what_is_not_there_is_named(api: Api, world: World) -> None:
    assert "user" in problem(api.get("explain/"))
    assert "user" in problem(api.get("explain/?user=kim&group=kim-group"))
    assert "at" in problem(api.get("explain/?user=kim&at=soon"))
    assert "service_provider" in problem(api.get("explain/?user=kim&service_provider=nope"))
    assert "connector" in problem(api.get("explain/?user=kim&connector=nope"))
    problem(api.get("explain/?user=nope"), 404)
    problem(api.get("explain/?user=%2500"), 404)
