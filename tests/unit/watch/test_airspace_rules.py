"""Entry into airspace, now and soon; regions, drone zones, corridors, routes."""

from __future__ import annotations

import math
import operator

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.watch.viewing import EARTH_M, Bench

from tenere.airspace.model import GROUND, Corridor, Limit, Polygon, Volume, VolumeKind
from tenere.batch import AircraftClass, Emergency, PlotKind, Severity, TrackFlag
from tenere.plans import Plan
from tenere.watch import WatchConfig
from tenere.watch.config import ApwConfig
from tenere.words import explain
from tenere.world import Aerodromes, World

SQUARE = Polygon(((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)))
AREA = Volume(id="R1", name="Zone 1", kind=VolumeKind.RESTRICTED, shape=SQUARE, floor=GROUND, ceiling=Limit(3000.0))
DEGREE_M = EARTH_M * math.pi / 180


def bench(*volumes: Volume, **apw: object) -> Bench:
    return Bench("airspace", WatchConfig(apw=ApwConfig(**apw)), volumes=volumes or (AREA,))  # type: ignore[arg-type]


def test_who_is_inside_is_told_with_reasons_and_asks_to_call_atc():
    seat = bench().see(lat=0.5, lon=0.5, amsl_m=1000.0, callsign=b"XYZ1")
    (one,) = seat.conditions
    assert (one.rule, one.severity, one.volume, one.detail) == ("airspace_entered", Severity.WARNING, b"R1", b"XYZ1|Zone 1|unplanned")
    assert one.because[0].rule == "because.inside"
    for lang, words in (("en", "call ATC"), ("fr", "Prévenir le contrôle")):
        assert words in explain(one.rule.encode(), one.detail, lang)


@pytest.mark.parametrize(
    "where",
    [
        {"lat": 0.5, "lon": 0.5, "amsl_m": 3500.0},
        {"lat": 0.5, "lon": 1.5, "amsl_m": 1000.0},
        {"lat": 0.5, "lon": 0.5, "amsl_m": 1000.0, "flags": int(TrackFlag.CONFIRMED | TrackFlag.ON_GROUND)},
        {"lat": 0.5, "lon": 0.5, "amsl_m": 1000.0, "trusted": False},
        {"lat": np.nan, "lon": 0.5, "amsl_m": 1000.0},
    ],
)
def test_who_is_not_inside_is_not_told(where):
    assert bench().see(**where).rules == []


@pytest.mark.parametrize("kind", [VolumeKind.CONTROL, VolumeKind.FIR, VolumeKind.BORDER, VolumeKind.OTHER, VolumeKind.AERODROME])
def test_entry_of_other_kinds_raises_nothing(kind):
    seat = bench(msgspec.structs.replace(AREA, kind=kind)).see(lat=0.5, lon=-0.02, amsl_m=900.0, speed_ms=200.0, course_rad=math.pi / 2)
    assert seat.rules == []
    assert seat.see(lat=0.5, lon=0.5, amsl_m=900.0, plan=0).rules == []


def test_an_inactive_volume_raises_nothing_and_an_active_one_does_at_once():
    seat = bench()
    seat.active = np.zeros(1, np.bool_)
    assert seat.see(lat=0.5, lon=0.5, amsl_m=1000.0).rules == []
    seat.active = None
    assert seat.see(lat=0.5, lon=0.5, amsl_m=1000.0).rules == ["airspace_entered"]


def test_a_height_not_known_is_told_lower_and_never_for_a_high_floor():
    seat = bench().see(lat=0.5, lon=0.5)
    (one,) = seat.conditions
    assert (one.rule, one.severity) == ("airspace_entered_height", Severity.CAUTION)
    assert "because.height_unknown" in [b.rule for b in one.because]
    high = msgspec.structs.replace(AREA, floor=Limit(2000.0), ceiling=Limit(9000.0))
    assert bench(high).see(lat=0.5, lon=0.5).rules == []


