"""What a flight plan says, held against what is measured: route, time, kind of aircraft, code, aerodromes; and corridors.

Every comparison has three outcomes: it agrees, it differs, or nothing can be said. The two thresholds of each are far apart,
so that weather, delay and diversion fall between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.identify.places import Corridors, Fields, apart, conforming, off_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F64, I32
    from tenere.identify.config import IdentifyConfig
    from tenere.identify.correlate import PlanIndex
    from tenere.identify.known import Known

    Mask = NDArray[np.bool_]

BEFORE_S, AFTER_S = 900.0, 3600.0
"""A flight may leave so much before its off-block time, and so much after without being late."""
FASTEST_MS, SLOWEST_MS = 300.0, 50.0
LONGEST_S = 16 * 3600.0
"""Where the departure's place is not known, a flight may be anywhere on its way for so long."""
SURE = 0.6
"""Least probability of a kind of movement that counts."""


class Agreement(NamedTuple):
    """How some tracks, their rows (n,), and their plans agree."""

    route: Mask
    route_off: Mask
    route_m: F64
    time: Mask
    time_off: Mask
    kind: Mask
    kind_differs: Mask
    moves: F64
    """How surely it moves as its type would, 0 where it does not."""
    moves_differs: F64
    code: Mask
    code_differs: Mask
    departed: Mask
    departed_elsewhere: Mask
    arriving: Mask
    corridor: I32

    @property
    def measured(self) -> Mask:
        """Tell where something that is measured agrees with the plan."""
        return self.route | self.time | self.departed | self.arriving | (self.moves > 0) | self.code

    @property
    def contradicted(self) -> Mask:
        """Tell where both place and time contradict the plan, and nothing measured agrees."""
        return self.route_off & self.time_off & ~(self.departed | self.arriving | self.code)


def agreement(
    config: IdentifyConfig, plans: PlanIndex, fields: Fields, corridors: Corridors | None, known: Known, time_s: float
) -> Agreement:
    """Compare tracks with their plans as they are at time_s."""
    n = len(known)
    none, zero = np.zeros(n, np.bool_), np.zeros(n)
    lat, lon, height = known.lat_rad, known.lon_rad, known.height_m
    corridor = conforming(corridors, lat, lon, known.course_rad, height)
    if not plans.callsign.size:
        return Agreement(none, none, zero, none, none, none, none, zero, zero, none, none, none, none, none, corridor)
    has, filed = known.plan >= 0, np.maximum(known.plan, 0)
    start, end = ([c[filed] for c in ends] for ends in (plans.from_rad, plans.to_rad))
    off_m = off_line(lat, lon, *start, *end)
    with np.errstate(invalid="ignore"):
        route, route_off = has & (off_m <= config.route_near_m), has & (off_m > config.route_off_m)
        gone_m = np.nan_to_num(apart(lat, lon, *start), nan=0.0)
        placed = np.isfinite(start[0]) & np.isfinite(lat)
        off_block = plans.off_block_s[filed]
        first = off_block - BEFORE_S + gone_m / FASTEST_MS
        last = off_block + np.where(placed, AFTER_S + gone_m / SLOWEST_MS, LONGEST_S)
        time = has & (time_s >= first - config.time_near_s) & (time_s <= last + config.time_near_s)
        time_off = has & ((time_s < first - config.time_off_s) | (time_s > last + config.time_off_s))
    said, may, cannot = (plans.kind[filed, k] * has for k in range(3))
    says = np.where(known.aircraft_class > 0, np.int32(1) << np.minimum(known.aircraft_class, 30).astype(np.int32), 0)
    moving = np.where(known.kinematic_class > 0, np.int32(1) << np.minimum(known.kinematic_class, 30).astype(np.int32), 0)
    sure = np.where(known.kinematic_probability >= SURE, known.kinematic_probability, 0.0).astype(np.float64)
    assigned = has & (plans.ssr[filed] >= 0) & (known.mode_a >= 0) & (known.code == 0)
    at = known.departed
    came = fields.code[np.maximum(at, 0)] if fields.code.size else np.zeros(n, "S4")
    first_low = has & (at >= 0) & (plans.departure[filed] != b"")
    low_here = fields.near(lat, lon, np.where(has, height, np.nan), config.aerodrome_m, config.low_m)
    here = fields.code[np.maximum(low_here, 0)] if fields.code.size else np.zeros(n, "S4")
    return Agreement(
        route=route,
        route_off=route_off,
        route_m=np.where(has, off_m, np.nan),
        time=time,
        time_off=time_off,
        kind=(says & said) != 0,
        kind_differs=(says != 0) & (said != 0) & ((says & said) == 0),
        moves=np.where((moving & may) != 0, sure, 0.0),
        moves_differs=np.where((moving & cannot) != 0, sure, 0.0),
        code=assigned & (known.mode_a == plans.ssr[filed]),
        code_differs=assigned & (known.mode_a != plans.ssr[filed]),
        departed=first_low & (came == plans.departure[filed]),
        departed_elsewhere=first_low & (came != plans.departure[filed]) & (came != plans.destination[filed]),
        arriving=has & (low_here >= 0) & (here == plans.destination[filed]),
        corridor=corridor,
    )
