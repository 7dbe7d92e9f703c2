"""What SBS lines say of each aircraft, put together: one pass in order, a plot for each position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.batch import Emergency, PlotFlag, PlotKind
from tenere.units import DEG_RAD, FOOT_M, FPM_MS, KNOT_MS
from tenere.wire.mode_s.register import rebuild, slot_of
from tenere.wire.sbs.lines import GOOD, ID, MSG, NOT_ICAO, SEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROW = np.dtype(
    [
        ("key", "i8"),
        ("heard_s", "f8"),
        ("altitude_ft", "f8"),
        ("altitude_s", "f8"),
        ("speed_kt", "f8"),
        ("track_deg", "f8"),
        ("velocity_s", "f8"),
        ("rate_fpm", "f8"),
        ("rate_s", "f8"),
        ("callsign", "i8"),
        ("callsign_s", "f8"),
        ("squawk", "i8"),
        ("squawk_s", "f8"),
        ("emergency_s", "f8"),  # last time the flag was set; minus infinity where it was taken back
        ("spi_s", "f8"),
        ("ground_s", "f8"),
    ],
    align=True,
)
"""What is remembered of one aircraft; a value holds from its time."""

OUT = np.dtype(
    [
        ("line", "i8"), ("kind", "u1"), ("flags", "u4"), ("lat_deg", "f8"), ("lon_deg", "f8"), ("pressure_altitude_m", "f8"),
        ("east_ms", "f8"), ("north_ms", "f8"), ("vertical_rate_ms", "f8"), ("address", "i4"), ("mode_a", "i2"), ("callsign", "i8"),
        ("source_track", "i4"), ("emergency", "u1"),
    ],
    align=True,
)  # fmt: skip
"""One row of output; line is the index of its line, the rest as in tenere.batch.Plots."""

LEAST, MOST = 256, 65_536
EXPIRY_S = 300.0
FRESH_S = 60.0
VELOCITY_FRESH_S = 15.0
ALTITUDE_FRESH_S = 10.0
SURFACE, AIRBORNE = 2, 3  # transmission types of the two kinds of position

ADSB, MLAT, TISB = int(PlotKind.ADSB), int(PlotKind.MLAT), int(PlotKind.TISB)
ON_GROUND, SPI, EMERGENCY = int(PlotFlag.ON_GROUND), int(PlotFlag.SPI), int(PlotFlag.EMERGENCY)
GENERAL, NO_RADIO, UNLAWFUL = int(Emergency.GENERAL), int(Emergency.NO_RADIO), int(Emergency.UNLAWFUL)


def _blank() -> NDArray[Any]:
    """Return one row of which nothing is known."""
    row = np.zeros(1, ROW)
    for name in ROW.names or ():
        if name.endswith("_s"):
            row[name] = -np.inf
    return row


BLANK = _blank()


@dataclass
class Aircraft:
    """The aircraft of one source: rows[:used]; slots (twice the rows, a power of two) finds one by its key."""

    rows: NDArray[Any]
    slots: NDArray[np.int32]
    used: int = 0

    @classmethod
    def empty(cls, size: int = LEAST) -> Aircraft:
        """Return the memory of a source that has said nothing, with room for size aircraft."""
        return cls(np.zeros(size, ROW), np.full(2 * size, -1, np.int32))

    def make_room(self, time_s: float) -> None:
        """Forget who was silent for EXPIRY_S; then grow if still half full; at MOST keep the half heard last."""
        kept = self.rows[: self.used]
        kept = kept[~(np.abs(time_s - kept["heard_s"]) > EXPIRY_S)]
        size = len(self.rows)
        if 2 * len(kept) > size and size < MOST:
            size *= 2
        elif 2 * len(kept) > size:
            kept = kept[np.sort(np.argsort(-kept["heard_s"], kind="stable")[: size // 2])]
        fresh = Aircraft.empty(size)
        fresh.rows[: len(kept)] = kept
        fresh.used = len(kept)
        rebuild(fresh.rows, fresh.used, fresh.slots)
        self.rows, self.slots, self.used = fresh.rows, fresh.slots, fresh.used


@njit(cache=True)
def remember(row: Any, line: Any, time_s: float) -> None:  # noqa: ANN401 - numba records
    """Keep what a line says of its aircraft."""
    row["heard_s"] = time_s
    if line["callsign"] > 0:
        row["callsign"], row["callsign_s"] = line["callsign"], time_s
    if line["kind"] != MSG:
        return
    if not np.isnan(line["altitude_ft"]):
        row["altitude_ft"], row["altitude_s"] = line["altitude_ft"], time_s
    if not (np.isnan(line["speed_kt"]) or np.isnan(line["track_deg"])):
        row["speed_kt"], row["track_deg"], row["velocity_s"] = line["speed_kt"], line["track_deg"], time_s
    if not np.isnan(line["rate_fpm"]):
        row["rate_fpm"], row["rate_s"] = line["rate_fpm"], time_s
    if line["squawk"] >= 0:
        row["squawk"], row["squawk_s"] = line["squawk"], time_s
    if line["emergency"] >= 0:
        row["emergency_s"] = time_s if line["emergency"] else -np.inf
    if line["spi"] >= 0:
        row["spi_s"] = time_s if line["spi"] else -np.inf
    if line["type"] == SURFACE:
        row["ground_s"] = time_s
    elif line["ground"] >= 0:
        row["ground_s"] = time_s if line["ground"] else -np.inf
    elif line["type"] == AIRBORNE:
        row["ground_s"] = -np.inf


@njit(cache=True)
def write_plot(out: Any, row: Any, line: Any, time_s: float) -> None:  # noqa: ANN401 - numba records
    """Fill one row of output from a line with a position and what is known of its aircraft now."""
    foreign = row["key"] & NOT_ICAO
    out["address"], out["source_track"] = (-1, row["key"] & 0xFFFFFF) if foreign else (row["key"], -1)
    out["kind"] = MLAT if line["mlat"] else TISB if foreign else ADSB
    out["lat_deg"], out["lon_deg"] = line["lat_deg"], line["lon_deg"]
    fresh = abs(time_s - row["altitude_s"]) <= ALTITUDE_FRESH_S
    out["pressure_altitude_m"] = row["altitude_ft"] * FOOT_M if fresh else np.nan
    out["east_ms"], out["north_ms"], out["vertical_rate_ms"] = np.nan, np.nan, np.nan
    if abs(time_s - row["velocity_s"]) <= VELOCITY_FRESH_S:
        track, speed = row["track_deg"] * DEG_RAD, row["speed_kt"] * KNOT_MS
        out["east_ms"], out["north_ms"] = speed * np.sin(track), speed * np.cos(track)
    if abs(time_s - row["rate_s"]) <= VELOCITY_FRESH_S:
        out["vertical_rate_ms"] = row["rate_fpm"] * FPM_MS
    out["callsign"] = row["callsign"] if abs(time_s - row["callsign_s"]) <= EXPIRY_S else 0
    out["mode_a"] = row["squawk"] if abs(time_s - row["squawk_s"]) <= FRESH_S else -1
    alarm = abs(time_s - row["emergency_s"]) <= FRESH_S
    out["flags"] = (
        (ON_GROUND if abs(time_s - row["ground_s"]) <= FRESH_S else 0)
        | (SPI if abs(time_s - row["spi_s"]) <= FRESH_S else 0)
        | (EMERGENCY if alarm else 0)
    )
    code = out["mode_a"]
    out["emergency"] = 0 if not alarm else UNLAWFUL if code == 0o7500 else NO_RADIO if code == 0o7600 else GENERAL


@njit(cache=True)
def run(
    first: int,
    lines: NDArray[Any],
    times_s: NDArray[np.float64],
    rows: NDArray[Any],
    slots: NDArray[np.int32],
    blank: NDArray[Any],
    out: NDArray[Any],
    marks: NDArray[np.int64],
) -> int:
    """Take lines[first:] in order; return where it had to stop for want of rows, else their number.

    marks: rows in use, rows of output so far; both brought up to date. out has a row for each line.
    """
    for i in range(first, len(lines)):
        line = lines[i]
        if line["reason"] != GOOD or line["address"] <= 0 or not (line["kind"] == MSG or line["kind"] == ID or line["kind"] == SEL):
            continue
        slot = slot_of(line["address"], rows, slots)
        if slots[slot] < 0:
            if marks[0] == len(rows):
                return i
            rows[marks[0]] = blank[0]
            rows[marks[0]]["key"] = line["address"]
            slots[slot] = marks[0]
            marks[0] += 1
        row = rows[slots[slot]]
        remember(row, line, times_s[i])
        placed = not np.isnan(line["lat_deg"]) and not (line["lat_deg"] == 0.0 and line["lon_deg"] == 0.0)
        if placed:
            out[marks[1]]["line"] = i
            write_plot(out[marks[1]], row, line, times_s[i])
            marks[1] += 1
    return len(lines)


def merge(aircraft: Aircraft, lines: NDArray[Any], times_s: NDArray[np.float64]) -> NDArray[Any]:
    """Return a row of OUT for each position of lines (n,) of LINE, each at its time (n,); the aircraft are brought up to date."""
    out = np.zeros(len(lines), OUT)
    marks = np.array([aircraft.used, 0])
    done = 0
    while True:
        done = run(done, lines, times_s, aircraft.rows, aircraft.slots, BLANK, out, marks)
        aircraft.used = int(marks[0])
        if done == len(lines):
            return out[: marks[1]]
        aircraft.make_room(float(times_s[done]))
        marks[0] = aircraft.used
