"""Directions without distances: they narrow the track they meet, start none, and abstain in doubt."""

import numpy as np
import pytest
import rig

from tenere.estimate import motion
from tenere.track import store as memory
from tenere.track import work
from tenere.track.bearing import sight

STRAIGHT_ONLY = motion.MotionConfig(turning=False, speeding=False, drift_m2s3=0.0)


def sky(*places, std=400.0):
    store, book, room = memory.make(8), np.zeros(work.NBOOK, np.int64), work.make_work(8, 32, 32)
    cfg = np.zeros(work.NCFG)
    cfg[work.GATE] = 13.8
    for i, (x, y) in enumerate(places):
        row = store.row[i]
        row[:] = 0.0
        for j in range(motion.M):
            at = 20 * j
            row[at + 2] = 100.0
            row[at + 5] = row[at + 10] = std**2
            row[at + 14] = row[at + 17] = 25.0
        row[80] = 1.0
        store.hot[i] = x, y, 100.0, 0.0, std, 5.0, 0.0, np.nan
        store.alive[i] = store.confirmed[i] = 1
        book[work.HIGH] += 1
    return store, book, room, cfg, motion.figures(STRAIGHT_ONLY).astype(np.float32)


def look(state, bearing_rad, std_rad=0.002, at=(0.0, 0.0), t=0.0):
    store, book, room, cfg, par = state
    return sight(store, book, room, t, np.array([*at, bearing_rad, std_rad**2]), cfg, par)


def test_it_is_the_textbook_update_across_the_line_of_sight():
    state = sky((30e3, 0.0))
    angle = 0.01
    assert look(state, angle) == 0
    n = np.array([-np.sin(angle), np.cos(angle)])
    h = np.array([*n])
    p = np.eye(2) * 400.0**2
    along = 30e3 * np.cos(angle)
    s = h @ p @ h + (0.002 * along) ** 2
    want = np.array([30e3, 0.0]) + p @ h / s * (0.0 - h @ [30e3, 0.0])
    row = rig.kept(state[0], 0)
    assert row[:2] == pytest.approx(want, abs=1e-3)
    assert row[10] == pytest.approx(400.0**2 - (p @ h)[1] ** 2 / s, abs=1e-6 * 400.0**2)  # four bytes: of what it was before
    assert row[5] == pytest.approx(400.0**2, rel=1e-3)  # along the line nothing is learnt


def test_two_bearings_from_two_places_fix_it():
    state = sky((30e3, 20e3), std=800.0)
    truth = np.array([30.5e3, 19.6e3])
    for at in ((0.0, 0.0), (60e3, 0.0)):
        assert look(state, np.arctan2(truth[1] - at[1], truth[0] - at[0]), at=at, std_rad=0.001) == 0
    assert np.hypot(*(state[0].hot[0, :2] - truth)) < 60


def test_in_doubt_it_abstains_and_behind_the_sensor_nothing_is_seen():
    two = sky((30e3, 0.0), (40e3, 100.0))
    before = two[0].row.copy()
    assert look(two, 0.0) == -1
    assert np.array_equal(two[0].row, before)
    assert look(sky((-30e3, 0.0)), 0.0) == -1
    assert look(sky((30e3, 9e3)), 0.0) == -1
