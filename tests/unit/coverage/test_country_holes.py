"""Holes over a plane: areas, places, who sees around them, what flies there; and the floor that is made of a picture."""

import json
import math

import numpy as np
import pytest

from tenere.coverage.country import NOBODY, Picture, Sight
from tenere.coverage.holes import holes, visible_floor
from tenere.coverage.horizon import Antenna
from tenere.coverage.traffic import Density
from tenere.geo.terrain.country_plane import CountryPlane, Gnomonic

STEP_M = 1000.0


def laid(best_m, who=None, ground_m=200.0, step_m=STEP_M):
    """Return a picture of given altitudes over flat ground, its middle at 16 N 8 E."""
    best_m = np.asarray(best_m, np.float32)
    n, m = best_m.shape
    plane = CountryPlane(Gnomonic(math.radians(16.0), math.radians(8.0)), step_m, n // 2, m // 2, np.full((n, m), ground_m, np.float32))
    sights = tuple(Sight(f"S{k}", "radar", Antenna(0.28, 0.14)) for k in range(3))
    best = np.where(np.isfinite(best_m), 0, NOBODY).astype(np.int16) if who is None else np.asarray(who, np.int16)
    return Picture(plane, sights, best_m, best_m + np.float32(100.0), best, np.full((n, m), NOBODY, np.int16), ((0.0, 0.0, 10.0),) * 3)


def scene():
    """Return a picture with two holes and a speck at 1,000 m, and who sees it."""
    best = np.full((40, 60), 300.0, np.float32)
    best[5:15, 10:30] = 2000.0
    best[8:10, 12:14] = 400.0  # seen amid it
    best[20:38, 40:58] = np.inf
    best[0, 0] = 1500.0
    who = np.full((40, 60), 1, np.int16)
    who[:, :36] = 0
    who[np.isinf(best)] = NOBODY
    return laid(best, who)


def test_holes_are_ranked_by_area_and_told_with_place_altitudes_and_neighbours():
    picture = scene()
    found = holes(picture, picture.best_m > 1000.0, least_m2=5e6)
    a, b = found.holes
    assert (found.small, round(found.small_m2 / 1e6)) == (1, 1)
    assert [h.id for h in found.holes] == ["hole-1", "hole-2"]
    assert a.posts == 18 * 18
    assert b.posts == 10 * 20 - 4
    assert a.area_m2 / 1e6 == pytest.approx(a.posts, rel=2e-3)
    assert math.isinf(a.lowest_m)
    assert (b.lowest_m, b.median_m, b.median_above_m) == (2000.0, 2000.0, 1800.0)
    assert a.sensors == ("S1",)
    assert b.sensors == ("S0",)
    row, column = (float(v) for v in picture.plane.to_grid(a.lat_rad, a.lon_rad))
    assert 26 <= row <= 31
    assert 46 <= column <= 51
    assert math.isnan(b.traffic_s)
    assert "seen by nobody" in a.says()
    assert "5,906 ft above ground" in b.says()


def test_outlines_are_rfc_7946_polygons():
    picture = scene()
    document = json.loads(json.dumps(holes(picture, picture.best_m > 1000.0, least_m2=5e6).geojson(), allow_nan=False))
    assert [len(f["geometry"]["coordinates"]) for f in document["features"]] == [1, 2]
    for feature in document["features"]:
        for k, ring in enumerate(feature["geometry"]["coordinates"]):
            assert ring[0] == ring[-1]
            lon, lat = np.array(ring).T
            turned = np.sum(lon[:-1] * lat[1:] - lon[1:] * lat[:-1])
            assert (turned > 0) == (k == 0), "outer ring counter-clockwise, holes clockwise"
        west, south, east, north = feature["bbox"]
        assert west < feature["properties"]["lon_deg"] < east
        assert south < feature["properties"]["lat_deg"] < north
    lon, lat = np.array(document["features"][0]["geometry"]["coordinates"][0]).T
    assert np.ptp(lat) * 111.0 == pytest.approx(18, rel=0.02)


def test_traffic_is_counted_over_the_hole_and_below_what_is_seen():
    picture = scene()
    density = Density(picture.plane, 5)
    lat, lon = picture.plane.place(np.array([10.0, 30.0]), np.array([20.0, 50.0]))  # in hole-2, in hole-1
    density.deposit(lat, lon, np.array([900.0, 9000.0]), np.array([600.0, 60.0]))
    density.deposit(lat[:1], lon[:1], np.array([5000.0]), np.array([100.0]))
    density.deposit(lat[:1], lon[:1], np.array([np.nan]), np.array([7.0]))
    found = holes(picture, picture.best_m > 1000.0, density, least_m2=5e6)
    a, b = found.holes
    assert a.traffic_s == pytest.approx(60.0)
    assert a.unseen_s == pytest.approx(60.0)
    assert b.traffic_s == pytest.approx(707.0)
    assert b.unseen_s == pytest.approx(600.0)
    assert [h.id for h in found.by_traffic()] == ["hole-2", "hole-1"]


def test_ids_and_figures_do_not_hang_on_outlines_and_the_most_are_kept():
    picture = scene()
    mask = picture.best_m > 1000.0
    drawn, bare = holes(picture, mask, least_m2=0.0), holes(picture, mask, least_m2=0.0, outlines=False)
    assert [h.row() for h in drawn.holes] == [h.row() for h in bare.holes]
    for a, b in zip(drawn.holes, bare.holes, strict=True):
        assert a.bounds_rad == pytest.approx(b.bounds_rad, abs=1e-5)
    assert len(drawn.holes) == 3
    one = holes(picture, mask, least_m2=0.0, most=1)
    assert (len(one.holes), one.small, one.labels.max()) == (1, 2, 1)
    none = holes(picture, np.zeros_like(mask))
    assert (none.holes, none.small) == ((), 0)


def test_the_floor_of_a_picture_is_the_highest_of_each_cell():
    random = np.random.Generator(np.random.PCG64(4))
    best = random.uniform(300.0, 3000.0, (50, 60)).astype(np.float32)
    best[random.random(best.shape) < 0.05] = np.inf
    picture = laid(best)
    inside = np.ones(best.shape, bool)
    inside[:, :10] = False
    floor = visible_floor(picture, 0.04, inside)
    i, j = np.nonzero(inside)
    lat, lon = picture.plane.place(i.astype(float), j.astype(float))
    at = floor.at(lat, lon)
    assert (at >= best[i, j]).all(), "never below what a post in the cell asks for"
    assert (floor.at(lat, lon, second=True) >= picture.second_m[i, j]).all()
    cells = np.floor(np.degrees(lat) / 0.04 + 1e-9) * 1000 + np.floor(np.degrees(lon) / 0.04 + 1e-9)
    some = cells == cells[700]
    assert at[700] == best[i, j][some].max()
    west = picture.plane.place(np.array([25.0]), np.array([3.0]))
    assert np.isnan(floor.at(*west)).all()


def test_a_floor_finer_than_the_posts_takes_the_nearest():
    picture = laid(np.arange(30, dtype=np.float32).reshape(5, 6) + 400.0, step_m=20_000.0)
    floor = visible_floor(picture, 0.05)
    lat, lon = picture.plane.place(np.array([2.0, 2.3]), np.array([3.0, 3.3]))
    assert floor.at(lat, lon).tolist() == [415.0, 415.0]
