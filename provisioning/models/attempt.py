from __future__ import annotations

from django.db import models

from idp.models import Row
from provisioning.models.job import Job


class Outcome(models.TextChoices):
    DONE = "done", "Done"
    CONFIRMED = "confirmed", "Confirmed after an unknown answer"
    ADOPTED = "adopted", "Adopted an account that was there"
    RETRY = "retry", "Will be tried again"
    NOT_BEFORE = "not_before", "The target asked to wait"
    OVER_BUDGET = "over_budget", "The rest waits for the budget"
    JOB_WRONG = "job_wrong", "The target refused this entity"
    CONNECTOR_WRONG = "connector_wrong", "Credentials or settings are wrong"
    AMBIGUOUS = "ambiguous", "More than one account matches"
    HELD = "held", "Held for an operator"
    INTERNAL = "internal", "Unexpected error"
    DRY_RUN = "dry_run", "Rehearsed: nothing was sent"
    NOT_WANTED = "not_wanted", "No longer wanted when it was planned again"


class Attempt(Row):
    """One try at a job, with the redacted exchange."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    status = models.PositiveIntegerField(null=True)
    started = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    exchanges = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["started"], name="attempt_prune")]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"
