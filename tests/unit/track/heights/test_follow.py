import math

import numpy as np
import pytest

from tenere.batch import PlotFlag, PlotKind
from tenere.track import store as memory
from tenere.track import survey
from tenere.track.heights import region
from tenere.track.heights.follow import APART, MEASURED, MEMORY, RADAR, Seen, follow, lift
from tenere.track.heights.region import PRIOR_STD_M, SIDE

NAN = math.nan
FIGURES = np.zeros((1, survey.NFIGURES))
FIGURES[0, [survey.HEIGHT_M, survey.GAUSSIAN_M, survey.RANGE_STD_M, survey.ELEVATION_STD, survey.REFRACTION]] = (
    300.0,
    6.37e6,
    60.0,
    math.radians(0.3),
    4 / 3,
)


class Rig:
    """A store of four tracks and what follows their heights."""

    def __init__(self):
        self.s = memory.make(8)
        self.s.alive[:4] = 1
        self.s.first_s[:4] = 5.0
        self.s.hot[:, :2] = 0.0
        self.memory, self.air = np.zeros(8, MEMORY), region.air()
        self.settle()

    def settle(self):
        c = SIDE * SIDE
        region.settle(self.air, np.zeros((c, 3)), np.tile(np.square(PRIOR_STD_M), (c, 1)), 1.0)

    def hear(self, t, track, height=NAN, level=NAN, kind=PlotKind.ADSB, flags=0, slant=NAN, elevation=NAN):
        one = [(t, "f8"), (0, "i2"), (kind, "u1"), (flags, "u4"), (slant, "f8"), (elevation, "f8"), (height, "f8"), (level, "f8")]
        seen = Seen(*(np.array([v], d) for v, d in one), FIGURES)
        jumped = np.full(4, -1, np.int64)
        n = follow(self.s, self.memory, self.air, seen, np.zeros(1, np.int64), np.array([track]), 25.0, True, jumped)
        return jumped[:n].tolist()

    def of(self, track, name):
        return float(self.s.together[name][track])


def test_the_difference_is_learnt_and_survives_a_climb():
    rig = Rig()
    for k in range(120):
        level = 2000.0 + 15.0 * k
        rig.hear(10.0 + k, 0, 1.02 * level + 40.0, level)
    m = rig.memory[0]
    assert m["diff_m"] == pytest.approx(0.02 * m["level_m"] + 40.0, abs=6)
    assert m["diff_var"] < 10**2
    assert math.isnan(m["jump_s"])
    # it told the region twice in two minutes
    assert rig.air.reports.sum() == 2


def test_a_jump_shows_after_three_that_agree_and_one_odd_height_does_not():
    rig = Rig()
    for k in range(30):
        assert rig.hear(10.0 + k, 0, 5100.0 + (900.0 if k == 20 else 0.0), 5000.0) == []
    assert rig.memory[0]["diff_m"] == pytest.approx(100.0, abs=3)
    assert [rig.hear(40.0 + k, 0, 5700.0, 5000.0) for k in range(3)] == [[], [], [0]]
    assert rig.memory[0]["jump_m"] == pytest.approx(600.0, abs=5)
    assert rig.memory[0]["diff_m"] == pytest.approx(700.0)
    assert rig.hear(50.0, 0, 5700.0, 5000.0) == []


def test_what_disagrees_by_chance_is_no_jump():
    rig = Rig()
    for k in range(12):
        rig.hear(10.0 + k, 0, 5100.0, 5000.0)
    assert sum(len(rig.hear(30.0 + k, 0, 5100.0 + off, 5000.0)) for k, off in enumerate((900, -900, 900, -900, 900))) == 0


def test_a_radars_height_counts_from_the_sea_and_is_as_coarse_as_its_angle():
    rig = Rig()
    rig.hear(10.0, 0, 8000.0, kind=PlotKind.PSR, slant=150e3)
    assert rig.of(0, "geo_m") == pytest.approx(8025.0)
    assert math.sqrt(rig.of(0, "geo_v0")) == pytest.approx(150e3 * math.radians(0.3), rel=0.01)
    assert rig.of(0, "height_marks") == RADAR
    # the elevation alone, 4/3 of the Earth: 300 + 150e3 * sin(3 deg) + 150e3**2 * cos(3 deg)**2 / (2 * 4/3 R)
    rig.hear(10.0, 1, kind=PlotKind.PSR, slant=150e3, elevation=math.radians(3.0))
    assert rig.of(1, "geo_m") == pytest.approx(300 + 150e3 * math.sin(math.radians(3)) + 150e3**2 * 0.9973 / (8 / 3 * 6.37e6), abs=5)


