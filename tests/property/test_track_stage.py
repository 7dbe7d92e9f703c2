"""The tracking stage under bad input: whatever it hears, its picture is finite, numbered once, deterministic, and the healthy live."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenere import track
from tenere.batch import PlotKind, Plots, Status, SystemTracks, Tracks
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig

RADAR = SensorConfig(
    id="R", kind="radar", source="r", range_std_m=50.0, azimuth_std_deg=0.08, range_m=290e3, clutter=5.0, period_s=4.0, detection=0.9
)
SECOND = SensorConfig(
    id="S", kind="radar", source="s", range_std_m=50.0, azimuth_std_deg=0.08, range_m=290e3, clutter=5.0, period_s=4.0, detection=0.9
)
BROADCAST = SensorConfig(id="A", kind="adsb", source="a", period_s=1.0)
CENTRE = (np.deg2rad(13.5), np.deg2rad(2.1))
PERIOD_S, BEGIN_S = 4.0, 1_000_000.0
FLOATS = [name for name, dtype, _, _ in Plots.columns() if dtype.kind == "f"]
WHOLES = [name for name, dtype, _, _ in Plots.columns() if dtype.kind in "iu" and name not in {"sensor", "reference"}]
WILD = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e-9, -1.0, 1e5, 7.0, 1e11, -1e11)
FINITE = [
    "time_s",
    "update_s",
    "first_s",
    "x_m",
    "y_m",
    "vx_ms",
    "vy_ms",
    "var_xx_m2",
    "var_xy_m2",
    "var_yy_m2",
    "var_v_m2s2",
    "course_rad",
    "speed_ms",
    "turn_rads",
    "existence",
    "turn_probability",
]
NEAR_M = 1500.0


def rng_of(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


class Fleet:
    """Aircraft that fly straight, 30 km and more apart at first, and what a radar at the plane's origin sees of them."""

    def __init__(self, n: int = 9, seed: int = 1) -> None:
        self.rng = rng_of(seed)
        side = int(np.ceil(np.sqrt(n)))
        at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)[:n]
        self.start = (at - (side - 1) / 2) * 35e3 + self.rng.uniform(-4e3, 4e3, (n, 2)) + 9e3
        angle = self.rng.uniform(0, 2 * np.pi, n)
        self.velocity = self.rng.uniform(90, 240, n)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        self.n = n

    def at(self, time_s: float) -> np.ndarray:
        """Return where they are (n, 2)."""
        return self.start + (time_s - BEGIN_S) * self.velocity

    def scan(self, now_s: float, **columns: Any) -> Plots:
        """Return a plot of each, noise included."""
        p = self.at(now_s)
        r = np.hypot(p[:, 0], p[:, 1]) + self.rng.normal(0, 50, self.n)
        az = (np.arctan2(p[:, 0], p[:, 1]) + self.rng.normal(0, np.deg2rad(0.08), self.n)) % (2 * np.pi)
        return Plots.blank(self.n, **{"time_s": now_s, "kind": 1, "range_m": r, "azimuth_rad": az, "height_m": 0.0} | columns)

    def broadcast(self, now_s: float, **columns: Any) -> Plots:
        """Return a position report of each, with its address."""
        p = self.at(now_s) + self.rng.normal(0, 20, (self.n, 2))
        v = self.velocity + self.rng.normal(0, 1, (self.n, 2))
        lat, lon = CENTRE[0] + p[:, 1] / 6.34e6, CENTRE[1] + p[:, 0] / (6.38e6 * np.cos(CENTRE[0]))
        base = {"time_s": now_s, "kind": PlotKind.ADSB, "lat_rad": lat, "lon_rad": lon, "address": 0x400000 + np.arange(self.n)}
        more = {"east_ms": v[:, 0], "north_ms": v[:, 1], "position_std_m": 30.0, "velocity_std_ms": 3.0, "pressure_altitude_m": 9000.0}
        return Plots.blank(self.n, **base | more | columns)


