"""One sensor over real coordinates: limits, obstacles, errors, and the earth's shape."""

import math
from dataclasses import replace
from math import radians

import numpy as np
import pytest

from tenere.coverage.horizon import Antenna, CoverageError, Horizon, Obstacle, horizon
from tenere.coverage.reference import minimum_visible_altitudes
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.terrain import ArraySource, PlaneGrid, Terrain

LAT, LON = radians(13.0), radians(3.0)


@pytest.fixture(scope="module")
def plain() -> PlaneGrid:
    source = ArraySource("plain", np.full((401, 401), 300.0, np.float32), 15.0, 1.0, 0.01)
    return Terrain((source,)).around(LAT, LON, 100e3, 500.0)


@pytest.fixture(scope="module")
def hills() -> PlaneGrid:
    rng = np.random.Generator(np.random.PCG64(4))
    z = np.kron(rng.uniform(200.0, 900.0, (81, 81)), np.ones((5, 5))).astype(np.float32)
    return Terrain((ArraySource("hills", z, 15.0, 1.0, 0.01),)).around(LAT, LON, 80e3, 400.0)


def at(seen: Horizon, north_m: float, east_m: float) -> float:
    i = seen.grid.middle - round(north_m / seen.grid.step_m)
    return float(seen.amsl_m[i, seen.grid.middle + round(east_m / seen.grid.step_m)])


@pytest.mark.parametrize("k", [1.0, 4.0 / 3.0, 10.0])
def test_any_effective_earth(plain: PlaneGrid, k: float) -> None:
    seen = horizon(plain, Antenna(LAT, LON, height_m=30.0), k=k)
    fall = 1.0 / (2.0 * k * float(gaussian_radius_m(LAT)))
    want = 300.0 + max(0.0, 90e3 - math.sqrt(30.0 / fall)) ** 2 * fall
    for north, east in ((90e3, 0.0), (-90e3, 0.0), (0.0, 90e3), (54e3, -72e3)):
        assert at(seen, north, east) == pytest.approx(want, abs=0.5)


def test_over_ground_and_over_the_sea_agree_with_the_reference(hills: PlaneGrid) -> None:
    seen = horizon(hills, Antenna(LAT, LON, height_m=25.0))
    i, j = np.random.Generator(np.random.PCG64(1)).integers(0, hills.heights_m.shape[0], (2, 2000))
    m = float(hills.middle)
    step = hills.step_m
    want = minimum_visible_altitudes(hills.heights_m.astype(float), m, m, seen.antenna_m, step, seen.fall_m / step**2, i, j)
    assert np.percentile(np.abs(seen.amsl_m[i, j] - want), 99) < 5.0
    assert np.abs(seen.agl_m - (seen.amsl_m - hills.heights_m)).max() == 0.0
    assert seen.agl_m.min() >= 0.0


def test_an_altitude_stands_for_a_height_above_ground(hills: PlaneGrid) -> None:
    ground = float(hills.heights_m[hills.middle, hills.middle])
    by_height = horizon(hills, Antenna(LAT, LON, height_m=25.0))
    by_altitude = horizon(hills, Antenna(LAT, LON, altitude_m=ground + 25.0))
    assert np.array_equal(by_height.amsl_m, by_altitude.amsl_m)


def test_the_cone_of_silence_and_the_ranges(plain: PlaneGrid) -> None:
    antenna = Antenna(LAT, LON, height_m=30.0, max_elevation_rad=radians(40.0), min_range_m=1700.0, max_range_m=60e3)
    seen = horizon(plain, antenna)
    ceiling = seen.ceiling_amsl_m()
    m = plain.middle
    assert at(seen, 0.0, 1500.0) == pytest.approx(330.0 + math.sqrt(1700.0**2 - 1500.0**2), abs=2.0)  # nearest slant range: above
    assert math.isinf(at(seen, 0.0, 500.0))  # to be 1.7 km away above 500 m one must be inside the cone
    assert math.isinf(at(seen, 61e3, 0.0))
    assert math.isfinite(at(seen, 59e3, 0.0))
    assert ceiling[m, m + 20] == pytest.approx(330.0 + 10e3 * math.tan(radians(40.0)) + seen.fall_m * 400.0, abs=0.01)
    assert ceiling[m, m + 119] == pytest.approx(330.0 + math.sqrt(60e3**2 - 59.5e3**2) + seen.fall_m * 119.0**2, abs=0.01)


