"""`/api/v1/`, at the root (tenant `carbon.super`) and under `/t/<tenant-domain>/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, include, path, re_path

from provisioning.api.by_hand import ByHand
from provisioning.api.configuring import (
    Connectors,
    IdentityProviders,
    Policies,
    ServiceProviders,
)
from provisioning.api.dead_letters import DeadLetters
from provisioning.api.document import Docs, Schema
from provisioning.api.explaining import Explain
from provisioning.api.groups import Groups
from provisioning.api.jit_events import JitEvents
from provisioning.api.jobs import Held, Jobs
from provisioning.api.operating import Audit, ProvisionedEntities
from provisioning.api.redeeming import Redeem
from provisioning.api.signing_up import SignUps
from provisioning.api.telling import Notifications, Recipients, Webhooks
from provisioning.api.users import Users
from provisioning.api.views import ApiView, Nothing

LIST = {"get": "list"}
READ = {"get": "retrieve"}
LISTS = {"get": "list", "post": "create"}
ROWS = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}
KEPT = {method: act for method, act in ROWS.items() if method != "delete"}
Routes = tuple[tuple[str, type[ApiView], Mapping[str, str]], ...]

ROUTES: Routes = (
    ("identity-providers", IdentityProviders, LISTS),
    ("identity-providers/<path:id>", IdentityProviders, ROWS),
    ("service-providers", ServiceProviders, LISTS),
    ("service-providers/<path:id>", ServiceProviders, ROWS),
    ("connectors", Connectors, LISTS),
    ("connectors/<str:id>", Connectors, ROWS),
    ("policies", Policies, LISTS),
    ("policies/<path:id>", Policies, KEPT),
    ("webhooks", Webhooks, LISTS),
    ("webhooks/<path:id>/test", Webhooks, {"post": "test"}),
    ("webhooks/<path:id>/messages", Webhooks, {"get": "messages"}),
    ("webhooks/<path:id>", Webhooks, ROWS),
    ("notifications", Notifications, LIST),
    ("notifications/recipients", Recipients, LISTS),
    ("notifications/recipients/<path:id>", Recipients, KEPT),
    ("notifications/<str:id>", Notifications, READ),
    ("users", Users, LISTS),
    ("users/<path:id>", Users, ROWS),
    ("groups", Groups, LISTS),
    ("groups/<path:id>/members", Groups, {"get": "members"}),
    ("groups/<path:id>", Groups, ROWS),
    ("jobs", Jobs, LIST),
    ("jobs/retry", Jobs, {"post": "retry_many"}),
    ("jobs/skip", Jobs, {"post": "skip_many"}),
    ("jobs/<str:id>", Jobs, READ),
    ("jobs/<str:id>/retry", Jobs, {"post": "retry"}),
    ("jobs/<str:id>/skip", Jobs, {"post": "skip"}),
    ("jobs/<str:id>/edit", ByHand, {"get": "draft", "post": "edit"}),
    ("jobs/<str:id>/link", ByHand, {"get": "accounts", "post": "link"}),
    ("dead-letters", DeadLetters, {"get": "groups"}),
    ("dead-letters/retry", DeadLetters, {"post": "retry"}),
    ("dead-letters/skip", DeadLetters, {"post": "skip"}),
    ("dead-letters/replays/<str:id>", DeadLetters, {"get": "replay"}),
    ("held", Held, LIST),
    ("held/release", Held, {"post": "release_many"}),
    ("held/reject", Held, {"post": "reject_many"}),
    ("held/<str:id>", Held, READ),
    ("held/<str:id>/release", Held, {"post": "release"}),
    ("held/<str:id>/reject", Held, {"post": "reject"}),
    ("provisioned-entities", ProvisionedEntities, LIST),
    ("provisioned-entities/<str:id>", ProvisionedEntities, READ),
    ("provisioned-entities/<str:id>/unlink", ProvisionedEntities, {"post": "unlink"}),
    ("provisioned-entities/<str:id>/send-owed", ProvisionedEntities, {"post": "send_owed"}),
    ("audit", Audit, LIST),
    ("audit/<str:id>", Audit, READ),
    ("self-signup", SignUps, {"post": "ask"}),
    ("self-signup/confirm", SignUps, {"post": "confirm"}),
    ("events/jit", JitEvents, {"post": "tell"}),
    ("login/redeem", Redeem, {"post": "redeem"}),
    ("explain", Explain, {"get": "ask"}),
    ("schema", Schema, {"get": "read"}),
    ("docs", Docs, {"get": "read"}),
)
"""Address, resource, and what its methods do; a resource is added here."""


def _patterns() -> list[URLPattern]:
    found: list[URLPattern] = []
    for route, view, actions in ROUTES:
        made: Any = view.as_view(dict(actions))
        found += [path(f"{route}/", made), path(route, made)]
    nothing: Any = Nothing.as_view({"get": "nothing"})
    return [*found, re_path(r"^(?P<rest>[\s\S]*)$", nothing)]


api = _patterns()

urlpatterns = [
    path("api/v1/", include(api)),
    path("t/<str:domain>/api/v1/", include(api)),
]
