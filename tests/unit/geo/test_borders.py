"""Borders: the atlas read rightly, and both kernels held to slow references."""

from __future__ import annotations

import json
import math
from importlib import resources

import numpy as np
import pytest

from tenere.errors import TenereError
from tenere.geo import borders

CITIES_IN_NIGER = {
    "Niamey": (13.51, 2.11),
    "Agadez": (16.97, 7.99),
    "Zinder": (13.80, 8.99),
    "Bilma": (18.69, 12.92),
    "Arlit": (18.74, 7.39),
}
CITIES_BEYOND = {
    "Kano": (12.00, 8.52),
    "Gao": (16.27, -0.04),
    "N'Djamena": (12.13, 15.05),
    "Tamanrasset": (22.79, 5.53),
    "Kandi": (11.13, 2.94),
}


@pytest.fixture(scope="module")
def niger() -> borders.Borders:
    return borders.load(("NE",))  # make setup puts the atlas there: without it this fails, saying so


def degrees_grid(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.radians(rng.uniform(10.0, 25.0, n)), np.radians(rng.uniform(-2.0, 18.0, n))


def even_odd(b: borders.Borders, lat: float, lon: float) -> int:
    """The textbook rule over the edges of each country, one at a time, with a ray due east instead of north."""
    for country in range(len(b.names)):
        inside = False
        for ring in np.flatnonzero(b.ring_country == country):
            points = range(b.ring_start[ring], b.ring_start[ring + 1] - 1)
            for k in points:
                y0, y1, x0, x1 = b.lat_rad[k], b.lat_rad[k + 1], b.lon_rad[k], b.lon_rad[k + 1]
                if (y0 > lat) != (y1 > lat) and lon < x0 + (lat - y0) * (x1 - x0) / (y1 - y0):
                    inside = not inside
        if inside:
            return country
    return -1


def great_circle_m(lat0: float, lon0: float, lat1: np.ndarray, lon1: np.ndarray) -> np.ndarray:
    h = np.sin((lat1 - lat0) / 2) ** 2 + np.cos(lat0) * np.cos(lat1) * np.sin((lon1 - lon0) / 2) ** 2
    return 2 * borders.EARTH_M * np.arcsin(np.sqrt(h))


def walked_m(b: borders.Borders, country: int, lat: float, lon: float) -> float:
    """Least great-circle distance to points set close together along every edge."""
    best = math.inf
    for ring in np.flatnonzero(b.ring_country == country):
        ring_points = slice(b.ring_start[ring], b.ring_start[ring + 1])
        at = np.arange(b.ring_start[ring + 1] - b.ring_start[ring])
        fine = np.linspace(0, at[-1], 200 * len(at))
        lats, lons = np.interp(fine, at, b.lat_rad[ring_points]), np.interp(fine, at, b.lon_rad[ring_points])
        best = min(best, great_circle_m(lat, lon, lats, lons).min())
    return best


def test_nigers_area_is_the_polygons(niger):
    assert borders.area_m2(niger, 0) == pytest.approx(1.18e12, rel=0.01)
    assert niger.codes == ("NE",)
    assert niger.names == ("Niger",)


@pytest.mark.parametrize(("city", "place"), CITIES_IN_NIGER.items())
def test_cities_of_niger_are_inside(niger, city, place):
    assert borders.contains(niger, *map(math.radians, place)) == 0, city


@pytest.mark.parametrize(("city", "place"), CITIES_BEYOND.items())
def test_cities_beyond_are_outside(niger, city, place):
    assert borders.contains(niger, *map(math.radians, place)) == -1, city


def test_the_kernel_agrees_with_the_textbook_rule():
    b = borders.load(("Niger", "566", "TD", "LS", "ZA"))  # Lesotho is a hole in South Africa
    rng = np.random.Generator(np.random.PCG64(7))
    lat = np.radians(np.concatenate([rng.uniform(3, 25, 150), rng.uniform(-35, -22, 100)]))
    lon = np.radians(np.concatenate([rng.uniform(-2, 25, 150), rng.uniform(16, 33, 100)]))
    got = borders.contains_each(b, lat, lon)
    assert got.tolist() == [even_odd(b, y, x) for y, x in zip(lat, lon, strict=True)]
    assert {-1, 0, 1, 2, 4} <= set(got.tolist())
    maseru, pretoria = (-29.31, 27.50), (-25.75, 28.19)
    assert borders.contains(b, *map(math.radians, maseru)) == 3
    assert borders.contains(b, *map(math.radians, pretoria)) == 4


def test_corners_and_meridians_of_a_square_count_once():
    square = np.radians(np.array([(0, 0), (0, 10), (10, 10), (10, 0)], float))
    b = borders.Borders.of(["square"], [""], [(0, square)])
    for lon in (-1.0, 0.0, 3.0, 9.999, 10.0, 11.0):
        assert borders.contains(b, math.radians(5), math.radians(lon)) == (0 if 0 <= lon < 10 else -1)
    diamond = borders.Borders.of(["diamond"], [""], [(0, np.radians(np.array([(0, 0), (5, 5), (0, 10), (-5, 5)], float)))])
    assert borders.contains(diamond, 0.0, math.radians(5)) == 0
    assert borders.contains(diamond, math.radians(-6), math.radians(5)) == -1  # its line north meets two corners


def test_what_is_not_a_number_is_nowhere(niger):
    assert borders.contains(niger, math.nan, 0.1) == -1
    assert borders.contains(niger, 0.2, math.nan) == -1
    assert math.isnan(borders.distance_m(niger, 0, math.nan, 0.1))
    assert math.isnan(borders.distance_m(niger, 0, math.inf, 0.1))


def test_distance_is_good_to_one_percent(niger):
    rng = np.random.Generator(np.random.PCG64(3))
    lat, lon = degrees_grid(rng, 25)
    got = borders.distance_each_m(niger, 0, lat, lon)
    wanted = np.array([walked_m(niger, 0, y, x) for y, x in zip(lat, lon, strict=True)])
    assert np.abs(got / wanted - 1).max() < 0.01
    assert wanted.max() > 300e3


def test_distance_to_a_point_due_north_is_the_meridian_arc():
    b = borders.Borders.of(["far"], [""], [(0, np.radians(np.array([(20, 0), (20, 1), (21, 1)], float)))])
    assert borders.distance_m(b, 0, math.radians(19), 0.0) == pytest.approx(111_195, rel=1e-4)  # a degree is 111.2 km


def test_an_absent_atlas_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(TenereError, match="make setup"):
        borders.atlas()


def topology(**changed: object) -> bytes:
    """Two unit squares side by side that share an arc, as TopoJSON quantizes them."""
    good = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.5], "translate": [0, 0]},
        "arcs": [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 0], [2, 0], [0, 2], [-2, 0]]],
        "objects": {
            "countries": {
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "id": "562", "properties": {"name": "West"}},
                    {"type": "MultiPolygon", "arcs": [[[-1, 2]]], "id": "566", "properties": {"name": "East"}},
                ]
            }
        },
    }
    return json.dumps({**good, **changed}).encode()


def test_arcs_are_stitched_forwards_and_backwards():
    b = borders.from_topojson(topology(), ["East", "NE"])
    assert b.names == ("East", "West")
    assert b.codes == ("NG", "NE")
    assert borders.contains(b, math.radians(0.5), math.radians(0.5)) == 1
    assert borders.contains(b, math.radians(0.5), math.radians(1.5)) == 0
    assert borders.area_m2(b, 0) == pytest.approx(111_195**2, rel=1e-3)


BROKEN = (topology(arcs=[]), topology(objects={"countries": {"geometries": [3]}}), topology(transform=None))


@pytest.mark.parametrize("data", [b"", b"{}", b"[1,2]", b"\xff", *BROKEN])
def test_a_broken_atlas_is_an_error_a_user_can_mend(data):
    with pytest.raises(TenereError, match="make setup"):
        borders.from_topojson(data, ["NE"])


def test_an_unknown_country_is_named():
    with pytest.raises(TenereError, match="Atlantis"):
        borders.from_topojson(topology(), ["NE", "Atlantis"])
