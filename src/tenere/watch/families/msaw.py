"""Minimum safe altitude warning: who will be too near the ground within a minute, where no aerodrome explains it.

Off where the site has no terrain. The altitude is that by QNH where one holds, else the pressure altitude with its larger error, and counts
as ``sigmas`` of that error lower. Near aerodromes an aircraft must only be above a slope towards them. Nothing mutes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Severity, TrackFlag
from tenere.watch.kernels import terrain as k
from tenere.watch.low import Fields, altitude_of
from tenere.watch.naming import name_of
from tenere.watch.stca_config import FT_M
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import F64, I64
    from tenere.watch.config import WatchConfig
    from tenere.watch.msaw_config import MsawConfig
    from tenere.watch.view import View
    from tenere.world import World

RULES = {"msaw": (Severity.CAUTION, Severity.WARNING)}
REASONS = ("msaw_clearance", "msaw_ground", "msaw_uncertain", "msaw_no_qnh")
"""What the evidence of its alerts may be called."""
BY_EYE = (AircraftClass.LIGHT,)
HOVERS = (AircraftClass.HELICOPTER, AircraftClass.DRONE, AircraftClass.BALLOON, AircraftClass.GLIDER)
STEP_S = 3.0


@dataclass
class State:
    """The ground as a pyramid of greatest heights; None: there is none, and the rule is off."""

    config: MsawConfig
    codes: NDArray[np.int64]
    fields: Fields
    levels: NDArray[np.float32] | None = None
    grid: F64 | None = None


def init(config: WatchConfig, world: World) -> State:
    """Build the pyramid once."""
    c, ground = config.msaw, world.ground
    codes = [int(x, 8) for x in config.stca.visual_codes if x.isdigit() and not set(x) & {"8", "9"}]
    state = State(c, np.array(codes, np.int64), Fields.of(world.aerodromes))
    if ground is not None and c.enabled and ground.height_m.size:
        state.levels = k.pyramid(np.ascontiguousarray(ground.height_m, np.float32))
        state.grid = np.array([ground.north_deg, ground.west_deg, ground.step_lat_deg, ground.step_lon_deg])
    return state


def step(state: State, view: View) -> Iterator[Condition]:
    """Yield a condition for each track that is, or will be, too near the ground."""
    if state.levels is None or state.grid is None:
        return
    c, t = state.config, view.tracks
    rows, margin = taking_part(state, view)
    if not rows.size:
        return
    std_m = altitude_std(c, view, rows)
    a = laid_out(c, view, rows, std_m)
    found = k.clearances(state.levels, state.grid, a, margin + c.obstacle_m, c.ahead_s, STEP_S, c.aside_m)
    low = np.flatnonzero(np.isfinite(found[:, 0]))
    low = low[~landing(state, a[low], found[low], std_m[low])][: c.most]
    for i in low.tolist():
        row = int(rows[i])
        wait_s, clear_m, ground_m, altitude_m = (float(x) for x in found[i, :4])
        feet = [f"{x / FT_M:.0f}".encode() for x in (clear_m, ground_m, altitude_m, float(margin[i]) + c.obstacle_m, float(std_m[i]))]
        wait = f"{wait_s:.0f}".encode()
        because = [
            Because("msaw_clearance", 1.0, b"|".join((feet[0], wait, feet[3]))),
            Because("msaw_ground", 0.5, feet[1] + b"|" + feet[2]),
            Because("msaw_uncertain", -0.2, feet[4]),
        ]
        if not np.isfinite(t.altitude_m[row]):
            because.append(Because("msaw_no_qnh", -0.5))
        yield Condition(
            rule="msaw",
            severity=Severity.WARNING if wait_s <= c.warning_s else Severity.CAUTION,
            track=int(t.number[row]),
            sensor=-1,
            detail=b"|".join((name_of(t, row), feet[0], wait)),
            hold_s=c.hold_s,
            predicted_s=view.time_s + wait_s if wait_s > 0.0 else float("nan"),
            because=tuple(because),
            rise_s=c.rise_s,
        )


def taking_part(state: State, view: View) -> tuple[I64, F64]:
    """Return the rows of the tracks that are looked at, and how far each is to be over the ground."""
    c, t, rows = state.config, view.tracks, view.rows
    rows = rows[view.trusted[rows] & ((t.flags[rows] & TrackFlag.ON_GROUND) == 0)]
    known = np.isfinite(t.lat_rad[rows]) & np.isfinite(t.lon_rad[rows]) & (np.abs(t.lat_rad[rows]) < 1.55)
    known &= np.abs(np.nan_to_num(altitude_of(t, rows), nan=np.inf)) < 1e5
    for column in (t.vx_ms, t.vy_ms):
        known &= np.abs(np.nan_to_num(column[rows], nan=np.inf)) < 2e3
    known &= (t.time_s[rows] - t.first_s[rows] >= c.young_s) & (t.time_s[rows] - t.update_s[rows] <= c.coast_s)
    known &= t.speed_ms[rows] >= c.slow_ms
    rows = rows[known]
    eye = np.isin(t.mode_a[rows], state.codes) | np.isin(t.aircraft_class[rows], BY_EYE)
    margin = np.where(eye, c.visual_margin_m, c.margin_m)
    margin = np.where(np.isin(t.aircraft_class[rows], HOVERS), c.hover_margin_m, margin)
    return rows[margin > 0.0], margin[margin > 0.0]


def altitude_std(c: MsawConfig, view: View, rows: I64) -> F64:
    """Return the one-sigma error (k,) of the altitudes that are used."""
    t = view.tracks
    told = np.where(
        np.isfinite(t.height_std_m[rows]), np.clip(t.height_std_m[rows], 0.0, c.standard_pressure_std_m), c.standard_pressure_std_m
    )
    return np.where(np.isfinite(t.altitude_m[rows]), told, c.standard_pressure_std_m)


def laid_out(c: MsawConfig, view: View, rows: I64, std_m: F64) -> F64:
    """Return the tracks as the kernel takes them, (k, 6): the altitude lowered by its uncertainty; a slow rate counts as level."""
    t = view.tracks
    rate = np.clip(np.nan_to_num(t.vertical_rate_ms[rows]), -200.0, 200.0)
    course = np.nan_to_num(t.course_rad[rows])
    return np.column_stack(
        [
            np.degrees(t.lat_rad[rows]),
            np.degrees(t.lon_rad[rows]),
            t.speed_ms[rows] * np.sin(course),
            t.speed_ms[rows] * np.cos(course),
            altitude_of(t, rows) - c.sigmas * std_m,
            np.where(np.abs(rate) < c.manoeuvre_ms, 0.0, rate),
        ]
    )


def landing(state: State, a: F64, found: F64, std_m: F64) -> NDArray[np.bool_]:
    """Tell which infringements an aerodrome explains: there and now the aircraft is above the slope towards it."""
    c = state.config
    slope = float(np.tan(np.radians(c.glide_deg)))
    lat, lon = np.radians(a[:, 0]), np.radians(a[:, 1])
    wait = np.where(np.isfinite(found[:, 0]), found[:, 0], 0.0)
    then_lat = lat + a[:, 3] * wait / k.EARTH_M
    then_lon = lon + a[:, 2] * wait / k.EARTH_M / np.maximum(np.cos(lat), 0.05)
    told_m = c.sigmas * std_m
    now = a[:, 4] + told_m >= state.fields.lowest(lat, lon, c.aerodrome_m, c.glide_from_m, slope) - std_m
    then = found[:, 3] + told_m >= state.fields.lowest(then_lat, then_lon, c.aerodrome_m, c.glide_from_m, slope) - std_m
    return np.asarray(now & then)
