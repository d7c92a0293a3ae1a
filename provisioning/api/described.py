"""How the resources describe themselves in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from provisioning.api.problems import MEDIA_TYPE

V = TypeVar("V")
Decorator = Callable[[V], V]

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="id, or name")
OUTCOME = OpenApiParameter(
    "Provisioning-Outcome",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 204],
    description="`idp/connector=queued|done|failed|skipped|held;job=id`, comma-separated",
)
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])

REFUSALS: Mapping[int, str] = {
    400: "A field or parameter is wrong",
    401: "No credentials, or wrong ones",
    403: "The role or scope does not allow it",
    404: "There is no such thing in the tenant",
    406: "Only JSON is told",
    409: "It cannot be done as things are",
    413: "The body is too large",
    415: "The body is not JSON",
    429: "Too many requests",
    502: "A blocking target failed, and the change was undone",
    503: "Busy; try again after Retry-After",
}
ALWAYS = (400, 401, 403, 404, 406, 429, 503)
WRITES = (409, 413, 415)


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _told(name: str | None, why: str = "") -> OpenApiResponse:
    shape: Any = ref(name) if name else None
    return OpenApiResponse(response=shape, description=why)


def answers(good: Mapping[int, str | None], *more: int) -> dict[Any, OpenApiResponse]:
    """Responses by status: what a good one holds, and the problems there can be."""
    told: dict[Any, OpenApiResponse] = {code: _told(name) for code, name in good.items()}
    for code in (*ALWAYS, *more):
        told[code, MEDIA_TYPE] = _told("Problem", REFUSALS[code])
    return told


def _body(name: str) -> dict[str, Any]:
    return {"application/json": ref(name)}


def reads(shape: str, one: str, many: str) -> Decorator[Any]:
    """A resource that is listed and read; in words, one of it and many."""
    return extend_schema_view(
        list=extend_schema(summary=f"List {many}", responses=answers({200: shape})),
        retrieve=extend_schema(
            summary=f"Read {one}",
            parameters=[ID],
            responses=answers({200: shape}),
        ),
    )


def resource(
    shape: str, one: str, many: str, *, retires: bool = True, withdraws: bool = True
) -> Decorator[Any]:
    """A resource that is configured, or people."""
    people = shape in ("User", "Group")
    headers = [OUTCOME] if people else []
    more = (*WRITES, 502) if people else WRITES
    withdraw = OpenApiParameter(
        "withdraw", bool, description="remove what is at the targets as well"
    )
    gone = [withdraw] if withdraws and not people else []

    def writing(summary: str, body: str, good: dict[int, str | None], *given: Any) -> Any:
        return extend_schema(
            summary=summary,
            request=_body(body),
            parameters=[*given, *headers],
            responses=answers(good, *more),
        )

    def decorate(view: Any) -> Any:
        view = reads(shape, one, many)(view)
        view = writes(view)
        return removes(view) if retires else view

    def writes(view: Any) -> Any:
        return extend_schema_view(
            create=writing(f"Add {one}", f"New{shape}", {201: shape}, LOCATION),
            update=writing(
                f"Create {one}, or bring it to this; what is absent keeps its value",
                f"Changed{shape}",
                {200: shape, 201: shape},
                ID,
                LOCATION,
            ),
            partial_update=writing(f"Change {one}", f"Changed{shape}", {200: shape}, ID),
        )(view)

    def removes(view: Any) -> Any:
        return extend_schema_view(
            destroy=extend_schema(
                summary=f"Retire {one}" if gone else f"Delete {one}",
                parameters=[ID, *gone, *headers],
                responses=answers({204: None}, *more),
            ),
        )(view)

    return decorate


def acts(
    shape: str, summary: str, *, request: str = "", name: str = "", one: bool = False
) -> Decorator[Any]:
    """Something that is done to one, or (with a request body, unless to `one`) to many."""
    return extend_schema(
        summary=summary,
        operation_id=name or None,
        request=_body(request) if request else None,
        parameters=[] if request and not one else [ID],
        responses=answers({200: shape}, *WRITES),
        filters=False,
    )


members_action: Decorator[Any] = extend_schema(
    summary="The members of a group",
    operation_id="groups_members_list",
    parameters=[
        ID,
        OpenApiParameter("limit", int),
        OpenApiParameter("cursor", str),
    ],
    responses=answers({200: "MemberPage"}),
    filters=False,
)

tells_messages: Decorator[Any] = extend_schema(
    summary="The last messages to a webhook, with the last attempt at each, redacted",
    operation_id="webhooks_messages_list",
    parameters=[ID],
    responses=answers({200: "MessageList"}),
    filters=False,
)

explains: Decorator[Any] = extend_schema(
    summary="Why somebody is, or is not, at each target",
    operation_id="explain",
    parameters=[
        OpenApiParameter("user", str, description="full name or id of a user"),
        OpenApiParameter("group", str, description="… or of a group"),
        OpenApiParameter("service_provider", str, description="who sends; resident"),
        OpenApiParameter("identity_provider", str, description="its connectors only"),
        OpenApiParameter("connector", str, description="connectors of this type only"),
        OpenApiParameter("at", str, description="a day or moment: what was decided until then"),
    ],
    responses=answers({200: "Explanation"}),
)

at_connectors: Sequence[OpenApiParameter] = (
    OpenApiParameter("identity_provider", str, description="its name"),
    OpenApiParameter("connector", str, description="its type, or its id"),
)


def groups_of(shape: str, summary: str) -> Decorator[Any]:
    """A list of groups: whole, without pages."""
    more = OpenApiParameter("signature", str, description="those of this one only")
    return extend_schema(
        summary=summary,
        operation_id="dead_letters_list",
        parameters=[*at_connectors, more],
        responses=answers({200: shape}),
    )
