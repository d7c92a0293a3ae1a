"""Webhooks, with what was sent to them lately."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold import widgets
from unfold.decorators import display

from idp.console.base import Panel, TenantAdmin, TenantForm
from idp.console.buttons import Button
from idp.console.scope import operator_of
from provisioning import courier, webhooks
from provisioning.admin.reading import ReadingAdmin, word_filter
from provisioning.events import TYPES
from provisioning.models import Channel, Message, Passage, Webhook
from provisioning.templatetags.console import state_tag, when
from provisioning.webhooks.subscriptions import can_sign, problem_with

RECENT = 50


class WebhookForm(TenantForm):
    every = forms.BooleanField(
        label="All events",
        required=False,
        initial=True,
        widget=widgets.UnfoldBooleanSwitchWidget(),
    )
    some = forms.MultipleChoiceField(
        label="Or these only",
        choices=[(name, name) for name in TYPES],
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    secret = forms.CharField(
        required=False,
        widget=widgets.UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Empty: a new webhook gets a random one, shown once; an old one keeps its "
        "own. The one before goes on signing for a day.",
    )

    class Meta:
        model = Webhook
        fields = ("name", "description", "url", "batched", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            every = self.instance.events == "all"
            self.initial["every"] = every
            self.initial["some"] = [] if every else self.instance.events

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if wrong := problem_with(url):
            raise ValidationError(f"It {wrong}.")
        return url

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        try:
            if secret:
                webhooks.check(secret)
        except webhooks.InvalidKey as error:
            raise ValidationError(f"It {error}.") from error
        return secret

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        every, some = cleaned.get("every"), cleaned.get("some")
        if not every and not some:
            self.add_error("some", "Choose at least one, or all events.")
        self.instance.events = "all" if every else some
        return cleaned


def _health(row: Webhook) -> dict[str, Any]:
    return {"webhook": row, "can_sign": can_sign(row)}


@admin.register(Webhook)
class WebhookAdmin(TenantAdmin):
    form = WebhookForm
    list_display = ["name", "url", "shown_events", "shown_state", "shown_success"]
    search_fields = ["name", "url"]
    ordering = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "description", "url", "secret", "enabled"]}),
        ("What it is told", {"fields": ["every", "some", "batched"]}),
    ]
    conditional_fields = {"some": "every == false"}
    buttons = (
        Button(
            "test",
            "Send a test event",
            "send_test",
            "send",
            shown=lambda row: row.enabled,
        ),
        Button(
            "new-secret",
            "New secret",
            "new_secret",
            "key",
            confirm="A new secret is made and shown once. The present one goes on signing "
            "beside it for 24 hours.",
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Files find it by its name."""
        return ["name"] if obj else []

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        secret = form.cleaned_data.get("secret")
        if not change and not secret:
            secret = obj.shown_once = webhooks.new()  # type: ignore[attr-defined]  # this request's
        if secret:
            webhooks.set_secret(obj, secret)
        webhooks.save(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Messages go with their webhook, though nobody deletes one alone."""
        found, counts, _, protected = super().get_deleted_objects(objs, request)
        return found, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        webhooks.remove(obj)

    def response_add(self, request: HttpRequest, obj: Webhook, *args: Any) -> HttpResponse:
        if secret := getattr(obj, "shown_once", ""):
            return self._show_once(request, obj, secret)
        answer: HttpResponse = super().response_add(request, obj, *args)
        return answer

    def new_secret(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        secret = webhooks.new()
        webhooks.set_secret(obj, secret)
        webhooks.save(obj)
        self.admin_site.note(request, obj, "new_secret", [])
        return self._show_once(request, obj, secret)

    def _show_once(self, request: HttpRequest, obj: Webhook, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Secret of the webhook {obj}",
            "opts": self.opts,
            "secret": secret,
            "back": self.page_of(obj),
        }
        answer = TemplateResponse(request, "console/webhook_secret.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def send_test(self, request: HttpRequest, obj: Webhook) -> None:
        courier.test_webhook(obj, actor=operator_of(request).username)
        messages.success(request, "A test event is on its way: see below what becomes of it.")

    def get_panels(self, request: HttpRequest, obj: Webhook) -> list[Panel]:
        rows = list(Message.objects.filter(webhook=obj)[:RECENT])
        return [
            Panel("console/panels/webhook_health.html", _health(obj), above=True),
            Panel("console/panels/messages.html", rows),
        ]

    @display(description="Events")
    def shown_events(self, obj: Webhook) -> str:
        return "all" if obj.events == "all" else ", ".join(obj.events)

    @display(description="State")
    def shown_state(self, obj: Webhook) -> SafeString:
        if not obj.enabled:
            return state_tag("disabled")
        return state_tag("failed", "failing") if obj.failing_since else state_tag("active")

    @display(description="Last success")
    def shown_success(self, obj: Webhook) -> SafeString | str:
        return when(obj.last_success) if obj.last_success else "never"


PassageFilter = word_filter("state", "state", Passage.choices)
ChannelFilter = word_filter("channel", "by", Channel.choices)


@admin.register(Message)
class MessageAdmin(ReadingAdmin):
    detail_template = "console/message_sent.html"
    list_display = ["about", "shown_receiver", "shown_state", "attempts", "reason", "when"]
    list_filter = [PassageFilter, ChannelFilter]
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    buttons = (
        Button(
            "again",
            "Try again",
            "again",
            "replay",
            permission="work",
            shown=lambda row: row.state == Passage.FAILED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("webhook", "operator")
        return rows.defer("body", "exchange")

    def detail(self, obj: Message) -> dict[str, Any]:
        return {"message": obj}

    def again(self, request: HttpRequest, obj: Model) -> None:
        courier.ask_again(Message.objects.filter(pk=obj.pk))
        messages.success(request, "It is tried for another day.")

    @display(description="To")
    def shown_receiver(self, row: Message) -> str:
        return str(row.webhook or row.operator or "-")

    @display(description="State")
    def shown_state(self, row: Message) -> SafeString:
        return state_tag(row.state)

    @display(description="Since")
    def when(self, row: Message) -> SafeString:
        return when(row.created)
