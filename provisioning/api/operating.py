"""Operation: jobs, held ones, what is at the targets, and the audit trail."""

from __future__ import annotations

import builtins
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import OutboundConnector
from provisioning import operations, owed
from provisioning.api import filters
from provisioning.api.described import acts, reads
from provisioning.api.problems import Problem, wrong
from provisioning.api.views import ApiView
from provisioning.configuration import ConfigurationError
from provisioning.configuration.nodes import Flag, ListOf, Number, Object, Text
from provisioning.models import Attempt, AuditEvent, Job, ProvisionedEntity, State
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
"""Which jobs a bulk operation means: ids, or a connector, or an error's code, or all."""


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

    def chosen(self, state: State) -> QuerySet[Job]:
        """The jobs in that state that the body means. Raises `Problem`."""
        problems: builtins.list[str] = []
        body = CHOICE.clean(self.body(), "", problems)
        if problems:
            raise ConfigurationError(*problems)
        if not body.keys() - {"count"} or (
            body.get("all") and len(body.keys() - {"count"}) > 1
        ):
            raise wrong(
                ("", "say which: jobs, identity_provider, connector, signature, or all")
            )
        if body.get("all") is False:
            raise wrong(("all", "must be true, or left out"))
        jobs = Job.objects.filter(tenant=self.tenant, state=state)
        if "jobs" in body:
            jobs = jobs.filter(pk__in=_ids(body["jobs"]))
        if "signature" in body:
            jobs = jobs.filter(reason_code=body["signature"])
        if {"identity_provider", "connector"} & body.keys():
            jobs = jobs.filter(connector_id__in=self._connectors(body))
        if "count" in body:
            oldest = jobs.order_by("position").values_list("pk", flat=True)[: body["count"]]
            jobs = Job.objects.filter(tenant=self.tenant, state=state, pk__in=[*oldest])
        return jobs

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
        jobs = self.chosen(State.FAILED)
        return Response({"retried": operations.retry(jobs, actor=self.caller.actor)})


@reads("Job", "a held job", "held jobs")
class Held(_Jobs):
    filterset_class = filters.HeldJobs
    HOLDS_NOT = "It is not held."

    def rows(self) -> QuerySet[Job]:
        rows = super().rows()
        return rows.filter(state=State.HELD) if self.action in ("list", "retrieve") else rows

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
        jobs = self.chosen(State.HELD)
        return Response({"released": operations.release(jobs, actor=self.caller.actor)})

    @acts("Counted", "Cancel held jobs", request="Choice", name="held_reject_many")
    @action(detail=False, methods=["post"], url_path="reject")
    def reject_many(self, request: Request, **kwargs: Any) -> Response:
        jobs = self.chosen(State.HELD)
        return Response({"rejected": operations.reject(jobs, actor=self.caller.actor)})


@reads("ProvisionedEntity", "a provisioned entity", "provisioned entities")
class ProvisionedEntities(ApiView):
    model = ProvisionedEntity
    ordering = "-id"
    queryset = ProvisionedEntity.objects.none()
    filterset_class = filters.Entities

    def rows(self) -> QuerySet[ProvisionedEntity]:
        rows = ProvisionedEntity.objects.filter(tenant=self.tenant)
        return rows.prefetch_related("connector__provider").defer("sealed_accepted")

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.found(self.rows(), id)))

    @acts("ProvisionedEntity", "Send a removal that is owed; 204 when the account is gone")
    @action(detail=True, methods=["post"], url_path="send-owed")
    def send_owed(self, request: Request, id: str, **kwargs: Any) -> Response:
        link = self.found(self.rows(), id)
        if not owed.send(self.rows().filter(pk=link.pk), actor=self.caller.actor):
            raise Problem(409, "Nothing is owed, or the connector is disabled.")
        return Response(self.told_one(self.found(self.rows(), id)))

    def told(self, rows: Sequence[ProvisionedEntity]) -> builtins.list[Json]:
        return [
            {
                "id": link.pk,
                "state": link.state,
                "entity": link.entity_name,
                "entity_id": link.entity_id,
                "entity_type": link.entity_type,
                "identity_provider": link.connector.provider.name,
                "connector": link.connector.type,
                "remote_name": link.remote_name,
                "remote_id": link.remote_id,
                "external_id": link.external_id,
                "active": link.active,
                "adopted": link.adopted,
                "owed": link.owed,
                "accepted_version": link.accepted_version,
                "created": link.created.isoformat(),
                "updated": link.updated.isoformat(),
            }
            for link in rows
        ]


@reads("AuditEvent", "an event of the audit trail", "the audit trail")
class Audit(ApiView):
    model = AuditEvent
    ordering = "-id"
    queryset = AuditEvent.objects.none()
    filterset_class = filters.Events

    def rows(self) -> QuerySet[AuditEvent]:
        return AuditEvent.objects.filter(tenant=self.tenant)

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.found(self.rows(), id)))

    def told(self, rows: Sequence[AuditEvent]) -> builtins.list[Json]:
        return [
            {
                "id": event.pk,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "door": event.door,
                "service_provider": event.service_provider,
                "action": event.action,
                "subject_type": event.subject_type,
                "subject": event.subject_id,
                "subject_name": event.subject_name,
                "change": event.change_id,
                "detail": event.detail,
                "sequence": event.sequence,
            }
            for event in rows
        ]


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
