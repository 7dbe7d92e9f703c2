"""An aircraft that is told twice is shown once; two aircraft are shown as two."""

import numpy as np
import pytest
from rig import room
from scene import Sky

from tenere.batch import PlotKind
from tenere.site import SensorConfig
from tenere.track import shadows
from tenere.track.store import VELOCITY_STD, VX

ADSB, SSR, PSR, MODE_S = (1 << int(k) for k in (PlotKind.ADSB, PlotKind.SSR, PlotKind.PSR, PlotKind.MODE_S))
RECEIVER = SensorConfig(id="A", kind="adsb", source="a", period_s=1.0)
FIRST, SECOND, THIRD = 1, 2, 4


def two(**of_the_second):
    """Return a store of an aircraft that radar and receiver hear, and of a beginning that one sensor hears."""
    s, _, _ = room()
    s.alive[:2] = s.confirmed[:2] = 1
    s.sensors[0], s.kinds[0] = (FIRST | SECOND, 0), (ADSB | MODE_S, 0)
    s.sensors[1], s.kinds[1] = (SECOND, 0), (ADSB, 0)
    s.height[:2, 0], s.height[:2, 1], s.height_s[:2], s.update_s[:2], s.first_s[:2] = 3000.0, 0.0, 100.0, 100.0, 90.0
    s.key[:2], s.mode_a[:2], s.hot[:2, VX] = 7, 0o1234, 100.0
    for name, value in of_the_second.items():
        getattr(s, name)[1] = value
    return s


def test_the_same_said_again_by_one_sensor_is_a_shadow():
    assert shadows.shadow(two(), 0, 1)
    assert shadows.echoed(two(), 2, 1) == 0
    assert shadows.echoed(two(confirmed=0), 2, 1) == 0


@pytest.mark.parametrize(
    "differs",
    [
        {"sensors": (SECOND | THIRD, 0)},
        {"sensors": (SECOND, THIRD)},
        {"sensors": (0, 0)},
        {"mode_a": 0o1235},
        {"height": (3100.0, 0.0)},
        {"height": (np.nan, np.nan)},
        {"height": (2900.0, -2.0)},
        {"kinds": (SSR, 0), "first_s": 100.0 - shadows.SHADOW_S},
    ],
)
def test_an_aircraft_in_its_own_right_is_none(differs):
    assert not shadows.shadow(two(**differs), 0, 1)


def test_only_what_measures_disproves_what_an_aircraft_tells():
    s = two()
    s.kinds[0] = (ADSB, 0)
    assert not shadows.shadow(s, 0, 1)
    s = two()
    s.sensors[0] = (SECOND, 0)
    assert not shadows.shadow(s, 0, 1)


def test_echoes_are_proof_only_of_what_moves():
    seen_twice = {"sensors": (SECOND | THIRD, 0), "kinds": (ADSB | PSR, 0)}
    s = two(**seen_twice)
    assert not shadows.shadow(s, 0, 1)
    s.hot[1, VX] = 2.0
    assert shadows.shadow(s, 0, 1)
    s.hot[1, VX], s.hot[1, VELOCITY_STD] = 25.0, 10.0
    assert shadows.shadow(s, 0, 1)
    s.hot[1, VX] = 40.0
    assert not shadows.shadow(s, 0, 1)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(0o1234, True), (0o2000, False), (0o7700, False), (-1, False), (4096, False), (32767, False), (-32768, False)],
)
def test_without_an_address_a_code_of_its_own_is_asked_for(code, expected):
    s = two(key=-1, kinds=(SSR, 0))
    s.mode_a[:2] = code
    assert shadows.shadowed(s, *shadows.by_code(s, 2), 1) == (0 if expected else -1)
    assert shadows.faded(s, 2, 101.0).tolist() == ([[0, 1]] if expected else [])


def test_a_rival_that_turns_out_to_be_a_shadow_fades_at_any_age():
    assert shadows.faded(two(rival=1, first_s=-5000.0), 2, 101.0).tolist() == [[0, 1]]
    assert shadows.faded(two(rival=0, first_s=-5000.0), 2, 101.0).tolist() == []


class Told(Sky):
    """An aircraft flying east that a radar sees every five seconds and that tells its own position too."""

    def __init__(self):
        super().__init__((*Sky.__init__.__defaults__[0], RECEIVER))
        self.k = 0

    def seconds(self, count, wrong_m=0.0, drift_ms=0.0, other=None, height=6000.0):
        """Let seconds pass; the position it tells is wrong by wrong_m and drift_ms. other: east, north, height of a second one."""
        for second in range(count):
            east = -30e3 + 200.0 * self.k
            told = self.adsb(east, 40e3 + wrong_m + drift_ms * second, height, address=0x46001, mode_a=0o1234)
            heard = [("a", told)]
            if self.k % 5 == 0:
                heard.append(("r", self.radar(east, 40e3, height, address=0x46001, mode_a=0o1234)))
            if other is not None:
                x, y, z = other
                heard.append(("a", self.adsb(x + 200.0 * self.k, y, z, address=0x46001, mode_a=0o1234)))
            self.tick(*heard, dt=1.0)
            self.k += 1
        return self.out.tracks


def test_gps_jamming_makes_no_second_aircraft():
    sky = Told()
    before = sky.seconds(30).number
    assert len(before) == 1
    for _ in range(4):
        after = sky.seconds(20, wrong_m=8e3, drift_ms=30.0)
        assert list(after.number) == list(before)
    east, north = after.x_m[0], after.y_m[0]
    assert abs(north - sky.state.store.hot[0, 1]) < 500
    assert abs(east - (-30e3 + 200.0 * sky.k)) < 2500


def test_two_aircraft_with_one_address_at_two_heights_are_two():
    sky = Told()
    sky.seconds(30)
    assert len(sky.seconds(20, other=(-30e3, 70e3, 8000.0))) == 2
    assert len(sky.seconds(60, other=(-30e3, 70e3, 8000.0))) == 2


def mirrored(sky, turns, above_m):
    """Return how many tracks there are with a radar's answers by way of a building, at a height above the aircraft's own."""
    for _ in range(turns):
        sky.k += 5
        east = -30e3 + 200.0 * sky.k
        direct = sky.radar(east, 40e3, 6000.0, kind=PlotKind.SSR, mode_a=0o1234)
        by_way = sky.radar(20e3, 55e3 + 0.5 * east, 6000.0 + above_m, kind=PlotKind.SSR, mode_a=0o1234)
        told = sky.adsb(east, 40e3, 6000.0, address=0x46001, mode_a=0o1234)
        tracks = sky.tick(("r", direct), ("r", by_way), ("a", told))
    return len(tracks)


def test_a_reflection_is_not_shown_and_an_aircraft_at_another_height_is():
    assert mirrored(Told(), 12, 0.0) == 1
    assert mirrored(Told(), 12, 900.0) == 2
