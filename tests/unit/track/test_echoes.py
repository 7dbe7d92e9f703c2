"""What answers a primary radar again and again from one place is learnt as such; what crosses it is not lost."""

import numpy as np
import pytest
import rig
from rig import measured, rng_of, room
from scene import RADAR, Sky

from tenere.batch import PlotKind
from tenere.track import echoes
from tenere.track.sensors import SensorTable
from tenere.track.store import VX, VY

SIZES = np.array([[100.0, 0.005], [100.0, 0.005]])
FIGURES = np.repeat(rig.sensor(PERIOD_S=5.0)[None], 2, axis=0)


def table():
    return np.zeros(echoes.SLOTS, echoes.CELL)


def polar(m):
    """Return no ranges and azimuths, as of a sensor that tells places: the cells follow these."""
    return np.full((len(m.z), 2), np.nan)


def take_in(held, m, assigned=None, s=None):
    echoes.learn(m, polar(m), np.full(len(m.z), -1, np.int64) if assigned is None else assigned, s or room()[0], FIGURES, SIZES, held)


def asked(held, m):
    echoes.recall(m, polar(m), FIGURES, SIZES, held)
    return m.echo


class Slow:
    """The same map as a dictionary."""

    def __init__(self):
        self.held = {}

    @staticmethod
    def cell(i, z):
        r, az = max(np.hypot(*z), echoes.LEAST_RANGE_M), np.arctan2(z[0], z[1]) % (2 * np.pi)
        around = int(2 * np.pi / SIZES[i, 1])
        return int(r / SIZES[i, 0]), min(int(az / SIZES[i, 1]), around - 1), around, SIZES[i].prod() * r

    def kept(self, name, t):
        count, when = self.held.get(name, (0.0, 0.0))
        return count * max(1 - abs(t - when) / (echoes.TURNS * 5.0), 0.0)

    def asked(self, i, z, t):
        ring, sector, around, area = self.cell(i, z)
        near = [(i, ring + a, (sector + b) % around) for a in (-1, 0, 1) for b in (-1, 0, 1)]
        return sum(self.kept(n, t) for n in near) / (9 * echoes.TURNS * area)

    def take_in(self, i, z, t):
        ring, sector, _, _ = self.cell(i, z)
        self.held[i, ring, sector] = (self.kept((i, ring, sector), t) + 1.0, t)


def test_the_table_is_a_dictionary_of_cells():
    rng, held, slow = rng_of(1), table(), Slow()
    spots = rng.uniform(-60e3, 60e3, (40, 2))
    for turn in range(8):
        mine = np.flatnonzero(rng.random(40) < 0.6)
        z, t, i = spots[mine] + rng.normal(0, 60, (len(mine), 2)), 5.0 * turn + rng.uniform(0, 5, len(mine)), mine % 2
        m = measured(z, time_s=t, sensor=i, kind=PlotKind.PSR)
        got = asked(held, m)
        assert got == pytest.approx([slow.asked(*one) for one in zip(i, z, t, strict=True)], rel=1e-5)
        take_in(held, m)
        for one in zip(i, z, t, strict=True):
            slow.take_in(*one)
    assert (got > 0).mean() > 0.8


@pytest.mark.parametrize(
    "said", [{"mode_a": 0o1234}, {"key": 7}, {"kind": PlotKind.PSR_SSR}, {"kind": PlotKind.ADSB}, {"kind": PlotKind.SMR}]
)
def test_what_says_who_it_is_is_no_echo(said):
    held, z = table(), [[20e3, 30e3]]
    take_in(held, measured(z, **{"kind": PlotKind.PSR, **said}))
    assert asked(held, measured(z, time_s=5.0, kind=PlotKind.PSR))[0] == 0
    take_in(held, measured(z, kind=PlotKind.PSR))
    assert asked(held, measured(z, time_s=5.0, kind=PlotKind.PSR))[0] > 0
    assert asked(held, measured(z, time_s=5.0, **{"kind": PlotKind.PSR, **said}))[0] == 0


