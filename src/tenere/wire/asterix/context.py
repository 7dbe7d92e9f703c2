"""What the records of one chunk share: where they came from, when, and the columns every category fills alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import AircraftClass, PlotFlag
from tenere.units import DEG_RAD
from tenere.wire.asterix.records import Records
from tenere.wire.asterix.tables import expansion
from tenere.wire.asterix.walk import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.check import Checked

DAY_S = 86400.0

TRUNCATED_S = 512.0
"""What a time of day of two octets leaves out whole multiples of (I001/141)."""


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

    def resolve_truncated(self, truncated_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return times of day that leave out multiples of 512 s as times: those nearest to the receive time, else to the tick.

        The time of day begins again at midnight, 384 s after the last multiple: near it the day before and the one after count too.
        """
        near = np.where(np.isnan(self.receive_s), self.tick_s, self.receive_s)
        out = near.copy()
        distance = np.full(len(near), np.inf)
        for days in (0.0, -1.0, 1.0):
            midnight = (np.floor(near / DAY_S) + days) * DAY_S
            last = np.floor((DAY_S - 1.0 / 256.0 - truncated_s) / TRUNCATED_S)
            turns = np.clip(np.rint((near - midnight - truncated_s) / TRUNCATED_S), 0.0, last)
            found = midnight + truncated_s + turns * TRUNCATED_S
            closer = np.abs(found - near) < distance
            out = np.where(closer, found, out)
            distance = np.where(closer, np.abs(found - near), distance)
        return out

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


LAST_TRACK = 4095
"""Greatest track number of those that a sensor gives itself (12 bits)."""


def not_icao(address: NDArray[np.int64], track: NDArray[np.int64], other: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return addresses and track numbers, (n,) each, where other says that an address is not one that ICAO gave.

    Such an address is none; it numbers the track, after those that the sensor numbers itself, where that has no number.
    """
    if not other.any():
        return address, track
    named = other & (address >= 0) & (track < 0)
    return np.where(other, -1, address), np.where(named, address + LAST_TRACK + 1, track)


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


def advisory(report: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which ACAS resolution advisory reports (register 3,0, 56 bits, -1 absent) tell of an advisory that is in force.

    An advisory stands where the first bit of its description is set or more than one threat is met, until it is said to have ended
    (ICAO Annex 10 IV 4.3.8.4.2.2.1: ARA from bit 9 of the report, RAT bit 27, MTE bit 28).
    """
    one = ((report >> 47) & 1) == 1
    ended = ((report >> 29) & 1) == 1
    several = ((report >> 28) & 1) == 1
    in_force: NDArray[np.bool_] = (report >> 48 == 0x30) & (one | several) & ~ended
    return in_force


@njit(cache=True)
def _read_fields(data: NDArray[np.uint8], at: NDArray[np.int32], program: NDArray[np.int32], rows: NDArray[np.int32]) -> None:
    """Find what is in the explicit item that begins at a byte of data with its length, each; rows stays -1 where that is not all of it.

    A field of another make or edition would otherwise seem to say what it does not.
    at: (n,) int32, -1 absent. program: Table.program of the field. rows: (n, 1 + slots) int32 filled with -1, out.
    """
    for i in range(at.size):
        if at[i] < 0:
            continue
        end = int(at[i]) + int(data[at[i]])
        if record(data, int(at[i]) + 1, end, program, rows, i) == end:
            rows[i, 0] = at[i] + 1
        else:
            rows[i, :] = -1


def expanded(c: Checked) -> Records | None:
    """Return what the reserved expansion field of each record holds, row for row; None where no record has one that is described."""
    layout = c.records.table
    fields = expansion(layout.category)
    if fields is None or "RE" not in layout.slot or not c.records.holds("RE"):
        return None
    rows = np.full((len(c), 1 + len(fields.slots)), -1, np.int32)
    _read_fields(c.records.data, np.ascontiguousarray(c.records.rows[:, layout.slot["RE"] + 1]), fields.program, rows)
    return Records(fields, c.records.data, rows, c.records.block, c.records.faults, c.records.fault_at)


def mark_field(out: NDArray[np.uint32], bit: PlotFlag, fields: Records | None, path: str, value: int = 1) -> None:
    """Set a flag bit where an element of an expansion field has a value."""
    if fields is not None and fields.holds(path):
        mark(out, bit, fields.integer(path) == value)


FRIENDLY_MODE_5 = PlotFlag.FRIENDLY_ANSWER | PlotFlag.MODE_5
"""What an authenticated Mode 5 answer sets. No answer, or one that is not authenticated, sets nothing."""


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