class Watched:
    """A tracker each of whose pictures is looked at."""

    def __init__(self, *sensors: SensorConfig, centre: tuple[float, float] | None = None, **config: Any) -> None:
        self.state = track.init(TrackConfig(**config), sensors or (RADAR, SECOND, BROADCAST), centre)
        self.pictures: list[Tracks] = []
        self.ended: dict[int, tuple[float, int]] = {}  # number -> when it began, the address it had
        self.live: dict[int, tuple[float, int]] = {}
        self.highest = 0

    def tick(self, time_s: float, *heard: Plots | tuple[str, Plots], tick_s: float = PERIOD_S) -> Tracks:
        """Step, and hold the picture to what every picture must be."""
        named = [h if isinstance(h, tuple) else ("r", h) for h in heard]
        batches = [Heard(source, plots, SystemTracks.blank(), Status.blank()) for source, plots in named]
        self.state, out = track.step(self.state, batches, time_s, tick_s)
        assert len(out.plot_tracks) == len(out.plots)
        self.check(out.tracks)
        self.pictures.append(out.tracks)
        return out.tracks

    def check(self, t: Tracks) -> None:
        for name in FINITE:
            assert np.isfinite(getattr(t, name)).all(), name
        assert (t.var_xx_m2 > 0).all()
        assert (t.var_yy_m2 > 0).all()
        assert (t.var_v_m2s2 > 0).all()
        assert (t.var_xx_m2 * t.var_yy_m2 > t.var_xy_m2**2).all()
        assert ((t.existence >= 0) & (t.existence <= 1)).all()
        assert len(np.unique(t.time_s)) <= 1
        numbers = t.number.tolist()
        assert len(set(numbers)) == len(numbers)
        assert 0 not in numbers
        here = {n: (f, a) for n, f, a in zip(numbers, t.first_s.tolist(), t.address.tolist(), strict=True)}
        for number, (first_s, address) in here.items():
            if number in self.live:
                continue
            if number in self.ended:  # a track shown again, or an address that returned: the same one, begun when it was
                before_s, before = self.ended.pop(number)
                assert first_s == before_s
                assert address == before or min(address, before) < 0
            else:
                assert number > self.highest, "a number was given twice"
        self.highest = max([self.highest, *numbers])
        self.ended |= {n: a for n, a in self.live.items() if n not in here}
        self.live = here

    def settle(self, fleet: Fleet, scans: int = 8, first: int = 0) -> float:
        """Let it hear some good scans; return the time of the last."""
        for k in range(first, first + scans):
            self.tick(BEGIN_S + k * PERIOD_S, fleet.scan(BEGIN_S + k * PERIOD_S))
        return BEGIN_S + (first + scans - 1) * PERIOD_S

    def holds(self, fleet: Fleet, time_s: float, near_m: float = NEAR_M, frame: int = 1) -> np.ndarray:
        """Return how many tracks are near each aircraft (n,)."""
        t = self.pictures[-1]
        t = t.take(t.frame == frame)
        p = fleet.at(time_s)
        return (np.hypot(t.x_m[:, None] - p[:, 0], t.y_m[:, None] - p[:, 1]) < near_m).sum(axis=0)

    def octets(self) -> bytes:
        """Return every byte of every picture."""
        return b"".join(getattr(t, name).tobytes() for t in self.pictures for name, *_ in Tracks.columns())


def twice(scenario, *args) -> Watched:
    """Run a scenario two times, hold the bytes of the pictures to each other, return it."""
    first, second = scenario(*args), scenario(*args)
    assert first.octets() == second.octets()
    return first


# --- values that cannot be ---

WILD_PLOTS = st.lists(
    st.tuples(st.sampled_from(FLOATS + WHOLES), st.integers(0, 8), st.sampled_from(WILD)),
    min_size=1,
    max_size=40,
)


