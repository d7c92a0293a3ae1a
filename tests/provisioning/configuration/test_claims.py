from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from idp import local_claims
from idp.models import ClaimMapping, LocalClaim, Tenant, User
from provisioning.configuration import ConfigurationError, apply, export, loading
from provisioning.entity_files.reading import CsvFile
from provisioning.entity_files.rows import BadHeader
from provisioning.entity_files.shapes import Users
from provisioning.models import AuditEvent

commits = pytest.mark.django_db(transaction=True)
BADGE = "http://wso2.org/claims/badge"
FILE = """
version: 1
tenants:
  - domain: carbon.super
    local_claims:
      - uri: http://wso2.org/claims/badge
        display_name: Badge
        path: "urn:purveyor:custom:User:badge"
        searchable: true
      - {uri: "urn:acme:floor", path: "urn:acme:User:floor", type: integer}
    identity_providers:
      - name: partner
        claim_dialect: custom
        claim_mappings:
          - {remote: badge, local: "http://wso2.org/claims/badge"}
          - remote: Title
            expression: claims['http://wso2.org/claims/badge'] + ' (' + store + ')'
            default: none
            create_only: true
    users:
      - {username: kim, claims: {"http://wso2.org/claims/badge": "17", "urn:acme:floor": "3"}}
"""


def file(text: str = FILE) -> Any:
    return loading.parse(text)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        apply(file(text), actor="ops", dry_run=True)
    return list(refused.value.problems)


@commits
def test_claims_mappings_and_people_in_one_file(tenant: Tenant) -> None:
    report = apply(file(), actor="ops")

    badge, floor = LocalClaim.objects.order_by("uri")
    assert (badge.uri, badge.display_name, badge.searchable) == (BADGE, "Badge", True)
    assert (floor.display_name, floor.type, floor.multivalued) == (
        "urn:acme:floor",
        "integer",
        False,
    )
    assert User.objects.get().document == {
        "urn:purveyor:custom:User": {"badge": "17"},
        "urn:acme:User": {"floor": 3},
    }
    row = ClaimMapping.objects.get(remote="Title")
    assert (row.default, row.create_only) == ("none", True)
    kinds = [(line.kind, line.name) for line in report.lines if line.result == "created"]
    assert ("local claim", BADGE) in kinds
    assert AuditEvent.objects.filter(action="local_claim.created", subject_name=BADGE).exists()


@commits
def test_the_same_file_again_changes_nothing(tenant: Tenant) -> None:
    apply(file(), actor="ops")
    stamp = Tenant.objects.get(pk=tenant.pk).claims_stamp

    again = apply(file(), actor="ops")

    assert {str(line.result) for line in again.lines} == {"unchanged"}
    assert Tenant.objects.get(pk=tenant.pk).claims_stamp == stamp


@commits
def test_what_is_exported_can_be_applied_elsewhere(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    apply(file(), actor="ops")

    tree = export(Tenant.objects.get(pk=tenant.pk), people=True)
    tree["tenants"][0]["domain"] = other_tenant.domain
    apply(tree, actor="ops")

    [there] = export(Tenant.objects.get(pk=other_tenant.pk), people=True)["tenants"]
    assert there["local_claims"] == tree["tenants"][0]["local_claims"]
    assert there["identity_providers"] == tree["tenants"][0]["identity_providers"]
    assert there["users"] == tree["tenants"][0]["users"]
    assert there["users"][0]["claims"][BADGE] == "17"


def test_a_dry_run_leaves_nothing_behind(tenant: Tenant) -> None:
    apply(file(), actor="ops", dry_run=True)

    fresh = Tenant.objects.get(pk=tenant.pk)
    assert local_claims.own_claims(fresh) is local_claims.NONE


@commits
def test_a_claim_may_change_its_words_but_not_its_place(tenant: Tenant) -> None:
    apply(file(), actor="ops")

    changed = apply(
        file(FILE.replace("Badge", "Pass").replace("searchable: true", "searchable: false")),
        actor="ops",
    )
    line = next(line for line in changed.lines if line.name == BADGE)
    assert (str(line.result), list(line.fields)) == ("changed", ["display_name", "searchable"])
    [problem] = problems(FILE.replace("User:badge", "User:pass"))
    assert problem.startswith("tenants[0].local_claims[0].path: This stays as it is")


@commits
def test_absent_takes_a_claim_away_that_nobody_uses(tenant: Tenant) -> None:
    apply(file(), actor="ops")
    gone = """
version: 1
tenants:
  - domain: carbon.super
    local_claims: [{uri: "%s", state: absent}]
"""
    apply(file(gone % "urn:acme:floor"), actor="ops")
    assert [claim.uri for claim in LocalClaim.objects.all()] == [BADGE]
    apply(file(gone % "urn:acme:floor"), actor="ops")

    [problem] = problems(gone % BADGE)
    assert "used in the claim mapping of partner" in problem


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            'local: "http://wso2.org/claims/badge"',
            'local: "http://wso2.org/claims/bagde"',
            "claim_mappings[0].local: there is no claim http://wso2.org/claims/bagde; did you",
        ),
        (
            "+ store +",
            "+ stor +",
            "[0].claim_mappings[1].expression: line 1, position 49: undeclared reference",
        ),
        (
            "claims['http://wso2.org/claims/badge']",
            "claims['nonesuch']",
            "claim_mappings[1].expression: line 1, position 9: there is no claim nonesuch",
        ),
        (
            '"urn:acme:floor": "3"',
            '"urn:acme:floor": "x"',
            "users[0].claims: urn:acme:floor must be a whole",
        ),
        (
            '"urn:acme:floor": "3"',
            '"urn:acme:roof": "3"',
            "users[0].claims: there is no claim urn:acme:roof",
        ),
        (", type: integer", ", type: number", "local_claims[1].type: must be one of string"),
        (
            'path: "urn:acme:User:floor"',
            "path: floor",
            "local_claims[1].path: A path looks like",
        ),
        (
            'path: "urn:acme:User:floor", ',
            "",
            "local_claims[1].path: This field cannot be blank",
        ),
        ("default: none", "constant: none", "must have one of local, constant and expression"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tenant: Tenant, before: str, after: str, said: str
) -> None:
    assert before in FILE

    [problem] = problems(FILE.replace(before, after))

    assert said in problem
    assert not LocalClaim.objects.exists()


@commits
def test_columns_of_a_csv_file_may_be_claims_of_its_own(tenant: Tenant, tmp_path: Path) -> None:
    apply(file(), actor="ops")
    table = local_claims.table_of(Tenant.objects.get(pk=tenant.pk))

    [row] = CsvFile(["userName,badge,urn:acme:floor\n", "lee,18,4\n"], Users(table))

    assert row.entry["claims"] == {BADGE: "18", "urn:acme:floor": "4"}
    with pytest.raises(BadHeader, match="There is no claim badge"):
        CsvFile(["userName,badge\n"], Users())
