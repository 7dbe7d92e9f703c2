"""The routes of coverage: its state, the layer for the map, a place, the holes, and a sensor tried elsewhere."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from tenere.coverage.asking import Box
from tenere.errors import TenereError
from tenere.serve.answers import as_error, as_json, command_body
from tenere.serve.coverage import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from tenere.coverage.asking import Height
    from tenere.serve.coverage.desk import CoverageDesk
    from tenere.serve.coverage.making import Held
    from tenere.serve.hub import Hub

WAITING = 32
"""Requests that wait for their turn; more are sent away."""
OFF: dict[str, Any] = {"state": "off", "why": "switched off", "detail": "", "heights": [], "sensors": [], "version": None}
_TRY: msgspec.json.Decoder[asked.Try] = msgspec.json.Decoder(asked.Try)


class CoverageRoutes:
    """Answers for a hub's desk; one answer is computed at a time, however many ask."""

    def __init__(self, hub: Hub) -> None:
        """Answer for the desk that the hub has when it is asked."""
        self.hub = hub
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def state(self, _: Request) -> Response:
        """GET /api/coverage."""
        desk = self.hub.coverage
        if desk is None:
            return as_json(OFF)
        self._ask(desk, start=False)
        return as_json(desk.state())

    async def layer(self, request: Request) -> Response:
        """GET /api/coverage/layer: a PNG; 202 with the state while there is none yet."""
        try:
            height, kind = _asked(request)
            box = asked.box_of(request.query_params.get("box", ""))
            width = int(asked.number(request.query_params, "width", 1, asked.MOST_WIDTH))
        except asked.AskError as e:
            return as_error(422, str(e))
        desk, held = self._held()
        if desk is None or held is None:
            return self._not_yet(desk)
        said = f"{desk.boot} {held.number} {asked.height_name(height)} {kind} {box} {width}"
        tag = f'"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'
        kept = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=kept)
        made = await self._made(lambda: desk.layer(held, height, kind, box, width))
        return made if isinstance(made, Response) else Response(made, media_type="image/png", headers=kept)

    async def at(self, request: Request) -> Response:
        """GET /api/coverage/at."""
        try:
            lat, lon = asked.number(request.query_params, "lat", -90.0, 90.0), asked.number(request.query_params, "lon", -180.0, 180.0)
        except asked.AskError as e:
            return as_error(422, str(e))
        desk, held = self._held()
        return as_json(desk.at(held, lat, lon)) if desk is not None and held is not None else self._not_yet(desk)

    async def holes(self, request: Request) -> Response:
        """GET /api/coverage/holes."""
        try:
            height, kind = _asked(request)
        except asked.AskError as e:
            return as_error(422, str(e))
        desk, held = self._held()
        if desk is None or held is None:
            return self._not_yet(desk)
        made = await self._made(lambda: msgspec.json.encode(desk.holes(held, height, kind)))
        return made if isinstance(made, Response) else as_json(made)

    async def attempt(self, request: Request) -> Response:
        """POST /api/coverage/try: changes nothing of the picture."""
        body = await command_body(request)
        if isinstance(body, Response):
            return body
        try:
            wish = _TRY.decode(body)
            asked.height_of(wish.height)
        except (msgspec.DecodeError, asked.AskError) as e:
            return as_error(422, str(e))
        desk, held = self._held()
        if desk is None or held is None:
            return self._not_yet(desk)
        try:
            if not desk.ready_to_try(held, wish.sensor):
                return as_json({"state": "preparing"}, 202)
        except TenereError as e:
            return as_error(404, str(e))
        made = await self._made(lambda: _answer(desk.attempt(held, wish, Box(*wish.box))))
        return made if isinstance(made, Response) else as_json(made)

    def _ask(self, desk: CoverageDesk, *, start: bool) -> None:
        snapshot = self.hub.snapshot
        desk.ask(snapshot.sensors if snapshot is not None else [], start=start)

    def _held(self) -> tuple[CoverageDesk | None, Held | None]:
        """Return the desk and what it holds, having asked it to begin."""
        desk = self.hub.coverage
        if desk is None:
            return None, None
        self._ask(desk, start=True)
        return desk, desk.held

    def _not_yet(self, desk: CoverageDesk | None) -> Response:
        state: dict[str, Any] = desk.state() if desk is not None else dict(OFF)
        if state["state"] == "off":
            return as_json({"error": f"no coverage: {state['why']}. {state['detail']}".strip(), **state}, 404)
        return as_json(state, 202)

    async def _made(self, make: Callable[[], bytes]) -> bytes | Response:
        """Make an answer in a thread when its turn comes; where it cannot be made, say why."""
        if self._waiting >= WAITING:
            return as_error(503, "too many ask at once: try again")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(make)
        except TenereError as e:
            return as_error(422, str(e))
        finally:
            self._waiting -= 1


def _asked(request: Request) -> tuple[Height, asked.Kind]:
    """Return the height and kind of layer that a request names. Raises AskError."""
    given = request.query_params
    return asked.height_of(given.get("height", "")), asked.kind_of(given.get("kind", "single"))


def _answer(found: dict[str, Any]) -> bytes:
    """Return a try as JSON, its image in base64."""
    return msgspec.json.encode({**found, "png": base64.b64encode(found["png"]).decode()})


def coverage_routes(hub: Hub) -> list[Route]:
    """Return the routes of coverage."""
    of = CoverageRoutes(hub)
    return [
        Route("/api/coverage", of.state),
        Route("/api/coverage/layer", of.layer),
        Route("/api/coverage/at", of.at),
        Route("/api/coverage/holes", of.holes),
        Route("/api/coverage/try", of.attempt, methods=["POST"]),
    ]
