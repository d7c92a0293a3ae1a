"""The console as tests use it: signed-in clients, and one of everything for a tenant."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django.test import Client
from django.utils import timezone

from connectors import EntityType
from idp import local_claims
from idp.models import (
    Group,
    IdentityProvider,
    LocalClaim,
    OutboundConnector,
    Tenant,
    User,
    UserStore,
)
from provisioning import courier, webhooks
from provisioning.changes import Action, Change, Door, GroupData, UserData
from provisioning.intake import accept
from provisioning.models import (
    Association,
    Attempt,
    AuditEvent,
    Cause,
    Job,
    Message,
    Notification,
    Outcome,
    PassingEntity,
    Policy,
    ProvisionedEntity,
    Severity,
    SignUp,
    State,
    Webhook,
)
from provisioning.notifications import Alarm, raise_alarms
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.factories import make_connector, make_operator, send_to

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
SECRET = "marker-secret-4711"

SETTINGS = {
    "user_endpoint": "http://127.0.0.1:9/Users",
    "group_endpoint": "http://127.0.0.1:9/Groups",
    "authentication": "basic",
    "username": "admin",
    "password": SECRET,
    "access_token": SECRET + "-token",
}


def sign_in(tenant: Tenant, name: str = "ops", **values: Any) -> Client:
    """A browser in which that operator is signed in."""
    client = Client()
    client.force_login(make_operator(tenant, name, **values), backend=MODEL_BACKEND)
    return client


@dataclass(frozen=True)
class World:
    """One of everything that has a page."""

    provider: IdentityProvider
    connector: OutboundConnector
    resident: ServiceProvider
    application: ServiceProvider
    store: UserStore
    user: User
    group: Group
    job: Job
    link: ProvisionedEntity
    event: AuditEvent
    sent: PassingEntity
    policy: Policy
    claim: LocalClaim
    webhook: Webhook
    message: Message
    notification: Notification

    def rows(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]


def change(tenant: Tenant, action: Action, kind: EntityType, **values: Any) -> Any:
    values.setdefault("service_provider", resident_of(tenant))
    return accept(
        Change(
            tenant=tenant,
            door=Door.CONSOLE,
            actor="ops",
            action=action,
            entity_type=kind,
            **values,
        )
    )


def add_user(tenant: Tenant, name: str, **data: Any) -> User:
    user = UserData(name=name, **data)
    entity = change(tenant, Action.CREATE, EntityType.USER, user=user).entity
    assert isinstance(entity, User)
    return entity


def add_group(tenant: Tenant, name: str, **data: Any) -> Group:
    group = GroupData(name=name, **data)
    entity = change(tenant, Action.CREATE, EntityType.GROUP, group=group).entity
    assert isinstance(entity, Group)
    return entity


def fail(job: Job, reason: str = "the target refused it") -> Job:
    """As if the target had refused the job, with the exchange on record."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(
        state=State.FAILED, reason=reason, finished=now, attempts=1
    )
    Attempt.objects.create(
        job=job,
        number=1,
        outcome=Outcome.JOB_WRONG,
        reason=reason,
        status=400,
        started=now,
        duration_ms=12,
        exchanges=[
            {
                "method": "POST",
                "url": "http://127.0.0.1:9/Users",
                "request_headers": {"Authorization": "***"},
                "request_body": '{"userName":"kim"}',
                "status": 400,
                "response_body": "<no & json>",
                "duration_ms": 12,
            }
        ],
    )
    job.refresh_from_db()
    return job


def link_for(job: Job) -> ProvisionedEntity:
    now = timezone.now()
    link = ProvisionedEntity(
        tenant=job.tenant,
        connector=job.connector,
        entity_type=job.entity_type,
        entity_id=job.entity_id,
        entity_name=job.entity_name,
        remote_id="r-1",
        remote_name=job.remote_name,
        name_key=job.name_key,
        created=now,
        updated=now,
    )
    link.accepted = {"title": "Engineer"}
    link.save()
    return link


def make_world(tenant: Tenant, name: str) -> World:
    """One of everything in the tenant, each named after `name`."""
    connector = make_connector(tenant, SETTINGS, name=f"{name}-idp")
    resident = resident_of(tenant)
    send_to(resident, connector)
    application = ServiceProvider.objects.create(tenant=tenant, name=f"{name}-app")
    store = UserStore.objects.create(tenant=tenant, domain=name.upper())
    user = add_user(tenant, name, document={"title": f"{name} title"})
    group = add_group(tenant, f"{name}-group", add=[user.pk])
    job = fail(Job.objects.get(entity_id=user.pk))
    link = link_for(job)
    event = AuditEvent.objects.filter(tenant=tenant, subject_id=str(user.pk)).first()
    assert event is not None
    uri = f"http://wso2.org/claims/{name}-badge"
    claim = LocalClaim(
        tenant=tenant,
        uri=uri,
        display_name=f"{name} badge",
        path=f"urn:purveyor:custom:User:{name}Badge",
    )
    local_claims.save(claim)
    provider = connector.provider
    signed_in(provider, application, user)
    return World(
        provider,
        connector,
        resident,
        application,
        store,
        user,
        group,
        job,
        link,
        event,
        sent_by(application, name),
        Policy.objects.create(tenant=tenant, name=f"{name}-rules"),
        claim,
        *told_of(tenant, name),
    )


def signed_in(provider: IdentityProvider, sender: ServiceProvider, user: User) -> None:
    """As if they had signed up, and in through the identity provider."""
    now, tenant = timezone.now(), provider.tenant
    Association.objects.create(
        tenant=tenant, provider=provider, subject=user.username, user_id=user.pk, created=now
    )
    SignUp.objects.create(
        tenant=tenant,
        service_provider=sender,
        user_id=user.pk,
        username=user.username,
        token_digest=user.pk.bytes,
        created=now,
        expires=now,
    )


def told_of(tenant: Tenant, name: str) -> tuple[Webhook, Message, Notification]:
    webhook = Webhook(tenant=tenant, name=f"{name}-hook", url=f"https://{name}.example/hook")
    webhooks.set_secret(webhook, webhooks.new())
    webhooks.save(webhook)
    message = courier.test_webhook(webhook, actor=name)
    message.about = f"{name} test"
    message.save()
    title, text = f"{name} is quarantined", "401"
    raise_alarms([Alarm(tenant, Cause.QUARANTINE, name, Severity.CRITICAL, title, text)])
    return webhook, message, Notification.objects.get(tenant=tenant, key=name)


def sent_by(service_provider: ServiceProvider, name: str) -> PassingEntity:
    """As if the application had sent somebody of that name onward in dumb mode."""
    now = timezone.now()
    tenant = service_provider.tenant
    sent = PassingEntity(
        tenant=tenant,
        service_provider=service_provider,
        store=UserStore.objects.get(tenant=tenant, domain="PRIMARY"),
        entity_type=EntityType.USER,
        name=name,
        name_key=name,
        created=now,
        modified=now,
    )
    sent.state = {"document": {}, "active": True, "groups": []}
    sent.save()
    return sent
