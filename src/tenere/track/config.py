"""What a site file may say under [track]."""

from __future__ import annotations

from typing import Literal

import msgspec

from tenere.estimate.motion import MotionConfig
from tenere.track.fuse.config import FuseConfig
from tenere.track.multi.config import MultiConfig
from tenere.track.register.config import RegisterConfig

SMALL_MOTION = MotionConfig(
    drift_m2s3=1.0,
    turn_rate_deg_s=12.0,
    turn_rate_std_deg_s=8.0,
    turn_drift_m2s3=1.0,
    turn_every_s=30.0,
    turn_lasts_s=20.0,
    acceleration_ms2=2.0,
    speed_change_every_s=60.0,
    speed_change_lasts_s=5.0,
)
"""Measured by bench/slow_motion.py: drones and birds keep one track each, which they do not as aircraft."""

Feature = Literal["address", "mode_a", "track_number", "height"]


class TrackConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How plots become tracks."""

    features: tuple[Feature, ...] = ("address", "mode_a", "track_number", "height")
    """What a plot says of itself that association may use beside its position."""
    confirm_existence: float = 0.9
    """A track is shown once it exists with this probability (and has hits enough)."""
    confirm_hits: int = 3
    """Plots a track needs before it is shown, without an address."""
    confirm_hits_addressed: int = 2
    """Plots a track needs before it is shown, all with one address."""
    show_existence: float = 0.5
    """A track without an address is shown while it is at least this likely to be there; below, it is kept a while unseen."""
    delete_existence: float = 0.02
    """A track is dropped below this probability of existence."""
    coast_s: float = 40.0
    """A track without an address is dropped after this long without a plot."""
    coast_addressed_s: float = 75.0
    """A track with an address is dropped after this long without a plot."""
    coast_landing_s: float = 20.0
    """A track that was slow and came down, and that several sensors lost, is dropped after this long without a plot: it has landed."""
    resume_s: float = 7200.0
    """An address that comes back within this time, where its aircraft can be, goes on under the number it had."""
    gate: float = 13.8
    """Squared normalised distance beyond which plot and track are strangers (13.8: 99.9 %)."""
    gate_addressed: float = 40.0
    """The same for a plot that carries the track's own address."""
    birth_per_km2: float = 1e-5
    """New aircraft expected per square kilometre and look, in the long run."""
    unseen_per_km2: float = 1e-3
    """Aircraft expected per square kilometre that a sensor has not seen yet when it starts to report."""
    lifetime_s: float = 1800.0
    """Mean time an aircraft stays in the sensors' sight: how fast a track is doubted that gets no plots."""
    prune_existence: float = 0.01
    """A track that was never shown is dropped below this probability of existence."""
    motion: MotionConfig = MotionConfig()
    small_motion: MotionConfig = SMALL_MOTION
    """How what sensors of kind remote_id and detector see moves: drones and birds."""
    speed_std_ms: float = 130.0
    """One-sigma speed an axis assumed of an aircraft seen once."""
    max_tracks: int = 200_000
    """Live tracks, tentative ones included; beyond it nothing new starts (counted)."""
    cores: int = 2
    """Processor cores that association and filtering may use: 1 or 2. The picture is the same bit for bit."""
    register: RegisterConfig = RegisterConfig()
    """How the sensors' biases are estimated, and when a sensor is too wrong to be used."""
    fuse: FuseConfig = FuseConfig()
    """When another system's track is taken for one of ours, and what its word weighs."""
    multi: MultiConfig | None = None
    """Given, association is over several frames: for formations and crossings without codes. It uses positions alone."""
