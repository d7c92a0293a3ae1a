"""One job by hand: sent with other values, or linked to the account that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from provisioning import editing, edits, hand_links
from provisioning.api.described import ID, acts, answers
from provisioning.api.jobs import Jobs
from provisioning.api.operating import told_link
from provisioning.api.problems import Problem, wrong
from provisioning.api.shapes import ANY_OBJECT, FLAG, TEXT, Shape, fixed
from provisioning.configuration.nodes import Object, Text
from provisioning.editing import CannotEdit
from provisioning.hand_links import CannotLink
from provisioning.models import Job

Json = dict[str, Any]
NAMED = Object({"remote_id": Text(blank=False)}, frozenset({"remote_id"}))
ACCOUNT = fixed(
    remote_id=TEXT,
    remote_name=TEXT,
    external_id=TEXT,
    email=TEXT,
    active=FLAG,
    objection=TEXT,
    remark=TEXT,
)
SHAPES: Mapping[str, Shape] = {
    "AccountNamed": fixed(remote_id=TEXT),
    "Draft": fixed(values=ANY_OBJECT),
    "Accounts": fixed(results={"type": "array", "items": ACCOUNT}),
}


class ByHand(Jobs):
    """What the console's pages of one job do."""

    parameters = {"accounts": frozenset({"wanted"})}

    def rows(self) -> QuerySet[Job]:
        return Job.objects.filter(tenant=self.tenant).select_related(
            "connector__provider", "tenant"
        )

    @extend_schema(
        operation_id="jobs_edit_read",
        summary="What would be sent of a user whose job failed, by attribute",
        parameters=[ID],
        responses=answers({200: "Draft"}, 409),
        filters=False,
    )
    def draft(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response({"values": self.drafted(id).values})

    @acts("Job", "Try a failed job again with other values, once", request="Draft", one=True)
    def edit(self, request: Request, id: str, **kwargs: Any) -> Response:
        draft = self.drafted(id)
        values = self.body().get("values")
        if not isinstance(values, dict) or not values or len(self.body()) > 1:
            raise wrong(("values", "must be an object of attributes, and nothing else"))
        try:
            changed = edits.of_values(draft.payload, values, draft.dialect)
            job = self.found(self.rows(), id)
            editing.edit_and_retry(job, changed, actor=self.caller.actor, door="rest")
        except ValueError as error:
            path, _, why = str(error).partition(": ")
            raise wrong((f"values.{path}", why)) from error
        except CannotEdit as error:
            raise Problem(409, str(error)) from error
        return Response(self.told_one(self.found(self.rows(), id)))

    def drafted(self, id: str) -> editing.Draft:
        """For whom sending other values than the mapping gives is allowed: administrators."""
        operator = self.caller.operator
        if operator is not None and not operator.has_perm("provisioning.edit_delivery"):
            raise Problem(403, "Your role does not allow to send other values.")
        try:
            return editing.draft(self.found(self.rows(), id))
        except CannotEdit as error:
            raise Problem(409, str(error)) from error

    @extend_schema(
        operation_id="jobs_link_read",
        summary="The accounts at the target of a name or an id, for a job that waits for one",
        parameters=[ID, OpenApiParameter("wanted", str)],
        responses=answers({200: "Accounts"}, 409),
        filters=False,
    )
    def accounts(self, request: Request, id: str, **kwargs: Any) -> Response:
        job = self.waiting(id)
        wanted = request.query_params.get("wanted", "") or job.found_name or job.remote_name
        try:
            found = hand_links.look_up(job, wanted[:512])
        except CannotLink as error:
            raise Problem(409, str(error)) from error
        return Response({"results": [_account(one) for one in found]})

    @acts(
        "ProvisionedEntity",
        "Say which account is meant, and let the job go on",
        request="AccountNamed",
        one=True,
    )
    def link(self, request: Request, id: str, **kwargs: Any) -> Response:
        job, named = self.waiting(id), self.clean(NAMED)["remote_id"]
        try:
            link = hand_links.link(job, named, actor=self.caller.actor, door="rest")
        except CannotLink as error:
            raise Problem(409, str(error)) from error
        return Response(told_link(link))

    def waiting(self, id: str) -> Job:
        job: Job = self.found(self.rows(), id)
        if not hand_links.may_link(job):
            raise Problem(409, "It does not wait for an account to be named.")
        return job


def _account(account: hand_links.Account) -> Json:
    return {
        "remote_id": account.found.remote_id,
        "remote_name": account.found.remote_name,
        "external_id": account.found.external_id,
        "email": account.email,
        "active": account.found.active,
        "objection": account.objection,
        "remark": account.remark,
    }
