"""From the store to the picture: every confirmed track, predicted to the tick's time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import TrackFlag, Tracks
from tenere.estimate import imm
from tenere.track.place import FRAME_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.store import Store

COAST_GAPS = 2.5
COAST_S = 4.0


@njit(cache=True)
def predicted(s: Store, rows: np.ndarray, t: float, mean: np.ndarray, cov: np.ndarray, turn: np.ndarray) -> None:
    """Fill mean (n, 5), cov (n, 5, 5) and the turn model's probability (n,) of tracks at time t."""
    x, p, mu, work = np.zeros((imm.M, imm.N)), np.zeros((imm.M, imm.N, imm.N)), np.zeros(imm.M), np.zeros((4, 5, 5))
    for k in range(len(rows)):
        i = rows[k]
        imm.predict(s.x[i], s.p[i], s.mu[i], t - s.time_s[i], imm.DEFAULT_PAR, x, p, mu, work)
        imm.moments(x, p, mu, mean[k], cov[k])
        turn[k] = mu[imm.CT]
        mean[k, 4] = mu[imm.CT] * x[imm.CT, 4]


def rows(
    s: Store,
    high: int,
    names: dict[str, NDArray[np.bytes_]],
    marks: dict[str, NDArray[np.uint8]],
    plane: Plane | None,
    time_s: float,
) -> Tracks:
    """Return the confirmed tracks at time_s, in order of their numbers."""
    live = np.nonzero((s.alive[:high] == 1) & (s.confirmed[:high] == 1))[0]
    live = live[np.argsort(s.number[live], kind="stable")]
    n = len(live)
    if not n:
        return Tracks.blank(0)
    mean, cov, turning = np.zeros((n, 5)), np.zeros((n, 5, 5)), np.zeros(n)
    predicted(s, live, time_s, mean, cov, turning)
    frame = np.rint(mean[:, 0] / FRAME_M).astype(np.int64)
    x, y = mean[:, 0] - frame * FRAME_M, mean[:, 1]
    lat, lon = np.full(n, np.nan), np.full(n, np.nan)
    turn, scale = np.zeros(n), np.ones(n)
    main = frame == 0
    if plane is not None and main.any():
        lat[main], lon[main] = plane.inverse(x[main], y[main])
        turn[main], scale[main] = plane.north(lat[main], lon[main])
    vx, vy = mean[:, 2], mean[:, 3]
    idle = time_s - s.update_s[live]
    flags = np.full(n, TrackFlag.CONFIRMED, np.uint32)
    flags |= np.where(idle > np.maximum(COAST_GAPS * s.gap_s[live], COAST_S), TrackFlag.COASTING, 0).astype(np.uint32)
    flags |= np.where(marks["ground"][live], TrackFlag.ON_GROUND, 0).astype(np.uint32)
    flags |= np.where(marks["spi"][live], TrackFlag.SPI, 0).astype(np.uint32)
    flags |= np.where(main, 0, TrackFlag.UNPLACED).astype(np.uint32)
    ahead = time_s - s.height_s[live]
    key = s.key[live]
    return Tracks.blank(
        n,
        number=s.number[live],
        time_s=time_s,
        update_s=s.update_s[live],
        first_s=s.first_s[live],
        frame=frame,
        x_m=x,
        y_m=y,
        vx_ms=vx,
        vy_ms=vy,
        var_xx_m2=cov[:, 0, 0],
        var_xy_m2=cov[:, 0, 1],
        var_yy_m2=cov[:, 1, 1],
        var_v_m2s2=np.maximum(cov[:, 2, 2], cov[:, 3, 3]),
        lat_rad=lat,
        lon_rad=lon,
        course_rad=(np.arctan2(vx, vy) - turn) % (2 * np.pi),
        speed_ms=np.hypot(vx, vy) / scale,
        turn_rads=-mean[:, 4],
        pressure_altitude_m=s.height[live, 0] + np.clip(ahead, -10, 10) * s.height[live, 1],
        vertical_rate_ms=s.height[live, 1],
        existence=s.existence[live],
        turn_probability=turning,
        address=np.where((key >= 0) & (key < 1 << 24), key, -1),
        mode_a=s.mode_a[live],
        callsign=names["callsign"][live],
        remote_id=names["remote_id"][live],
        aircraft_class=marks["aircraft_class"][live],
        emergency=marks["emergency"][live],
        kinds=s.kinds[live, 0] | s.kinds[live, 1],
        sensors=s.sensors[live, 0] | s.sensors[live, 1],
        flags=flags,
        source=-1,
        source_track=-1,
    )
