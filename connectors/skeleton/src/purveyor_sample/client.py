"""Calls of Sample's API, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors import Answer, ConnectorIsWrong, Http, basic, error_for

_MOST_PAGES = 100


class SampleApi:
    def __init__(self, http: Http, settings: Mapping[str, Any]) -> None:
        self._http = http
        self._root = str(settings["endpoint"]).strip().rstrip("/")
        if settings["authentication"] == "basic":
            self._headers = basic(str(settings["username"]), str(settings["password"]))
        else:
            self._headers = {"Authorization": f"Bearer {settings['access_token']}"}

    def send(
        self,
        method: str,
        *path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """A good answer. Anything else is raised, named by what Purveyor does next."""
        url = "/".join((self._root, *(quote(step, safe="") for step in path)))
        asked = f"{url}?{urlencode(query, quote_via=quote)}" if query else url
        answer = self._http.request(method, asked, headers=self._headers, json=body)
        if answer.ok:
            return answer
        raise error_for(
            answer.status,
            answer.headers,
            # No secret may get into a message, whatever the target says.
            request=self._http.redact(f"{method} {urlsplit(url).path}"),
            detail=self._http.redact(str(document_of(answer).get("error") or "")),
            changes=method != "GET",
            on_object=len(path) > 1,
        )

    def get(self, *path: str, **query: str) -> dict[str, Any]:
        document = document_of(self.send("GET", *path, query=query))
        if not document:
            raise ConnectorIsWrong(f"{self._root} does not answer as Sample (no JSON object)")
        return document

    def listed(self, collection: str, **query: str) -> Iterator[dict[str, Any]]:
        """Those that fit, from every page."""
        for _ in range(_MOST_PAGES):
            page = self.get(collection, **query)
            found = page.get(collection)
            if not isinstance(found, list):
                raise ConnectorIsWrong(f"{self._root} does not answer with a list")
            yield from (one for one in found if isinstance(one, dict))
            if not page.get("next"):
                return
            query = {**query, "start": str(page["next"])}
        raise ConnectorIsWrong(f"{self._root} answers with more than can be read through")


def document_of(answer: Answer) -> dict[str, Any]:
    """The JSON object in the body; {} when there is none."""
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
