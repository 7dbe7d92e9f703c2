"""How much of each area is seen at each height: by nobody, by one, by two or more; by class of sensor; by each sensor, and by it alone.

Every place counts with the ground's area that its post stands for. The parts of an area, at each height, add up to it:

    nobody + one + two or more + ground not known + under ground (a height above the sea below the ground there)

Sensors are swept one by one and only counts are kept, so memory grows with heights, not with sensors. What one sensor sees is its least
altitude up to its beam's upper edge and its greatest slant range (a place in its cone of silence is not seen by it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.coverage.country import lone
from tenere.coverage.counts import count_one, place_of, sees
from tenere.coverage.lens import steps_away

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.coverage.country import Part, Sight
    from tenere.coverage.counts import Place
    from tenere.coverage.report.levels import Level
    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    U8 = NDArray[np.uint8]
    U32 = NDArray[np.uint32]

KEPT_BYTES = 1 << 30
"""Sweeps are kept for the second look up to so many bytes together; above, each sensor is swept twice."""
ENOUGH = 3
"""Sensors counted at a place: with three, none of them is missed where it fails."""


@dataclass(frozen=True)
class Numbers:
    """Areas in m2. A areas, H heights, S sensors, K classes of sensor (as in the site file, sorted).

    area_m2, unknown_m2 (A,): all of it, and where the ground is not known. under_m2 (A, H): known ground above that height.
    seen_m2 (A, H, 3): by nobody, one, two or more. kind_m2 (K, A, H, 3): by no sensor of a class, one, two or more of it.
    each_m2 (S, A, H): seen by a sensor; alone_m2: by no other (what nobody sees without it); pair_m2: by one other
    (what is seen once only without it).
    """

    area_m2: F64
    unknown_m2: F64
    under_m2: F64
    seen_m2: F64
    kinds: tuple[str, ...]
    kind_m2: F64
    each_m2: F64
    alone_m2: F64
    pair_m2: F64


@njit(cache=True, nogil=True, error_model="numpy")
def _tally(
    amsl: F32,
    ground: F32,
    stands: Place,
    levels: F64,
    over_ground: NDArray[np.bool_],
    counts: U8,
    weight: F32,
    inside: U32,
    out: F64,
) -> None:
    """Add up what one sensor sees of each area: out (3, A, H), all, alone, with one other. counts: of all sensors, up to ENOUGH."""
    lens, limits = stands.lens, stands.beam
    for i in range(amsl.shape[0]):
        for j in range(amsl.shape[1]):
            low, z, bits = amsl[i, j], ground[i, j], inside[i, j]
            if not low < np.inf or z != z or bits == 0:
                continue
            steps = steps_away(lens, j - stands.column, i - stands.row)
            far, base = steps * limits.step_m, limits.altitude_m + limits.fall_m * steps * steps
            w = np.float64(weight[i, j])
            for k in range(levels.size):
                at = levels[k] + z if over_ground[k] else levels[k]
                if not sees(low, at, far, base, limits):
                    continue
                n = counts[k, i, j]
                for a in range(out.shape[1]):
                    if (bits >> np.uint32(a)) & np.uint32(1):
                        out[0, a, k] += w
                        if n < ENOUGH:
                            out[n, a, k] += w


@njit(cache=True, nogil=True, error_model="numpy")
def _add_up(counts: U8, ground: F32, levels: F64, over_ground: NDArray[np.bool_], weight: F32, inside: U32, out: F64, under: F64) -> None:
    """Add up the posts of known ground of each area by how many see them: out (A, H, 3); under (A, H)."""
    for i in range(ground.shape[0]):
        for j in range(ground.shape[1]):
            z, bits = ground[i, j], inside[i, j]
            if z != z or bits == 0:
                continue
            w = np.float64(weight[i, j])
            for k in range(levels.size):
                below = not over_ground[k] and levels[k] < z
                n = min(counts[k, i, j], 2)
                for a in range(out.shape[0]):
                    if (bits >> np.uint32(a)) & np.uint32(1):
                        if below:
                            under[a, k] += w
                        else:
                            out[a, k, n] += w


def weights(plane: CountryPlane) -> F32:
    """Return the ground's area that each post stands for, (n, m) float32 m2."""
    n, m = plane.shape
    out = np.empty((n, m), np.float32)
    columns = np.arange(m)[None]
    for top in range(0, n, 256):
        out[top : top + 256] = plane.area_m2(np.arange(top, min(n, top + 256))[:, None], columns)
    return out


