"""The wire as the exercise sees it: functions that the composition hands in.

The exercise and the wire never import each other (DESIGN, "Rooms"); they meet in batches. What a simulated sensor
would report is a batch of Plots or Status, or Squitters below; these functions turn it into bytes.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from tenere.batch import Plots, Status

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    U8 = NDArray[np.uint8]
    Datagrams = tuple[bytes, I64]


class Squitter(enum.IntEnum):
    """What one extended squitter says."""

    POSITION = 0
    VELOCITY = 1
    IDENTIFICATION = 2
    OPERATIONAL = 3
    STATUS = 4


class Squitters(NamedTuple):
    """Extended squitters in order of transmission, (n,) columns; each uses those its message holds."""

    message: U8
    odd: U8
    address: I64
    lat_rad: F64
    lon_rad: F64
    pressure_altitude_m: F64
    east_ms: F64
    north_ms: F64
    climb_ms: F64
    callsign: NDArray[np.bytes_]
    aircraft_class: U8
    nac_p: U8
    emergency: U8
    mode_a: I64


class Beacons(NamedTuple):
    """Remote ID beacons in order of transmission, (n,) columns. transmitter: MAC address as a number; counter: its message counter."""

    transmitter: I64
    counter: I64
    time_s: F64
    remote_id: NDArray[np.bytes_]
    lat_rad: F64
    lon_rad: F64
    height_m: F64
    east_ms: F64
    north_ms: F64
    climb_ms: F64
    operator: NDArray[np.bytes_]
    operator_lat_rad: F64
    operator_lon_rad: F64

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Beacons:
        """Return the selected rows."""
        return type(self)._make(c[rows] for c in self)


class Encoders(NamedTuple):
    """How to write each format.

    radar(plots, first) -> (data, ends): plots of one radar in time order; first (d,) is the row where each datagram begins.
    service(status) -> (data, ends): one datagram a row: north markers and sector messages.
    squitter(squitters) -> (n, 14) uint8 frames.
    beast(frames, counter_12mhz, signal) -> (data, ends): frames of one receiver in order of arrival; ends of each.
    beacon(beacons) -> (data, ends): one bare IEEE 802.11 frame a row.
    """

    radar: Callable[[Plots, I64], Datagrams]
    service: Callable[[Status], Datagrams]
    squitter: Callable[[Squitters], U8]
    beast: Callable[[U8, I64, U8], Datagrams]
    beacon: Callable[[Beacons], Datagrams]