def spoil(plots: Plots, edits: list[tuple[str, int, float]]) -> Plots:
    """Return plots with cells overwritten, each value as its column's type can hold it."""
    columns: dict[str, np.ndarray] = {}
    for name, row, value in edits:
        values = columns.setdefault(name, getattr(plots, name).copy())
        if values.dtype.kind == "f":
            values[row] = value
        else:
            limits = np.iinfo(values.dtype)
            values[row] = int(np.clip(np.nan_to_num(value, nan=-1, posinf=1e18, neginf=-1e18), limits.min, limits.max))
    columns.pop("sac_sic", None)  # another sensor's plots are no bad ones of this
    return plots.replace(**columns)


@settings(max_examples=30)
@given(WILD_PLOTS, st.booleans())
def test_wild_values_in_every_column_beside_healthy_plots(edits, broadcast):
    def scenario() -> Watched:
        fleet = Fleet()
        w = Watched(centre=CENTRE)
        time_s = w.settle(fleet)
        for k in range(1, 5):
            time_s += PERIOD_S
            bad = spoil(fleet.broadcast(time_s) if broadcast else fleet.scan(time_s), edits if k < 3 else [])
            w.tick(time_s, fleet.scan(time_s), ("a" if broadcast else "s", bad))
        assert (w.holds(fleet, time_s) >= 1).all()
        return w

    twice(scenario)


ODD = [
    (name, value) for name in FLOATS for value in (np.nan, np.inf, -np.inf, 1e308, 5e-324) if value != 5e-324 or not name.endswith("_ms")
]
"""A speed of nothing is a speed, and not wild."""


@pytest.mark.parametrize(("name", "value"), ODD)
def test_one_column_wild_in_every_plot(name, value):
    fleet = Fleet(4)
    w = Watched(centre=CENTRE)
    time_s = w.settle(fleet)
    before = set(w.live)
    for k in range(6):
        time_s += PERIOD_S
        wild = {name: value} if k < 3 else {}
        w.tick(time_s, fleet.scan(time_s, **wild), ("a", fleet.broadcast(time_s, **wild)))
    assert (w.holds(fleet, time_s) == 1).all()
    assert before <= set(w.live)


@pytest.mark.parametrize("value", [0.0, 1e-300, 1e5, 1e300, np.nan, np.inf, -5.0])
def test_covariances_of_nothing_and_of_everything(value):
    def scenario() -> Watched:
        fleet = Fleet(6)
        w = Watched(BROADCAST, centre=CENTRE)
        for k in range(40):
            t = BEGIN_S + k
            odd = np.where(np.arange(6) < 3, value, 30.0)
            w.tick(t, ("a", fleet.broadcast(t, position_std_m=odd, velocity_std_ms=odd / 10)), tick_s=1.0)
        good = w.holds(fleet, BEGIN_S + 39, frame=0)
        assert (good[3:] == 1).all()
        return w

    twice(scenario)


# --- time ---


@settings(max_examples=20)
@example([4.0, 4.0, 3600.0, -3600.0])  # tracks an hour ahead took all plots for late ones of theirs
@given(st.lists(st.sampled_from([4.0, 4.0, 4.0, 0.0, -4.0, -40.0, -3600.0, 3600.0, 86_400.0, -86_400.0, 1e-6]), min_size=1, max_size=8))
def test_time_that_runs_backwards_or_leaps(steps):
    def scenario() -> Watched:
        fleet = Fleet(5)
        w = Watched()
        time_s = w.settle(fleet)
        for dt in steps:
            time_s += dt
            w.tick(time_s, fleet.scan(BEGIN_S).replace(time_s=time_s))
        shifted = time_s + PERIOD_S
        for k in range(12):  # then all is well again, wherever the clock now is
            t = shifted + k * PERIOD_S
            w.tick(t, fleet.scan(BEGIN_S + k * PERIOD_S).replace(time_s=t))
        assert (w.holds(fleet, BEGIN_S + 11 * PERIOD_S) >= 1).all()
        assert w.pictures[-1].time_s[0] == t
        return w

    twice(scenario)


