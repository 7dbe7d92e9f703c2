"""What the records of one chunk share: where they came from, when, and the columns every category fills alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, PlotFlag
from tenere.units import DEG_RAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.check import Checked

DAY_S = 86400.0


@dataclass(frozen=True)
class Origin:
    """Receive time of each record's unit (NaN unknown), (n,) float64, and the time of the tick."""

    receive_s: NDArray[np.float64]
    tick_s: float

    def resolve(self, time_of_day_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return times of day as times: of the day that brings them nearest to the receive time, else to the tick.

        A record without a time of day has the receive time, else the tick's.
        """
        near = np.where(np.isnan(self.receive_s), self.tick_s, self.receive_s)
        days = np.rint((near - time_of_day_s) / DAY_S)
        return np.where(np.isnan(time_of_day_s), near, time_of_day_s + days * DAY_S)

    def take(self, rows: NDArray[np.bool_]) -> Origin:
        """Return the origin of some of the records."""
        return Origin(self.receive_s[rows], self.tick_s)


def source(checked: Checked, item: str = "010") -> NDArray[np.int64]:
    """Return SAC * 256 + SIC, -1 absent."""
    sac, sic = checked.integer(f"{item}/SAC"), checked.integer(f"{item}/SIC")
    return np.where(sac < 0, -1, sac * 256 + sic)


def address(checked: Checked, path: str) -> NDArray[np.int64]:
    """Return a 24-bit address, -1 where absent or 0."""
    found = checked.integer(path)
    return np.where(found == 0, -1, found)


def flags(checked: Checked, *bits: tuple[PlotFlag, str]) -> NDArray[np.uint32]:
    """Return the flag bits whose elements are 1."""
    out = np.zeros(len(checked), np.uint32)
    for bit, path in bits:
        hit = checked.flag(path)
        if hit.any():
            out |= np.where(hit, np.uint32(bit), np.uint32(0))
    return out


def mark(out: NDArray[np.uint32], bit: PlotFlag, where: NDArray[np.bool_]) -> None:
    """Set a flag bit where a mask says so."""
    out[where] |= np.uint32(bit)


def along(speed: NDArray[np.float64], course_deg: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return speed and course as east and north."""
    course = course_deg * DEG_RAD
    return speed * np.sin(course), speed * np.cos(course)


def first_of(*columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, row by row, the first column that is not NaN."""
    out = columns[0]
    for column in columns[1:]:
        gone = np.isnan(out)
        if gone.any():
            out = np.where(gone, column, out)
    return out


_EMITTER = np.full(256, AircraftClass.UNKNOWN, np.uint8)
_EMITTER[1:3] = AircraftClass.LIGHT
_EMITTER[3:6] = AircraftClass.AIRLINER
_EMITTER[6] = AircraftClass.HIGH_PERFORMANCE
_EMITTER[10] = AircraftClass.HELICOPTER
_EMITTER[11] = AircraftClass.GLIDER
_EMITTER[12] = AircraftClass.BALLOON
_EMITTER[13] = AircraftClass.DRONE
_EMITTER[14] = AircraftClass.OTHER
_EMITTER[15] = AircraftClass.LIGHT
_EMITTER[16] = AircraftClass.OTHER
_EMITTER[20:22] = AircraftClass.VEHICLE
_EMITTER[22:25] = AircraftClass.OTHER


def emitter_class(code: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return an emitter category (I021/020 and I062/380 EMC, the same list) as AircraftClass."""
    return _EMITTER[np.clip(code, 0, 255)]
