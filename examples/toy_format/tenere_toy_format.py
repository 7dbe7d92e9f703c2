"""A toy format: one position a line, as a small receiver might print it.

    TOY 4ca1fa 1900000000.25 13.4815 2.1837 35000

the word TOY, a 24-bit address in hex, Unix seconds, latitude and longitude in degrees, pressure altitude in feet.

A format is five functions and a name. ``step`` is all that the picture needs; ``split`` and ``likeness`` let `tenere
decode` and `tenere replay` recognise a file; ``details`` is what `tenere decode --to parquet` writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import PlotKind, Plots
from tenere.errors import Rejects
from tenere.units import FOOT_M
from tenere.wire.decoded import Decoded
from tenere.wire.detail import Column, Detail
from tenere.wire.format import Format

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.format import SourceHint

LONGEST = 200
"""Bytes of the longest line believed in: what a decoder keeps must be bounded."""

FIELDS = ("address", "time_s", "lat_deg", "lon_deg", "altitude_ft")


@dataclass
class State:
    """What one source leaves for the next read: a line that has not ended. Nothing is shared between sources."""

    tail: bytes = b""


def init(_hint: SourceHint) -> State:
    """Return the state of a source that has said nothing."""
    return State()


def read_line(line: bytes) -> tuple[float, ...]:
    """Return the fields of a line; raise ValueError where it is none."""
    word, address, *numbers = line.split()
    if word != b"TOY" or len(numbers) != 4:
        raise ValueError
    time_s, lat, lon, feet = (float(n) for n in numbers)
    if not (abs(lat) <= 90 and abs(lon) <= 180 and math.isfinite(time_s) and math.isfinite(feet)):
        raise ValueError
    return float(int(address, 16)), time_s, lat, lon, feet


def _read(state: State, chunk: Chunk, rejects: Rejects) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the fields (n, 5) of the lines that end in a chunk, when each arrived and where it stands; bad ones are counted."""
    before = len(state.tail)
    text = state.tail + chunk.data
    if len(chunk.ends) and chunk.ends[-1] == (chunk.ends[-2] if len(chunk.ends) > 1 else 0):
        text += b"\n"  # a unit of no bytes: what came before has ended, and its last line with it
    rows, arrived, places = [], [], []
    at = 0
    while (end := text.find(b"\n", at)) >= 0:
        line = text[at:end].strip()
        if line:
            try:
                rows.append(read_line(line))
            except ValueError:
                rejects.add("toy line that does not read", max(chunk.offset + at - before, 0))
            else:
                unit = min(int(np.searchsorted(chunk.ends, end + 1 - before)), len(chunk.ends) - 1)
                arrived.append(chunk.times_s[unit])
                places.append(max(at - before, 0))
        at = end + 1
    state.tail = text[at:]
    if len(state.tail) > LONGEST:
        rejects.add("toy line too long", max(chunk.offset + at - before, 0))
        state.tail = b""
    return np.array(rows).reshape(-1, len(FIELDS)), np.array(arrived, np.float64), np.array(places, np.int64)


def step(state: State, chunk: Chunk, _time_s: float) -> tuple[State, Decoded]:
    """Turn the lines of a chunk into plots."""
    out = Decoded()
    rows, arrived, places = _read(state, chunk, out.rejects)
    out.records["toy position"] = len(rows)
    out.plots = Plots.blank(
        len(rows),
        time_s=rows[:, 1],
        receive_s=arrived,
        kind=PlotKind.ADSB,
        lat_rad=np.radians(rows[:, 2]),
        lon_rad=np.radians(rows[:, 3]),
        pressure_altitude_m=rows[:, 4] * FOOT_M,
        address=rows[:, 0],
        reference=places,
    )
    out.addresses = frozenset(int(a) for a in rows[:, 0])
    return state, out


def details(state: State, chunk: Chunk, _time_s: float) -> tuple[State, dict[str, Detail]]:
    """Give every field as a column."""
    rows, arrived, places = _read(state, chunk, Rejects())
    named = (Column(name, rows[:, k], name.rpartition("_")[2] if "_" in name else "") for k, name in enumerate(FIELDS))
    return state, {"toy position": Detail((Column("offset", places + chunk.offset), Column("receive_s", arrived, "s"), *named))}


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Cut a file into lines, each with its own time."""
    ends = np.array([i + 1 for i, octet in enumerate(data) if octet == ord("\n")], np.int64)
    if not len(ends) or ends[-1] < len(data):  # the last line, and a unit of no bytes that ends it
        ends = np.append(ends, [len(data), len(data)])
    times = []
    begin = 0
    for end in ends.tolist():
        try:
            times.append(read_line(data[begin:end])[1])
        except ValueError:
            times.append(math.nan)
        begin = end
    return ends, np.array(times), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of lines that begin as ours do."""
    lines = [line for line in head.splitlines() if line.strip()]
    return sum(line.startswith(b"TOY ") for line in lines) / len(lines) if lines else 0.0


FORMAT = Format("toy", init, step, split, likeness, details)
