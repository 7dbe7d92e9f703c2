"""Many sensors on one plane, held to geodesics, to a slow merge and to each other."""

import math
from dataclasses import replace
from math import radians

import numpy as np
import pytest

from tenere.coverage.asking import Height
from tenere.coverage.country import NOBODY, Picture, Sight, fuse, lone
from tenere.coverage.counts import count_all, count_at
from tenere.coverage.horizon import Antenna, CoverageError, Obstacle
from tenere.coverage.lens import lens_at, steps_away
from tenere.coverage.tiles import boxes, fuse_boxes
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.geodesic import between, destination
from tenere.geo.terrain import ArraySource, CountryPlane, Terrain, TerrainError, Voids, frame_over
from tenere.geo.terrain.plane_grid import height_at
from tenere.geo.terrain.source import Window

K = 4.0 / 3.0
OUTLINE = np.radians([12.0, 17.0]), np.radians([2.0, 9.0])
KINDS = ("radar", "adsb")
HEIGHTS = (Height(150.0), Height(1500.0), Height(3048.0, above_ground=False))


def hills(*, void: bool = False) -> Terrain:
    z = np.kron(np.random.Generator(np.random.PCG64(4)).uniform(200.0, 900.0, (101, 121)), np.ones((5, 5))).astype(np.float32)
    if void:
        z[200:260, 200:300] = np.nan
    return Terrain((ArraySource("hills", z, 20.0, 0.0, 0.02),), fill_posts=0)


@pytest.fixture(scope="module")
def plane() -> CountryPlane:
    return hills(void=True).over(*OUTLINE, 0.0, 1500.0)


def some(n: int, *, reach_m: float = 220e3, seed: int = 1) -> list[Sight]:
    rng = np.random.Generator(np.random.PCG64(seed))
    lat, lon = np.radians(rng.uniform(12.3, 16.7, n)), np.radians(rng.uniform(2.3, 8.7, n))
    lat[(lat > radians(14.7)) & (lat < radians(16.1)) & (lon > radians(3.9)) & (lon < radians(6.1))] -= radians(1.5)  # out of the void
    return [
        Sight(f"S{i}", KINDS[i % 2], Antenna(lat[i], lon[i], height_m=30.0, max_range_m=reach_m, max_elevation_rad=radians(60.0)))
        for i in range(n)
    ]


def test_places_go_to_the_plane_and_back_and_areas_are_the_grounds(plane: CountryPlane) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    lat, lon = np.radians(rng.uniform(10, 19, 200)), np.radians(rng.uniform(0, 11, 200))
    back = plane.place(*plane.to_grid(lat, lon))
    assert np.abs(back[0] - lat).max() < 1e-12
    assert np.abs(back[1] - lon).max() < 1e-12
    row, column = plane.to_grid(lat, lon)
    east = between(*plane.place(row, column - 0.01), *plane.place(row, column + 0.01))
    north = between(*plane.place(row + 0.01, column), *plane.place(row - 0.01, column))
    area = east[0] * north[0] * np.abs(np.sin(east[1] - north[1])) * 2500.0
    assert np.abs(area / plane.area_m2(row, column) - 1.0).max() < 1e-6


def test_a_straight_line_of_the_plane_is_the_shortest_way(plane: CountryPlane) -> None:
    for azimuth in np.arange(12) * math.pi / 6:
        row, column = plane.to_grid(*destination(radians(13.0), radians(3.0), azimuth, np.array([0.0, 125e3, 250e3])))
        x, y = np.diff(column), np.diff(row)
        aside = (x[0] * (y[0] + y[1]) - y[0] * (x[0] + x[1])) / math.hypot(x[0] + x[1], y[0] + y[1])
        assert abs(aside) * plane.step_m < 2.0


@pytest.mark.parametrize("place", [(12.1, 2.1), (16.9, 8.9), (14.5, 5.5)])
def test_lengths_seen_through_the_lens_are_those_of_geodesics(plane: CountryPlane, place: tuple[float, float]) -> None:
    lat, lon = (radians(v) for v in place)
    row, column = (float(v) for v in plane.to_grid(lat, lon))
    lens, error_m = lens_at(plane, row, column, 250e3 / plane.step_m)
    assert error_m < 0.5
    azimuth, far = np.meshgrid(np.linspace(0.1, 6.2, 30), np.array([3e3, 70e3, 160e3, 248e3]))
    r, c = plane.to_grid(*destination(lat, lon, azimuth, far))
    d = [[steps_away(lens, x, y) * plane.step_m for x, y in zip(xs, ys, strict=True)] for xs, ys in zip(c - column, r - row, strict=True)]
    assert np.abs(d - far).max() < 0.5


