"""Several sensors together, held to a slow merge of the same altitudes."""

from math import radians

import numpy as np
import pytest

from tenere.coverage.fused import NOBODY, Fused, Height, fuse_over
from tenere.coverage.horizon import Antenna, CoverageError, Horizon, horizon
from tenere.geo.terrain import ArraySource, Terrain

PLACES = ((13.0, 3.0), (13.3, 3.4), (12.8, 3.5), (13.1, 2.7))
HEIGHTS = (Height(150.0), Height(1500.0), Height(3048.0, above_ground=False))
LAT, LON = np.radians(np.arange(13.8, 12.2, -0.008)), np.radians(np.arange(2.2, 4.2, 0.008))


@pytest.fixture(scope="module")
def terrain() -> Terrain:
    z = np.kron(np.random.Generator(np.random.PCG64(4)).uniform(200.0, 900.0, (81, 81)), np.ones((5, 5))).astype(np.float32)
    return Terrain((ArraySource("hills", z, 15.0, 1.0, 0.01),))


@pytest.fixture(scope="module")
def seen(terrain: Terrain) -> list[Horizon]:
    out = []
    for lat, lon in PLACES:
        antenna = Antenna(radians(lat), radians(lon), height_m=30.0, max_range_m=60e3, max_elevation_rad=radians(60.0))
        out.append(horizon(terrain.around(antenna.lat_rad, antenna.lon_rad, 60e3, 800.0), antenna))
    return out


def start(terrain: Terrain) -> Fused:
    ground = terrain.sample(LAT[:, None], LON[None]).astype(np.float32)
    return fuse_over(LAT, LON, ground, classes=("radar", "ads-b"), heights=HEIGHTS)


def read(one: Horizon, ground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Altitude and ceiling at every place of the picture, by geodesics of its own; infinite off the plane."""
    row, column = one.grid.to_grid(LAT[:, None], LON[None])
    n = one.amsl_m.shape[0]
    inside = (row >= 0) & (column >= 0) & (row <= n - 1) & (column <= n - 1)
    r, c = np.where(inside, row, 0.0), np.where(inside, column, 0.0)
    i, j = np.minimum(r.astype(int), n - 2), np.minimum(c.astype(int), n - 2)
    f, g = r - i, c - j
    z = one.amsl_m.astype(float)
    with np.errstate(invalid="ignore"):
        v = (z[i, j] * (1 - g) + z[i, j + 1] * g) * (1 - f) + (z[i + 1, j] * (1 - g) + z[i + 1, j + 1] * g) * f
    near = np.round(r).astype(int), np.round(c).astype(int)
    v = np.where(np.isfinite(v), v, z[near])
    return np.where(inside, np.maximum(v, ground), np.inf), np.where(inside, one.ceiling_amsl_m()[near], np.inf)


def test_best_second_and_counts_are_those_of_a_slow_merge(terrain: Terrain, seen: list[Horizon]) -> None:
    fused = start(terrain)
    for number, one in enumerate(seen):
        fused.add(number, ("radar", "ads-b")[number % 2], one)
    each = [read(one, fused.ground_m) for one in seen]
    v = np.array([a for a, _ in each])
    order = np.sort(v, axis=0)
    finite = np.isfinite(order[0])
    assert finite.mean() > 0.3
    assert np.array_equal(finite, np.isfinite(fused.best_m))
    assert np.abs(fused.best_m[finite] - order[0][finite]).max() < 2.0  # places between two put by geodesics lie up to 1 m aside here
    both = np.isfinite(order[1]) & np.isfinite(fused.second_m)
    assert (np.isfinite(order[1]) == np.isfinite(fused.second_m)).mean() > 0.999
    assert np.abs(fused.second_m[both] - order[1][both]).max() < 2.0
    assert (fused.best[~finite] == NOBODY).all()
    clear = finite & (order[1] > order[0] + 1.0)
    assert np.array_equal(fused.best[clear], v.argmin(axis=0)[clear])
    for k, height in enumerate(HEIGHTS):
        level = height.metres + fused.ground_m if height.above_ground else height.metres
        for c in range(2):
            want = sum(((a <= level) & (level <= top)).astype(int) for q, (a, top) in enumerate(each) if q % 2 == c)
            assert (fused.seen[c, k] == want).mean() > 0.998  # a place on the very edge may round either way
    assert np.array_equal(fused.count(HEIGHTS[1]), fused.seen[:, 1].sum(axis=0))


def test_the_order_of_adding_and_the_cut_change_nothing(terrain: Terrain, seen: list[Horizon]) -> None:
    fused, other = start(terrain), start(terrain)
    for number, one in enumerate(seen):
        fused.add(number, "radar", one)
    for number in (2, 0, 3, 1):
        other.add(number, "radar", seen[number])
    half = 96  # a multiple of the spacing of places put by geodesics
    tile = fuse_over(LAT[half:], LON, fused.ground_m[half:], classes=("radar",), heights=HEIGHTS)
    for number, one in enumerate(seen):
        tile.add(number, "radar", one)
    for name in ("best_m", "second_m", "best", "second"):
        assert np.array_equal(getattr(fused, name), getattr(other, name))
        assert np.isclose(getattr(fused, name)[half:], getattr(tile, name), rtol=0.0, atol=0.05).mean() > 0.999
    assert np.array_equal(fused.seen[0], other.seen[0])


def test_one_sensor_twice_is_its_own_second(terrain: Terrain, seen: list[Horizon]) -> None:
    fused = start(terrain)
    fused.add(5, "radar", seen[0])
    fused.add(3, "radar", seen[0])
    there = np.isfinite(fused.best_m)
    assert np.array_equal(fused.best_m[there], fused.second_m[there])
    assert (fused.best[there] == 3).all()
    assert (fused.second[there] == 5).all()


def test_a_sensor_beyond_the_picture_changes_nothing(seen: list[Horizon]) -> None:
    lat, lon = np.radians(np.arange(40.0, 39.0, -0.01)), np.radians(np.arange(2.2, 3.2, 0.01))
    fused = fuse_over(lat, lon, np.zeros((lat.size, lon.size), np.float32))
    fused.add(0, "sensor", seen[0])
    assert np.isinf(fused.best_m).all()


def test_what_cannot_be_is_refused(terrain: Terrain, seen: list[Horizon]) -> None:
    fused = start(terrain)
    with pytest.raises(CoverageError, match="no class 'lidar'"):
        fused.add(0, "lidar", seen[0])
    with pytest.raises(CoverageError, match="0 to 32,767"):
        fused.add(40_000, "radar", seen[0])
    with pytest.raises(CoverageError, match="one height for each"):
        fuse_over(LAT, LON, np.zeros((3, 3), np.float32))
    with pytest.raises(CoverageError, match="evenly spaced"):
        fuse_over(LAT**2, LON, np.zeros((LAT.size, LON.size), np.float32))
