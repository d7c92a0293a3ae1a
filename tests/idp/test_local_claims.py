from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from idp import claims, local_claims
from idp.claims import CUSTOM, DIALECT, ENTERPRISE, InvalidClaim, Profile, UnknownClaim
from idp.models import IdentityProvider, LocalClaim, OutboundConnector, Tenant
from tests.factories import make_claim, make_connector

BADGE = DIALECT + "badge"


def refusal(tenant: Tenant, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        make_claim(tenant, **fields)
    found: dict[str, list[str]] = refused.value.message_dict
    return found


def test_a_claim_of_its_own_is_read_and_written_like_any_other(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_claim(tenant)
    table = local_claims.table_of(tenant)

    written = table.write_claims({BADGE: "17", DIALECT + "title": "Boss"}, Profile())

    assert written.document == {"title": "Boss", CUSTOM: {"badge": "17"}}
    assert table.read(BADGE, written) == "17"
    assert table.read_claims(written)[BADGE] == "17"
    assert table.write(BADGE, "", written).document == {"title": "Boss"}
    with pytest.raises(UnknownClaim):
        local_claims.table_of(other_tenant).claim(BADGE)
    with pytest.raises(UnknownClaim):
        claims.claim(BADGE)


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        ("boolean", "True", True),
        ("boolean", "false", False),
        ("integer", "-17", -17),
        ("integer", "0", 0),
        ("decimal", "1.5", 1.5),
        ("dateTime", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
    ],
)
def test_values_are_stored_as_their_type_and_told_as_text(
    tenant: Tenant, kind: str, text: str, stored: Any
) -> None:
    make_claim(tenant, type=kind)
    table = local_claims.table_of(tenant)

    written = table.write(BADGE, text, Profile())

    assert written.document == {CUSTOM: {"badge": stored}}
    assert table.read(BADGE, written) == (text.lower() if kind == "boolean" else text)
    assert table.write_claims(table.read_claims(written), written) == written


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("boolean", "yes"),
        ("integer", "1.5"),
        ("integer", "\u0661"),
        ("decimal", "1e9"),
        ("dateTime", "2026-01-31"),
        ("dateTime", "2026-01-31T08:00:00"),
    ],
)
def test_what_is_not_of_its_type_is_refused(tenant: Tenant, kind: str, text: str) -> None:
    make_claim(tenant, type=kind)

    with pytest.raises(InvalidClaim, match=f"{BADGE} must be"):
        local_claims.table_of(tenant).write(BADGE, text, Profile())


def test_several_values_or_one_as_it_is_declared(tenant: Tenant) -> None:
    make_claim(tenant)
    make_claim(tenant, "keys", type="integer", multivalued=True)
    table = local_claims.table_of(tenant)

    written = table.write(DIALECT + "keys", ["1", "2"], Profile())
    assert written.document == {CUSTOM: {"keys": [1, 2]}}
    assert table.read(DIALECT + "keys", written) == ["1", "2"]
    assert table.read(DIALECT + "keys", table.write(DIALECT + "keys", "3", written)) == ["3"]
    with pytest.raises(InvalidClaim, match="takes one value, not 2"):
        table.write(BADGE, ["1", "2"], Profile())


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"uri": "badge"}, "uri", "looks like http"),
        ({"uri": "urn:a b"}, "uri", "looks like http"),
        ({"uri": "urn:a'b"}, "uri", "looks like http"),
        ({"uri": DIALECT + "Title"}, "uri", "a built-in claim"),
        ({"uri": DIALECT + "Taken"}, "uri", "There is a claim of this URI"),
        ({"path": "badge"}, "path", "looks like urn:purveyor:custom:User:badge"),
        ({"path": "urn:purveyor"}, "path", "looks like"),
        ({"path": "urn:x:User:1st"}, "path", "looks like"),
        ({"path": "urn:x:User:a.b"}, "path", "looks like"),
        ({"path": f"{ENTERPRISE}:badge"}, "path", "are given. Use"),
        ({"path": "urn:ietf:params:scim:schemas:core:2.0:User:badge"}, "path", "are given"),
        ({"path": f"{CUSTOM}:GENDER"}, "path", "A built-in claim lives there"),
        ({"path": f"{CUSTOM}:Taken"}, "path", "Another claim lives there"),
        ({"path": "urn:purveyor:Custom:user:badge"}, "path", "as the other claims do"),
        ({"type": "decimal", "searchable": True}, "searchable", "can be indexed"),
    ],
)
def test_what_cannot_be_a_claim_is_refused_by_field(
    tenant: Tenant, fields: dict[str, Any], field: str, said: str
) -> None:
    make_claim(tenant, "taken")

    messages = refusal(tenant, **fields)

    assert list(messages) == [field]
    assert said in messages[field][0]
    assert LocalClaim.objects.count() == 1


