"""Who is told of events, and what is on its way to them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from idp import secrets
from idp.models import Operator, Row, Tenant
from provisioning.models.notification import Notification
from provisioning.models.signup import SignUp


def all_events() -> str:
    return "all"


class Webhook(Row):
    """A subscription. `events` is "all" or a list of types (`provisioning.events`).

    `failures` counts attempts in a row that had no answer or one of 500 and above, since
    `failing_since`; until `rests_until` nothing is sent. `disabled_because` says why it was
    disabled by itself.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="webhooks"
    )
    name = models.CharField(max_length=190)
    description = models.CharField(max_length=512, blank=True)
    url = models.CharField("URL", max_length=2000)
    events = models.JSONField(default=all_events)
    batched = models.BooleanField(
        default=False, help_text="Several events in one request where there are many."
    )
    enabled = models.BooleanField(default=True)
    sealed_secrets = models.BinaryField(editable=False)
    disabled_because = models.TextField(blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False)
    last_success = models.DateTimeField(null=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="webhook_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> list[dict[str, Any]]:
        """`{"secret", "until"}`: the newest first; others sign as well until their time."""
        opened: list[dict[str, Any]] = secrets.unseal(self.sealed_secrets, f"webhook/{self.pk}")
        return opened

    @secrets.setter
    def secrets(self, values: list[dict[str, Any]]) -> None:
        self.sealed_secrets = secrets.seal(values, f"webhook/{self.pk}")


class Event(Row):
    """Something that happened, until it is a message to everybody who waits for it."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    type = models.CharField(max_length=40)
    subject = models.CharField(max_length=255)
    at = models.DateTimeField()
    data = models.JSONField()

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class Channel(models.TextChoices):
    WEBHOOK = "webhook", "Webhook"
    EMAIL = "email", "E-mail"


class Passage(models.TextChoices):
    PENDING = "pending", "Pending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class Message(Row):
    """Something to tell, on its way: an e-mail, or one request to a webhook.

    `not_before` is when it is due; while `lease_token` is set somebody is sending it until
    then. `about` says in short what it tells, `events` how many. `exchange` is the last
    attempt, redacted.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    webhook = models.ForeignKey(
        Webhook, null=True, db_index=False, on_delete=models.CASCADE, related_name="messages"
    )
    operator = models.ForeignKey(
        Operator, null=True, on_delete=models.CASCADE, related_name="+"
    )
    notification = models.ForeignKey(
        Notification, null=True, on_delete=models.SET_NULL, related_name="messages"
    )
    sign_up = models.ForeignKey(SignUp, null=True, on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=255)
    events = models.PositiveIntegerField(default=1)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=Passage.choices, default=Passage.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    give_up_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True)
    status = models.PositiveIntegerField(null=True)
    reason = models.TextField(blank=True)
    exchange = models.JSONField(null=True)
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["webhook", "not_before"],
                condition=Q(state="pending"),
                name="message_due",
            ),
            models.Index(
                fields=["give_up_at"], condition=Q(state="pending"), name="message_give_up"
            ),
            models.Index(fields=["tenant", "-id"], name="message_page"),
            models.Index(fields=["webhook", "-id"], name="message_of_webhook"),
            models.Index(fields=["finished"], name="message_prune"),
        ]

    def __str__(self) -> str:
        return self.about


class ConnectorState(models.Model):
    """The state of a connector that was told last: another one is an event."""

    connector = models.OneToOneField(
        "idp.OutboundConnector", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=16)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.connector_id}: {self.state}"
