"""How aircraft are taken to move: the settings, and the figures the filter's kernels read.

Four models of one aircraft: straight flight at a nearly constant velocity, a turn to the left and one to the right
at a rate that is estimated, and a change of speed along the track at an acceleration that is estimated. Which of
them is in force is a Markov chain in continuous time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

M = 4  # models
STRAIGHT, LEFT, RIGHT, SPEED = range(M)

# the figures in the order the kernels read them
NOISE, ENTRY, ENTRY_VAR, FIFTH_NOISE, DECAY, FLOW = 0, 4, 8, 12, 16, 20
NPAR = FLOW + M * M * M


class MotionConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [track.motion]: how aircraft move."""

    drift_m2s3: float = 0.1
    """Density of the random acceleration that even straight flight has, an axis."""
    turning: bool = True
    """Whether aircraft turn; without it there is straight flight and change of speed only."""
    turn_rate_deg_s: float = 2.0
    """Turn rate expected when a turn begins, either way; the rate itself is then estimated."""
    turn_rate_std_deg_s: float = 0.8
    """One-sigma uncertainty of that rate."""
    turn_drift_m2s3: float = 0.2
    """Density of the random acceleration in a turn."""
    turn_every_s: float = 200.0
    """Mean time of straight flight between turns."""
    turn_lasts_s: float = 30.0
    """Mean length of a turn."""
    speeding: bool = True
    """Whether aircraft change their speed along the track."""
    acceleration_ms2: float = 1.2
    """One-sigma acceleration when a change of speed begins; the acceleration itself is then estimated."""
    speed_change_every_s: float = 800.0
    """Mean time between changes of speed."""
    speed_change_lasts_s: float = 40.0
    """Mean length of a change of speed."""

    def __post_init__(self) -> None:
        """Refuse figures that no motion has; raise ValueError naming the setting."""
        for name in ("turn_every_s", "turn_lasts_s", "speed_change_every_s", "speed_change_lasts_s"):
            if not getattr(self, name) >= 0.1:
                raise ValueError(f"[track.motion] {name} must be at least 0.1 seconds")
        if not 0 < self.turn_rate_std_deg_s <= 90:
            raise ValueError("[track.motion] turn_rate_std_deg_s must be above zero and at most 90")
        for name in ("drift_m2s3", "turn_drift_m2s3", "acceleration_ms2", "turn_rate_deg_s"):
            if not 0 <= getattr(self, name) <= 1e4:
                raise ValueError(f"[track.motion] {name} must be a number from 0 to 10,000")


def generator(config: MotionConfig) -> NDArray[np.float64]:
    """Return the rates (M, M) per second at which model i gives way to model j; each row sums to zero."""
    turn = 0.5 / config.turn_every_s if config.turning else 0.0
    change = 1.0 / config.speed_change_every_s if config.speeding else 0.0
    rates = np.zeros((M, M))
    rates[STRAIGHT, [LEFT, RIGHT]] = rates[SPEED, [LEFT, RIGHT]] = turn
    rates[[STRAIGHT, LEFT, RIGHT], SPEED] = change
    rates[[LEFT, RIGHT], STRAIGHT] = 1.0 / config.turn_lasts_s
    rates[SPEED, STRAIGHT] = 1.0 / config.speed_change_lasts_s
    return np.asarray(rates - np.diag(rates.sum(1)))


def shares(config: MotionConfig) -> NDArray[np.float64]:
    """Return the probability (M,) of each model in the long run: what a track that starts is in."""
    rates = generator(config)
    a = np.vstack([rates.T, np.ones(M)])
    mu = np.linalg.lstsq(a, np.r_[np.zeros(M), 1.0], rcond=None)[0]
    mu = np.maximum(mu, 0.0)
    return np.asarray(mu / mu.sum())


def figures(config: MotionConfig) -> NDArray[np.float64]:
    """Return the figures (NPAR,) of the kernels.

    The chain's transition over t is exp(t G) = sum over k of exp(-decay_k t) flow_k: G has real eigenvalues, as the two
    turns are alike. Noise in m2/s3; the fifth state is the turn rate (rad/s) of a turn, the acceleration (m/s2) of a
    change of speed.
    """
    par = np.zeros(NPAR)
    par[NOISE : NOISE + M] = config.drift_m2s3, config.turn_drift_m2s3, config.turn_drift_m2s3, config.drift_m2s3
    rate = np.deg2rad(config.turn_rate_deg_s)
    par[ENTRY : ENTRY + M] = 0.0, rate, -rate, 0.0
    std = np.deg2rad(config.turn_rate_std_deg_s)
    par[ENTRY_VAR : ENTRY_VAR + M] = 0.0, std**2, std**2, config.acceleration_ms2**2
    par[FIFTH_NOISE : FIFTH_NOISE + M] = 0.0, 1e-6, 1e-6, 1e-2
    values, vectors = np.linalg.eig(generator(config))
    inverse = np.linalg.inv(vectors)
    if np.abs(values.imag).max() > 1e-9:
        raise ValueError("[track.motion] these mean times make a chain that oscillates; bring them closer to each other")
    order = np.argsort(-values.real, kind="stable")
    par[DECAY : DECAY + M] = np.maximum(-values.real[order], 0.0)
    for k, e in enumerate(order):
        par[FLOW + M * M * k : FLOW + M * M * (k + 1)] = np.outer(vectors[:, e], inverse[e]).real.ravel()
    return par
