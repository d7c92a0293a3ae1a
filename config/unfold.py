"""How the console looks, and what stands in its sidebar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise

HELD = "state=held&cause=guard"


def _is_super(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _tenant(request: HttpRequest) -> str:
    from idp.console.scope import current_tenant

    return current_tenant(request).domain if request.user.is_authenticated else ""


def _stylesheet(request: HttpRequest) -> str:
    return static("console/console.css")


def _icon(request: HttpRequest) -> str:
    return static("console/icon.svg")


def _tenant_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Super-operators work in one tenant at a time, and choose it here."""
    if not _is_super(request):
        return []
    switch = {
        "title": "Work in another tenant …",
        "icon": "apartment",
        "link": reverse_lazy("admin:switch_tenant"),
    }
    return [switch]


def _item(title: str, icon: str, name: str, query: str = "", **more: Any) -> dict[str, Any]:
    link = _link(name, query)
    return {"title": title, "icon": icon, "link": link, **more}


def _link(name: str, query: str) -> Callable[[HttpRequest], str] | Promise:
    if not query:
        return reverse_lazy(f"admin:{name}")
    return lambda request: f"{reverse_lazy(f'admin:{name}')}?{query}"


def _jobs(held: bool) -> Callable[[HttpRequest], bool]:
    def active(request: HttpRequest) -> bool:
        jobs = str(reverse_lazy("admin:provisioning_job_changelist"))
        letters = str(reverse_lazy("admin:dead_letters"))
        inside = request.path.startswith(jobs) and not request.path.startswith(letters)
        return inside and (request.GET.get("state") == "held") == held

    return active


def _inside(name: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.path.startswith(str(reverse_lazy(f"admin:{name}")))


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "items": list(items), "separator": bool(title)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Purveyor",
    "SITE_HEADER": "Purveyor",
    "SITE_SUBHEADER": _tenant,
    "SITE_DROPDOWN": _tenant_menu,
    "SITE_URL": None,
    "SITE_SYMBOL": "conveyor_belt",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [_stylesheet],
    "SIDEBAR": {
        "navigation": [
            _group(
                "",
                _item("Overview", "dashboard", "index"),
                _item(
                    "Notifications",
                    "notifications",
                    "provisioning_notification_changelist",
                    "state=open",
                    active=_inside("provisioning_notification_changelist"),
                ),
            ),
            _group(
                "People",
                _item("Users", "person", "idp_user_changelist"),
                _item("Groups", "group", "idp_group_changelist"),
                _item("User stores", "database", "idp_userstore_changelist"),
                _item("Local claims", "sell", "idp_localclaim_changelist"),
                _item("Associations", "link", "provisioning_association_changelist"),
                _item("Sign-ups", "how_to_reg", "provisioning_signup_changelist"),
            ),
            _group(
                "Connections",
                _item("Identity providers", "cloud_sync", "idp_identityprovider_changelist"),
                _item(
                    "Service providers",
                    "apps",
                    "serviceproviders_serviceprovider_changelist",
                ),
                _item("Policies", "gavel", "provisioning_policy_changelist"),
            ),
            _group(
                "Work",
                _item(
                    "Jobs",
                    "sync_alt",
                    "provisioning_job_changelist",
                    active=_jobs(held=False),
                ),
                _item("Dead letters", "mark_email_unread", "dead_letters"),
                _item("Conflicts", "person_search", "provisioning_conflict_changelist"),
                _item(
                    "Held by the guard",
                    "front_hand",
                    "provisioning_job_changelist",
                    HELD,
                    active=_jobs(held=True),
                ),
                _item(
                    "Provisioned entities",
                    "link",
                    "provisioning_provisionedentity_changelist",
                ),
                _item("Audit trail", "history", "provisioning_auditevent_changelist"),
            ),
            _group(
                "Administration",
                _item("Operators", "badge", "idp_operator_changelist"),
                _item("Webhooks", "webhook", "provisioning_webhook_changelist"),
                _item("Messages sent", "outgoing_mail", "provisioning_message_changelist"),
                _item("Tenants", "apartment", "idp_tenant_changelist", permission=_is_super),
            ),
        ],
    },
}
