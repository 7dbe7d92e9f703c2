"""The SBS-1 format: a stream of lines to plots, counts and details."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.batch import Plots
from tenere.errors import Rejects
from tenere.wire.decoded import Decoded
from tenere.wire.detail import told
from tenere.wire.format import Format
from tenere.wire.mode_s.counter import steady
from tenere.wire.sbs.details import tables
from tenere.wire.sbs.lines import GOOD, KINDS, MSG, NOT_ICAO, REASONS, START, columns
from tenere.wire.sbs.merge import Aircraft, merge
from tenere.wire.text_lines import Lines, Tail, ends_of, lines, share
from tenere.wire.uat.text import start_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint

LONGEST = 512
HALF_HOUR_S = 1800.0
FARTHEST_ZONE_S = 14 * 3600.0
CLOCK_OFF_S = 60.0
CLOCK_OFF = "SBS clock off by over a minute"
BAD_CALLSIGN = "SBS callsign with characters that do not exist"

_LIKE = re.compile(
    rb"(?:\d{1,19},)?(?:MSG|MLAT),[1-8],|START,[A-Z][a-z]{2} [A-Z][a-z]{2} |"
    rb"(?:SEL|ID ?|AIR|STA|CLK),[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,\d\d\d\d[/-]\d\d[/-]\d\d,"
)


@dataclass
class State:
    """One source: the unfinished line, and what was said of each aircraft."""

    tail: Tail
    aircraft: Aircraft
    begun_s: float = math.nan
    """When the log began that is read, where it says so."""


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing. Option datagrams: see text_lines."""
    return State(Tail.of(hint.options), Aircraft.empty())


@njit(cache=True)
def line_times(
    generated_s: NDArray[np.float64], receive_s: NDArray[np.float64], tick_s: float, times_s: NDArray[np.float64], off: NDArray[np.bool_]
) -> None:
    """Fill times_s (n,) with the time of each line, and off (n,) with whether its own clock could not be used.

    The sender writes its local time, of a zone unknown here: zones differ by whole half hours (45 min zones are taken for a
    clock that is off), so a time generated counts where it is within a minute of the receive time but for whole half hours,
    up to 14 h. Without a receive time it is taken as it stands; without any, the tick's time serves.
    """
    for i in range(len(generated_s)):
        said, heard = generated_s[i], receive_s[i]
        off[i] = False
        if np.isnan(said):
            times_s[i] = tick_s if np.isnan(heard) else heard
        elif np.isnan(heard):
            times_s[i] = said
        else:
            zone = np.rint((said - heard) / HALF_HOUR_S) * HALF_HOUR_S
            off[i] = abs(said - heard - zone) > CLOCK_OFF_S or abs(zone) > FARTHEST_ZONE_S
            times_s[i] = heard if off[i] else said - zone


def _read(
    state: State, chunk: Chunk, tick_s: float
) -> tuple[Lines, NDArray[Any], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the lines of a chunk, what each says, where its fields lie, its time, and whether its clock is off."""
    got = lines(state.tail, chunk, LONGEST)
    read, cuts = columns(got.text, got.starts, got.ends)
    state.begun_s = _stamp(read, cuts, got.text, got.ends, state.begun_s)
    times_s, off = np.zeros(len(got)), np.zeros(len(got), np.bool_)
    line_times(np.ascontiguousarray(read["generated_s"]), got.receive_s, tick_s, times_s, off)
    return got, read, cuts, times_s, off


def _stamp(read: NDArray[Any], cuts: NDArray[np.int64], text: bytes, ends: NDArray[np.int64], begun_s: float) -> float:
    """Give stamped lines the time of their stamp, in place; return when their log began, as the last START line says."""
    begins = np.flatnonzero(read["kind"] == START)
    first = 0
    for row in [*begins.tolist(), len(read)]:
        part = read[first:row]
        stamped = ~np.isnan(part["stamp_s"])
        part["generated_s"][stamped] = begun_s + part["stamp_s"][stamped]
        if row < len(read):
            begun_s = start_s(text[int(cuts[row, 0]) : int(ends[row])].strip())
        first = row
    return begun_s


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    got, read, _, times_s, off = _read(state, chunk, time_s)
    rejects, offsets = got.rejects, got.offsets
    for reason, text in enumerate(REASONS):
        _count(rejects, text, read["reason"] == reason, offsets)
    good = read["reason"] == GOOD
    _count(rejects, CLOCK_OFF, off & good, offsets)
    _count(rejects, BAD_CALLSIGN, good & (read["callsign"] < 0), offsets)
    found = merge(state.aircraft, read, times_s)
    row = found["line"]
    names = {name: found[name] for name in found.dtype.names or () if name not in {"line", "lat_deg", "lon_deg", "callsign"}}
    heard = read["address"][good & (read["address"] > 0) & (read["address"] < NOT_ICAO)]
    plots = Plots.blank(
        len(found),
        time_s=times_s[row],
        receive_s=got.receive_s[row],
        reference=got.references[row],
        lat_rad=np.radians(found["lat_deg"]),
        lon_rad=np.radians(found["lon_deg"]),
        callsign=found["callsign"].astype(">i8").view("S8"),
        **names,
    )
    return state, Decoded(plots=plots, records=_records(read[good]), rejects=rejects, addresses=frozenset(np.unique(heard).tolist()))


def _count(rejects: Rejects, reason: str, mask: NDArray[np.bool_], offsets: NDArray[np.int64]) -> None:
    """Count the lines of a mask (n,) under a reason, with the offset of the first."""
    found = np.flatnonzero(mask)
    if len(found):
        rejects.add(reason, int(offsets[found[0]]), len(found))


def _records(read: NDArray[Any]) -> Counter[str]:
    """Count lines by their kind and transmission type."""
    kinds, counts = np.unique(read["kind"].astype(np.int64) * 10 + read["type"], return_counts=True)
    return Counter(
        {
            f"SBS {KINDS[kind // 10]}" + (f",{kind % 10}" if kind // 10 == MSG else ""): count
            for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)
        }
    )


def details(state: State, chunk: Chunk, time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every field of every line, a table for each kind of line."""
    got, read, cuts, times_s, _ = _read(state, chunk, time_s)
    return state, told(tables(got, read, cuts, times_s), chunk)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line of a file: the time generated, as it stands."""
    ends = ends_of(data)
    stops = np.maximum(ends - 1, 0)
    read, cuts = columns(data, np.concatenate([np.zeros(1, np.int64), ends[:-1]]), stops)
    _stamp(read, cuts, data, stops, math.nan)
    return ends, steady(np.ascontiguousarray(read["generated_s"])), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in lines which begin as those of SBS do."""
    return share(head, _LIKE.match)


FORMAT = Format("sbs", init, step, split, likeness, details)
