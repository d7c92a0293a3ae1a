"""The page that says why somebody is, or is not, at a target."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from idp.models import IdentityProvider, Tenant
from tests.console import SETTINGS, World, sign_in
from tests.factories import make_connector

pytestmark = pytest.mark.django_db


def why(client: Client, **asked: Any) -> str:
    answer = client.get(f"{reverse('admin:why')}?{urlencode(asked)}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_every_question_is_answered_in_words(console: Client, world: World) -> None:
    IdentityProvider.objects.update(provisioning_roles=["boss"])

    page = why(console, kind="user", name="kim")

    assert "Does the person hold a provisioning role?" in page
    assert "No: holds none of the roles boss" in page
    assert "The account would be taken away: holds none of the roles boss." in page
    assert reverse("admin:provisioning_job_change", args=[world.job.pk]) in page
    assert "the target refused it" in page


def test_targets_that_are_not_reached_are_named(
    console: Client, tenant: Tenant, world: World
) -> None:
    other = make_connector(tenant, SETTINGS, name="elsewhere-idp")

    page = why(console, kind="user", name="kim")
    asked = why(console, kind="user", name="kim", connector=other.pk)

    assert "Not reached" in page
    assert "elsewhere-idp/scim2" in page
    assert "has no outbound row that leads there" in asked
    assert 'data-target="kim-idp/scim2"' not in asked


def test_the_past_is_told_from_the_trail(console: Client, world: World) -> None:
    page = why(console, kind="user", name="kim", at=timezone.now().date().isoformat())

    assert "What was decided about" in page
    assert reverse("admin:provisioning_auditevent_change", args=[world.event.pk]) in page


def test_groups_can_be_asked_about(console: Client, world: World) -> None:
    assert "Does the connector take this group?" in why(console, kind="group", name="kim-group")


def test_pages_of_people_groups_and_connectors_lead_there(
    console: Client, world: World
) -> None:
    for row in (world.user, world.group, world.connector):
        meta = row._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
        page = console.get(url).content.decode()
        [link] = re.findall(r'id="why" href="([^"]+)"', page)
        assert console.get(link.replace("&amp;", "&")).status_code == 200


def test_nobody_of_that_name_and_nothing_of_others(
    console: Client, world: World, elsewhere: World
) -> None:
    assert "There is no user nope" in why(console, kind="user", name="nope")
    page = why(console, kind="user", name="stranger", connector=elsewhere.connector.pk)
    assert 'data-target="' not in page
    assert "stranger-idp" not in page
    assert 'data-target="' not in why(console)


def test_viewers_may_ask(tenant: Tenant, world: World) -> None:
    assert "kim-idp/scim2" in why(sign_in(tenant, "vera", role="viewer"), name="kim")
    assert Client().get(reverse("admin:why")).status_code == 302
