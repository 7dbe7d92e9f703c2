"""Two cores by region: the cut parts what cannot meet, and the picture is the same bit for bit however many cores drew it."""

import hashlib
import threading
from dataclasses import fields

import numpy as np
import pytest
from rig import rng_of, room

from tenere import crew
from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig, init, regions, step, work
from tenere.track.regions import BOTH, LOW, MARGIN_M, UPPER
from tenere.track.sides import Sides

FRAME_M = 2e7


def parted(z, sensor, slices, whole):
    """Divide plots ordered by slice and sensor; return the looks and the order they came in."""
    order = np.lexsort((np.arange(len(z)), sensor, slices))
    key = np.column_stack([slices, sensor])[order]
    first = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]).any(1)])
    starts = np.r_[first, len(z)]
    looks = regions.divide(order, starts, slices[order][first], sensor, np.asarray(whole, bool), z, np.zeros(len(z), np.int64), FRAME_M)
    return looks, order, starts


def two_clouds(n=4000, whole=(True, True, True, False), apart=400e3, sensors=4):
    """Return plots of three radars, one low, one upper, one between, and of a receiver that hears all."""
    rng = rng_of(5)
    sensor = rng.integers(0, 4, n)
    centre = np.array([-apart, apart, 0.0, 0.0])[sensor]
    x = centre + np.where(sensor == 3, rng.uniform(-2 * apart, 2 * apart, n), rng.uniform(-100e3, 100e3, n))
    return np.column_stack([x, rng.uniform(-50e3, 50e3, n)]), sensor % sensors, np.zeros(n, np.int64), whole


def test_what_lies_about_the_cut_is_left_for_the_end_and_every_plot_is_there_once():
    z, sensor, slices, whole = two_clouds()
    looks, order, _ = parted(z, sensor, slices, whole)
    assert sorted(looks.rows) == sorted(order)
    (first, second, both, end), (axis, place) = looks.groups[0], looks.cuts[0]
    assert (axis, first, end) == (0, 0, len(looks.sensor))
    rows = [looks.rows[looks.starts[a] : looks.starts[b]] for a, b in ((first, second), (second, both), (both, end))]
    assert (z[rows[LOW], 0] <= place - MARGIN_M).all()
    assert (z[rows[UPPER], 0] >= place + MARGIN_M).all()
    assert min(len(rows[LOW]), len(rows[UPPER])) > 1000
    assert 0 < len(rows[BOTH]) < 0.5 * len(z)


def test_a_beam_s_look_stays_whole_and_a_receiver_s_parts_bear_one_name():
    z, sensor, slices, whole = two_clouds()
    looks, _, starts = parted(z, sensor, slices, whole)
    parts = [looks.rows[a:b] for a, b in zip(looks.starts[:-1], looks.starts[1:], strict=True)]
    assert [set(sensor[p]) for p in parts] == [{s} for s in looks.sensor]
    for s in range(3):
        assert (looks.sensor == s).sum() == 1
    assert (looks.sensor == 3).sum() == 3
    assert len(set(looks.name[looks.sensor == 3])) == 1
    assert len(set(looks.name)) == len(starts) - 1
    for part in parts:
        assert (np.diff(part) > 0).all()  # in the order they came


@pytest.mark.parametrize(
    "plots",
    [
        two_clouds(n=1500),  # so few are done before a second core begins
        two_clouds(apart=10e3),  # all near one another
        two_clouds(sensors=1),  # one look holds the whole
    ],
)
def test_where_a_cut_is_not_worth_it_there_is_none(plots):
    looks, order, starts = parted(*plots)
    assert looks.cuts[0, 0] == -1
    assert np.array_equal(looks.rows, order)
    assert np.array_equal(looks.starts, starts)
    assert looks.groups.tolist() == [[0, 0, 0, len(starts) - 1]]


