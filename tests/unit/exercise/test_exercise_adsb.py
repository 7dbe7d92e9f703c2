import numpy as np
import pytest

from tenere import exercise
from tenere.exercise import adsb, beacons, draws
from tenere.exercise.encoders import Squitter
from tenere.exercise.traffic import glance, motion
from tenere.geo.ellipsoid import geodetic_to_ecef

CONFIG = exercise.ExerciseConfig()


@pytest.fixture(scope="module")
def made():
    return exercise.scenario(CONFIG)


def broadcasts(seconds, rows, emergency=0):
    told = np.full(len(rows), emergency, np.uint8)
    parts = [adsb.schedule(rows, told, s, draws.generator(1, 1, s)) for s in range(seconds)]
    return [np.concatenate([getattr(p, c) for p in parts]) for c in ("row", "message", "odd", "time_s")]


def test_message_rates_are_those_of_the_standard():
    row, message, _, time = broadcasts(60, np.arange(10, 30))
    counts = {kind: int((message == kind).sum()) / 20 / 60 for kind in Squitter}
    assert counts[Squitter.POSITION] == counts[Squitter.VELOCITY] == 2.0
    assert counts[Squitter.IDENTIFICATION] == pytest.approx(0.2, abs=0.01)
    assert counts[Squitter.OPERATIONAL] == pytest.approx(0.4, abs=0.01)
    assert counts[Squitter.STATUS] == pytest.approx(0.2, abs=0.01)
    assert (np.diff(time) >= 0).all()
    assert set(row.tolist()) == set(range(10, 30))


def test_an_emergency_is_said_each_second():
    _, message, _, _ = broadcasts(30, np.arange(5), emergency=1)
    assert (message == Squitter.STATUS).sum() == 150


def test_positions_alternate_even_and_odd_about_each_half_second():
    row, message, odd, time = broadcasts(30, np.arange(4))
    for k in range(4):
        mine = (row == k) & (message == Squitter.POSITION)
        assert odd[mine].tolist() == [0, 1] * 30
        gaps = np.diff(time[mine])
        assert gaps.min() >= 0.4 - 1e-9
        assert gaps.max() <= 0.6 + 1e-9
        assert np.ptp(gaps) > 0.05


def test_hearing_falls_with_range_and_ends_at_the_horizon(made):
    r = made.receivers[0]
    up = np.linspace(0.0, 4.0, 200)
    lat = r.lat_rad + np.radians(up)
    ecef = np.stack(geodetic_to_ecef(lat, np.full(200, r.lon_rad), np.full(200, 11_000.0)), axis=1)
    shares = adsb.hearing(r, ecef, np.full(200, 11_000.0))
    assert shares[0] == pytest.approx(adsb.HEARD)
    assert (np.diff(shares) <= 1e-12).all()
    assert shares[-1] == 0.0
    low = adsb.hearing(r, ecef, np.full(200, r.ground_m + 100.0))
    assert (low[up > 0.8] == 0.0).all()  # 100 m and a 12 m mast: 4.12 * (3.5 + 10) = 56 km
    assert low[2] > 0.0


def test_what_a_squitter_says_is_true_to_its_own_error(made):
    flights = made.traffic.flights
    seen = glance(made.traffic, 0)
    rows = seen.rows[flights.equipment[seen.rows] == 4]
    sent = adsb.schedule(rows, np.zeros(len(rows), np.uint8), 3, draws.generator(1, 1, 3))
    said, ecef = adsb.compose(made.traffic, sent, draws.generator(1, 2, 3))
    m, _ = motion(made.traffic, sent.row, sent.time_s)
    off = np.hypot(said.lat_rad - m.lat_rad, (said.lon_rad - m.lon_rad) * np.cos(m.lat_rad)) * 6_371_000.0
    assert off.max() < 60.0
    fine = flights.nac_p[sent.row] == 11
    assert off[fine].max() < 10.0
    assert np.array_equal(said.address, flights.address[sent.row])
    assert np.allclose(ecef, np.stack(geodetic_to_ecef(m.lat_rad, m.lon_rad, m.height_m), axis=1))


def test_beacons_come_once_a_second_from_each_drone(made):
    flights = made.traffic.flights
    rows = np.flatnonzero(flights.remote_id != b"")
    assert len(rows) == 8
    a, b = (beacons.compose(made.traffic, rows, s, 1, CONFIG.start_s) for s in (10, 11))
    assert sorted(a.remote_id.tolist()) == sorted(flights.remote_id[rows].tolist())
    assert (np.diff(a.time_s) >= 0).all()
    later = dict(zip(b.remote_id.tolist(), b.time_s.tolist(), strict=True))
    assert all(0.8 < later[i] - t < 1.2 for i, t in zip(a.remote_id.tolist(), a.time_s.tolist(), strict=True))
    assert (a.counter == 10).all()
    away = np.hypot(a.lat_rad - a.operator_lat_rad, a.lon_rad - a.operator_lon_rad) * 6_371_000.0
    assert away.max() < 3_000.0


def test_a_receiver_hears_only_the_drones_near_it(made):
    sizes = []

    def beacon(sent):
        sizes.append(sent.remote_id.tolist())
        return b"x" * len(sent.time_s), np.arange(1, len(sent.time_s) + 1)

    encoders = exercise.Encoders(None, None, None, None, beacon)
    heard = {0: set(), 1: set(), 2: set()}
    for s in range(10):
        sizes.clear()
        beacons.second_frames(made.drone_receivers, made.traffic, glance(made.traffic, 0), s, encoders, 1, 0.0)
        for i, names in enumerate(sizes):
            heard[i] |= set(names)
    assert [len(h) for h in heard.values()] == [4, 2, 2]
    assert all(b"NIM" in i for i in heard[0])
