"""The airspace as plain data: every volume as it stands, the closures and who has acknowledged them, the last changes, movements.

A page asks again whenever the status text's ``airspace_version`` differs, and says which volumes it has (``have``): their outlines,
megabytes of a whole country, are sent again only when one was put or removed.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from tenere.serve.airspace_files import FileRoutes
from tenere.serve.airspace_rules import rules_of
from tenere.serve.answers import as_json

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tenere.airspace.closure import ClosureRow, Step
    from tenere.serve.hub import Hub
    from tenere.watch import AirspaceTold

CHANGES = 200
"""The latest changes that are told."""
MOVEMENTS = 500
"""The latest movements that are told."""


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _step(step: Step) -> dict[str, Any] | None:
    return None if math.isnan(step.time_s) else {"time": step.time_s, "by": step.by, "signed": step.signed}


def _closure(row: ClosureRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "text": row.text,
        "volumes": list(row.volumes),
        "noted": _step(row.noted),
        "closed": _step(row.closed),
        "reopened": _step(row.reopened),
        "stations": [
            {
                "station": s.station,
                "acknowledged": _number(s.acknowledged_s),
                "by": s.by or None,
                "waited_s": _number(s.waited_s),
                "overdue": s.overdue,
            }
            for s in row.stations
        ],
    }


class AirspaceRoutes:
    """Answers for a hub's airspace; one answer is made at a time, and the volumes are written once for all who ask."""

    def __init__(self, hub: Hub) -> None:
        """Answer for what the hub tells when it is asked."""
        self.hub = hub
        self._turn = asyncio.Lock()
        self._written: tuple[str, list[bytes]] = ("", [])

    async def state(self, request: Request) -> Response:
        """GET /api/airspace."""
        asked = self.hub.airspace
        if asked is None:
            return as_json(_EMPTY)
        async with self._turn:
            return as_json(await asyncio.to_thread(lambda: self.plain(asked(), request.query_params.get("have", ""))))

    def plain(self, told: AirspaceTold, have: str = "") -> bytes:
        """Return the airspace of one tick in JSON; unlimited heights and open times are null. have: the volumes that the asker holds."""
        drawn = f"{self.hub.boot}.{told.drawn}"
        rest = {
            "time": told.time_s,
            "version": told.version,
            "drawn": drawn,
            "active": "".join("1" if r.active else "0" for r in told.volumes),
            "by_hand": {r.volume.id: r.by_hand for r in told.volumes if r.by_hand},
            "stations": told.stations,
            "acknowledge_s": told.acknowledge_s,
            "closures": [_closure(c) for c in told.closures],
            "changes": [c._asdict() for c in told.changes[-CHANGES:]],
            "movements": told.movements[-MOVEMENTS:],
        }
        volumes = None if have == drawn else msgspec.Raw(b"[" + b",".join(self._rows(drawn, told)) + b"]")
        return msgspec.json.encode({**rest, "volumes": volumes})

    def _rows(self, drawn: str, told: AirspaceTold) -> list[bytes]:
        """Return each volume in JSON, with how it stands."""
        if self._written[0] != drawn:
            self._written = drawn, [msgspec.json.encode(r.volume)[:-1] for r in told.volumes]
        state = [b',"now_active":%s,"by_hand":%s}' % (_BOOL[r.active], msgspec.json.encode(r.by_hand or None)) for r in told.volumes]
        return [a + b for a, b in zip(self._written[1], state, strict=True)]


_BOOL = {True: b"true", False: b"false"}
_EMPTY: dict[str, Any] = {
    "time": None,
    "version": 0,
    "drawn": "",
    "active": "",
    "by_hand": {},
    "stations": [],
    "acknowledge_s": None,
    "closures": [],
    "changes": [],
    "movements": [],
    "volumes": [],
}


def airspace_routes(hub: Hub) -> list[Route]:
    """Return the routes of the airspace, of its files and of the rules that watch it."""
    airspace, files = AirspaceRoutes(hub), FileRoutes(hub)

    async def rules(_: Request) -> Response:
        told = hub.rules
        return as_json(rules_of(await asyncio.to_thread(told)) if told is not None else {"rules": [], "tables": {}, "edits": []})

    return [
        Route("/api/airspace", airspace.state),
        Route("/api/airspace/check", files.check, methods=["POST"]),
        Route("/api/airspace/export", files.export),
        Route("/api/rules", rules),
    ]
