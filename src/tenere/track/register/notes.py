"""What registration tells people: each sensor's standing and a note in their language; and the command by which a person answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenere.track.register import phrases, stage
from tenere.track.register.trust import UNTRUSTED
from tenere.words import clean, languages

if TYPE_CHECKING:
    from tenere.track.register.stage import State
    from tenere.track.sensors import SensorTable

AGREE = "agree"
SHOWN_STATES = frozenset({"applied", "held", "known"})


@dataclass
class Notes:
    """The notes as last written, and for what."""

    window: int = -2
    findings: tuple[object, ...] = ()
    text: dict[int, dict[str, str]] = field(default_factory=dict)


def standing(state: State, sensor: int) -> str:
    """Return "ok", "doubtful" or "untrusted"; an untrusted sensor that a person agreed to use is doubtful."""
    finding = state.trust.findings.get(sensor)
    if finding is None:
        return "ok"
    return "untrusted" if finding.verdict == UNTRUSTED and sensor not in state.trust.agreed else "doubtful"


def notes(state: State, table: SensorTable, kept: Notes) -> dict[int, dict[str, str]]:
    """Return what is to be said of each sensor of which there is anything, by language.

    It is written anew only where a window has ended or a finding has changed; kept holds it in between.
    """
    findings = tuple(state.trust.findings.items())
    if (state.window, findings) == (kept.window, kept.findings):
        return kept.text
    kept.window, kept.findings, kept.text = state.window, findings, {}
    for sensor, finding in findings:
        kept.text[sensor] = {lang: phrases.said(finding, table, lang) for lang in languages()}
    if state.by_sensor.any():
        for row in stage.report(state):
            if row.state in SHOWN_STATES:
                held = kept.text.setdefault(row.sensor, dict.fromkeys(languages(), ""))
                for lang in languages():
                    held[lang] = f"{held[lang]}\n{phrases.told(row, table, lang)}".lstrip()
    return kept.text


def obey(state: State, table: SensorTable, command: object) -> str:
    """Carry out {"kind": "agree", "sensor": id, "by", "reason"}: use an untrusted sensor's plots again. Return why not, or nothing.

    What is no such command is passed over.
    """
    if not isinstance(command, dict) or command.get("kind") != AGREE:
        return ""
    wanted, by, reason = command.get("sensor"), clean(command.get("by"), 16), clean(command.get("reason"), 40)
    if not by or not reason:
        return "agree command without a name and a reason"
    for i, s in enumerate(table.rows):
        if s.config.id == wanted:
            if standing(state, i) != "untrusted":
                return "agree command for a sensor that is trusted"
            stage.agree(state, i)
            return ""
    return "agree command for an unknown sensor"
