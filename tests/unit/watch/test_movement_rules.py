"""Take-offs and landings: the log, and those without a plan."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.watch.viewing import Bench

from tenere.batch import Severity, TrackFlag
from tenere.plans import Plan
from tenere.watch import WatchConfig
from tenere.watch.config import MovementsConfig
from tenere.watch.families.movements import LANDING, TAKE_OFF, columns, nearest_of
from tenere.world import Aerodromes, Ground, World

FIELDS = Aerodromes(np.array([b"AAAA", b"BBBB"]), np.radians([10.0, 11.0]), np.radians([10.0, 12.0]), np.array([200.0, 300.0]))
PLANS = (Plan(callsign="XYZ1", departure="AAAA", destination="BBBB"), Plan(callsign="XYZ2", departure="BBBB", destination="AAAA"))
GROUND = int(TrackFlag.CONFIRMED | TrackFlag.ON_GROUND)


def bench(**config: object) -> Bench:
    return Bench("movements", WatchConfig(movements=MovementsConfig(**config)), World(aerodromes=FIELDS), plans=PLANS)  # type: ignore[arg-type]


def take_off(seat: Bench, **who: object) -> Bench:
    seat.see(lat=10.0, lon=10.0, amsl_m=200.0, speed_ms=5.0, flags=GROUND, **who)
    return seat.see(lat=10.0, lon=10.02, amsl_m=300.0, speed_ms=70.0, vertical_rate_ms=8.0, **who)


def land(seat: Bench, **who: object) -> Bench:
    seat.see(lat=10.0, lon=10.3, amsl_m=1500.0, speed_ms=80.0, vertical_rate_ms=-4.0, **who)
    seat.see(lat=10.0, lon=10.04, amsl_m=350.0, speed_ms=70.0, vertical_rate_ms=-4.0, **who)
    return seat.see(lat=10.0, lon=10.0, amsl_m=205.0, speed_ms=40.0, flags=GROUND, **who)


@pytest.mark.parametrize(
    ("who", "rules", "planned"),
    [
        ({"plan": 0}, [], 1),
        ({"plan": 1}, ["unplanned_take_off"], 0),
        ({}, ["unplanned_take_off"], 0),
        ({"civil": 1}, ["unplanned_take_off"], 0),
    ],
)
def test_a_take_off_is_logged_and_told_where_no_plan_fits(who, rules, planned):
    seat = take_off(bench(), **who)
    assert seat.rules == rules
    (made,) = seat.state.log
    assert (made.kind, made.aerodrome, made.planned, made.seen) == (TAKE_OFF, b"AAAA", planned, 1)
    if rules:
        assert seat.conditions[0].severity == (Severity.INFORMATION if who.get("civil") else Severity.CAUTION)
    assert seat.see(lat=10.0, lon=10.1, amsl_m=900.0, speed_ms=90.0, **who).rules == []
    assert len(seat.state.log) == 1


def test_a_landing_is_logged_and_told_where_no_plan_fits():
    assert land(bench(), plan=1).rules == []
    seat = land(bench(), plan=0)
    assert seat.rules == ["unplanned_landing"]
    assert [(m.kind, m.aerodrome) for m in seat.state.log] == [(LANDING, b"AAAA")]


def test_a_track_that_begins_low_and_climbs_has_taken_off_and_one_that_ends_low_has_landed():
    seat = bench().see(lat=10.0, lon=10.02, amsl_m=400.0, speed_ms=60.0, vertical_rate_ms=6.0)
    assert seat.rules == ["unplanned_take_off"]
    seat = bench().see(lat=10.0, lon=10.3, amsl_m=1500.0, speed_ms=80.0)
    seat.see(lat=10.0, lon=10.03, amsl_m=400.0, speed_ms=60.0, vertical_rate_ms=-3.0).see(n=0)
    assert seat.rules == ["unplanned_landing"]
    assert [m.seen for m in seat.state.log] == [0]


def test_passing_low_over_an_aerodrome_is_no_movement():
    seat = bench()
    for lon in np.linspace(9.8, 10.2, 12):
        assert seat.see(after_s=8.0, lat=10.0, lon=float(lon), amsl_m=500.0, speed_ms=80.0).rules == []
    assert not seat.state.log


def test_without_any_plan_known_movements_are_only_logged():
    seat = bench()
    seat.plans = ()
    assert take_off(seat).rules == []
    assert len(seat.state.log) == 1


def test_only_the_aerodromes_asked_for_need_a_plan():
    assert take_off(bench(aerodromes=("BBBB",))).rules == []
    assert take_off(bench(aerodromes=("AAAA",))).rules == ["unplanned_take_off"]


def test_a_landing_at_no_known_aerodrome_is_asked_after():
    seat = bench().see(lat=10.5, lon=11.0, amsl_m=900.0, speed_ms=60.0)
    seat.see(lat=10.5, lon=11.01, amsl_m=300.0, speed_ms=10.0, flags=GROUND)
    assert seat.rules == ["landing_elsewhere"]
    assert seat.conditions[0].detail == b"#1|10.500 11.010|unplanned"
    ground = Ground(12.0, 9.0, 1.0, 1.0, np.full((4, 5), 250.0, np.float32))
    low = Bench("movements", world=World(aerodromes=FIELDS, ground=ground), plans=PLANS)
    low.see(lat=10.5, lon=11.0, amsl_m=320.0, speed_ms=40.0, vertical_rate_ms=-2.0).see(n=0)
    assert low.rules == ["landing_elsewhere"]
    high = Bench("movements", world=World(aerodromes=FIELDS, ground=ground), plans=PLANS)
    high.see(lat=10.5, lon=11.0, amsl_m=2320.0, speed_ms=40.0, vertical_rate_ms=-2.0).see(n=0)
    assert high.rules == []


def test_the_log_is_bounded_and_becomes_columns():
    seat = bench(most=3)
    for k in range(5):
        take_off(seat, number=np.array([k + 1]), callsign=b"XYZ1", address=k + 5)
    table = columns(seat.state.log)
    assert table.number.tolist() == [3, 4, 5]
    assert table.callsign.tolist() == [b"XYZ1"] * 3
    assert len(columns(bench().state.log)) == 0


def test_the_nearest_aerodrome_is_the_nearest():
    rng = np.random.Generator(np.random.PCG64(1))
    many = Aerodromes(np.array([b"A"] * 300), rng.uniform(0.1, 0.2, 300), rng.uniform(0.1, 0.2, 300), np.zeros(300))
    lat, lon = rng.uniform(0.1, 0.2, 500), rng.uniform(0.1, 0.2, 500)
    got = nearest_of(many, lat, lon, 20e3, np.argsort(many.lat_rad))
    a = (
        np.sin((lat[:, None] - many.lat_rad) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(many.lat_rad) * np.sin((lon[:, None] - many.lon_rad) / 2) ** 2
    )
    away = 2 * 6_371_008.8 * np.arcsin(np.sqrt(a))
    assert got.tolist() == np.where(away.min(axis=1) < 20e3, away.argmin(axis=1), -1).tolist()