def measure(
    plane: CountryPlane,
    sights: Sequence[Sight],
    inside: U32,
    areas: int,
    levels: Sequence[Level],
    *,
    k: float = 4.0 / 3.0,
    cores: int = 1,
    progress: Callable[[int], None] | None = None,
) -> tuple[Numbers, U8]:
    """Count over a plane. inside: (n, m) uint32, bit a where a post lies in area a. progress: told how many are done, of two a sensor.

    Returns the numbers, and how many sensors see each post at each height, (H, n, m) uint8 up to ENOUGH (0 outside all areas and where the
    ground is not known). Raises CoverageError for a sensor that does not stand on the plane.
    """
    heights = np.array([v.height.metres for v in levels], float)
    over = np.array([v.height.above_ground for v in levels], np.bool_)
    weight, count = weights(plane), len(levels)
    kinds = tuple(sorted({s.kind for s in sights}))
    total = np.zeros((count, *plane.shape), np.uint8)
    kind_m2 = np.zeros((len(kinds), areas, count, 3))
    under = np.zeros((areas, count))
    kept: dict[int, Part] = {}
    done = held = 0

    def told() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done)

    for at, kind in enumerate(kinds):
        here = np.zeros_like(total) if len(kinds) > 1 else total
        for number in (i for i, s in enumerate(sights) if s.kind == kind):
            part = lone(plane, sights[number], k=k, cores=cores)
            window, low, ground = _window(plane, part)
            count_one(low, ground, place_of(plane, part), heights, over, inside[window], ENOUGH, here[(slice(None), *window)])
            if held + low.nbytes <= KEPT_BYTES:
                kept[number], held = part, held + low.nbytes
            told()
        _add_up(here, plane.heights_m, heights, over, weight, inside, kind_m2[at], np.zeros_like(under))
        if here is not total:
            np.minimum(total + here, ENOUGH, out=total)
    seen = np.zeros((areas, count, 3))
    _add_up(total, plane.heights_m, heights, over, weight, inside, seen, under)
    each = np.zeros((len(sights), 3, areas, count))
    for number, sight in enumerate(sights):
        part = kept.pop(number) if number in kept else lone(plane, sight, k=k, cores=cores)
        window, low, ground = _window(plane, part)
        args = (heights, over, total[(slice(None), *window)], weight[window], inside[window], each[number])
        _tally(low, ground, place_of(plane, part), *args)
        told()
    whole, unknown = _areas(plane, weight, inside, areas)
    return Numbers(whole, unknown, under, seen, kinds, kind_m2, each[:, 0], each[:, 1], each[:, 2]), total


def _window(plane: CountryPlane, part: Part) -> tuple[tuple[slice, slice], F32, F32]:
    """Return where a part lies on the plane, its altitudes, and the ground there."""
    n, m = part.amsl_m.shape
    window = (slice(part.top, part.top + n), slice(part.left, part.left + m))
    return window, part.amsl_m, plane.heights_m[window]


def _areas(plane: CountryPlane, weight: F32, inside: U32, areas: int) -> tuple[F64, F64]:
    """Return each area's m2, and those of ground not known."""
    whole, unknown = np.zeros(areas), np.zeros(areas)
    for a in range(areas):
        for top in range(0, plane.shape[0], 1024):
            rows = slice(top, top + 1024)
            here = (inside[rows] >> np.uint32(a) & np.uint32(1)) > 0
            w = weight[rows]
            whole[a] += float(w[here].sum(dtype=float))
            unknown[a] += float(w[here & np.isnan(plane.heights_m[rows])].sum(dtype=float))
    return whole, unknown