@pytest.mark.timeout(30)  # a loop over every look that was missed would not end
@pytest.mark.parametrize("gap_s", [3600.0, 86_400.0, 1.8e9])
def test_a_gap_ends_the_tracks_and_their_numbers_stay_theirs(gap_s):
    fleet = Fleet(5)
    w = Watched()
    time_s = w.settle(fleet)
    old = set(w.live)
    assert len(old) == 5
    assert len(w.tick(time_s + gap_s)) == 0
    for k in range(8):
        t = time_s + gap_s + (k + 1) * PERIOD_S
        w.tick(t, fleet.scan(BEGIN_S + k * PERIOD_S).replace(time_s=t))
    assert len(w.live) == 5
    assert not old & set(w.live)


def test_a_few_plots_with_a_wild_time_carry_nothing_with_them():
    fleet = Fleet()
    w = Watched()
    time_s = w.settle(fleet)
    numbers = set(w.live)
    for k, off in enumerate([-3600.0, 3600.0, -1e9, 1e10, 86_400.0, -86_400.0, np.nan]):
        t = time_s + (k + 1) * PERIOD_S
        plots = fleet.scan(t)
        w.tick(t, plots.replace(time_s=np.where(np.arange(len(plots)) == k, t + off, t)))
        assert set(w.live) == numbers
    assert (w.holds(fleet, t) == 1).all()


# --- the same again ---


def repeated(times: int, scans: int, how: str, seed: int = 1) -> Watched:
    """Send each scan so many times: in the same tick, or in further ticks of the same or of a later time."""
    fleet = Fleet(seed=seed)
    w = Watched()
    for k in range(scans):
        t = BEGIN_S + k * PERIOD_S
        plots = fleet.scan(t)
        if how == "together":
            w.tick(t, Plots.concat([plots] * times))
        elif how == "heard apart":
            w.tick(t, *[plots] * times)
        else:
            for j in range(times):
                w.tick(t + (1e-3 * j if how == "later" else 0.0), plots)
    return w


@pytest.mark.parametrize("how", ["together", "heard apart", "again", "later"])
def test_the_same_scan_twice_confirms_nothing_and_makes_no_second_track(how):
    for scans in (1, 2, 3):
        assert len(repeated(5, scans, how).live) <= len(repeated(1, scans, how).live), f"confirmed by repeats of {scans} scans"
    clean = repeated(1, 12, how)
    assert len(clean.live) == 9
    w = twice(repeated, 2, 12, how)
    assert len(w.live) == 9
    assert max(len(t) for t in w.pictures) == 9
    assert w.highest == 9
    said, held = w.pictures[-1], clean.pictures[-1]
    held_at = np.array([np.argmin(np.hypot(held.x_m - x, held.y_m - y)) for x, y in zip(said.x_m, said.y_m, strict=True)])
    assert (said.var_xx_m2 > 0.8 * held.var_xx_m2[held_at]).all(), "a repeat is no news, and makes nothing surer"
    assert (said.var_v_m2s2 > 0.8 * held.var_v_m2s2[held_at]).all()


def test_a_false_plot_sent_again_and_again_is_no_track():
    w = Watched()
    plot = Plots.blank(1, time_s=BEGIN_S, kind=1, range_m=80e3, azimuth_rad=1.0, height_m=0.0)
    for k in range(10):
        w.tick(BEGIN_S + k, plot, plot)
    assert w.highest == 0


# --- late plots ---


