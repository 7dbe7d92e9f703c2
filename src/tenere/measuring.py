"""What the measuring of sensors takes from the tracker: where its plots lie, and who its sensors are.

One way for the live picture (`Live`, a stage of the pipeline) and for whole recordings (`Watcher`, `tenere performance`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere import performance
from tenere.performance import window
from tenere.site import PLACING
from tenere.track.columns import altitudes_of
from tenere.track.place import Sites, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere import track
    from tenere.batch import Plots, Tracks
    from tenere.performance import Facts, PerformanceConfig, Seen, Window

FACTS_S = 5.0
"""How often a live picture asks who the sensors are."""


def facts(tracker: track.State) -> list[Facts]:
    """Return who the tracker's sensors are, by the number that the plots give."""
    out = []
    for i, s in enumerate(tracker.table.rows):
        x, y, frame = 0.0, 0.0, -1
        if s.placed and tracker.plane is not None:
            (x, y), frame = s.plane_xy(tracker.plane), 0
        elif not s.placed and s.config.kind not in PLACING:
            frame = i + 1
        out.append(performance.Facts(s.config.id, s.config.name, s.config.kind, x, y, frame, s.period_s, s.clock_off_s))
    return out


def seen(
    tracker: track.State, sites: Sites, plots: Plots, plot_tracks: NDArray[np.int64], tracks: Tracks, sensors: Sequence[Facts]
) -> Seen:
    """Return plots and tracks as the measuring takes them. sites: kept by the caller from tick to tick."""
    placed = place(plots, tracker.table, tracker.plane, sites)
    xy, frame = placed.z.copy(), np.where(placed.ok, placed.frame, -1)
    guessed = np.flatnonzero(np.isfinite(placed.sight[:, 0]) & (plot_tracks > 0))
    height_m = altitudes_of(plot_tracks[guessed], tracks)
    rows, height_m = guessed[np.isfinite(height_m)], height_m[np.isfinite(height_m)]
    if len(rows):  # a primary radar's range lies elsewhere at another height, and that is no error of the radar
        again = place(plots.take(rows).replace(pressure_altitude_m=height_m), tracker.table, tracker.plane, sites)
        xy[rows[again.ok]] = again.z[again.ok]
    return performance.Seen(
        plots=plots,
        x_m=np.ascontiguousarray(xy[:, 0]),
        y_m=np.ascontiguousarray(xy[:, 1]),
        frame=frame,
        plot_tracks=plot_tracks,
        tracks=tracks,
        sensors=sensors,
    )


class Watcher:
    """Measures a whole recording."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.state = performance.init()
        self.sites = Sites()

    def take(self, tracker: track.State, plots: Plots, plot_tracks: NDArray[np.int64], tracks: Tracks, time_s: float) -> None:
        """Observe one tick: what the tracking stage gave, and the tracker after it."""
        self.state = performance.observe(self.state, seen(tracker, self.sites, plots, plot_tracks, tracks, facts(tracker)), time_s)


@dataclass
class Live:
    """Measures the last stretch of a running picture."""

    window: Window
    sites: Sites = field(default_factory=Sites)
    facts: list[Facts] = field(default_factory=list)
    facts_s: float = -math.inf

    def take(self, tracker: track.State, plots: Plots, plot_tracks: NDArray[np.int64], tracks: Tracks, time_s: float) -> None:
        """Observe one tick, or of very many plots those of the sensors whose turn it is."""
        if len(tracker.table.rows) != len(self.facts) or not 0.0 <= time_s - self.facts_s < FACTS_S:
            self.facts, self.facts_s = facts(tracker), time_s
        on = window.turn(self.window, time_s, len(plots), len(self.facts))
        if on is not None:
            rows = np.flatnonzero(np.append(on, False)[plots.sensor])  # -1, of no sensor, is the last
            plots, plot_tracks = plots.take(rows), plot_tracks[rows]
        window.observe(self.window, seen(tracker, self.sites, plots, plot_tracks, tracks, self.facts), time_s)


def begin(config: PerformanceConfig) -> Live | None:
    """Return the measuring of a picture before its first tick; None where the site wants none."""
    return Live(window.begin(config.window_s, config.plots_s)) if config.window_s > 0 else None
