"""Bodies as JSON, in and out: bounded in size and depth, without what databases refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from provisioning.api.problems import Problem

MAX_DEPTH = 40


class JsonBody(BaseParser):
    """An object; raises `Problem`."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise Problem(413, f"The body is larger than {limit} bytes.")
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise Problem(400, f"The body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise Problem(400, "The body must be a JSON object.")
        _check(body)
        return body


class Json(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if data is None or (response is not None and response.status_code == 204):
            return b""
        return orjson.dumps(data, default=str)


def _check(body: Mapping[str, Any]) -> None:
    waiting: list[tuple[Any, int, str]] = [(body, 1, "")]
    while waiting:
        value, depth, field = waiting.pop()
        if depth > MAX_DEPTH:
            raise Problem(400, "The body is nested too deeply.")
        if isinstance(value, str) and "\0" in value:
            raise Problem(
                400, f"{field}: must not hold a NUL character", errors=[(field, "NUL")]
            )
        if isinstance(value, dict):
            if any("\0" in key for key in value):
                raise Problem(400, "A key must not hold a NUL character.")
            waiting += [(inner, depth + 1, field or key) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1, field) for inner in value]
