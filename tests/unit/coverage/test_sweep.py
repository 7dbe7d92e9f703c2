"""The sweep held to the exact line of sight, and to itself: pruned or not, one thread or two, whole or behind voids."""

import numpy as np
import pytest
from bench.coverage_scenes import FALL, STEP_M, flat, knife, rough

from tenere.coverage.horizon import NO_TILT, sweep
from tenere.coverage.image import Look
from tenere.coverage.reference import minimum_visible_altitudes

N = 401


def look(
    row: float, column: float, z: np.ndarray, above_m: float = 20.0, reach: float = 1e9, tilt: float = NO_TILT, rays: float = 6.0
) -> Look:
    return Look(row, column, float(z[int(row), int(column)]) + above_m, FALL, rays, reach, tilt, float(np.nanmin(z)) - 1.0)


def errors(z: np.ndarray, at: Look, count: int = 4000) -> np.ndarray:
    rows, columns = np.random.Generator(np.random.PCG64(7)).integers(0, N, (2, count))
    exact = minimum_visible_altitudes(z.astype(float), at.row, at.column, at.altitude_m, STEP_M, FALL / STEP_M**2, rows, columns)
    return np.abs(sweep(z, at)[rows, columns] - exact)


@pytest.mark.parametrize("place", [(200.0, 200.0), (37.0, 300.0), (120.3, 199.6), (0.0, 0.0), (400.0, 3.7)])
@pytest.mark.parametrize(("scene", "p99", "worst"), [(flat, 0.01, 0.02), (rough, 0.5, 5.0), (knife, 5.0, 25.0)])
def test_close_to_the_exact_line_of_sight(scene: object, p99: float, worst: float, place: tuple[float, float]) -> None:
    z = scene(N)  # type: ignore[operator]
    e = errors(z, look(*place, z))
    assert np.percentile(e, 99) < p99
    assert e.max() < worst


def test_a_plain_hides_what_its_horizon_hides() -> None:
    """From h above a plain, seen from (d - sqrt(h / c))^2 c above it beyond the horizon at sqrt(h / c): the tangent from the antenna."""
    z = flat(N)
    at = look(200.0, 200.0, z, above_m=5.0)
    d = np.arange(1, 200)
    horizon = np.sqrt(5.0 / FALL)
    want = 300.0 + np.where(d > horizon, (d - horizon) ** 2 * FALL, 0.0)
    assert np.abs(sweep(z, at)[200, 201:400] - want).max() < 0.01


def test_a_wall_hides_behind_itself() -> None:
    """A wall 100 m above the antenna at 50 steps: at 150 steps one must be 300 m above it, and the earth's fall more."""
    z = flat(N)
    z[150, :] = 420.0
    at = look(200.0, 200.0, z)
    want = 320.0 + 100.0 * 3.0 - FALL * 50**2 * 3 + FALL * 150**2
    assert sweep(z, at)[50, 200] == pytest.approx(want, abs=0.01)
    assert sweep(z, at)[160, 200] == 300.0  # before the wall


@pytest.mark.parametrize("scene", [flat, rough, knife])
@pytest.mark.parametrize("place", [(200.0, 200.0), (90.4, 310.8)])
def test_the_same_bits_pruned_or_not_on_one_thread_or_two(scene: object, place: tuple[float, float]) -> None:
    z = scene(N)  # type: ignore[operator]
    at = look(*place, z, reach=180.0)
    slow = sweep(z, at, prune=False)
    for prune, cores in ((True, 1), (True, 2), (False, 2)):
        assert np.array_equal(slow, sweep(z, at, prune=prune, cores=cores), equal_nan=True)


def test_the_same_bits_pruned_or_not_with_voids_and_beside_the_edge() -> None:
    z = rough(N)
    i, j = np.mgrid[0:N, 0:N]
    z[np.hypot(i - 150, j - 90) < 40] = np.nan  # whole tiles of it
    for place in ((200.0, 200.0), (3.0, 250.5), (395.2, 390.0)):
        at = look(*place, z)
        assert np.array_equal(sweep(z, at), sweep(z, at, prune=False), equal_nan=True)


