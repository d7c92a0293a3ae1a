"""The guide's client does what the guide says, against a server that listens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from idp.models import Group, Tenant, User
from provisioning.changes import Action
from provisioning.models import AuditEvent
from tests.factories import make_operator
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "post-people-soap.md"


def test_the_python_example_runs(
    live_server: LiveServer,
    tenant: Tenant,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_operator(tenant, "sync", "a-sync-secret-1")
    store.add_user("zoe")
    monkeypatch.setenv("SYNC_PASSWORD", "a-sync-secret-1")
    [example] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)

    exec(example.replace("http://127.0.0.1:8000", live_server.url), {})  # noqa: S102 - ours

    assert capsys.readouterr().out == "['zoe'] ['zoe']\n"
    assert not User.objects.exists()
    assert Group.objects.get().name == "sales"
    doors = AuditEvent.objects.filter(action=f"user.{Action.UPDATE}").values_list(
        "door", flat=True
    )
    assert list(doors) == ["soap"]