def by_geodesics(plane: CountryPlane, sight: Sight, row: int, column: int) -> float:
    """The least altitude from which a post is in sight: every crossing of the way to it with a grid line, its distance by geodesic."""
    a = sight.antenna
    r0, c0 = (float(v) for v in plane.to_grid(a.lat_rad, a.lon_rad))
    z0 = height_at(plane.heights_m, r0, c0) + a.height_m
    cuts = []
    for start, stop in ((r0, float(row)), (c0, float(column))):
        low, high = sorted((start, stop))
        lines = np.arange(math.ceil(low), math.floor(high) + 1)
        cuts.append((lines - start) / (stop - start) if stop != start else np.empty(0))
    share = np.concatenate(cuts)
    share = np.sort(share[(share > 1e-9) & (share < 1.0 - 1e-9)])
    r, c = r0 + share * (row - r0), c0 + share * (column - c0)
    z = np.array([height_at(plane.heights_m, p, q) for p, q in zip(r, c, strict=True)])
    fall = 1.0 / (2.0 * K * float(gaussian_radius_m(a.lat_rad)))
    lat, lon = plane.place(np.r_[r, row], np.r_[c, column])
    d, _ = between(a.lat_rad, a.lon_rad, lat, lon)
    steepest = np.nanmax((z - z0) / d[:-1] - d[:-1] * fall)
    return max(float(plane.heights_m[row, column]), z0 + d[-1] * steepest + d[-1] ** 2 * fall)


def test_one_sensor_sees_what_geodesics_say(plane: CountryPlane) -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    errors = []
    for sight in some(3):
        part = lone(plane, sight)
        n, m = part.amsl_m.shape
        for i, j in zip(rng.integers(0, n, 150), rng.integers(0, m, 150), strict=True):
            v = float(part.amsl_m[i, j])
            if math.isfinite(v) and math.hypot(i + part.top - part.row, j + part.left - part.column) > 3:
                errors.append(v - by_geodesics(plane, sight, i + part.top, j + part.left))
    assert len(errors) > 200
    assert np.percentile(np.abs(errors), 90) < 0.5
    assert np.abs(errors).max() < 8.0  # walls of 700 m stand here every 10 km


def slow(plane: CountryPlane, sights: list[Sight]) -> tuple[np.ndarray, ...]:
    best, second = (np.full(plane.shape, np.inf, np.float32) for _ in range(2))
    who, next_who = (np.full(plane.shape, NOBODY, np.int16) for _ in range(2))
    for number, sight in enumerate(sights):
        part = lone(plane, sight)
        n, m = part.amsl_m.shape
        v = np.full(plane.shape, np.inf, np.float32)
        v[part.top : part.top + n, part.left : part.left + m] = np.where(np.isnan(part.amsl_m), np.inf, part.amsl_m)
        first, better = v < best, v < second
        second, next_who = np.where(first, best, np.where(better, v, second)), np.where(first, who, np.where(better, number, next_who))
        best, who = np.where(first, v, best), np.where(first, number, who)
    return best, second, who, next_who


def parts(p: Picture) -> tuple[np.ndarray, ...]:
    return p.best_m, p.second_m, p.best, p.second


