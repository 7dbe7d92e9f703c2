"""The alert rules and the commands, one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from tenere.batch import AlertState, Emergency, Identities, Severity, TrackFlag, Tracks
from tenere.geo.borders import EARTH_M, Borders
from tenere.plans import Plan
from tenere.watch import SensorHealth, WatchConfig, init, step
from tenere.watch.config import RuleConfig
from tenere.words import explain
from tenere.world import World

# A country of 10 by 10 degrees with its west border on the meridian of Greenwich.
HOME = Borders.of(["Home"], ["NE"], [(0, np.radians(np.array([(0, 0), (10, 0), (10, 10), (0, 10)], float)))])
PLANS = (Plan(callsign="UNO123", sts=("HUM", "MEDEVAC")), Plan(callsign="AFR500"))
CONFIRMED = int(TrackFlag.CONFIRMED)


class Seat:
    """Runs the stage over one track (or several) and remembers the alerts."""

    def __init__(self, config: WatchConfig | None = None, borders: Borders = HOME) -> None:
        self.state = init(config or WatchConfig(), World(borders=borders), PLANS)
        self.time_s = 1000.0

    def see(
        self, *, after_s: float = 1.0, sensors: SensorHealth | None = None, commands: tuple[object, ...] = (), n: int = 1, **columns: object
    ) -> Seat:
        self.time_s += after_s
        who = {name: columns.pop(name, blank) for name, blank in (("protected", 0), ("civil", 0), ("plan", -1))}
        tracks = Tracks.blank(n, **{"number": np.arange(1, n + 1), "flags": CONFIRMED, **columns})
        self.state, seen = step(self.state, tracks, Identities.blank(n, number=tracks.number, **who), self.time_s, sensors, commands)
        self.alerts = seen.alerts.take(seen.alerts.state != AlertState.CLEARED)
        return self

    def at(self, east_m: float, **columns: object) -> Seat:
        """See track 1 so many metres east of the border (inside), at 5 degrees north."""
        lon = east_m / (EARTH_M * np.cos(np.radians(5)))
        return self.see(**{"lat_rad": np.radians(5), "lon_rad": lon, "var_xx_m2": 1e4, "var_yy_m2": 1e4, **columns})

    @property
    def rules(self) -> list[str]:
        return [r.decode() for r in self.alerts.rule.tolist()]


@pytest.mark.parametrize(
    ("columns", "rule", "severity", "source"),
    [
        ({"mode_a": 0o7500}, "emergency_unlawful", Severity.EMERGENCY, "7500"),
        ({"mode_a": 0o7600}, "emergency_radio", Severity.WARNING, "7600"),
        ({"mode_a": 0o7700}, "emergency_general", Severity.EMERGENCY, "7700"),
        ({"emergency": Emergency.GENERAL}, "emergency_general", Severity.EMERGENCY, "ADS-B"),
        ({"emergency": Emergency.MEDICAL}, "emergency_medical", Severity.CAUTION, "ADS-B"),
        ({"emergency": Emergency.MINIMUM_FUEL}, "emergency_fuel", Severity.WARNING, "ADS-B"),
        ({"emergency": Emergency.NO_RADIO}, "emergency_radio", Severity.WARNING, "ADS-B"),
        ({"emergency": Emergency.UNLAWFUL}, "emergency_unlawful", Severity.EMERGENCY, "ADS-B"),
        ({"emergency": Emergency.DOWNED}, "emergency_downed", Severity.EMERGENCY, "ADS-B"),
        ({"emergency": Emergency.GENERAL, "mode_a": 0o7700}, "emergency_general", Severity.EMERGENCY, "7700"),
    ],
)
def test_each_emergency_asks_to_call_atc(columns, rule, severity, source):
    seat = Seat().see(callsign=b"ETH911", **columns)
    assert seat.rules == [rule]
    assert seat.alerts.severity[0] == severity
    assert seat.alerts.detail[0].decode() == f"ETH911|{source}"
    said = explain(seat.alerts.rule[0], seat.alerts.detail[0], "en")
    assert "call ATC" in said
    assert "ETH911" in said
    assert "Prévenir le contrôle" in explain(seat.alerts.rule[0], seat.alerts.detail[0], "fr")


@pytest.mark.parametrize(
    "flags", [0, CONFIRMED | TrackFlag.SYSTEM, CONFIRMED | TrackFlag.NOT_LIVE, CONFIRMED | TrackFlag.ENDED, int(TrackFlag.COASTING)]
)
def test_only_confirmed_live_tracks_of_our_own_are_watched(flags):
    seat = Seat()
    for east_m in (-50e3, 50e3):
        seat.at(east_m, flags=int(flags), mode_a=0o7700, protected=1)
    assert seat.rules == []


def test_an_ordinary_flight_raises_nothing():
    assert Seat().see(mode_a=0o1234, callsign=b"AFR500", civil=1, plan=1).rules == []


def test_an_alert_lives_while_its_condition_holds_and_hold_s_longer():
    seat = Seat(WatchConfig(emergency_hold_s=60, rules={"code_changed": RuleConfig(enabled=False)})).see(mode_a=0o7700)
    number, since = int(seat.alerts.alert[0]), float(seat.alerts.since_s[0])
    seat.see(after_s=50, mode_a=0o1234).see(after_s=9, mode_a=0o7700)
    assert seat.alerts.alert.tolist() == [number]
    assert seat.alerts.since_s.tolist() == [since]
    assert seat.alerts.until_s.tolist() == [seat.time_s]
    assert seat.see(after_s=60, mode_a=0o1234).rules == ["emergency_general"]
    assert seat.see(after_s=1, mode_a=0o1234).rules == []
    assert seat.see(mode_a=0o7700).alerts.alert.tolist() == [number + 1]


def test_an_emergency_that_is_lost_from_sight_stays_in_view():
    seat = Seat().see(mode_a=0o7700).see(n=0, after_s=299)
    assert seat.rules == ["emergency_general"]
    assert seat.see(n=0, after_s=2).rules == []


@pytest.mark.parametrize(
    ("columns", "severity", "flight"),
    [
        ({"plan": 1}, Severity.INFORMATION, "planned"),
        ({"civil": 1}, Severity.INFORMATION, "civil"),
        ({"protected": 1}, Severity.INFORMATION, "civil"),
        ({}, Severity.CAUTION, "unplanned"),
    ],
)
def test_a_crossing_is_information_for_a_known_flight_and_caution_for_another(columns, severity, flight):
    seat = Seat().at(-20e3, callsign=b"XYZ1", **columns).at(20e3, callsign=b"XYZ1", **columns)
    entry = seat.alerts.take(seat.alerts.rule == b"border_entry")
    assert entry.severity.tolist() == [severity]
    assert entry.detail[0].decode() == f"XYZ1|NE|{flight}"
    assert "Niger" in explain(entry.rule[0], entry.detail[0], "fr")


def test_leaving_is_an_exit_and_the_first_sight_is_no_crossing():
    seat = Seat().at(20e3)
    assert seat.rules == []
    assert seat.at(-20e3).rules == ["border_exit"]
    assert seat.see(after_s=300, n=0).rules == ["border_exit"]
    assert seat.see(after_s=1, n=0).rules == []


def test_a_flight_along_the_border_does_not_chatter():
    seat = Seat().at(-20e3)
    rng = np.random.Generator(np.random.PCG64(1))
    for east_m in rng.normal(0.0, 400.0, 300).clip(-990, 990):
        assert seat.at(float(east_m)).rules == []
    assert seat.at(1100.0).rules == ["border_entry"]


def test_an_uncertain_position_must_be_clearly_across():
    seat = Seat().at(-50e3, var_xx_m2=25e6, var_yy_m2=1e4)
    assert seat.at(14e3, var_xx_m2=25e6, var_yy_m2=1e4).rules == []  # 3 sigma are 15 km
    assert seat.at(16e3, var_xx_m2=25e6, var_yy_m2=1e4).rules == ["border_entry"]


def test_a_coasting_track_crosses_nothing():
    seat = Seat().at(-20e3).at(20e3, flags=int(TrackFlag.CONFIRMED | TrackFlag.COASTING))
    assert seat.rules == []
    assert seat.at(20e3).rules == ["border_entry"]


def test_a_slow_track_is_measured_again_in_time():
    seat = Seat().at(-30e3)
    crossed_at = [m for m in range(-30_000, 30_000, 70) if seat.at(float(m)).rules]
    assert 1000 < crossed_at[0] <= 1100


def test_many_tracks_cross_each_for_itself():
    n = 500
    rng = np.random.Generator(np.random.PCG64(4))
    lat, lon = np.radians(rng.uniform(-2, 12, n)), np.radians(rng.uniform(-2, 12, n))
    sides: dict[int, bool] = {}
    wanted: set[tuple[str, int]] = set()
    seat = Seat(WatchConfig(crossing_hold_s=1e6, max_alerts=10_000))
    step_rad = 250.0 * 10 / EARTH_M
    course = rng.uniform(0, 2 * np.pi, n)
    for k in range(120):
        lat, lon = lat + step_rad * np.cos(course), lon + step_rad * np.sin(course)
        order = rng.permutation(n)
        seat.see(n=n, number=order + 1, lat_rad=lat[order], lon_rad=lon[order], var_xx_m2=1e4, var_yy_m2=1e4, after_s=10)
        y, x = np.degrees(lat), np.degrees(lon)
        inside = (y > 0) & (y < 10) & (x > 0) & (x < 10)
        gap_y, gap_x = np.maximum(np.maximum(-y, y - 10), 0), np.maximum(np.maximum(-x, x - 10), 0)
        within = np.minimum.reduce([np.abs(y), np.abs(y - 10), np.abs(x), np.abs(x - 10)])
        gap_km = np.where(inside, within, np.hypot(gap_y, gap_x)) * 111.2
        assert k < 200
        for i in np.flatnonzero(gap_km > 1.15):  # the longitude shrinks by 1.5 % at 10 degrees: stay clear of the margin
            if i in sides and sides[i] != inside[i]:
                wanted.add(("border_entry" if inside[i] else "border_exit", int(i) + 1))
            sides[i] = bool(inside[i])
    got = set(zip(seat.rules, seat.alerts.track.tolist(), strict=True))
    assert len(wanted) > 20
    assert got == wanted


def test_without_the_home_country_no_border_is_watched():
    assert Seat(borders=Borders.of((), (), ())).at(-20e3).at(20e3).rules == []


def test_an_unplaced_track_crosses_nothing_and_may_be_in_distress():
    seat = Seat().see(flags=int(TrackFlag.CONFIRMED | TrackFlag.UNPLACED), mode_a=0o7700)
    assert seat.rules == ["emergency_general"]


def test_a_protected_flight_is_named_by_its_plan():
    seat = Seat().see(protected=1, plan=0)
    assert seat.rules == ["protected_flight"]
    assert seat.alerts.detail[0] == b"UNO123|HUM MEDEVAC"
    assert seat.alerts.severity[0] == Severity.INFORMATION
    seat.see(protected=1, plan=1, callsign=b"AFR500")
    assert seat.alerts.detail[0] == b"UNO123|HUM MEDEVAC", "it keeps the name of the plan that protects it"


def test_a_protected_flight_without_its_plan_has_a_name_all_the_same():
    assert Seat().see(protected=1, address=0x062ABC).alerts.detail[0] == b"062ABC"
    assert Seat().see(protected=1).alerts.detail[0] == b"#1"


def test_a_silent_sensor_is_told_by_name_until_it_speaks_again():
    def health(*silent: bool) -> SensorHealth:
        return SensorHealth(np.array([4, 7], np.int16), np.array(silent), ("NIM-R", "AGZ|R"))

    seat = Seat().see(n=0, sensors=health(False, True))
    assert seat.rules == ["sensor_silent"]
    assert seat.alerts.sensor.tolist() == [7]
    assert seat.alerts.detail.tolist() == [b"AGZ/R"]
    assert seat.see(n=0, sensors=health(False, False), after_s=30).rules == ["sensor_silent"]
    assert seat.see(n=0, sensors=health(False, False), after_s=1).rules == []


def test_an_acknowledgement_is_recorded_with_time_and_name_and_the_first_stays():
    seat = Seat().see(mode_a=0o7700)
    assert np.isnan(seat.alerts.acknowledged_s[0])
    seat.see(mode_a=0o7700, commands=({"kind": "acknowledge", "alert": 1, "by": "Adjudant Zeïnabou"},))
    first = seat.time_s
    seat.see(mode_a=0o7700, commands=({"kind": "acknowledge", "alert": 1, "by": "Sgt Moussa"},))
    assert seat.alerts.acknowledged_s.tolist() == [first]
    assert seat.alerts.by[0].decode() == "Adjudant Zeïnabou"
    assert seat.state.rejects.counts == {"acknowledgement of an alert already acknowledged": 1}


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("acknowledge", "command that is no table"),
        ({"kind": "acknowledge"}, "acknowledgement without an alert number"),
        ({"kind": "acknowledge", "alert": True, "by": "x"}, "acknowledgement without an alert number"),
        ({"kind": "acknowledge", "alert": 1}, "acknowledgement without a name"),
        ({"kind": "acknowledge", "alert": 1, "by": " \n"}, "acknowledgement without a name"),
        ({"kind": "acknowledge", "alert": 10**30, "by": "x"}, "acknowledgement of an alert that is not there"),
    ],
)
def test_a_malformed_command_is_counted(command, reason):
    seat = Seat().see(mode_a=0o7700).see(mode_a=0o7700, commands=(command,))
    assert seat.state.rejects.counts == {reason: 1}
    assert np.isnan(seat.alerts.acknowledged_s[0])


def test_a_command_of_another_kind_is_not_ours_to_count():
    assert Seat().see(commands=({"kind": "identity"}, {})).state.rejects.total() == 0


def test_a_full_list_gives_way_to_the_more_severe_and_says_how_many_are_not_shown():
    seat = Seat(WatchConfig(max_alerts=3)).see(n=3, protected=1)
    assert seat.rules == ["protected_flight"] * 3
    seat.see(n=5, protected=1, mode_a=np.array([0o7700, 0o7600, -1, -1, -1]))
    assert sorted(seat.rules) == ["alerts_overflow", "emergency_general", "emergency_radio", "protected_flight"]
    assert seat.alerts.detail[seat.alerts.rule == b"alerts_overflow"].tolist() == [b"4"]
    assert seat.state.ledger.not_shown == 4
    assert seat.state.ledger.overflow >= 6
    seat.see(n=5, mode_a=np.array([0o7700, 0o7600, -1, -1, -1]), after_s=31)
    assert sorted(seat.rules) == ["emergency_general", "emergency_radio"]
