"""The airspace as plain data: every volume as it stands, the closures and who has acknowledged them, the last changes, movements."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from tenere.serve.answers import as_json

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tenere.airspace.closure import ClosureRow, Step
    from tenere.serve.hub import Hub
    from tenere.watch import AirspaceTold

CHANGES = 200
"""The latest changes that are told."""


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _finite(value: Any) -> Any:  # noqa: ANN401 - plain data of any shape
    """Return plain data with None for what JSON has no number for."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return _number(value) if isinstance(value, float) else value


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


def plain(told: AirspaceTold) -> dict[str, Any]:
    """Return the airspace of one tick as plain data; unlimited heights and open times are None."""
    return {
        "time": told.time_s,
        "version": told.version,
        "volumes": [{**_finite(msgspec.to_builtins(r.volume)), "now_active": r.active, "by_hand": r.by_hand or None} for r in told.volumes],
        "closures": [_closure(c) for c in told.closures],
        "changes": [_finite(c._asdict()) for c in told.changes[-CHANGES:]],
        "movements": [_finite(m) for m in told.movements],
    }


async def _airspace(_: Request, *, hub: Hub) -> Response:
    asked = hub.airspace
    if asked is None:
        return as_json({"time": None, "version": 0, "volumes": [], "closures": [], "changes": [], "movements": []})
    return as_json(plain(asked()))


def airspace_routes(hub: Hub) -> list[Route]:
    """Return the routes of the airspace."""
    return [Route("/api/airspace", partial(_airspace, hub=hub))]
