"""What a site file may say under [track.fuse]."""

from __future__ import annotations

import math

import msgspec


class FuseConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When another system's track is taken for one of ours, and what its word weighs."""

    join: bool = True
    """Show an aircraft that we and other systems track as one track; otherwise each beside the other."""
    gate: float = 18.5
    """Squared normalised distance, of position and velocity, within which two tracks agree (18.5: 99.9 % of four)."""
    part_gate: float = 40.0
    """Two joined tracks disagree beyond this."""
    agreements: int = 3
    """Agreements in a row, each with news of both, before two tracks are joined: with one Mode A code or callsign, or no rival near."""
    agreements_addressed: int = 1
    """The same with one address, if no other track bears it."""
    agreements_bare: int = 6
    """The same where nothing but the motion tells, and there is a choice."""
    agreements_otherwise: int = 20
    """The same with two addresses, one of them wrong: then one code or callsign is asked for, and no third track with either address."""
    disagreements: int = 3
    """Disagreements in a row before two joined tracks part."""
    fresh_s: float = 12.0
    """A system track whose last report is older is not compared, and adds nothing to ours."""
    future_s: float = 2.0
    """The same of one that is so far ahead of the clock."""
    std_m: float = 200.0
    """One-sigma position error an axis of a system that states none and has no [[sensor]] table (whose position_std_m counts)."""
    least_std_m: float = 30.0
    """No system is believed to be better than this."""
    worst_std_m: float = 2000.0
    """A track worse than this is compared with nothing."""
    velocity_std_ms: float = 15.0
    """One-sigma velocity error an axis of a system track."""
    acceleration_ms2: float = 4.0
    """How hard an aircraft may turn since a system's last report."""
    allowance_m: float = 100.0
    """How far two systems may be apart beyond what they state (alignment, clocks), one sigma an axis, when they are compared."""
    height_m: float = 600.0
    """Tracks whose pressure altitudes differ by more are not joined, but for those with one address."""
    reach_m: float = 5000.0
    """Tracks farther apart than this are not compared; joined ones part at once beyond twice this."""

    def __post_init__(self) -> None:
        """Refuse figures that make no sense; raise ValueError naming the setting."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if not isinstance(value, bool) and not 0 < value < math.inf:
                raise ValueError(f"[track.fuse] {name} must be above zero")
        if self.part_gate < self.gate:
            raise ValueError("[track.fuse] part_gate must be at least gate")
        if self.worst_std_m < self.least_std_m:
            raise ValueError("[track.fuse] worst_std_m must be at least least_std_m")
