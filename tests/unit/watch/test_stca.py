"""Short-term conflict alert: who is alerted, how early, and who is not."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from tests.unit.watch.nets import Seat, tracks

from tenere.batch import AircraftClass, Severity, TrackFlag, Tracks
from tenere.watch import SensorHealth, WatchConfig
from tenere.watch.config import RuleConfig
from tenere.watch.kernels import encounter as k
from tenere.watch.stca_config import FT_M, NM_M, StcaConfig


def head_on(apart_m: float, aside_m: float = 1000.0, **more: object) -> Tracks:
    """Two aircraft that fly towards each other at 220 m/s each."""
    return tracks(**{"x_m": np.array([0.0, apart_m]), "y_m": np.array([0.0, aside_m]), "vx_ms": np.array([220.0, -220.0]), **more})


def test_aircraft_that_meet_are_alerted_with_time_distance_and_evidence():
    seat = Seat().look(head_on(40_000.0))
    assert seat.rules == ["stca"]
    a = seat.alerts
    assert (int(a.track[0]), int(a.other[0])) == (1, 2)
    assert a.severity[0] == Severity.CAUTION
    near_m = 5 * NM_M * StcaConfig().share_horizontal
    wanted_s = (40_000.0 - math.sqrt(near_m**2 - 1000.0**2)) / 440.0
    assert abs(a.predicted_s[0] - 1000.0 - wanted_s) < 6.0
    said = {e.decode() for e in seat.evidence.rule.tolist()}
    assert {"stca_closest", "stca_probability", "stca_minima"} <= said
    assert b"|0.5|" in a.detail[0]  # 1,000 m is 0.54 NM


def test_near_conflicts_are_warnings_and_told_at_once():
    seat = Seat().look(head_on(14_000.0), 1)
    assert seat.rules == ["stca"]
    assert seat.alerts.severity[0] == Severity.WARNING


def test_the_rule_when_off_says_nothing():
    for config in (WatchConfig(stca=StcaConfig(enabled=False)), WatchConfig(rules={"stca": RuleConfig(enabled=False)})):
        assert Seat(config).look(head_on(14_000.0)).rules == []


@pytest.mark.parametrize(
    "columns",
    [
        {"pressure_altitude_m": np.array([9000.0, 9000.0 + 1000 * FT_M])},  # 1,000 ft apart, level
        {"y_m": np.array([0.0, 5 * NM_M])},  # 5 NM aside
        {"vx_ms": np.array([-220.0, 220.0])},  # they go apart
        {"flags": int(TrackFlag.CONFIRMED | TrackFlag.ON_GROUND)},
        {"frame": np.array([0, 1])},  # planes of different sensors: nothing is known of the distance
        {"address": 0x062A01},  # one aircraft, twice in the picture
        {"pressure_altitude_m": np.array([9000.0, np.nan])},
        {"first_s": np.array([0.0, 998.0])},
        {"vx_ms": np.array([12.0, -12.0]), "x_m": np.array([0.0, 700.0])},
    ],
)
def test_no_alert_where_none_is_due(columns: dict[str, object]):
    assert Seat().look(head_on(14_000.0, **columns)).rules == []


def test_untrusted_sensors_raise_no_conflict_and_trusted_ones_do():
    picture = head_on(14_000.0, sensors=np.array([1, 2], np.uint64))
    said = {"sensor": np.array([0, 1], np.int16), "silent": np.zeros(2, bool), "names": ("A", "B")}
    bad = SensorHealth(**said, untrusted=np.array([False, True]), doubtful=np.zeros(2, bool))
    good = SensorHealth(**said, untrusted=np.zeros(2, bool), doubtful=np.zeros(2, bool))
    assert "stca" not in Seat().look(picture, sensors=bad).rules
    assert "stca" in Seat().look(picture, sensors=good).rules


def climbing(rate_ms: float = 10.0, below_m: float = 600.0) -> Tracks:
    """One level, one that climbs towards its level on the same track, 20 km apart head on."""
    return head_on(24_000.0, 0.0, pressure_altitude_m=np.array([9000.0, 9000.0 - below_m]), vertical_rate_ms=np.array([0.0, rate_ms]))


def test_a_cleared_level_keeps_a_climb_apart_and_another_one_does_not():
    assert Seat().look(climbing()).rules == ["stca"]
    apart_ft, through_ft = (9000.0 - 305.0) / FT_M, 9000.0 / FT_M
    quiet = Seat().look(climbing(), commands=({"kind": "cleared", "track": 2, "level_ft": apart_ft, "by": "Lt Issa"},))
    assert quiet.rules == []
    loud = Seat().look(climbing(), commands=({"kind": "cleared", "track": 2, "level_ft": through_ft, "by": "Lt Issa"},))
    assert loud.rules == ["stca"]
    assert b"stca_cleared" in loud.evidence.rule.tolist()


def test_a_far_climb_is_quiet_without_a_cleared_level_and_told_with_one():
    slow = climbing(rate_ms=5.0, below_m=700.0).replace(x_m=np.array([0.0, 52_000.0]))
    assert Seat().look(slow).rules == []
    assert Seat().look(slow, commands=({"kind": "cleared", "track": 2, "level_ft": 9000.0 / FT_M, "by": "x"},)).rules == ["stca"]


def test_flights_by_eye_have_smaller_minima():
    low = {"pressure_altitude_m": 1000.0, "vx_ms": np.array([60.0, -60.0]), "x_m": np.array([0.0, 3000.0]), "y_m": np.array([0.0, 1200.0])}
    assert Seat().look(head_on(0.0, **low)).rules == ["stca"]
    assert Seat().look(head_on(0.0, **low, aircraft_class=int(AircraftClass.LIGHT))).rules == []
    assert Seat().look(head_on(0.0, **low, mode_a=np.array([0o7000, 0o2000]))).rules == []
    near = {**low, "y_m": np.array([0.0, 100.0])}
    assert Seat().look(head_on(0.0, **near, mode_a=0o7000)).rules == ["stca"]


def test_a_turn_away_is_counted():
    turn = {"turn_rads": np.array([0.0, 0.052]), "turn_probability": np.array([0.0, 0.95])}
    assert Seat().look(head_on(35_000.0, 0.0)).rules == ["stca"]
    assert Seat().look(head_on(35_000.0, 0.0, **turn), 1).rules == []


def test_a_pair_that_flies_together_from_birth_is_told_and_not_alerted():
    pair = tracks(vx_ms=150.0, y_m=np.array([0.0, 300.0]), first_s=985.0)
    assert Seat().look(pair).rules == ["stca_together"]


def test_a_pair_that_joins_is_alerted_first_and_told_later():
    pair = tracks(vx_ms=150.0, y_m=np.array([0.0, 300.0]))
    seat = Seat().look(pair)
    assert seat.rules == ["stca"]
    assert "stca_together" in seat.look(pair, int(StcaConfig().together_s) + 20).rules
    assert "stca" not in seat.rules


def test_the_alert_ends_some_seconds_after_they_have_parted():
    seat = Seat().look(head_on(14_000.0), 2)
    apart = head_on(14_000.0, vx_ms=np.array([-220.0, 220.0]))
    assert seat.look(apart, 5).rules == ["stca"]
    assert seat.look(apart, 20).rules == []


def test_protected_flights_are_alerted_like_others():
    from tenere.batch import Identities
    from tenere.watch import init, step

    state, picture = init(WatchConfig()), head_on(14_000.0, time_s=1000.0, update_s=1000.0)
    _, seen = step(state, picture, Identities.blank(2, number=picture.number, protected=1, civil=1), 1000.0)
    assert b"stca" in seen.alerts.rule.tolist()


def slow_pairs(a: np.ndarray, layers: np.ndarray, s: np.ndarray) -> list[tuple[int, int, float]]:
    """Try every pair: what the kernel's cells must not lose."""
    out, row = [], np.zeros(k.FOUND)
    for i in range(len(a)):
        for j in range(i + 1, len(a)):
            near, above = k.minima(a[i, k.Z], a[j, k.Z], False, layers)
            k.assess(a[i], a[j], near, above, s, 60.0, row)
            if row[k.FOUND_P] >= s[k.LEAST]:
                out.append((i, j, round(float(row[k.FOUND_P]), 9)))
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_cells_lose_no_pair(seed: int):
    from tenere.watch.families.stca import init
    from tenere.world import World

    state, rng, n = init(WatchConfig(), World()), np.random.Generator(np.random.PCG64(seed)), 400
    a = np.zeros((n, k.WIDTH))
    a[:, k.X], a[:, k.Y] = rng.uniform(-9e4, 9e4, n), rng.uniform(-9e4, 9e4, n)
    a[:, k.VX], a[:, k.VY] = rng.normal(0, 150, n), rng.normal(0, 150, n)
    a[:, k.Z], a[:, k.RATE] = rng.uniform(500, 13_000, n), np.where(rng.random(n) < 0.4, rng.normal(0, 10, n), 0.0)
    a[:, k.TARGET] = np.where(rng.random(n) < 0.3, a[:, k.Z] + rng.normal(0, 800, n), np.nan)
    a[:, k.TURN], a[:, k.TURNING] = rng.normal(0, 0.03, n), rng.random(n) ** 3
    a[:, k.VAR_XX] = a[:, k.VAR_YY] = rng.uniform(10, 1e5, n)
    a[:, k.VAR_V], a[:, k.VAR_Z] = rng.uniform(0, 100, n), 225.0
    found, over = k.pairs(a, np.zeros(n, np.int64), np.zeros(n, bool), np.full(n, -1, np.int64), state.layers, state.settings, 60.0, 10_000)
    got = sorted((min(int(r[0]), int(r[1])), max(int(r[0]), int(r[1])), round(float(r[k.FOUND_P]), 9)) for r in found)
    wanted = sorted(slow_pairs(a, state.layers, state.settings))
    assert over == 0
    assert [g[:2] for g in got] == [w[:2] for w in wanted]
    assert np.allclose([g[2] for g in got], [w[2] for w in wanted])
    assert len(wanted) > 5


def test_the_settings_reach_the_kernel():
    wide = WatchConfig(stca=msgspec.structs.replace(StcaConfig(), share_horizontal=1.0))
    aside = head_on(30_000.0, 4 * NM_M)
    assert Seat().look(aside).rules == []
    assert Seat(wide).look(aside).rules == ["stca"]