@pytest.mark.parametrize(("confirmed", "speed", "counts"), [(1, 100.0, False), (1, 3.0, True), (0, 100.0, True)])
def test_a_shown_track_that_moves_explains_its_echo(confirmed, speed, counts):
    held, z, (s, _, _) = table(), [[20e3, 30e3]], room()
    s.confirmed[4], s.hot[4, VX], s.hot[4, VY] = confirmed, 0.6 * speed, 0.8 * speed
    take_in(held, measured(z, kind=PlotKind.PSR), np.array([4]), s)
    assert (asked(held, measured(z, time_s=5.0, kind=PlotKind.PSR))[0] > 0) == counts


def test_it_fades_in_twenty_turns_and_is_no_other_radars():
    held, z = table(), [[20e3, 30e3]]
    take_in(held, measured(z, kind=PlotKind.PSR))
    seen = [asked(held, measured(z, time_s=t, kind=PlotKind.PSR))[0] for t in (5.0, 50.0, 101.0)]
    assert seen[0] > seen[1] > seen[2] == 0
    assert asked(held, measured(z, time_s=5.0, kind=PlotKind.PSR, sensor=1))[0] == 0


def test_a_cell_that_takes_anothers_slot_forgets_it():
    held, z = table(), [[20e3, 30e3]]
    take_in(held, measured(z, kind=PlotKind.PSR))
    held["name"][held["count"] > 0] += 1
    assert asked(held, measured(z, time_s=5.0, kind=PlotKind.PSR))[0] == 0


def test_cells_are_two_standard_deviations_wide_and_never_minute():
    made = echoes.Echoes()
    made.recall(measured([[1e3, 1e3]]), np.full((1, 2), np.nan), SensorTable.of((RADAR,)).rows, FIGURES[:1])
    assert made.sizes[0] == pytest.approx([100.0, 2 * np.deg2rad(0.07)])


def bent(seconds, share=0.4):
    """Return who is shown, tick by tick, while 60 far places answer now and then and one silent aircraft crosses them."""
    sky = Sky(seed=3)
    spots = rng_of(5).uniform([-40e3, 30e3], [40e3, 80e3], (60, 2))
    shown = []
    for k in range(round(seconds / 5)):
        answers = spots[sky.rng.random(len(spots)) < share]
        there = np.vstack([answers, [[-60e3 + 200.0 * 5.0 * k, 55e3]]])
        plots = sky.radar(there[:, 0], there[:, 1], kind=PlotKind.PSR, pressure_altitude_m=np.nan)
        tracks = sky.tick(plots)
        lat = tracks.lat_rad
        shown.append((len(lat), sky.out.plot_tracks[-1]))
    return np.array(shown)


def test_ground_that_answers_makes_no_tracks_and_hides_none():
    shown = bent(600.0)
    crossing = shown[20:, 1]
    assert (crossing > 0).mean() > 0.9
    assert len(np.unique(crossing[crossing > 0])) == 1
    assert shown[20:, 0].max() <= 3
    assert (shown[20:, 0] - 1).mean() < 0.3


def test_without_the_map_there_would_be_dozens(monkeypatch):
    monkeypatch.setattr(echoes.Echoes, "learn", lambda *_: None)
    assert bent(300.0)[-1, 0] > 20


def test_sectors_close_the_circle():
    held, z = table(), [[40.0, 30e3]]
    take_in(held, measured(z, kind=PlotKind.PSR))
    assert asked(held, measured([[-40.0, 30e3]], time_s=5.0, kind=PlotKind.PSR))[0] > 0


def test_a_place_is_what_was_measured_whatever_height_it_is_given():
    held, m, told = table(), measured([[20e3, 30e3]], kind=PlotKind.PSR), np.array([[36e3, 0.5]])
    echoes.learn(m, told, np.array([-1]), room()[0], FIGURES, SIZES, held)
    higher = measured([[19e3, 29e3]], time_s=5.0, kind=PlotKind.PSR)
    echoes.recall(higher, told, FIGURES, SIZES, held)
    assert higher.echo[0] > 0
    echoes.recall(higher, told + np.array([1000.0, 0.0]), FIGURES, SIZES, held)
    assert higher.echo[0] == 0