def late_run(delays_s: list[float] | None, seed: int, *, burst: bool = False) -> tuple[Watched, np.ndarray]:
    """Fly 9 aircraft before one radar in time and a second whose plots come late (None: not at all); return it, and the errors."""
    fleet = Fleet(seed=seed)
    w = Watched(features=())
    waiting: list[tuple[float, Plots]] = []
    errors = []
    rng = rng_of(seed + 100)
    newest: dict[int, float] = {}
    for k in range(40):
        t = BEGIN_S + k * PERIOD_S
        second = fleet.scan(t - 0.5 * PERIOD_S)
        if delays_s is not None:
            for i in range(len(second)):
                due = t + (rng.choice(delays_s) if not burst else (-k % 6) * PERIOD_S)
                waiting.append((due, second.take(np.array([i]))))
        due_now = [p for due, p in waiting if due <= t]
        waiting = [(due, p) for due, p in waiting if due > t]
        got = w.tick(t, fleet.scan(t), *([("s", Plots.concat(due_now))] if due_now else []))
        assert (got.time_s == t).all()
        assert (got.update_s <= t).all()
        for number, update in zip(got.number.tolist(), got.update_s.tolist(), strict=True):
            assert update >= newest.get(number, -np.inf), "a late plot must not take a track back in time"
            newest[number] = update
        if k >= 12:
            assert (w.holds(fleet, t) == 1).all()
            p = fleet.at(t)
            errors.append(np.hypot(got.x_m[:, None] - p[:, 0], got.y_m[:, None] - p[:, 1]).min(axis=0))
    return w, np.array(errors)


@pytest.fixture
def same_plane(monkeypatch):
    """Both radars stand at one place, and their plots lie in one plane."""
    place = {"lat_deg": 13.5, "lon_deg": 2.1}
    for name in ("RADAR", "SECOND"):
        sensor = globals()[name]
        changed = type(sensor)(**{f: getattr(sensor, f) for f in sensor.__struct_fields__} | place)
        monkeypatch.setitem(globals(), name, changed)
    monkeypatch.setattr(Watched, "holds", lambda self, fleet, t, near_m=NEAR_M: _placed_holds(self, fleet, t, near_m))


def _placed_holds(w: Watched, fleet: Fleet, time_s: float, near_m: float) -> np.ndarray:
    t, p = w.pictures[-1], fleet.at(time_s)
    return (np.hypot(t.x_m[:, None] - p[:, 0], t.y_m[:, None] - p[:, 1]) < near_m).sum(axis=0)


@pytest.mark.usefixtures("same_plane")
@pytest.mark.parametrize("delays_s", [[0.0, 4.0], [0.0, 8.0, 12.0], [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 26.0]])
def test_plots_up_to_30_s_late_never_worsen_a_track(delays_s):
    without = np.concatenate([late_run(None, s)[1] for s in range(4)])
    late = np.concatenate([late_run(delays_s, s)[1] for s in range(4)])
    assert np.sqrt((late**2).mean()) <= 1.02 * np.sqrt((without**2).mean())
    assert np.quantile(late, 0.99) <= 1.1 * np.quantile(without, 0.99)


@pytest.mark.usefixtures("same_plane")
def test_a_link_that_stalls_and_delivers_all_at_once_never_worsens_a_track():
    without = np.concatenate([late_run(None, s)[1] for s in range(4)])
    late = np.concatenate([late_run([0.0], s, burst=True)[1] for s in range(4)])
    assert np.sqrt((late**2).mean()) <= 1.02 * np.sqrt((without**2).mean())
    assert late_run([0.0], 1, burst=True)[0].octets() == late_run([0.0], 1, burst=True)[0].octets()


# --- storms and crowds ---


def held_bytes(thing: Any) -> int:
    """Count the bytes of the arrays that a state holds."""
    if isinstance(thing, np.ndarray):
        return thing.nbytes
    if dataclasses.is_dataclass(thing):
        return sum(held_bytes(getattr(thing, f.name)) for f in dataclasses.fields(thing))
    if isinstance(thing, dict):
        return sum(held_bytes(v) for v in thing.values())
    return sum(held_bytes(v) for v in thing) if isinstance(thing, (tuple, list)) else 0


