"""A picture of coverage as a map shows it, held to what the plane says pixel by pixel, and areas to sums of posts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.coverage.asking import Box, Height
from tenere.coverage.country import Sight, fuse, lone
from tenere.coverage.counts import count_at
from tenere.coverage.horizon import Antenna, CoverageError
from tenere.coverage.layer import MOST_PIXELS, NO_ANSWER, NOBODY, ONE, SEEN, Lattice, areas_m2, change, classes, frame, lattice
from tenere.geo.terrain import ArraySource, Terrain

HEIGHT, LEVEL = Height(450.0), Height(700.0, above_ground=False)


def hills() -> np.ndarray:
    y, x = np.mgrid[0:181, 0:181]
    z = 300.0 + 250.0 * np.sin(x / 9.0) * np.cos(y / 7.0)
    z[20:40, 30:60] = np.nan
    return z.astype(np.float32)


@pytest.fixture(scope="module")
def plane():
    terrain = Terrain((ArraySource("hills", hills(), 14.0, 2.0, 1 / 60),), fill_posts=0)
    return terrain.over(np.radians([11.4, 13.6]), np.radians([2.4, 4.6]), 20e3, 2000.0)


def sight(name: str, lat: float, lon: float, steep_deg: float = 90.0) -> Sight:
    reach = {"max_range_m": 90e3, "max_elevation_rad": math.radians(steep_deg)}
    return Sight(name, "radar", Antenna(math.radians(lat), math.radians(lon), 20.0, **reach))


@pytest.fixture(scope="module")
def sights():
    return sight("A", 12.3, 3.2), sight("B", 12.6, 3.7, 20.0), sight("C", 13.1, 4.2)


def slowly(count, plane, at, box, shape, part=None):
    """Return the classes of an image, each pixel's middle placed exactly: one pixel at a time."""
    height, width = shape
    west, south, east, north = box
    low, high = (math.asinh(math.tan(math.radians(v))) for v in (south, north))
    out = np.full(shape, NOBODY, np.uint8)
    unsure = np.zeros(shape, bool)
    for i in range(height):
        lat = math.atan(math.sinh(high - (i + 0.5) * (high - low) / height))
        for j in range(width):
            row, column = (float(v) for v in plane.to_grid(lat, math.radians(west + (j + 0.5) * (east - west) / width)))
            unsure[i, j] = max(abs(row % 1 - 0.5), abs(column % 1 - 0.5)) > 1.0 or min(abs(row % 1 - 0.5), abs(column % 1 - 0.5)) < 0.02
            if not (-0.5 <= row < plane.shape[0] - 0.5 and -0.5 <= column < plane.shape[1] - 0.5):
                continue
            r, c = int(row + 0.5), int(column + 0.5)
            ground = float(plane.heights_m[r, c])
            level = ground + at.metres if at.above_ground else at.metres
            if not level >= ground:
                out[i, j] = NO_ANSWER
                continue
            k = int(count[r, c])
            if part is not None and 0 <= r - part.top < part.amsl_m.shape[0] and 0 <= c - part.left < part.amsl_m.shape[1]:
                steep = part.sight.antenna.max_elevation_rad
                away = math.hypot(r - part.row, c - part.column) * plane.step_m
                ceiling = part.antenna_m + away * math.tan(steep) if steep < math.pi / 2 else math.inf
                k += bool(part.amsl_m[r - part.top, c - part.left] <= level <= ceiling)
            out[i, j] = (NOBODY, ONE, SEEN)[min(k, 2)]
    return out, unsure


@pytest.mark.parametrize("at", [HEIGHT, LEVEL, Height(9000.0)])
@pytest.mark.parametrize("box", [Box(2.0, 11.0, 5.0, 14.0), Box(3.0, 12.0, 3.4, 12.3), Box(-20.0, -30.0, 30.0, 40.0)])
def test_a_pixel_shows_the_post_nearest_to_its_middle(plane, sights, at, box):
    count = count_at(fuse(plane, sights[:2]), at)
    part = lone(plane, sights[2])
    into = frame(plane, box, 90)
    for added in (None, part):
        found = classes(count, plane, at, into, added)
        exact, unsure = slowly(count, plane, at, box, found.shape, added)
        differ = (found != exact) & ~unsure
        assert differ.mean() < 0.002
        assert np.array_equal(found, classes(count, plane, at, into, added, cores=2))
    if box.east - box.west == 3.0:
        assert set(np.unique(found)) >= {SEEN, ONE, NO_ANSWER}


