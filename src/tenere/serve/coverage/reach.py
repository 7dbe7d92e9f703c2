"""Measured against predicted, live: of the tracks that a sensor's terrain lets it see, the share that it lately saw.

A look counts for the best and the second-best sensor at a track's place where the track flies well above the least altitude from which
they see it, carries what they answer to, and *another* sensor saw it lately: so it was surely there. The sensor saw it if it saw it lately,
too. Looks at one track follow each other, so shares of few tracks say little; `tenere reach` does the same of recordings, with intervals.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import PlotKind, TrackFlag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.serve.coverage.making import Held
    from tenere.serve.snapshot import Snapshot

LOOK_S = 12.0
"""Of the picture's time between looks: about as long as a sensor's mark stays on a track."""
KEPT = 100
"""Looks kept: 20 minutes."""
MARGIN_M = 300.0
"""So much above the least altitude a track must fly: pressure altitudes are not altitudes."""
MOST_TRACKS = 20_000
"""Tracks looked at."""
SENSORS = 64
"""Sensors that tracks tell apart."""
TRANSPONDER = sum(
    1 << k for k in (PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.ADSB, PlotKind.ADSR, PlotKind.MLAT)
)
ANSWERED = {"adsb": 1 << PlotKind.ADSB, "radar": TRANSPONDER, "mlat": TRANSPONDER}
"""What a track must have been seen by, for a kind of sensor to be expected to see it; other kinds are not looked at."""


class Reach:
    """Counts looks over the last minutes."""

    def __init__(self) -> None:
        """Start with none."""
        self._looks: deque[tuple[tuple[str, ...], NDArray[np.int64]]] = deque(maxlen=KEPT)
        self._last_s = -math.inf

    def take(self, held: Held, snap: Snapshot) -> None:
        """Look at the tracks of a snapshot, where it is time; time going back starts anew."""
        if snap.time_s < self._last_s:
            self._looks.clear()
        elif snap.time_s < self._last_s + LOOK_S:
            return
        self._last_s = snap.time_s
        t, picture = snap.tracks, held.picture
        sure = (t.flags & TrackFlag.CONFIRMED) != 0
        sure &= (t.flags & (TrackFlag.COASTING | TrackFlag.ON_GROUND | TrackFlag.NOT_LIVE)) == 0
        altitude_m = np.where(np.isfinite(t.altitude_m), t.altitude_m, t.pressure_altitude_m)
        rows = np.flatnonzero(sure & np.isfinite(t.lat_rad) & np.isfinite(altitude_m) & (t.frame == 0))[:MOST_TRACKS]
        r, c = picture.plane.to_grid(t.lat_rad[rows], t.lon_rad[rows])
        n, m = picture.plane.shape
        with np.errstate(invalid="ignore"):
            there = (r >= 0) & (r <= n - 1) & (c >= 0) & (c <= m - 1)
        rows, i, j = rows[there], np.rint(r[there]).astype(np.int64), np.rint(c[there]).astype(np.int64)
        found = np.zeros((len(picture.sights), 2), np.int64)
        number = {v.id: k for k, v in enumerate(snap.sensors[:SENSORS])}
        for least_m, who in ((picture.best_m[i, j], picture.best[i, j]), (picture.second_m[i, j], picture.second[i, j])):
            flown = altitude_m[rows] >= least_m + MARGIN_M
            for k in np.unique(who[flown]).tolist():
                sight = picture.sights[k]
                if sight.id not in number or sight.kind not in ANSWERED:
                    continue
                own = np.uint64(1 << number[sight.id])
                at = rows[flown & (who == k)]
                heard = t.sensors[at].astype(np.uint64)
                at_all = ((heard & ~own) != 0) & ((t.kinds[at] & np.uint32(ANSWERED[sight.kind])) != 0)
                at_all &= ~_overhead(picture.stands[k], sight.antenna.max_elevation_rad, held, t.lat_rad[at], t.lon_rad[at], altitude_m[at])
                found[k] += (int(at_all.sum()), int((at_all & ((heard & own) != 0)).sum()))
        self._looks.append((tuple(s.id for s in picture.sights), found))

    def seen(self) -> dict[str, tuple[int, int]]:
        """Return, by sensor, the looks that counted and those that it saw."""
        out: dict[str, tuple[int, int]] = {}
        for ids, found in self._looks:
            for name, (expected, saw) in zip(ids, found.tolist(), strict=True):
                before = out.get(name, (0, 0))
                out[name] = (before[0] + expected, before[1] + saw)
        return out


def _overhead(
    stand: tuple[float, float, float],
    steepest_rad: float,
    held: Held,
    lat_rad: NDArray[np.float64],
    lon_rad: NDArray[np.float64],
    altitude_m: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Say which places lie in a sensor's cone of silence, or near it."""
    if steepest_rad >= math.pi / 2:
        return np.zeros(len(lat_rad), np.bool_)
    row, column = held.picture.plane.to_grid(lat_rad, lon_rad)
    away_m = np.hypot(row - stand[0], column - stand[1]) * held.picture.plane.step_m
    return np.asarray(altitude_m - stand[2] > 0.8 * away_m * math.tan(steepest_rad))
