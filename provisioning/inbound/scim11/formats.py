"""In which format a request comes, and in which the answer is wanted (REST API 1.1)."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.request import MediaType

JSON = "application/json"
XML = "application/xml"
READ_XML = frozenset({XML, "text/xml"})
READ = frozenset({JSON, "application/scim+json", "", *READ_XML})
_SUFFIXES = {".xml": XML, ".json": JSON}


def split_suffix(rest: str) -> tuple[str, str]:
    """The path without `.xml` or `.json` at its end, and the format that says.

    >>> split_suffix("Users/26.xml")
    ('Users/26', 'application/xml')
    >>> split_suffix("Users")
    ('Users', '')
    """
    path = rest.removesuffix("/")
    for suffix, media_type in _SUFFIXES.items():
        if path.lower().endswith(suffix) and not path.lower().endswith(f"/{suffix}"):
            return path[: -len(suffix)], media_type
    return rest, ""


def wanted(request: HttpRequest, rest: str) -> str:
    """By the suffix of the path, else by Accept; JSON unless XML is what is liked better."""
    suffix = split_suffix(rest)[1]
    if suffix:
        return suffix
    liked = {_format(one): one.quality for one in reversed(request.accepted_types)}
    return XML if liked.get(XML, 0) > max(liked.get(JSON, 0), 0) else JSON


def _format(accepted: MediaType) -> str:
    name = f"{accepted.main_type}/{accepted.sub_type}".lower()
    return XML if name in READ_XML else JSON if name in READ else name
