"""What alerts are worth: verdicts, outcomes and the truth they rest on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.watch.families.stca import minima_of, standards
from tenere.watch.nuisance import Raised, Scored, judge_conflict, judge_entry, outcome_of
from tenere.watch.stca_config import NM_M, StcaConfig
from tenere.watch.truth import Moment, Truth, would_meet

CONFIG = StcaConfig()


def moment(time_s: float, rows: list[tuple[int, float, float, float, float, float]]) -> Moment:
    """Return a moment of aircraft (who, x, y, z, vx, vy)."""
    a = np.array(rows, float).reshape(-1, 6)
    n, zero = len(a), np.zeros(len(a))
    return Moment(
        time_s, a[:, 0].astype(np.int64), np.zeros(n, np.int64), a[:, 1], a[:, 2], a[:, 3], a[:, 4], a[:, 5],
        zero, zero, zero, np.zeros(n, bool), np.zeros(n, bool),
    )  # fmt: skip


def flown(aside_m: float, *, turns_at: int = 10_000, seconds: int = 240) -> tuple[Truth, dict[float, int]]:
    """Return the truth of two aircraft head on at 200 m/s each that meet after 120 s, unless the second turns away at a time."""
    truth, ticks = Truth(standards(CONFIG), minima_of(CONFIG)), {}
    for k in range(seconds):
        x2, y2, vy = 48_000.0 - 200.0 * k, aside_m, 0.0
        if k > turns_at:
            x2, y2, vy = 48_000.0 - 200.0 * turns_at, aside_m + 200.0 * (k - turns_at), 200.0
        ticks[1000.0 + k] = k
        truth.add(k, moment(1000.0 + k, [(1, 200.0 * k, 0.0, 9000.0, 200.0, 0.0), (2, x2, y2, 9000.0, -200.0 if vy == 0 else 0.0, vy)]))
    return truth, ticks


def alert(time_s: float, **more: object) -> Raised:
    made = {
        "number": 1, "rule": "stca", "severity": 2, "who": 1, "other": 2, "volume": "", "time_s": time_s, "predicted_s": math.nan,
        "tick": int(time_s - 1000.0),
    }  # fmt: skip
    return Raised(**{**made, **more})


def test_an_alert_before_a_real_loss_is_real():
    truth, _ = flown(2 * NM_M)
    verdict = judge_conflict(alert(1040.0), truth, 120.0)
    assert verdict.kind == "real"
    assert verdict.least == pytest.approx(0.4, abs=0.01)


def test_an_alert_of_aircraft_that_pass_well_apart_is_a_nuisance():
    truth, _ = flown(7 * NM_M)
    assert judge_conflict(alert(1040.0), truth, 120.0).kind == "nuisance"


def test_an_alert_that_a_turn_made_needless_is_averted():
    truth, _ = flown(0.0, turns_at=60)
    assert judge_conflict(alert(1055.0), truth, 120.0).kind == "averted"
    assert judge_conflict(alert(1063.0), truth, 120.0).kind == "nuisance"  # the turn was done


def test_an_alert_about_one_aircraft_twice_or_none_is_false():
    truth, _ = flown(0.0)
    assert judge_conflict(alert(1040.0, other=1), truth, 120.0).kind == "false"
    assert judge_conflict(alert(1040.0, other=77), truth, 120.0).kind == "false"


def test_losses_are_in_time_late_or_missed():
    truth, ticks = flown(0.0)
    (loss,) = truth.serious[1, 2]
    assert loss.first_s == pytest.approx(1000.0 + 120.0 - 0.65 * 5 * NM_M / 400.0, abs=1.5)
    told = {lead: outcome_of(loss, [alert(loss.first_s - lead)], truth, ticks, 30.0, 10.0, 120.0) for lead in (40.0, 12.0)}
    assert (told[40.0].outcome, told[40.0].warning_s) == ("in_time", 40.0)
    assert told[12.0].outcome == "late"
    assert told[12.0].foreseeable_s > 60.0
    assert outcome_of(loss, [], truth, ticks, 30.0, 10.0, 120.0).outcome == "missed"
    assert (
        outcome_of(
            loss, [alert(loss.last_s + 5.0), alert(loss.first_s - 150.0, until_s=loss.first_s - 140.0)], truth, ticks, 30.0, 10.0, 120.0
        ).outcome
        == "missed"
    )


def test_a_loss_that_nobody_could_foresee_asks_no_more_than_the_reaction():
    truth, ticks = Truth(standards(CONFIG), minima_of(CONFIG)), {}
    for k in range(120):  # the second turns towards the first at 60 s, 8 km away
        y2, vy = (12_000.0, 0.0) if k < 60 else (12_000.0 - 300.0 * (k - 60), -300.0)
        ticks[1000.0 + k] = k
        truth.add(k, moment(1000.0 + k, [(1, 200.0 * k, 0.0, 9000.0, 200.0, 0.0), (2, 200.0 * k, y2, 9000.0, 200.0, vy)]))
    (loss,) = truth.serious[1, 2]
    assert outcome_of(loss, [alert(loss.first_s - 10.0)], truth, ticks, 30.0, 10.0, 120.0).outcome == "in_time"
    assert outcome_of(loss, [alert(loss.first_s - 5.0)], truth, ticks, 30.0, 10.0, 120.0).outcome == "late"


def test_aircraft_that_fly_together_are_a_formation():
    truth = Truth(standards(CONFIG), minima_of(CONFIG))
    for k in range(60):
        truth.add(k, moment(1000.0 + k, [(1, 200.0 * k, 0.0, 9000.0, 200.0, 0.0), (2, 200.0 * k, 300.0, 9000.0, 200.0, 0.0)]))
    assert truth.losses[1, 2][0].formation


def test_levels_and_planes_separate():
    truth = Truth(standards(CONFIG), minima_of(CONFIG))
    truth.add(0, moment(1000.0, [(1, 0.0, 0.0, 9000.0, 200.0, 0.0), (2, 100.0, 0.0, 9310.0, -200.0, 0.0)]))
    assert not truth.losses
    apart = moment(1000.0, [(1, 0.0, 0.0, 9000.0, 200.0, 0.0), (2, 100.0, 0.0, 9000.0, -200.0, 0.0)])._replace(frame=np.array([0, 1]))
    assert math.isnan(would_meet(apart, (1, 2), truth.layers, 120.0))


def test_airspace_alerts_are_held_against_where_the_flight_went():
    truth, _ = flown(50_000.0)

    def inside(_volume: str, _lat: float, _lon: float, _z: float, time_s: float) -> bool | None:
        return time_s >= 1100.0

    entry = alert(1040.0, rule="apw", volume="LSR1", other=0)
    assert judge_entry(entry, truth, 120.0, inside).kind == "real"
    assert judge_entry(entry, truth, 20.0, inside).kind == "nuisance"
    assert judge_entry(alert(1040.0, who=9, other=0), truth, 20.0, inside).kind == "false"
    assert judge_entry(entry, truth, 120.0, lambda *_: None).kind == "unjudged"


def test_an_entry_that_straight_flight_led_into_is_averted():
    truth, _ = flown(50_000.0)
    entry = alert(1040.0, rule="airspace_predicted", volume="LSR1", other=0)

    def east_of(_volume: str, _lat: float, lon: float, _z: float, _time_s: float) -> bool | None:
        return lon > 200.0 * 60 / 6.371e6  # truth says longitude 0 throughout, and 200 m/s eastwards

    assert judge_entry(entry, truth, 90.0, east_of).kind == "averted"
    assert judge_entry(entry, truth, 30.0, east_of).kind == "nuisance"


def test_aircraft_that_land_lose_no_separation():
    truth = Truth(standards(CONFIG), minima_of(CONFIG))
    two = moment(1000.0, [(1, 0.0, 0.0, 100.0, 60.0, 0.0), (2, 500.0, 0.0, 100.0, 60.0, 0.0)])
    truth.add(0, two._replace(landing=np.array([True, False])))
    assert not truth.losses
    truth.add(1, two)
    assert truth.losses


def test_the_rates_are_by_flight_hour_and_rule():
    truth, _ = flown(7 * NM_M)
    scored = Scored(hours=4.0, verdicts=[judge_conflict(alert(1040.0), truth, 120.0)] * 2)
    assert scored.nuisance_per_hour() == 0.5
    assert scored.nuisance_per_hour(["apw"]) == 0.0
    assert scored.by_rule()["stca"]["nuisance"] == 2
    assert math.isnan(Scored().nuisance_per_hour())
