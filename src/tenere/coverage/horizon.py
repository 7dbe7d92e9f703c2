"""The minimum visible altitude of one sensor: from which height each place around it is seen.

    >>> from math import radians
    >>> import numpy as np
    >>> from tenere.geo.terrain import ArraySource, Terrain
    >>> terrain = Terrain((ArraySource("plain", np.full((401, 401), 300.0, np.float32), 15.0, 1.0, 0.01),))
    >>> antenna = Antenna(radians(13.0), radians(3.0), height_m=20.0, max_range_m=100e3)
    >>> seen = horizon(terrain.around(antenna.lat_rad, antenna.lon_rad, 100e3, 500.0), antenna)
    >>> row, column = (int(v) for v in seen.grid.to_grid(radians(13.0), radians(3.9)))
    >>> round(float(seen.agl_m[row, column]) / 10) * 10  # 98 km of a plain: its horizon is 18 km away
    370

A place without line of sight is seen higher up: altitudes are the least from which the antenna is in sight over an earth of k = 4/3
times its radius (Recommendation ITU-R P.453, section 5), never below the ground. Infinite: from nowhere (out of range, or only inside
the cone of silence). NaN: the ground there is not known. Ground not known does not hide what is behind it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.coverage.image import Look
from tenere.coverage.lens import TRUE, surely_within
from tenere.coverage.strip import blank, tile_tops
from tenere.coverage.sweep import sector
from tenere.crew import together
from tenere.errors import TenereError
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.terrain.plane_grid import height_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.coverage.lens import Lens
    from tenere.geo.terrain.plane_grid import PlaneGrid

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

RAYS = 8.0
"""Rays to a step of the farthest row. 4 keep the 99th percentile below 5 m, 8 the worst knife edge below 25 m (`bench.coverage`)."""
NO_TILT = -1e30


class CoverageError(TenereError):
    """A sensor or a grid for which nothing can be computed: the message says why and what to do."""


@dataclass(frozen=True)
class Antenna:
    """Where a sensor's antenna stands and what limits it.

    height_m: above the ground, mast and building together. altitude_m: AMSL instead, when given. min_elevation_rad, max_elevation_rad:
    the beam's limits; what is above the greater is the cone of silence. min_range_m, max_range_m: slant ranges.
    """

    lat_rad: float
    lon_rad: float
    height_m: float = 10.0
    altitude_m: float | None = None
    min_elevation_rad: float = -math.pi / 2
    max_elevation_rad: float = math.pi / 2
    min_range_m: float = 0.0
    max_range_m: float = math.inf

    @property
    def limited_above(self) -> bool:
        """There are altitudes too high to be seen."""
        return self.max_elevation_rad < math.pi / 2 or math.isfinite(self.max_range_m)

    def check(self) -> None:
        """Raise CoverageError for what no antenna can be."""
        said = (
            self.lat_rad,
            self.lon_rad,
            self.height_m,
            self.altitude_m or 0.0,
            self.min_elevation_rad,
            self.max_elevation_rad,
            self.min_range_m,
        )
        if not all(map(math.isfinite, said)) or math.isnan(self.max_range_m):
            raise CoverageError(f"an antenna's place, heights and limits must be numbers, not {said}")
        if self.altitude_m is None and self.height_m < 0.0:
            raise CoverageError(f"the antenna stands {-self.height_m:g} m under ground; give its height above ground, mast included")
        if not self.min_elevation_rad < self.max_elevation_rad or self.min_range_m < 0.0 or self.min_range_m >= self.max_range_m:
            raise CoverageError("the greatest elevation and range must be above the least ones, and ranges not negative")


@dataclass(frozen=True)
class Obstacle:
    """A thing that stands on the ground and hides what is behind it: a building, a mast, a line of trees.

    width_m: across the line of sight; one narrower than the rays are apart (a sixth to a third of a step at its distance) shadows one ray.
    """

    lat_rad: float
    lon_rad: float
    height_m: float
    width_m: float = 0.0


@dataclass(frozen=True)
class Horizon:
    """What one sensor sees: the least altitude on a plane grid.

    amsl_m: (n, n) float32, as the grid. antenna_m: the antenna's altitude, AMSL. fall_m: what the effective earth falls in one step.
    """

    grid: PlaneGrid
    antenna: Antenna
    antenna_m: float
    fall_m: float
    amsl_m: F32

    @cached_property
    def agl_m(self) -> F32:
        """Return the least height above ground."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.amsl_m - self.grid.heights_m, np.float32)

    def ceiling_amsl_m(self) -> F64:
        """Return the greatest altitude seen: the lower edge of the cone of silence, and the greatest slant range. (n, n) float64."""
        i = np.arange(self.grid.heights_m.shape[0]) - self.grid.middle
        d = np.hypot(i[:, None], i[None]) * self.grid.step_m
        base = self.antenna_m + self.fall_m * (d / self.grid.step_m) ** 2
        top = (
            np.full(d.shape, np.inf)
            if self.antenna.max_elevation_rad >= math.pi / 2
            else base + d * math.tan(self.antenna.max_elevation_rad)
        )
        if math.isfinite(self.antenna.max_range_m):
            top = np.minimum(top, base + np.sqrt(np.maximum(self.antenna.max_range_m**2 - d**2, 0.0)))
        return np.asarray(top)


