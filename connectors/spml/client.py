"""One SPML provider: requests out, responses and what is wrong with them in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from connectors.errors import ConnectorError, ConnectorIsWrong, RetryLater
from connectors.http import Answer, Http
from connectors.spml import refusals, xml
from connectors.spml.auth import Authentication
from connectors.spml.refusals import Asked
from connectors.spml.xml import Element
from connectors.status import error_for

_BY_STATUS = frozenset({401, 403, 407, 408, 429, 503})
"""What these say counts more than any body that comes with them."""


@dataclass(frozen=True, slots=True)
class SpmlClient:
    http: Http
    endpoint: str
    authentication: Authentication

    def ask(self, request: Element, *, on_object: bool = False) -> Element:
        """The response to something that changes nothing. ConnectorIsWrong when there is
        none in the answer."""
        response = self._sent(request, changes=False, on_object=on_object)
        if response is None:
            raise ConnectorIsWrong(f"{self._place} does not answer as an SPML 2.0 provider")
        return response

    def tell(self, request: Element, *, on_object: bool = True) -> Element:
        """The response to a change; without one, what became of the change is not known."""
        response = self.told(request, on_object=on_object)
        if response is None:
            raise RetryLater(
                f"{self._place} did not say what became of the {xml.local(request)}",
                maybe_sent=True,
            )
        return response

    def told(self, request: Element, *, on_object: bool) -> Element | None:
        """As `tell`; None for a 2xx answer that is no response to the request."""
        return self._sent(request, changes=True, on_object=on_object)

    def _sent(self, request: Element, *, changes: bool, on_object: bool) -> Element | None:
        name = xml.local(request)
        answer = self.http.request(
            "POST",
            self.endpoint,
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "Accept": "text/xml",
                "SOAPAction": f'"SPML{name[0].upper()}{name[1:]}"',
                **self.authentication.headers(),
            },
            body=xml.envelope(request, self.authentication.security()),
            changes=changes,
        )
        asked = Asked(name, self._place, changes=changes, on_object=on_object)
        said = xml.opened(answer.body)
        if error := self._error(asked, answer, said):
            raise error
        wanted = f"{name.removesuffix('Request')}Response"
        is_it = (
            said is not None and xml.local(said) == wanted and said.get("status") == "success"
        )
        return said if is_it else None

    def _error(
        self, asked: Asked, answer: Answer, said: Element | None
    ) -> ConnectorError | None:
        error = None
        if said is not None and answer.status not in _BY_STATUS:
            error = refusals.refusal(asked, said, answer.status, self.http.redact)
        if error is None and not answer.ok:
            words = _plain(answer) if said is None else refusals.words(said)
            error = error_for(
                answer.status,
                answer.headers,
                request=f"{asked.name} to {self._place}",
                detail=self.http.redact(words),
                changes=asked.changes,
                on_object=False,
            )
        return error

    @property
    def _place(self) -> str:
        parts = urlsplit(self.endpoint)
        return self.http.redact(urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")))


def _plain(answer: Answer) -> str:
    return "" if "<" in answer.text else answer.text[:1000]