def test_where_people_have_values_stays(tenant: Tenant) -> None:
    claim = make_claim(tenant)
    claim.path, claim.multivalued, claim.display_name = f"{CUSTOM}:pass", True, "Pass"

    with pytest.raises(ValidationError) as refused:
        local_claims.save(claim)

    assert sorted(refused.value.message_dict) == ["multivalued", "path"]
    assert LocalClaim.objects.get().display_name == "Badge"


def test_claims_are_read_once_until_one_changes(
    tenant: Tenant, django_assert_num_queries: Any
) -> None:
    claim = make_claim(tenant)
    local_claims.table_of(tenant)
    with django_assert_num_queries(0):
        assert local_claims.table_of(tenant).claim(BADGE).display_name == "Badge"

    claim.display_name = "Pass"
    local_claims.save(claim)

    elsewhere = Tenant.objects.get(pk=tenant.pk)
    assert local_claims.table_of(elsewhere).claim(BADGE).display_name == "Pass"


def test_tenants_without_claims_of_their_own_share_everything(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    assert local_claims.table_of(tenant) is local_claims.table_of(other_tenant)
    assert local_claims.own_claims(tenant) is local_claims.own_claims(other_tenant)


def test_one_that_is_used_is_not_deleted(tenant: Tenant) -> None:
    connector = make_connector(tenant, {})
    rows = connector.provider.claim_mappings
    claim = make_claim(tenant)
    by_name = rows.create(remote="a", local=BADGE)
    by_expression = rows.create(remote="b", expression=f"claims['{BADGE}'] + '!'")

    for row in (by_name, by_expression):
        with pytest.raises(ValidationError, match="used in the claim mapping of partner"):
            local_claims.delete(claim)
        row.delete()
    local_claims.delete(claim)

    assert not LocalClaim.objects.exists()


def test_a_claim_more_or_less_has_waiting_jobs_planned_again(tenant: Tenant) -> None:
    connector = make_connector(tenant, {})
    claim = make_claim(tenant)
    local_claims.save(claim)
    connector.refresh_from_db()
    assert connector.revision == 2

    local_claims.delete(claim)
    connector.refresh_from_db()
    assert connector.revision == 3
    assert IdentityProvider.objects.count() == OutboundConnector.objects.count() == 1


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), TEXTS))
def test_a_value_of_one_claim_leaves_the_others_alone(values: dict[str, str]) -> None:
    rows = [
        LocalClaim(uri=f"urn:c:{name}", path=f"urn:acme:User:{name}", display_name=name)
        for name in ("a", "b", "c")
    ]
    table = claims.ClaimTable([local_claims.as_claim(row) for row in rows])
    profile = Profile(document={"title": "Boss", "urn:acme:User": {"other": "x"}})

    written = table.write_claims({f"urn:c:{k}": v for k, v in values.items()}, profile)

    assert written.document == {"title": "Boss", "urn:acme:User": {"other": "x", **values}}
    assert table.read_claims(written) == {f"urn:c:{k}": v for k, v in values.items()}
