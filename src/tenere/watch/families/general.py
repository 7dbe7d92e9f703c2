"""Emergencies, border crossings, protected flights, sensors: the rules that need nothing but the picture itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Emergency, Identities, Severity, Tracks
from tenere.geo.borders import Borders
from tenere.watch.families.crossing import Frontier, crossed
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import I64
    from tenere.plans import Plan
    from tenere.watch.config import SensorHealth, WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

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

RULES = {
    **{rule: (severity,) for rule, severity, _ in _EMERGENCIES.values()},
    "border_entry": (Severity.INFORMATION, Severity.CAUTION),
    "border_exit": (Severity.INFORMATION, Severity.CAUTION),
    "protected_flight": (Severity.INFORMATION,),
    "sensor_silent": (Severity.WARNING,),
    "sensor_untrusted": (Severity.WARNING,),
    "sensor_doubtful": (Severity.INFORMATION,),
}
"""Every rule of this family and how grave it may be; each is a key of the phrase book."""
REASONS = (
    "because.code",
    "because.emergency",
    "because.crossed",
    "because.planned",
    "because.civil",
    "because.no_plan",
    "because.protected",
    "because.silent",
    "because.contradicts",
)


def init(_config: WatchConfig, world: World) -> Frontier:
    """Return where each track stands with the border: nowhere yet."""
    return Frontier.of(world.borders or Borders.of((), (), ()))


def step(frontier: Frontier, view: View) -> Iterator[Condition]:
    """Yield the conditions of one tick."""
    config, tracks, rows = view.config, view.tracks, view.rows
    across, entered = crossed(frontier, config, tracks, rows, view.time_s)
    yield from emergencies(config, tracks, rows)
    yield from troubled_sensors(config, view.sensors)
    yield from crossings(config, frontier.home_state, tracks, view.identities, across, entered)
    yield from protected_flights(config, tracks, view.identities, rows, view.plans)


def emergencies(config: WatchConfig, tracks: Tracks, rows: I64) -> Iterator[Condition]:
    """Yield a condition for each watched track that squawks or broadcasts an emergency, both as one; the gravest first."""
    mode_a, said = tracks.mode_a[rows], tracks.emergency[rows]
    for emergency, (rule, severity, squawk) in sorted(_EMERGENCIES.items(), key=lambda e: -e[1][1]):
        by_code = mode_a == squawk if squawk is not None else np.zeros(rows.size, np.bool_)
        for k in np.flatnonzero(by_code | (said == emergency)):
            row = int(rows[k])
            source = f"{squawk:o}".encode() if squawk is not None and by_code[k] else b"ADS-B"
            because = tuple(
                b
                for held, b in (
                    (by_code[k], Because("because.code", 1.0, source, b"transponder")),
                    (said[k] == emergency, Because("because.emergency", 1.0, emergency.name.lower().encode(), b"ADS-B")),
                )
                if held
            )
            detail, hold_s = name_of(tracks, row) + b"|" + source, config.emergency_hold_s
            yield Condition(rule, severity, int(tracks.number[row]), -1, detail, hold_s, because=because)


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
        known = {b"planned": "because.planned", b"civil": "because.civil", b"unplanned": "because.no_plan"}[flight]
        because = (
            Because("because.crossed", 1.0, f"{config.border_margin_m / 1000.0:g}".encode(), b"track"),
            Because(known, 0.3 if flight == b"unplanned" else -1.0, name_of(tracks, row), b"plan" if flight != b"civil" else b"identity"),
        )
        yield Condition(rule, severity, int(tracks.number[row]), -1, detail, config.crossing_hold_s, because=because)


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
        because = (Because("because.protected", 1.0, b"", b"identity"),)
        yield Condition("protected_flight", Severity.INFORMATION, number, -1, detail, config.hold_s, otherwise=name, because=because)


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
            why = "because.silent" if rule == "sensor_silent" else "because.contradicts"
            because = (Because(why, 1.0, name, b"registration" if why != "because.silent" else b"clock"),)
            yield Condition(rule, severity, 0, sensor, name or str(sensor).encode(), config.hold_s, because=because)