def noise(rng: np.random.Generator, n: int, time_s: float, **columns: Any) -> Plots:
    """Return false plots, even over the coverage."""
    r, az = 290e3 * np.sqrt(rng.random(n)), rng.uniform(0, 2 * np.pi, n)
    return Plots.blank(n, **{"time_s": time_s, "kind": 1, "range_m": r, "azimuth_rad": az, "height_m": 0.0} | columns)


def storm(clutter: int, **config: Any) -> Watched:
    """Let a storm of false plots fall on one scan of established aircraft, then eight scans of calm."""
    fleet = Fleet(25, seed=4)
    rng = rng_of(7)
    w = Watched(**config)
    time_s = w.settle(fleet, 10)
    numbers = set(w.live)
    assert len(numbers) == 25
    for k in range(9):
        t = time_s + (k + 1) * PERIOD_S
        false = noise(rng, clutter if k == 0 else 5, t)
        w.tick(t, Plots.concat([false, fleet.scan(t)]))
        assert numbers <= set(w.live), "a healthy track died"
    assert (w.holds(fleet, t) >= 1).all()
    assert len(w.live) <= 25 + 2, "false tracks that the storm left are gone, or nearly"
    return w


def test_a_storm_of_100_000_plots_in_one_scan():
    w = twice(storm, 100_000)
    assert held_bytes(w.state) < 500e6
    assert int(w.state.store.alive.sum()) < 5_000, "what the storm began is gone again"


def test_a_storm_beyond_the_most_tracks_is_bounded_and_counted():
    w = storm(20_000, max_tracks=2_000)
    assert int(w.state.store.alive.sum()) <= 2_000
    assert sum(w.state.counts.values()) > 10_000, "what was dropped is counted"


def test_all_plots_at_one_point():
    def scenario() -> Watched:
        fleet = Fleet(6)
        w = Watched()
        time_s = w.settle(fleet)
        numbers = set(w.live)
        for k in range(8):
            t = time_s + (k + 1) * PERIOD_S
            crowd = Plots.blank(400, time_s=t, kind=1, range_m=100e3, azimuth_rad=2.0, height_m=0.0)
            w.tick(t, crowd, fleet.scan(t))
            assert numbers <= set(w.live)
        assert (w.holds(fleet, t) == 1).all()
        return w

    twice(scenario)


@pytest.mark.parametrize("what", ["range 0", "one place in the sky", "the pole", "opposite"])
def test_places_where_a_plane_or_a_bearing_fails(what):
    def scenario() -> Watched:
        fleet = Fleet(6)
        w = Watched(centre=CENTRE)
        time_s = w.settle(fleet)
        for k in range(6):
            t = time_s + (k + 1) * PERIOD_S
            n = 30
            bad = {
                "range 0": Plots.blank(n, time_s=t, kind=1, range_m=0.0, azimuth_rad=np.linspace(0, 6, n), height_m=0.0),
                "one place in the sky": Plots.blank(n, time_s=t, kind=PlotKind.ADSB, lat_rad=0.2, lon_rad=0.1, address=77),
                "the pole": Plots.blank(
                    n, time_s=t, kind=PlotKind.ADSB, lat_rad=np.pi / 2, lon_rad=np.linspace(-3, 3, n), address=np.arange(n) + 9
                ),
                "opposite": Plots.blank(
                    n,
                    time_s=t,
                    kind=PlotKind.ADSB,
                    lat_rad=-CENTRE[0] + np.linspace(-1e-9, 1e-9, n),
                    lon_rad=CENTRE[1] - np.pi,
                    address=np.arange(n) + 9,
                    east_ms=100.0,
                    north_ms=0.0,
                ),
            }[what]
            w.tick(t, ("a", bad), fleet.scan(t))
        assert (w.holds(fleet, t) == 1).all()
        return w

    twice(scenario)


# --- names ---