def same(a: tuple[np.ndarray, ...], b: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("count", [1, 2, 7, 25])
def test_what_is_fused_is_bit_for_bit_a_slow_merge_whatever_is_left_out(plane: CountryPlane, count: int) -> None:
    sights = some(count, seed=count)
    fused = fuse(plane, sights)
    assert np.isfinite(fused.best_m).any()
    assert same(parts(fused), slow(plane, sights))
    for other in (fuse(plane, sights, prune=False), fuse(plane, sights, cores=2), fuse(plane, sights, cores=2, prune=False)):
        assert same(parts(fused), parts(other))


def test_only_what_is_asked_for_is_answered(plane: CountryPlane) -> None:
    sights = some(9)
    inside = np.hypot(*(np.indices(plane.shape) - np.array(plane.shape)[:, None, None] / 2)) < 120
    whole, part = fuse(plane, sights), fuse(plane, sights, inside=inside)
    assert same(tuple(v[inside] for v in parts(whole)), tuple(v[inside] for v in parts(part)))
    assert np.isinf(part.best_m[~inside]).all()
    assert (part.second[~inside] == NOBODY).all()
    box = Window(32, 203, 64, 305)
    boxed = fuse(plane, sights, box=box, cores=2)
    assert same(tuple(v[32:203, 64:305] for v in parts(whole)), parts(boxed))
    assert boxed.plane.to_grid(0.25, 0.09)[0] == pytest.approx(plane.to_grid(0.25, 0.09)[0] - 32)


def test_two_alike_are_told_apart_by_their_order(plane: CountryPlane) -> None:
    one = some(1)[0]
    fused = fuse(plane, [one, replace(one, id="again")])
    seen = np.isfinite(fused.best_m)
    assert (fused.best[seen] == 0).all()
    assert (fused.second[seen] == 1).all()
    assert np.array_equal(fused.best_m, fused.second_m)


def test_an_obstacle_hides_what_is_behind_it() -> None:
    flat = Terrain((ArraySource("flat", np.full((101, 101), 300.0, np.float32), 18.0, 0.0, 0.1),)).over(*OUTLINE, 0.0, 1000.0)
    antenna = Antenna(radians(14.0), radians(4.0), height_m=20.0, max_range_m=100e3)
    lat, lon = destination(antenna.lat_rad, antenna.lon_rad, 1.0, np.array([5e3, 60e3]))
    wall = Obstacle(float(lat[0]), float(lon[0]), 120.0, 3000.0)
    row, column = (int(v) for v in np.rint(flat.to_grid(lat[1], lon[1])))
    far, _ = between(antenna.lat_rad, antenna.lon_rad, *flat.place(row, column))
    fall = 1.0 / (2.0 * K * float(gaussian_radius_m(antenna.lat_rad)))
    expected = 320.0 + far * (100.0 / 5e3 - 5e3 * fall) + far**2 * fall  # over the wall's top, 100 m above the antenna
    assert fuse(flat, [Sight("A", "radar", antenna, (wall,))]).best_m[row, column] == pytest.approx(expected, abs=8.0)
    assert fuse(flat, [Sight("A", "radar", antenna)]).best_m[row, column] < expected - 1000.0


def test_counts_of_all_sensors_agree_with_best_and_second(plane: CountryPlane) -> None:
    sights = some(12)
    fused, counts = fuse(plane, sights), count_all(plane, sights, HEIGHTS)
    assert set(counts) == set(KINDS)
    for k, height in enumerate(HEIGHTS):
        every = sum(c[k].astype(int) for c in counts.values())
        two = count_at(fused, height)
        assert every.max() > 2
        assert (np.minimum(every, 2) == two).mean() > 0.999  # in the third one's favour where a cone of silence hides the first two
        assert (two <= np.minimum(every, 2)).mean() > 0.9999


def test_the_cone_of_silence_and_the_least_range_are_not_seen() -> None:
    flat = Terrain((ArraySource("flat", np.full((101, 101), 300.0, np.float32), 18.0, 0.0, 0.1),)).over(*OUTLINE, 0.0, 500.0)
    antenna = Antenna(radians(14.0), radians(4.0), height_m=20.0, max_range_m=100e3, max_elevation_rad=radians(45.0), min_range_m=2e3)
    sights = [Sight("A", "radar", antenna)]
    height = Height(6000.0)
    row, column = (int(v) for v in np.rint(flat.to_grid(antenna.lat_rad, antenna.lon_rad)))
    for counted in (count_at(fuse(flat, sights), height), count_all(flat, sights, [height])["radar"][0]):
        assert counted[row, column] == 0
        assert counted[row, column + 8] == 0
        assert counted[row, column + 14] == 1
    low = count_at(fuse(flat, sights), Height(100.0))
    assert low[row, column + 2] == 0
    assert low[row, column + 6] == 1


def test_boxes_are_the_whole() -> None:
    terrain, sights = hills(), some(5, reach_m=150e3)
    frame = frame_over(*OUTLINE, 0.0, 2500.0)
    whole = fuse(terrain.over(*OUTLINE, 0.0, 2500.0), sights)
    got = [np.full_like(v, nobody) for v, nobody in zip(parts(whole), (np.inf, np.inf, NOBODY, NOBODY), strict=True)]
    done = []
    for box, numbers, picture in fuse_boxes(terrain, frame, sights, side=90, progress=lambda n, of: done.append((n, of))):
        table = np.array([*numbers, NOBODY])
        answers = (picture.best_m, picture.second_m, table[picture.best], table[picture.second])
        for to, v in zip(got, answers, strict=True):
            to[box.top : box.bottom, box.left : box.right] = v
    assert done[-1] == (len(boxes(frame, 90)),) * 2
    assert len(done) > 6
    for a, b in zip(got, parts(whole), strict=True):
        equal = (a == b) | (np.abs(np.where(np.isfinite(a), a, 0) - np.where(np.isfinite(b), b, 0)) < 0.1)
        assert equal.mean() > 0.999


def test_what_cannot_be_is_refused(plane: CountryPlane) -> None:
    one = some(1)[0]
    at = replace(one, antenna=replace(one.antenna, lat_rad=radians(30.0)))
    with pytest.raises(CoverageError, match="outside the terrain's plane"):
        fuse(plane, [at])
    with pytest.raises(CoverageError, match="outside the terrain's plane"):
        fuse(plane, [replace(one, antenna=replace(one.antenna, lon_rad=radians(170.0)))])
    with pytest.raises(CoverageError, match="under ground"):
        lone(plane, replace(one, antenna=replace(one.antenna, altitude_m=10.0)))
    with pytest.raises(CoverageError, match="not known"):
        lone(plane, replace(one, antenna=replace(one.antenna, lat_rad=radians(15.4), lon_rad=radians(5.0))))
    with pytest.raises(CoverageError, match="multiples of 16"):
        fuse(plane, [one], box=Window(5, 100, 0, 100))
    with pytest.raises(CoverageError, match="earth factor"):
        lone(plane, one, k=math.nan)
    with pytest.raises(TerrainError, match="60 degrees"):
        frame_over(np.radians([0.0, 80.0]), np.radians([0.0, 170.0]), 0.0, 1e4)
    assert Voids().unknown == 0
