"""Any recording, by its content: what frames it, what format it holds, its units and their times.

The name of the file is never asked. Each framing is tried, and the one that explains most of the bytes is taken: a file that
is damaged at its beginning, or cut short, is still known by the rest of it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.errors import Rejects, TenereError, WireError
from tenere.tick import Chunk
from tenere.wire import capture, capture_link
from tenere.wire import format as formats
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.asterix.file import block_times, shares
from tenere.wire.asterix.framing import GPS, NAMES, read_framed
from tenere.wire.asterix.timeline import anchored, timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = (1 << 31) - 1
"""Bytes of the largest recording taken, after inflation."""

HEAD = 65536
EXPLAINED = 0.35
"""Share of a file that a reading must explain; noise stays below 0.3 (see asterix.file.likeness)."""


@dataclass(frozen=True)
class Recording:
    """A recording read: what framed it, the format of its units, the units and their times, what was skipped.

    positions: (units,) int64, where each unit stands in the file (in what it inflates to), for messages: see ``where``.
    """

    framing: str
    format: str
    chunk: Chunk
    rejects: Rejects
    positions: NDArray[np.int64]

    def where(self, offset: int) -> int:
        """Return the place in the file of an offset in chunk.data."""
        ends = self.chunk.ends
        unit = int(np.searchsorted(ends, offset, side="right"))
        if unit >= len(ends):
            return offset if not len(ends) else int(self.positions[-1])
        begin = int(ends[unit - 1]) if unit else 0
        return int(self.positions[unit]) + offset - begin


def read(data: bytes, name: str = "", format_name: str = "", hint: formats.SourceHint | None = None) -> Recording:
    """Read a recording, gzip-compressed or not.

    name is for messages only; format_name is the format to read it as, empty to find it by content; hint: what is known
    of its source. Raises WireError where
    nothing can be made of it, TenereError where there is no such format; what is damaged around units that can be read is
    counted in rejects.
    """
    about = f"{name}: " if name else ""
    rejects = Rejects()
    if not data:
        raise WireError(f"{about}the file is empty")
    if data[:2] == b"\x1f\x8b":
        data = _inflate(data, rejects, about)
    if len(data) > LARGEST:
        raise WireError(f"{about}the file holds 2 GiB or more: cut it into parts")
    found = _captured(data, format_name)
    if found is None and format_name in {"", "asterix"}:
        found = _recorded(data)
    if found is None:
        found = _bare(data, format_name or _likeliest(_windows(data)), hint or formats.SourceHint())
    if found is None:
        raise WireError(f"{about}not a recording this program knows: {_why(data)}")
    if not len(found.chunk.ends):
        reasons = ", ".join(f"{reason} ({count})" for reason, count in found.rejects.counts.items()) or "no packets"
        raise WireError(f"{about}a {found.framing} file that holds nothing to decode: {reasons}")
    found.rejects.merge(rejects)
    return found


def _inflate(data: bytes, rejects: Rejects, about: str) -> bytes:
    """Inflate gzip, every member, no more than LARGEST; what is damaged ends it."""
    out = bytearray()
    at = 0
    while data[at : at + 2] == b"\x1f\x8b":
        engine = zlib.decompressobj(wbits=31)
        step = HEAD
        while at < len(data) and not engine.eof:
            before = engine.copy()
            piece = data[at : at + step]
            try:
                out += engine.decompress(piece)  # a piece of 64 kB inflates to 66 MB at the very most
            except zlib.error:
                if step == 1:
                    rejects.add("damaged gzip data", at)
                    return _inflated(out, about)
                engine, step = before, max(step // 16, 1)  # again, in smaller steps, for what stands before the damage
                continue
            at += len(piece) - len(engine.unused_data)
            if len(out) > LARGEST:
                raise WireError(f"{about}the file inflates to 2 GiB or more")
        if not engine.eof:
            rejects.add("gzip data cut short", len(data))
    return _inflated(out, about)


def _inflated(out: bytearray, about: str) -> bytes:
    if not out:
        raise WireError(f"{about}not a recording this program knows: gzip data that do not inflate")
    return bytes(out)


def _captured(data: bytes, format_name: str) -> Recording | None:
    """Read a capture (pcap, pcapng); format_name: of its units, empty to find it."""
    for framing, reader in (("pcapng", capture.read_pcapng), ("pcap", capture.read_pcap)):
        found = reader(data)
        if found is None or found[1] < EXPLAINED:
            continue
        frames, _, rejects = found
        units = capture_link.units(data, frames)
        rejects.merge(units.rejects)
        datagrams = units.kind == capture_link.DATAGRAM
        networked = bool(datagrams.sum() * 2 > len(datagrams))
        keep = datagrams == networked
        rejects.add("frames of another kind in the same capture", 0, int((~keep).sum()))
        chunk = _gather(units.data, units.start[keep], units.end[keep], units.time_s[keep])
        name = format_name or (_datagram_format(chunk) if networked else "remote_id")
        return Recording(framing, name, chunk, rejects, units.position[keep])
    return None


def _datagram_format(chunk: Chunk) -> str:
    """Name the format of datagrams: ASTERIX unless another explains them better."""
    head, ends = _head(chunk)
    if max(shares(head, ends)[:2]) >= EXPLAINED:
        return "asterix"
    return _likeliest([head]) or "asterix"


def _head(chunk: Chunk) -> tuple[bytes, NDArray[np.int64]]:
    """Return the first units, HEAD bytes of them, and their ends."""
    count = max(int(np.searchsorted(chunk.ends, HEAD, side="right")), 1)
    return chunk.data[: int(chunk.ends[count - 1])], chunk.ends[:count]


def _likeness(name: str, head: bytes) -> float:
    """Return how much some bytes look like a format; 0 where it is not installed."""
    try:
        loaded = formats.load(name)
    except TenereError:
        return 0.0
    return loaded.likeness(head)


def _recorded(data: bytes) -> Recording | None:
    """Read a recorder's file (Final, RPLY, GPS)."""
    best, score = None, 0.0
    for mode, name in enumerate(NAMES):
        if max(read_framed(window, mode).explained for window in _windows(data)) < EXPLAINED:
            continue
        found = read_framed(data, mode)
        if found.explained < EXPLAINED:
            continue
        chunk = _gather(data, found.start, found.end, found.time_s)
        whole = shares(*_head(chunk), exact=mode == GPS)[1]
        # the blocks of a Final or RPLY frame fill it exactly, which noise does not; a GPS frame is nothing but its block
        likes = found.explained * (whole if mode == GPS else 0.5 + 0.5 * whole)
        if likes > score:
            best, score = (name, found, chunk), likes
    if best is None or score < EXPLAINED:
        return None
    name, found, chunk = best
    said = _unit_times(chunk)
    times = timeline(anchored(found.time_s, said) if np.isfinite(found.time_s).any() else said)
    return Recording(name, "asterix", Chunk("", chunk.data, chunk.ends, times), found.rejects, found.start)


