"""The short past: one keyframe each STEP_S for SPAN_S, with the alerts and sensors of that time, and the routes that give it.

Everything is kept as zlib bytes and sent as it is kept (content coding deflate, RFC 9110, section 8.4.1.2), so that asking
costs the picture nothing. Bounded in bytes too: past BYTES the older half is thinned, every other keyframe of it dropped.
"""

from __future__ import annotations

import math
import secrets
import zlib
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response
from starlette.routing import Route

from tenere.serve.answers import as_error, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from tenere.serve.hub import Hub

FRAME, STATUS = "application/octet-stream", "application/json"
FEW = 16
"""With fewer keyframes the oldest is dropped rather than every other one."""
CLOSE_S = 0.0005
"""Times are told to the millisecond: one asked for so little before a keyframe means that keyframe."""


class Kept(NamedTuple):
    """A moment of the past; frame and status are zlib bytes."""

    time_s: float
    frame: bytes
    status: bytes

    @property
    def size(self) -> int:
        """Count its bytes."""
        return len(self.frame) + len(self.status)


class Past:
    """The moments kept, oldest first. Everything runs in the event loop's thread."""

    STEP_S = 10.0
    SPAN_S = 1800.0
    BYTES = 256 << 20

    def __init__(self) -> None:
        """Start with nothing kept."""
        self.boot = secrets.token_hex(4)
        self.size = 0
        self.thinned = False
        self._kept: list[Kept] = []

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def times(self) -> list[float]:
        """Return the times kept, oldest first."""
        return [k.time_s for k in self._kept]

    def due(self, time_s: float) -> bool:
        """Say whether a picture of this time is to be kept. Time that went back is: then all that was kept is of another course."""
        return not self._kept or not 0.0 <= time_s - self._kept[-1].time_s < self.STEP_S

    def keep(self, time_s: float, frame: bytes, status: bytes) -> None:
        """Keep a moment; forget what is older than SPAN_S, and what there is no room for."""
        if not math.isfinite(time_s):
            return
        if self._kept and time_s < self._kept[-1].time_s:
            self._kept.clear()
            self.size, self.thinned = 0, False
        made = Kept(time_s, zlib.compress(frame, 1), zlib.compress(status, 1))
        self._kept.append(made)
        self.size += made.size
        old = bisect_right(self._kept, time_s - self.SPAN_S - CLOSE_S, key=lambda k: k.time_s)
        self._drop(set(range(old)))
        while self.size > self.BYTES and len(self._kept) > 1:
            self.thinned = True
            self._drop({0} if len(self._kept) < FEW else set(range(1, len(self._kept) // 2, 2)))

    def at(self, time_s: float) -> Kept | None:
        """Return the last moment kept at or before a time; None where nothing so old is kept."""
        place = bisect_right(self._kept, time_s + CLOSE_S, key=lambda k: k.time_s)
        return self._kept[place - 1] if place else None

    def _drop(self, rows: set[int]) -> None:
        if rows:
            self.size -= sum(self._kept[row].size for row in rows)
            self._kept = [k for row, k in enumerate(self._kept) if row not in rows]


def takes_deflate(accepted: str) -> bool:
    """Say whether an Accept-Encoding header allows the coding deflate."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "deflate":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class PastRoutes:
    """Answers from the past that a hub keeps."""

    def __init__(self, hub: Hub) -> None:
        """Answer for a hub."""
        self.hub = hub

    async def index(self, _: Request) -> Response:
        """GET /api/past."""
        past = self.hub.past or Past()
        return as_json(
            {
                "boot": past.boot,
                "step_s": past.STEP_S,
                "span_s": past.SPAN_S,
                "times": [round(t, 3) for t in past.times],
                "bytes": past.size,
                "thinned": past.thinned,
            }
        )

    async def frame(self, request: Request) -> Response:
        """GET /api/past/{time}: the keyframe, as the stream sends it."""
        return self._give(request, "frame", FRAME)

    async def status(self, request: Request) -> Response:
        """GET /api/past/{time}/status: the status text of that moment."""
        return self._give(request, "status", STATUS)

    def _give(self, request: Request, part: str, media: str) -> Response:
        past = self.hub.past
        found = past.at(request.path_params["time"]) if past is not None else None
        if past is None or found is None:
            return as_error(404, "nothing is kept from that time: GET /api/past tells the times there are")
        packed = takes_deflate(request.headers.get("accept-encoding", ""))
        tag = f'"{past.boot}-{found.time_s:.3f}-{part}{"-z" if packed else ""}"'
        headers: Mapping[str, str] = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = found.frame if part == "frame" else found.status
        if packed:
            return Response(body, media_type=media, headers={**headers, "Content-Encoding": "deflate"})
        return Response(zlib.decompress(body), media_type=media, headers=headers)


def past_routes(hub: Hub) -> list[Route]:
    """Return the routes of the past."""
    of = PastRoutes(hub)
    return [
        Route("/api/past", of.index),
        Route("/api/past/{time:float}", of.frame),
        Route("/api/past/{time:float}/status", of.status),
    ]