def test_a_least_elevation(plain: PlaneGrid) -> None:
    seen = horizon(plain, Antenna(LAT, LON, height_m=30.0, min_elevation_rad=radians(1.0)))
    assert at(seen, 0.0, 50e3) == pytest.approx(330.0 + 50e3 * math.tan(radians(1.0)) + seen.fall_m * 1e4, abs=0.1)


def test_an_obstacle_hides_by_its_height_above_ground(plain: PlaneGrid) -> None:
    lat, lon = plain.place(plain.middle - 20, plain.middle)  # 10 km north
    seen = horizon(plain, Antenna(LAT, LON, height_m=30.0), (Obstacle(float(lat), float(lon), 130.0, 400.0),))
    c = seen.fall_m
    assert at(seen, 50e3, 0.0) == pytest.approx(330.0 + 100.0 * 5.0 - c * 20**2 * 5 + c * 100**2, abs=1.0)
    far = horizon(plain, Antenna(LAT, LON, height_m=30.0), (Obstacle(0.0, 0.0, 130.0),))
    assert np.array_equal(far.amsl_m, horizon(plain, Antenna(LAT, LON, height_m=30.0)).amsl_m)


def test_the_same_bits_on_two_threads(hills: PlaneGrid) -> None:
    things = tuple(Obstacle(*(float(v) for v in hills.place(190 + 3 * q, 210 - 2 * q)), 60.0, 50.0) for q in range(8))
    antenna = Antenna(LAT, LON, max_range_m=70e3, max_elevation_rad=1.0)
    one = horizon(hills, antenna, things)
    assert np.array_equal(one.amsl_m, horizon(hills, antenna, things, cores=2).amsl_m, equal_nan=True)
    assert np.array_equal(one.amsl_m, horizon(hills, antenna, things, prune=False).amsl_m, equal_nan=True)


def test_a_void_is_unknown_and_the_rest_is_seen(plain: PlaneGrid) -> None:
    z = plain.heights_m.copy()
    z[20:40, 20:40] = np.nan
    seen = horizon(replace(plain, heights_m=z), Antenna(LAT, LON))
    assert np.isnan(seen.amsl_m).sum() == 400
    assert replace(plain, heights_m=z).unknown == 400


@pytest.mark.parametrize(
    ("antenna", "says"),
    [
        (Antenna(LAT, LON, height_m=-3.0), "3 m under ground"),
        (Antenna(LAT, LON, altitude_m=250.0), r"250\.0 m AMSL stands under ground \(300\.0 m"),
        (Antenna(LAT + 0.01, LON), "does not stand in the middle"),
        (Antenna(float("nan"), LON), "must be numbers"),
        (Antenna(LAT, LON, max_range_m=float("nan")), "must be numbers"),
        (Antenna(LAT, LON, min_elevation_rad=0.5, max_elevation_rad=0.4), "greatest elevation"),
        (Antenna(LAT, LON, min_range_m=5e3, max_range_m=5e3), "greatest elevation and range"),
    ],
)
def test_an_antenna_that_cannot_be_is_refused(plain: PlaneGrid, antenna: Antenna, says: str) -> None:
    with pytest.raises(CoverageError, match=says):
        horizon(plain, antenna)


def test_a_void_under_the_antenna_and_wrong_factors_are_refused(plain: PlaneGrid) -> None:
    z = plain.heights_m.copy()
    z[plain.middle, plain.middle] = np.nan
    with pytest.raises(CoverageError, match="not known"):
        horizon(replace(plain, heights_m=z), Antenna(LAT, LON))
    for wrong in ({"k": 0.0}, {"k": float("nan")}, {"rays": 0.5}):
        with pytest.raises(CoverageError, match="effective earth factor"):
            horizon(plain, Antenna(LAT, LON), **wrong)  # type: ignore[arg-type]
    with pytest.raises(CoverageError, match="obstacle"):
        horizon(plain, Antenna(LAT, LON), (Obstacle(LAT, LON, -1.0),))
