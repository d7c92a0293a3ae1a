from __future__ import annotations

import base64

import pytest
from pytest_django import Settings

from idp import secrets
from idp.models import Authenticator, OutboundConnector, Tenant
from provisioning import rotation
from provisioning.configuration import apply
from provisioning.models import Job, ProvisionedEntity
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.configuration.files import in_tenant, tree
from tests.provisioning.management.running import run

NEW = base64.urlsafe_b64encode(b"n" * 32).decode()


@pytest.fixture
def sealed(tenant: Tenant, resident: ServiceProvider) -> OutboundConnector:
    """A connector, a delivered job, a waiting one with its password, and accepted state."""
    with Scim2Target() as target:
        connector = make_connector(tenant, target.settings)
        send_to(resident, connector)
        apply(tree(in_tenant("users: [{username: kim}]")), actor="t")
        run("worker", "--once")
    apply(tree(in_tenant("users: [{username: lee, password: hush-hush}]")), actor="t")
    return connector


def test_after_it_the_old_key_may_go(sealed: OutboundConnector, settings: Settings) -> None:
    [old] = settings.PURVEYOR_SECRET_KEYS
    before = sealed.settings
    settings.PURVEYOR_SECRET_KEYS = [NEW, old]

    ended = run("rotate_secrets", "--json")

    assert (ended.code, ended.json["unreadable"]) == (0, 0)
    assert ended.json["sealed_again"] == ended.json["looked_at"] == rotation.count()
    settings.PURVEYOR_SECRET_KEYS = [NEW]
    assert OutboundConnector.objects.get().settings == before
    assert {job.payload["name"] for job in Job.objects.all()} == {"kim", "lee"}
    assert Job.objects.get(entity_name="lee").password == "hush-hush"
    link = ProvisionedEntity.objects.get()
    assert link.sealed_accepted is not None
    assert secrets.is_current(link.sealed_accepted)
    assert link.accepted is not None


def test_a_second_run_seals_nothing_again(
    sealed: OutboundConnector, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    settings.PURVEYOR_SECRET_KEYS = [NEW, *settings.PURVEYOR_SECRET_KEYS]
    # Stopped after the first batch …
    next(rotation.rotate())

    # … the rest follows with the next run, and then nothing is left.
    assert run("rotate_secrets", "--json").json["sealed_again"] == rotation.count() - 1
    ended = run("rotate_secrets")
    assert ended.out.startswith(f"0 of {rotation.count()} secrets sealed again.")
    assert "the other keys may go" in ended.out


def test_what_cannot_be_opened_is_counted_and_kept(
    sealed: OutboundConnector, settings: Settings
) -> None:
    settings.PURVEYOR_SECRET_KEYS = [NEW]

    ended = run("rotate_secrets")

    assert ended.code == 1
    assert "could not be opened: put the key they were sealed with back" in ended.err
    assert "may go" not in ended.out


def test_every_sealed_column_is_known() -> None:
    from django.apps import apps
    from django.db.models import BinaryField

    ours = [config.get_models() for config in apps.get_app_configs() if config.path]
    sealed = {
        (model, field.name)
        for models in ours
        for model in models
        if not model._meta.proxy
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and field.name.startswith("sealed_")
    }

    assert sealed == {(known.model, known.column) for known in rotation.COLUMNS}


def test_settings_of_an_authenticator_are_sealed_again(
    tenant: Tenant, settings: Settings
) -> None:
    oidc = "{type: oidc, issuer: 'https://idp.example', client_id: a, client_secret: hush}"
    apply(
        tree(in_tenant(f"identity_providers: [{{name: p, authenticator: {oidc}}}]")), actor="t"
    )
    settings.PURVEYOR_SECRET_KEYS = [NEW, *settings.PURVEYOR_SECRET_KEYS]

    run("rotate_secrets")

    settings.PURVEYOR_SECRET_KEYS = [NEW]
    assert Authenticator.objects.get().settings["client_secret"] == "hush"