@pytest.mark.parametrize(
    "columns",
    [
        {"mode_a": 0o7500},
        {"mode_a": 0o7600},
        {"mode_a": 0o7700},
        {"emergency": Emergency.MEDICAL},
        {"emergency": Emergency.MINIMUM_FUEL},
        {"commands": ({"kind": "radio", "track": 1, "state": "lost", "by": "Lt Issa"},)},
    ],
)
@pytest.mark.parametrize("who", [{}, {"protected": 1}, {"civil": 1}])
def test_an_emergency_changes_the_label_and_never_hides_the_flight(columns, who):
    seat = bench().see(lat=0.5, lon=0.5, amsl_m=1000.0, **who)
    assert seat.rules == ["airspace_entered"]
    seat.see(lat=0.5, lon=0.5, amsl_m=1000.0, **columns, **who)
    assert seat.rules == ["airspace_entered_emergency"]
    assert seat.conditions[0].severity == Severity.EMERGENCY, "which nobody can suppress"
    assert "emergency: call ATC" in explain(b"airspace_entered_emergency", seat.conditions[0].detail, "en")
    more = {k: v for k, v in columns.items() if k != "commands"}
    seat.see(after_s=60.0, lat=0.5, lon=0.5, amsl_m=1000.0, **more, **who)
    assert "airspace_entered_emergency" in seat.alerts


def test_entry_is_foreseen_with_its_time():
    seat = bench(predicted_rise_s=0.0)
    seat.see(lat=0.5, lon=-0.1, amsl_m=1000.0, speed_ms=200.0, course_rad=math.pi / 2)
    (one,) = seat.conditions
    assert one.rule == "airspace_predicted"
    assert one.predicted_s - seat.time_s == pytest.approx((11_131 - 30) / 200.0, abs=0.5)
    assert seat.see(lat=0.5, lon=-0.1, amsl_m=1000.0, speed_ms=200.0, course_rad=-math.pi / 2).rules == []
    assert seat.see(lat=0.5, lon=-0.1, amsl_m=3500.0, speed_ms=200.0, course_rad=math.pi / 2).rules == []


def test_a_foreseen_entry_must_be_foreseen_for_a_while():
    seat = bench(predicted_rise_s=4.0)
    for k in range(4):
        assert seat.see(lat=0.5, lon=-0.05 + k * 1e-3, amsl_m=1000.0, speed_ms=100.0, course_rad=math.pi / 2).alerts == []
    assert seat.see(lat=0.5, lon=-0.046, amsl_m=1000.0, speed_ms=100.0, course_rad=math.pi / 2).alerts == ["airspace_predicted"]


def test_a_flight_along_the_boundary_raises_nothing():
    seat = bench()
    rng = np.random.Generator(np.random.PCG64(2))
    for k in range(200):
        east_m = float(np.clip(rng.normal(-30.0, 25.0), -59, 59))  # sigma 30 m: two of them to be inside
        seat.see(lat=0.2 + k * 0.002, lon=east_m / DEGREE_M, amsl_m=1000.0, speed_ms=200.0, course_rad=0.0)
        assert "airspace_entered" not in seat.rules


def test_a_level_flight_at_the_ceiling_raises_nothing():
    seat = bench()
    rng = np.random.Generator(np.random.PCG64(3))
    for k in range(60):
        assert (
            seat.see(lat=0.2 + k * 0.002, lon=0.5, amsl_m=3000.0 + rng.uniform(-55, 55), speed_ms=200.0, course_rad=0.0).alerts.count(
                "airspace_entered"
            )
            == 0
        )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-400, 400), min_size=5, max_size=40), st.floats(1.0, 150.0))
def test_entries_and_exits_alternate_only_when_clearly_across(offsets, sigma):
    seat = bench(predicted_rise_s=1e9)
    was = False
    margin = min(2 * sigma, 500.0)
    for east_m in offsets:
        seat.see(lat=0.5, lon=east_m / (EARTH_M * math.pi / 180 * 1.00112), amsl_m=1000.0, var_xx_m2=sigma**2, var_yy_m2=sigma**2)
        inside = "airspace_entered" in seat.rules
        if inside and not was:
            assert east_m >= margin - 2.0
        if was and not inside:
            assert east_m <= -min(sigma, 500.0) + 2.0
        was = inside


def test_who_was_inside_is_out_only_when_clearly_above():
    seat = bench().see(lat=0.5, lon=0.5, amsl_m=2900.0)
    assert seat.see(lat=0.5, lon=0.5, amsl_m=3050.0).rules == ["airspace_entered"]
    assert seat.see(lat=0.5, lon=0.5, amsl_m=3070.0).rules == []
    assert seat.see(lat=0.5, lon=0.5, amsl_m=2960.0).rules == ["airspace_predicted"], "not yet clearly in again"


