"""Scenarios of recorded flights: their true motion, placed anew, seen by one simulated radar or two.

Flights of `traffic_quickstart.json.gz` (ADS-B around Paris, one report a second; ../shared/data/traj) are cut into
windows of the scenario's length, smoothed by splines (cut-off near 3 s), and moved as they are to a uniform point of the
plane. Turn rates are differences of the true heading; what the turn does not explain of a step is its known input, and
the bound's process noise is the suite's 0.1 m2/s3, so the bound knows each flight's turns and accelerations.

With one radar the earth is flat and it stands at (0, 0); the range is slant. With two, the truth lies in the plane about
CENTRE_DEG and every plot is measured through the ellipsoid by a radar whose place the site file says; extra arrays:
plot_sensor (P,) and looks (S, K, N) bool.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.interpolate import make_smoothing_spline

from bench.airbench.scenario import R_MAX_M, R_MIN_M, SIG_AZ_DEG, SIG_R_M, look, packed, rng_of, turn_matrix
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta, Where

RECORDING = Path(__file__).parents[3] / "shared" / "data" / "traj" / "traffic_quickstart.json.gz"
CENTRE_DEG = (48.0, 8.0)
RADARS_M = ((-70e3, -20e3), (60e3, 40e3))
SMOOTH = 81.0  # s4: half amplitude at 3 s a radian
GAP_S, FASTEST_MS2, JUMP_M = 10.0, 15.0, 200.0
STRAIGHT_RADS, TURNING_RADS = np.deg2rad(0.3), np.deg2rad(0.5)
FOOT_M = 0.3048
SPREAD_M = 150e3


class Window(NamedTuple):
    """One window of a flight at the scenario's scans: state about its own middle (K, 4) and height (K,) in metres."""

    state: F64
    height: F64


@cache
def legs() -> tuple[F64, ...]:
    """Return the airborne legs without a gap: columns time (s), x, y, height (m) in a plane about their first point."""
    with gzip.open(RECORDING) as file:
        reports = json.load(file)
    by_aircraft: dict[str, list[tuple[float, float, float, float]]] = {}
    for r in reports:
        if not r["onground"] and r["altitude"] is not None and 1_500 < r["altitude"] < 60_000:
            row = r["timestamp"] / 1e3, r["latitude"], r["longitude"], r["altitude"] * FOOT_M
            by_aircraft.setdefault(r["icao24"], []).append(row)
    out = []
    for _, rows in sorted(by_aircraft.items()):
        table = np.array(sorted(rows))
        table = table[np.r_[True, np.diff(table[:, 0]) > 0.5]]
        for part in np.split(table, np.flatnonzero(np.diff(table[:, 0]) > GAP_S) + 1):
            lat, lon = np.deg2rad(part[:, 1]), np.deg2rad(part[:, 2])
            x, y = Plane.at(float(lat[0]), float(lon[0])).forward(lat, lon)
            out.append(np.column_stack([part[:, 0] - part[0, 0], x, y, part[:, 3]]))
    return tuple(out)


def places(length_s: float) -> list[tuple[int, float]]:
    """Return leg and begin (s) of every whole window of a length, one after the other."""
    return [(i, float(b)) for i, leg in enumerate(legs()) for b in np.arange(0.0, leg[-1, 0] - length_s, length_s)]


def window(leg: F64, begin_s: float, at_s: F64) -> Window | None:
    """Return the window of a leg from begin_s, smoothed, at times from there; None where the recording is thin or jumps."""
    part = leg[(leg[:, 0] >= begin_s - 5) & (leg[:, 0] <= begin_s + at_s[-1] + 5)]
    if len(part) < 0.5 * at_s[-1]:
        return None
    since = part[:, 0] - begin_s
    x, y, h = (make_smoothing_spline(since, part[:, c], lam=SMOOTH) for c in (1, 2, 3))
    off = max(np.abs(s(since) - part[:, c]).max() for s, c in ((x, 1), (y, 2)))
    pull = max(np.abs(s(at_s, 2)).max() for s in (x, y))
    if off > JUMP_M or pull > FASTEST_MS2:
        return None
    middle = len(at_s) // 2
    state = np.column_stack([x(at_s) - x(at_s)[middle], x(at_s, 1), y(at_s) - y(at_s)[middle], y(at_s, 1)])
    return Window(state, h(at_s))


def drawn(rng: np.random.Generator, n: int, at_s: F64, step_s: float) -> list[Window]:
    """Return n windows in random order, each once before any comes again; at_s: the times of the scans.

    Raises ValueError where the recording has no whole window of that length.
    """
    found: list[Window] = []
    choice = places(at_s[-1] + step_s)
    while len(found) < n:
        before = len(found)
        for i in rng.permutation(len(choice)):
            made = window(legs()[choice[i][0]], choice[i][1], at_s)
            if made is not None:
                found.append(made)
            if len(found) == n:
                break
        if len(found) == before:
            raise ValueError(f"no flight of {at_s[-1]:.0f} s without a gap in {RECORDING.name}")
    return found


