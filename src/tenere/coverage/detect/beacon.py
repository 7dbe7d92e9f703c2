"""What a receiver hears of ADS-B and Mode S: the link budget at 1,090 MHz, and how likely a message is decoded.

A message is pulses of half a microsecond in one of two places a bit. A receiver compares both, so a bit is wrong with probability
exp(-x / 2) / 2 at a ratio x of its energy to the noise's density (noncoherent binary orthogonal keying: J. G. Proakis, Digital
Communications, 4th edition, 2001, section 5.4), and a message is decoded if no bit is wrong. So the whole curve follows from
one figure, the level at which 90 % of messages are decoded, which is how receivers are specified (minimum trigger level, RTCA
DO-260B, section 2.2.4.3). Messages that overlap are not counted with: among many aircraft, tell `share`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tenere.coverage.detect.radar import NOISE_W_HZ

if TYPE_CHECKING:
    import numpy.typing as npt

    from tenere.coverage.parameters import ReceiverParameters

    Floats = npt.NDArray[np.float64]

FREQUENCY_HZ = 1090e6
LONG_BITS, SHORT_BITS = 112, 56
PULSE_S = 0.5e-6
SPECIFIED = 0.9
POWER_W = {"small": 70.0, "least": 125.0, "airliner": 250.0, "most": 500.0}
"""Peak power at the antenna: of aircraft that stay below 15,000 ft and 175 kt at least 70 W, of all others at least 125 W, of none above
500 W (ICAO Annex 10, volume IV, section 3.1.1.7.11); airliners' transponders are mostly built for 250 W and more."""


def sensitivity_dbm(noise_figure_db: float, bits: int = LONG_BITS) -> float:
    """Return the level (dBm) at which an ideal receiver with this noise figure decodes 90 % of messages."""
    noise_dbm = 10.0 * math.log10(NOISE_W_HZ / PULSE_S) + 30.0
    return noise_dbm + noise_figure_db + 10.0 * math.log10(_ratio_specified(bits))


def _ratio_specified(bits: int) -> float:
    return -2.0 * math.log(2.0 * (1.0 - SPECIFIED ** (1.0 / bits)))


def received_dbm(receiver: ReceiverParameters, loss_db: npt.ArrayLike, *, power_w: float, aircraft_db: float = 0.0) -> Floats:
    """Return the level at the receiver's input (dBm) by the basic transmission loss (dB), any shape.

    `power_w` is the peak power at the aircraft's antenna, `aircraft_db` that antenna's gain: a quarter-wave blade has 0 to 2 dB at
    low elevations, and less where the aircraft's body is in the way.
    """
    fixed_db = 10.0 * math.log10(power_w) + 30.0 + aircraft_db + receiver.gain_db - receiver.cable_db
    return np.asarray(fixed_db - np.asarray(loss_db, dtype=np.float64))


def message_probability(receiver: ReceiverParameters, level_dbm: npt.ArrayLike, bits: int = LONG_BITS) -> Floats:
    """Return the probability that one message of 56 or 112 bits is decoded at a level at the input (dBm), any shape."""
    over_db = np.asarray(level_dbm, dtype=np.float64) - receiver.sensitivity_dbm
    ratio = _ratio_specified(LONG_BITS) * np.power(10.0, 0.1 * over_db)
    return np.asarray(receiver.share * np.power(1.0 - 0.5 * np.exp(-0.5 * ratio), bits))


def update_probability(message: npt.ArrayLike, messages: float) -> Floats:
    """Return the probability that at least one of so many messages is decoded, each with probability `message`, any shape.

    Positions come twice a second in flight (RTCA DO-260B, section 2.2.3.3.2), so within a second `messages` is 2.
    """
    return np.asarray(-np.expm1(messages * np.log1p(-np.minimum(np.asarray(message, dtype=np.float64), 1.0 - 1e-16))))