def test_beyond_the_reach_nothing_is_seen() -> None:
    z = rough(N)
    out = sweep(z, look(200.0, 150.0, z, reach=100.0))
    i, j = np.mgrid[0:N, 0:N]
    d = np.hypot(i - 200, j - 150)
    assert np.isinf(out[d > 100.0]).all()
    assert np.isfinite(out[d <= 100.0]).all()


def test_a_least_elevation_raises_what_a_plain_would_show() -> None:
    z = flat(N)
    tilt = np.tan(np.radians(0.5)) * STEP_M
    out = sweep(z, look(200.0, 200.0, z, tilt=tilt))
    rows, columns = np.random.Generator(np.random.PCG64(3)).integers(0, N, (2, 300))
    d = np.hypot(rows - 200, columns - 200)
    want = np.maximum(300.0, 320.0 + tilt * d + FALL * d * d)
    keep = d > 0
    assert np.abs(out[rows, columns] - want)[keep].max() < 0.05


def test_ground_not_known_is_not_zero_and_hides_nothing() -> None:
    z = rough(N)
    whole = sweep(z, look(200.0, 200.0, z))
    holed = z.copy()
    holed[100:120, 180:230] = np.nan
    at = look(200.0, 200.0, z)._replace(low_m=float(np.nanmin(holed)) - 1.0)
    out = sweep(holed, at)
    assert np.array_equal(np.isnan(out), np.isnan(holed))
    known = ~np.isnan(out)
    assert (out[known] <= whole[known] + 0.5).all()  # never hidden more than with the ground that was there
    i = np.mgrid[0:N, 0:N][0]
    south = known & (i > 201)
    assert np.array_equal(out[south], whole[south])


def test_an_obstacle_shadows_its_width_behind_it_and_no_more() -> None:
    z = flat(N)
    at = look(200.0, 200.0, z)
    clear = sweep(z, at)
    out = sweep(z, at, np.array([[140.0, 200.0, 4.0, 420.0]]))
    raised = out > clear + 1.0
    i, j = np.nonzero(raised)
    assert i.max() < 140
    assert np.abs((j - 200.0) / (200.0 - i)).max() < (2.0 + 0.5) / 60.0  # half its width and a ray, at 60 steps
    assert out[20, 200] == pytest.approx(320.0 + 100.0 * 3.0 - FALL * 60**2 * 3 + FALL * 180**2, abs=0.5)
    behind = sweep(z, at, np.array([[260.0, 200.0, 4.0, 420.0]]))
    assert np.array_equal(behind[:200], clear[:200])


def test_more_rays_come_closer() -> None:
    z = knife(N)
    rows, columns = np.random.Generator(np.random.PCG64(7)).integers(0, N, (2, 4000))
    at = look(200.0, 200.0, z)
    exact = minimum_visible_altitudes(z.astype(float), 200.0, 200.0, at.altitude_m, STEP_M, FALL / STEP_M**2, rows, columns)
    mean = [np.abs(sweep(z, at._replace(rays=rays))[rows, columns] - exact).mean() for rays in (1.0, 3.0, 12.0)]
    assert mean[0] > mean[1] > mean[2]
    assert mean[2] < 0.05


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (2, 3), (17, 2), (40, 40)])
def test_small_grids_and_reaches(shape: tuple[int, int]) -> None:
    z = np.random.Generator(np.random.PCG64(2)).uniform(0.0, 10.0, shape).astype(np.float32)
    n, m = shape
    for row, column in ((0.0, 0.0), (n - 1.0, m - 1.0), ((n - 1) / 2, (m - 1) / 2)):
        for reach in (1e9, 3.0, 0.5):
            out = sweep(z, Look(row, column, 15.0, 1e-4, 8.0, reach, NO_TILT, -1.0))
            i, j = np.mgrid[0:n, 0:m]
            inside = np.hypot(i - row, j - column) <= reach
            assert np.isfinite(out[inside]).all()
            assert np.isinf(out[~inside]).all()
