from __future__ import annotations

import os
import subprocess
import sys

import pytest

from idp.models import new_id
from provisioning import changes
from provisioning.changes import Refused, Result, TargetOutcome
from provisioning.inbound.scim2.errors import of_refused

NAMES = {"name": "userName", "version": "meta.version"}


@pytest.mark.parametrize(
    ("refused", "status", "scim_type", "detail"),
    [
        (changes.InvalidValue("no", field="name"), 400, "invalidValue", "userName: no"),
        (changes.InvalidValue("title: no", field="title"), 400, "invalidValue", "title: no"),
        (changes.NameTaken("taken", field="name"), 409, "uniqueness", "userName: taken"),
        (changes.NotFound("gone"), 404, "", "gone"),
        (changes.VersionMoved("moved", field="version"), 412, "", "meta.version: moved"),
        (changes.Busy("busy"), 503, "", "busy"),
    ],
    ids=str,
)
def test_a_refused_change_has_a_status_and_names_the_attribute(
    refused: Refused, status: int, scim_type: str, detail: str
) -> None:
    error = of_refused(refused, NAMES)

    assert (error.status, error.scim_type, str(error)) == (status, scim_type, detail)
    assert ("scimType" in error.body()) is bool(scim_type)


def test_a_busy_server_says_when_to_come_again() -> None:
    assert of_refused(changes.Busy("busy"), NAMES).headers == {"Retry-After": "2"}


def test_a_refusing_target_is_named_in_the_header() -> None:
    outcome = TargetOutcome("part ner", "scim2", Result.FAILED, new_id())

    error = of_refused(changes.TargetRefused("it said no", [outcome]), NAMES)

    assert error.status == 502
    assert error.headers["Provisioning-Outcome"] == (
        f"part%20ner/scim2=failed;job={outcome.job_id}"
    )


def test_loading_the_urls_does_not_load_the_library() -> None:
    """It takes more than a second, and most commands never need it."""
    code = (
        "import django, sys; django.setup(); import provisioning.inbound.urls; "
        "sys.exit('scim2_models' in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", code], check=False, env=environment)
    assert done.returncode == 0
