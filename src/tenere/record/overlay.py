"""Tables of trajectories laid over each other: one plane, one kind of height, rows in order.

Tables with latitudes meet in a stereographic plane: that of the tracks' own x and y where they have both (its centre follows from
them), else one in the middle of the first table. Its lengths are up to 0.4 % long 750 km from the centre (`tenere.geo.plane`).
Tables of x and y alone are taken to share their plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.errors import TenereError, UsageError
from tenere.estimate.paths import Reports, ordered
from tenere.geo.plane import Plane
from tenere.record.trajectories import AGAIN, NO_PLACE, OTHER_FRAME, Trajectories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

HEIGHTS = ("pressure_altitude_m", "height_m")
FIT_ROWS = 400
FIT_M = 1.0


class Overlay(NamedTuple):
    """Tables in one plane; plane is None where they share one of their own, height "" where they share no kind of it."""

    reports: list[Reports]
    plane: Plane | None
    height: str
    local: bool
    """some x and y are about a sensor whose place is not known: they agree with others only about the same one"""


def overlay(tables: Sequence[Trajectories], frame: int | None = None) -> Overlay:
    """Lay tables over each other. frame: which plane of x and y counts, where a table has several. Raises TenereError where none fits."""
    placed = [bool(np.isfinite(t.columns["lat_rad"]).any()) for t in tables]
    if all(placed) and frame is None:
        for t in tables:
            t.take(np.isfinite(t.columns["lat_rad"]), NO_PLACE)
        own = [fit(t) for t in tables]
        plane = next((p for p in own if p is not None), None) or middle(tables[0])
        height = _height(tables)
        return Overlay([_tidy(t, _projected(t, p, plane, height)) for t, p in zip(tables, own, strict=True)], plane, height, local=False)
    flat = [bool(np.isfinite(t.columns["x_m"]).any()) for t in tables]
    if not all(flat):
        lacks = tables[flat.index(False)].path
        which = f"{lacks} has no x and y" + (", which --frame asks for" if frame is not None else "")
        if frame is None and any(placed):
            which = f"{tables[placed.index(True)].path} has latitudes and longitudes, {tables[placed.index(False)].path} only x and y"
        raise TenereError(f"{which}: they cannot be laid over each other; give both the same kind of place")
    for t in tables:
        _one_frame(t, frame)
    height, local = _height(tables), any((t.frame > 0).any() for t in tables)
    return Overlay([_tidy(t, _reports(t, t.columns["x_m"], t.columns["y_m"], height)) for t in tables], None, height, local)


def _one_frame(t: Trajectories, frame: int | None) -> None:
    """Keep the rows of one plane."""
    has_xy = np.isfinite(t.columns["x_m"]) & np.isfinite(t.columns["y_m"])
    t.take(has_xy, NO_PLACE)
    found = np.unique(t.frame)
    if frame is None and len(found) > 1:
        raise UsageError(f"{t.path}: holds places in the planes of frames {', '.join(map(str, found[:8]))}: choose one with --frame")
    if frame is not None and len(found) > 1:
        if frame not in found:
            raise UsageError(f"--frame {frame}: {t.path} has only frames {', '.join(map(str, found[:8]))}")
        t.take(t.frame == frame, OTHER_FRAME)


def _height(tables: Sequence[Trajectories]) -> str:
    """Return the first kind of height that all tables have; unlike kinds are never compared."""
    return next((h for h in HEIGHTS if all(np.isfinite(t.columns[h]).any() for t in tables)), "")


def _tidy(t: Trajectories, reports: Reports) -> Reports:
    """Return the rows in order, and count those that were there twice; the table gives up its columns."""
    t.columns.clear()
    out, again = ordered(reports)
    if len(again):
        t.left_out.add(AGAIN, int(t.row[again].min()), len(again))
    return out


def _reports(t: Trajectories, x_m: F64, y_m: F64, height: str) -> Reports:
    c = t.columns
    vx, vy = c["vx_ms"], c["vy_ms"]
    told = np.isfinite(vx) & np.isfinite(vy)
    with np.errstate(invalid="ignore"):
        vx = np.where(told, vx, c["speed_ms"] * np.sin(c["course_rad"]))
        vy = np.where(told, vy, c["speed_ms"] * np.cos(c["course_rad"]))
    z = c[height] if height else np.full(len(t.who), np.nan)
    return Reports(t.who, c["time_s"], x_m, y_m, vx, vy, z, _covariance(t), t.address, len(t.names))


def _covariance(t: Trajectories) -> F64:
    return np.column_stack([t.columns[f"var_{axes}_m2"] for axes in ("xx", "xy", "yy")])


def _projected(t: Trajectories, own: Plane | None, plane: Plane, height: str) -> Reports:
    """Return a table's rows in the plane; own is that of its x and y. Without one its course counts, and variances are east and north."""
    c = t.columns
    made = _reports(t, *plane.forward(c["lat_rad"], c["lon_rad"]), height)
    if own == plane:
        return made
    north, scale = plane.north(c["lat_rad"], c["lon_rad"])
    speed, course = c["speed_ms"] * scale, c["course_rad"] + north
    vx, vy = speed * np.sin(course), speed * np.cos(course)
    if own is not None:
        before, was = own.north(c["lat_rad"], c["lon_rad"])
        north = north - before
        xs, ys = c["vx_ms"] * scale / was, c["vy_ms"] * scale / was
        told = np.isfinite(xs) & np.isfinite(ys)
        vx = np.where(told, xs * np.cos(north) + ys * np.sin(north), vx)
        vy = np.where(told, ys * np.cos(north) - xs * np.sin(north), vy)
    s, k = np.sin(north), np.cos(north)
    xx, xy, yy = made.cov_m2.T
    cov = np.column_stack(
        [k * k * xx + 2 * s * k * xy + s * s * yy, (k * k - s * s) * xy + s * k * (yy - xx), s * s * xx - 2 * s * k * xy + k * k * yy]
    )
    return made._replace(vx_ms=vx, vy_ms=vy, cov_m2=cov)


