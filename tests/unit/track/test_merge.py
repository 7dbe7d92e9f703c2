"""Two tracks and no address to tell: what is one aircraft becomes one track, what some sensor resolves stays two."""

import numpy as np
import pytest
from rig import rng_of, room, settings, settle
from scene import RADAR, Sky

from tenere.batch import PlotKind
from tenere.estimate.lanes import ROW
from tenere.site import SensorConfig
from tenere.track import merge
from tenere.track.grid import build_grid
from tenere.track.store import POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import HIGH

PERIODS = np.array([4.0, 10.0, 1.0])
NOW_S = 500.0


def beside(dx=100.0, dv=(0.0, 0.0), n=2, **columns):
    """Return a store of tracks in a row, dx apart and dv faster each than the one before."""
    s, w, book = room(512)
    k = np.arange(n)[:, None]
    settle(s, book, np.zeros((n, ROW)), NOW_S)
    s.hot[:n, [X, Y]] = [20e3, 30e3] + k * [dx, 0.0]
    s.hot[:n, [VX, VY]] = [150.0, 80.0] + k * np.array(dv)
    s.hot[:n, POSITION_STD], s.hot[:n, VELOCITY_STD] = 40.0, 3.0
    s.first_s[:n] = NOW_S - 100.0 + np.arange(n)
    for name, values in columns.items():
        getattr(s, name)[:n] = np.asarray(values)
    return s, w, book


HEIGHTS = np.array([[9000.0, 0.0], [9305.0, 0.0]])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, True),
        ({"dx": 700.0}, False),
        ({"dv": (0.0, 60.0)}, False),
        ({"mode_a": [1200, 1200]}, True),
        ({"mode_a": [1200, 1201]}, False),
        ({"mode_a": [1200, -1]}, True),
        ({"key": [5, 6]}, False),
        ({"key": [5, 5]}, False),
        ({"key": [-1, 6]}, True),
        ({"sensor_track": [(3 << 32) + 7, (3 << 32) + 8]}, False),
        ({"sensor_track": [(3 << 32) + 7, (4 << 32) + 8]}, True),
        ({"height": HEIGHTS}, False),
        ({"height": np.where([[False], [True]], np.nan, HEIGHTS)}, True),
    ],
)
def test_what_differs_keeps_tracks_apart(given, expected):
    s, _, _ = beside(**given)
    assert merge.alike(s, 0, 1, NOW_S, settings()) == merge.alike(s, 1, 0, NOW_S, settings()) == expected


@pytest.mark.parametrize(
    ("feature", "given"),
    [("USE_MODE_A", {"mode_a": [1, 2]}), ("USE_TRACK", {"sensor_track": [7, 8]}), ("USE_HEIGHT", {"height": HEIGHTS})],
)
def test_a_feature_that_is_off_tells_nothing(feature, given):
    s, _, _ = beside(**given)
    assert not merge.alike(s, 0, 1, NOW_S, settings())
    assert merge.alike(s, 0, 1, NOW_S, settings(**{feature: 0}))


def test_standing_tracks_must_be_nearer_than_flying_ones():
    s, _, _ = beside(dx=90.0)
    s.hot[:2, [VX, VY]] = 0.0
    s.hot[:2, POSITION_STD], s.hot[:2, VELOCITY_STD] = 3.0, 0.5
    assert not merge.alike(s, 0, 1, NOW_S, settings())
    s.hot[1, X] = s.hot[0, X] + 40.0
    assert merge.alike(s, 0, 1, NOW_S, settings())


@pytest.mark.parametrize("seed", range(3))
def test_the_grid_finds_every_pair_and_no_other(seed):
    rng, n = rng_of(seed, 9), 300
    s, w, book = beside(n=n)
    s.hot[:n, [X, Y]] = rng.uniform(-12e3, 12e3, (n, 2))
    s.hot[:n, [VX, VY]] = rng.choice([-100.0, 100.0], (n, 2)) + rng.normal(0, 5, (n, 2))
    s.hot[:n, TIME] = NOW_S - rng.uniform(0, 8, n)
    s.confirmed[:n] = rng.random(n) < 0.9
    s.alive[:n] = rng.random(n) < 0.9
    s.update_s[:n] = NOW_S - rng.choice([1.0, 50.0], n, p=[0.9, 0.1])
    build_grid(s, book, NOW_S, w)
    got = merge.near_pairs(s, w, NOW_S, settings())
    fit = (s.confirmed[:n] == 1) & (s.alive[:n] == 1) & (s.update_s[:n] > NOW_S - 30.0)
    expected = {(a, b) for a in range(n) for b in range(a + 1, n) if fit[a] and fit[b] and merge.alike(s, a, b, NOW_S, settings())}
    assert len(expected) > 4
    assert {(min(p), max(p)) for p in got.tolist()} == expected
    assert len(got) == len(expected)
    assert (s.first_s[got[:, 0]] <= s.first_s[got[:, 1]]).all()


