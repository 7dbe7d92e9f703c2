"""The numbers of a study against a slow count of every post, and their sums."""

from __future__ import annotations

import math
from math import radians

import numpy as np
import pytest

from tenere.coverage.config import CoverageConfig
from tenere.coverage.country import Sight, lone
from tenere.coverage.horizon import Antenna, CoverageError
from tenere.coverage.report import numbers as module
from tenere.coverage.report.levels import Level, level, levels
from tenere.coverage.report.numbers import measure
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.geodesic import between
from tenere.geo.terrain.country_plane import CountryPlane, Gnomonic

STEP = 1500.0
LEVELS = tuple(map(level, ("500ft", "5000ft", "FL030", "FL195")))


@pytest.fixture(scope="module")
def plane():
    rng = np.random.Generator(np.random.PCG64(5))
    bumps = rng.normal(size=(9, 10)).repeat(10, axis=0).repeat(10, axis=1)[:80, :95]
    z = (600.0 + 250.0 * bumps + rng.normal(0, 30, (80, 95))).astype(np.float32)
    z[10:20, 30:50] = np.nan
    return CountryPlane(Gnomonic(radians(14.0), radians(5.0)), STEP, 40.0, 47.0, z)


def sight(name, kind, row, column, plane, **limits):
    lat, lon = (float(v) for v in plane.place(row, column))
    return Sight(name, kind, Antenna(lat, lon, height_m=30.0, **{"max_range_m": 60e3, **limits}))


@pytest.fixture(scope="module")
def sights(plane):
    return (
        sight("a", "radar", 40.0, 40.0, plane, max_elevation_rad=radians(20.0)),
        sight("b", "adsb", 45.3, 50.7, plane),
        sight("c", "radar", 30.0, 55.0, plane, max_elevation_rad=radians(45.0)),
        sight("d", "adsb", 60.0, 20.0, plane, max_range_m=12e3),
        sight("e", "detector", 41.0, 41.0, plane, max_range_m=4e3, min_range_m=2e3),
    )


@pytest.fixture(scope="module")
def inside(plane):
    out = np.zeros(plane.shape, np.uint32)
    out[5:70, 10:80] |= 1
    out[30:50, 30:95] |= 2
    return out


def slow(plane, sights, levels, k=4 / 3):
    """Return which sensor sees which post, (S, H, n, m) bool, one post's formulas written out, and the posts' areas."""
    n, m = plane.shape
    row, column = np.mgrid[:n, :m]
    z = plane.heights_m
    out = np.zeros((len(sights), len(levels), n, m), bool)
    for s, one in enumerate(sights):
        part = lone(plane, one, k=k)
        low = np.full((n, m), np.inf, np.float32)
        low[part.top : part.top + part.amsl_m.shape[0], part.left : part.left + part.amsl_m.shape[1]] = part.amsl_m
        d = between(one.antenna.lat_rad, one.antenna.lon_rad, *plane.place(row, column))[0]
        straight = part.antenna_m + d * d / (2 * k * float(gaussian_radius_m(one.antenna.lat_rad)))
        steep = one.antenna.max_elevation_rad
        top = straight + d * math.tan(steep) if steep < 1.57 else np.full((n, m), np.inf)
        for h, v in enumerate(levels):
            at = z.astype(float) + v.height.metres if v.height.above_ground else np.full((n, m), v.height.metres)
            slant = np.hypot(d, at - straight)
            out[s, h] = (low <= at) & (at <= top) & (slant <= one.antenna.max_range_m) & (slant >= one.antenna.min_range_m) & ~np.isnan(z)
    return out, plane.area_m2(row, column)


@pytest.fixture(scope="module")
def both(plane, sights, inside):
    told = []
    found, counts = measure(plane, sights, inside, 2, LEVELS, progress=told.append)
    assert told == list(range(1, 11))
    return found, counts, *slow(plane, sights, LEVELS)


def test_every_count_is_that_of_every_post(both, plane, sights, inside):
    found, counts, sees, area = both
    number = sees.sum(axis=0)
    assert (counts == np.minimum(number, 3) * (inside > 0)).all()
    known = ~np.isnan(plane.heights_m)
    for a in range(2):
        here = (inside >> a & 1) > 0
        for h, v in enumerate(LEVELS):
            sky = here & known & (v.height.above_ground | ~(plane.heights_m > v.height.metres))
            for k, part in enumerate((number[h] == 0, number[h] == 1, number[h] >= 2)):
                assert found.seen_m2[a, h, k] == pytest.approx(area[sky & part].sum(), rel=1e-6)
            for k, kind in enumerate(found.kinds):
                own = sees[[s.kind == kind for s in sights], h].sum(axis=0)
                assert found.kind_m2[k, a, h, 1] == pytest.approx(area[here & (own == 1)].sum(), rel=1e-6)
                assert found.kind_m2[k, a, h, 2] == pytest.approx(area[here & (own >= 2)].sum(), rel=1e-6)
            for s in range(len(sights)):
                mine = here & sees[s, h]
                assert found.each_m2[s, a, h] == pytest.approx(area[mine].sum(), rel=1e-6)
                assert found.alone_m2[s, a, h] == pytest.approx(area[mine & (number[h] == 1)].sum(), rel=1e-6)
                assert found.pair_m2[s, a, h] == pytest.approx(area[mine & (number[h] == 2)].sum(), rel=1e-6)


