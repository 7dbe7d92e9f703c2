"""The life of an alert, what a supervisor says of its rule, what persons entered, and who is proposed for attention."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.batch import AlertState, Identities, Integrity, Severity, TrackFlag, Tracks
from tenere.errors import Rejects
from tenere.units import FPM_MS
from tenere.watch import RULES, WatchConfig, init, orders, step
from tenere.watch.attention import AttentionConfig, propose
from tenere.watch.config import RuleConfig, SensorHealth
from tenere.watch.distress import Distress
from tenere.watch.entered import Entered
from tenere.watch.ledger import Ledger
from tenere.watch.view import Because, Condition, View
from tenere.world import World

CONFIRMED = int(TrackFlag.CONFIRMED)


def condition(severity: Severity = Severity.WARNING, **more: object) -> Condition:
    return Condition("stca", severity, 7, -1, b"A|B", 5.0, **{"because": (Because("stca_closest", 1.0, b"1"),), **more})


def only(ledger: Ledger):
    rows = ledger.columns()
    assert len(rows) == 1
    return rows


def test_a_condition_rises_before_it_is_raised_and_falls_after_it_is_false():
    ledger = Ledger(WatchConfig())
    for t in range(3):
        ledger.hold([condition(rise_s=3.0)], float(t))
        assert not len(ledger.columns())
    ledger.hold([], 3.0)  # a gap begins it anew
    for t in range(4, 7):
        ledger.hold([condition(rise_s=3.0)], float(t))
        assert not len(ledger.columns())
    ledger.hold([condition(rise_s=3.0)], 7.0)
    assert only(ledger).since_s[0] == 7.0
    ledger.hold([], 12.0)
    assert only(ledger).state[0] == AlertState.RAISED
    ledger.hold([], 12.5)
    assert only(ledger).state[0] == AlertState.CLEARED  # told once more, then gone
    ledger.hold([], 13.0)
    assert not len(ledger.columns())


def test_two_tracks_are_one_alert_in_either_order_and_its_evidence_joins():
    ledger = Ledger(WatchConfig())
    ledger.hold([condition(other=3)], 0.0)
    ledger.hold([condition(other=3)._replace(track=3, other=7)], 1.0)
    rows, why = only(ledger), ledger.evidence()
    assert (rows.track[0], rows.other[0]) == (3, 7)
    assert (why.alert[0], why.rule[0], why.detail[0]) == (rows.alert[0], b"stca_closest", b"1")


def test_an_alert_nobody_acknowledges_becomes_graver_once():
    ledger = Ledger(WatchConfig(escalate_s=10.0))
    for t in range(40):
        ledger.hold([condition(Severity.CAUTION)], float(t))
        assert only(ledger).severity[0] == (Severity.CAUTION if t < 10 else Severity.WARNING)
    assert only(ledger).escalated[0] == 1


def test_an_acknowledged_alert_does_not_grow_and_is_in_hand():
    ledger = Ledger(WatchConfig(escalate_s=10.0))
    ledger.hold([condition()], 0.0)
    assert ledger.acknowledge(1, b"AMINA", 1.0) == ""
    assert ledger.acknowledge(1, b"OTHER", 2.0) != ""
    assert ledger.hand_over(1, b"SECTOR 2") == ""
    for t in range(3, 40):
        ledger.hold([condition()], float(t))
    rows = only(ledger)
    assert (rows.severity[0], rows.state[0]) == (Severity.WARNING, AlertState.ACKNOWLEDGED)
    assert (rows.by[0], rows.owner[0]) == (b"AMINA", b"SECTOR 2")


def test_a_suppression_ends_by_itself_and_by_what_is_graver():
    ledger = Ledger(WatchConfig(escalate_s=0.0))
    ledger.hold([condition()], 0.0)
    assert ledger.suppress(1, 30.0, b"formation", b"AMINA", 1.0) == ""
    ledger.hold([condition()], 2.0)
    assert only(ledger).state[0] == AlertState.SUPPRESSED
    ledger.hold([condition()], 30.0)
    assert only(ledger).state[0] == AlertState.RAISED
    assert ledger.suppress(1, 60.0, b"formation", b"AMINA", 31.0) == ""
    ledger.hold([condition(Severity.EMERGENCY)], 32.0)
    assert only(ledger).state[0] == AlertState.RAISED
    assert "emergency" in ledger.suppress(1, 60.0, b"formation", b"AMINA", 33.0)


@pytest.mark.parametrize(
    ("until_s", "reason"), [(math.nan, b"x"), (0.5, b"x"), (1e9, b"x"), (60.0, b"")], ids=["no end", "past", "too long", "no reason"]
)
def test_a_suppression_needs_an_end_and_a_reason(until_s, reason):
    ledger = Ledger(WatchConfig())
    ledger.hold([condition()], 0.0)
    assert ledger.suppress(1, until_s, reason, b"AMINA", 1.0) != ""
    assert only(ledger).state[0] == AlertState.RAISED


def test_what_the_supervisor_says_of_a_rule_holds():
    said = {"stca": RuleConfig(severity="information", rise_s=2.0, hold_s=50.0)}
    ledger = Ledger(WatchConfig(rules=said))
    for t in range(3):
        ledger.hold([condition()], float(t))
    assert only(ledger).severity[0] == Severity.INFORMATION
    assert only(ledger).since_s[0] == 2.0
    ledger.hold([], 50.0)
    assert only(ledger).state[0] == AlertState.RAISED
    ledger.config = WatchConfig(rules={"stca": RuleConfig(enabled=False)})
    ledger.hold([condition()], 60.0)
    ledger.hold([condition()], 120.0)
    assert not len(ledger.columns())


def test_rules_are_edited_whole_or_not_at_all():
    state, rejects = init(WatchConfig()), Rejects()
    bad = (
        {"kind": "rules", "set": {"stca": {"enabled": False}}},
        {"kind": "rules", "set": {"nonsense": {}}, "by": "SUP"},
        {"kind": "rules", "set": {"stca": {"rise_s": -1.0}}, "by": "SUP"},
        {"kind": "rules", "set": {"stca": {"colour": "red"}}, "by": "SUP"},
        {"kind": "rules", "set": 3, "by": "SUP"},
    )
    for command in bad:
        assert orders.read_rules(command, RULES, rejects) is None
    assert rejects.total() == len(bad)
    good = {"kind": "rules", "set": {"stca": {"enabled": False}, "msaw": {"severity": "caution"}}, "by": "SUP"}
    state, _ = step(state, Tracks.blank(0), Identities.blank(0), 1.0, commands=(good,))
    assert not state.config.rules["stca"].enabled
    assert state.ledger.config is state.config


def seen(
    entered: Entered | None = None,
    config: WatchConfig | None = None,
    distress: Distress | None = None,
    time_s: float = 100.0,
    **columns: object,
) -> View:
    who = {"civil": 0, "protected": 0, "plan": -1, "confidence": 0.5, "integrity": 0, "identity": 1}
    who = {k: columns.pop(k, v) for k, v in who.items()}
    trusted = columns.pop("trusted", True)
    tracks = Tracks.blank(1, **{"number": 7, "flags": CONFIRMED, "update_s": 100.0, "callsign": b"IRA655", **columns})
    distress = distress or Distress()
    distress.step(tracks, np.array([0]), time_s, 300.0)
    return View(
        config or WatchConfig(), World(), time_s, tracks, Identities.blank(1, number=7, **who), np.array([0]), np.array([trusted]), (),
        SensorHealth.none(), (), np.zeros(0, np.bool_), entered or Entered(), distress,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "columns", "told"),
    [
        ({"what": "descending"}, {"vertical_rate_ms": 1500 * FPM_MS}, b"IRA655|trend|descending|climbing|CWO"),
        ({"what": "climbing"}, {"vertical_rate_ms": 1500 * FPM_MS}, None),
        ({"what": "level"}, {"vertical_rate_ms": 100 * FPM_MS}, None),
        ({"what": "descending"}, {"vertical_rate_ms": math.nan, "trend": 2}, b"IRA655|trend|descending|climbing|CWO"),
        ({"what": "descending"}, {"vertical_rate_ms": math.nan, "trend": 0}, None),
        ({"what": "mode_a", "value": 0o1100}, {"mode_a": 0o6760}, b"IRA655|mode_a|1100|6760|CWO"),
        ({"what": "mode_a", "value": 0o1100}, {"mode_a": -1}, None),
        ({"what": "speed_kt", "value": 380}, {"speed_ms": 240.0}, b"IRA655|speed_kt|380|467|CWO"),
        ({"what": "speed_kt", "value": 450}, {"speed_ms": 240.0}, None),
        ({"what": "level_ft", "value": 7000}, {"pressure_altitude_m": 4000.0}, b"IRA655|level_ft|7000|13123|CWO"),
        ({"what": "callsign", "value": "abc1"}, {}, b"IRA655|callsign|ABC1|IRA655|CWO"),
        ({"what": "descending"}, {"vertical_rate_ms": 8.0, "trusted": False}, None),
        ({"what": "descending"}, {"vertical_rate_ms": 8.0, "update_s": 80.0}, None),
    ],
)
def test_a_claim_is_held_against_what_is_measured(claim, columns, told):
    from tenere.watch.families import contradiction

    entered = Entered()
    entered.take({"kind": "claim", "track": 7, "by": "CWO", **claim}, 99.0, Rejects())
    found = list(contradiction.step(None, seen(entered, **columns)))
    assert [c.detail for c in found] == ([told] if told else [])
    for c in found:
        assert {b.weight > 0 for b in c.because} == {True, False}  # both sides


@pytest.mark.parametrize(
    "command",
    [
        {"kind": "claim", "track": 7, "what": "descending"},
        {"kind": "claim", "track": True, "what": "descending", "by": "X"},
        {"kind": "claim", "track": 7, "what": "speed_kt", "value": "fast", "by": "X"},
        {"kind": "claim", "track": 7, "what": "mode_a", "value": 99999, "by": "X"},
        {"kind": "claim", "track": 7, "what": ["descending"], "by": "X"},
        {"kind": "radio", "track": 7, "state": "odd", "by": "X"},
        {"kind": "cleared", "track": 7, "level_ft": math.nan, "by": "X"},
    ],
)
def test_what_cannot_be_understood_is_counted(command):
    entered, rejects = Entered(), Rejects()
    entered.take(command, 1.0, rejects)
    assert (rejects.total(), entered.words) == (1, {})


def test_words_end_with_their_time_and_when_they_are_taken_back():
    entered, rejects = Entered(), Rejects()
    entered.take({"kind": "cleared", "track": 7, "level_ft": 10_000, "by": "X"}, 0.0, rejects)
    entered.take({"kind": "radio", "track": 7, "state": "lost", "by": "X"}, 0.0, rejects)
    assert entered.cleared_level_m(7) == pytest.approx(3048.0)
    assert entered.radio_lost(7) is not None
    entered.take({"kind": "cleared", "track": 7, "level_ft": None, "by": "X"}, 1.0, rejects)
    entered.take({"kind": "radio", "track": 7, "state": "regained", "by": "X"}, 1.0, rejects)
    assert math.isnan(entered.cleared_level_m(7))
    assert entered.radio_lost(7) is None
    entered.forget(10_000.0)
    assert entered.words == {}


INSIDE = Condition("airspace_entered", Severity.WARNING, 7, -1, b"", 5.0)
SILENT = Condition("transponder_silent", Severity.CAUTION, 7, -1, b"", 5.0)


@pytest.mark.parametrize(
    ("conditions", "columns", "proposed"),
    [
        ((INSIDE,), {}, True),
        ((), {}, False),
        ((SILENT,), {"confidence": 0.99}, False),  # silence alone never does
        ((INSIDE,), {"civil": 1, "confidence": 0.9}, False),
        ((INSIDE,), {"protected": 1, "confidence": 0.9}, False),
        ((INSIDE,), {"civil": 1, "confidence": 0.5, "integrity": Integrity.CONTRADICTED}, True),
        ((), {"civil": 1, "confidence": 0.5, "integrity": Integrity.CONTRADICTED}, False),  # others may speak in its name
        ((SILENT,), {"confidence": 0.99, "integrity": Integrity.CONTRADICTED}, False),
        ((INSIDE,), {"civil": 1, "confidence": 0.5, "integrity": Integrity.DOUBTFUL}, False),
        ((INSIDE,), {"trusted": False}, False),
        ((INSIDE._replace(severity=Severity.INFORMATION),), {"confidence": 0.9}, False),  # what the rule holds for harmless
        ((INSIDE._replace(rule="airspace_entered_emergency"),), {}, False),
        ((INSIDE,), {"mode_a": 0o7600}, False),  # in trouble: its alerts say what to do
        ((INSIDE,), {"emergency": 2}, False),
    ],
)
def test_who_is_proposed_for_attention(conditions, columns, proposed):
    found = list(propose(seen(**columns), conditions))
    assert bool(found) == proposed
    for c in found:
        assert c.severity == Severity.CAUTION
        assert len(c.because) >= 2


def test_a_word_of_distress_holds_while_others_speak_under_the_same_address():
    heard = Distress()
    contradicted = {"civil": 1, "confidence": 0.5, "integrity": Integrity.CONTRADICTED}
    assert not list(propose(seen(distress=heard, mode_a=0o7600, **contradicted), (INSIDE,)))
    assert not list(propose(seen(distress=heard, time_s=399.0, mode_a=0o420, **contradicted), (INSIDE,)))  # the other's code
    assert list(propose(seen(distress=heard, time_s=401.0, mode_a=0o420, **contradicted), (INSIDE,)))  # a code hides nobody for ever


def test_silence_never_proposes_however_low_the_threshold():
    config = WatchConfig(attention=AttentionConfig(threshold=-1000.0))
    assert not list(propose(seen(config=config, confidence=0.99), (SILENT,)))
