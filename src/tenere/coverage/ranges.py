"""How far out a sensor detects well enough: the range at which the radar equation, or the link budget of a receiver, reaches a probability.

Loss is that of free space: the line of sight, with the earth's bend and the ground in it, is what `coverage.country` computes. Beyond the
horizon a little more is seen, by diffraction, than is told here; near the horizon over flat ground reflections swing both ways.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tenere.coverage.detect import (
    RCS_M2,
    free_space_loss_db,
    known_by_range,
    message_probability,
    probability,
    received_dbm,
    update_probability,
)
from tenere.coverage.detect.beacon import POWER_W
from tenere.coverage.detect.radar import blind_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.coverage.parameters import RadarParameters, ReceiverParameters

FREQUENCY_HZ = 1_090e6
MESSAGES = 2.0
"""Positions sent in a second of flight (RTCA DO-260B, section 2.2.3.3.2)."""
FARTHEST_M = 1e6
POWER = {"airliner": POWER_W["airliner"], "light": POWER_W["small"]}


def radar_range_m(radar: RadarParameters, target: str, detected: float) -> float:
    """Return how far a radar detects a class of aircraft with this probability a look; 0 where it nowhere does."""
    middle = math.radians(max(radar.least_elevation_deg, min(0.5, radar.most_elevation_deg)))

    def pd(range_m: float) -> float:
        return float(probability(radar, range_m, middle, free_space_loss_db(range_m, radar.frequency_hz), RCS_M2[target]))

    return _farthest(pd, detected, blind_m(radar.pulse_s, radar.recovery_s) + 1.0, radar.range_m or FARTHEST_M)


def known_range_m(range_m: float, detection: float, target: str, detected: float) -> float:
    """Return the same of a radar of which only an instrumented range, and the probability for an airliner there, are known."""
    if target == "airliner" and detection >= detected:
        return range_m

    def pd(at_m: float) -> float:
        return float(known_by_range(at_m, range_m=range_m, detected=detection, rcs_m2=RCS_M2[target]))

    return _farthest(pd, detected, 1.0, range_m)


def receiver_range_m(receiver: ReceiverParameters, target: str, detected: float) -> float:
    """Return how far a receiver updates an aircraft's position within a second with this probability; 0 for a class that sends nothing."""
    if target not in POWER:
        return 0.0

    def pd(range_m: float) -> float:
        level = received_dbm(receiver, free_space_loss_db(range_m, FREQUENCY_HZ), power_w=POWER[target])
        return float(update_probability(message_probability(receiver, level), MESSAGES))

    return _farthest(pd, detected, 1.0, FARTHEST_M)


def _farthest(pd: Callable[[float], float], detected: float, near_m: float, far_m: float) -> float:
    """Return the greatest range at which a probability that falls with range is reached, to a metre."""
    if far_m <= near_m or pd(near_m) < detected:
        return 0.0
    if pd(far_m) >= detected:
        return far_m
    low, high = near_m, far_m
    while high - low > 1.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if pd(middle) >= detected else (low, middle)
    return low