def _unit_times(chunk: Chunk) -> NDArray[np.float64]:
    """Return the time of day of each unit: that of its first ASTERIX block which has one."""
    out = np.full(len(chunk.ends), np.nan)
    blocks = find_blocks(np.frombuffer(chunk.data, np.uint8), chunk.ends)
    said = block_times(chunk.data, blocks)
    rows = np.flatnonzero(np.isfinite(said))[::-1]  # backwards, so that the first block of a unit is written last
    out[blocks.unit[rows]] = said[rows]
    return out


def _likeliest(windows: list[bytes]) -> str:
    """Name the format that explains most of some windows of a file; empty where none explains enough."""
    best, score = "", 0.0
    for name in formats.names():
        likes = max(_likeness(name, window) for window in windows)
        if likes > score:
            best, score = name, likes
    return best if score >= EXPLAINED else ""


def _bare(data: bytes, name: str, hint: formats.SourceHint) -> Recording | None:
    """Read a file that is nothing but its format: ASTERIX blocks, Beast, text."""
    if not name:
        return None
    chosen = formats.load(name)
    ends, times, rejects = chosen.split(data) if chosen.split_as is None else chosen.split_as(data, hint)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    framing = {"asterix": "raw", "modes_hex": _text_framing(data)}.get(name, name)
    return Recording(framing, name, Chunk("", data[: int(ends[-1])] if len(ends) else b"", ends, times), rejects, starts)


def _windows(data: bytes) -> list[bytes]:
    """Return what to judge a file by: its beginning, and in a long one its middle, lest the beginning be damaged."""
    middle = len(data) // 2
    return [data[:HEAD]] if len(data) <= 2 * HEAD else [data[:HEAD], data[middle : middle + HEAD]]


def _text_framing(data: bytes) -> str:
    """Name the kind of text: by the first line that holds one of its marks."""
    for line in data[:HEAD].splitlines()[:50]:
        text = line.strip().removeprefix(b"\xef\xbb\xbf")
        if text.startswith(b"{"):
            return "json lines"
        if text.startswith((b"*", b"@", b"<")) and text.endswith(b";"):
            return "avr"
        if b"," in text:
            return "csv"
    return "text"


def _why(data: bytes) -> str:
    """Say what a file looks like instead."""
    marks = {b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"%PDF": "a PDF document", b"PK\x03\x04": "a ZIP archive"}
    for mark, what in marks.items():
        if data.startswith(mark):
            return f"it is {what}"
    head = data[:HEAD].decode("utf-8", "surrogateescape")
    if sum(c.isprintable() or c.isspace() for c in head) > 0.99 * len(head):
        return "text in no format installed here"
    return "no framing (pcap, pcapng, Final, RPLY, GPS) and no format explains its bytes"


@njit(cache=True)
def _copy(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    at = 0
    for i in range(starts.size):
        for p in range(starts[i], ends[i]):
            out[at] = data[p]
            at += 1


def _gather(data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], times_s: NDArray[np.float64]) -> Chunk:
    """Return spans of data, end to end, as the units of a chunk."""
    until = np.cumsum(ends - starts)
    out = np.empty(int(until[-1]) if len(until) else 0, np.uint8)
    _copy(np.frombuffer(data, np.uint8), np.ascontiguousarray(starts), np.ascontiguousarray(ends), out)
    return Chunk("", out.tobytes(), until.astype(np.int64), times_s)