def test_a_sensor_tried_where_it_stands_is_the_picture_with_it(plane, sights):
    everybody, others = fuse(plane, sights), fuse(plane, sights[:1])
    for at in (HEIGHT, LEVEL, Height(7000.0, above_ground=False)):
        whole, rest = count_at(everybody, at), count_at(others, at)
        box = Box(2.0, 11.0, 5.0, 14.0)
        two = classes(count_at(fuse(plane, sights[:2]), at), plane, at, frame(plane, box, 200))
        assert np.array_equal(classes(rest, plane, at, frame(plane, box, 200), lone(plane, sights[1])), two)
        same = change(whole, whole, plane, at, lone(plane, sights[2]), lattice(plane, 10**9), 1)
        assert same.gained_m2 == same.lost_m2 == 0.0


def test_areas_gained_and_lost_are_those_of_the_posts(plane, sights):
    before, others = count_at(fuse(plane, sights), HEIGHT), count_at(fuse(plane, sights[:2]), HEIGHT)
    elsewhere = sight("C", 11.8, 2.9)
    after = count_at(fuse(plane, (*sights[:2], elsewhere)), HEIGHT)
    on = lattice(plane, 10**9)
    assert on.stride == 1
    for wanted in (1, 2):
        found = change(before, others, plane, HEIGHT, lone(plane, elsewhere), on, wanted)
        area = on.weight_m2.astype(float)
        assert found.gained_m2 == pytest.approx(area[(after >= wanted) & (before < wanted)].sum(), rel=1e-6)
        assert found.lost_m2 == pytest.approx(area[(after < wanted) & (before >= wanted)].sum(), rel=1e-6)
        assert found.seen_m2 == pytest.approx(area[after >= wanted].sum(), rel=1e-6)
        assert found.gained_m2 > 0
        assert found.lost_m2 > 0
    nowhere = Lattice(1, np.zeros_like(on.weight_m2))
    assert change(before, others, plane, HEIGHT, lone(plane, elsewhere), nowhere, 1) == (0.0, 0.0, 0.0)


def test_few_posts_give_nearly_the_same_areas(plane, sights):
    count = count_at(fuse(plane, sights), HEIGHT)
    whole, few = (areas_m2(count, plane, HEIGHT, lattice(plane, most)) for most in (10**9, 2500))
    assert lattice(plane, 2500).stride > 2
    assert lattice(plane, 2500).weight_m2.size <= 2500
    assert few == pytest.approx(whole, rel=0.06)
    known = np.isfinite(plane.heights_m)
    assert whole[0] == pytest.approx(float(lattice(plane, 10**9).weight_m2[known].sum(dtype=float)), rel=1e-6)


@pytest.mark.parametrize(
    "box",
    [
        (3, 12, 3, 13),
        (4, 12, 3, 13),
        (3, 13, 4, 12),
        (-181, 12, 3, 13),
        (3, -86, 4, 13),
        (3, 12, 4, 91),
        (math.nan, 12, 4, 13),
        (3, 12, math.inf, 13),
    ],
)
def test_a_window_that_is_none_is_refused(plane, box):
    with pytest.raises(CoverageError, match="box"):
        frame(plane, Box(*box), 100)


def test_an_image_too_large_is_refused(plane):
    for box, width in (((3, -85, 3.001, 85), 16), ((-180, -85, 180, 85), 1600), ((3, 12, 4, 13), 0)):
        with pytest.raises(CoverageError, match=f"{MOST_PIXELS:,}"):
            frame(plane, Box(*box), width)


def test_one_pixel_and_one_row(plane, sights):
    count = count_at(fuse(plane, sights), HEIGHT)
    assert classes(count, plane, HEIGHT, frame(plane, Box(3.19, 12.29, 3.2, 12.3), 1)).shape == (1, 1)
    assert classes(count, plane, HEIGHT, frame(plane, Box(2.0, 12.3, 5.0, 12.302), 700), cores=2).shape[0] == 1
