"""Whatever the seed, the slices and the place: the exercise stays the same exercise."""

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.exercise import ExerciseConfig, routes
from tenere.exercise.motion import join, place
from tenere.exercise.outbox import EMPTY, put, release
from tenere.feeds.exercise_feed import open_exercise
from tenere.geo.ellipsoid import geodetic_to_ecef

LAT = st.floats(-0.9, 0.9)
LON = st.floats(-3.0, 3.0)


def delivered(slices, seed):
    feed = open_exercise(ExerciseConfig(aircraft=40, seed=seed))
    got = {s.id: [b"", []] for s in feed.sources}
    for until in slices:
        for chunk in feed.advance(1_893_484_800.0 + until):
            got[chunk.source][0] += chunk.data
            got[chunk.source][1] += chunk.times_s.tolist()
    return got


@settings(max_examples=6, deadline=None)
@given(st.lists(st.floats(0.0, 9.0), max_size=12), st.integers(0, 2**40))
def test_slicing_never_changes_the_bytes(cuts, seed):
    assert delivered([*sorted(cuts), 9.0], seed) == delivered([9.0], seed)


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0.0, 10.0)), max_size=20), st.lists(st.floats(0.0, 11.0), max_size=8))
def test_an_outbox_loses_and_repeats_nothing(units, cuts):
    units = sorted(units, key=lambda u: u[1])
    box = EMPTY
    for k, (size, time) in enumerate(units):
        box = put(box, bytes([k]) * size, np.array([size]), np.array([time]))
    out, at = [], 0.0
    for until in [*sorted(cuts), 11.0]:
        box, chunk = release(box, "s", at, until, 0.0)
        if chunk is not None:
            assert ((chunk.times_s >= at) & (chunk.times_s < until)).all()
            assert chunk.offset == len(b"".join(out))
            out.append(chunk.data)
        at = until
    assert b"".join(out) == b"".join(bytes([k]) * size for k, (size, _) in enumerate(units))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(LAT, st.floats(-1.0, 1.0)), min_size=2, max_size=5, unique=True),
    st.floats(60.0, 260.0),
    st.floats(2_000.0, 12_500.0),
    st.sampled_from([(None, None), (300.0, None), (None, 300.0), (300.0, 900.0)]),
)
def test_a_path_never_jumps(points, speed, height, ends):
    legs = [routes.toward(a, b)[0] for a, b in itertools.pairwise(points)]
    if min(legs) < 60_000.0 or max(legs) > 8_000_000.0:
        return
    chain = routes.walk(points, height, ends, routes.Performance(speed, 0.5 * speed, 8.0, 8.0))
    paths = join([chain.segments], [0.0], [chain.length_s])
    corners = np.array([s.start_s for s in chain.segments[1:]])
    row = np.zeros(len(corners), np.int64)
    before, later = (place(paths, row, corners + d) for d in (-1e-3, 1e-3))
    a, b = (np.stack(geodetic_to_ecef(m.lat_rad, m.lon_rad, m.height_m)) for m in (before, later))
    assert (np.linalg.norm(b - a, axis=0) < 5.0).all()
    velocity = np.hypot(later.east_ms - before.east_ms, later.north_ms - before.north_ms)
    assert (velocity < 0.01 * speed + 1.0).all()


@given(LAT, LON, st.floats(-math.pi, math.pi), st.floats(1.0, 5_000_000.0))
def test_a_great_circle_leads_there_and_back(lat, lon, course, distance):
    there = routes.onward(lat, lon, course, distance)
    length, first = routes.toward((lat, lon), there[:2])
    assert abs(length - distance) < 0.5
    assert abs(routes.wrap(first - course)) * min(distance, 6e6) < 1.0
    back = routes.onward(there[0], there[1], there[2] + math.pi, distance)
    assert abs(back[0] - lat) < 1e-6
    assert abs(routes.wrap(back[1] - lon)) * math.cos(lat) < 1e-6
