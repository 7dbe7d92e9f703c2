import math

import msgspec
import numpy as np
import pytest

from tenere import exercise
from tenere.errors import TenereError
from tenere.exercise import tables, timetable
from tenere.exercise.traffic import motion
from tenere.identify.allocation import states_of
from tenere.plans import PROTECTED_STS

CONFIG = exercise.ExerciseConfig()


@pytest.fixture(scope="module")
def made():
    return exercise.scenario(CONFIG)


def alive(made, minute):
    rows = np.arange(len(made.traffic.flights.path))
    m, flying = motion(made.traffic, rows, minute * 60.0)
    return rows[flying], m.take(flying)


def test_it_has_the_sensors_that_the_exercise_promises(made):
    kinds = [s.kind for s in made.sensors]
    assert kinds.count("radar") >= 4
    assert kinds.count("adsb") >= 4
    assert 2 <= kinds.count("remote_id") <= 3
    interrogators = [(r.interrogator, r.psr_m > 0) for r in made.radars]
    assert {(2, True), (1, False), (0, True)} <= set(interrogators)  # Mode S with PSR, SSR alone, PSR alone
    assert len({(r.sensor.sac, r.sensor.sic) for r in made.radars}) == len(made.radars)
    assert [s.id for s in made.sources] == [s.source for s in made.sensors]
    assert len({s.id for s in made.sources}) == len(made.sources)


def test_sensors_stand_at_their_airports(made):
    niamey = next(s for s in made.sensors if s.id == "NIM-A")
    assert (niamey.lat_deg, niamey.lon_deg) == pytest.approx((13.4815, 2.1836), abs=0.01)
    assert niamey.height_m == pytest.approx(732 * 0.3048 + 12.0, abs=1.0)


@pytest.mark.parametrize("minute", [0, 2, 60, 137, 300, 1439, 1500])
def test_at_least_sixty_flights_are_in_the_air_through_the_day(made, minute):
    rows, _ = alive(made, minute)
    assert len(rows) >= 60


def test_fifty_and_more_are_within_reach_of_the_sensors_at_the_start(made):
    state = exercise.init(made, None)
    for seconds in (0.0, 120.0, 135.0):
        truth = exercise.truth(state, CONFIG.start_s + seconds)
        seen = truth.watchers > 0
        assert seen.sum() >= 60
        assert (seen & (truth.remote_id != b"")).sum() >= 5
        assert (seen & (truth.equipment == 0) & (truth.remote_id == b"")).sum() >= 5


def test_addresses_are_in_the_block_of_their_state_and_no_two_are_alike(made):
    flights = made.traffic.flights
    has = flights.address >= 0
    assert np.array_equal(has, flights.equipment >= timetable.MODE_S)
    assert len(set(flights.address[has].tolist())) == has.sum()
    file = tables.load("niger")
    table = timetable.Timetable(file, timetable.Airports(), 1, 0.0)
    for flight in [o.flight() for o in file.overflights] + list(file.flight):
        table.fly(flight)
    for patrol in file.patrol:
        table.patrol(patrol)
    filed = np.array([r.state for r in table.rows], "S2")
    assert np.array_equal(states_of(flights.address[has]), filed[has])
    # by hand: Niger's block is 062000 to 062FFF
    assert all(0x062000 <= a <= 0x062FFF for a in flights.address[has & (filed == b"NE")])


def test_protected_flights_are_planned_and_in_the_air_at_the_opening(made):
    plans = {p.callsign.encode(): p for p in made.plans if p.protected}
    assert {"HUM", "MEDEVAC", "HOSP", "HEAD", "STATE", "SAR"} <= {s for p in plans.values() for s in p.sts}
    assert all(set(p.sts) <= PROTECTED_STS for p in plans.values())
    truth = exercise.truth(exercise.init(made, None), CONFIG.start_s + CONFIG.opening_s)
    present = {c for c, w in zip(truth.callsign.tolist(), truth.watchers, strict=True) if w and c in plans}
    assert len(present) >= 8
    assert b"UNO052H" in present


def test_plans_carry_the_address_that_the_aircraft_sends(made):
    flights = made.traffic.flights
    sent = {c: a for c, a in zip(flights.callsign.tolist(), flights.address.tolist(), strict=True) if a >= 0}
    filed = {p.callsign.encode(): p.address for p in made.plans if p.address}
    assert len(filed) > 300
    assert all(f"{sent[c]:06X}" == a for c, a in filed.items())


def test_callsigns_are_all_different_and_fit(made):
    named = [c for c in made.traffic.flights.callsign.tolist() if c]
    assert len(named) == len(set(named))
    assert all(len(p.callsign) <= 8 for p in made.plans)


def test_codes_are_four_octal_digits_and_not_an_emergency(made):
    flights = made.traffic.flights
    codes = flights.mode_a[flights.mode_a >= 0]
    assert len(codes) == (flights.equipment >= timetable.MODE_A).sum()
    assert codes.min() >= 0o0100
    assert codes.max() < 0o7400
    assert len(set(codes.tolist())) == len(codes)


