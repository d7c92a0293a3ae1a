"""Jobs, and those that are held: what became of them, and what may be done."""

from __future__ import annotations

import builtins
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import OutboundConnector
from provisioning import letters, operations
from provisioning.api import filters
from provisioning.api.described import acts, reads, ref
from provisioning.api.problems import Problem, wrong
from provisioning.api.shapes import (
    ANY_OBJECT,
    COUNT,
    ENTITY,
    ID,
    MOMENT,
    TARGET,
    TEXT,
    Shape,
    fixed,
    or_null,
    some,
    words,
)
from provisioning.api.views import ApiView
from provisioning.configuration import ConfigurationError
from provisioning.configuration.nodes import Flag, ListOf, Number, Object, Text
from provisioning.models import Attempt, Job, Operation, Outcome, State
from provisioning.searching import as_uuid

Json = dict[str, Any]
CHOICE = Object(
    {
        "jobs": ListOf(Text(blank=False)),
        "identity_provider": Text(blank=False),
        "connector": Text(blank=False),
        "signature": Text(blank=False),
        "all": Flag(),
        "count": Number(least=1),
    }
)
"""Which jobs a bulk operation means: ids, or a connector, or what failed alike, or all."""
SKIPPING = Object({**CHOICE.fields, "reason": Text()})
REASON = Object({"reason": Text()})

SHAPES: Mapping[str, Shape] = {
    "Attempt": some(
        ["number", "outcome", "status", "reason", "started", "duration_ms"],
        number=COUNT,
        outcome=words(Outcome),
        status=or_null(COUNT),
        reason=TEXT,
        started=MOMENT,
        duration_ms=COUNT,
        exchanges={"type": "array", "items": ANY_OBJECT},
    ),
    "Job": fixed(
        id=ID,
        state=words(State),
        operation=words(Operation),
        **ENTITY,
        **TARGET,
        reason=TEXT,
        reason_code=TEXT,
        signature=TEXT,
        attempts=COUNT,
        door=TEXT,
        change=ID,
        created=MOMENT,
        updated=MOMENT,
        not_before=MOMENT,
        finished=or_null(MOMENT),
    ),
    "Counted": {"type": "object", "additionalProperties": COUNT},
}
SHAPES["Job"]["properties"]["last_attempts"] = {"type": "array", "items": ref("Attempt")}


class _Jobs(ApiView):
    model = Job
    ordering = "-id"
    queryset = Job.objects.none()

    def rows(self) -> QuerySet[Job]:
        jobs = Job.objects.filter(tenant=self.tenant)
        jobs = jobs.prefetch_related("connector__provider")
        return jobs.defer("sealed_payload", "sealed_password")

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        job = self.found(self.rows(), id)
        tries = Attempt.objects.filter(job=job)[:20]
        return Response({**self.told_one(job), "last_attempts": [_attempt(a) for a in tries]})

    def told(self, rows: Sequence[Job]) -> builtins.list[Json]:
        return [_job(job) for job in rows]

    def one(self, id: str, operate: Callable[..., int], refusal: str) -> Response:
        """Operate on the job of that id and tell it as it is then; 409 when it cannot be."""
        job = self.found(self.rows(), id)
        if not operate(self.rows().filter(pk=job.pk), actor=self.caller.actor):
            raise Problem(409, refusal)
        return Response(self.told_one(self.found(self.rows(), id)))

    def chosen(self, state: State, body: Json) -> QuerySet[Job]:
        """The jobs in that state that the body means. Raises `Problem`."""
        named = body.keys() - {"count", "reason"}
        if not named or (body.get("all") and len(named) > 1):
            raise wrong(
                ("", "say which: jobs, identity_provider, connector, signature, or all")
            )
        if body.get("all") is False:
            raise wrong(("all", "must be true, or left out"))
        jobs = Job.objects.filter(tenant=self.tenant, state=state)
        if state is State.HELD:
            jobs = operations.decidable(jobs)
        if "jobs" in body:
            jobs = jobs.filter(pk__in=_ids(body["jobs"]))
        if "signature" in body:
            jobs = jobs.filter(letters.named(body["signature"]))
        if {"identity_provider", "connector"} & body.keys():
            jobs = jobs.filter(connector_id__in=self._connectors(body))
        if "count" in body:
            oldest = jobs.order_by("position").values_list("pk", flat=True)[: body["count"]]
            jobs = Job.objects.filter(tenant=self.tenant, state=state, pk__in=[*oldest])
        return jobs

    def clean(self, node: Object) -> Json:
        """The body, checked. Raises `ConfigurationError`."""
        problems: builtins.list[str] = []
        body: Json = node.clean(self.body(), "", problems)
        if problems:
            raise ConfigurationError(*problems)
        return body

    def _connectors(self, body: Json) -> builtins.list[uuid.UUID]:
        rows = OutboundConnector.objects.filter(provider__tenant=self.tenant)
        if "identity_provider" in body:
            rows = rows.filter(provider__name=body["identity_provider"])
        if "connector" in body:
            rows = rows.filter(type=body["connector"])
        found = [*rows.values_list("pk", flat=True)]
        if not found:
            raise wrong(("connector", "there is no such connector"))
        return found


