"""One source of Mode S frames: its memory, and frames to Decoded."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Plots
from tenere.errors import Rejects
from tenere.wire.decoded import Decoded
from tenere.wire.mode_s import crc, decode, place
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
    """One source whose bytes come as a stream: its aircraft, the unfinished rest, and whether what follows it is to be skipped."""

    source: Source
    tail: bytes = b""
    skipping: bool = False


def start(hint: SourceHint) -> Stream:
    """Return the state of a stream that has sent nothing."""
    return Stream(Source.of(hint))


@dataclass(frozen=True)
class Frames:
    """Frames in order of arrival.

    data: (n, 14) uint8, short ones filled up with anything; sizes: (n,) 7 or 14; receive_s: (n,) or NaN;
    reference: (n,) byte offset of each in what its source delivered.
    """

    data: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    receive_s: NDArray[np.float64]
    reference: NDArray[np.int64]


def unit_times(chunk: Chunk, ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) the receive time of the unit of a chunk in which each record ends; ends (n,) are offsets in its data."""
    if not len(chunk.times_s):
        return np.full(len(ends), np.nan)
    unit = np.minimum(np.searchsorted(chunk.ends, ends, side="left"), len(chunk.times_s) - 1)
    return chunk.times_s[unit]


def run(source: Source, frames: Frames, times_s: NDArray[np.float64], *, base_offset: int = 0) -> Decoded:
    """Decode frames in order, each at its time (n,), into plots, counts and refusals; the source remembers.

    base_offset: where the chunk stands in all that the source delivered, for the refusals.
    """
    n = len(frames.sizes)
    out = np.zeros(n, decode.OUT)
    heard = np.empty(n, np.int32)
    records = np.zeros(32, np.int64)
    refused = np.full(n, -1, np.int64)
    register = source.register
    marks = np.array([register.used, 0, 0])
    done = 0
    while done < n:
        if register.used == len(register.rows):
            register.make_room(float(times_s[done]))
            marks[0] = register.used
        done = decode.run(
            done, frames.data, frames.sizes, times_s, register.rows, register.slots, source.site, BLANK, out, heard, marks, records, refused
        )
        register.used = int(marks[0])
    plots = out[: marks[1]]
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
        records=Counter({f"DF{k}": int(records[k]) for k in np.flatnonzero(records)}),
        rejects=_rejects(refused, frames.reference + base_offset),
        addresses=frozenset(np.unique(heard[: marks[2]]).tolist()),
        claimed=_claimed(frames, refused),
    )


def _claimed(frames: Frames, refused: NDArray[np.int64]) -> frozenset[int]:
    """Return the addresses that the parity of unverified Comm-B replies names."""
    replies = frames.data[(refused == decode.UNVERIFIED) & (frames.sizes == 14)]
    replies = replies[(replies[:, 0] >> 3 == 20) | (replies[:, 0] >> 3 == 21)]
    if not len(replies):
        return frozenset()
    last = replies[:, 11].astype(np.int64) << 16 | replies[:, 12].astype(np.int64) << 8 | replies[:, 13]
    return frozenset(np.unique(crc.parities(replies).astype(np.int64) ^ last).tolist())


def _rejects(refused: NDArray[np.int64], reference: NDArray[np.int64]) -> Rejects:
    """Count the reasons, each with the offset of the first frame it refused."""
    rejects = Rejects()
    found, first, counts = np.unique(refused, return_index=True, return_counts=True)
    for reason, where, count in zip(found.tolist(), first.tolist(), counts.tolist(), strict=True):
        if reason >= 0:
            rejects.add(decode.REASONS[reason], int(reference[where]), count)
    return rejects
