"""What a signed-in person sends is understood by the stages that know the command: `signed` beside its fields troubles none."""

from __future__ import annotations

import msgspec
import pytest

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
