"""Measured against predicted: where each sensor's plots really were, beside where its terrain lets it see.

Time is cut into looks of some seconds. A look at a track counts for a sensor where *another* sensor had a plot of the track in it, so that
the track was surely there; the track carries what this sensor answers to (a transponder, ADS-B); and it flew well above the least altitude
that the terrain allows. The sensor saw it if it had a plot, too. By sector of azimuth and ring of distance, the share seen has an
interval that takes each passage of a track as dependent within itself (Kish, Survey Sampling, 1965, section 5.4: the design effect).

A sector where the share is surely below what is to be expected is flagged, and so is one where the sensor surely sees tracks flying
below the terrain's least altitude: then the terrain, the antenna's height or the refraction is not as told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.batch import PlotKind
from tenere.coverage.country import lone
from tenere.coverage.horizon import CoverageError
from tenere.coverage.limits import within
from tenere.coverage.looks import kinds, plots_in, span, tracks_in
from tenere.coverage.tables import Table
from tenere.coverage.verdicts import Row, Sectors, Sums, rows_of
from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.coverage.country import Part, Sight
    from tenere.coverage.looks import Heard, There
    from tenere.geo.terrain import CountryPlane
    from tenere.site import SensorConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

SPHERE_M = 6_371_008.8
WINDOW_LOOKS = 75
"""Looks that are held at a time."""
MOST_LOOKS = 10_000_000
"""Looks from the first time to the last: four years of 12 s."""
FORGET_LOOKS = 75
"""A passage is over when its track was not there for so long."""
_TRANSPONDER = sum(1 << k for k in (PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.ADSB, PlotKind.ADSR))
_EVERY = (1 << 32) - 1
ANSWERS = {
    PlotKind.PSR: _EVERY, PlotKind.PSR_SSR: _EVERY, PlotKind.PSR_MODE_S: _EVERY, PlotKind.SMR: _EVERY, PlotKind.UNKNOWN: _EVERY,
    PlotKind.DETECTION: _EVERY, PlotKind.SSR: _TRANSPONDER, PlotKind.MODE_S: _TRANSPONDER, PlotKind.MLAT: _TRANSPONDER,
    PlotKind.ADSB: 1 << PlotKind.ADSB, PlotKind.REMOTE_ID: 1 << PlotKind.REMOTE_ID, PlotKind.FLARM: 1 << PlotKind.FLARM,
    PlotKind.ADSR: 1 << PlotKind.ADSR, PlotKind.TISB: 1 << PlotKind.TISB,
}  # fmt: skip
"""What kinds of plot (bits) show that a track has what a sensor with plots of this kind needs."""


@dataclass
class Measured:
    """All rows, and what of the tables was not used, by reason. unjudged: sensors that cannot be computed, and why."""

    rows: tuple[Row, ...]
    refused: dict[str, int]
    unjudged: dict[str, str]
    tracks: int = 0
    looks: int = 0
    span_s: tuple[float, float] = (math.nan, math.nan)

    def flagged(self) -> tuple[Row, ...]:
        """Return the rows that say something is wrong."""
        return tuple(r for r in self.rows if r.verdict in {"less", "more"})


class _Watcher(NamedTuple):
    """A sensor that is measured: its row in the table of sensors, what it is, what it would see."""

    number: int
    config: SensorConfig
    sight: Sight
    part: Part
    answers: int


def measured(
    sensors: Sequence[SensorConfig],
    sights: Sequence[Sight],
    plane: CountryPlane,
    plots: Sequence[Path],
    tracks: Sequence[Path],
    cut: Sectors | None = None,
    *,
    k: float = 4.0 / 3.0,
    progress: Callable[[float], None] | None = None,
) -> Measured:
    """Measure where the sensors of a site saw tracks, beside where their terrain lets them.

    sensors: the site's table, whose rows the column sensor of plots names. sights: those with a place. plots: tables with the columns
    time_s, sensor, track (as `tenere replay --out` writes them); tracks: of the same replay. Rows of one sensor are all its sectors and
    rings of which something is known, then the whole. Raises TenereError for tables that are none.
    """
    cut = cut or Sectors()
    plot_tables = [Table(path, ("time_s", "sensor", "track", "kind")) for path in plots]
    track_tables = [Table(path, ("time_s", "number", "lat_rad", "lon_rad")) for path in tracks]
    shown, kinds_of = kinds(plot_tables)
    watchers, unjudged = _watchers(sensors, sights, plane, kinds_of, k)
    sums = [Sums(2 * cut.sectors * cut.rings) for _ in watchers]
    made = Measured((), {}, unjudged)
    first, last = span(track_tables)
    span(plot_tables)  # counts rows without a time
    if not first < math.inf:
        raise TenereError(f"{', '.join(map(str, tracks))}: no row has a time")
    begin, end = math.floor(first / cut.look_s), math.floor(last / cut.look_s) + 1
    if end - begin > MOST_LOOKS:
        raise TenereError(f"the tracks go from {first:.0f} to {last:.0f} s: too long for looks of {cut.look_s:g} s; is a time wrong?")
    made.span_s = (first, last)
    numbers = np.zeros(0, np.int64)
    for window in range(begin, end, WINDOW_LOOKS):
        to = min(end, window + WINDOW_LOOKS)
        there = tracks_in(track_tables, window, to, cut.look_s)
        if len(there.key):
            heard = plots_in(plot_tables, window, to, cut.look_s, there.key)
            numbers = np.union1d(numbers, there.number)
            made.looks += len(there.key)
            _count(plane, there, heard, watchers, sums, cut, shown)
        for total in sums:
            total.forget(to - FORGET_LOOKS)
        if progress is not None:
            progress((to - begin) / (end - begin))
    made.tracks = len(numbers)
    for total in sums:
        total.forget(math.inf)
    made.rows = tuple(row for w, total in zip(watchers, sums, strict=True) for row in rows_of(w.config, total, cut))
    for table in (*plot_tables, *track_tables):
        for reason, count in table.rejects.counts.items():
            made.refused[reason] = made.refused.get(reason, 0) + count
    return made


def measured_rows(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - those of measured
    """Return the rows of `measured`, which takes the same, as dictionaries for a report."""
    return [r._asdict() for r in measured(*args, **kwargs).rows]


def _watchers(
    sensors: Sequence[SensorConfig], sights: Sequence[Sight], plane: CountryPlane, kinds_of: dict[int, int], k: float
) -> tuple[list[_Watcher], dict[str, str]]:
    """Compute what each sensor would see; return those that can be measured, and why others cannot."""
    found, unjudged = [], dict[str, str]()
    by_id = {s.id: s for s in sights}
    for number, config in enumerate(sensors):
        sight = by_id.get(config.id)
        if sight is None:
            unjudged[config.id] = "has no place"
            continue
        answers = 0
        for kind in PlotKind:
            if kinds_of.get(number, 0) >> kind & 1:
                answers |= ANSWERS[kind]
        try:
            part = lone(plane, sight, k=k)
        except CoverageError as e:
            unjudged[config.id] = str(e)
            continue
        if not answers:
            unjudged[config.id] = "has no plot in these tables"
            continue
        found.append(_Watcher(number, config, sight, part, answers))
    return found, unjudged


def _count(
    plane: CountryPlane,
    there: There,
    heard: Heard,
    watchers: Sequence[_Watcher],
    sums: Sequence[Sums],
    cut: Sectors,
    shown: tuple[I64, I64],
) -> None:
    """Add the looks of a window to each sensor's sums."""
    rows, columns = plane.to_grid(there.lat_rad, there.lon_rad)
    rows, columns = np.nan_to_num(rows, nan=-1.0), np.nan_to_num(columns, nan=-1.0)
    i, j = np.rint(np.clip(rows, -1, 1e7)).astype(np.int64), np.rint(np.clip(columns, -1, 1e7)).astype(np.int64)
    at = np.minimum(np.searchsorted(shown[0], there.number), max(0, len(shown[0]) - 1))
    bits = np.where(shown[0][at] == there.number, shown[1][at], 0) if len(shown[0]) else np.zeros(len(there.number), np.int64)
    known = np.isfinite(there.altitude_m)
    for w, total in zip(watchers, sums, strict=True):
        mine = np.zeros(len(there.key), bool)
        mine[heard.row[heard.sensor == w.number]] = True
        others = heard.sensors - mine > 0
        away, azimuth = _polar(w.sight.antenna.lat_rad, w.sight.antenna.lon_rad, there.lat_rad, there.lon_rad)
        a, b = i - w.part.top, j - w.part.left
        n, m = w.part.amsl_m.shape
        inside = (a >= 0) & (a < n) & (b >= 0) & (b < m)
        least = np.full(len(a), np.inf)
        least[inside] = w.part.amsl_m[a[inside], b[inside]]
        with np.errstate(invalid="ignore"):
            fit = known & ((bits & w.answers) != 0) & ~np.isnan(least)
            fit &= within(w.part, plane.step_m, away, there.altitude_m)
            clear = fit & (there.altitude_m >= least + cut.margin_m)
            hidden = fit & (there.altitude_m < least - cut.margin_m)
        cell = np.floor(azimuth / (2 * math.pi) * cut.sectors).astype(np.int64) % cut.sectors * cut.rings
        cell += np.minimum(away // cut.ring_m, cut.rings - 1).astype(np.int64)
        looked = np.flatnonzero((clear & others) | (hidden & (others | mine)))
        kind = np.where(clear[looked], 0, cut.sectors * cut.rings)
        total.add(cell[looked] + kind, there.number[looked], there.look[looked], mine[looked])
        total.alone += np.bincount(cell[clear & mine & ~others], minlength=total.cells)


def _polar(lat0: float, lon0: float, lat: F64, lon: F64) -> tuple[F64, F64]:
    """Return distance (m) and azimuth (0 to 2 pi) on the sphere: 0.3 % off, which sectors bear."""
    dlon = lon - lon0
    east = np.sin(dlon) * np.cos(lat)
    north = math.cos(lat0) * np.sin(lat) - math.sin(lat0) * np.cos(lat) * np.cos(dlon)
    up = math.sin(lat0) * np.sin(lat) + math.cos(lat0) * np.cos(lat) * np.cos(dlon)
    return SPHERE_M * np.arctan2(np.hypot(east, north), up), np.arctan2(east, north) % (2 * math.pi)