def test_what_is_asked_of_occurs(both):
    found, counts, sees, _ = both
    assert set(np.unique(counts)) == {0, 1, 2, 3}
    assert (found.under_m2 > 0).any()
    assert (found.unknown_m2 > 0).any()
    assert (found.alone_m2 > 0).any()
    assert (found.pair_m2 > 0).any()
    assert not sees[0, :, 40, 41].all()  # its cone of silence
    assert (found.pair_m2[4] > 0).any()


def test_the_parts_of_an_area_add_up_to_it(both):
    found, *_ = both
    for h in range(len(LEVELS)):
        assert found.seen_m2[:, h].sum(axis=1) + found.under_m2[:, h] + found.unknown_m2 == pytest.approx(found.area_m2, rel=1e-9)
        assert found.alone_m2[:, :, h].sum(axis=0) == pytest.approx(found.seen_m2[:, h, 1], rel=1e-9)
        assert (found.pair_m2[:, :, h].sum(axis=0) / 2 <= found.seen_m2[:, h, 2] * (1 + 1e-9)).all()


def test_taking_a_sensor_away_loses_what_was_told(plane, sights, inside, both):
    found, *_ = both
    fewer, _ = measure(plane, sights[:2] + sights[3:], inside, 2, LEVELS)
    lost_single = fewer.seen_m2[:, :, 0] - found.seen_m2[:, :, 0]
    lost_double = found.seen_m2[:, :, 2] - fewer.seen_m2[:, :, 2]
    assert lost_single == pytest.approx(found.alone_m2[2], rel=1e-6, abs=1.0)
    assert lost_double == pytest.approx(found.pair_m2[2], rel=1e-6, abs=1.0)


def test_sweeps_kept_or_made_again_are_one(plane, sights, inside, both, monkeypatch):
    monkeypatch.setattr(module, "KEPT_BYTES", 10_000)
    again, counts = measure(plane, sights, inside, 2, LEVELS, cores=2)
    assert (again.pair_m2 == both[0].pair_m2).all()
    assert (counts == both[1]).all()


def test_without_a_sensor_nobody_sees(plane, inside):
    found, counts = measure(plane, (), inside, 2, LEVELS)
    assert not counts.any()
    assert found.seen_m2[:, 0, 0] + found.unknown_m2 == pytest.approx(found.area_m2)
    assert found.kind_m2.shape == (0, 2, 4, 3)


@pytest.mark.parametrize(
    ("words", "name", "metres", "above_ground"),
    [
        ("1500ft", "1500ft", 457.2, True),
        (" 300 M ", "300m", 300.0, True),
        ("300m-agl", "300m", 300.0, True),
        ("FL195", "FL195", 5943.6, False),
        ("fl 55", "FL055", 1676.4, False),
        ("3000m-amsl", "3000m-amsl", 3000.0, False),
        ("5000 ft AMSL", "5000ft-amsl", 1524.0, False),
        ("0.5m", "0.5m", 0.5, True),
    ],
)
def test_heights_are_read_as_people_write_them(words, name, metres, above_ground):
    found = level(words)
    assert (found.name, found.height.above_ground) == (name, above_ground)
    assert found.height.metres == pytest.approx(metres)


@pytest.mark.parametrize("words", ["", "1500", "-5ft", "FL", "FL19.5", "5km", "1e3ft", "nanft", "5000ft-agl-amsl", "400000ft", "٣m"])
def test_what_is_no_height_is_refused(words):
    with pytest.raises(CoverageError, match=r"height|above 100 km"):
        level(words)


def test_the_site_files_heights_are_those_without_others():
    assert [v.name for v in levels(CoverageConfig(heights_ft=(500.0, 500.0), flight_levels=(95.0,)))] == ["500ft", "FL095"]
    assert [v.name for v in levels(CoverageConfig(), ["300m"])] == ["300m"]
    with pytest.raises(CoverageError, match="0 heights"):
        levels(CoverageConfig(heights_ft=(), flight_levels=()))
    assert isinstance(level("5m"), Level)