def test_the_table_of_pairs_is_bounded():
    s, w, book = beside(dx=0.0, n=200)
    assert len(merge.Suspects().check(s, book, w, NOW_S, settings())) == 0
    watch = merge.Suspects()
    for _ in range(5):
        watch.check(s, book, w, NOW_S, settings())
    assert len(watch.pairs) == merge.PAIRS


class Watch:
    """Two tracks that stay near each other, and the plots that come for them."""

    def __init__(self, **given):
        self.s, self.w, self.book = beside(**given)
        self.watch, self.time_s = merge.Suspects(), NOW_S

    def go(self, *plots, dt=4.0):
        """Let plots come, (track, sensor, seconds from now), and time pass; return the pairs to join."""
        rows, sensor, later = np.array(plots, float).reshape(-1, 3).T
        self.watch.note(rows.astype(np.int64), sensor.astype(np.int64), self.time_s + later, PERIODS)
        self.time_s += dt
        self.s.hot[:2, TIME] = self.s.update_s[:2] = self.time_s
        return self.watch.check(self.s, self.book, self.w, self.time_s, settings()).tolist()


def test_a_pair_that_different_sensors_feed_is_one_and_the_elder_comes_first():
    two = Watch(first_s=[450.0, 420.0])
    joined = [two.go((0, 0, 0.5), (1, 1, 2.0)) for _ in range(7)]
    assert joined.index([[1, 0]]) == 4  # the first check finds the pair; then four plots of each
    assert all(j == [] for j in joined[:4])


def test_a_pair_that_takes_turns_with_one_sensor_is_one():
    two = Watch()
    assert [two.go((k % 2, 0, 0.5)) for k in range(12)][-1] == [[0, 1]]


def test_two_plots_in_one_turn_are_two_aircraft_for_good():
    two = Watch()
    two.go()
    two.go((0, 0, 0.5), (1, 0, 0.52))  # once resolved
    for k in range(60):
        assert two.go((k % 2, k % 3, 0.5)) == []


@pytest.mark.parametrize(("apart_s", "expected"), [(1.7, []), (2.0, [[0, 1]])])
def test_a_turn_is_told_by_time_even_where_looks_end_between(apart_s, expected):
    two = Watch()
    for _ in range(9):
        got = two.go((0, 0, 0.1), dt=apart_s)
        got = two.go((1, 0, 0.1), dt=10.0 - apart_s)
    assert got == expected


def test_a_pair_of_which_one_is_silent_is_not_joined():
    two = Watch()
    for _ in range(30):
        assert two.go((1, 0, 0.5), (1, 1, 1.5)) == []


def test_a_pair_that_has_every_plot_in_common_is_joined_and_one_that_nobody_sees_is_not():
    for existence, expected in ((0.5, [[0, 1]]), (0.3, [])):
        two = Watch(existence=existence)
        for _ in range(5):
            two.watch.check(two.s, two.book, two.w, NOW_S + 20.0, settings())
        two.s.update_s[:2] = NOW_S
        assert two.watch.check(two.s, two.book, two.w, NOW_S + 20.0, settings()).tolist() == expected


def test_a_pair_that_parted_starts_anew():
    two = Watch()
    for _ in range(4):
        assert two.go((0, 0, 0.5), (1, 1, 2.0)) == []
    two.s.hot[1, X] += 5e3
    assert two.go((0, 0, 0.5), (1, 1, 2.0)) == []
    two.s.hot[1, X] -= 5e3
    assert [two.go((0, 0, 0.5), (1, 1, 2.0)) for _ in range(4)] == [[]] * 4


def test_a_row_taken_by_another_track_inherits_no_suspicion():
    two = Watch()
    for _ in range(4):
        two.go((0, 0, 0.5), (1, 1, 2.0))
    two.s.number[1] = 99
    assert [two.go((0, 0, 0.5), (1, 1, 2.0)) for _ in range(4)] == [[]] * 4


def test_a_track_is_joined_once_at_a_time():
    s, _, _ = beside(n=5)
    pairs = np.zeros((3, merge.PAIR), np.int64)
    pairs[:, :2] = [[0, 1], [1, 2], [3, 4]]
    pairs[:, merge.CHECKED :] = [9, 0, 9, 9]
    assert merge.one_each(s, pairs, NOW_S).tolist() == [[0, 1], [3, 4]]


