"""What a site file may say under [heights]."""

from __future__ import annotations

import msgspec


class HeightsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How heights are learnt and shown."""

    learn: bool = True
    """Learn from aircraft that send both how far heights lie above pressure altitudes, and place radar plots by it."""
    slant: bool = True
    """Estimate the height of aircraft that tell none from the slant ranges of several radars."""
    geoid_m: float = 0.0
    """Height of mean sea level above the WGS-84 ellipsoid here (Niamey: 25 m): 3-D radars and QNH count from mean sea level."""
    transition_altitude_ft: float = 5000.0
    """Up to here altitudes by QNH are shown, in feet; above the transition level that follows, flight levels."""
    transition_layer_ft: float = 0.0
    """The least distance of the transition level from the transition altitude."""
    transition_level: int = 0
    """Transition level set by hand, a flight level; 0: the lowest above the transition altitude by QNH, a multiple of 5."""
    qnh_radius_km: float = 200.0
    """How far from its station a QNH holds."""
    qnh_age_s: float = 7200.0
    """How long a QNH holds after it was measured."""
    memory_s: float = 3600.0
    """What was learnt of the air fades by a factor e in this time."""
    differ_m: float = 250.0
    """A track is marked where its height and its pressure altitude are apart by so much more than its neighbours'."""
    climb_ms: float = 1.5
    """A rate of climb (300 feet a minute) from which a track climbs or descends, if it is not within its own error."""
    level_ms: float = 0.75
    """A rate below which it is level again."""
