"""The forms for policies: the document itself, and templates that write it."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold import widgets

from idp.console.base import TenantForm
from idp.forms import NamesField
from idp.models import IdentityProvider, Tenant
from provisioning import policies
from provisioning.models import Policy
from provisioning.policies.templates import TEMPLATES, Wanted, write
from serviceproviders.models import ServiceProvider


class PolicyForm(TenantForm):
    document = forms.CharField(
        label="XACML 3.0 document",
        strip=False,
        widget=widgets.UnfoldAdminTextareaWidget(
            attrs={"rows": 24, "spellcheck": "false", "class": "pv-code"}
        ),
        help_text="A Policy or a PolicySet. Saving checks it and keeps a draft; publishing "
        "lets it decide.",
    )

    class Meta:
        model = Policy
        fields = ("name", "description", "order")
        widgets = {"description": widgets.UnfoldAdminTextareaWidget(attrs={"rows": 2})}
        help_texts = {"order": "Where the order of policies matters, lower ones come first."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = None if self.instance._state.adding else self.instance.versions.first()
        if newest is not None:
            self.initial["document"] = newest.document

    def clean_document(self) -> str:
        document: str = self.cleaned_data["document"]
        row = None if self.instance._state.adding else self.instance
        try:
            policies.check(self.tenant, row, document)
        except policies.InvalidPolicy as error:
            raise forms.ValidationError(str(error)) from error
        return document


class TemplateForm(forms.Form):
    """What WSO2's templates ask for. Every part that is filled in is a condition."""

    template = forms.ChoiceField(
        choices=list(TEMPLATES.items()), widget=widgets.UnfoldAdminSelectWidget
    )
    name = forms.SlugField(
        label="Policy name",
        max_length=190,
        widget=widgets.UnfoldAdminTextInputWidget,
        help_text="Letters, digits, hyphens and underscores.",
    )
    service_provider = forms.ModelChoiceField(
        ServiceProvider.objects.none(),
        required=False,
        empty_label="Any",
        widget=widgets.UnfoldAdminSelectWidget,
    )
    identity_provider = forms.ModelChoiceField(
        IdentityProvider.objects.none(), widget=widgets.UnfoldAdminSelectWidget
    )
    roles = NamesField(
        required=False, help_text="One per line: Internal/sales, STAFF/managers."
    )
    claims = forms.CharField(
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One per line: http://wso2.org/claims/country = NO",
    )
    start = forms.TimeField(
        label="From", required=False, widget=widgets.UnfoldAdminTextInputWidget
    )
    end = forms.TimeField(
        label="Until",
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget,
        help_text="In the tenant's time zone, as 17:00. It may lie on the next day.",
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = {"tenant": tenant, "retired_at": None}
        fields: dict[str, Any] = self.fields
        fields["service_provider"].queryset = ServiceProvider.objects.filter(**live)
        fields["identity_provider"].queryset = IdentityProvider.objects.filter(**live)

    def clean_claims(self) -> dict[str, str]:
        wanted = {}
        for line in self.cleaned_data["claims"].splitlines():
            uri, equals, value = (part.strip() for part in line.partition("="))
            if line.strip() and not (uri and equals and value):
                raise forms.ValidationError(
                    f"“{line.strip()}” is not of the form claim = value"
                )
            if uri:
                wanted[uri] = value
        return wanted

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        parts = {
            "role": ["roles"],
            "claim": ["claims"],
            "time": ["start", "end"],
            "time_role": ["start", "end", "roles"],
            "time_claim": ["start", "end", "claims"],
        }
        for name in parts.get(cleaned.get("template", ""), ()):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, "This template needs it.")
        return cleaned

    def document(self) -> str:
        """The XACML; for a valid form only. What the template does not ask for is left out."""
        cleaned = self.cleaned_data
        kind = cleaned["template"]
        timed = kind.startswith("time")
        provider: ServiceProvider | None = cleaned["service_provider"]
        return write(
            Wanted(
                name=cleaned["name"],
                identity_provider=cleaned["identity_provider"].name,
                service_provider=provider.name if provider else "",
                roles=cleaned["roles"] if kind.endswith("role") else (),
                claims=cleaned["claims"] if kind.endswith("claim") else {},
                start=cleaned["start"] if timed else None,
                end=cleaned["end"] if timed else None,
            )
        )
