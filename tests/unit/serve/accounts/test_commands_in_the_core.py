"""What a signed-in person sends is understood by the stages that know the command: `signed` beside its fields troubles none."""

from __future__ import annotations

import msgspec
import pytest

from tenere.airspace.setting import AirspaceConfig
from tenere.config import Config
from tenere.pipeline import Pipeline
from tenere.serve.accounts.roles import Role, Who
from tenere.serve.commands import parse_command
from tenere.tick import Tick

WHO = Who("sara", Role.SUPERVISOR, signed=True)


def test_a_track_made_by_hand_over_the_network_stands():
    picture = Pipeline(Config())
    report = {"kind": "track_report", "words": "seen from Dosso", "lat_deg": 13.3, "lon_deg": 3.2, "position_std_m": 500.0}
    command = parse_command(msgspec.json.encode(report), WHO)
    _, out = picture.step(picture.init(), Tick(0, 1.9e9, commands=(command,)))
    (answer,) = out.answers
    assert (answer.accepted, answer.by) == (True, "sara"), answer.text("en")


@pytest.mark.parametrize(("body", "rejects"), [
    ({"kind": "acknowledge", "alert": 7}, "watch"), ({"kind": "identity", "track": 7, "identity": "friend", "reason": "known"}, "identify"),
])  # fmt: skip
def test_what_is_understood_is_refused_for_its_number_alone(body, rejects):
    picture = Pipeline(Config())
    state, _ = picture.step(picture.init(), Tick(0, 1.9e9, commands=(parse_command(msgspec.json.encode(body), WHO),)))
    (reason,) = getattr(state, rejects).rejects.counts
    assert "without" not in reason


def test_a_qnh_set_by_a_person_holds():
    picture = Pipeline(Config())
    body = {"kind": "qnh", "station": "DRRN", "lat_deg": 13.5, "lon_deg": 2.1, "qnh_hpa": 1012.0}
    _, out = picture.step(picture.init(), Tick(0, 1.9e9, commands=(parse_command(msgspec.json.encode(body), WHO),)))
    assert [p.by for p in out.pressures] == ["sara"]


def rejected(state) -> dict[str, int]:
    return {
        **state.identify.rejects.counts,
        **state.watch.rejects.counts,
        **state.watch.book.rejects.counts,
        **state.watch.closures.rejects.counts,
    }


CIRCLE = {"type": "circle", "lat_deg": 13.0, "lon_deg": 2.0, "radius_m": 9e3}
EVERYTHING = [
    {"kind": "volume", "op": "put", "id": "TRA1", "volume": {"name": "Tra 1", "kind": "temporary", "floor": "FL100", "shape": CIRCLE}},
    {"kind": "volume", "op": "deactivate", "id": "TRA1"}, {"kind": "volume", "op": "activate", "id": "TRA1", "reason": "flown"},
    {"kind": "closure", "op": "note", "id": "C1", "text": "control was lost", "volumes": ["TRA1"]},
    {"kind": "closure", "op": "close", "id": "C1"}, {"kind": "closure", "op": "acknowledge", "id": "C1", "station": "DRRN"},
    {"kind": "closure", "op": "reopen", "id": "C1"}, {"kind": "volume", "op": "remove", "id": "TRA1"},
    {"kind": "registry", "op": "add", "address": "06205a", "label": "relief"},
    {"kind": "registry", "op": "add", "callsign": "UNO123", "label": "relief"}, {"kind": "registry", "op": "remove", "callsign": "UNO123"},
    {"kind": "rules", "set": {"border_entry": {"rise_s": 9.0}}},
    {"kind": "claim", "track": 7, "what": "climbing"}, {"kind": "claim", "track": 7, "what": "mode_a", "value": "7700"},
    {"kind": "claim", "track": 7, "what": "callsign", "value": "AFR703"}, {"kind": "claim", "track": 7, "what": "level_ft", "value": 31000},
    {"kind": "radio", "track": 7, "state": "lost"}, {"kind": "cleared", "track": 7, "level_ft": 31000},
    {"kind": "cleared", "track": 7, "level_ft": None},
]  # fmt: skip


def test_what_a_supervisor_may_ask_the_core_obeys():
    config = Config(airspace=AirspaceConfig(stations=("DRRN",)))
    picture = Pipeline(config)
    state = picture.init()
    for k, body in enumerate(EVERYTHING):
        state, _ = picture.step(state, Tick(k, 1.9e9 + k, commands=(parse_command(msgspec.json.encode(body), WHO),)))
        assert rejected(state) == {}, body