def test_two_aircraft_that_answer_with_one_address_are_two_tracks():
    def scenario() -> Watched:
        fleet = Fleet(4)
        w = Watched(BROADCAST, centre=CENTRE)
        for k in range(60):
            t = BEGIN_S + k
            w.tick(t, ("a", fleet.broadcast(t, address=np.array([5, 5, 6, 7]))), tick_s=1.0)
        return w

    w = twice(scenario)
    fleet = Fleet(4)
    assert (w.holds(fleet, BEGIN_S + 59, frame=0) == 1).all()
    steady = [set(t.number.tolist()) for t in w.pictures[-20:]]
    assert all(s == steady[0] for s in steady)


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_wrong_addresses_now_and_then_break_no_track(share):
    """A radar whose answers bear at times another aircraft's address, or one of nobody."""

    def scenario() -> Watched:
        fleet = Fleet(9, seed=6)
        rng = rng_of(8)
        w = Watched()
        own = 0x400000 + np.arange(9)
        for k in range(50):
            t = BEGIN_S + k * PERIOD_S
            address = np.where(rng.random(9) < share, rng.permutation(own), own)
            address = np.where(rng.random(9) < share, rng.integers(1, 1 << 24, 9), address)
            w.tick(t, fleet.scan(t, kind=PlotKind.MODE_S, address=address))
            if k == 20:
                numbers = set(w.live)
        assert (w.holds(fleet, t) == 1).all()
        assert len(numbers & set(w.live)) >= 9
        return w

    w = twice(scenario)
    assert max(len(t) for t in w.pictures[-10:]) <= 10


def test_addresses_that_come_and_go_name_no_aircraft_twice():
    fleet = Fleet(5)
    rng = rng_of(3)
    w = Watched()
    for k in range(40):
        t = BEGIN_S + k * PERIOD_S
        address = np.where(rng.random(5) < 0.5, 0x400000 + np.arange(5), -1)
        w.tick(t, fleet.scan(t, kind=PlotKind.MODE_S, address=address))
    assert len(w.live) == 5
    assert w.highest == 5


# --- nothing ---


def test_nothing_at_all():
    w = Watched()
    for k in range(50):
        assert len(w.tick(BEGIN_S + k)) == 0
    fresh = track.init(TrackConfig(), ())
    _, out = track.step(fresh, [], 0.0, 1.0)
    assert len(out.tracks) == len(out.plots) == 0


def test_silence_ends_every_track_in_time():
    fleet = Fleet(5)
    w = Watched()
    time_s = w.settle(fleet)
    gone = [len(w.tick(time_s + k)) for k in range(1, 90)]
    assert gone[-1] == 0
    assert all(a >= b for a, b in itertools.pairwise(gone))


@settings(max_examples=20)
@given(
    st.lists(st.sampled_from(["scan", "empty", "twice", "late", "wild", "noise", "point", "back", "names"]), min_size=4, max_size=16),
    st.integers(0, 9),
)
def test_any_order_of_troubles(events, seed):
    def scenario() -> Watched:
        fleet = Fleet(6, seed=seed)
        rng = rng_of(seed)
        w = Watched(centre=CENTRE)
        t = BEGIN_S
        for event in events:
            t += -PERIOD_S if event == "back" else PERIOD_S
            plots = fleet.scan(t)
            if event == "wild":
                plots = spoil(plots, [(str(rng.choice(FLOATS)), int(rng.integers(6)), float(rng.choice(WILD))) for _ in range(12)])
            heard = {
                "empty": [],
                "twice": [plots, plots],
                "late": [plots, ("s", fleet.scan(t - 20.0))],
                "noise": [plots, noise(rng, 300, t)],
                "point": [plots, plots.take(np.zeros(50, np.int64))],
                "names": [plots.replace(address=rng.integers(-1, 4, 6))],
            }.get(event, [plots])
            w.tick(t, *heard)
        return w

    twice(scenario)
