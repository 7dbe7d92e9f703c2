"""What a track did lately, as plain data."""

from __future__ import annotations

import asyncio
import math
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from tenere.batch import PlotFlag, PlotKind
from tenere.serve.answers import as_error, as_json
from tenere.serve.picture import number_or_none
from tenere.serve.tracks.recorder import STEP_S
from tenere.units import FOOT_M, FPM_MS, KNOT_MS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tenere.serve.hub import Hub
    from tenere.serve.snapshot import SensorView
    from tenere.serve.tracks.recorder import Told

KIND_NAMES = {int(k): k.name.lower() for k in PlotKind}
PROFILE: tuple[tuple[str, float, int], ...] = (("level_ft", FOOT_M, 0), ("altitude_ft", FOOT_M, 0), ("speed_kt", KNOT_MS, 0))
"""Columns of a profile after its time: name, unit in SI, digits."""


def flags_of(bits: int) -> list[str]:
    """Return the names of the flags that are set in a plot."""
    return [str(f.name).lower() for f in PlotFlag if bits & f]


def _text(value: bytes) -> str | None:
    return value.decode("ascii", "replace") or None


def _named(kind: str, value: int | bytes) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return f"{value:04o}" if kind == "mode_a" else f"{value:06X}"


def _plot(p: dict[str, Any], row: int, sensors: list[SensorView]) -> dict[str, Any]:
    sensor = p["sensor"][row]
    return {
        "time": round(p["time_s"][row], 3),
        "sensor": sensors[sensor].id if 0 <= sensor < len(sensors) else None,
        "kind": KIND_NAMES.get(p["kind"][row], "unknown"),
        "range_m": number_or_none(p["range_m"][row], 0),
        "azimuth_deg": number_or_none(math.degrees(p["azimuth_rad"][row]), 2),
        "lat": number_or_none(math.degrees(p["lat_rad"][row]), 6),
        "lon": number_or_none(math.degrees(p["lon_rad"][row]), 6),
        "level_ft": number_or_none(p["pressure_altitude_m"][row] / FOOT_M, 0),
        "mode_a": f"{p['mode_a'][row]:04o}" if p["mode_a"][row] >= 0 else None,
        "address": f"{p['address'][row]:06X}" if p["address"][row] >= 0 else None,
        "callsign": _text(p["callsign"][row]),
        "remote_id": _text(p["remote_id"][row]),
        "flags": flags_of(p["flags"][row]),
    }


def plain(number: int, told: Told, sensors: list[SensorView]) -> dict[str, Any]:
    """Return what is remembered of a track as plain data: None where something is not known, never NaN."""
    profile: dict[str, list[float | None]] = {"time": [p[0] for p in told.profile]}
    for k, (name, unit, digits) in enumerate(PROFILE, 1):
        profile[name] = [number_or_none(p[k] / unit, digits) for p in told.profile]
    profile["vertical_fpm"] = [number_or_none(p[4] / FPM_MS, 0) for p in told.profile]
    return {
        "number": number,
        "time": told.time_s,
        "step_s": STEP_S,
        "profile": profile,
        "names": [{"since": round(t, 3), "kind": kind, "name": _named(kind, value)} for t, kind, value in told.names],
        "plots": [_plot(told.plots, row, sensors) for row in reversed(range(len(told.plots["number"])))],
        "sensors": [
            {"id": sensors[row].id, "last": number_or_none(last, 3), "plots": n}
            for row, last, n in sorted(told.sensors, key=lambda s: -s[1])
            if 0 <= row < len(sensors)
        ],
    }


async def _history(request: Request, *, hub: Hub, turn: asyncio.Lock) -> Response:
    number, recorder, snap = request.path_params["number"], hub.recorder, hub.snapshot
    if recorder is not None and snap is not None:
        async with turn:  # one at a time, however many ask
            told = await asyncio.to_thread(recorder.told, number)
        if told is not None:
            return as_json(msgspec.json.encode(plain(number, told, snap.sensors)))
    return as_error(404, f"nothing is remembered of a track {number}")


def track_routes(hub: Hub) -> list[Route]:
    """Return the routes of what tracks did."""
    return [Route("/api/tracks/{number:int}/history", partial(_history, hub=hub, turn=asyncio.Lock()))]
