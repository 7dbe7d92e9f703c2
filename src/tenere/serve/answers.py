"""What every route answers with, and how a command's body is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from tenere.serve.guard import same_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

BODY_LIMIT = 4096
"""Bytes of the largest body accepted, where a route says nothing else."""


def as_json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer in JSON (bytes are JSON already) that nobody keeps, unless the headers say so."""
    raw = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(raw, status, media_type="application/json", headers={"Cache-Control": "no-store", **(headers or {})})


def as_error(status: int, message: str) -> Response:
    """Return what is wrong with a request."""
    return as_json({"error": message}, status)


async def command_body(request: Request, limit: int = BODY_LIMIT) -> bytes | Response:
    """Return the body of a command, of at most so many bytes; or the refusal of one from elsewhere, of another type, or too long."""
    if not same_origin(request.headers):
        return as_error(403, "commands come from this server's own page")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return as_error(415, "commands are JSON: send Content-Type: application/json")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limit:
            return as_error(413, f"a command has at most {limit} bytes")
    return body
