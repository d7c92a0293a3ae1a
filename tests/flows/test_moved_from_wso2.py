"""A WSO2 server's files are imported; then people go where they went before, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from idp.models import OutboundConnector
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Step, Store
from tests.provisioning.management.running import run
from tests.provisioning.wso2.servers import PROVIDERS, copied

pytestmark = pytest.mark.django_db(transaction=True)
KIM: dict[str, Any] = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "emails": [{"value": "kim.lee@example.org"}],
    "addresses": [{"country": "CA"}],
}


@pytest.fixture
def folder(tmp_path: Path, target: Scim2Target, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example, whose partner is the target."""
    monkeypatch.setenv("WSO2_SALESFORCE_COM_SALESFORCE_CLIENT_SECRET", "hush-sf")
    folder = copied(tmp_path)
    file = folder / PROVIDERS / "partner.xml"
    text = file.read_text().replace(
        "https://partner.example/scim2/Users", target.users_endpoint
    )
    text = text.replace("https://partner.example/scim2/Groups", target.groups_endpoint)
    text = text.replace("<Value>admin<", f"<Value>{target.username}<")
    file.write_text(text.replace("letmein-scim", target.password))
    return folder


@pytest.fixture
def people(resident: ServiceProvider) -> Store:
    return Store(resident)


def imported(folder: Path, *arguments: str) -> None:
    assert run("import_wso2", folder, *arguments).code == 0


def test_a_person_of_the_role_arrives(
    folder: Path, target: Scim2Target, people: Store, deliver: Step
) -> None:
    imported(folder)
    people.add_group("sales")

    people.add_user("kim", document=KIM, join=["sales"])
    people.add_user("lee", document=KIM)
    deliver()

    [kim] = target.users.values()
    assert (kim["userName"], kim["name"]) == ("kim", KIM["name"])
    assert kim["emails"][0]["value"] == "kim.lee@example.org"


def test_who_was_there_already_is_taken_over_and_not_made_twice(
    folder: Path, target: Scim2Target, people: Store, deliver: Step
) -> None:
    known = target.add_user("kim", name={"givenName": "Kim"})
    imported(folder)
    people.add_group("sales")

    people.add_user("kim", document=KIM, join=["sales"])
    deliver()

    [kim] = target.users.values()
    assert (kim["id"], kim["name"]["familyName"]) == (known["id"], "Lee")
    assert ProvisionedEntity.objects.get(remote_name="kim").adopted


def test_a_pilot_changes_nothing_at_the_target(
    folder: Path, target: Scim2Target, people: Store, deliver: Step
) -> None:
    imported(folder, "--mode", "dry_run")
    people.add_group("sales")
    people.add_user("kim", document=KIM, join=["sales"])
    deliver()
    before = dict(target.users)

    OutboundConnector.objects.filter(type="scim2").update(mode="active")
    deliver()

    assert before == {}
    assert [one["userName"] for one in target.users.values()] == ["kim"]
    assert not Job.objects.filter(state=State.FAILED).exists()
