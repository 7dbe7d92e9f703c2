"""The HTTP interface: health, picture, reasons, commands, the stream, and the page itself."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache, partial
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from tenere.errors import TenereError
from tenere.schema import schema_data
from tenere.serve.accounts.api import session_routes
from tenere.serve.accounts.gate import Gate, address_of, gated, who_of
from tenere.serve.airspace import airspace_routes
from tenere.serve.answers import as_error, as_json, command_body
from tenere.serve.commands import BODY_LIMIT, CommandError, parse_command
from tenere.serve.coverage.api import coverage_routes
from tenere.serve.events import event_routes
from tenere.serve.formats import format_routes
from tenere.serve.guard import LOOPBACK_NAMES, Guard
from tenere.serve.openapi import openapi_routes
from tenere.serve.past import past_routes
from tenere.serve.picture import explain
from tenere.serve.places import airports
from tenere.serve.plans import plan_routes
from tenere.serve.stream import stream
from tenere.serve.terrain import terrain_routes
from tenere.serve.tracks.api import track_routes

if TYPE_CHECKING:
    import os

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import Scope
    from starlette.websockets import WebSocket

    from tenere.serve.accounts.desk import Accounts
    from tenere.serve.hub import Hub

log = logging.getLogger(__name__)

NO_PAGE = "The operator's page has not been built: run make setup (or: cd web && npm ci && npm run build)."


class Page(StaticFiles):
    """The built page: hashed assets are kept by browsers for good, everything else is asked for again."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file with its cache rule; packed, where the build has packed it and the browser takes it so."""
        response = self._packed(full_path, scope, status_code) or super().file_response(full_path, stat_result, scope, status_code)
        kept = scope["path"].startswith("/assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response

    def _packed(self, full_path: str | os.PathLike[str], scope: Scope, status_code: int) -> Response | None:
        packed = Path(f"{full_path}.gz")
        if "gzip" not in Headers(scope=scope).get("accept-encoding", "") or not packed.is_file():
            return None
        response = super().file_response(packed, packed.stat(), scope, status_code)
        response.headers["Content-Type"] = guess_type(full_path)[0] or "application/json"
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        return response


async def _health(request: Request, *, hub: Hub) -> Response:
    snap = hub.snapshot
    state = {"status": "ok" if snap else "starting", "tick": hub.sequence}
    if who_of(request).role is None:  # it runs, and nothing of the picture
        return as_json(state)
    return as_json(
        {
            **state,
            "time": snap.time_s if snap else None,
            "tracks": len(snap.tracks) if snap else 0,
            "sensors": len(snap.sensors) if snap else 0,
            "alerts": len(snap.alerts) if snap else 0,
            "pages": len(hub.clients),
            "mode": hub.mode,
            "version": hub.version,
        }
    )


async def _picture(_: Request, *, hub: Hub) -> Response:
    empty: dict[str, object] = {
        "time": None,
        "mode": hub.mode,
        "tracks": [],
        "alerts": [],
        "sensors": [],
        "sources": [],
        "qnh": [],
        "counts": {},
    }
    return as_json(hub.picture_json() or empty)


async def _status(_: Request, *, hub: Hub) -> Response:
    empty: dict[str, object] = {
        "type": "status",
        "time": None,
        "mode": hub.mode,
        "alerts": [],
        "sensors": [],
        "sources": [],
        "qnh": [],
        "counts": {},
        "answers": [],
    }
    return as_json(hub.status().encode() or empty)


async def _track(request: Request, *, hub: Hub) -> Response:
    number = request.path_params["number"]
    lang = "fr" if request.query_params.get("lang", "en").lower().startswith("fr") else "en"
    found = explain(hub.snapshot, number, "fr" if lang == "fr" else "en") if hub.snapshot else None
    return as_json(found) if found else as_error(404, f"no live track has the number {number}")


async def _performance(request: Request, *, hub: Hub, turn: asyncio.Lock) -> Response:
    if hub.measured is None:
        return as_json({"time": None, "since": None, "looked_at": None, "sensors": []})
    name = request.query_params.get("sensor")
    async with turn:  # one at a time, however many ask: the picture's own threads are not theirs
        found = await asyncio.to_thread(hub.measured.answer, hub.sequence, name)
    return as_json(found) if found is not None else as_error(404, "no sensor that is measured has this id")


async def _commands(request: Request, *, hub: Hub, gate: Gate) -> Response:
    body = await command_body(request, BODY_LIMIT)
    if isinstance(body, Response):
        return body
    who = who_of(request)
    try:
        command = parse_command(body, who, hub.snapshot.time_s if hub.snapshot else None)
    except CommandError as e:
        return as_error(422, str(e))
    gate.use(request)
    refusal = gate.refusal(who, command)
    if not refusal and not hub.submit(command):
        return as_error(503, "too many commands wait for the next tick: try again")
    if gate.accounts is not None:
        try:
            detail, where = msgspec.json.encode(command).decode(), address_of(request)
            await (gate.accounts.note_refusal(who, where, detail) if refusal else gate.accounts.note("command", who, where, detail))
        except TenereError:  # what a person does for safety is not held up by a full disk: the tick log has it too
            log.exception("a command was not written to the audit: %s by %s", command["kind"], who.name)
    return as_error(403, refusal) if refusal else as_json({"status": "queued", "command": command}, 202)


async def _schema(_: Request) -> Response:
    return as_json(schema_data())


def make_app(
    hub: Hub, static_dir: Path | None, names: frozenset[str] | None = LOOPBACK_NAMES, accounts: Accounts | None = None
) -> Starlette:
    """Return the application that serves a hub. Every route stands in tenere.serve.accounts.roles, or nobody reaches it.

    static_dir: the built page; where it is absent, / says how to build it.
    names: the host names answered (see Guard); None, any: for a server bound to more than the loopback.
    accounts: who may sign in; None: the loopback's user is the local operator, and the network may only look. With accounts any
    name is answered: a page elsewhere that rebinds its name to us brings no session, and what speaks TLS before us keeps its own name.
    """
    gate = Gate(accounts, local=names is not None)

    @lru_cache(maxsize=1)
    def place_list() -> bytes:
        return msgspec.json.encode({"airports": airports(hub.site.country)})

    async def places(_: Request) -> Response:
        return as_json(place_list(), headers={"Cache-Control": "max-age=3600"})

    async def socket(ws: WebSocket) -> None:
        await stream(ws, hub, gate)

    async def no_page(_: Request) -> Response:
        return PlainTextResponse(NO_PAGE, 503)

    built = static_dir is not None and (static_dir / "index.html").is_file()
    routes: list[BaseRoute] = [
        Route("/api/health", partial(_health, hub=hub)),
        Route("/api/picture.json", partial(_picture, hub=hub)),
        Route("/api/status", partial(_status, hub=hub)),
        Route("/api/tracks/{number:int}", partial(_track, hub=hub)),
        Route("/api/performance", partial(_performance, hub=hub, turn=asyncio.Lock())),
        Route("/api/commands", partial(_commands, hub=hub, gate=gate), methods=["POST"]),
        *session_routes(gate),
        *coverage_routes(hub),
        *airspace_routes(hub),
        *past_routes(hub),
        *format_routes(hub),
        *event_routes(hub, gate),
        *openapi_routes(hub.version),
        *track_routes(hub),
        *plan_routes(hub),
        *terrain_routes(hub),
        Route("/api/schema", _schema),
        Route("/api/places", places),
        WebSocketRoute("/api/stream", socket),
        Mount("/", Page(directory=static_dir, html=True)) if built else Route("/", no_page),
    ]
    return Starlette(routes=gated(routes, gate), middleware=[Middleware(Guard, names=names if accounts is None else None)])
