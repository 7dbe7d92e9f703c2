"""The alert rules: from tracks, identities and sensors to the conditions that hold now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Emergency, Identities, Severity, TrackFlag, Tracks
from tenere.watch.ledger import OVERFLOW_RULE, Condition
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import I64
    from tenere.plans import Plan
    from tenere.watch.config import SensorHealth, WatchConfig

# What the aircraft says or squawks -> rule and severity. The codes are ICAO Annex 10 Volume IV, 2.1.4; the broadcast
# states DO-260B 2.2.3.2.7.8.1.1. Each asks the operator for one thing: call ATC, who talk to the pilot.
_EMERGENCIES = {
    Emergency.GENERAL: ("emergency_general", Severity.EMERGENCY, 0o7700),
    Emergency.MEDICAL: ("emergency_medical", Severity.CAUTION, None),
    Emergency.MINIMUM_FUEL: ("emergency_fuel", Severity.WARNING, None),
    Emergency.NO_RADIO: ("emergency_radio", Severity.WARNING, 0o7600),
    Emergency.UNLAWFUL: ("emergency_unlawful", Severity.EMERGENCY, 0o7500),
    Emergency.DOWNED: ("emergency_downed", Severity.EMERGENCY, None),
}

RULES = (
    *(rule for rule, _, _ in _EMERGENCIES.values()),
    "border_entry",
    "border_exit",
    "protected_flight",
    "sensor_silent",
    "sensor_untrusted",
    "sensor_doubtful",
    OVERFLOW_RULE,
)
"""Every rule this stage may give; each is a key of the phrase book."""


def watched(tracks: Tracks) -> NDArray[np.bool_]:
    """Tell which tracks are watched: confirmed and our own, neither another system's nor simulated, tested or ended."""
    wanted = tracks.flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM | TrackFlag.NOT_LIVE | TrackFlag.ENDED)
    return np.asarray(wanted == TrackFlag.CONFIRMED)


def emergencies(config: WatchConfig, tracks: Tracks, rows: I64) -> Iterator[Condition]:
    """Yield a condition for each watched track that squawks or broadcasts an emergency, both as one; the gravest first."""
    mode_a, said = tracks.mode_a[rows], tracks.emergency[rows]
    for emergency, (rule, severity, squawk) in sorted(_EMERGENCIES.items(), key=lambda e: -e[1][1]):
        by_code = mode_a == squawk if squawk is not None else np.zeros(rows.size, np.bool_)
        for k in np.flatnonzero(by_code | (said == emergency)):
            row = int(rows[k])
            source = f"{squawk:o}".encode() if squawk is not None and by_code[k] else b"ADS-B"
            yield Condition(rule, severity, int(tracks.number[row]), -1, name_of(tracks, row) + b"|" + source, config.emergency_hold_s)


def crossings(
    config: WatchConfig, home_state: str, tracks: Tracks, identities: Identities, rows: I64, entered: NDArray[np.bool_]
) -> Iterator[Condition]:
    """Yield a condition for each row that crossed the border: information for a known flight, caution for any other."""
    for row, came_in in zip(rows.tolist(), entered.tolist(), strict=True):
        if identities.plan[row] >= 0:
            severity, flight = Severity.INFORMATION, b"planned"
        elif identities.civil[row] or identities.protected[row]:
            severity, flight = Severity.INFORMATION, b"civil"
        else:
            severity, flight = Severity.CAUTION, b"unplanned"
        detail = b"|".join((name_of(tracks, row), clean(home_state, 2), flight))
        rule = "border_entry" if came_in else "border_exit"
        yield Condition(rule, severity, int(tracks.number[row]), -1, detail, config.crossing_hold_s)


def protected_flights(
    config: WatchConfig, tracks: Tracks, identities: Identities, rows: I64, plans: tuple[Plan, ...]
) -> Iterator[Condition]:
    """Yield a condition for each protected flight in the picture, by the name its protecting plan gives it."""
    for row in rows[identities.protected[rows] != 0].tolist():
        plan = plans[identities.plan[row]] if 0 <= identities.plan[row] < len(plans) else None
        detail = b""  # its plan of now protects nobody: the alert keeps the name it has
        if plan is not None and plan.protected:
            detail = clean(plan.callsign or plan.remote_id, 20) + b"|" + clean(" ".join(plan.sts), 27)
        number, name = int(tracks.number[row]), name_of(tracks, row)
        yield Condition("protected_flight", Severity.INFORMATION, number, -1, detail, config.hold_s, otherwise=name)


def troubled_sensors(config: WatchConfig, sensors: SensorHealth) -> Iterator[Condition]:
    """Yield a condition for each sensor that is silent or contradicts others: where it looked, no track is not empty sky."""
    troubles = (
        ("sensor_silent", Severity.WARNING, sensors.silent),
        ("sensor_untrusted", Severity.WARNING, sensors.untrusted),
        ("sensor_doubtful", Severity.INFORMATION, sensors.doubtful),
    )
    for rule, severity, held in troubles:
        for k in np.flatnonzero(held).tolist():
            sensor = int(sensors.sensor[k])
            name = clean(sensors.names[k], 48) if k < len(sensors.names) else b""
            yield Condition(rule, severity, 0, sensor, name or str(sensor).encode(), config.hold_s)


def name_of(tracks: Tracks, row: int) -> bytes:
    """Return what to call a track: its callsign, else its address, else its Remote ID, else its number."""
    callsign, remote_id = bytes(tracks.callsign[row]), bytes(tracks.remote_id[row])
    if callsign.strip(b" 0"):
        return clean(callsign.decode("ascii", "replace"), 12)
    if tracks.address[row] > 0:
        return f"{int(tracks.address[row]):06X}".encode()
    return clean(remote_id.decode("ascii", "replace"), 28) or f"#{int(tracks.number[row])}".encode()
