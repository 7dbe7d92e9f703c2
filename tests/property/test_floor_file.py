"""No damage to a file of the visible floor, and no bytes at all, make reading it fail in another way than it says."""

import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.coverage import places
from tenere.coverage.horizon import CoverageError
from tenere.errors import TenereError
from tenere.geo.holes import VERSION, Floor

best = np.array([[100.0, np.inf, np.nan], [250.0, 300.0, 40.0]], np.float32)
_file = io.BytesIO()
np.savez_compressed(_file, version=np.array(VERSION), corner=np.array([20.0, 3.0, 0.5]), best_m=best, second_m=best + np.float32(10.0))
WHOLE = _file.getvalue()


def reads_or_is_refused(data):
    try:
        floor = Floor.parse(data)
    except TenereError:
        return
    assert floor.best_m.shape == floor.second_m.shape
    floor.at(np.radians([19.9, 0.0]), np.radians([3.1, 0.0]))


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(WHOLE)))
def test_a_damaged_floor(at, what, cut):
    reads_or_is_refused(WHOLE[:at] + what + WHOLE[at + len(what) :])
    reads_or_is_refused(WHOLE[:cut])


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_no_floor(data):
    reads_or_is_refused(data)
    reads_or_is_refused(WHOLE[:60] + data)


TEXTS = st.text('name,lat lon;\n\t"1234567890.-eE', max_size=120) | st.text(max_size=60)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["Point", "Feature"]),
    lambda t: (
        st.lists(t, max_size=3) | st.dictionaries(st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "name"]), t)
    ),
    max_leaves=12,
)


def places_or_refused(data):
    try:
        found, rejects = places.parse(data)
    except CoverageError:
        return
    assert all(abs(p.lat_deg) <= 90 and abs(p.lon_deg) <= 180 and p.name.isprintable() and p.name for p in found)
    assert rejects.total() >= 0


@settings(max_examples=300)
@given(TEXTS, st.binary(max_size=40))
def test_any_text_is_a_list_of_places_or_is_refused(text, data):
    places_or_refused(text.encode("utf-8", "surrogatepass"))
    places_or_refused(b"name,lat,lon\n" + text.encode("utf-8", "surrogatepass"))
    places_or_refused(data)


@settings(max_examples=300)
@given(TREES)
def test_any_tree_is_a_list_of_places_or_is_refused(tree):
    import msgspec

    places_or_refused(msgspec.json.encode({"type": "FeatureCollection", "features": tree}))
    places_or_refused(msgspec.json.encode({"features": [{"geometry": {"type": "Point", "coordinates": tree}, "properties": tree}]}))
