"""What a radar detects: the monostatic radar equation, its classes of aircraft, its blind zone and its cone of silence.

The equation is written with the basic transmission loss L of the one-way path (M. I. Skolnik, Introduction to Radar Systems, 3rd edition,
2001, sections 1.2 and 2.1 to 2.12),

    S/N = P tau G^2 (4 pi sigma / lambda^2) / (k T0 F L_s L^2),

which is the usual one when L is that of free space, (4 pi R / lambda)^2, and lets L be that of P.528-5 or of terrain instead. A matched
filter is assumed: P tau is the energy of a pulse, compressed or not. A class is a median of many aspects; the fluctuation is
Swerling's.

Of a radar of which only an instrumented range and a probability of detection are known, `known_by_range` makes a law of its own:
Swerling 1, one look, calibrated to that probability for an airliner at that range.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tenere.coverage.detect.fluctuation import detection, required_snr_db

if TYPE_CHECKING:
    import numpy.typing as npt

    from tenere.coverage.parameters import RadarParameters

    Floats = npt.NDArray[np.float64]

LIGHT_M_S = 299_792_458.0
NOISE_W_HZ = 1.380_649e-23 * 290.0
"""Boltzmann's constant times the standard temperature of a receiver's input."""

RCS_M2 = {"airliner": 20.0, "light": 1.0, "drone": 0.01}
"""Median radar cross-section of each class.

A medium jet airliner and a small single-engined aircraft are those of Skolnik 2001, table 2.2. A small multicopter of consumer size is
the middle of 0.001 to 0.1 m2, the spread of measurements from S to X band in J. S. Patel, F. Fioranelli and D. Anderson, Review of radar
classification and RCS characterisation techniques for small UAVs or drones, IET Radar Sonar Navigation 12(9), 2018."""


def blind_m(pulse_s: float, recovery_s: float = 0.0) -> float:
    """Return the least range (m): an echo that returns while the pulse is still sent, or the receiver deaf, is lost."""
    return 0.5 * LIGHT_M_S * (pulse_s + recovery_s)


def snr_db(radar: RadarParameters, loss_db: npt.ArrayLike, rcs_m2: npt.ArrayLike) -> Floats:
    """Return the mean signal-to-noise ratio of one pulse (dB) by the one-way basic transmission loss (dB) and cross-section (m2).

    The arrays broadcast. Equation in the module's text.
    """
    wave_m = LIGHT_M_S / radar.frequency_hz
    energy_db = 10.0 * math.log10(radar.peak_power_w * radar.pulse_s / NOISE_W_HZ) + 2.0 * radar.gain_db
    fixed_db = energy_db - radar.noise_figure_db - radar.losses_db + 10.0 * math.log10(4.0 * math.pi / wave_m**2)
    rcs_db = 10.0 * np.log10(np.asarray(rcs_m2, dtype=np.float64))
    return np.asarray(fixed_db + rcs_db - 2.0 * np.asarray(loss_db, dtype=np.float64))


def free_space_loss_db(distance_m: npt.ArrayLike, frequency_hz: float) -> Floats:
    """Return the basic transmission loss of free space (dB) at distances (m): Rec. ITU-R P.525-4, equation 3."""
    wave_m = LIGHT_M_S / frequency_hz
    return np.asarray(20.0 * np.log10(4.0 * math.pi * np.asarray(distance_m, dtype=np.float64) / wave_m))


def seen(radar: RadarParameters, slant_m: npt.ArrayLike, elevation_rad: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return whether a place at a slant range (m) and elevation (rad) lies between blind zone, instrumented range and the beam's limits."""
    slant, elevation = np.asarray(slant_m, dtype=np.float64), np.asarray(elevation_rad, dtype=np.float64)
    least, most = math.radians(radar.least_elevation_deg), math.radians(radar.most_elevation_deg)
    inside = (slant >= blind_m(radar.pulse_s, radar.recovery_s)) & (elevation >= least) & (elevation <= most)
    return np.asarray(inside & (slant <= radar.range_m)) if radar.range_m > 0.0 else np.asarray(inside)


def probability(
    radar: RadarParameters, slant_m: npt.ArrayLike, elevation_rad: npt.ArrayLike, loss_db: npt.ArrayLike, rcs_m2: npt.ArrayLike
) -> Floats:
    """Return the probability that one look detects, 0 where the radar cannot see at all; the arrays broadcast.

    Slant range (m), elevation of the ray at the radar (rad), one-way basic transmission loss (dB), radar cross-section (m2).
    """
    pd = detection(snr_db(radar, loss_db, rcs_m2), pfa=radar.pfa, pulses=radar.pulses, swerling=radar.swerling)
    return np.where(seen(radar, slant_m, elevation_rad), pd, 0.0)


def known_by_range(
    slant_m: npt.ArrayLike,
    *,
    range_m: float,
    detected: float,
    rcs_m2: npt.ArrayLike = RCS_M2["airliner"],
    excess_db: npt.ArrayLike = 0.0,
    pfa: float = 1e-6,
) -> Floats:
    """Return the probability that one look detects, of a radar of which only a range and a probability there are known.

    Swerling 1, single look: Pd = Pfa^(1 / (1 + S)), with S such that an airliner at `range_m` (m) is detected with probability `detected`,
    and going as cross-section over the fourth power of slant range (m), less twice `excess_db`, what the path loses one way
    over free space. 0 beyond `range_m`, which is instrumented. The arrays broadcast. ValueError unless pfa < detected < 1 and
    range_m > 0. P. Swerling, RAND RM-1217, 1954.
    """
    if not range_m > 0.0:
        raise ValueError(f"an instrumented range above 0 m is needed, not {range_m:g}")
    slant = np.asarray(slant_m, dtype=np.float64)
    calibrated_db = required_snr_db(detected, pfa=pfa, swerling=1)
    near = np.maximum(slant, 1.0)
    ratio_db = calibrated_db + 40.0 * np.log10(range_m / near) + 10.0 * np.log10(np.asarray(rcs_m2, dtype=np.float64) / RCS_M2["airliner"])
    pd = np.power(pfa, 1.0 / (1.0 + np.power(10.0, 0.1 * (ratio_db - 2.0 * np.asarray(excess_db, dtype=np.float64)))))
    return np.where(slant <= range_m, pd, 0.0)
