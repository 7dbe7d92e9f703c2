"""One source of Mode S frames: its memory, and frames to Decoded."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import Plots
from tenere.errors import Rejects
from tenere.wire.decoded import Decoded
from tenere.wire.mode_s import counter, decode, place
from tenere.wire.mode_s.register import BLANK, Register

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.format import SourceHint


@dataclass
class Source:
    """What one source has said so far. site: (3,) a place near its receiver in degrees, and how that is known."""

    register: Register = field(default_factory=Register.empty)
    site: NDArray[np.float64] = field(default_factory=lambda: np.array([np.nan, np.nan, place.UNKNOWN]))

    @classmethod
    def of(cls, hint: SourceHint) -> Source:
        """Return a source that has said nothing, its receiver where the hint puts it."""
        source = cls()
        if math.isfinite(hint.receiver_lat_rad) and math.isfinite(hint.receiver_lon_rad):
            source.site[:] = math.degrees(hint.receiver_lat_rad), math.degrees(hint.receiver_lon_rad), place.RECEIVER
        return source


@dataclass
class Stream:
    """One source whose bytes come as a stream: its aircraft, its clock, the unfinished rest, and whether what follows is to be skipped."""

    source: Source
    tail: bytes = b""
    skipping: bool = False
    clock: counter.Clock = field(default_factory=counter.Clock)


def start(hint: SourceHint) -> Stream:
    """Return the state of a stream that has sent nothing."""
    return Stream(Source.of(hint))


@dataclass(frozen=True)
class Frames:
    """Frames in order of arrival.

    data: (n, 14) uint8, short ones filled up with anything; sizes: (n,) 7 or 14; receive_s: (n,) or NaN;
    reference: (n,) byte offset of each in what its source delivered; counters (n,) and signals (n,): what the receiver
    put on each, -1 where it put none (None: on none).
    """

    data: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    receive_s: NDArray[np.float64]
    reference: NDArray[np.int64]
    counters: NDArray[np.int64] | None = None
    signals: NDArray[np.int16] | None = None


def unit_times(chunk: Chunk, ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) the receive time of the unit of a chunk in which each record ends; ends (n,) are offsets in its data."""
    if not len(chunk.times_s):
        return np.full(len(ends), np.nan)
    unit = np.minimum(np.searchsorted(chunk.ends, ends, side="left"), len(chunk.times_s) - 1)
    return chunk.times_s[unit]


@dataclass(frozen=True)
class Outcome:
    """What one pass over frames gave: found (n,) decode.FOUND; records by name; and, for plots only, out and heard."""

    found: NDArray[Any]
    records: NDArray[np.int64]
    out: NDArray[Any]
    heard: NDArray[np.int32]


def follow(source: Source, frames: Frames, times_s: NDArray[np.float64], *, plotting: bool) -> Outcome:
    """Pass over frames in order, each at its time (n,); the source remembers. plotting: make plots, and name who was heard."""
    n = len(frames.sizes)
    out = np.zeros(n if plotting else 0, decode.OUT)
    heard = np.empty(n if plotting else 0, np.int32)
    found = np.zeros(n, decode.FOUND)
    records = np.zeros(32, np.int64)
    register = source.register
    marks = np.array([register.used, 0, 0])
    done = 0
    while done < n:
        if register.used == len(register.rows):
            register.make_room(float(times_s[done]))
            marks[0] = register.used
        done = decode.run(
            done, frames.data, frames.sizes, times_s, register.rows, register.slots, source.site, BLANK,
            plotting, out, heard, marks, records, found,
        )  # fmt: skip
        register.used = int(marks[0])
    return Outcome(found, records, out[: marks[1]], heard[: marks[2]])


def run(source: Source, frames: Frames, times_s: NDArray[np.float64], *, base_offset: int = 0) -> Decoded:
    """Decode frames in order, each at its time (n,), into plots, counts and refusals; the source remembers.

    base_offset: where the chunk stands in all that the source delivered, for the refusals.
    """
    got = follow(source, frames, times_s, plotting=True)
    plots = got.out
    row = plots["frame"]
    names = {name: plots[name] for name in decode.OUT.names or () if name not in {"frame", "lat_deg", "lon_deg", "callsign"}}
    return Decoded(
        plots=Plots.blank(
            len(plots),
            time_s=times_s[row],
            receive_s=frames.receive_s[row],
            reference=frames.reference[row],
            lat_rad=np.radians(plots["lat_deg"]),
            lon_rad=np.radians(plots["lon_deg"]),
            callsign=plots["callsign"].astype(">i8").view("S8"),
            **names,
        ),
        records=Counter({f"DF{k}": int(got.records[k]) for k in np.flatnonzero(got.records)}),
        rejects=_rejects(got.found["refused"], frames.reference + base_offset),
        addresses=frozenset(np.unique(got.heard).tolist()),
        claimed=_claimed(frames, got.found),
    )


def _claimed(frames: Frames, found: NDArray[Any]) -> frozenset[int]:
    """Return the addresses that the parity of unverified Comm-B replies names."""
    replies = np.flatnonzero(found["refused"] == decode.UNVERIFIED)
    comm_b = np.isin(frames.data[replies, 0] >> 3, (20, 21))
    return frozenset(np.unique(found["parity"][replies[comm_b]]).tolist())


def _rejects(refused: NDArray[np.int8], reference: NDArray[np.int64]) -> Rejects:
    """Count the reasons, each with the offset of the first frame it refused."""
    rejects = Rejects()
    rows = np.flatnonzero(refused >= 0)
    reasons, first, counts = np.unique(refused[rows], return_index=True, return_counts=True)
    for reason, where, count in zip(reasons.tolist(), first.tolist(), counts.tolist(), strict=True):
        rejects.add(decode.REASONS[reason], int(reference[rows[where]]), count)
    return rejects
