"""Where many radars look, a beginning that nobody repeats is doubted, and one that few can see is still found."""

import numpy as np
import pytest
import rig
from rig import measured, rng_of, room, settings, settle

from tenere.batch import PlotKind
from tenere.estimate.lanes import ROW
from tenere.track import kernels, regions, revisit, work
from tenere.track.sides import Sides
from tenere.track.store import X, Y

NOW_S, TURN_S = 500.0, 8.0
RADAR = {"PERIOD_S": TURN_S, "FROZEN": 0.0, "RANGE_M": 300e3, "FALSE_PLOTS": 110.0, "BIRTH_M2": 1e-11}
FALSE_M2 = 4e-10
EPOCHS = (1 << int(PlotKind.PSR), 0)


def crowd(gap_s=0.6, n=20, **columns):
    """Return a sky of aircraft within 20 km that radars see every gap_s."""
    s, w, book = room()
    settle(s, book, np.zeros((n, ROW)), NOW_S)
    s.hot[:n, [X, Y]] = rng_of(4).uniform(90e3, 110e3, (n, 2))
    s.gap_s[:n], s.kinds[:n] = gap_s, EPOCHS
    for name, values in columns.items():
        getattr(s, name)[:n] = values
    return s, w, book


def test_what_is_learnt_is_the_mean_gap_thereabouts_and_never_above_a_turn():
    s, w, book = crowd(np.tile([0.5, 0.7], 10))
    revisit.learn(s, book, NOW_S, w.revisit)
    assert revisit.usual(w.revisit, 100e3, 100e3, TURN_S) == pytest.approx(0.6)
    assert revisit.usual(w.revisit, 100e3, 100e3, 0.4) == 0.4
    assert revisit.usual(w.revisit, 100e3 + 3 * revisit.CELL_M, 100e3, TURN_S) == TURN_S


@pytest.mark.parametrize(
    "given",
    [
        {"confirmed": 0, "key": 5},
        {"hits": revisit.ESTABLISHED_HITS - 1},
        {"update_s": NOW_S - 2.0},
        {"kinds": (1 << int(PlotKind.ADSB) | EPOCHS[0], 0)},
        {"kinds": (EPOCHS[0], 1 << int(PlotKind.MLAT))},
        {"kinds": (0, 0)},
    ],
)
def test_only_tracks_that_radars_keep_are_a_lesson(given):
    s, w, book = crowd(**given)
    revisit.learn(s, book, NOW_S, w.revisit)
    assert revisit.usual(w.revisit, 100e3, 100e3, TURN_S) == TURN_S


def test_what_is_not_repeated_is_forgotten():
    s, w, book = crowd()
    revisit.learn(s, book, NOW_S, w.revisit)
    s.alive[:] = 0
    for _ in range(40):
        revisit.learn(s, book, NOW_S, w.revisit)
    assert revisit.usual(w.revisit, 100e3, 100e3, TURN_S) == TURN_S


def test_beginnings_are_told_what_was_learnt():
    s, w, book = crowd(np.where(np.arange(20) == 7, TURN_S, 0.6), confirmed=np.where(np.arange(20) == 7, 0, 1))
    revisit.learn(s, book, NOW_S, w.revisit)
    assert s.gap_s[7] == pytest.approx(0.6)


def test_newcomers_are_fewer_the_more_radars_there_are_and_never_none():
    assert revisit.newcomers(TURN_S, TURN_S) == 1.0
    shares = [revisit.newcomers(gap, TURN_S) for gap in (4.0, 2.0, 1.0, 0.1)]
    assert (np.diff([1.0, *shares]) < 0).all()
    assert min(shares) > revisit.SECLUDED


class Places:
    """Plots of radars in turn at places far from any aircraft, in a sky where aircraft are seen every gap_s."""

    def __init__(self, gap_s):
        self.s, self.w, self.book = crowd(gap_s)
        for _ in range(3):
            revisit.learn(self.s, self.book, NOW_S, self.w.revisit)
        self.time_s = NOW_S

    def look(self, x, y, sensor, time_s):
        """Let one radar see something, then let time pass to the next whole second; return the row of its track."""
        m = measured([[x, y]], time_s=time_s, sensor=sensor, std_m=80.0)
        ring = np.full((20, work.CELLS), FALSE_M2 * 2 * np.pi * 300e3 * np.hypot(x, y) / work.CELLS)
        assigned = np.full(1, -1, np.int64)
        one = np.zeros(1, np.int64)
        looks = regions.Looks(np.arange(1), np.array([0, 1]), np.array([sensor]), one, np.array([[0, 0, 0, 1]]), np.array([[-1.0, 0.0]]))
        figures, false = np.repeat(rig.sensor(**RADAR)[None], 20, axis=0), np.zeros((20, work.CELLS))
        tick = kernels.Tick(np.ones(1), figures, settings(), rig.figures(), ring, false, NOW_S, int(self.book[work.NEXT_LOOK]), assigned)
        Sides(self.w).process(self.s, self.book, m, looks, tick, 1)
        return int(assigned[0])

    def until(self, time_s):
        """Let the seconds pass."""
        while self.time_s < time_s:
            self.time_s += 1.0
            self.s.miss_s[:20] = np.inf  # the others are seen all the while
            self.s.update_s[:20] = self.time_s
            kernels.miss_and_drop(self.s, self.book, self.w, self.time_s, (40.0, 75.0, 20.0), 0.02, 0.01, 1800.0)


def begun(gap_s, sensors, off_m):
    """Return the existence after three plots, of these sensors, in 16 s: each off_m from where the one before promised it."""
    sky, off = Places(gap_s), rng_of(8).choice([-1.0, 1.0], (3, 2)) * off_m
    for k, sensor in enumerate(sensors):
        at = NOW_S + 0.5 + TURN_S * k
        sky.until(np.floor(at))
        row = sky.look(100e3 + 150.0 * TURN_S * k + off[k, 0], 130e3 + off[k, 1], sensor, at)
    assert row == 20
    return sky.s.existence[row]


def test_an_aircraft_that_one_radar_sees_among_many_is_found_at_its_third_plot():
    assert begun(0.6, (3, 3, 3), 40.0) > 0.9
    assert begun(TURN_S, (3, 3, 3), 40.0) > 0.99


@pytest.mark.parametrize("sensors", [(3, 3, 3), (1, 5, 9)])
def test_silence_of_the_others_tells_against_a_beginning(sensors):
    lone, among = begun(TURN_S, sensors, 150.0), begun(0.6, sensors, 150.0)
    assert (1 - among) / among > 30 * (1 - lone) / lone


def test_a_beginning_waits_for_its_own_radars_look():
    sky = Places(0.6)
    row = sky.look(100e3, 130e3, 3, NOW_S + 0.5)
    first = sky.s.existence[row]
    sky.until(NOW_S + 4.0)
    quiet = sky.s.existence[row]
    assert quiet == pytest.approx(first * (1 - revisit.QUIET_PD), rel=0.02)
    sky.until(NOW_S + 0.5 + TURN_S)
    assert sky.s.existence[row] == quiet
    assert sky.s.alive[row] == 1
    sky.until(NOW_S + 0.5 + 1.3 * TURN_S)
    assert sky.s.alive[row] == 0


def test_a_lone_radars_beginning_is_as_before():
    sky = Places(TURN_S)
    row = sky.look(100e3, 130e3, 3, NOW_S + 0.5)
    assert sky.s.existence[row] == pytest.approx(1e-11 / (1e-11 + FALSE_M2), rel=1e-6)
    assert sky.s.miss_s[row] == pytest.approx(NOW_S + 0.5 + 1.1 * TURN_S)
