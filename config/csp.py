"""Which content the console's pages may load, beside the strict policy of everything else."""

from __future__ import annotations

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

CONSOLE = {
    # The theme's Alpine compiles the expressions in its templates.
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF],
    # … and writes `style` attributes; style elements stay forbidden.
    "style-src-attr": [UNSAFE_INLINE],
}


class ConsolePolicy(CSPMiddleware):
    """The policy of the settings; on console pages with what the theme needs."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.update = {**CONSOLE, **(parts.update or {})}
        return parts