def test_a_coasting_track_enters_nothing_and_stays_where_it_was():
    coasting = int(TrackFlag.CONFIRMED | TrackFlag.COASTING)
    assert bench().see(lat=0.5, lon=0.5, amsl_m=1000.0, flags=coasting).rules == []
    seat = bench().see(lat=0.5, lon=0.5, amsl_m=1000.0)
    assert seat.see(lat=0.5, lon=0.5, amsl_m=1000.0, flags=coasting).rules == ["airspace_entered"]


def test_an_edited_volume_counts_at_once():
    seat = bench().see(lat=0.5, lon=0.5, amsl_m=1000.0)
    seat.volumes = (msgspec.structs.replace(AREA, ceiling=Limit(500.0)),)
    assert seat.see(lat=0.5, lon=0.5, amsl_m=1000.0).rules == []
    seat.volumes = ()
    assert seat.see(lat=0.5, lon=0.5, amsl_m=100.0).rules == []


# --- regions, drone zones, corridors, routes ---

FIR = Volume(id="FIR", name="NIAMEY FIR", kind=VolumeKind.FIR, shape=SQUARE)


def over(seat: Bench, lons: list[float], **columns: object) -> list[str]:
    """See a flight at these longitudes, five seconds apart; return the rules in order."""
    return [rule for lon in lons for rule in seat.see(after_s=5.0, lat=0.5, lon=lon, amsl_m=9000.0, **columns).rules]


