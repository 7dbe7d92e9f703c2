"""What sensors of short range hear: Remote ID by Bluetooth and Wi-Fi, and sound.

Both laws are simple on purpose: what decides at a few kilometres (bodies, roofs, other radios, wind) is known to nobody
beforehand, so it is a normal spread in decibels, and the probability is that part of it which leaves enough.

Radio: free space, or direct and reflected ray over flat ground (W. C. Jakes, Microwave Mobile Communications, 1974, section 2.1; the
ground's reflection is that of P.528-5). Sound: it spreads over a sphere, air takes a share (ISO 9613-1:1993: about 5 dB/km at 1 kHz in mild
air), and it must exceed what is heard anyway.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numba import njit

from tenere.coverage.detect.radar import LIGHT_M_S
from tenere.coverage.propagation.sight import reflection

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FREQUENCY_HZ = 2.44e9


class RemoteIdParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link of Remote ID: the drone's radio and the receiver's. Figures are those usual in data sheets, one may know better."""

    power_dbm: float
    """Radiated by the drone, its antenna's gain included."""
    sensitivity_dbm: float
    """Level at which the receiver decodes half the messages."""
    gain_db: float = 2.0
    """Of the receiver's antenna."""
    spread_db: float = 6.0
    """One-sigma spread of what bodies, turns and surroundings take or give."""


REMOTE_ID = {
    "bluetooth": RemoteIdParameters(power_dbm=8.0, sensitivity_dbm=-95.0),
    "bluetooth_long_range": RemoteIdParameters(power_dbm=12.0, sensitivity_dbm=-103.0),
    "wifi": RemoteIdParameters(power_dbm=18.0, sensitivity_dbm=-93.0),
}
"""Legacy advertising at 1 Mbit/s, coded advertising at 125 kbit/s, beacons at 1 to 6 Mbit/s (the transports of ASTM F3411-22a)."""


class AcousticParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A microphone or an array of them, what it listens for, and where."""

    source_db: float = 75.0
    """Level of the drone at 1 m, in the band listened to."""
    ambient_db: float = 40.0
    """Level of what is heard anyway, in the same band."""
    needed_db: float = 0.0
    """By how much the drone must exceed that for half the looks to detect it; negative for an array."""
    absorption_db_m: float = 0.005
    """Taken by air."""
    spread_db: float = 5.0
    """One-sigma spread of level and surroundings."""


@njit(cache=True, error_model="numpy")
def _fill_two_ray(distance_m: Floats, low_m: Floats, high_m: Floats, hz: float, vertical: bool, out: Floats) -> None:
    wave = LIGHT_M_S / hz
    for i in range(distance_m.size):
        d = distance_m[i]
        direct = math.hypot(d, high_m[i] - low_m[i])
        bounced = math.hypot(d, high_m[i] + low_m[i])
        size, lag = reflection(math.atan2(high_m[i] + low_m[i], d), 1e-6 * hz, vertical)
        size *= direct / bounced
        # the difference of both ways, without that of two near-equal lengths
        lag += 2.0 * math.pi / wave * 4.0 * low_m[i] * high_m[i] / (direct + bounced)
        power = 1.0 + 2.0 * size * math.cos(lag) + size * size
        out[i] = 20.0 * math.log10(4.0 * math.pi * direct / wave) - 10.0 * math.log10(power)


@njit(cache=True, error_model="numpy")
def _fill_normal(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = 0.5 * math.erfc(-x[i] * math.sqrt(0.5))


def two_ray_loss_db(
    distance_m: npt.ArrayLike, low_m: npt.ArrayLike, high_m: npt.ArrayLike, *, frequency_hz: float = FREQUENCY_HZ, vertical: bool = True
) -> Floats:
    """Return the basic transmission loss (dB) of direct and reflected ray over flat ground of average kind.

    Distance along the ground and both heights over it (m, above 0) broadcast. Far off it goes as the fourth power of distance; nearer it
    swings around that of free space, by 6 dB at most downward. Good to about a quarter of the radio horizon. W. C. Jakes 1974, section 2.1.
    """
    d, low, high = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (distance_m, low_m, high_m)))
    out = np.empty(d.size)
    _fill_two_ray(np.ravel(d), np.ravel(low), np.ravel(high), frequency_hz, vertical, out)
    return out.reshape(d.shape)


def _exceeds(margin_db: Floats, spread_db: float) -> Floats:
    """Return the part of a normal spread (dB) that leaves a margin (dB) above 0."""
    x = np.ascontiguousarray(margin_db, dtype=np.float64) / spread_db
    out = np.empty(x.size)
    _fill_normal(x.reshape(-1), out)
    return out.reshape(np.shape(margin_db))


def remote_id_probability(link: RemoteIdParameters, loss_db: npt.ArrayLike) -> Floats:
    """Return the probability that one message is decoded, by the basic transmission loss (dB), any shape."""
    return _exceeds(
        np.asarray(link.power_dbm + link.gain_db - link.sensitivity_dbm - np.asarray(loss_db, dtype=np.float64)), link.spread_db
    )


def acoustic_probability(sensor: AcousticParameters, slant_m: npt.ArrayLike) -> Floats:
    """Return the probability that one look hears a drone at a slant range (m), any shape; nearer than 1 m counts as 1 m."""
    r = np.maximum(np.asarray(slant_m, dtype=np.float64), 1.0)
    level_db = sensor.source_db - 20.0 * np.log10(r) - sensor.absorption_db_m * r
    return _exceeds(np.asarray(level_db - sensor.ambient_db - sensor.needed_db), sensor.spread_db)
