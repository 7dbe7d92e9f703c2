"""Whatever a file of areas holds, reading it yields areas or one kind of error; polygons that are right are read as they are."""

from __future__ import annotations

import json
from math import degrees
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenere import config
from tenere.coverage import geojson
from tenere.coverage.area_config import SHAPES, AreaConfig, problem
from tenere.coverage.areas import area_of
from tenere.coverage.horizon import CoverageError
from tenere.coverage.report.levels import level
from tenere.errors import UsageError

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NUMBER = st.integers(-200, 200) | st.floats(-200, 200) | st.sampled_from([1e300, 10**400, True, None, "1"])
POSITIONS = st.lists(st.lists(NUMBER, max_size=3), max_size=6)
KINDS = ["Polygon", "MultiPolygon", "LineString", "MultiLineString", "Point", "GeometryCollection", "Feature", "FeatureCollection", "?"]


def geometry(inner):
    return st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS)},
        optional={
            "coordinates": POSITIONS | st.lists(POSITIONS, max_size=3) | st.lists(st.lists(POSITIONS, max_size=2), max_size=2) | ANYTHING,
            "geometries": st.lists(inner, max_size=3) | ANYTHING,
            "geometry": inner | st.none(),
            "features": st.lists(inner, max_size=3),
            "properties": ANYTHING,
            "id": ANYTHING,
        },
    )


TREES = st.recursive(geometry(ANYTHING), geometry, max_leaves=4)


@given(st.binary(max_size=200), st.text(max_size=4))
@example(b"[" * 100_000, "")
@example(b'{"type":"GeometryCollection","geometries":[' * 2000, "")
def test_bytes_are_read_or_refused(data, feature):
    with pytest.raises(CoverageError):
        geojson.parse(data, feature)


@given(TREES, st.sampled_from(["", "a", "0"]))
def test_trees_are_read_or_refused(tree, feature):
    try:
        held = geojson.parse(json.dumps(tree).encode(), feature)
    except CoverageError:
        return
    assert held.polygons or held.lines
    for line in [*held.lines, *(ring for polygon in held.polygons for ring in polygon)]:
        assert np.isfinite(line).all()
        assert (np.abs(line) <= [np.pi / 2, np.pi]).all()


PLACE = st.tuples(st.floats(-90, 90), st.floats(0, 179))


@given(st.lists(PLACE, min_size=3, max_size=20))
def test_a_polygon_comes_back_as_it_was(places):
    ring = [[lon, lat] for lat, lon in places]
    held = geojson.parse(json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}).encode())
    assert np.degrees(held.polygons[0][0])[:-1] == pytest.approx(np.array(places))


SHAPE = {
    "country": st.sampled_from(["NE", "Q", "\0"]),
    "file": st.sampled_from(["no.geojson", "\0", "/", "a" * 5000]),
    "polygon": st.lists(st.lists(st.floats(-91, 91) | st.just(float("nan")), min_size=2, max_size=2), min_size=1, max_size=5),
    "line": st.lists(st.lists(st.floats(-90, 90), min_size=2, max_size=2), min_size=1, max_size=4),
    "circle": st.fixed_dictionaries(
        {"lat_deg": st.floats(-90, 90), "lon_deg": st.floats(-180, 180), "radius_m": st.floats(0, 1e6) | st.just(float("inf"))}
    ),
}
WIDTH = st.just(0.0) | st.floats(-1, 1e6)
AREA = st.sampled_from(sorted(SHAPE)).flatmap(
    lambda shape: st.fixed_dictionaries(
        {"id": st.text(min_size=1, max_size=4), shape: SHAPE[shape], "width_m": WIDTH},
        optional={"feature": st.sampled_from(["", "a"]), "name": st.text(max_size=4)},
    )
)


@given(st.lists(AREA, max_size=3))
def test_an_area_of_the_site_file_is_laid_or_refused(areas):
    try:
        found = config.build({"area": areas}).area
    except UsageError:
        return
    for one in found:
        assert problem(one) == ""
        assert sum(bool(getattr(one, name)) for name in SHAPES) == 1
        if one.country == "NE":
            continue  # a strip of it takes too long to lay a hundred times
        try:
            laid = area_of(one, Path())
        except CoverageError:
            continue
        lat, lon = laid.outline()
        assert lat.size >= 3
        assert np.isfinite(lat).all()
        assert np.isfinite(lon).all()


@given(ANYTHING)
def test_an_area_of_anything_is_refused_or_read(tree):
    with pytest.raises((msgspec.ValidationError, TypeError)):
        msgspec.convert({"id": 5, "x": tree}, AreaConfig)
    try:
        config.build({"area": tree})
    except UsageError:
        return
    assert tree == []


@given(st.text(max_size=12))
@example("1" * 12 + "ft")
def test_a_height_is_read_or_refused(words):
    try:
        found = level(words)
    except CoverageError:
        return
    assert 0 <= found.height.metres <= 100_000
    assert level(found.name) == found


def test_degrees_of_an_outline_are_those_given():
    area = area_of(AreaConfig(id="a", polygon=((10.0, 20.0), (11.0, 20.0), (11.0, 21.5))), Path())
    assert sorted({round(degrees(v), 9) for v in area.outline()[1]}) == [20.0, 21.5]
