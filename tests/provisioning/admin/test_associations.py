"""Who signs in through identity providers, in the console."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from idp.models import IdentityProvider, Tenant
from provisioning.models import Association
from tests.console import add_user

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = reverse("admin:provisioning_association_changelist")


def test_an_empty_list_says_what_makes_associations(console: Client) -> None:
    page = console.get(PAGE).content.decode()

    assert "They are made when people sign in." in page
    assert f'href="{reverse("admin:idp_identityprovider_changelist")}"' in page


def test_a_search_without_a_match_does_not(console: Client) -> None:
    page = console.get(PAGE, {"q": "nobody"}).content.decode()

    assert "Nothing matches" in page
    assert "They are made when" not in page


def test_the_user_is_a_link(console: Client, tenant: Tenant) -> None:
    provider = IdentityProvider.objects.create(tenant=tenant, name="corporate")
    user = add_user(tenant, "kim")
    Association.objects.create(
        tenant=tenant, provider=provider, subject="7", user_id=user.pk, created=timezone.now()
    )

    page = console.get(PAGE).content.decode()

    link = reverse("admin:idp_user_change", args=[user.pk])
    assert f'<a class="pv-link" href="{link}">kim</a>' in page