def middle(t: Trajectories) -> Plane:
    """Return a plane in the middle of a table, right across the antimeridian too."""
    lat, lon = t.columns["lat_rad"], t.columns["lon_rad"]
    x, y, z = (float(v.mean()) for v in (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    return Plane.at(float(np.arctan2(z, np.hypot(x, y))), float(np.arctan2(y, x)))


def fit(t: Trajectories) -> Plane | None:
    """Return the plane of a table's x and y in frame 0, found from its latitudes and longitudes; None where they fit none to 1 m."""
    c = t.columns
    rows = np.flatnonzero((t.frame == 0) & np.isfinite(c["lat_rad"]) & np.isfinite(c["lon_rad"]) & np.isfinite(c["x_m"] + c["y_m"]))
    if not len(rows):
        return None
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, FIT_ROWS).astype(int))]
    lat, lon, x, y = (c[name][rows] for name in ("lat_rad", "lon_rad", "x_m", "y_m"))
    at = middle(t)
    east, north = at.forward(lat[0], lon[0])
    guess = np.array(at.inverse(east - x[0], north - y[0]), float)

    def off(centre: F64) -> F64:
        px, py = Plane.at(float(centre[0]), float(centre[1])).forward(lat, lon)
        return np.concatenate([px - x, py - y])

    nudge = 1e-6
    for _ in range(8):
        base = off(guess)
        if not np.isfinite(base).all() or abs(guess[0]) > 1.57:
            return None
        slope = np.column_stack([(off(guess + nudge * e) - base) / nudge for e in np.eye(2)])
        guess = guess - np.linalg.lstsq(slope, base, rcond=None)[0]
    good = np.isfinite(guess).all() and abs(guess[0]) < 1.57 and np.abs(off(guess)).max() < FIT_M
    return Plane.at(float(guess[0]), float(guess[1])) if good else None
