"""A snapshot made into the page's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import TrackFlag
from tenere.page import PageHistory, PageLocal, PageRemote, PageTracks
from tenere.units import FOOT_M, FPM_MS, KNOT_MS, NM_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.serve.snapshot import Snapshot

    Dots = tuple[float, NDArray[np.uint32], NDArray[np.float32], NDArray[np.float32]]


def worse_std_m(xx: NDArray[np.float64], xy: NDArray[np.float64], yy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the one-sigma error along the worse axis of each 2-by-2 covariance (m2 in, m out).

    The larger eigenvalue: half the trace plus sqrt(half the difference squared plus xy squared).
    """
    larger = 0.5 * (xx + yy) + np.sqrt(0.25 * (xx - yy) ** 2 + xy**2)
    return np.sqrt(np.maximum(larger, 0.0))


def page_tracks(snap: Snapshot) -> tuple[PageTracks, PageLocal, PageRemote]:
    """Return the page's batches of a snapshot: all live tracks, in the snapshot's order.

    A track in an unplaced sensor's plane, and one flagged UNPLACED, gets no latitude or longitude, whatever it holds.
    """
    t, who = snap.tracks, snap.identities
    assert np.array_equal(t.number, who.number), "identities must be row for row with tracks"
    n = len(t)
    local = (t.frame > 0) | ((t.flags & TrackFlag.UNPLACED) != 0)
    tracks = PageTracks.blank(
        n,
        number=t.number,
        lat_deg=np.where(local, np.nan, np.degrees(t.lat_rad)),
        lon_deg=np.where(local, np.nan, np.degrees(t.lon_rad)),
        level_ft=t.pressure_altitude_m / FOOT_M,
        altitude_ft=t.altitude_m / FOOT_M,
        course_deg=np.degrees(t.course_rad),
        speed_kt=t.speed_ms / KNOT_MS,
        vertical_fpm=t.vertical_rate_ms / FPM_MS,
        age_s=snap.time_s - t.update_s,
        lag_s=snap.time_s - t.time_s,
        std_m=worse_std_m(t.var_xx_m2, t.var_xy_m2, t.var_yy_m2),
        identity=who.identity,
        confidence_pct=np.round(100.0 * np.nan_to_num(who.confidence)),
        protected=who.protected,
        civil=who.civil,
        aircraft_class=t.aircraft_class,
        emergency=t.emergency,
        trend=t.trend,
        flags=t.flags & 0xFFFF,
        kinds=t.kinds & 0xFFFF,
        mode_a=t.mode_a,
        frame=t.frame,
        source=t.source,
        address=t.address,
        callsign=t.callsign,
    )
    rows = np.flatnonzero(local)
    places = PageLocal.blank(len(rows), row=rows, x_nm=t.x_m[rows] / NM_M, y_nm=t.y_m[rows] / NM_M)
    rows = np.flatnonzero(t.remote_id != b"")
    return tracks, places, PageRemote.blank(len(rows), row=rows, remote_id=t.remote_id[rows])


class History:
    """Where tracks were, a dot every STEP_S, the newest KEEP dots: whole columns, no object a track."""

    STEP_S = 10.0
    KEEP = 36
    ROWS = 120_000
    """At most so many dots are sent: with many tracks the oldest go first."""

    def __init__(self) -> None:
        """Start with no dots."""
        self._dots: list[Dots] = []

    def add(self, snap: Snapshot) -> None:
        """Keep the positions of a snapshot, where STEP_S has passed since the last kept. Time going back starts anew."""
        if self._dots and snap.time_s < self._dots[-1][0]:
            self._dots.clear()
        if self._dots and snap.time_s < self._dots[-1][0] + self.STEP_S:
            return
        t = snap.tracks
        rows = np.flatnonzero(np.isfinite(t.lat_rad) & np.isfinite(t.lon_rad) & ((t.flags & TrackFlag.CONFIRMED) != 0) & (t.frame == 0))
        lat = np.degrees(t.lat_rad[rows]).astype(np.float32)
        lon = np.degrees(t.lon_rad[rows]).astype(np.float32)
        self._dots.append((snap.time_s, t.number[rows].copy(), lat, lon))
        del self._dots[: -self.KEEP]

    def rows(self, now_s: float, alive: NDArray[np.uint32]) -> PageHistory:
        """Return the dots of the tracks alive, oldest first."""
        parts: list[PageHistory] = []
        total = 0
        for time_s, number, lat, lon in reversed(self._dots):
            mask = np.isin(number, alive)
            total += int(mask.sum())
            if total > self.ROWS:
                break
            parts.append(
                PageHistory.blank(int(mask.sum()), number=number[mask], age_s=now_s - time_s, lat_deg=lat[mask], lon_deg=lon[mask])
            )
        return PageHistory.concat(parts[::-1])
