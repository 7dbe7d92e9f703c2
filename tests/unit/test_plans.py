"""The book of plans: what messages change, and what they must never take away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere import identify
from tenere.batch import Tracks
from tenere.config import Config
from tenere.errors import Rejects
from tenere.pipeline import Pipeline
from tenere.plans import STALE_S, Plan, PlanBook, PlanMessage
from tenere.site import SourceConfig
from tenere.tick import Chunk, Tick

T = 1.9e9
RELIEF = Plan(callsign="UNO123", departure="DRRN", destination="DRZA", off_block_s=T, sts=("HUM",), address="0a00a1")


def said(kind, plan=RELIEF, **more):
    return PlanMessage(kind=kind, plan=plan, time_s=T, **more)


def book(*messages, known=(), time_s=T):
    made, rejects = PlanBook.of(known), Rejects()
    changed = made.take(messages, time_s, rejects)
    return made, rejects.counts, changed


def test_a_filed_plan_is_entered_once_and_filed_again_is_amended():
    made, rejects, changed = book(said("FPL"), said("FPL", Plan(callsign="UNO123", departure="DRRN", aircraft_type="AT72")))
    assert changed
    assert rejects == {}
    assert [(p.callsign, p.aircraft_type, p.sts, p.destination) for p in made.rows] == [("UNO123", "AT72", ("HUM",), "DRZA")]


def test_the_same_callsign_a_day_later_is_another_flight():
    tomorrow = Plan(callsign="UNO123", departure="DRRN", destination="DRZA", off_block_s=T + 86400)
    made, _, _ = book(said("FPL"), said("FPL", tomorrow))
    assert len(made.rows) == 2


def test_a_change_never_takes_special_handling_away():
    made, _, _ = book(said("FPL"), said("CHG", Plan(callsign="UNO123", destination="DRZA", sts=("MEDEVAC",))))
    assert made.rows[0].sts == ("HUM", "MEDEVAC")


def test_a_delay_moves_the_off_block_time():
    made, _, _ = book(said("FPL"), said("DLA", Plan(callsign="UNO123"), at_s=T + 1800))
    assert made.rows[0].off_block_s == T + 1800


@pytest.mark.parametrize("kind", ["CNL", "ARR"])
def test_a_flight_that_is_over_names_no_new_track_and_keeps_its_row(kind):
    made, _, changed = book(said("FPL"), said(kind))
    assert changed
    assert made.active == [False]
    assert made.rows == [RELIEF]
    assert made.find(RELIEF) == -1


def test_no_message_takes_a_plan_of_the_site_file_away():
    made, _, _ = book(said("CNL"), known=(RELIEF,), time_s=T + 2 * STALE_S)
    assert made.active == [True]


def test_old_plans_go_to_rest():
    made, _, _ = book(said("FPL"))
    assert made.take([], T + STALE_S + 1, Rejects())
    assert made.active == [False]


def test_a_message_about_no_known_flight_is_counted():
    _, rejects, changed = book(said("DEP"), said("CNL", Plan(callsign="")))
    assert rejects == {"DEP of a flight that has no plan": 1, "CNL of a flight that has no plan": 1}
    assert not changed


def test_the_book_is_bounded(monkeypatch):
    monkeypatch.setattr(PlanBook, "LIMIT", 1)
    made, rejects, _ = book(said("FPL"), said("FPL", Plan(callsign="OTHER")))
    assert len(made.rows) == 1
    assert rejects == {"flight plan beyond the limit of the book": 1}


def test_a_plan_that_arrives_late_protects_a_track_already_seen_and_its_cancelling_does_not_unprotect():
    state = identify.init(Config().identify)
    tracks = Tracks.blank(1, number=1, time_s=T, first_s=T - 60, address=0x0A00A1, callsign=b"UNO123", kinds=0)
    state, before, _ = identify.step(state, tracks, T)
    assert before.protected[0] == 0
    made, _, _ = book(said("FPL"))
    state, after, _ = identify.step(identify.replan(state, made.rows, made.active), tracks, T + 1)
    assert after.protected[0] == 1
    made.take([said("CNL")], T + 2, Rejects())
    state, kept, _ = identify.step(identify.replan(state, made.rows, made.active), tracks, T + 3)
    assert kept.protected[0] == 1
    other = Tracks.blank(1, number=2, time_s=T, first_s=T - 60, address=0x0A00A2, callsign=b"UNO123", kinds=0)
    _, new, _ = identify.step(state, other, T + 4)
    assert new.protected[0] == 0


def test_a_live_feed_of_plans_reaches_identities_and_alerts():
    config = Config(source=(SourceConfig(id="aftn", format="fpl"), SourceConfig(id="adsb", format="modes_hex")))
    picture = Pipeline(config)
    state = picture.init()
    text = b"(FPL-UNO123-IS-AT72/M-S/S-DRRN1746-N0270F180 DCT-DRZA0130 DRRN-DOF/300317 STS/HUM CODE/0A00A1)\r\n"
    state, _ = picture.step(state, Tick(0, T, (Chunk.of("aftn", [text], T),)))
    assert [p.sts for p in state.plans.rows] == [("HUM",)]
    assert state.plans.rows[0].callsign == "UNO123"
    assert math.isfinite(state.plans.rows[0].off_block_s)
    assert state.watch.plans == tuple(state.plans.rows)
    assert np.array_equal(state.identify.plans.protected, [True])
