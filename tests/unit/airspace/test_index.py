"""The index against slow and obvious answers: whatever the place on earth, the shape, the height."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from tests.unit.airspace import reference
from tests.unit.airspace.making import volumes

from tenere.airspace.index import Heights, Index
from tenere.airspace.model import GROUND, Circle, Corridor, Limit, Polygon, Volume

SQUARE = Polygon(((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)))
PLACES = {
    "tropics": (10.0, 14.0, 0.0, 6.0),
    "north": (60.0, 64.0, 10.0, 20.0),
    "date line": (-20.0, -15.0, 177.0, 183.0),
    "pole": (86.0, 90.0, -180.0, 180.0),
}


def volume(shape: object, **more: object) -> Volume:
    return Volume(id=str(more.pop("id", "A")), name="Area", shape=shape, **more)


def level(n: int, amsl_m: float = 1000.0) -> Heights:
    return Heights.of(np.full(n, amsl_m), np.full(n, amsl_m), np.zeros(n))


def at(*places: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    lat, lon = np.radians(np.array(places, float).reshape(-1, 2)).T
    return lat.copy(), lon.copy()


@pytest.mark.parametrize("box", PLACES.values(), ids=PLACES.keys())
def test_inside_is_what_the_slow_way_says(box):
    rng = np.random.Generator(np.random.PCG64(7))
    listed = volumes(rng, 40, box)
    index = Index.of(listed)
    n = 250
    lat_deg, lon_deg = rng.uniform(box[0], box[1], n), (rng.uniform(box[2], box[3], n) + 180) % 360 - 180
    amsl, ground, pressure = rng.uniform(0, 4000, n), rng.uniform(0, 300, n), rng.uniform(0, 4000, n)
    got = index.inside(np.radians(lat_deg), np.radians(lon_deg), Heights.of(amsl, pressure, ground))
    assert got.sure.all()
    pairs = set(zip(got.row.tolist(), got.volume.tolist(), strict=True))
    assert list(zip(got.row.tolist(), got.volume.tolist(), strict=True)) == sorted(pairs), "in order, each once"
    found = 0
    for q in range(n):
        for v, one in enumerate(listed):
            if not reference.between_limits(one, amsl[q], ground[q], pressure[q]):
                assert (q, v) not in pairs
                continue
            depth = None
            near = reference.point(lat_deg[q], lon_deg[q])
            if np.linalg.norm(near - np.asarray(index.outline[7][v])) < index.cap_m[v] * 1.2 + 1000:
                depth = reference.depth_m(one, lat_deg[q], lon_deg[q])
            if depth is None or abs(depth) > 2.0:
                assert ((q, v) in pairs) == (depth is not None and depth > 0), (one, lat_deg[q], lon_deg[q], depth)
                found += depth is not None and depth > 0
    assert found > 10


def test_depth_is_the_distance_to_the_outline():
    rng = np.random.Generator(np.random.PCG64(3))
    listed = volumes(rng, 12, PLACES["north"])
    index = Index.of(listed)
    for v, one in enumerate(listed):
        middle = np.asarray(index.outline[7][v])
        lat0, lon0 = math.degrees(math.atan2(middle[2], math.hypot(middle[0], middle[1]))), math.degrees(math.atan2(middle[1], middle[0]))
        for _ in range(6):
            lat, lon = lat0 + rng.normal(0, 0.1), lon0 + rng.normal(0, 0.2)
            want = reference.depth_m(one, lat, lon)
            got = index.depths_m(*at((lat, lon)), v)[0]
            assert got == pytest.approx(want, abs=0.5, rel=2e-4 if abs(want) < 50e3 else 1e-3)


def test_small_areas_are_as_on_a_plane():
    shapely = pytest.importorskip("shapely", reason="shapely is in the bench extra")
    rng = np.random.Generator(np.random.PCG64(5))
    listed = tuple(v for v in volumes(rng, 60, (0.0, 0.2, 0.0, 0.2), (500.0, 3000.0)) if isinstance(v.shape, Polygon) and not v.shape.holes)
    index = Index.of(listed)
    lat, lon = np.radians(rng.uniform(0, 0.2, 2000)), np.radians(rng.uniform(0, 0.2, 2000))
    got = index.inside(lat, lon, Heights.of(np.full(2000, np.nan), np.full(2000, np.nan), np.zeros(2000)))
    for v, one in enumerate(listed):
        assert isinstance(one.shape, Polygon)
        flat = shapely.Polygon([(x, y) for y, x in one.shape.ring])
        want = shapely.contains_xy(flat, np.degrees(lon), np.degrees(lat))
        differ = np.flatnonzero(want != np.isin(np.arange(2000), got.row[got.volume == v]))
        edge = shapely.distance(flat.exterior, shapely.points(np.degrees(lon[differ]), np.degrees(lat[differ])))
        assert (edge < 1e-6).all(), "but for 10 cm along the edges"


def test_great_circles_bulge_towards_the_pole():
    wide = volume(Polygon(((60.0, 0.0), (60.0, 40.0), (50.0, 40.0), (50.0, 0.0))))
    lat, lon = at((60.5, 20.0), (50.3, 20.0), (62.0, 20.0))  # the edge between the corners runs over 61.5 N
    assert Index.of((wide,)).inside(lat, lon, level(3)).row.tolist() == [0]


def test_a_polygon_may_hold_the_pole_and_cross_the_date_line():
    cap = volume(Polygon(tuple((80.0, float(lon)) for lon in range(-180, 180, 30))), id="cap")
    line = volume(Polygon(((0.0, 179.0), (0.0, -179.0), (2.0, -179.0), (2.0, 179.0))), id="line")
    index = Index.of((cap, line))
    found = index.inside(*at((90.0, 0.0), (89.0, 170.0), (79.0, 0.0), (1.0, 180.0), (1.0, -179.5), (1.0, 178.5)), level(6))
    assert list(zip(found.row.tolist(), found.volume.tolist(), strict=True)) == [(0, 0), (1, 0), (3, 1), (4, 1)]


def test_nan_and_nothing_are_nowhere():
    index = Index.of((volume(SQUARE),))
    for lat, lon in ((np.nan, 0.1), (0.1, np.nan), (np.inf, 0.1), (0.01, np.inf)):
        assert index.inside(np.array([lat]), np.array([lon]), level(1)).row.size == 0
        motion = (np.zeros(1), np.zeros(1), np.zeros(1))
        assert index.ahead(np.array([lat]), np.array([lon]), level(1), motion, np.zeros(1), 60.0).row.size == 0
    assert Index.of(()).inside(*at((0.5, 0.5)), level(1)).row.size == 0
    assert index.inside(np.zeros(0), np.zeros(0), level(0)).row.size == 0


def test_a_height_not_known_may_be_inside_and_is_not_sure():
    low = volume(SQUARE, floor=GROUND, ceiling=Limit(1000.0))
    index = Index.of((low,))
    here = at((0.5, 0.5))
    nan = np.full(1, np.nan)
    assert index.inside(*here, Heights.of(nan, nan, np.zeros(1))).sure.tolist() == [False]
    assert index.inside(*here, Heights.of(np.array([900.0]), nan, np.zeros(1))).sure.tolist() == [True]
    assert index.inside(*here, Heights.of(np.array([1100.0]), nan, np.zeros(1))).row.size == 0


def test_above_a_ground_not_known_a_height_is_known_within_bounds():
    low = volume(SQUARE, floor=GROUND, ceiling=Limit(150.0, "agl"))
    index, here, nan = Index.of((low,)), at((0.5, 0.5)), np.full(1, np.nan)
    assert index.inside(*here, Heights.of(np.array([2000.0]), nan, nan)).sure.tolist() == [False]
    assert index.inside(*here, Heights.of(np.array([11_000.0]), nan, nan)).row.size == 0, "no ground is so high"
    assert index.inside(*here, Heights.of(np.array([2000.0]), nan, np.array([1900.0]))).sure.tolist() == [True]


def test_volumes_that_are_not_wanted_are_not_asked():
    index = Index.of((volume(SQUARE), volume(SQUARE, id="B")))
    assert index.inside(*at((0.5, 0.5)), level(1), np.array([False, True])).volume.tolist() == [1]


def test_what_is_too_large_or_encloses_nothing_is_refused():
    huge = volume(Circle(0.0, 0.0, 9e6))
    empty = volume(Polygon(((0.0, 0.0), (1.0, 1.0))), id="B")
    index = Index.of((huge, volume(SQUARE, id="C"), empty))
    assert index.refused == (0, 2)
    assert index.inside(*at((0.5, 0.5)), level(1)).volume.tolist() == [1]


def test_an_index_made_from_another_is_the_same():
    rng = np.random.Generator(np.random.PCG64(9))
    listed = list(volumes(rng, 60, PLACES["tropics"]))
    before = Index.of(listed)
    edited = listed[:]
    edited[7] = msgspec.structs.replace(edited[7], buffer_m=1500.0)
    del edited[20:23]
    edited.insert(3, volume(Circle(12.0, 3.0, 5000.0), id="new"))
    fresh, quick = Index.of(edited), Index.of(edited, before)
    for a, b in pairwise([fresh.grid, quick.grid]):
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    far = [*edited, volume(Circle(-40.0, 100.0, 5000.0), id="far")]
    assert Index.of(far, quick).inside(*at((-40.0, 100.0)), level(1)).volume.tolist() == [len(far) - 1]


# --- ahead ---


def slow_ahead(one: Volume, start: tuple[float, float], east: float, north: float, wide_m: float, horizon_s: float) -> float:
    """Fly in steps of a tenth of a second and say when the place is within wide_m of the outline; infinite: never."""
    lat0, lon0 = np.radians(start)
    for t in np.arange(0.0, horizon_s, 2.0):
        lat = math.degrees(lat0 + north * t / 6.3355e6)  # near the equator: metres to radians of latitude, and of longitude
        lon = math.degrees(lon0 + east * t / 6.378e6)
        if reference.depth_m(one, lat, lon) >= -wide_m:
            return float(t)
    return math.inf


def test_the_soonest_entry_is_what_flying_step_by_step_finds():
    rng = np.random.Generator(np.random.PCG64(11))
    listed = volumes(rng, 6, (0.0, 0.3, 0.0, 0.3), (1500.0, 6000.0))
    listed = tuple(msgspec.structs.replace(v, floor=GROUND, ceiling=Limit(9e3)) for v in listed)
    index = Index.of(listed)
    n, horizon_s, margin_m = 24, 60.0, 200.0
    lat_deg, lon_deg, course = rng.uniform(0, 0.3, n), rng.uniform(0, 0.3, n), rng.uniform(0, 2 * math.pi, n)
    east, north = 150.0 * np.sin(course), 150.0 * np.cos(course)
    got = index.ahead(np.radians(lat_deg), np.radians(lon_deg), level(n), (east, north, np.zeros(n)), np.full(n, margin_m), horizon_s)
    when = {(q, v): t for q, v, t in zip(got.row.tolist(), got.volume.tolist(), got.after_s.tolist(), strict=True)}
    met = 0
    for q in range(n):
        for v, one in enumerate(listed):
            far = abs(reference.depth_m(one, lat_deg[q], lon_deg[q])) > 150.0 * horizon_s + margin_m + one.buffer_m + 100
            want = math.inf if far else slow_ahead(one, (lat_deg[q], lon_deg[q]), east[q], north[q], margin_m + one.buffer_m, horizon_s)
            t = when.get((q, v), math.inf)
            if far and (q, v) in when:
                assert t == 0.0, "far within"
            elif math.isinf(want) or math.isinf(t):
                grazes = not (math.isinf(want) and math.isinf(t))
                assert (
                    not grazes
                    or slow_ahead(one, (lat_deg[q], lon_deg[q]), east[q], north[q], margin_m + one.buffer_m + 30, horizon_s + 3) < 64
                )
            else:
                assert t == pytest.approx(want, abs=2.1)
                met += want > 0
    assert met >= 4


@pytest.mark.parametrize(
    ("rate", "amsl_m", "after_s"), [(-10.0, 1500.0, 50.0), (-5.0, 1500.0, None), (10.0, 1500.0, None), (0.0, 900.0, 0.0)]
)
def test_a_descent_into_a_volume_below_is_foreseen(rate, amsl_m, after_s):
    index = Index.of((volume(SQUARE, ceiling=Limit(1000.0)),))
    found = index.ahead(*at((0.5, 0.5)), level(1, amsl_m), (np.zeros(1), np.zeros(1), np.array([rate])), np.zeros(1), 90.0)
    assert found.after_s.tolist() == ([] if after_s is None else [pytest.approx(after_s)])


def test_a_climb_out_before_the_outline_is_no_entry():
    index = Index.of((volume(SQUARE, ceiling=Limit(1000.0)),))
    here, east = at((0.5, -0.05)), np.array([100.0])  # 5.6 km: 56 s
    climbs = index.ahead(*here, level(1, 900.0), (east, np.zeros(1), np.array([5.0])), np.zeros(1), 90.0)
    assert climbs.row.size == 0, "above 1,000 m after 20 s"
    flat = index.ahead(*here, level(1, 900.0), (east, np.zeros(1), np.zeros(1)), np.zeros(1), 90.0)
    assert flat.after_s[0] == pytest.approx(55.66, abs=0.1)


def test_a_way_over_the_date_line_meets_what_lies_beyond():
    index = Index.of((volume(Circle(10.0, -179.9, 3000.0)),))
    found = index.ahead(*at((10.0, 179.95)), level(1), (np.array([250.0]), np.zeros(1), np.zeros(1)), np.zeros(1), 90.0)
    assert found.after_s[0] == pytest.approx((16_447 - 3000) / 250.0, abs=0.5)


def test_a_corridor_reaches_round_its_ends_and_a_buffer_widens():
    line = volume(Corridor(((0.0, 0.0), (0.0, 1.0)), 4000.0), buffer_m=1000.0)
    index = Index.of((line,))
    assert index.depths_m(*at((0.0, 0.5)), 0)[0] == pytest.approx(2000.0)
    assert index.depths_m(*at((0.0, 1.01)), 0)[0] == pytest.approx(2000 - 1113.2, abs=1)
    south = index.ahead(*at((-0.1, 0.5)), level(1), (np.zeros(1), np.full(1, 100.0), np.zeros(1)), np.zeros(1), 90.0)
    assert south.after_s[0] == pytest.approx((11_057.4 - 3000) / 100, abs=0.2)


def test_ten_thousand_volumes_and_twenty_thousand_tracks():
    rng = np.random.Generator(np.random.PCG64(13))
    listed = volumes(rng, 10_000, (0.0, 12.0, 0.0, 16.0), (1e3, 30e3))
    index = Index.of(listed)
    n = 20_000
    lat, lon = np.radians(rng.uniform(-1, 13, n)), np.radians(rng.uniform(-1, 17, n))
    amsl = np.where(rng.random(n) < 0.05, np.nan, rng.uniform(0, 12_000, n))
    heights = Heights.of(amsl, amsl, np.where(rng.random(n) < 0.1, np.nan, 200.0))
    motion = tuple(np.where(rng.random(n) < 0.02, np.nan, rng.normal(0, s, n)) for s in (150.0, 150.0, 5.0))
    inside = index.inside(lat, lon, heights)
    ahead = index.ahead(lat, lon, heights, motion, np.full(n, 100.0), 90.0)
    now = set(zip(inside.row[inside.sure].tolist(), inside.volume[inside.sure].tolist(), strict=True))
    soon = set(zip(ahead.row.tolist(), ahead.volume.tolist(), strict=True))
    assert len(now) > 1000
    assert now <= soon, "who is inside now is found by both"
    assert (ahead.after_s >= 0).all()
    assert (ahead.after_s <= 90.0).all()
