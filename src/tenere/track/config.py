"""What a site file may say under [track]."""

from __future__ import annotations

from typing import Literal

import msgspec

Feature = Literal["address", "mode_a", "track_number", "height"]


class TrackConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How plots become tracks."""

    features: tuple[Feature, ...] = ("address", "mode_a", "track_number", "height")
    """What a plot says of itself that association may use beside its position."""
    confirm_existence: float = 0.98
    """A track is shown once it exists with this probability (and has hits enough)."""
    confirm_hits: int = 3
    """Plots a track needs before it is shown, without an address."""
    confirm_hits_addressed: int = 2
    """Plots a track needs before it is shown, all with one address."""
    delete_existence: float = 0.02
    """A track is dropped below this probability of existence."""
    coast_s: float = 40.0
    """A track without an address is dropped after this long without a plot."""
    coast_addressed_s: float = 75.0
    """A track with an address is dropped after this long without a plot."""
    resume_s: float = 7200.0
    """An address that comes back within this time, where its aircraft can be, goes on under the number it had."""
    gate: float = 13.8
    """Squared normalised distance beyond which plot and track are strangers (13.8: 99.9 %)."""
    gate_addressed: float = 40.0
    """The same for a plot that carries the track's own address."""
    birth_per_km2: float = 1e-6
    """New aircraft expected per square kilometre and look."""
    speed_std_ms: float = 130.0
    """One-sigma speed an axis assumed of an aircraft seen once."""
    max_tracks: int = 200_000
    """Live tracks, tentative ones included; beyond it nothing new starts (counted)."""
