"""Areas: closed forms of their sizes, borders post by post, files that are not what they claim."""

from __future__ import annotations

import json
from math import radians
from pathlib import Path

import numpy as np
import pytest

from tenere import config
from tenere.coverage import geojson
from tenere.coverage.area_config import AreaConfig, CircleConfig
from tenere.coverage.areas import area_of, areas_of, circle, dense, mask
from tenere.coverage.country import Sight
from tenere.coverage.horizon import Antenna, CoverageError
from tenere.errors import UsageError
from tenere.geo import borders
from tenere.geo.geodesic import between
from tenere.geo.terrain.country_plane import CountryPlane, Gnomonic

pytest.importorskip("rasterio", reason="masks are laid by rasterio (the extra coverage)")


def plane_at(lat, lon, n, m, step):
    return CountryPlane(Gnomonic(radians(lat), radians(lon)), step, (n - 1) / 2, (m - 1) / 2, np.zeros((n, m), np.float32))


def posts(plane):
    r, c = np.mgrid[: plane.shape[0], : plane.shape[1]]
    lat, lon = plane.place(r, c)
    return lat, lon, plane.area_m2(r, c)


@pytest.fixture(scope="module")
def niger():
    return plane_at(17.6, 8.0, 450, 500, 4000.0)


def test_a_country_is_what_its_border_holds_post_by_post(niger):
    held = borders.load(("NE",))
    lat, lon, area = posts(niger)
    inside = mask(niger, area_of(AreaConfig(id="NE", country="NE"), Path()))
    wanted = borders.contains_each(held, lat.ravel(), lon.ravel()).reshape(niger.shape) >= 0
    assert np.count_nonzero(inside != wanted) == 0
    assert area[inside].sum() == pytest.approx(borders.area_m2(held, 0), rel=5e-3)  # of the sphere; the ellipsoid's is 0.3 % less there


def test_a_border_strip_is_what_lies_near_the_border(niger):
    held = borders.load(("NE",))
    lat, lon, _ = posts(niger)
    country = mask(niger, area_of(AreaConfig(id="NE", country="NE"), Path()))
    strip = mask(niger, area_of(AreaConfig(id="s", kind="border_strip", country="NE", width_m=30e3), Path()))
    away = borders.distance_each_m(held, 0, lat[country], lon[country])
    wrong = strip[country] != (away <= 30e3)
    assert not strip[~country].any()
    assert 0.05 < strip.sum() / country.sum() < 0.25
    assert np.abs(away[wrong] - 30e3).max(initial=0.0) < 300.0  # that distance is flat, within 1 %


def test_a_circle_has_its_area_and_radius():
    plane = plane_at(50.0, 10.0, 401, 401, 500.0)
    _, _, area = posts(plane)
    shape = area_of(AreaConfig(id="CTR", kind="ctr", circle=CircleConfig(lat_deg=50.1, lon_deg=10.2, radius_m=80e3)), Path())
    assert area[mask(plane, shape)].sum() == pytest.approx(np.pi * 80e3**2, rel=1e-3)
    ring = circle(radians(50.1), radians(10.2), 80e3)
    far, _ = between(radians(50.1), radians(10.2), ring[:, 0], ring[:, 1])
    assert np.abs(far / 80e3 - 1).max() < 1e-3


def test_a_square_of_degrees_has_its_closed_form():
    plane = plane_at(0.5, 20.5, 301, 301, 500.0)
    _, _, area = posts(plane)
    shape = area_of(AreaConfig(id="q", polygon=((0.0, 20.0), (1.0, 20.0), (1.0, 21.0), (0.0, 21.0))), Path())
    a, e2 = 6378137.0, 0.00669437999014

    def zone(lat):  # area from the equator, a radian wide (Snyder 1987, eq. 3-12)
        s, e = np.sin(lat), np.sqrt(e2)
        return a * a * (1 - e2) / 2 * (s / (1 - e2 * s * s) + np.log((1 + e * s) / (1 - e * s)) / (2 * e))

    assert area[mask(plane, shape)].sum() == pytest.approx(zone(radians(1.0)) * radians(1.0), rel=2e-3)


