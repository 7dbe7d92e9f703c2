"""What a site file may say under [watch], and what the stage is told of the sensors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import numpy as np

from tenere.watch.attention import AttentionConfig
from tenere.watch.families.contradiction import ContradictionConfig
from tenere.watch.msaw_config import MsawConfig
from tenere.watch.stca_config import StcaConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

SeverityName = Literal["", "information", "caution", "warning", "emergency"]


class RuleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.rules.NAME]: what the supervisor says of one rule; what is left out stays as the rule has it."""

    enabled: bool = True
    """False: it raises nothing."""
    severity: SeverityName = ""
    """How grave its alerts are; empty: as the rule finds."""
    rise_s: float = math.nan
    """How long its condition must hold before an alert is raised."""
    hold_s: float = math.nan
    """How long an alert stays when its condition is no longer true."""
    escalate_s: float = math.nan
    """An alert that nobody acknowledged for so long becomes one step graver, once; left out: [watch] escalate_s."""


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
    escalate_s: float = 120.0
    """A warning or caution that nobody acknowledged for so long becomes one step graver; 0: never."""
    suppress_most_s: float = 14_400.0
    """Longest time for which an alert may be suppressed."""
    ground_deg: float = 0.01
    """Step of the ground that rules on terrain look at, from coverage.terrain around the sensors; 0: no ground, no such rules."""
    max_alerts: int = 1_000
    """Most alerts at a time; beyond it the least severe give way, and one more alert says how many are not shown."""
    contradiction: ContradictionConfig = ContradictionConfig()
    attention: AttentionConfig = AttentionConfig()
    stca: StcaConfig = StcaConfig()
    """Short-term conflict alert."""
    msaw: MsawConfig = MsawConfig()
    """Minimum safe altitude warning."""
    rules: dict[str, RuleConfig] = {}
    """What the supervisor says of single rules, by name."""


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