def sweep(
    grid_m: F32,
    look: Look,
    obstacles: F64 | None = None,
    *,
    lens: Lens = TRUE,
    cores: int = 1,
    prune: bool = True,
    out: F32 | None = None,
) -> F32:
    """Return the least altitude (m AMSL) from which each post of a grid is in sight; infinite beyond the reach.

    grid_m: (n, m) float32 ground, NaN where not known. obstacles: (p, 4) row, column, width in steps, top in metres AMSL. lens: how long
    a step is. cores: 1 or 2, which changes no bit; nor does prune. out: (n, m) float32 to write into, when given.
    """
    out = np.empty(grid_m.shape, np.float32) if out is None else out
    blank(out, look.row, look.column, surely_within(lens, look.reach))
    things = np.empty((0, 4)) if obstacles is None else np.asarray(obstacles, float)

    tops = tile_tops(grid_m, look.low_m)
    tiles = (tops, np.ascontiguousarray(tops.T))

    def quarter(axis: int, sign: int) -> None:
        place = (look.row, look.column)[axis]
        order = np.argsort(sign * (things[:, axis] - place), kind="stable")
        sector(grid_m, tiles[axis], out, axis, sign, look, lens, things[order], prune, np.zeros(2, np.int64), None)

    def half(sign: int) -> None:
        quarter(0, sign)
        quarter(1, sign)

    together(partial(half, -1), partial(half, 1), cores)
    row, column = round(look.row), round(look.column)
    if (row, column) == (look.row, look.column):  # the post under the antenna is in no quarter
        out[row, column] = grid_m[row, column]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _limit(out: F32, middle: int, step: float, z0: float, fall: float, highest: float, least: float, most: float) -> None:
    """Raise to the least slant range, and set infinite where only the cone of silence or what is out of range would see."""
    n, far = out.shape[0], most * most
    near = int(min(math.ceil(least / step), n))
    for i in range(max(0, middle - near), min(n, middle + near + 1)):
        for j in range(max(0, middle - near), min(n, middle + near + 1)):
            q = float((i - middle) * (i - middle) + (j - middle) * (j - middle))
            d, base = step * math.sqrt(q), z0 + fall * q
            if d < least and abs(out[i, j] - base) < math.sqrt(least * least - d * d):
                out[i, j] = max(out[i, j], base + math.sqrt(least * least - d * d))
    for i in range(n):
        row, y = out[i], float((i - middle) * (i - middle))
        for j in range(n):
            x = float(j - middle)
            q = x * x + y
            d2 = q * step * step
            up = row[j] - (z0 + fall * q)
            out_of_it = (up > math.sqrt(d2) * highest) | (d2 + up * up > far)
            row[j] = np.float32(np.inf) if out_of_it else row[j]


