"""One SCIM server: requests out, SCIM errors in. Shared by SCIM 2.0 and SCIM 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from connectors.errors import ConnectorError, ConnectorIsWrong
from connectors.http import Answer, Http
from connectors.scim.auth import Authentication
from connectors.scim.patience import asked_for
from connectors.scim.profiles import Behaviour
from connectors.scim.said import said, status_of
from connectors.status import error_for
from connectors.wire import document


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The URL of a collection (`https://host/scim/v2/Users`); a query stays on every URL."""

    url: str

    def collection(self, **parameters: Any) -> str:
        return self._url("", parameters)

    def item(self, remote_id: str, **parameters: Any) -> str:
        # "." and ".." would be path steps even when they are ids.
        encoded = quote(remote_id, safe="", errors="replace")
        if encoded in ("", ".", ".."):
            raise ConnectorIsWrong(f"{remote_id!r} cannot be the id of an object at the target")
        return self._url("/" + encoded, parameters)

    def sibling(self, name: str) -> str:
        """`name` beside the collection, as `ServiceProviderConfig` is."""
        parts = urlsplit(self.url)
        folder = parts.path.rstrip("/").rpartition("/")[0]
        return urlunsplit(parts._replace(path=f"{folder}/{name}"))

    def _url(self, ending: str, parameters: Mapping[str, Any]) -> str:
        return _joined(
            self.url, ending, urlencode(parameters, quote_via=quote, errors="replace")
        )


@lru_cache(maxsize=1_000)
def _joined(url: str, ending: str, asked: str) -> str:
    """`asked` was made with `quote`: not every server takes "+" for a blank."""
    parts = urlsplit(url.strip())
    query = "&".join(part for part in (parts.query, asked) if part)
    path = parts.path.rstrip("/") + ending
    return urlunsplit(parts._replace(path=path, query=query, fragment=""))


class ScimClient:
    """Sends with credentials; raises what `connectors.status` makes of an error answer."""

    def __init__(
        self, http: Http, authentication: Authentication, behaviour: Behaviour
    ) -> None:
        self._http = http
        self._authentication = authentication
        self._media_type = behaviour.content_type
        usual = ", ".join(dict.fromkeys((behaviour.content_type, "application/json")))
        self._accepted = behaviour.accept or usual
        self._throttling = behaviour.throttling

    def get(self, url: str, *, on_object: bool = False) -> dict[str, Any]:
        """The document there. ConnectorIsWrong when the answer is not a JSON object."""
        document = document_of(self.send("GET", url, on_object=on_object))
        if document is None:
            raise ConnectorIsWrong(f"{_place(url)} does not answer as a SCIM server (no JSON)")
        return document

    def send(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, on_object: bool
    ) -> Answer:
        """A 2xx answer. After a 401 credentials are renewed, where possible, once."""
        answer = self._once(method, url, body)
        if answer.status == 401 and self._authentication.renew():
            answer = self._once(method, url, body)
        status = status_of(answer)
        if status < 400:
            return answer
        raise self._error(method, url, answer, status, on_object)

    def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Accept": self._accepted, **self._authentication.headers()}
        if body is None:
            return self._http.request(method, url, headers=headers)
        headers["Content-Type"] = self._media_type
        return self._http.request(method, url, headers=headers, body=document(body))

    def _error(
        self, method: str, url: str, answer: Answer, status: int, on_object: bool
    ) -> ConnectorError:
        detail, code = said(answer)
        return error_for(
            status,
            answer.headers,
            request=self._http.redact(f"{method} {_place(url)}"),
            detail=self._http.redact(detail),
            code=self._http.redact(code),
            changes=method != "GET",
            on_object=on_object,
            pause=asked_for(self._throttling, status, answer.headers, f"{code} {detail}"),
        )


def document_of(answer: Answer) -> dict[str, Any] | None:
    """The JSON object in the body, or None: empty, garbage, or another kind of JSON."""
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _place(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
