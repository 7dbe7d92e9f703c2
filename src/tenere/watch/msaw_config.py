"""What a site file may say under [watch.msaw]: how far above the ground aircraft are to be, and where they may be lower.

The figures are those of practice, not of any recording: EUROCONTROL-GUID-160 (guidelines for minimum safe altitude warning) for a linear
prediction against terrain and obstacles, and for the exclusion of final approaches; ICAO Doc 8168, 300 m over obstacles en route;
SERA.5005(f), 150 m (500 ft) for flights by eye.
"""

from __future__ import annotations

import msgspec


class MsawConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.msaw]: minimum safe altitude warning over the ground of the site's terrain; without terrain the rule is off."""

    enabled: bool = True
    """False: no track is looked at."""
    ahead_s: float = 60.0
    """How far ahead the ground is looked at."""
    warning_s: float = 30.0
    """An infringement nearer than this is a warning; farther it is a caution."""
    margin_m: float = 150.0
    """Least height over the ground, 500 ft: half the 300 m that procedures keep, so that a flight on its procedure is quiet."""
    visual_margin_m: float = 60.0
    """The same for light aircraft and those that fly by eye."""
    hover_margin_m: float = 0.0
    """The same for helicopters, which land anywhere: 0 leaves them out, as it does gliders, balloons and drones."""
    obstacle_m: float = 60.0
    """What stands on the ground and is in no terrain: masts, trees, buildings."""
    sigmas: float = 1.0
    """The height counts as so many standard deviations lower than it is told."""
    aerodrome_m: float = 18_500.0
    """So near an aerodrome (10 NM) an aircraft may be on its approach or departure."""
    glide_deg: float = 2.0
    """There it must only be above a slope of so many degrees that rises from glide_from_m before the aerodrome."""
    glide_from_m: float = 4_000.0
    """Where that slope begins; nearer nothing is asked."""
    aside_m: float = 500.0
    """Width to each side of the path in which the ground counts."""
    manoeuvre_ms: float = 1.5
    """An aircraft with less vertical speed is level: 300 ft/min."""
    rise_s: float = 4.0
    """How long an infringement must be predicted before it is told."""
    hold_s: float = 15.0
    """How long an alert stays when none is predicted any more."""
    young_s: float = 15.0
    """Tracks younger than this take no part."""
    coast_s: float = 15.0
    """Nor do tracks that nothing has updated for so long."""
    slow_ms: float = 35.0
    """Slower tracks are taken to taxi, stand or hover."""
    standard_pressure_std_m: float = 150.0
    """One-sigma error of an altitude of which no QNH is known: 18 hPa."""
    most: int = 2_000
    """Most warnings told in a tick."""
