"""Lists: `GET /Users?filter=…`, `POST /.search`, and the root over both types (§3.4.2, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from provisioning.inbound.scim2 import cursors, filters, places, positions
from provisioning.inbound.scim2.cursors import Position
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.errors import ScimError, invalid_value
from provisioning.inbound.scim2.filters import Term
from provisioning.inbound.scim2.matching import Page, Selection
from provisioning.inbound.scim2.messages import Answer, Call
from provisioning.inbound.scim2.passing_lists import PassingSelection
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.searching import Search
from provisioning.inbound.scim2.values import Json

LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def answer_list(endpoint: Endpoint[Any], call: Call, search: Search) -> Answer:
    """One page of a resource type."""
    term = _term(endpoint, search)
    selection = _selection(endpoint, call, term)
    order = _order(endpoint, search)
    if search.cursor is not None:
        return _by_cursor(selection, call, search, order)
    if order is None:
        page = _by_index(selection, call, search)
    else:
        page = _window(selection, search, order, search.offset)
    resources = endpoint.render(page.entities, call.site, search.projection, call.reader)
    return Answer(200, _body(resources, page.total, start=search.start_index))


def answer_root(endpoints: Sequence[Endpoint[Any]], call: Call, search: Search) -> Answer:
    """Users, then groups. An attribute only one type has is false for the other."""
    if search.cursor is not None:
        raise ScimError(400, "cursor: only on /Users or /Groups.", "invalidCursor")
    if search.sort_by:
        raise invalid_value("sortBy", "only on /Users or /Groups.")
    total = 0
    resources: list[Json] = []
    for endpoint in endpoints:
        term = _term(endpoint, search, lenient=True)
        selection = _selection(endpoint, call, term)
        wanted = search.count - len(resources)
        page = selection.window(max(0, search.offset - total), max(0, wanted))
        resources += endpoint.render(page.entities, call.site, search.projection, call.reader)
        total += page.total
    return Answer(200, _body(resources, total, start=search.start_index))


def _selection(
    endpoint: Endpoint[Any], call: Call, term: Term | None
) -> Selection | PassingSelection:
    if call.caller.service_provider.dumb_mode:
        return PassingSelection(endpoint, call, term)
    return Selection(endpoint, call.caller.tenant, term, call.site)


def _by_index(selection: Selection | PassingSelection, call: Call, search: Search) -> Page:
    """The page at that index; where the caller was given the one before it, what follows.

    The total is then what the caller has been given and what is left.
    """
    question = _question(selection, call, search, call.caller.actor)
    before = positions.told.find(question, search.offset)
    if before is None:
        page = selection.window(search.offset, search.count)
    else:
        page = selection.after(before, search.count)
        given = search.offset + len(page.entities)
        page.total = max(selection.total(), given + 1) if page.more else given
    if page.entities:
        offset = search.offset + len(page.entities)
        positions.told.note(question, offset, str(page.entities[-1].pk))
    return page


def _question(
    selection: Selection | PassingSelection, call: Call, search: Search, *more: str
) -> str:
    return cursors.question_of(
        str(call.caller.tenant.pk), selection.endpoint.name, search.filter, *more
    )


def _by_cursor(
    selection: Selection | PassingSelection, call: Call, search: Search, order: Place | None
) -> Answer:
    sorting = f"{search.sort_by} {search.descending}"
    question = _question(selection, call, search, sorting)
    position = cursors.unseal(search.cursor or "", question)
    if order is None:
        page = selection.after(position.after, search.count)
        page.total = selection.total() if position.total < 0 else position.total
    else:
        page = _window(selection, search, order, position.offset)
        page.more = position.offset + len(page.entities) < page.total
    resources = selection.endpoint.render(
        page.entities, call.site, search.projection, call.reader
    )
    body = _body(resources, page.total)
    if page.more and page.entities:
        following = Position(
            after=str(page.entities[-1].pk),
            offset=position.offset + len(page.entities),
            total=page.total,
        )
        body["nextCursor"] = cursors.seal(following, question)
    return Answer(200, body)


def _window(
    selection: Selection | PassingSelection, search: Search, order: Place | None, offset: int
) -> Page:
    if order is None:
        return selection.window(offset, search.count)
    return selection.sorted_window(order, search.descending, offset, search.count)


def _term(endpoint: Endpoint[Any], search: Search, *, lenient: bool = False) -> Term | None:
    if not search.filter:
        return None
    return filters.parse(endpoint.schema, search.filter, lenient)


def _order(endpoint: Endpoint[Any], search: Search) -> Place | None:
    """The attribute to sort by; ids need no sorting."""
    if not search.sort_by:
        return None
    place = places.of_text(endpoint.schema, search.sort_by)
    if not isinstance(place, Place) or place.target.returned == "never":
        raise invalid_value("sortBy", f"there is no attribute {search.sort_by[:80]!r}.")
    return place


def _body(resources: list[Json], total: int, start: int | None = None) -> Json:
    body: Json = {"schemas": [LIST_SCHEMA], "totalResults": total}
    if start is not None:
        body["startIndex"] = start
    body["itemsPerPage"] = len(resources)
    body["Resources"] = resources
    return body