# through the whole tracker

PSR = {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}


def plain(sky, place, **columns):
    """Return the radar's plots of primary echoes at place (m)."""
    return sky.radar(*np.asarray(place, float).T, height=3000.0, **{**PSR, **columns})


def second_radar(**columns):
    return SensorConfig(
        id="R2", kind="radar", source="r", sac=2, sic=2, lat_deg=13.5, lon_deg=2.1, height_m=250.0, range_m=300e3,
        range_std_m=50.0, azimuth_std_deg=0.07, period_s=5.0, **columns,
    )  # fmt: skip


def duplicated(seed):
    """Return a sky with one aircraft that two radars see, and two tracks of it; and the numbers shown from then on."""
    sky = Sky(sensors=(RADAR, second_radar()), seed=seed)
    numbers = []
    for k in range(40):
        at = np.array([[40e3 + 600.0 * k, 50e3 - 250.0 * k]])
        now = sky.time_s
        plots = [plain(sky, at)] if k < 12 or k % 2 else []
        if k >= 12 and not k % 2:
            plots = [plain(sky, at, sac_sic=0x0202)]
        tracks = sky.tick(*plots)
        numbers.append(tracks.number.tolist())
        if k == 11:
            twin(sky, now)
    return numbers


def twin(sky, time_s):
    """Give the sky's first track a younger twin."""
    s, book = sky.state.store, sky.state.book
    mine = int(np.flatnonzero(s.confirmed == 1)[0])
    free = int(book[HIGH])
    book[HIGH] += 1
    for column in s:
        column[free] = column[mine]
    s.number[free], s.first_s[free] = sky.state.next_number, time_s - 10.0
    sky.state.next_number += 1


@pytest.mark.parametrize("seed", range(3))
def test_a_duplicate_ends_and_the_elder_keeps_its_number(seed):
    numbers = duplicated(seed)
    assert sorted(numbers[12]) == [1, 2]
    assert numbers[-1] == [1]


def test_the_same_plots_join_the_same_tracks():
    assert duplicated(1) == duplicated(1)


@pytest.mark.parametrize("apart_m", [250.0, 400.0])
def test_a_formation_that_the_radar_resolves_stays_two(apart_m):
    sky, numbers = Sky(seed=3), []
    for k in range(90):
        north = 60e3 - 500.0 * k
        tracks = sky.tick(plain(sky, [[9e3, north], [9e3, north + apart_m]]))
        numbers.append(sorted(tracks.number.tolist()))
    assert all(n == numbers[10] for n in numbers[10:])
    assert len(numbers[10]) == 2


def lost_and_found(shift):
    """Return the numbers shown of an aircraft that is unseen for 20 s and comes back shift metres aside."""
    sky, numbers = Sky(seed=5), set()
    for k in range(30):
        tracks = sky.tick(*([plain(sky, [[40e3 + 600.0 * k, 50e3 + (shift if k > 15 else 0.0)]])] if not 12 <= k < 16 else []))
        numbers |= set(tracks.number.tolist())
    return numbers


@pytest.mark.parametrize(("shift", "expected"), [(900.0, {1}), (1400.0, {1}), (6000.0, {1, 2})])
def test_an_aircraft_that_comes_back_where_it_should_be_goes_on_under_its_number(shift, expected):
    assert lost_and_found(shift) == expected


def test_of_two_that_fell_silent_neither_is_continued():
    s, w, book = beside(dx=60.0, n=3, update_s=[NOW_S - 20, NOW_S - 20, NOW_S], first_s=[0.0, 0.0, NOW_S - 10])
    s.confirmed[2] = 0
    build_grid(s, book, NOW_S, w)
    assert merge.forerunner(s, w, 2, settings()) == -1
    s.alive[0] = 0
    assert merge.forerunner(s, w, 2, settings()) == 1
    s.hot[1, VY] -= 90.0
    assert merge.forerunner(s, w, 2, settings()) == -1
    s.hot[1, VY] += 90.0
    assert merge.forerunner(s, w, 2, settings()) == 1
    s.update_s[1] = NOW_S - 5.0  # seen since the other began
    assert merge.forerunner(s, w, 2, settings()) == -1


def test_plots_nobody_took_are_nobodys():
    watch = merge.Suspects()
    s, w, book = beside()
    watch.check(s, book, w, NOW_S, settings())
    watch.note(np.array([-1, 200]), np.zeros(2, np.int64), np.full(2, NOW_S), PERIODS)
    assert watch.pairs[0, merge.ELDER :].tolist() == [0, 0]