def hermite(truth: F64, height: F64, period_s: float) -> Where:
    """Return where(k, aircraft, tau) between scans: the cubic through the positions and velocities at both ends."""
    last = len(truth) - 1

    def where(k: int, who: NDArray[np.int64], tau: F64) -> tuple[F64, F64]:
        if k == last:
            return truth[k, who][:, [0, 2]] + truth[k, who][:, [1, 3]] * tau[:, None], height[k, who]
        u = (tau / period_s)[:, None]
        a, b = truth[k, who], truth[k + 1, who]
        p = (2 * u**3 - 3 * u**2 + 1) * a[:, [0, 2]] + (3 * u**2 - 2 * u**3) * b[:, [0, 2]]
        p = p + period_s * ((u**3 - 2 * u**2 + u) * a[:, [1, 3]] + (u**3 - u**2) * b[:, [1, 3]])
        return p, height[k, who] + (height[k + 1, who] - height[k, who]) * tau / period_s

    return where


def turns_of(truth: F64, period_s: float) -> tuple[F64, F64]:
    """Return the turn rate of each step (K, N), 0 where it is hardly one, and the known input (K, N, 4) beside the turn."""
    heading = np.arctan2(truth[..., 3], truth[..., 1])
    omega, given = np.zeros(truth.shape[:2]), np.zeros(truth.shape)
    step = np.angle(np.exp(1j * np.diff(heading, axis=0))) / period_s
    omega[1:] = np.where(np.abs(step) < STRAIGHT_RADS, 0.0, step)
    given[1:] = truth[1:] - np.einsum("knij,knj->kni", turn_matrix(omega[1:], period_s), truth[:-1])
    return omega, given


def make(
    n: int, lam: float, seed: int, scans: int = 100, T: float = 4.0, pd: float = 0.9, *, rotating: bool = False, radars: int = 1
) -> tuple[Data, Meta]:
    """Return a scenario of n windows of recorded flights; rotating is for one radar."""
    rng = rng_of(seed)
    flown = drawn(rng, n, np.arange(scans, dtype=np.float64) * T, T)
    truth, height = np.stack([w.state for w in flown], axis=1), np.stack([w.height for w in flown], axis=1)
    truth[..., [0, 2]] += rng.uniform(-SPREAD_M, SPREAD_M, (n, 2))
    omega, given = turns_of(truth, T)
    extra: Data = {"input": given, "Z": height, "manoeuvre": np.abs(omega) >= TURNING_RADS}
    law: Meta = {"n": n, "lam": lam, "seed": seed, "T": T, "pd": pd, "rotating": rotating, "law": "real"}
    det = rng.random((scans, n)) < pd
    if radars == 1:
        plots = look(rng, truth, hermite(truth, height, T), det, lam, T, rotating=rotating, climbs=True)
    else:
        plots, looks = _two(rng, truth, height, pd, lam, T)
        det = np.asarray(looks.any(axis=0))
        extra |= {"plot_sensor": plots[:, 6].astype(np.int32), "looks": looks}
        law |= _places()
    extra["plot_h"] = plots[:, 5]
    return packed(truth, omega, det, plots, law, extra)


def _places() -> Meta:
    """Return where the two radars stand, in the plane and on the earth."""
    plane = Plane.at(*np.deg2rad(CENTRE_DEG))
    placed = []
    for x, y in RADARS_M:
        lat, lon = plane.inverse(x, y)
        placed.append({"x_m": x, "y_m": y, "lat_deg": float(np.rad2deg(lat)), "lon_deg": float(np.rad2deg(lon))})
    return {"centre_deg": list(CENTRE_DEG), "radars": placed}


def _two(rng: np.random.Generator, truth: F64, height: F64, pd: float, lam: float, period_s: float) -> tuple[F64, NDArray[np.bool_]]:
    """Return the plots of two frozen radars (n, 7), the last column the radar, and who was seen by which (S, K, N)."""
    scans, n = truth.shape[:2]
    plane = Plane.at(*np.deg2rad(CENTRE_DEG))
    places: list[dict[str, Any]] = _places()["radars"]
    looks = rng.random((len(places), scans, n)) < pd
    parts = []
    for k in range(scans):
        lat, lon = plane.inverse(truth[k, :, 0], truth[k, :, 2])
        for s, place in enumerate(places):
            here = np.deg2rad(place["lat_deg"]), np.deg2rad(place["lon_deg"]), 0.0
            e, north, up = ellipsoid.enu_of(*here, lat, lon, height[k])
            r = np.sqrt(e * e + north * north + up * up)
            looks[s, k] &= r <= R_MAX_M
            who = np.flatnonzero(looks[s, k])
            ranges = r[who] + SIG_R_M * rng.standard_normal(len(who))
            azimuths = np.arctan2(north, e)[who] + np.deg2rad(SIG_AZ_DEG) * rng.standard_normal(len(who))
            m = rng.poisson(lam)
            ranges, azimuths = np.r_[ranges, rng.uniform(R_MIN_M, R_MAX_M, m)], np.r_[azimuths, rng.uniform(-np.pi, np.pi, m)]
            mode_c = np.r_[np.round(height[k, who] / 30.48) * 30.48, np.full(m, np.nan)]
            src = np.r_[who, np.full(m, -1)]
            size = len(ranges)
            columns = [np.full(size, k), np.full(size, k * period_s), ranges, azimuths, src, mode_c, np.full(size, s)]
            parts.append(np.column_stack(columns)[rng.permutation(size)])
    return np.vstack(parts), looks
