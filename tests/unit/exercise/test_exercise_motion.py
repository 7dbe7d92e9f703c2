import math

import numpy as np
import pytest

from tenere.exercise import routes
from tenere.exercise.motion import SPHERE_M, along, join, place
from tenere.geo.ellipsoid import enu_of, geodetic_to_ecef

FLY = routes.Performance(240.0, 80.0, 9.0, 8.0)
POINTS = [(math.radians(13.48), math.radians(2.18)), (math.radians(14.9), math.radians(5.3)), (math.radians(16.97), math.radians(8.0))]


def walked(points=POINTS, level=10_000.0, ends=(230.0, 500.0)):
    return routes.walk(points, level, ends, FLY)


def paths_of(*chains, loops=None):
    return join([c.segments for c in chains], loops or [0.0] * len(chains), [c.length_s for c in chains])


def test_closed_form_equals_flying_in_small_steps():
    # Fly the same segments by adding up speed and turn over 10 ms, on the sphere, with scalars.
    chain = walked()
    lat, lon, course = *POINTS[0], chain.segments[0].course_rad
    ends = [s.start_s for s in chain.segments[1:]] + [chain.length_s]
    dt = 0.05
    for segment, end in zip(chain.segments, ends, strict=True):
        steps = max(1, round((end - segment.start_s) / dt))
        h = (end - segment.start_s) / steps
        speed = segment.speed_ms
        for _ in range(steps):
            lat, lon, course = routes.onward(lat, lon, course + segment.turn_rads * h / 2, (speed + segment.acceleration_ms2 * h / 2) * h)
            course += segment.turn_rads * h / 2
            speed += segment.acceleration_ms2 * h
        m = place(paths_of(chain), np.array([0]), np.array([end - 1e-6]))
        assert abs(m.lat_rad[0] - lat) * SPHERE_M < 5.0
        assert abs(m.lon_rad[0] - lon) * SPHERE_M < 5.0


def test_velocity_is_the_rate_of_change_of_position_on_the_ellipsoid():
    chain = walked()
    times = np.linspace(1.0, chain.length_s - 1.0, 400)
    corners = np.array([s.start_s for s in chain.segments])
    times = times[np.abs(times[:, None] - corners).min(axis=1) > 0.2]
    paths, row = paths_of(chain), np.zeros(len(times), np.int64)
    m, before, later = (place(paths, row, times + d) for d in (0.0, -0.05, 0.05))
    e, n, u = enu_of(m.lat_rad, m.lon_rad, m.height_m, later.lat_rad, later.lon_rad, later.height_m)
    e0, n0, u0 = enu_of(m.lat_rad, m.lon_rad, m.height_m, before.lat_rad, before.lon_rad, before.height_m)
    assert np.abs((e - e0) / 0.1 - m.east_ms).max() < 0.02
    assert np.abs((n - n0) / 0.1 - m.north_ms).max() < 0.02
    assert np.abs((u - u0) / 0.1 - m.climb_ms).max() < 0.02


def test_a_route_climbs_cruises_descends_and_passes_its_points():
    chain = walked()
    heights = place(paths_of(chain), np.zeros(500, np.int64), np.linspace(0, chain.length_s, 500)).height_m
    assert heights[0] == pytest.approx(230.0, abs=5.0)
    assert heights.max() == pytest.approx(10_000.0, abs=1.0)
    assert heights[-1] == pytest.approx(500.0, abs=150.0)
    assert np.abs(np.diff(heights)).max() <= 9.5 * chain.length_s / 499
    for point, time in zip(POINTS, chain.passes_s, strict=True):
        m = place(paths_of(chain), np.array([0]), np.array([time]))
        assert routes.toward(point, (m.lat_rad[0], m.lon_rad[0]))[0] < 60.0


def test_a_turn_is_at_standard_rate_or_25_degrees_of_bank():
    rates = [abs(s.turn_rads) for s in walked().segments if s.turn_rads]
    assert rates
    assert all(r <= math.radians(3.0) + 1e-12 for r in rates)
    assert all(r == pytest.approx(9.80665 * math.tan(math.radians(25.0)) / 240.0, rel=0.05) for r in rates)


def test_a_short_hop_stays_below_its_level():
    chain = routes.walk([*POINTS[:1], (POINTS[0][0] + 0.01, POINTS[0][1])], 10_000.0, (230.0, 260.0), FLY)
    heights = place(paths_of(chain), np.zeros(50, np.int64), np.linspace(0, chain.length_s, 50)).height_m
    assert 400.0 < heights.max() < 5_000.0


@pytest.mark.parametrize(
    "chain",
    [routes.circle(0.3, 0.1, 5_000.0, 50.0, 900.0), routes.racetrack(0.3, 0.1, 1.0, 20_000.0, 1_500.0, 60.0, 900.0)],
    ids=["circle", "racetrack"],
)
def test_a_loop_closes(chain):
    paths = paths_of(chain, loops=[chain.length_s])
    m = place(paths, np.zeros(2, np.int64), np.array([chain.length_s - 0.001, chain.length_s + 0.001]))
    assert np.ptp(m.lat_rad) * SPHERE_M < 1.0
    assert np.ptp(m.lon_rad) * SPHERE_M < 1.0
    later = place(paths, np.zeros(1, np.int64), np.array([chain.length_s * 7 + 10.0]))
    first = place(paths, np.zeros(1, np.int64), np.array([10.0]))
    assert later.lat_rad == pytest.approx(first.lat_rad, abs=1e-9)


def test_a_circle_keeps_its_radius_and_turns_clockwise():
    chain = routes.circle(0.3, 0.1, 5_000.0, 50.0, 900.0)
    m = place(paths_of(chain), np.zeros(60, np.int64), np.linspace(0, chain.length_s, 60))
    away = [routes.toward((0.3, 0.1), (a, b))[0] for a, b in zip(m.lat_rad, m.lon_rad, strict=True)]
    assert away == pytest.approx([5_000.0] * 60, abs=2.0)
    assert m.east_ms[0] > 49.0  # it starts in the north, going east


def test_onward_and_toward_are_inverse():
    a = (math.radians(36.7), math.radians(3.2))
    b = (math.radians(6.6), math.radians(3.3))
    distance, course = routes.toward(a, b)
    assert distance == pytest.approx(3_347_000, rel=0.001)  # Algiers to Lagos by the sphere
    assert routes.onward(*a, course, distance)[:2] == pytest.approx(b, abs=1e-9)


def test_clip_drops_what_is_outside_and_counts_it():
    far = (math.radians(60.0), 0.0)
    farther = (math.radians(70.0), 0.0)
    kept, lost, lost_after = routes.clip([farther, far, (0.0, 0.0)], (0.0, 0.0), 1_000_000.0)
    assert len(kept) == 2
    assert lost == 2
    assert lost_after == 0
    assert routes.toward((0.0, 0.0), kept[0])[0] <= 1_000_000.0
    with pytest.raises(ValueError, match="no leg comes within"):
        routes.clip([farther, far], (0.0, 0.0), 1_000_000.0)


def test_along_takes_many_rows_at_once():
    chain = walked()
    paths = paths_of(chain, chain)
    rows = np.arange(len(paths.key_s))
    both = along(paths, rows, np.full(len(rows), 3.0))
    one = [along(paths, rows[i : i + 1], np.array([3.0])) for i in rows]
    assert np.array_equal(both.lat_rad, np.concatenate([m.lat_rad for m in one]))
    assert np.all(np.isfinite(geodetic_to_ecef(both.lat_rad, both.lon_rad, both.height_m)))
