"""Transponders, radios, codes and tracks that fall silent, and holes in the coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.watch.viewing import Bench

from tenere.batch import PlotKind, Severity, TrackFlag
from tenere.geo.holes import Floor
from tenere.watch import WatchConfig
from tenere.watch.config import SilenceConfig
from tenere.watch.families.silence import _company
from tenere.words import explain
from tenere.world import Aerodromes, World

ADSB, PSR = 1 << PlotKind.ADSB, 1 << PlotKind.PSR
FIELD = Aerodromes(np.array([b"AAAA"]), np.radians([10.0]), np.radians([10.0]), np.array([200.0]))


def squad(kind: int, *, others: int = 3, far: bool = False, amsl_m: float = 3000.0) -> dict[str, object]:
    """Return track 1 and some others near it (or far) that are heard."""
    n = others + 1
    return {
        "n": n,
        "lat": np.array([5.0] + [5.2 + (20 if far else 0)] * others),
        "lon": np.array([5.0] + [5.1 + 0.01 * k for k in range(others)]),
        "amsl_m": np.array([amsl_m] + [2000.0] * others),
        "kinds": np.array([kind] + [ADSB] * others),
        "speed_ms": 100.0,
        "course_rad": 0.0,
    }


def test_a_silent_transponder_is_told_where_others_are_heard():
    seat = Bench("silence").see(**squad(ADSB))
    assert seat.see(after_s=29.0, **squad(PSR)).rules == []
    seat.see(after_s=2.0, **squad(PSR))
    assert seat.rules == ["transponder_silent"]
    assert {b.rule for b in seat.conditions[0].because} == {"because.last_heard", "because.others_heard", "because.failure"}
    assert seat.conditions[0].severity == Severity.CAUTION
    assert seat.see(**squad(ADSB)).rules == []


@pytest.mark.parametrize("case", [{"others": 1}, {"far": True}, {"amsl_m": 500.0}])
def test_it_is_the_sensor_that_does_not_hear(case):
    seat = Bench("silence").see(**squad(ADSB, **case))
    assert seat.see(after_s=60.0, **squad(PSR, **case)).rules == []


def test_a_track_that_never_had_a_transponder_loses_none():
    seat = Bench("silence").see(**squad(PSR))
    assert seat.see(after_s=60.0, **squad(PSR)).rules == []


def test_company_is_found_across_the_date_line_and_at_the_pole():
    found = _company(np.radians([0.0, 89.9, 50.0]), np.radians([179.9, 0.0, 0.0]), np.radians([0.0, 89.9]), np.radians([-179.9, 1.0]))
    assert found.tolist() == [True, True, False]


def test_a_radio_that_somebody_entered_as_lost():
    lost = {"kind": "radio", "track": 1, "state": "lost", "by": "Lt Issa"}
    seat = Bench("silence").see(lat=5.0, lon=5.0, commands=(lost,))
    assert seat.rules == ["radio_lost"]
    assert "Lt Issa" in explain(b"radio_lost", seat.conditions[0].detail, "fr")
    assert seat.see(lat=5.0, lon=5.0, commands=({**lost, "state": "regained"},)).rules == []
    assert seat.see(lat=5.0, lon=5.0, commands=({**lost, "track": 99},)).rules == []


@pytest.mark.parametrize(
    ("codes", "severity"),
    [((0o1234, 0o7700), Severity.INFORMATION), ((0o7700, 0o1234), Severity.CAUTION), ((0o7500, 0o7600), Severity.INFORMATION)],
)
def test_a_change_to_or_from_a_code_of_distress_is_told(codes, severity):
    seat = Bench("silence").see(mode_a=codes[0])
    assert seat.rules == []
    seat.see(mode_a=-1).see(mode_a=codes[1])
    assert seat.rules == ["code_changed"]
    assert seat.conditions[0].severity == severity
    assert seat.conditions[0].detail == f"#1|{codes[0]:04o}|{codes[1]:04o}".encode()


def test_other_changes_of_code_are_nothing():
    assert Bench("silence").see(mode_a=0o1234).see(mode_a=0o4321).see(mode_a=-1).rules == []


def floored(level_m: float) -> World:
    """Return a world where sensors see down to 500 m west of 5 E, and to a level east of it."""
    best = np.full((10, 20), 500.0, np.float32)
    best[:, 10:] = level_m
    return World(floor=Floor(5.5, 4.0, 0.1, best, np.full_like(best, np.inf)), aerodromes=FIELD)


def test_going_below_the_visible_floor_is_told_before():
    flight = {"lat": 5.0, "lon": 4.95, "amsl_m": 1500.0, "speed_ms": 150.0, "course_rad": math.pi / 2}
    seat = Bench("silence", world=floored(2000.0)).see(**flight)
    assert seat.rules == ["coverage_hole"]
    assert seat.conditions[0].predicted_s > seat.time_s
    assert "no track is not empty sky" in explain(b"coverage_hole", seat.conditions[0].detail, "en")
    assert Bench("silence", world=floored(1000.0)).see(**flight).rules == []
    assert Bench("silence").see(**flight).rules == [], "without a floor nothing is known"
    assert Bench("silence", world=floored(math.inf)).see(**flight).conditions[0].detail == b"#1||1"


def gone(seat: Bench, *, ticks: int = 30, **before: object) -> list[str]:
    """See a flight for two minutes, then others only; return the rules raised."""
    seat.see(**before)
    seat.see(after_s=120.0, **before)
    rest = {k: (v[1:] if isinstance(v, np.ndarray) else v) for k, v in before.items()}
    rest["n"] = int(before["n"]) - 1  # type: ignore[call-overload]
    return [rule for _ in range(ticks) for rule in seat.see(number=np.arange(2, rest["n"] + 2), **rest).rules]


def test_a_track_lost_amid_coverage_is_told_once_with_its_place():
    seat = Bench("silence")
    assert gone(seat, **squad(ADSB)) == ["track_lost"]
    alert = next(a for a in seat.ledger.live.values() if a.key[0] == "track_lost")
    assert alert.detail == b"#1|5.000 5.000|unplanned"


def test_a_track_lost_where_nobody_sees_or_at_an_aerodrome_is_not():
    assert gone(Bench("silence"), **squad(ADSB, far=True)) == []
    low = {**squad(ADSB), "lat": np.array([10.05, 10.2, 10.2, 10.2]), "lon": np.array([10.0, 10.1, 10.1, 10.1])}
    low["amsl_m"] = np.array([600.0, 500.0, 500.0, 500.0])
    assert gone(Bench("silence", world=World(aerodromes=FIELD)), **low) == []
    high = {**low, "amsl_m": np.array([6000.0, 500.0, 500.0, 500.0])}
    assert gone(Bench("silence", world=World(aerodromes=FIELD)), **high) == ["track_lost"]


def test_a_track_that_comes_back_under_another_number_is_not_lost():
    seat = Bench("silence", WatchConfig(silence=SilenceConfig(lost_s=5.0)))
    seat.see(lat=5.0, lon=5.0, **{k: v for k, v in squad(ADSB, others=0).items() if k in {"amsl_m", "speed_ms", "course_rad"}})
    seat.see(after_s=120.0, **squad(ADSB))
    other = squad(ADSB)
    other["number"] = np.array([77, 2, 3, 4])
    for _ in range(20):
        assert seat.see(**other).rules == []


def test_an_ended_track_is_missed_like_one_that_is_gone():
    seat = Bench("silence")
    seat.see(**squad(ADSB))
    seat.see(after_s=120.0, **squad(ADSB))
    ended = {**squad(ADSB), "flags": np.array([int(TrackFlag.CONFIRMED | TrackFlag.ENDED)] + [int(TrackFlag.CONFIRMED)] * 3)}
    assert [rule for _ in range(30) for rule in seat.see(**ended).rules] == ["track_lost"]
