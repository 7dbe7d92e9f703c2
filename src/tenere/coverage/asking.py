"""What is asked of coverage: a height, a window of the map. Imports nothing slow: the server starts with it."""

from __future__ import annotations

from typing import NamedTuple


class Height(NamedTuple):
    """A height at which sensors are counted: above ground, or above mean sea level (flight levels, by the standard atmosphere)."""

    metres: float
    above_ground: bool = True


class Box(NamedTuple):
    """A window of the map, in degrees."""

    west: float
    south: float
    east: float
    north: float