def test_slices_are_cut_each_for_itself():
    z, sensor, _, whole = two_clouds()
    slices = np.repeat([3, 4], len(z) // 2)
    z[: len(z) // 2] = z[: len(z) // 2, ::-1]
    looks, _, _ = parted(np.tile(z, (2, 1)), np.tile(sensor, 2), np.tile(slices, 2), whole)
    assert looks.cuts[:, 0].tolist() == [1, 0]
    assert looks.groups[0, 3] == looks.groups[1, 0]


@pytest.mark.parametrize("free", [0, 3, 100])
def test_rows_are_given_out_and_what_is_left_comes_back(free):
    s, w, book = room(capacity=64)
    sides = Sides(w)
    book[work.HIGH], book[work.FREE] = 20, min(free, 20)
    w.free[: book[work.FREE]] = np.arange(book[work.FREE])
    regions.reserve(s, book, w, sides.lower, sides.upper, sides.books, (10, 5), 64)
    assert sides.books[:, work.FREE].tolist() == [10, 5]
    given = [sides.lower.free[:10].tolist(), sides.upper.free[:5].tolist()]
    assert len(set(given[0] + given[1])) == 15
    assert set(w.side[given[0]]) == {LOW}
    assert set(w.side[given[1]]) == {UPPER}
    sides.books[0, work.FREE] -= 4  # four births
    sides.books[:, work.LATE] = 2, 3
    before = int(book[work.FREE])
    regions.settle(book, w, sides.lower, sides.upper, sides.books)
    assert book[work.FREE] == before + 11
    assert book[work.LATE] == 5
    back = w.free[: book[work.FREE]].tolist()
    assert len(set(back)) == len(back)
    assert not set(back) & set(given[0][6:])


def test_a_full_store_shares_what_room_there_is():
    s, w, book = room(capacity=64)
    sides = Sides(w)
    book[work.HIGH] = 60
    regions.reserve(s, book, w, sides.lower, sides.upper, sides.books, (30, 10), 62)
    assert sides.books[:, work.FREE].tolist() == [1, 1]
    assert book[work.HIGH] == 62


def test_an_error_on_either_core_is_raised():
    def fail():
        raise ValueError("here")

    for jobs in ((fail, int), (int, fail)):
        with pytest.raises(ValueError, match="here"):
            crew.together(*jobs, 2)
    assert threading.active_count() == 1 or all(not t.name.startswith("Thread-") for t in threading.enumerate())


RADARS = tuple(
    SensorConfig(id=f"R{i}", kind="radar", source="r", sac=1, sic=i, lat_deg=14.0, lon_deg=lon, height_m=300.0, range_m=200e3, period_s=4.0)
    for i, lon in enumerate((2.0, 3.0, 9.0, 10.0))
)
RECEIVER = SensorConfig(id="A", kind="adsb", source="a")


def crowd(k, n=1600):
    """Return a second of plots: four radars in two pairs, false plots with them, and broadcasts from everywhere."""
    rng, still = rng_of(k), rng_of(77)
    start = np.column_stack([np.deg2rad(still.uniform(12.5, 15.5, n)), np.deg2rad(still.uniform(0.5, 11.5, n))])
    way = still.uniform(-4e-5, 4e-5, (n, 2))
    at = start + k * way
    parts = []
    for i, radar in enumerate(RADARS):
        east = (at[:, 1] - np.deg2rad(radar.lon_deg)) * np.cos(np.deg2rad(14.0)) * 6.371e6
        north = (at[:, 0] - np.deg2rad(14.0)) * 6.371e6
        seen = (np.hypot(east, north) < 190e3) & (rng.random(n) < 0.9)
        r = np.r_[np.hypot(east, north)[seen] + rng.normal(0, 50, seen.sum()), rng.uniform(5e3, 190e3, 100)]
        a = np.r_[np.arctan2(east, north)[seen] + rng.normal(0, 1e-3, seen.sum()), rng.uniform(0, 6.28, 100)]
        parts.append(
            Plots.blank(len(r), kind=PlotKind.PSR, time_s=k - rng.random(len(r)) * 0.9, range_m=r, azimuth_rad=a % 6.283, sac_sic=256 + i)
        )
    own = np.arange(0, n, 2)
    broadcast = Plots.blank(
        len(own), kind=PlotKind.ADSB, time_s=k - rng.random(len(own)) * 0.9, lat_rad=at[own, 0], lon_rad=at[own, 1], address=1000 + own
    )
    broadcast.address[::400] = 4242  # addresses that many bear, here and there
    nothing = SystemTracks.blank(), Status.blank()
    return [Heard("r", Plots.concat(parts), *nothing), Heard("a", broadcast, *nothing)]


def test_one_core_and_two_draw_the_same_picture_bit_for_bit():
    states = [init(TrackConfig(cores=c), (*RADARS, RECEIVER)) for c in (1, 2)]
    cut = 0
    for k in range(1, 9):
        heard, drawn = crowd(k), []
        for j, state in enumerate(states):
            states[j], out = step(state, heard, float(k), 1.0)
            columns = [np.ascontiguousarray(getattr(out.tracks, f.name)).tobytes() for f in fields(out.tracks)]
            drawn.append(hashlib.sha256(b"".join([*columns, out.plot_tracks.tobytes()])).hexdigest())
        assert drawn[0] == drawn[1], k
        cut += int((states[0].work.cut[0] >= 0).any())
        assert states[0].counts == states[1].counts
        assert np.array_equal(states[0].book, states[1].book)
    assert cut == 8
    assert len(out.tracks) > 1200
