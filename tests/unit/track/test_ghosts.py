"""What one radar alone sees twice, by a mirror or by the pulse before, is shown once; aircraft are shown."""

import numpy as np
import pytest
from rig import room, sensor

from tenere.batch import PlotKind
from tenere.track import ghosts, shadows
from tenere.track.store import POSITION_STD, TIME, VELOCITY_STD

HERE, OTHER, PSR, SSR = 1, 2, 1 << int(PlotKind.PSR), 1 << int(PlotKind.SSR)
RADAR = np.array([10e3, -5e3])
FAR, FAST = np.array([150e3, 80e3]), np.array([-180.0, 120.0])
"""An aircraft from the radar, and its velocity."""
CODE = 0o1000


def figures():
    """Return the figures of two radars, the first at RADAR."""
    return np.stack([sensor(SENSOR_X=RADAR[0], SENSOR_Y=RADAR[1]), sensor()])


def two(place, velocity, mode_a=-1, **of_the_second):
    """Return a store of an aircraft that two radars see, and of a beginning that the first alone sees."""
    s, _, _ = room()
    s.alive[:2] = 1
    s.confirmed[0] = 1
    s.hot[0, :4], s.hot[1, :4] = (*(RADAR + FAR), *FAST), (*(RADAR + place), *velocity)
    s.hot[:2, POSITION_STD], s.hot[:2, VELOCITY_STD], s.hot[:2, TIME] = 80.0, 5.0, 100.0
    s.sensors[0], s.sensors[1] = (HERE | OTHER, 0), (HERE, 0)
    s.kinds[0], s.kinds[1] = (SSR, 0), (PSR if mode_a < 0 else SSR, 0)
    s.height[:2], s.height_s[:2], s.update_s[:2], s.first_s[:2], s.mode_a[0], s.mode_a[1] = (3000.0, 0.0), 100.0, 100.0, 90.0, CODE, mode_a
    for name, value in of_the_second.items():
        getattr(s, name)[1] = value
    return s


def found(s):
    return ghosts.ghost_of(s, 2, 1, figures())


def pulse_before(interval_m=120e3):
    """Return where the aircraft is told a pulse interval nearer, and how that moves."""
    out = []
    for state in (FAR, FAR + FAST):
        r = np.hypot(*state)
        out.append(state * (r - interval_m) / r)
    return out[0], out[1] - out[0]


def in_mirror(bearing_deg=250.0, at_m=6e3):
    """Return where a building shows the aircraft, and how that moves."""
    way = np.array([np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))])
    out = [way * (at_m + np.hypot(*(state - way * at_m))) for state in (FAR, FAR + FAST)]
    return out[0], out[1] - out[0]


def test_the_pulse_before_is_the_aircraft_behind_it():
    place, velocity = pulse_before()
    assert found(two(place, velocity)) == 0


def test_a_mirror_shows_an_aircraft_whose_code_many_bear():
    assert not shadows.own_code(CODE)
    place, velocity = in_mirror()
    assert found(two(place, velocity, mode_a=CODE)) == 0


@pytest.mark.parametrize(
    "differs",
    [
        {"sensors": (HERE | OTHER, 0)},
        {"sensors": (OTHER, 0)},
        {"sensors": (0, 0)},
        {"first_s": 100.0 - shadows.SHADOW_S},
        {"kinds": (PSR | SSR, 0)},
        {"mode_a": 0o1234},
    ],
)
def test_what_another_radar_sees_or_has_lasted_or_answers_is_an_aircraft(differs):
    place, velocity = pulse_before()
    assert found(two(place, velocity, **differs)) == -1


@pytest.mark.parametrize(("turned_deg", "faster_ms", "around_ms"), [(1.5, 0, 0), (0, 60, 0), (0, 0, 60)])
def test_an_echo_that_does_not_go_as_the_aircraft_behind_it_is_another_s(turned_deg, faster_ms, around_ms):
    place, velocity = pulse_before()
    c, s = np.cos(np.radians(turned_deg)), np.sin(np.radians(turned_deg))
    way = place / np.hypot(*place)
    velocity = velocity + faster_ms * way + around_ms * np.array([-way[1], way[0]])
    assert found(two(np.array([[c, -s], [s, c]]) @ place, velocity)) == -1


def test_what_is_near_the_aircraft_is_no_pulse_before():
    place, velocity = pulse_before(interval_m=0.9 * ghosts.LEAST_INTERVAL_M)
    assert found(two(place, velocity)) == -1


@pytest.mark.parametrize(
    "differs", [{"height": (3100.0, 0.0)}, {"height": (np.nan, np.nan)}, {"mode_a": CODE + 1}, {"sensors": (HERE | OTHER, 0)}]
)
def test_another_height_or_code_is_another_aircraft(differs):
    place, velocity = in_mirror()
    assert found(two(place, velocity, **{"mode_a": CODE, **differs})) == -1


@pytest.mark.parametrize("at_m", [40e3, 60e3])
def test_what_would_need_a_mirror_far_away_is_another_aircraft(at_m):
    place, velocity = in_mirror(at_m=at_m)
    assert found(two(place, velocity, mode_a=CODE)) == -1


def test_what_flies_around_the_radar_is_no_mirror_s():
    place, velocity = in_mirror()
    way = place / np.hypot(*place)
    assert found(two(place, velocity + 150.0 * np.array([-way[1], way[0]]), mode_a=CODE)) == -1


def test_nothing_is_asked_of_a_radar_without_a_place_or_a_receiver():
    place, velocity = pulse_before()
    s = two(place, velocity)
    assert ghosts.ghost_of(s, 2, 1, np.stack([sensor(SENSOR_X=np.nan, SENSOR_Y=np.nan), sensor()])) == -1
    assert ghosts.ghost_of(s, 2, 1, np.zeros_like(figures())) == -1
    assert ghosts.ghost_of(s, 2, 1, figures()[:0]) == -1
