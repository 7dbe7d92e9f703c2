"""What a site file may say under [watch.stca]: the minima of the short-term conflict alert, and when it speaks.

The figures are those of practice, but level_off_s and probability: those were changed after planted conflicts in one recording.
EUROCONTROL-GUID-159 (guidelines for short term conflict alert, parts I and II)
for how far to look ahead, for minima below the separation standard, by layer, and for level-off without a cleared level; ICAO Doc 4444,
8.7.3 for the standards themselves (5 NM, 3 NM in terminal areas) and 5.3.2 for 1,000 ft, above FL410 2,000 ft.
"""

from __future__ import annotations

import msgspec

NM_M = 1852.0
FT_M = 0.3048


class LayerConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One layer of height and what separates aircraft in it; a pair belongs to the layer of the higher one."""

    up_to_ft: float
    """Highest pressure altitude it holds for."""
    horizontal_nm: float
    """Separation standard, horizontal."""
    vertical_ft: float
    """Separation standard, vertical."""


LAYERS = (
    LayerConfig(up_to_ft=6_000.0, horizontal_nm=1.2, vertical_ft=500.0),
    LayerConfig(up_to_ft=19_500.0, horizontal_nm=3.0, vertical_ft=1_000.0),
    LayerConfig(up_to_ft=41_000.0, horizontal_nm=5.0, vertical_ft=1_000.0),
    LayerConfig(up_to_ft=150_000.0, horizontal_nm=5.0, vertical_ft=2_000.0),
)
"""Approach and circuit (where aircraft on parallel approaches, and by eye, fly closer), terminal, en route, above RVSM."""


class StcaConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.stca]: short-term conflict alert over all pairs of watched, airborne, trusted tracks."""

    enabled: bool = True
    """False: no pair is looked at."""
    ahead_s: float = 120.0
    """How far ahead a conflict is looked for: at 120 s it is a caution."""
    warning_s: float = 60.0
    """A conflict nearer than this is a warning."""
    layers: tuple[LayerConfig, ...] = LAYERS
    """Separation standards by height, lowest first."""
    share_horizontal: float = 0.65
    """Share of the horizontal standard below which the alert speaks: at the standard itself it would cry at every pair well separated."""
    share_vertical: float = 0.7
    """The same of the vertical standard: at 1,000 ft apart, within what altimeters differ, it stays quiet."""
    visual_nm: float = 0.4
    """Horizontal minimum where one of the two flies by eye: see visual_codes."""
    visual_ft: float = 300.0
    """Vertical minimum there."""
    visual_codes: tuple[str, ...] = ("7000", "1200", "7001", "7004", "7010")
    """Mode A codes of aircraft that fly by eye (conspicuity, aerobatics, circuit); light aircraft, gliders, balloons and drones do too."""
    probability: float = 0.4
    """Least probability of an infringement that raises an alert."""
    probability_stay: float = 0.25
    """An alert stays while it is at least this."""
    rise_s: float = 3.0
    """How long a conflict must be predicted before it is told, unless it is nearer than 30 s."""
    hold_s: float = 10.0
    """How long an alert stays when none is predicted any more."""
    level_off_s: float = 60.0
    """Aircraft that climb or descend without a cleared level are held to go on so long, as long as a warning is early: most level off."""
    manoeuvre_ms2: float = 0.1
    """Usual unforeseen acceleration, one sigma: what a prediction loses of its certainty."""
    rate_std_ms: float = 1.5
    """One-sigma error of a vertical rate: 300 ft/min."""
    altitude_std_m: float = 15.0
    """One-sigma error of an altitude: 50 ft."""
    young_s: float = 15.0
    """Tracks younger than this take no part: their velocity is not known well."""
    coast_s: float = 15.0
    """Nor do tracks that nothing has updated for so long."""
    slow_ms: float = 25.0
    """Slower tracks are taken to taxi or stand, if they say no class that flies so slowly."""
    aerodrome_m: float = 9_000.0
    """So near an aerodrome, lower than low_m and slower than landing_ms an aircraft is landing, or has just taken off."""
    low_m: float = 300.0
    """Height above the aerodrome for that."""
    landing_ms: float = 100.0
    """Speed for that."""
    together_m: float = 1_000.0
    """Two tracks nearer than this that move alike fly together, if they do so from the birth of one, or for together_s."""
    together_ms: float = 8.0
    """What they differ in velocity at most."""
    together_s: float = 120.0
    """How long a pair that joined must move alike before its conflict alert becomes a note that it flies together."""
    most_pairs: int = 4_000
    """Most pairs told in a tick."""