def test_a_corridor_is_its_length_by_its_width_and_a_disc():
    plane = plane_at(16.0, 6.0, 400, 600, 2000.0)
    _, _, area = posts(plane)
    shape = area_of(AreaConfig(id="UA1", kind="corridor", line=((15.0, 2.0), (17.5, 9.0)), width_m=40e3), Path())
    far, _ = between(*np.radians([15.0, 2.0, 17.5, 9.0]))
    assert area[mask(plane, shape)].sum() == pytest.approx(float(far) * 40e3 + np.pi * 20e3**2, rel=2e-3)


def test_a_bent_corridor_holds_every_place_within_half_its_width_and_none_else():
    plane = plane_at(13.9, 3.0, 60, 90, 2000.0)
    lat, lon, _ = posts(plane)
    line = np.radians([[13.6, 2.4], [14.2, 3.0], [13.7, 3.5]])
    shape = area_of(AreaConfig(id="c", line=tuple(map(tuple, np.degrees(line).tolist())), width_m=30e3), Path())
    fine = dense(line, 1000.0)  # so short that a geodesic and a straight line of degrees are one
    away = np.min([between(lat, lon, *p)[0] for p in fine], axis=0)
    wrong = mask(plane, shape) != (away <= 15e3)
    assert np.abs(away[wrong] - 15e3).max(initial=0.0) < 60.0


def feature(name, corner, holes=()):
    def ring(x, y, size):
        return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]

    rings = [ring(*corner, 1.0), *(ring(*h, 0.25) for h in holes)]
    return {"type": "Feature", "properties": {"Name": name}, "geometry": {"type": "Polygon", "coordinates": rings}}


def test_a_file_gives_a_feature_with_its_holes(tmp_path):
    collection = {"type": "FeatureCollection", "features": [feature("A", (2.0, 13.0), [(2.3, 13.3)]), feature("B", (5.0, 13.0))]}
    (tmp_path / "fir.geojson").write_text(json.dumps(collection))
    plane = plane_at(13.5, 4.0, 200, 500, 1000.0)
    _, _, area = posts(plane)
    one = area[mask(plane, area_of(AreaConfig(id="x", kind="fir", file="fir.geojson", feature="A"), tmp_path))].sum()
    both = area[mask(plane, area_of(AreaConfig(id="x", file="fir.geojson"), tmp_path))].sum()
    assert both == pytest.approx(one * (1 + 16 / 15), rel=5e-3)
    strip = area_of(AreaConfig(id="x", file="fir.geojson", feature="B", width_m=5e3), tmp_path)
    assert 0.08 < area[mask(plane, strip)].sum() / both < 0.1


def test_lines_of_a_file_make_corridors(tmp_path):
    (tmp_path / "way.geojson").write_text('{"type": "LineString", "coordinates": [[2.0, 13.0], [4.0, 14.0]]}')
    assert len(area_of(AreaConfig(id="w", file="way.geojson", width_m=20e3), tmp_path).polygons) > 2
    with pytest.raises(CoverageError, match=r"area w: way\.geojson: holds lines only; give width_m"):
        area_of(AreaConfig(id="w", file="way.geojson"), tmp_path)


SQUARE = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("[" * 5000, "not valid JSON"),
        ("[]", "is an object, not list"),
        ('{"type": "Sphere"}', "there is no geometry 'Sphere'"),
        ('{"type": "FeatureCollection"}', "features is no list"),
        ('{"type": "FeatureCollection", "features": []}', "holds no polygon"),
        ('{"type": "Point", "coordinates": [1, 2]}', "holds no polygon"),
        ('{"type": "Polygon", "coordinates": []}', "without a ring"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]}', "3 positions where at least 4"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}', "not closed"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, "1"], [0, 0]]]}', "a position is"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 91], [0, 0]]]}', "longitude comes first"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1e999], [0, 0]]]}', "JSON|longitude"),
        ('{"type": "Polygon", "coordinates": [[[170, 0], [-170, 0], [-170, 5], [170, 0]]]}', "180th meridian"),
        (SQUARE[:-1] + ', "crs": {"type": "name", "properties": {"name": "EPSG:32632"}}}', "another projection"),
    ],
)
def test_a_file_that_is_wrong_says_where(text, said):
    with pytest.raises(CoverageError, match=said):
        geojson.parse(text.encode())


