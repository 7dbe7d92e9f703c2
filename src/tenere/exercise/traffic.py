"""The flights in the air and what they tell of themselves at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.exercise.motion import Motion, Paths, place
from tenere.geo.ellipsoid import geodetic_to_ecef

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tenere.exercise.timetable import Flights

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

EARTH_43_M = 4.0 / 3.0 * 6_371_000.0
"""Effective radius of the earth for radio paths."""
FASTEST_MS = 350.0
GLANCE_S = 10.0
"""Positions for the choice of candidates are taken once in so many seconds."""


class Traffic(NamedTuple):
    """All flights and their paths. gnss_*_m: (n,) constant part of each aircraft's own position error."""

    flights: Flights
    paths: Paths
    gnss_east_m: F64
    gnss_north_m: F64


class Glance(NamedTuple):
    """Who is in the air about a time, and where: row numbers (m,), Earth-centred positions (m, 3)."""

    rows: I64
    ecef_m: F64


def age(traffic: Traffic, rows: I64, time_s: ArrayLike) -> F64:
    """Return the time since each flight's latest start; negative before the start of one that never repeats."""
    f = traffic.flights
    since, repeat = np.asarray(time_s) - f.start_s[rows], f.repeat_s[rows]
    again = np.isfinite(repeat)
    return np.where(again, np.mod(since, np.where(again, repeat, 1.0)), since)


def motion(traffic: Traffic, rows: I64, time_s: ArrayLike) -> tuple[Motion, NDArray[np.bool_]]:
    """Return the state of flights (n,) at times (n,) of the exercise, and whether each is in the air then."""
    f = traffic.flights
    since = age(traffic, rows, time_s)
    flying = (since >= 0.0) & (since < f.length_s[rows])
    return place(traffic.paths, f.path[rows], np.clip(since, 0.0, f.length_s[rows])), flying


def told(traffic: Traffic, rows: I64, time_s: ArrayLike) -> tuple[I64, NDArray[np.uint8]]:
    """Return the Mode A code and the emergency state that flights show at a time."""
    f = traffic.flights
    changed = age(traffic, rows, time_s) >= f.squawk_s[rows]
    return np.where(changed, f.squawk[rows], f.mode_a[rows]), np.where(changed, f.emergency[rows], 0).astype(np.uint8)


def answering(traffic: Traffic, rows: I64, time_s: ArrayLike) -> NDArray[np.uint8]:
    """Return the equipment of flights that works at a time: none once their transponder is silent."""
    f = traffic.flights
    return np.where(age(traffic, rows, time_s) >= f.silent_s[rows], 0, f.equipment[rows]).astype(np.uint8)


def glance(traffic: Traffic, block: int) -> Glance:
    """Return who is in the air at some time of [block, block + 1] * GLANCE_S, and where at its middle."""
    f = traffic.flights
    every = np.arange(len(f.path))
    times = block * GLANCE_S, (block + 0.5) * GLANCE_S, (block + 1) * GLANCE_S
    ages = [age(traffic, every, t) for t in times]
    rows = every[np.logical_or.reduce([(a >= 0.0) & (a < f.length_s) for a in ages])]
    there, _ = motion(traffic, rows, times[1])
    return Glance(rows, np.stack(geodetic_to_ecef(there.lat_rad, there.lon_rad, there.height_m), axis=1))


def near(seen: Glance, ecef_m: F64, range_m: float, margin_s: float) -> I64:
    """Return the rows that may come within a range within margin_s of the glance's time."""
    away = seen.ecef_m - ecef_m
    within: NDArray[np.bool_] = np.einsum("ij,ij->i", away, away) <= (range_m + FASTEST_MS * margin_s) ** 2
    return seen.rows[within]


def horizon_m(antenna_m: float, above_ground_m: ArrayLike) -> F64:
    """Return the distance of the radio horizon over smooth ground, 4/3 earth (20 m and 10,000 m: 430 km)."""
    return np.asarray(np.sqrt(2.0 * EARTH_43_M) * (np.sqrt(antenna_m) + np.sqrt(np.maximum(above_ground_m, 0.0))))
