"""Conflicts planted into recorded traffic: a recorded flight moved in time, place and level so that it meets another.

A planted flight is a few minutes of one recorded flight's own plots, with their noise, under an address of its own: shifted so that at a
chosen moment it is nearer to another recorded flight than the alert's minima, at a random bearing and difference of level.
"""

from __future__ import annotations

import io
import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenere.batch import Plots
from tenere.cli.flown import table_feed
from tenere.errors import TenereError
from tenere.feeds.files import cut
from tenere.watch.families.stca import minima_of
from tenere.watch.kernels.encounter import minima
from tenere.watch.truth import ADDRESS
from tenere.wire import format as formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.cli.flown import Flown
    from tenere.config import Config
    from tenere.feeds.files import FileFeed

SOURCE = "planted"
FIRST_ADDRESS = 0xF20000
"""No State's block: ICAO Annex 10 Volume III, table 9-1."""
BEFORE_S, AFTER_S = 210.0, 40.0
"""How long a planted flight flies before and after its conflict."""
SETTLED_S = 180.0
"""How long before it the other must have flown."""
MOST_RISE_M = 900.0
"""A flight is moved up or down by no more: it would not fly so elsewhere."""
LEAST_SPEED_MS = 40.0
AT_ONCE_S = 12.0
"""Planted conflicts are at least so far apart on average: more at a time would meet each other."""
TRIES = 200
UNITS_AT_ONCE = 50_000
CANNOT = "no conflict could be planted: needed are recordings whose plots tell latitude, longitude, altitude and address, some minutes long"


class Planted(NamedTuple):
    """One planted conflict: who meets whom, when and how near (m)."""

    who: int
    other: int
    time_s: float
    near_m: float
    above_m: float


class Flight(NamedTuple):
    """One aircraft's plots in order of time."""

    address: int
    plots: Plots

    def at(self, time_s: float) -> tuple[float, float, float] | None:
        """Return latitude, longitude and altitude at a time; None where its plots leave a gap of more than 15 s."""
        t = self.plots.time_s
        k = int(np.searchsorted(t, time_s))
        if not 0 < k < len(t) or t[k] - t[k - 1] > 15.0:
            return None
        lat, lon, z = (float(np.interp(time_s, t, c)) for c in (self.plots.lat_rad, self.plots.lon_rad, self.plots.pressure_altitude_m))
        return lat, lon, z

    def flown(self, from_s: float, until_s: float) -> bool:
        """Say whether it flies the whole time: seen without a gap of more than 15 s, and fast."""
        t = self.plots.time_s
        a, b = int(np.searchsorted(t, from_s)), int(np.searchsorted(t, until_s))
        if (a == 0 and t[0] > from_s) or b >= len(t) or b - a < 8:
            return False
        speed = np.hypot(self.plots.east_ms[a:b], self.plots.north_ms[a:b])
        return bool(np.diff(t[a:b]).max() <= 15.0 and t[a] - from_s <= 15.0 and not (speed < LEAST_SPEED_MS).any())


def decoded(feeds: Sequence[FileFeed]) -> Plots:
    """Return all plots of some recordings."""
    parts = []
    for feed in feeds:
        chosen = formats.load(feed.format)
        state = chosen.init(formats.SourceHint())
        for first in range(0, len(feed.chunk.ends), UNITS_AT_ONCE):
            part = cut(feed.chunk, first, min(len(feed.chunk.ends), first + UNITS_AT_ONCE))
            state, found = chosen.step(state, part, float(part.times_s[-1]))
            parts.append(found.plots)
    return Plots.concat(parts)


def flights(plots: Plots) -> list[Flight]:
    """Return the flights of plots with place, altitude and address, by rising address; those on the ground are left out."""
    whole = np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad) & np.isfinite(plots.pressure_altitude_m) & (plots.address > 0)
    plots = plots.take(whole & ((plots.flags & 8) == 0))
    plots = plots.take(np.lexsort((plots.time_s, plots.address)))
    edges = np.flatnonzero(np.diff(plots.address)) + 1
    bounds = [0, *edges.tolist(), len(plots)]
    return [Flight(int(plots.address[a]), plots.take(slice(a, b))) for a, b in itertools.pairwise(bounds) if b - a > 30]