def test_a_file_too_large_or_absent_or_without_the_feature(tmp_path, monkeypatch):
    (tmp_path / "a.geojson").write_text(json.dumps(feature("A", (2.0, 13.0))))
    with pytest.raises(CoverageError, match="there is no feature 'B'; there are A"):
        geojson.read(tmp_path / "a.geojson", "B")
    with pytest.raises(CoverageError, match="cannot be read"):
        geojson.read(tmp_path / "b.geojson")
    monkeypatch.setattr(geojson, "MOST_BYTES", 10)
    with pytest.raises(CoverageError, match="larger than"):
        geojson.read(tmp_path / "a.geojson")


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ('id = "a"', "give one of country"),
        ('id = "a"\ncountry = "NE"\nfile = "x"', "given are country and file"),
        ('id = "a"\npolygon = [[1, 2], [3, 4]]', "has 2 points and needs 3"),
        ('id = "a"\nline = [[1, 2], [3, 4]]', "needs width_m"),
        ('id = "a"\npolygon = [[1, 2], [3, 4], [5, 6]]\nwidth_m = 5', "width_m: is of a line"),
        ('id = "a"\npolygon = [[1, 2], [91, 4], [5, 6]]', "point 1: .* is no latitude"),
        ('id = "a"\npolygon = [[1, 2], [nan, 4], [5, 6]]', "point 1: .* is no latitude"),
        ('id = "a"\nline = [[1, 179], [1, -179]]\nwidth_m = 5', "180th meridian"),
        ('id = "a"\npolygon = [[1, 2, 3], [3, 4], [5, 6]]', "area"),
        ('id = "a"\ncircle = {lat_deg = 1, lon_deg = 2, radius_m = 0}', "radius_m: 0.0 is outside"),
        ('id = "a"\ncircle = {lat_deg = 1, lon_deg = 2, radius = 5}', "unknown key area.0..circle.radius"),
        ('id = "a"\nfeature = "x"\ncountry = "NE"', "feature: names a part of a file"),
        ('id = ""\ncountry = "NE"', "its id is empty"),
        ('id = "a"\ncountry = "NE"\n[[area]]\nid = "a"\ncountry = "ML"', "that of another"),
    ],
)
def test_an_area_of_the_site_file_that_is_wrong_says_where(area, said):
    with pytest.raises(UsageError, match=said):
        config.parse(f"[[area]]\n{area}\n")


def test_a_country_not_on_the_map_is_an_error_that_names_the_area():
    with pytest.raises(CoverageError, match="area x: the map of borders holds no country ZZ"):
        area_of(AreaConfig(id="x", country="ZZ"), Path())


def test_without_areas_it_is_the_home_country_or_what_the_sensors_reach():
    niamey = Sight("N", "radar", Antenna(radians(13.5), radians(2.1), max_range_m=50e3))
    kyiv = Sight("K", "adsb", Antenna(radians(50.4), radians(30.5), max_range_m=50e3))
    assert areas_of((), (niamey, kyiv), "NE", Path())[0].name == "Niger"
    (reach,) = areas_of((), (kyiv,), "NE", Path())
    plane = plane_at(50.4, 30.5, 201, 201, 600.0)
    _, _, area = posts(plane)
    assert area[mask(plane, reach)].sum() == pytest.approx(np.pi * 50e3**2, rel=2e-3)
    with pytest.raises(CoverageError, match="nothing to compute"):
        areas_of((), (), "NE", Path())


def test_a_real_file_of_borders_agrees_with_the_map(niger, shared_data):
    path = shared_data / "terrain" / "boundaries_ne10m_dcw.geojson"
    country = mask(niger, area_of(AreaConfig(id="NE", country="NE"), Path()))
    of_file = mask(niger, area_of(AreaConfig(id="NE", file=path.name, feature="Niger"), path.parent))
    assert np.count_nonzero(country & ~of_file) < 1e-3 * country.sum()
    assert of_file.sum() < 1.01 * country.sum()  # the file has Niger from two sources: their union
