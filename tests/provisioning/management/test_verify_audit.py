from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from idp.models import Tenant
from provisioning.chain import sealing
from provisioning.models import AuditChain, AuditEvent
from tests.provisioning.chain.conftest import told
from tests.provisioning.management.running import run


@pytest.fixture
def sealed(tenant: Tenant, other_tenant: Tenant) -> Tenant:
    told(tenant, "a", "b", "c")
    told(other_tenant, "x")
    sealing.seal_new()
    return tenant


def test_it_says_up_to_where_all_is_as_sealed(sealed: Tenant) -> None:
    told(sealed, "new")

    ended = run("verify_audit")

    assert ended.code == 0
    assert "carbon.super: events 1 to 3 are as sealed, 1 not sealed yet." in ended.out
    assert "partner.example: events 1 to 1 are as sealed" in ended.out


def test_its_anchor_holds_until_the_trail_is_another(sealed: Tenant) -> None:
    (one,) = run("verify_audit", "--tenant", "carbon.super", "--json").json["tenants"]
    again = ("verify_audit", "--tenant", "carbon.super", "--anchor", one["anchor"])
    assert run(*again).code == 0

    AuditEvent.objects.update(sequence=None, seal=None, actor="somebody else")
    AuditChain.objects.all().delete()
    sealing.seal_new()

    assert run("verify_audit").code == 0
    ended = run(*again)
    assert (ended.code, "another seal than the anchor" in ended.out) == (1, True)


def test_what_was_changed_is_named(sealed: Tenant) -> None:
    AuditEvent.objects.filter(tenant=sealed, sequence=2).update(subject_name="nobody")

    ended = run("verify_audit", "--json")

    assert ended.code == 1
    first, second = ended.json["tenants"]
    assert (first["problem"], first["through"]) == ("event 2 is not what was sealed", 1)
    assert second["intact"]


def test_somebody_who_has_looked_lets_the_chain_begin_anew(sealed: Tenant) -> None:
    AuditEvent.objects.filter(tenant=sealed, sequence=2).update(subject_name="nobody")

    ended = run("verify_audit", "--tenant", "carbon.super", "--accept")
    sealing.seal_new()

    assert ended.code == 0
    assert "event 2 is not what was sealed. The chain begins anew after event 3" in ended.out
    assert run("verify_audit").code == 0
    again = run("verify_audit", "--tenant", "carbon.super", "--accept")
    assert (again.code, "nothing to accept" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--anchor", "3"], "--anchor"),
        (["--anchor", "3:xyz"], "--anchor"),
        (["--anchor", "3:00"], "say which with --tenant"),
        (["--accept"], "say which with --tenant"),
        (["--tenant", "nowhere"], "no tenant nowhere"),
    ],
)
def test_wrong_questions_are_refused(
    sealed: Tenant, arguments: list[str], sentence: str
) -> None:
    ended = run("verify_audit", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err


def test_prune_keeps_as_evidence_what_was_changed(sealed: Tenant) -> None:
    old = timezone.now() - timedelta(days=20)
    AuditEvent.objects.filter(tenant=sealed).update(at=old)

    ended = run("prune", "--audit-days", 10, "--json")

    assert ended.code == 1
    assert ended.json["audit_events"] == 0
    assert ended.json["kept_as_evidence"].keys() == {"carbon.super"}
    assert AuditEvent.objects.filter(tenant=sealed).count() == 3
