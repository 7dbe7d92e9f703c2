"""What a site file may say under [exercise]."""

from __future__ import annotations

import msgspec


class ExerciseConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The simulated traffic and sensors."""

    scenario: str = "niger"
    """Name of the built-in scenario."""
    seed: int = 20261
    """Seed of everything random: the same seed gives the same bytes."""
    aircraft: int = 0
    """0: the scenario's own flights; n: that many aircraft spread over the area instead (for load tests)."""
    opening_s: float = 120.0
    """Seconds of air time already flown when the picture opens."""
    start_s: float = 1_893_484_800.0
    """Unix time at which the exercise's air time begins (default 2030-01-01 08:00 UTC)."""
