"""What a site file may say under [track.register]."""

from __future__ import annotations

import math

import msgspec


def _above_zero(config: msgspec.Struct, table: str, but: frozenset[str]) -> None:
    """Raise ValueError naming a number that is not finite and above zero, but for those that are checked otherwise."""
    for name in config.__struct_fields__:
        value = getattr(config, name)
        if name not in but and isinstance(value, int | float) and not isinstance(value, bool) and not 0 < value < math.inf:
            raise ValueError(f"[{table}] {name} must be above zero")


class TrustConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a sensor is so wrong that its plots are kept out."""

    keep_out: bool = True
    """Keep the plots of an untrusted sensor out of the picture until someone agrees to use them."""
    gross_m: float = 5000.0
    """A plot this far from where other sensors see the same aircraft is grossly wrong; nearer, it is a matter of biases."""
    gross_deg: float = 5.0
    """The same as an angle at the sensor, added to it."""
    targets: int = 3
    """Independent aircraft that must tell the same before a sensor is untrusted; or one, seen by two sensors of different kinds."""
    independent_m: float = 10_000.0
    """Two aircraft nearer to each other than this are not independent."""
    fit_share: float = 0.25
    """A sensor that agrees on more than this many aircraft for each one that it is wrong about is not at fault."""
    memory_s: float = 300.0
    """How long what one aircraft tells counts."""
    clock_s: float = 60.0
    """A clock that differs from those of the other sensors by more is wrong."""

    def __post_init__(self) -> None:
        """Refuse figures that make no sense; raise ValueError naming the setting."""
        _above_zero(self, "track.register.trust", frozenset({"fit_share"}))
        if not 0 <= self.fit_share < 1:
            raise ValueError("[track.register.trust] fit_share must be zero or more, and below one")


class RegisterConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the sensors' biases are estimated from the aircraft that they see in common."""

    estimate: bool = True
    """Estimate the sensors' biases and watch them."""
    apply: bool = True
    """Take biases that are well known from the plots; otherwise only report them."""
    targets: int = 200
    """Aircraft followed at a time; of more, a sample that changes every ten minutes."""
    window_s: float = 12.0
    """Plots of one aircraft within this time are compared with each other: a turn of the slowest radar."""
    memory_s: float = 1800.0
    """How long an observation counts (it fades by a factor e): how slowly biases drift."""
    target_windows: float = 40.0
    """No aircraft counts for more than this many windows, however long it is seen: its own errors do not average out."""
    least_targets: int = 3
    """Aircraft that must have told of a bias before it is applied."""
    prior_range_m: float = 500.0
    """One-sigma range offset of a radar of which nothing is known."""
    prior_scale: float = 0.001
    """One-sigma error of its range scale, as a share of the range."""
    prior_azimuth_deg: float = 2.0
    """One-sigma azimuth error."""
    prior_time_s: float = 0.5
    """One-sigma error of its clock."""
    prior_reference_time_s: float = 0.1
    """One-sigma error of the clock of a sensor whose positions are its own, such as ADS-B."""
    prior_position_m: float = 300.0
    """One-sigma error an axis of the place of a mobile sensor."""
    known_range_m: float = 30.0
    """A range offset known better than this (one sigma) is observed; else it is said to be unobservable and is not applied."""
    known_scale: float = 3e-4
    """The same for the range scale."""
    known_azimuth_deg: float = 0.03
    """The same for the azimuth."""
    known_time_s: float = 0.15
    """The same for the clock."""
    known_position_m: float = 60.0
    """The same for a mobile sensor's place, an axis."""
    significance: float = 2.0
    """A bias smaller than this many of its sigmas is not applied."""
    apply_s: float = 20.0
    """Time constant with which what is applied follows what is known."""
    least_nac_p: int = 7
    """An aircraft's own position counts from this NACp on, where it states one."""
    least_nic: int = 6
    """The same for NIC."""
    latency_s: float = 0.1
    """One-sigma age of an aircraft's own position beyond what it states, from aircraft to aircraft."""
    jump_share: float = 0.5
    """A sensor for which more than this share of windows has stopped fitting is taken to have been moved: its biases are estimated anew."""
    trust: TrustConfig = TrustConfig()

    def __post_init__(self) -> None:
        """Refuse figures that make no sense; raise ValueError naming the setting."""
        _above_zero(self, "track.register", frozenset({"least_nac_p", "least_nic"}))
        if self.jump_share >= 1:
            raise ValueError("[track.register] jump_share must be below one")
