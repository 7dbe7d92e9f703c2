"""What a site file may say under [watch], and what the stage is told of the sensors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import numpy as np

from tenere.airspace.model import VolumeKind
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


class ApwConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.apw]: entry into volumes of airspace, now and soon, and departure from corridors and routes."""

    kinds: tuple[VolumeKind, ...] = (
        VolumeKind.PROHIBITED,
        VolumeKind.RESTRICTED,
        VolumeKind.DANGER,
        VolumeKind.TEMPORARY,
        VolumeKind.NO_FLY,
        VolumeKind.CLOSED,
    )
    """Kinds of volumes whose entry raises an alert."""
    look_ahead_s: float = 90.0
    """How long before a foreseen entry the alert comes."""
    predicted_rise_s: float = 4.0
    """An entry must be foreseen for so long before an alert is raised: a turn past a corner raises none."""
    rise_s: float = 0.0
    """A track must be inside for so long before an alert is raised."""
    hold_s: float = 20.0
    """An alert of entry ends when the track has been out for so long."""
    sigmas: float = 2.0
    """A track is inside once it is so many standard deviations of its position within the outline."""
    most_margin_m: float = 500.0
    """At most so far, however uncertain its position; and never more than a quarter of the volume's reach."""
    predicted_sigmas: float = 1.0
    """A track is out again, and a foreseen entry counts the volume as wider, by so many standard deviations, at most `most_margin_m`."""
    height_margin_m: float = 60.0
    """A track is inside once it is so far within the floor and the ceiling, and out once as far beyond."""
    unknown_floor_m: float = 1_500.0
    """A track whose height is not known raises a lower alert, in volumes whose floor is lower than this."""
    fir_settled_s: float = 10.0
    """A flight without a plan has entered an FIR once it has been inside for so long."""
    corridor_margin_m: float = 1_000.0
    """A flight has left its corridor when it is so far outside."""
    corridor_rise_s: float = 30.0
    """And has been for so long."""
    route_off_m: float = 55_560.0
    """A flight is off its route when it is so far from the great circle between the aerodromes of its plan (30 NM)."""
    route_rise_s: float = 60.0
    """And has been for so long."""
    route_free_m: float = 92_600.0
    """Nearer than this to either aerodrome no flight is off its route (50 NM)."""
    slow_ms: float = 35.0
    """A track without transponder is slow below this ground speed (68 kt)."""
    low_m: float = 300.0
    """And low below this height above the ground."""


class SilenceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.silence]: transponders, radios and tracks that fall silent, and places where nobody looks."""

    transponder_s: float = 30.0
    """A transponder that was heard is silent when radar alone has seen its track for so long."""
    near_m: float = 60_000.0
    """Other aircraft as low count as near within this distance."""
    others: int = 2
    """So many must be heard near a silent one: otherwise it is the sensor that does not hear."""
    hole_look_s: float = 60.0
    """A track that will be below the visible floor within this time is going into a hole."""
    lost_s: float = 20.0
    """A track that ended this long ago without another in its place is lost."""
    lost_age_s: float = 60.0
    """A track must have lived so long to be missed."""
    lost_hold_s: float = 300.0
    """How long a lost track is shown."""
    aerodrome_m: float = 15_000.0
    """Nearer than this to an aerodrome a track that ends, or goes low, has landed."""
    aerodrome_height_m: float = 1_500.0
    """And lower than this above it."""


class MovementsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.movements]: take-offs and landings."""

    near_m: float = 6_000.0
    """A track is at an aerodrome within this distance of it."""
    low_m: float = 450.0
    """And lower than this above it."""
    slow_ms: float = 25.0
    """Slower than this, and within `ground_m` of the aerodrome's height, it is on the ground even where it does not say so."""
    ground_m: float = 60.0
    """See `slow_ms`."""
    aerodromes: tuple[str, ...] = ()
    """ICAO codes of the aerodromes whose movements need a plan; empty: all."""
    show_s: float = 300.0
    """How long an unplanned movement is shown."""
    most: int = 5_000
    """Movements kept in the log; the oldest go first."""


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
    apw: ApwConfig = ApwConfig()
    silence: SilenceConfig = SilenceConfig()
    movements: MovementsConfig = MovementsConfig()
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