def horizon(
    grid: PlaneGrid,
    antenna: Antenna,
    obstacles: Sequence[Obstacle] = (),
    *,
    k: float = 4.0 / 3.0,
    rays: float = RAYS,
    cores: int = 1,
    prune: bool = True,
) -> Horizon:
    """Compute what a sensor sees over the plane grid laid around it (`Terrain.around`).

    k: effective earth radius over the true one, taken as the Gaussian mean radius at the antenna. rays: `RAYS`. The slopes compared are
    z / d - d / (2 k R): against an exact sphere of that radius the altitude comes out up to 1 m low below 3 km, 4 m below 6 km, 14 m below
    12 km. Raises CoverageError: antenna under ground, over ground not known, not in the grid's middle, limits that exclude each other.
    """
    antenna.check()
    if not (math.isfinite(k) and k > 0.0 and rays >= 1.0):
        raise CoverageError(f"the effective earth factor must be above 0 and rays at least 1, not {k} and {rays}")
    z, middle = grid.heights_m, grid.middle
    row, column = (float(v) for v in grid.to_grid(antenna.lat_rad, antenna.lon_rad))
    if not math.hypot(row - middle, column - middle) * grid.step_m < 0.01:
        raise CoverageError(
            f"the antenna does not stand in the middle of the grid (row {row:.1f}, column {column:.1f} of {z.shape[0]}): lay one around it"
        )
    ground = float(z[middle, middle])
    if math.isnan(ground):
        raise CoverageError(
            "the ground under the antenna is not known (a void): give its altitude and a terrain that has it, or fill the void first"
        )
    altitude = ground + antenna.height_m if antenna.altitude_m is None else antenna.altitude_m
    if altitude < ground:
        raise CoverageError(
            f"the antenna at {altitude:.1f} m AMSL stands under ground ({ground:.1f} m there): mend its altitude or the terrain"
        )
    fall = grid.step_m**2 / (2.0 * k * float(gaussian_radius_m(antenna.lat_rad)))
    tilt = math.tan(antenna.min_elevation_rad) * grid.step_m if antenna.min_elevation_rad > -math.pi / 4 else NO_TILT
    look = Look(middle, middle, altitude, fall, rays, min(antenna.max_range_m / grid.step_m, 1e9), tilt, float(np.nanmin(z)) - 1.0)
    out = sweep(z, look, _things(grid, obstacles), cores=cores, prune=prune)
    if antenna.limited_above or antenna.min_range_m > 0.0:
        highest = math.tan(antenna.max_elevation_rad) if antenna.max_elevation_rad < math.pi / 2 else 1e30
        _limit(out, middle, grid.step_m, altitude, fall, highest, antenna.min_range_m, min(antenna.max_range_m, 1e30))
    return Horizon(grid, antenna, altitude, fall, out)


def _things(grid: PlaneGrid, obstacles: Sequence[Obstacle]) -> F64:
    """Put obstacles on the grid: row, column, width in steps, top AMSL. Those outside it, or on ground not known, hide nothing."""
    rows = []
    for o in obstacles:
        if not (math.isfinite(o.height_m) and o.height_m >= 0.0 and math.isfinite(o.width_m) and o.width_m >= 0.0):
            raise CoverageError(f"an obstacle's height and width must be at least 0 m, not {o.height_m} and {o.width_m}")
        row, column = (float(v) for v in grid.to_grid(o.lat_rad, o.lon_rad))
        ground = height_at(grid.heights_m, row, column)
        if math.isfinite(ground):
            rows.append((row, column, o.width_m / grid.step_m, ground + o.height_m))
    return np.array(rows, float).reshape(-1, 4)