def test_emergencies_begin_when_they_should(made):
    state = exercise.init(made, None)

    def code(callsign, minute):
        truth = exercise.truth(state, CONFIG.start_s + minute * 60.0)
        row = np.flatnonzero(truth.callsign == callsign)
        assert len(row) == 1
        return int(truth.mode_a[row[0]]), int(truth.emergency[row[0]])

    assert code(b"VLD717", 4.9)[1] == 0
    assert code(b"VLD717", 5.1) == (0o7700, 1)
    assert code(b"ATL753", 7.9)[1] == 0
    assert code(b"ATL753", 8.1) == (0o7600, 4)
    plan = next(p for p in made.plans if p.callsign == "VLD717")
    assert plan.destination == "DNMM"  # but it comes down at Agadez
    flights = made.traffic.flights
    row = np.flatnonzero(flights.callsign == b"VLD717")
    end, _ = motion(made.traffic, row, np.array([flights.start_s[row[0]] + flights.length_s[row[0]] - 1.0]))
    assert np.degrees([end.lat_rad[0], end.lon_rad[0]]) == pytest.approx((16.966, 8.0), abs=0.02)


def test_some_cross_the_border_without_a_plan(made):
    planned = {p.callsign.encode() for p in made.plans}
    flights = made.traffic.flights
    loose = [c for c in flights.callsign.tolist() if c and c not in planned]
    assert {b"ZX101", b"ZX201", b"ZX301", b"ZX401"} <= set(loose)
    assert {int(flights.equipment[flights.callsign == c][0]) for c in (b"ZX201", b"ZX301", b"ZX401")} == {0, 1, 2}
    row = np.flatnonzero(flights.callsign == b"ZX401")
    (before, _), (later, _) = (motion(made.traffic, row, np.array([t])) for t in (120.0, 480.0))
    # Nigeria ends at 12.9 N where the line from Kano to Zinder crosses
    assert np.degrees(before.lat_rad[0]) < 12.9 < np.degrees(later.lat_rad[0])


def test_nobody_flies_faster_or_lower_than_an_aircraft_can(made):
    for minute in range(0, 1440, 97):
        _, m = alive(made, minute)
        speed = np.hypot(m.east_ms, m.north_ms)
        assert speed.max() < 290.0
        assert speed.min() > 5.0
        assert m.height_m.min() > -50.0
        assert m.height_m.max() < 13_000.0


def test_the_same_seed_gives_the_same_flights_and_another_does_not(made):
    again, other = exercise.scenario(CONFIG), exercise.scenario(exercise.ExerciseConfig(seed=7))
    assert all(np.array_equal(a, b) for a, b in zip(made.traffic.flights, again.traffic.flights, strict=True))
    assert not np.array_equal(made.traffic.flights.mode_a, other.traffic.flights.mode_a)


def test_a_load_exercise_spreads_its_aircraft():
    made = exercise.scenario(exercise.ExerciseConfig(aircraft=500))
    for minute in (0, 60, 150):
        rows, m = alive(made, minute)
        assert len(rows) == 500
        north = (m.lat_rad - math.radians(made.centre_lat_deg)) * 6_371_000.0
        assert (np.abs(north) < 1_400_000.0).all()
        counts, _ = np.histogram(north, 4, (-1_200_000.0, 1_200_000.0))
        assert counts.min() > 70
        assert m.height_m.min() > 100 * 30.48 - 1
        assert m.height_m.max() < 410 * 30.48 + 1
    assert len(made.radars) == 64
    assert len(made.receivers) == 9
    seen = exercise.truth(exercise.init(made, None), CONFIG.start_s).watchers
    assert (seen > 0).mean() > 0.9


@pytest.mark.parametrize("config", [{"scenario": "nowhere"}, {"scenario": "../niger"}, {"aircraft": -1}, {"aircraft": 10_000_000}])
def test_what_is_not_there_is_said(config):
    with pytest.raises(TenereError, match="exercise"):
        exercise.scenario(exercise.ExerciseConfig(**config))


def test_an_unknown_airport_is_named():
    with pytest.raises(TenereError, match="XXXX"):
        timetable.Airports()["XXXX"]


def test_unknown_keys_in_a_scenario_are_errors():
    with pytest.raises(msgspec.ValidationError, match="wheels"):
        msgspec.convert({"aircraft_class": "light", "rcs_m2": 2.0, "wheels": 3}, tables.Kind)


@pytest.mark.parametrize(
    ("callsign", "more", "expected"), [("UNO052H", 2, "UNO054H"), ("VLD99", 4, "VLD103"), ("SAR", 2, "SAR"), ("X001", 0, "X001")]
)
def test_flight_numbers_rise_and_keep_their_digits(callsign, more, expected):
    assert timetable.numbered(callsign, more) == expected
