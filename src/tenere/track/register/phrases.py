"""What registration has to say, in words: the phrases are in the phrase book (tenere.words), under "register."."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tenere.track.register.trust import UNTRUSTED, Finding
from tenere.words import text

if TYPE_CHECKING:
    from tenere.track.register.stage import Row
    from tenere.track.sensors import SensorTable

SHOWN = 3
"""Names given in a sentence; of more, how many more."""
UNITS = {"offset_m": (1.0, "m", 0), "scale": (1e6, "ppm", 0), "azimuth_rad": (180.0 / math.pi, "°", 3), "time_s": (1.0, "s", 3)}


def _of(key: str, lang: str, *details: str) -> str:
    """Return one of registration's phrases."""
    return text(f"register.{key}", lang, *details)


def said(finding: Finding, table: SensorTable, lang: str) -> str:
    """Return a finding in words."""
    label = [s.label for s in table.rows]
    witnesses = _some([label[i] for i in finding.witnesses], lang)
    body = _of(finding.fault, lang, finding.figure)
    if math.isfinite(finding.off_m):
        body += ", " + _of("off", lang, f"{finding.off_m / 1000:.0f}")
    if finding.targets:
        body += f" {_of('evidence', lang, _some(finding.targets, lang), witnesses)}"
    else:
        body += f" {_of('evidence_clock', lang, witnesses)}"
    return _of("untrusted" if finding.verdict == UNTRUSTED else "warned", lang, label[finding.sensor], body)


def told(row: Row, table: SensorTable, lang: str) -> str:
    """Return a row of the report in words."""
    factor, unit, digits = UNITS.get(row.bias, (1.0, "m", 0))
    value, std = f"{row.value * factor:+.{digits}f} {unit}", f"{row.std * factor:.{digits}f} {unit}"
    return _of("bias", lang, table.rows[row.sensor].label, _of(row.bias, lang), value, std, _of(row.state, lang), str(row.targets))


def jumped(sensor: int, table: SensorTable, lang: str) -> str:
    """Say that a sensor's biases have jumped."""
    return _of("jumped", lang, table.rows[sensor].label)


def _some(names: tuple[str, ...] | list[str], lang: str) -> str:
    """Return the first few names, and how many more there are."""
    more = f" {_of('more', lang, str(len(names) - SHOWN))}" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
