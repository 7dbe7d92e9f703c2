"""What a site file may say of the multi-frame option."""

from __future__ import annotations

import math

import msgspec


def _check(config: msgspec.Struct, table: str, *, above: tuple[str, ...], least: tuple[str, ...]) -> None:
    """Raise ValueError for a setting that is not finite, not above zero (above), or below it (least)."""
    for name in (*above, *least):
        value = getattr(config, name)
        if not (0 <= value < math.inf) or (name in above and value == 0):
            raise ValueError(f"[{table}] {name} must be {'above zero' if name in above else 'zero or more'}")


class BirthArea(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where aircraft appear: Gaussian in position and velocity."""

    x_m: float = 0.0
    """East of the plane's origin."""
    y_m: float = 0.0
    """North of the plane's origin."""
    std_m: float = 1000.0
    """One sigma an axis of where they appear."""
    speed_std_ms: float = 130.0
    """One sigma an axis of their velocity, about rest."""
    per_s: float = 0.0
    """Aircraft that appear there a second."""
    at_start: float = 0.0
    """Aircraft expected there, unseen, before the first look."""

    def __post_init__(self) -> None:
        """Refuse figures that no area has; raise ValueError naming the setting."""
        _check(self, "track.multi.areas", above=("std_m", "speed_std_ms"), least=("per_s", "at_start"))


class MultiConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Association over several frames: a Poisson multi-Bernoulli mixture, cluster by cluster."""

    drift_m2s3: float = 0.1
    """Noise density of the acceleration of an aircraft that flies straight."""
    lifetime_s: float = 3600.0
    """Mean time an aircraft stays in the picture."""
    births_km2_s: float = 1e-7
    """Aircraft that appear per square kilometre and second, anywhere."""
    start_km2: float = 1e-4
    """Aircraft per square kilometre expected unseen before the first look, anywhere."""
    speed_std_ms: float = 130.0
    """One-sigma speed an axis of an aircraft that appears anywhere."""
    areas: tuple[BirthArea, ...] = ()
    """Places where aircraft appear beside anywhere."""
    gate: float = 20.0
    """Squared normalised distance beyond which plot and track are strangers (20: 99.995 %)."""
    max_hypotheses: int = 200
    """Explanations of the plots so far kept for each cluster of aircraft that compete for plots."""
    prune_weight: float = 1e-4
    """An explanation less probable than this is forgotten."""
    prune_existence: float = 1e-5
    """An aircraft that exists with less probability than this is forgotten."""
    merge: float = 0.2
    """Alternatives of one aircraft that differ by less than this (squared, in sigmas) become one; 0: never."""
    max_cluster: int = 24
    """Aircraft in one cluster; beyond it the plots between two clusters stay with the first."""
    max_plots: int = 12
    """Plots that one hypothesis about one aircraft may compete for in a look: the likeliest."""
    max_tracks: int = 50_000
    """Aircraft that may exist, tentative ones included; beyond it nothing new starts."""
    confirm_existence: float = 0.9
    """A track is shown once it has existed with this probability."""
    report_existence: float = 0.5
    """A confirmed track is shown while it exists with about this probability: what a false one costs, in costs of false and missed."""
    report_distance_m: float = 1000.0
    """An estimate farther than this from its aircraft is worth no more than none (GOSPA's c)."""

    def __post_init__(self) -> None:
        """Refuse figures that make no sense; raise ValueError naming the setting."""
        above = ("lifetime_s", "speed_std_ms", "gate", "max_hypotheses", "max_cluster", "max_plots", "max_tracks", "report_distance_m")
        _check(self, "track.multi", above=above, least=("drift_m2s3", "births_km2_s", "start_km2", "merge"))
        for name in ("prune_weight", "prune_existence", "confirm_existence", "report_existence"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"[track.multi] {name} must lie between zero and one")
