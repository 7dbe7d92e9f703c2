"""What a site file may say under [watch], and what the stage is told of the sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class WatchConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an alert is raised, how long it stays, and how many there may be."""

    border_margin_m: float = 1_000.0
    """A track has crossed the border once it is this far beyond it; the map of borders is good to about 200 m."""
    border_sigmas: float = 3.0
    """A track whose position is less certain must be this many standard deviations beyond the border."""
    hold_s: float = 30.0
    """An alert ends when its condition has been false for this long."""
    emergency_hold_s: float = 300.0
    """The same for emergencies: an aircraft in distress that is lost from sight stays in view."""
    crossing_hold_s: float = 300.0
    """How long a border crossing is shown."""
    max_alerts: int = 1_000
    """Most alerts at a time; beyond it the least severe give way, and one more alert says how many are not shown."""


class SensorHealth(NamedTuple):
    """What the shell knows of the sensors: row in the sensor table, whether it is silent, untrusted, doubtful, name; (n,) each."""

    sensor: NDArray[np.int16]
    silent: NDArray[np.bool_]
    names: tuple[str, ...]
    untrusted: NDArray[np.bool_] = np.zeros(0, np.bool_)
    doubtful: NDArray[np.bool_] = np.zeros(0, np.bool_)

    @classmethod
    def none(cls) -> SensorHealth:
        """Return the health of no sensors."""
        return cls(np.zeros(0, np.int16), np.zeros(0, np.bool_), ())