def test_a_flight_without_a_plan_that_enters_a_region_is_told_once():
    there = [-0.2, -0.1, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert over(bench(FIR), there) == ["fir_entry"]
    assert over(bench(FIR), there, plan=0) == []
    assert over(bench(FIR), [0.1, 0.2, 0.3, 0.4]) == [], "the first sight of a flight is no entry"
    seat = bench(FIR)
    seat.active = np.zeros(1, np.bool_)
    over(seat, [0.1, 0.2])
    seat.active = None
    assert over(seat, [0.3, 0.4, 0.5]) == [], "nor is the first sight of a region"


def test_a_flight_along_the_edge_of_a_region_raises_at_most_one_alert():
    seat = bench(FIR)
    assert over(seat, [-0.1] + [0.001, -0.001] * 30) in ([], ["fir_entry"])


ZONE = Volume(id="Z", name="Drone zone", kind=VolumeKind.DRONE, shape=SQUARE, floor=GROUND, ceiling=Limit(150.0, "agl"))


def test_a_drone_in_a_drone_zone():
    seat = bench(ZONE)
    columns = {"lat": 0.5, "lon": 0.5, "kinds": 1 << PlotKind.REMOTE_ID, "remote_id": b"D123"}
    (one,) = seat.see(**columns).conditions
    assert (one.rule, one.severity) == ("drone_in_zone", Severity.INFORMATION), "its height is not known"
    assert seat.see(lat=0.5, lon=1.5, kinds=1 << PlotKind.REMOTE_ID, remote_id=b"D123").rules == []
    assert seat.see(lat=0.5, lon=0.5, aircraft_class=AircraftClass.DRONE, amsl_m=9500.0).rules == [], "above whatever ground there is"


def test_what_is_low_slow_and_silent_in_a_drone_zone_may_be_a_bird():
    seat = bench(ZONE)
    radar = {"lat": 0.5, "lon": 0.5, "kinds": 1 << PlotKind.PSR}
    (one,) = seat.see(speed_ms=15.0, **radar).conditions
    assert one.rule == "low_slow_small"
    assert min(one.because, key=operator.attrgetter("weight")).rule in {"because.bird", "because.height_unknown"}
    assert seat.see(speed_ms=90.0, **radar).rules == []
    assert seat.see(speed_ms=15.0, address=0x123456, **radar).rules == []


CORRIDOR = Volume(id="HUM1", name="Relief 1", kind=VolumeKind.CORRIDOR, shape=Corridor(((0.0, 0.0), (0.0, 2.0)), 10_000.0))


def test_a_protected_flight_that_leaves_its_corridor_is_asked_after():
    seat = bench(CORRIDOR)
    for lon in np.linspace(0.3, 0.6, 8):
        assert seat.see(after_s=10.0, lat=0.0, lon=float(lon), amsl_m=3000.0, protected=1).rules == []
    for k in range(6):
        seat.see(after_s=10.0, lat=0.1 + 0.01 * k, lon=0.7, amsl_m=3000.0, protected=1)
    assert seat.rules == ["corridor_left"]
    assert "may need help" in explain(b"corridor_left", seat.conditions[0].detail, "en")
    assert seat.see(after_s=10.0, lat=0.0, lon=0.8, amsl_m=3000.0, protected=1).rules == []


def test_another_flight_may_leave_a_corridor_and_its_end_is_its_end():
    for columns, lats, lon in (({}, 0.1, 0.7), ({"protected": 1}, 0.0, 2.1)):
        seat = bench(CORRIDOR)
        for at in np.linspace(1.3, 1.9, 8):
            seat.see(after_s=10.0, lat=0.0, lon=float(at), amsl_m=3000.0, **columns)
        for _ in range(6):
            assert seat.see(after_s=10.0, lat=lats, lon=lon, amsl_m=3000.0, **columns).rules == []


FIELDS = Aerodromes(np.array([b"AAAA", b"BBBB"]), np.radians([0.0, 0.0]), np.radians([0.0, 6.0]), np.array([100.0, 200.0]))


def test_a_flight_far_from_the_line_between_its_aerodromes_is_told_after_a_while():
    plans = (Plan(callsign="XYZ1", departure="AAAA", destination="BBBB"), Plan(callsign="XYZ2", departure="AAAA", destination="????"))
    seat = Bench("airspace", world=World(aerodromes=FIELDS), plans=plans)
    seat.see(after_s=10.0, lat=0.3, lon=2.9, plan=0)
    for _ in range(7):
        seat.see(after_s=10.0, lat=0.7, lon=3.0, plan=0)
    assert seat.rules == ["route_deviation"]
    assert seat.conditions[0].detail == b"#1|AAAA-BBBB|42"
    for columns in (
        {"lat": 0.3, "lon": 3.0, "plan": 0},
        {"lat": 0.7, "lon": 0.1, "plan": 0},
        {"lat": 0.7, "lon": 3.0, "plan": 1},
        {"lat": 0.7, "lon": 3.0},
    ):
        other = Bench("airspace", world=World(aerodromes=FIELDS), plans=plans)
        for _ in range(8):
            assert other.see(after_s=10.0, **columns).rules == []


def test_a_diverting_flight_in_a_volume_is_an_emergency_to_call_about():
    plans = (Plan(callsign="XYZ1", departure="AAAA", destination="BBBB"),)
    area = msgspec.structs.replace(AREA, shape=Polygon(((0.5, 2.5), (0.5, 3.5), (1.5, 3.5), (1.5, 2.5))))
    seat = Bench("airspace", world=World(aerodromes=FIELDS), plans=plans, volumes=(area,))
    seat.see(after_s=10.0, lat=0.01, lon=2.8, amsl_m=1000.0, plan=0)  # on its way; then it leaves it
    for _ in range(8):
        seat.see(after_s=10.0, lat=0.7, lon=3.0, amsl_m=1000.0, plan=0)
    assert seat.rules == ["route_deviation", "airspace_entered_emergency"]


def test_a_flight_that_never_was_on_the_straight_way_is_not_diverting():
    plans = (Plan(callsign="XYZ1", departure="AAAA", destination="BBBB"),)
    area = msgspec.structs.replace(AREA, shape=Polygon(((0.5, 2.5), (0.5, 3.5), (1.5, 3.5), (1.5, 2.5))))
    seat = Bench("airspace", world=World(aerodromes=FIELDS), plans=plans, volumes=(area,))
    for _ in range(8):
        seat.see(after_s=10.0, lat=0.7, lon=3.0, amsl_m=1000.0, plan=0)
    assert seat.rules == ["airspace_entered"]


def test_ten_thousand_volumes_and_twenty_thousand_tracks_through_every_family():
    from bench.rules import families, traffic, volumes

    tracks, identities = traffic(20_000)
    done = families(volumes(10_000), tracks, identities, 3)
    assert done["conditions_a_tick"] > 100