@reads("Job", "a job", "jobs")
class Jobs(_Jobs):
    filterset_class = filters.Jobs

    @acts("Job", "Try a failed job again, planned anew")
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, id: str, **kwargs: Any) -> Response:
        refusal = "It has not failed, or something newer of that entity is done or on its way."
        return self.one(id, operations.retry, refusal)

    @acts("Counted", "Try failed jobs again", request="Choice", name="jobs_retry_many")
    @action(detail=False, methods=["post"], url_path="retry")
    def retry_many(self, request: Request, **kwargs: Any) -> Response:
        jobs = self.chosen(State.FAILED, self.clean(CHOICE))
        return Response({"retried": operations.retry(jobs, actor=self.caller.actor)})

    @acts("Job", "Cancel a failed job that nobody wants any more", request="Reason", one=True)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, id: str, **kwargs: Any) -> Response:
        reason = self.clean(REASON).get("reason", "")
        return self.one(id, partial(operations.skip, reason=reason), "It has not failed.")

    @acts("Counted", "Cancel failed jobs", request="Skipping", name="jobs_skip_many")
    @action(detail=False, methods=["post"], url_path="skip")
    def skip_many(self, request: Request, **kwargs: Any) -> Response:
        body = self.clean(SKIPPING)
        jobs, reason = self.chosen(State.FAILED, body), body.get("reason", "")
        done = operations.skip(jobs, actor=self.caller.actor, reason=reason)
        return Response({"skipped": done})


@reads("Job", "a held job", "held jobs")
class Held(_Jobs):
    filterset_class = filters.HeldJobs
    HOLDS_NOT = "It is not held, or only until a dry run is over."

    def rows(self) -> QuerySet[Job]:
        rows = super().rows()
        return operations.decidable(rows) if self.action in ("list", "retrieve") else rows

    @acts("Job", "Let a held job go on")
    @action(detail=True, methods=["post"])
    def release(self, request: Request, id: str, **kwargs: Any) -> Response:
        return self.one(id, operations.release, self.HOLDS_NOT)

    @acts("Job", "Cancel a held job; the account of a rejected delete is left on purpose")
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, id: str, **kwargs: Any) -> Response:
        return self.one(id, operations.reject, self.HOLDS_NOT)

    @acts("Counted", "Let held jobs go on", request="Choice", name="held_release_many")
    @action(detail=False, methods=["post"], url_path="release")
    def release_many(self, request: Request, **kwargs: Any) -> Response:
        jobs = self.chosen(State.HELD, self.clean(CHOICE))
        return Response({"released": operations.release(jobs, actor=self.caller.actor)})

    @acts("Counted", "Cancel held jobs", request="Choice", name="held_reject_many")
    @action(detail=False, methods=["post"], url_path="reject")
    def reject_many(self, request: Request, **kwargs: Any) -> Response:
        jobs = self.chosen(State.HELD, self.clean(CHOICE))
        return Response({"rejected": operations.reject(jobs, actor=self.caller.actor)})


def _job(job: Job) -> Json:
    return {
        "id": job.pk,
        "state": job.state,
        "operation": job.operation,
        "entity": job.entity_name,
        "entity_id": job.entity_id,
        "entity_type": job.entity_type,
        "identity_provider": job.connector.provider.name,
        "connector": job.connector.type,
        "remote_name": job.remote_name,
        "reason": job.reason,
        "reason_code": job.reason_code,
        "signature": job.signature,
        "attempts": job.attempts,
        "door": job.door,
        "change": job.change_id,
        "created": job.created.isoformat(),
        "updated": job.updated.isoformat(),
        "not_before": job.not_before.isoformat(),
        "finished": job.finished.isoformat() if job.finished else None,
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "number": attempt.number,
        "outcome": attempt.outcome,
        "status": attempt.status,
        "reason": attempt.reason,
        "started": attempt.started.isoformat(),
        "duration_ms": attempt.duration_ms,
        "exchanges": attempt.exchanges,
    }


def _ids(texts: Sequence[str]) -> builtins.list[uuid.UUID]:
    if len(texts) > 1_000:
        raise wrong(("jobs", "at most 1000 at a time"))
    found = [as_uuid(text) for text in texts]
    if None in found:
        raise wrong(("jobs", "must be ids of jobs"))
    return [pk for pk in found if pk]
