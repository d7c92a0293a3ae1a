"""A tenant's own claims: their page, and the fields they are on the page of a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp import local_claims
from idp.claims import CUSTOM, DIALECT
from idp.models import IdentityProvider, LocalClaim, Tenant, User
from provisioning.models import AuditEvent
from tests.console import add_user
from tests.factories import make_claim

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "admin:idp_localclaim_add"


def claim_form(**values: Any) -> dict[str, Any]:
    fields = {
        "display_name": "Badge",
        "uri": DIALECT + "badge",
        "path": f"{CUSTOM}:badge",
        "type": "string",
        "searchable": "on",
    }
    return {**fields, **values}


def page_of(claim: LocalClaim) -> str:
    return reverse("admin:idp_localclaim_change", args=[claim.pk])


def test_a_claim_is_defined(console: Client, tenant: Tenant) -> None:
    console.post(reverse(ADD), claim_form())

    claim = LocalClaim.objects.get()
    assert (claim.tenant, claim.path, claim.searchable) == (tenant, f"{CUSTOM}:badge", True)
    fresh = Tenant.objects.get(pk=tenant.pk)
    assert local_claims.table_of(fresh).claim(DIALECT + "badge").display_name == "Badge"
    assert AuditEvent.objects.filter(
        action="configuration.create", subject_name="Badge"
    ).exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"uri": DIALECT + "title"}, "uri"),
        ({"path": f"{CUSTOM}:gender"}, "path"),
        ({"type": "decimal"}, "searchable"),
        ({"display_name": ""}, "display_name"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    console: Client, values: dict[str, str], field: str
) -> None:
    answer = console.post(reverse(ADD), claim_form(**values))

    assert list(answer.context["adminform"].form.errors) == [field]
    assert not LocalClaim.objects.exists()


def test_where_it_lives_stays(console: Client, tenant: Tenant) -> None:
    claim = make_claim(tenant)

    console.post(
        page_of(claim), {"display_name": "Pass", "path": f"{CUSTOM}:pass", "description": ""}
    )

    claim.refresh_from_db()
    assert (claim.display_name, claim.path) == ("Pass", f"{CUSTOM}:badge")


def test_one_in_use_cannot_be_deleted(console: Client, tenant: Tenant) -> None:
    claim = make_claim(tenant)
    delete = reverse("admin:idp_localclaim_delete", args=[claim.pk])
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")
    row = provider.claim_mappings.create(remote="x", local=claim.uri)

    assert console.post(delete, {"post": "yes"}).status_code == 403
    row.delete()
    console.post(delete, {"post": "yes"})
    assert not LocalClaim.objects.exists()


def person_form(**values: Any) -> dict[str, Any]:
    return {"username": "kim", "store": "PRIMARY", "active": "on", **values}


def test_people_have_a_field_for_each(console: Client, tenant: Tenant) -> None:
    badge = make_claim(tenant, description="The number on the card.")
    keys = make_claim(tenant, "keys", type="integer", multivalued=True)
    remote = make_claim(tenant, "remote", type="boolean")
    names = {claim: f"claim_{claim.pk.hex}" for claim in (badge, keys, remote)}

    page = console.get(reverse("admin:idp_user_add")).content.decode()
    assert "The number on the card." in page
    console.post(
        reverse("admin:idp_user_add"),
        person_form(**{names[badge]: "17", names[keys]: "1\n2", names[remote]: "true"}),
    )

    kim = User.objects.get()
    assert kim.document == {CUSTOM: {"badge": "17", "keys": [1, 2], "remote": True}}

    change = reverse("admin:idp_user_change", args=[kim.pk])
    form = console.get(change).context["adminform"].form
    assert [form[name].value() for name in names.values()] == ["17", "1\n2", "true"]
    console.post(change, person_form(version="1", **{names[badge]: "", names[keys]: "2"}))
    kim.refresh_from_db()
    assert kim.document == {CUSTOM: {"keys": [2]}}


def test_a_value_of_another_type_is_said_at_its_field(console: Client, tenant: Tenant) -> None:
    floor = make_claim(tenant, "floor", type="integer")
    name = f"claim_{floor.pk.hex}"

    answer = console.post(reverse("admin:idp_user_add"), person_form(**{name: "third"}))

    errors = answer.context["adminform"].form.errors
    assert errors == {name: ["Must be a whole number, not 'third'."]}


def test_what_the_form_does_not_show_stays(console: Client, tenant: Tenant) -> None:
    make_claim(tenant)
    document = {
        "nickName": "K",
        CUSTOM: {"gender": "x", "badge": "17"},
        "urn:x:User": {"a": "b"},
    }
    kim = add_user(tenant, "kim", document=document)
    change = reverse("admin:idp_user_change", args=[kim.pk])
    shown = console.get(change).context["adminform"].form
    values = {
        field.name: field.value() for field in shown if field.value() not in (None, False)
    }

    console.post(change, {**values, "title": "Boss"})

    kim.refresh_from_db()
    assert kim.document == {**document, "title": "Boss"}


def test_the_list_says_how_a_claim_is_searched(console: Client, tenant: Tenant) -> None:
    make_claim(tenant)
    make_claim(tenant, "floor", searchable=True)

    page = console.get(reverse("admin:idp_localclaim_changelist")).content.decode()

    assert "by reading" in page
    assert "being indexed" in page
