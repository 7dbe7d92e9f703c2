"""Who is off the way of its flight plan: the great circle between the aerodromes of departure and destination."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Severity
from tenere.geo.borders import EARTH_M
from tenere.watch.families.places import joined, standing
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition
from tenere.words import clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import I64
    from tenere.plans import Plan
    from tenere.watch.families.memory import Memory
    from tenere.watch.view import View
    from tenere.world import Aerodromes

    F64 = NDArray[np.float64]

RULES: dict[str, tuple[Severity, ...]] = {"route_deviation": (Severity.INFORMATION,)}
_NM_M = 1852.0
_FORGET_S = 120.0


@dataclass
class Ways:
    """The ends of each plan's way: (p, 6) unit vectors of departure and destination, NaN where an aerodrome is not known."""

    aerodromes: Aerodromes
    plans: tuple[Plan, ...] = ()
    ends: F64 = field(default_factory=lambda: np.zeros((0, 6)))
    where: dict[str, F64] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the aerodromes by their codes."""
        a = self.aerodromes
        xyz = _unit(a.lat_rad, a.lon_rad)
        self.where = {code.decode("ascii", "replace"): xyz[k] for k, code in enumerate(a.code.tolist())}

    def follow(self, plans: tuple[Plan, ...]) -> None:
        """Take the plans as they are now: only rows that changed are looked up."""
        if plans is self.plans:
            return
        ends = np.full((len(plans), 6), np.nan)
        keep = min(len(plans), len(self.ends))
        ends[:keep] = self.ends[:keep]
        if self.where:
            for k, plan in enumerate(plans):
                if k >= keep or plan is not self.plans[k]:
                    both = [self.where.get(code) for code in (plan.departure, plan.destination)]
                    ends[k] = np.concatenate(both) if both[0] is not None and both[1] is not None else np.nan  # type: ignore[arg-type]
        self.plans, self.ends = plans, ends


class Off(NamedTuple):
    """Who is off the way long enough: conditions, and track numbers."""

    conditions: list[Condition]
    numbers: frozenset[int]


def off_route(ways: Ways, memory: Memory, view: View, rows: I64) -> Off:
    """Return the flights that left their way, and have been far from it for long enough.

    Who never was on the straight way flies another: airways bend. memory: since when, and whether it ever was, by track number.
    """
    apw = view.config.apw
    ways.follow(view.plans)
    plan = view.identities.plan[rows]
    known = (plan >= 0) & (plan < len(ways.ends))
    rows, plan = rows[known], plan[known]
    if not rows.size:
        return Off([], frozenset())
    away = from_way_m(ways.ends[plan], view.tracks.lat_rad[rows], view.tracks.lon_rad[rows], apw.route_free_m)
    far = away > apw.route_off_m
    at = memory.admit(view.tracks.number[rows].astype(np.int64), view.time_s, _FORGET_S)
    since = memory["since_s"]
    since[at[~far]] = np.nan
    memory["been"][at[(away > 0.0) & (away <= apw.route_off_m)]] = 1.0  # 0: near an end, where no way is left yet
    fresh = at[far]
    since[fresh[np.isnan(since[fresh])]] = view.time_s
    conditions, numbers = [], []
    left = (memory["been"][at] != 0) & (view.time_s - since[at] >= apw.route_rise_s)
    for k in np.flatnonzero(far & left).tolist():
        row, filed = int(rows[k]), view.plans[int(plan[k])]
        number = int(view.tracks.number[row])
        numbers.append(number)
        off_nm = f"{away[k] / _NM_M:.0f}".encode()
        detail = joined(name_of(view.tracks, row), clean(filed.departure, 4) + b"-" + clean(filed.destination, 4), off_nm)
        because = (
            Because("because.off_route", 1.0, off_nm, b"plan"),
            Because("because." + standing(view.identities, row).decode(), -0.5, clean(filed.callsign, 20), b"plan"),
        )
        conditions.append(Condition("route_deviation", Severity.INFORMATION, number, -1, detail, view.config.hold_s, because=because))
    return Off(conditions, frozenset(numbers))


def from_way_m(ends: F64, lat_rad: F64, lon_rad: F64, free_m: float) -> F64:
    """Return how far places are from the way between two ends (n, 6); 0 near an end, NaN where a way or a place is not known.

    Beyond an end the distance is that to the end.
    """
    a, b, p = ends[:, :3], ends[:, 3:], _unit(lat_rad, lon_rad)
    to_a = EARTH_M * 2.0 * np.arcsin(np.clip(0.5 * np.linalg.norm(p - a, axis=1), 0.0, 1.0))
    to_b = EARTH_M * 2.0 * np.arcsin(np.clip(0.5 * np.linalg.norm(p - b, axis=1), 0.0, 1.0))
    pole = np.cross(a, b)
    length = np.linalg.norm(pole, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        across = EARTH_M * np.abs(np.arcsin(np.clip(np.einsum("nk,nk->n", p, pole) / length, -1.0, 1.0)))
        beside = (np.einsum("nk,nk->n", np.cross(pole, a), p) >= 0.0) & (np.einsum("nk,nk->n", np.cross(b, pole), p) >= 0.0)
        away = np.where(beside & (length > 1e-9), across, np.fmin(to_a, to_b))
        away = np.where((to_a < free_m) | (to_b < free_m) | ~(length > 1e-9), 0.0, away)
    return np.asarray(np.where(np.isnan(ends[:, 0]), np.nan, away))


def _unit(lat_rad: F64, lon_rad: F64) -> F64:
    """Return places as unit vectors (n, 3)."""
    return np.stack([np.cos(lat_rad) * np.cos(lon_rad), np.cos(lat_rad) * np.sin(lon_rad), np.sin(lat_rad)], axis=1)
