"""What registration tells people, and how a person answers."""

import numpy as np
import pytest

from tenere.site import SensorConfig
from tenere.track import register
from tenere.track.register.trust import UNTRUSTED, WARNED, Finding
from tenere.track.sensors import SensorTable

TABLE = SensorTable.of(tuple(SensorConfig(id=name, kind="radar", lat_deg=14.0, lon_deg=lon) for name, lon in (("NIM", 2.0), ("GAO", 0.0))))


def found(verdict):
    """Return a state that holds one finding of the second sensor."""
    state = register.init(register.RegisterConfig())
    state.trust.findings[1] = Finding(1, verdict, "turned", "107", 90e3, ("062001", "062002"), (0,), 5.0)
    return state


def test_a_finding_is_told_in_both_languages():
    said = register.notes(found(UNTRUSTED), TABLE, register.Notes())[1]
    assert set(said) == {"en", "fr"}
    assert "GAO" in said["en"]
    assert "107" in said["fr"]
    assert "062001" in said["en"]


def test_notes_are_written_again_only_when_something_has_changed():
    state, kept = found(WARNED), register.Notes()
    first = register.notes(state, TABLE, kept)
    assert register.notes(state, TABLE, kept) is first
    state.trust.findings.clear()
    assert register.notes(state, TABLE, kept) == {}


def test_what_is_taken_off_is_told():
    state = register.init(register.RegisterConfig())
    assert register.notes(state, TABLE, register.Notes()) == {}
    assert register.standing(state, 0) == "ok"


def test_a_person_s_word_brings_an_untrusted_sensor_back_as_doubtful():
    state = found(UNTRUSTED)
    command = {"kind": "agree", "sensor": "GAO", "by": "amina", "reason": "turned by the technician"}
    assert register.standing(state, 1) == "untrusted"
    assert register.obey(state, TABLE, command) == ""
    assert register.standing(state, 1) == "doubtful"
    assert not state.trust.kept_out(state.config.trust).any()
    assert "trusted" in register.obey(state, TABLE, command)


@pytest.mark.parametrize(
    "command",
    [
        {"kind": "agree"},
        {"kind": "agree", "sensor": "GAO", "by": "amina"},
        {"kind": "agree", "sensor": "GAO", "reason": "why not"},
        {"kind": "agree", "sensor": "ELSEWHERE", "by": "amina", "reason": "x"},
        {"kind": "agree", "sensor": ["GAO"], "by": "amina", "reason": "x"},
        {"kind": "agree", "sensor": "NIM", "by": "amina", "reason": "x"},
    ],
)
def test_what_cannot_be_obeyed_is_answered(command):
    state = found(UNTRUSTED)
    assert register.obey(state, TABLE, command)
    assert register.standing(state, 1) == "untrusted"


@pytest.mark.parametrize("command", [None, 7, "agree", {}, {"kind": "acknowledge"}, {"kind": np.nan}])
def test_other_commands_are_passed_over(command):
    assert register.obey(found(UNTRUSTED), TABLE, command) == ""
