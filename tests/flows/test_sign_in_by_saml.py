"""People sign in by SAML 2.0, and are made here and where they belong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from idp import claims
from idp.models import IdentityProvider, User
from provisioning import housekeeping
from provisioning.inbound.login import saml
from provisioning.models import Association, AuditEvent, UsedAssertion
from tests.fakes.saml.documents import posted
from tests.fakes.saml.keys import pair
from tests.fakes.saml.provider import SamlProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.saml import ROLES, Bring, C, Visitor, bring, idp, jit_row

__all__ = ["bring", "idp", "jit_row"]
pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def claim(name: str, uri: str) -> object:
    user = User.objects.get(username=name)
    return claims.read_claims(claims.profile_of(user)).get(f"{C}{uri}")


def refusals() -> list[str]:
    rows = AuditEvent.objects.filter(action="login.refuse").order_by("id")
    return [row.detail["reason"] for row in rows]


@pytest.mark.usefixtures("jit_row")
def test_the_first_login_makes_somebody_and_the_second_updates_them(
    bring: Bring, idp: SamlProvider, target: Scim2Target, deliver: Step
) -> None:
    bring()

    page = Visitor().sign_in()
    deliver()

    assert page.status_code == 200, page.content
    assert claim("kim", "lastname") == "Lee"
    assert target.user("kim")["name"]["familyName"] == "Lee"
    assert Association.objects.get().subject == "kim"

    idp.attributes["sn"] = ["Park"]
    assert Visitor().sign_in().status_code == 200
    deliver()

    assert User.objects.count() == 1
    assert claim("kim", "lastname") == "Park"
    assert target.user("kim")["name"]["familyName"] == "Park"


def test_roles_are_given_and_taken(bring: Bring, idp: SamlProvider, store: Store) -> None:
    store.add_group("sales")
    bring(
        role_claim=ROLES,
        role_mappings=[{"local": "sales", "remote": "Sales"}],
    )

    idp.attributes["eduPersonEntitlement"] = ["Sales"]
    Visitor().sign_in()
    assert list(User.objects.get().memberships.values_list("group__name", flat=True)) == [
        "sales"
    ]

    idp.attributes["eduPersonEntitlement"] = ["Other"]
    Visitor().sign_in()
    assert not User.objects.get().memberships.exists()


def test_a_response_is_good_once(bring: Bring) -> None:
    bring()
    visitor = Visitor()
    place, fields = visitor.form_at(visitor.begin())
    assert visitor.follow(visitor.post(place, fields)).status_code == 200

    again = visitor.post(place, fields)

    assert again.status_code == 400
    assert Association.objects.count() == 1


def test_an_assertion_is_good_once_whatever_asks_for_it(
    bring: Bring, idp: SamlProvider
) -> None:
    provider = bring()
    visitor = Visitor()
    place, fields = visitor.form_at(visitor.begin())
    visitor.post(place, fields)
    Association.objects.all().delete()
    [first] = UsedAssertion.objects.filter(provider=provider)

    other = visitor.begin()
    _, of_other = visitor.form_at(other)
    replayed = visitor.post(place, {**fields, "RelayState": of_other["RelayState"]})

    assert replayed.status_code == 403
    assert "another request" in refusals()[-1]
    assert first.until > timezone.now()


def test_what_nobody_asked_for_is_refused(bring: Bring) -> None:
    bring()
    visitor = Visitor()
    place, fields = visitor.form_at(visitor.begin())

    unasked = visitor.post(place, {"SAMLResponse": fields["SAMLResponse"]})
    made_up = visitor.post(place, {**fields, "RelayState": "x" * 43})

    assert (unasked.status_code, made_up.status_code) == (403, 400)
    assert b"Begin the login at the application" in unasked.content
    assert not User.objects.exists()


def test_a_login_begun_in_another_browser_signs_nobody_in(bring: Bring) -> None:
    bring()
    attacker, victim = Visitor(), Visitor()
    victim.begin()

    arrived = attacker.post(*attacker.form_at(attacker.begin()))
    shown = victim.follow(arrived)

    assert arrived.status_code == 303
    assert shown.status_code == 403
    assert not User.objects.exists()
    assert attacker.follow(arrived).status_code == 200


def test_who_is_not_believed_is_told_so_and_so_are_operators(
    bring: Bring, idp: SamlProvider
) -> None:
    bring()
    idp.key = pair("somebody else")

    page = Visitor().sign_in()

    assert page.status_code == 403
    assert "no key of the identity provider" in refusals()[-1]
    assert not User.objects.exists()


def test_nonsense_is_refused_on_a_page(bring: Bring) -> None:
    bring()
    visitor = Visitor()
    for nonsense in ("", "%%%", posted("<a>"), posted("<a/>")):
        place, fields = visitor.form_at(visitor.begin())

        page = visitor.post(place, {**fields, "SAMLResponse": nonsense})

        assert page.status_code == 403
        assert b"is not believed" in page.content


def test_metadata_that_has_ended_lets_nobody_in(bring: Bring, idp: SamlProvider) -> None:
    end = timezone.now() + timedelta(days=1)
    text = idp.metadata.replace("entityID=", f'validUntil="{end:%Y-%m-%dT%H:%M:%SZ}" entityID=')
    bring({"metadata": text})

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        page = Client().get("/login/corporate/")

    assert page.status_code == 502
    assert b"ask it for new metadata" in page.content


def test_who_we_are_is_told_to_everybody_while_we_speak_saml(bring: Bring) -> None:
    provider = bring({"entity_id": "urn:example:us"})

    told = Client().get("/login/corporate/metadata/")

    assert told["Content-Type"] == "application/samlmetadata+xml"
    assert b'entityID="urn:example:us"' in told.content
    assert b"http://127.0.0.1:8000/login/corporate/acs/" in told.content
    assert b"PRIVATE" not in told.content
    IdentityProvider.objects.filter(pk=provider.pk).update(enabled=False)
    assert Client().get("/login/corporate/metadata/").status_code == 200
    assert Client().get("/t/nobody.example/login/corporate/metadata/").status_code == 404
    provider.authenticator.delete()
    assert Client().get("/login/corporate/metadata/").status_code == 404
    assert Client().post("/login/corporate/acs/").status_code == 404


def test_used_assertions_are_forgotten_when_nobody_would_take_them(bring: Bring) -> None:
    bring()
    Visitor().sign_in()
    assert not saml.forget_old()
    assert UsedAssertion.objects.count() == 1

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        [task] = [t for t in housekeeping.TASKS if t.name == "forget used assertions"]
        task.do()

    assert not UsedAssertion.objects.exists()
