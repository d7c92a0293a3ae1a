"""Words and links for the console's templates."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from idp import maintenance
from idp.console.scope import current_tenant
from idp.models import OutboundConnector
from provisioning import notifications, queries, sparklines
from provisioning.explain.words import question
from provisioning.hours import Day

register = template.Library()

COLOURS = {
    "active": "good",
    "done": "good",
    "linked": "good",
    "running": "info",
    "pending": "info",
    "sent": "good",
    "queued": "info",
    "held": "warn",
    "paused": "warn",
    "maintenance": "warn",
    "dry_run": "warn",
    "former": "warn",
    "left": "warn",
    "failed": "bad",
    "quarantined": "bad",
    "disabled": "bad",
    "retired": "bad",
}


UNITS = {"s": (1, 1), "min": (60, 0), "h": (3_600, 0)}
"""Seconds in each, and the places after the point that are told."""


VERDICTS = {"create": "done", "update": "done", "delete": "failed", "withdraw": "failed"}
"""The state whose colour a verdict has."""


@register.filter
def state_tag(state: object, words: str = "") -> SafeString:
    """A state as a coloured tag."""
    colour = COLOURS.get(str(state), "none")
    shown = words or str(state).replace("_", " ")
    return format_html('<span class="pv-tag pv-tag-{}">{}</span>', colour, shown)


SEVERITIES = {"info": "queued", "warning": "held", "critical": "failed"}
"""The state whose colour a severity has."""


@register.filter
def severity_tag(severity: object) -> SafeString:
    return state_tag(SEVERITIES.get(str(severity), "none"), str(severity))


@register.inclusion_tag("console/bell.html", takes_context=True)
def bell(context: dict[str, Any]) -> dict[str, str]:
    """How many notifications the operator has not read, as far as anybody counts."""
    request = context["request"]
    rows = notifications.unread_by(request.user, current_tenant(request))
    unread = len(rows.values_list("pk", flat=True)[:100])
    return {"unread": "99+" if unread > 99 else str(unread or "")}


@register.filter
def connector_state(connector: OutboundConnector) -> SafeString:
    if connector.retired_at:
        return state_tag("retired")
    state = state_tag(queries.state_of(connector))
    closed = maintenance.in_words(connector, timezone.now())
    return format_html("{} {}", state, state_tag("maintenance", closed)) if closed else state


@register.filter
def connector_label(connector: OutboundConnector) -> str:
    """What the connector class calls itself; its key when the class is not installed."""
    try:
        return connector.connector_class.label
    except (LookupError, ImportError):
        return f"{connector.type} (not installed)"


@register.filter
def verdict_tag(verdict: str) -> SafeString:
    """A verdict as a coloured tag."""
    shown = {"skip": "nothing sent"}.get(verdict, verdict)
    return state_tag(VERDICTS.get(verdict, "none"), shown)


@register.filter
def gate_question(gate: str) -> str:
    return question(gate)


@register.filter
def groups_words(groups: object) -> str:
    return ", ".join(groups) if isinstance(groups, list) else str(groups)


@register.filter
def ago(moment: object) -> str:
    """`3 minutes`, to its largest unit; empty for what is no moment."""
    if not isinstance(moment, datetime):
        return ""
    if (timezone.now() - moment).total_seconds() < 60:
        return "less than a minute"
    return timesince(moment, depth=1)


@register.filter
def took(seconds: float | None) -> str:
    """A duration in its largest unit: `350 ms`, `2.4 s`, `3 min`, `5 h`, `2 days`."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    for unit, (size, places) in UNITS.items():
        if seconds < size * (48 if unit == "h" else 60):
            return f"{seconds / size:.{places}f} {unit}"
    return f"{seconds / 86_400:.0f} days"


@register.filter
def milliseconds(duration: int) -> str:
    return took(duration / 1000)


@register.filter
def shown_value(value: Any) -> str:
    """An attribute's value in a table: texts as they are, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.simple_tag
def sparkline(day: Day) -> SafeString:
    return sparklines.sparkline(day)


@register.filter
def when(moment: datetime) -> SafeString:
    """`3 minutes ago`, with the moment itself as a tooltip."""
    exact = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")
    return format_html(
        '<time class="pv-when" datetime="{}" title="{}">{} ago</time>',
        moment.isoformat(),
        exact,
        ago(moment),
    )


@register.filter
def pretty(value: Any) -> str:
    """JSON, indented; a text that is not JSON stays as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.simple_tag
def why_url(entity: Any, kind: str = "", sender: object = "", connector: object = "") -> str:
    """The page that says why an entity is, or is not, where it is."""
    asked = {
        "kind": kind or entity._meta.model_name,
        "name": entity.full_name,
        "service_provider": str(sender or ""),
        "connector": str(connector or ""),
    }
    chosen = {name: value for name, value in asked.items() if value}
    return f"{reverse('admin:why')}?{urlencode(chosen)}"


@register.simple_tag
def jobs_url(**filters: Any) -> str:
    """The job list, filtered; empty filters are left out."""
    chosen = {name: value for name, value in filters.items() if value not in ("", None)}
    link = reverse("admin:provisioning_job_changelist")
    return f"{link}?{urlencode(chosen)}" if chosen else link
