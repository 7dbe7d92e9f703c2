"""Probability of detection in noise, of echoes that fluctuate or do not (Swerling 0, 1, 3), one pulse or several integrated.

A square-law detector adds n pulses and compares the sum, in units of mean noise power, with a threshold T. Noise alone exceeds it
with probability Q(n, T), the upper regularised gamma function: that is the false-alarm probability. An echo adds a number K of
exponential variables, Poisson with the integrated signal-to-noise ratio as its mean; when that ratio itself is gamma distributed
with shape m, K is negative binomial. So, exactly,

    1 - Pd = sum over k of P(K = k) * (1 - Q(n + k, T)),

with m = 1 for Swerling 1, 2 for Swerling 3 and no spread for Swerling 0 (where it is Marcum's Q). All terms are positive, and
they end where Q is 1. D. A. Shnidman, Radar detection probabilities and their calculation, IEEE Trans. AES 31(3), 1995; J. I. Marcum, RAND
RM-754, 1947; P. Swerling, RAND RM-1217, 1954.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

SWERLING = (0, 1, 3)
MOST_PULSES = 1000
LEAST_PFA = 1e-12
LEAST_DB, MOST_DB = -40.0, 80.0


@njit(cache=True, error_model="numpy")
def false_alarm(pulses: int, threshold: float) -> float:
    """Return the probability that noise alone exceeds a threshold (in mean noise powers) with so many pulses added."""
    term = math.exp(-threshold + (pulses - 1) * math.log(threshold) - math.lgamma(pulses))
    total = term
    for j in range(pulses - 1, 0, -1):
        term *= j / threshold
        total += term
        if term < 1e-18 * total:
            break
    return total


@njit(cache=True, error_model="numpy")
def threshold_of(pulses: int, pfa: float) -> float:
    """Return the threshold (in mean noise powers) that noise exceeds with a probability of 1e-12 to 0.5."""
    if pulses == 1:
        return -math.log(pfa)
    low, high = 0.5 * pulses, 2.0 * pulses + 60.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if false_alarm(pulses, middle) > pfa:
            low = middle
        else:
            high = middle
        if high - low < 1e-13 * high:
            break
    return 0.5 * (low + high)


@njit(cache=True, error_model="numpy")
def _detected(ratio: float, pulses: int, pfa: float, threshold: float, swerling: int) -> float:
    """Return the probability of detection at a mean signal-to-noise ratio of one pulse (a plain number)."""
    if not ratio > 0.0:
        return pfa if ratio == 0.0 else math.nan
    mean = ratio * pulses
    shape = 1.0 if swerling == 1 else 2.0
    if swerling == 0:
        share, factor = math.exp(-mean), mean
    else:
        share, factor = math.pow(shape / (shape + mean), shape), mean / (shape + mean)
    below = 1.0 - pfa  # the noise and k variables more stay below the threshold
    step = math.exp(-threshold + pulses * math.log(threshold) - math.lgamma(pulses + 1.0))
    missed = 0.0
    k = 0
    while step > 1e-17 or pulses + k < threshold:  # what is left then is rounding
        missed += share * below
        below -= step
        step *= threshold / (pulses + k + 1)
        share *= factor / (k + 1) if swerling == 0 else factor * (shape + k) / (k + 1)
        k += 1
    return max(1.0 - missed, pfa)


@njit(cache=True, error_model="numpy")
def fill_detection(snr_db: Floats, pulses: int, pfa: float, threshold: float, swerling: int, out: Floats) -> None:
    """Write the probability of detection at each mean signal-to-noise ratio of one pulse (dB); NaN stays NaN, -inf is `pfa`."""
    for i in range(snr_db.size):
        out[i] = _detected(10.0 ** (0.1 * snr_db[i]), pulses, pfa, threshold, swerling)


def _check(pulses: int, pfa: float, swerling: int) -> None:
    if swerling not in SWERLING:
        raise ValueError(f"Swerling's case must be 0, 1 or 3, not {swerling}")
    if not 1 <= pulses <= MOST_PULSES:
        raise ValueError(f"1 to {MOST_PULSES} pulses are integrated, not {pulses}")
    if not LEAST_PFA <= pfa <= 0.5:
        raise ValueError(f"a false-alarm probability is 1e-12 to 0.5 here, not {pfa:g}")


def detection(snr_db: npt.ArrayLike, *, pfa: float = 1e-6, pulses: int = 1, swerling: int = 1) -> Floats:
    """Return the probability of detection at mean signal-to-noise ratios of one pulse in dB, of any shape, in that shape.

    `pulses` are added after square-law detection, their echo being one throughout (it fluctuates from look to look). ValueError for another
    case than Swerling 0, 1 and 3, more than 1,000 pulses, or a false-alarm probability outside 1e-12 to 0.5. Source: the module's.
    """
    _check(pulses, pfa, swerling)
    given = np.asarray(snr_db, dtype=np.float64)
    out = np.empty(given.size)
    fill_detection(np.ascontiguousarray(given).reshape(-1), pulses, pfa, threshold_of(pulses, pfa), swerling, out)
    return out.reshape(given.shape)


def required_snr_db(pd: float, *, pfa: float = 1e-6, pulses: int = 1, swerling: int = 1) -> float:
    """Return the mean signal-to-noise ratio of one pulse (dB) that gives a probability of detection; to 1e-9 dB.

    ValueError unless pfa < pd < 1, and as `detection` raises.
    """
    _check(pulses, pfa, swerling)
    if not pfa < pd < 1.0:
        raise ValueError(f"a probability of detection lies between that of a false alarm ({pfa:g}) and 1, not at {pd:g}")
    threshold = threshold_of(pulses, pfa)
    low, high = LEAST_DB, MOST_DB
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        if _detected(10.0 ** (0.1 * middle), pulses, pfa, threshold, swerling) < pd:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def albersheim_db(pd: float, *, pfa: float = 1e-6, pulses: int = 1) -> float:
    """Return Albersheim's estimate of the ratio (dB) that a steady echo needs: within 0.3 dB for Pd 0.3 to 0.9, Pfa 1e-7 to 1e-3.

    Lower probabilities it puts at too little: at 0.1 by 1 dB and more, though it is often quoted down to there.
    W. J. Albersheim, A closed-form approximation to Robertson's detection characteristics, Proc. IEEE 69(7), 1981. A check on
    `required_snr_db`, not used otherwise.
    """
    a = math.log(0.62 / pfa)
    b = math.log(pd / (1.0 - pd))
    return -5.0 * math.log10(pulses) + (6.2 + 4.54 / math.sqrt(pulses + 0.44)) * math.log10(a + 0.12 * a * b + 1.7 * b)