def plant(feeds: Sequence[FileFeed], flown: Flown, config: Config, wanted: int, seed: int) -> tuple[FileFeed | None, list[Planted]]:
    """Return a feed of planted flights, and their conflicts; None where none can be planted. The same seed plants the same."""
    every = flights(decoded(feeds))
    rng = np.random.Generator(np.random.PCG64(seed))
    layers = minima_of(config.watch.stca)
    by_eye = {int(m.who[i]) for m in flown.truth.moments.values() for i in np.flatnonzero(m.visual)}
    moments = [m.time_s for m in flown.truth.moments.values() if len(m.who)]
    most = min(wanted, max(1, int(len(moments) * config.site.tick_s / AT_ONCE_S))) if moments else 0
    made: list[Planted] = []
    parts: list[Plots] = []
    for k in range(most * TRIES if every else 0):
        if len(made) >= most:
            break
        found = _one(rng, every, layers, by_eye, FIRST_ADDRESS + len(made), moments)
        if found is not None:
            made.append(found[0])
            parts.append(found[1])
        if k > 2000 and not made:
            break
    if not made:
        return None, []
    plots = Plots.concat(parts)
    return feed_of(plots.take(np.argsort(plots.time_s, kind="stable"))), made


def _one(
    rng: np.random.Generator, every: list[Flight], layers: np.ndarray, by_eye: set[int], address: int, moments: list[float]
) -> tuple[Planted, Plots] | None:
    """Try to plant one conflict."""
    source, target = every[int(rng.integers(len(every)))], every[int(rng.integers(len(every)))]
    when_s = float(moments[int(rng.integers(len(moments)))])
    t = source.plots.time_s
    if t[-1] - t[0] < BEFORE_S + AFTER_S:
        return None
    was_s = float(rng.uniform(t[0] + BEFORE_S, t[-1] - AFTER_S))
    if not source.flown(was_s - BEFORE_S, was_s + AFTER_S) or not target.flown(when_s - SETTLED_S, when_s + AFTER_S):
        return None
    here, there = source.at(was_s), target.at(when_s)
    if here is None or there is None or abs(here[2] - there[2]) > MOST_RISE_M:
        return None
    eye = ADDRESS + source.address in by_eye or ADDRESS + target.address in by_eye
    near, above = minima(there[2], there[2], eye, layers)
    near_m, above_m, bearing = rng.uniform(0.0, 0.6) * near, rng.uniform(-0.6, 0.6) * above, rng.uniform(0.0, 2.0 * math.pi)
    lat = there[0] + near_m * math.cos(bearing) / 6.371e6
    lon = there[1] + near_m * math.sin(bearing) / (6.371e6 * math.cos(there[0]))
    p = source.plots
    a, b = int(np.searchsorted(t, was_s - BEFORE_S)), int(np.searchsorted(t, was_s + AFTER_S))
    p = p.take(slice(a, b))
    moved = p.replace(
        time_s=p.time_s + (when_s - was_s),
        receive_s=np.nan,
        lat_rad=p.lat_rad + (lat - here[0]),
        lon_rad=lon + (p.lon_rad - here[1]) * math.cos(here[0]) / math.cos(lat),
        pressure_altitude_m=p.pressure_altitude_m + (there[2] + above_m - here[2]),
        height_m=p.height_m + (there[2] + above_m - here[2]),
        address=address,
        callsign=f"PLN{address - FIRST_ADDRESS:04d}".encode(),
    )
    if _begins_near(moved, target):
        return None
    return Planted(ADDRESS + address, ADDRESS + target.address, when_s, near_m, above_m), moved


def _begins_near(moved: Plots, target: Flight) -> bool:
    """Say whether a planted flight is born nearer than 15 km and 1,000 m to the one it is to meet: it would be no surprise."""
    begin = target.at(float(moved.time_s[0]))
    if begin is None:
        return False
    dx = (float(moved.lon_rad[0]) - begin[1]) * math.cos(begin[0])
    near = math.hypot(dx, float(moved.lat_rad[0]) - begin[0]) * 6.371e6 < 15_000.0
    return near and abs(float(moved.pressure_altitude_m[0]) - begin[2]) < 1_000.0


def feed_of(plots: Plots) -> FileFeed:
    """Return plots as a feed of their own: a Parquet table in memory."""
    table = pa.table(
        {
            n: [v.decode("ascii", "replace") for v in getattr(plots, n).tolist()] if d.kind == "S" else getattr(plots, n)
            for n, d, _, _ in Plots.columns()
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    try:
        return table_feed(Path(SOURCE), SOURCE, out.getvalue(), formats.SourceHint())
    except TenereError as e:
        raise TenereError(f"planted flights cannot be read back: {e}") from e
