"""Airspace files over HTTP: what a file holds, before any of it is put; and the airspace as a file.

Whoever brings a file may bring anything: it is read in a process of its own, which has so much time and memory and no more, while the
picture goes on.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from tenere.airspace.formats import FORMATS
from tenere.serve.airspace_worker import Job
from tenere.serve.answers import as_error, as_json
from tenere.serve.guard import same_origin

if TYPE_CHECKING:
    from starlette.requests import Request

    from tenere.serve.hub import Hub

BODY_LIMIT = 16 << 20
"""Bytes of the largest file that a page may bring; a larger one is named in the site file."""
LONGEST_S = 60.0
"""So long a file may take."""
WAITING = 4
"""Requests that wait for their turn; more are sent away."""
ENDINGS = {"openair": "txt", "aixm": "xml", "ed269": "json", "ed318": "json", "geojson": "geojson", "kml": "kml", "yaixm": "yaml"}
BYTES = "application/octet-stream"


class FileRoutes:
    """Reads and writes files, one at a time."""

    def __init__(self, hub: Hub, longest_s: float = LONGEST_S) -> None:
        """Write what the hub tells when it is asked."""
        self.hub = hub
        self.longest_s = longest_s
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def check(self, request: Request) -> Response:
        """POST /api/airspace/check: what a file holds; nothing of the picture changes."""
        body = await _file_of(request)
        if isinstance(body, Response):
            return body
        name = "".join(c for c in request.query_params.get("name", "") if c.isprintable())[:80] or "file"
        answer = await self._done(Job(data=body, name=name))
        return answer if isinstance(answer, Response) else as_error(422, answer["error"]) if "error" in answer else as_json(answer)

    async def export(self, request: Request) -> Response:
        """GET /api/airspace/export?format=...&id=...: the airspace, or the volumes named, as a file."""
        to, ids = request.query_params.get("format", ""), set(request.query_params.getlist("id"))
        if to not in FORMATS:
            return as_error(422, f"format: is none of {', '.join(FORMATS)}")
        asked = self.hub.airspace
        told = await asyncio.to_thread(asked) if asked is not None else None
        volumes = tuple(r.volume for r in told.volumes if not ids or r.volume.id in ids) if told is not None else ()
        if not volumes:
            return as_error(404, "there is no such volume to write")
        answer = await self._done(Job(to=to, volumes=volumes))
        if isinstance(answer, Response):
            return answer
        if "error" in answer:
            return as_error(422, answer["error"])
        headers = {
            "Content-Disposition": f'attachment; filename="airspace.{ENDINGS[to]}"',
            "Cache-Control": "no-store",
            "Tenere-Volumes": str(len(volumes)),
            "Tenere-Lost": " ".join(f"{field}={count}" for field, count in sorted(answer["lost"].items())),
        }
        return Response(answer["data"], media_type=BYTES, headers=headers)

    async def _done(self, job: Job) -> dict[str, Any] | Response:
        """Do a job when its turn comes; return what came of it, or the refusal."""
        if self._waiting >= WAITING:
            return as_error(503, "other files are being read: try again")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(run, job, self.longest_s)
        finally:
            self._waiting -= 1


async def _file_of(request: Request) -> bytes | Response:
    if not same_origin(request.headers):
        return as_error(403, "files come from this server's own page")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in (BYTES, "application/json"):
        return as_error(415, f"a file is bytes: send Content-Type: {BYTES}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            return as_error(413, f"a file has at most {BODY_LIMIT >> 20} MiB here: name a larger one in the site file, [airspace] files")
    return bytes(body)


def run(job: Job, longest_s: float) -> dict[str, Any]:
    """Do a job in a process of its own; say in words where it takes too long or dies."""
    command = [sys.executable, "-m", "tenere.serve.airspace_worker"]
    try:
        done = subprocess.run(command, input=msgspec.msgpack.encode(job), capture_output=True, timeout=longest_s, check=False)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired:
        return {"error": f"reading it took longer than {longest_s:.0f} s: bring it with the site file, [airspace] files"}
    except OSError as e:
        return {"error": f"cannot be read now: {e.strerror or e}"}
    try:
        answer: dict[str, Any] = msgspec.msgpack.decode(done.stdout, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"error": "cannot be read: it needs more memory than a file may"}
    return answer
