"""Intent on its way. `provisioning.outbox` moves a job from state to state; what an operator
may do with one is `provisioning.operations`."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from connectors import EntityType
from idp import secrets
from idp.models import OutboundConnector, Row, Tenant
from provisioning import signatures
from serviceproviders.models import OutboundTarget

TYPES = [(kind.value, kind.value.capitalize()) for kind in EntityType]


class State(models.TextChoices):
    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    HELD = "held", "Held"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SUPERSEDED = "superseded", "Superseded"
    CANCELLED = "cancelled", "Cancelled"


OPEN = [State.PENDING, State.RUNNING, State.HELD]
IS_OPEN = Q(is_open=True)


class Operation(models.TextChoices):
    CREATE = "create", "Create"
    UPDATE = "update", "Update"
    DELETE = "delete", "Delete"
    WITHDRAW = "withdraw", "Withdraw"


REMOVES = [Operation.DELETE, Operation.WITHDRAW]

GUARD = "guard"
"""The reason code of jobs that the deletion guard holds."""

MISCONFIGURED = "configuration"
"""The reason code of jobs that lack what a claim mapping or the settings should give."""

REHEARSED = "dry_run"
"""The reason code of held jobs whose connector was in dry run: they wait for that to be over,
not for a decision. A running one that has it is being rehearsed."""

CONFLICTS = (
    "conflict",
    "disabled_there",
    "foreign",
    "former_owner",
    "maybe_anothers",
    "protected_name",
    "remote_name_taken",
    "unconfirmed",
)
"""The reason codes of all others that are held: an account is there, and whose is it?"""

SKIPPED = "skipped"
"""The reason code of failed jobs that an operator does not want any more."""


class Job(Row):
    """One entity's whole desired state at one connector, to be delivered in order.

    The order of an entity's jobs is `version`; `position` orders jobs of different
    entities that share a remote name (`name_key` is held, `frees_key` given up by it).
    `maybe_sent`: a request may have taken effect though we have no answer to it.
    `released`: an operator let it go on though an account of that name was found there.
    `disables`: an account that is active there shall not be so any more. `guarded`: the
    deletion guard has counted it, or an operator let it pass; it is not counted twice.
    `metered` and `prepaid`, which are not stored: a claim took so many requests for it from
    the connector's budget.
    `signature` (`provisioning.signatures`) says of a failed job which others failed alike;
    `found_id` and `found_name` say of a held one which account stands in its way. `edited`:
    an operator changed what it carries, for this delivery only (`provisioning.edits`).
    """

    metered: bool = False
    prepaid: float = 0.0

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    connector = models.ForeignKey(
        OutboundConnector, db_index=False, on_delete=models.PROTECT, related_name="jobs"
    )
    target = models.ForeignKey(
        OutboundTarget, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    change_id = models.UUIDField()
    door = models.CharField(max_length=16)
    blocking = models.BooleanField(default=False)

    entity_type = models.CharField(max_length=8, choices=TYPES)
    entity_id = models.UUIDField()
    entity_name = models.CharField(max_length=512)
    version = models.PositiveBigIntegerField()
    position = models.BigIntegerField()
    operation = models.CharField(max_length=8, choices=Operation.choices)

    remote_name = models.CharField(max_length=512)
    name_key = models.CharField(max_length=512, blank=True)
    frees_key = models.CharField(max_length=512, blank=True)
    sealed_payload = models.BinaryField(editable=False)
    sealed_password = models.BinaryField(null=True, editable=False)
    revision = models.PositiveIntegerField()

    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    # Kept by the database, so that partial indexes have one plain condition to match.
    is_open = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(state__in=OPEN), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    is_failed = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(state="failed"), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    reason_code = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    signature = models.CharField(max_length=signatures.LENGTH, blank=True)
    found_id = models.CharField(max_length=512, blank=True)
    found_name = models.CharField(max_length=512, blank=True)
    not_before = models.DateTimeField()
    give_up_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    maybe_sent = models.BooleanField(default=False)
    released = models.BooleanField(default=False)
    disables = models.BooleanField(default=False)
    guarded = models.BooleanField(default=False)
    edited = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["connector", "not_before", "position"],
                name="job_due",
                condition=Q(state="pending"),
            ),
            models.Index(
                fields=["connector", "lease_until"],
                name="job_leased",
                condition=Q(state="running"),
            ),
            models.Index(
                fields=["entity_id", "connector", "position"],
                name="job_open_entity",
                condition=IS_OPEN,
            ),
            models.Index(
                fields=["entity_id"], name="job_failed_entity", condition=Q(state="failed")
            ),
            models.Index(
                fields=["connector", "revision"],
                name="job_misconfigured",
                condition=Q(state="failed", reason_code=MISCONFIGURED),
            ),
            models.Index(
                fields=["entity_id"],
                name="job_skipped_entity",
                condition=Q(state="cancelled", reason_code=SKIPPED),
            ),
            models.Index(
                fields=["tenant", "signature", "connector", "position"],
                name="job_dead_letters",
                # Not by the state: PostgreSQL would then rather read the rows by another
                # partial index that is smaller than count within this one.
                condition=Q(is_failed=True),
            ),
            models.Index(
                fields=["tenant", "reason_code", "-id"],
                name="job_held_why",
                condition=Q(state="held"),
            ),
            models.Index(
                fields=["connector", "position"],
                name="job_rehearsed",
                condition=Q(state="held", reason_code=REHEARSED),
            ),
            models.Index(
                fields=["connector", "name_key"], name="job_open_name", condition=IS_OPEN
            ),
            models.Index(
                fields=["connector", "frees_key"], name="job_open_frees", condition=IS_OPEN
            ),
            models.Index(fields=["tenant", "-id"], name="job_page"),
            models.Index(fields=["tenant", "state", "-id"], name="job_page_state"),
            models.Index(fields=["connector", "state", "finished"], name="job_health"),
            models.Index(fields=["entity_id", "-id"], name="job_page_entity"),
            models.Index(fields=["finished"], name="job_prune"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.entity_name}"

    @property
    def payload(self) -> dict[str, Any]:
        opened: dict[str, Any] = secrets.unseal(self.sealed_payload, f"job/{self.pk}")
        return opened

    @payload.setter
    def payload(self, value: dict[str, Any]) -> None:
        self.sealed_payload = secrets.seal(value, f"job/{self.pk}")

    @property
    def password(self) -> str | None:
        """A password the target has not been given yet; erased when it was, or with the job."""
        if self.sealed_password is None:
            return None
        opened: str = secrets.unseal(self.sealed_password, f"job-password/{self.pk}")
        return opened

    @password.setter
    def password(self, value: str | None) -> None:
        sealed = None if value is None else secrets.seal(value, f"job-password/{self.pk}")
        self.sealed_password = sealed

    @property
    def can_be_read(self) -> bool:
        """Whether the keys it was sealed with are here."""
        sealed = (self.sealed_payload, self.sealed_password)
        return all(secrets.has_key_of(value) for value in sealed if value is not None)

    @property
    def known_payload(self) -> dict[str, Any]:
        """The payload; empty where no key opens it."""
        try:
            return self.payload
        except secrets.CannotOpen:
            return {}

    @property
    def known_password(self) -> str | None:
        """The password; None where no key opens it."""
        try:
            return self.password
        except secrets.CannotOpen:
            return None


class Conflict(Job):
    """A job that is held because of an account at the target: a list of its own."""

    class Meta:
        proxy = True
        ordering = ["-id"]


class MemberChange(Row):
    """One member a group job adds or removes at the target.

    `counted`: the deletion guard, or an operator, let the removal pass.
    """

    job = models.ForeignKey(
        Job, db_index=False, on_delete=models.CASCADE, related_name="member_changes"
    )
    member_id = models.UUIDField()
    wanted = models.BooleanField()
    counted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "member_id"], name="member_change_once")
        ]
        indexes = [models.Index(fields=["member_id"], name="member_change_by_member")]

    def __str__(self) -> str:
        return f"{'+' if self.wanted else '-'}{self.member_id}"