def test_a_height_alone_makes_a_filter_and_pressure_makes_none():
    rig = Rig()
    for k in range(40):
        rig.hear(10.0 + k, 2, 3000.0 + 8.0 * k)
    assert rig.of(2, "geo_m") == pytest.approx(3000.0 + 8.0 * 39, abs=3)
    assert rig.of(2, "geo_rate") == pytest.approx(8.0, abs=0.5)
    assert rig.of(2, "height_marks") == MEASURED
    assert math.isnan(rig.of(3, "geo_m"))
    rig.hear(10.0, 3, level=3000.0)
    assert math.isnan(rig.of(3, "geo_m"))
    assert math.isnan(rig.memory[3]["diff_s"]) or rig.memory[3]["born_s"] == 0.0


def test_the_tracks_pressure_serves_where_a_plot_brings_none_or_a_garbled_one():
    rig = Rig()
    c = rig.s.together
    c["height_m"][0], c["climb_ms"][0], c["height_s"][0] = 4000.0, 10.0, 8.0
    c["height_v0"][0], c["height_v2"][0] = 25.0, 1.0
    rig.hear(10.0, 0, 4120.0)
    # 2 s at 10 m/s on: 4,020 m
    assert rig.memory[0]["level_m"] == pytest.approx(4020.0)
    rig.hear(11.0, 0, 4130.0, 9999.0, flags=int(PlotFlag.HEIGHT_GARBLED))
    assert rig.memory[0]["level_m"] == pytest.approx(4030.0)
    rig.hear(60.0, 0, 4600.0)
    assert rig.of(0, "geo_m") == pytest.approx(4600.0)


def test_a_row_given_to_another_track_begins_anew():
    rig = Rig()
    for k in range(10):
        rig.hear(10.0 + k, 0, 5100.0, 5000.0)
    rig.s.first_s[0] = 30.0
    rig.hear(31.0, 0, 5400.0, 5000.0)
    assert rig.memory[0]["born_s"] == 30.0
    assert rig.memory[0]["diff_m"] == pytest.approx(400.0, abs=30)


def test_lift_is_the_tracks_own_or_else_the_regions():
    rig = Rig()
    rig.s.together["height_m"][:2] = 5000.0
    rig.s.together["height_s"][:2] = 20.0
    rig.s.together["climb_ms"][:2] = 0.0
    for k in range(10):
        rig.hear(10.0 + k, 0, 5160.0, 5000.0)
    for _ in range(40):
        region.tell(rig.air, region.cell_at(0.0, 0.0), 5000.0, 120.0, 1.0)
    rig.settle()
    lift(rig.s, 4, rig.memory, rig.air, 20.0, 250.0, True)
    assert rig.of(0, "lift_m") == pytest.approx(160.0, abs=5)
    assert rig.of(1, "lift_m") == pytest.approx(120.0, abs=10)
    assert rig.of(0, "lift_std_m") < 15 < rig.of(1, "lift_std_m") < 45
    assert rig.of(2, "lift_m") == 0.0


def test_a_track_is_marked_while_it_differs_and_no_longer():
    rig = Rig()
    rig.s.together["height_m"][:2] = 5000.0
    rig.s.together["height_s"][:2] = 20.0
    rig.s.together["climb_ms"][:2] = 0.0
    for _ in range(40):
        region.tell(rig.air, region.cell_at(0.0, 0.0), 5000.0, 120.0, 1.0)
    rig.settle()
    for k in range(10):
        rig.hear(10.0 + k, 0, 5160.0, 5000.0)
        rig.hear(10.0 + k, 1, 5960.0, 5000.0)

    def marked(t):
        lift(rig.s, 4, rig.memory, rig.air, t, 250.0, True)
        return [int(m) & APART for m in rig.s.together["height_marks"][:2]]

    assert marked(20.0) == [0, APART]
    # nobody knows which of its heights is wrong: the neighbours' difference, give or take what its own is off
    assert rig.of(1, "lift_m") == pytest.approx(120.0, abs=10)
    assert rig.of(1, "lift_std_m") == pytest.approx(840.0, abs=30)
    for k in range(3):
        rig.hear(30.0 + k, 0, 5560.0, 5000.0)
        rig.hear(30.0 + k, 1, 5120.0, 5000.0)
    # both have jumped: the first by 400 m away from its neighbours, the second back to them, which is marked for a minute
    assert marked(40.0) == [APART, APART]
    assert marked(100.0) == [APART, 0]
    # what was not told for five minutes says nothing
    assert marked(400.0) == [0, 0]


def test_impossible_numbers_are_passed_over():
    rig = Rig()
    rig.hear(10.0, 0, math.inf, 5000.0)
    rig.hear(10.0, 1, 5000.0, kind=PlotKind.PSR, slant=math.nan)
    rig.hear(10.0, -1, 5000.0, 5000.0)
    assert np.isnan(rig.s.together["geo_m"][:4]).all()
    assert (rig.memory["born_s"] == 0.0).all()
