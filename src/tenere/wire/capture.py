"""Capture files: pcap and pcapng, as frames with their times and link types.

Both chain: each header says how long its frame is. After a header that cannot be, the next position is taken from which
several headers chain, and what lies between is counted.
(draft-ietf-opsawg-pcap; draft-ietf-opsawg-pcapng, sections 4.1 to 4.4.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import Rejects

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 262_144
"""Bytes of the largest frame believed in (the largest that libpcap itself writes)."""

CHAIN = 3
UNKNOWN_LINK = -1

_MAGICS = {
    b"\xd4\xc3\xb2\xa1": (False, 1e-6),
    b"\x4d\x3c\xb2\xa1": (False, 1e-9),
    b"\xa1\xb2\xc3\xd4": (True, 1e-6),
    b"\xa1\xb2\x3c\x4d": (True, 1e-9),
}
"""First bytes of a pcap file: big-endian or not, and what its fractions count."""

SECTION, INTERFACE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 3, 6


class Frames(NamedTuple):
    """Frames in order, (n,) each: where in the file, when (NaN where it is not said), link type (-1 unknown), whole as captured."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    time_s: NDArray[np.float64]
    link: NDArray[np.int64]


@njit(cache=True)
def _u32(data: NDArray[np.uint8], at: int, big: bool) -> int:
    a, b, c, d = int(data[at]), int(data[at + 1]), int(data[at + 2]), int(data[at + 3])
    return ((a * 256 + b) * 256 + c) * 256 + d if big else ((d * 256 + c) * 256 + b) * 256 + a


@njit(cache=True)
def _pcap_next(data: NDArray[np.uint8], at: int, big: bool, limit: int) -> int:
    """Return the end of the packet whose header stands here, 0 where none can."""
    if at + 16 > data.size or _u32(data, at + 4, big) >= limit:
        return 0
    captured, original = _u32(data, at + 8, big), _u32(data, at + 12, big)
    if captured == 0 or captured > LARGEST or original > 16 * LARGEST or captured > original or at + 16 + captured > data.size:
        return 0
    return at + 16 + captured


@njit(cache=True)
def _pcap_chains(data: NDArray[np.uint8], at: int, big: bool, limit: int) -> bool:
    for _ in range(CHAIN):
        following = _pcap_next(data, at, big, limit)
        if following == 0:
            return False
        at = following
        if at == data.size:
            return True
    return True


@njit(cache=True)
def _pcap_scan(
    data: NDArray[np.uint8],
    begin: int,
    big: bool,
    limit: int,
    rows: NDArray[np.int64],
    gaps: NDArray[np.int64],
    write: bool,
) -> tuple[int, int]:
    """Find packets: rows (n, 4) start, end, seconds, fraction; gaps (m, 2) start, end. Return (n, m)."""
    n = 0
    m = 0
    at = begin
    while at < data.size:
        following = _pcap_next(data, at, big, limit)
        if following and following != data.size and _pcap_next(data, following, big, limit) == 0:
            for p in range(at + 1, following):  # the length may be what is damaged
                if _pcap_chains(data, p, big, limit):
                    following = 0
                    break
        if following == 0:
            p = at + 1
            while p < data.size and not _pcap_chains(data, p, big, limit):
                p += 1
            if write:
                gaps[m, 0] = at
                gaps[m, 1] = p
            m += 1
            at = p
            continue
        if write:
            rows[n, 0] = at + 16
            rows[n, 1] = following
            rows[n, 2] = _u32(data, at, big)
            rows[n, 3] = _u32(data, at + 4, big)
        n += 1
        at = following
    return n, m


@njit(cache=True)
def _ng_length(data: NDArray[np.uint8], at: int, big: bool) -> int:
    """Return the length of the pcapng block that stands here, 0 where none can: the length stands at both ends."""
    if at + 12 > data.size:
        return 0
    length = _u32(data, at + 4, big)
    if length < 12 or length % 4 or length > 16 * LARGEST or at + length > data.size or _u32(data, at + length - 4, big) != length:
        return 0
    return length


@njit(cache=True)
def _ng_scan(data: NDArray[np.uint8], rows: NDArray[np.int64], gaps: NDArray[np.int64], write: bool) -> tuple[int, int]:
    """Find pcapng blocks: rows (n, 4) start, length, type, big-endian; gaps (m, 2). Return (n, m)."""
    n = 0
    m = 0
    at = 0
    big = False
    lost = -1
    while at < data.size:
        if at + 12 <= data.size and _u32(data, at, True) == SECTION:
            big = _u32(data, at + 8, True) == 0x1A2B3C4D
        length = _ng_length(data, at, big)
        if length == 0:
            length = _ng_length(data, at, not big) if n == 0 else 0
            big = big if length == 0 else not big
        if length == 0:
            if lost < 0:
                lost = at
            at += 1
            continue
        if lost >= 0:
            if write:
                gaps[m, 0] = lost
                gaps[m, 1] = at
            m += 1
            lost = -1
        if write:
            rows[n, 0] = at
            rows[n, 1] = length
            rows[n, 2] = _u32(data, at, big)
            rows[n, 3] = big
        n += 1
        at += length
    if lost >= 0:
        if write:
            gaps[m, 0] = lost
            gaps[m, 1] = data.size
        m += 1
    return n, m


def _uint(octets: NDArray[np.uint8], at: NDArray[np.int64], big: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Read 32-bit numbers at many places, (n,)."""
    parts = [octets[at + k].astype(np.int64) for k in range(4)]
    ahead = ((parts[0] * 256 + parts[1]) * 256 + parts[2]) * 256 + parts[3]
    back = ((parts[3] * 256 + parts[2]) * 256 + parts[1]) * 256 + parts[0]
    return np.where(big, ahead, back)


def _count_gaps(gaps: NDArray[np.int64], size: int, rejects: Rejects) -> None:
    for start, end in gaps.tolist():
        rejects.add("capture cut short" if end == size else "damaged packet header", start)


def read_pcap(data: bytes) -> tuple[Frames, float, Rejects] | None:
    """Return the frames of a pcap file, how much of the file they explain (0..1), and what was skipped; None where it is none.

    A file whose first bytes are damaged is still read, if its packets chain.
    """
    octets = np.frombuffer(data, np.uint8)
    none = np.empty((0, 4), np.int64)
    found = _MAGICS.get(data[:4])
    if found is None:  # a damaged beginning: whichever reading makes the first packets chain
        found = next((v for v in _MAGICS.values() if _pcap_chains(octets, 24, v[0], round(1 / v[1]))), None)
        if found is None or len(data) < 40:
            return None
    big, unit_s = found
    limit = round(1 / unit_s)
    n, m = _pcap_scan(octets, min(24, len(data)), big, limit, none, none, False)
    rows, gaps = np.empty((n, 4), np.int64), np.empty((m, 2), np.int64)
    _pcap_scan(octets, min(24, len(data)), big, limit, rows, gaps, True)
    rejects = Rejects()
    _count_gaps(gaps, len(data), rejects)
    link = int.from_bytes(data[20:24], "big" if big else "little") & 0xFFFF if len(data) >= 24 else UNKNOWN_LINK
    frames = Frames(rows[:, 0], rows[:, 1], rows[:, 2] + rows[:, 3] * unit_s, np.full(n, link, np.int64))
    explained = 1.0 if data[:4] in _MAGICS else float((rows[:, 1] - rows[:, 0] + 16).sum()) / len(data)
    return frames, explained, rejects


def read_pcapng(data: bytes) -> tuple[Frames, float, Rejects] | None:
    """Return the frames of a pcapng file, how much of the file its blocks explain (0..1), and what was skipped; None where it is none."""
    octets = np.frombuffer(data, np.uint8)
    none = np.empty((0, 4), np.int64)
    n, m = _ng_scan(octets, none, none, False)
    if n == 0:
        return None
    rows, gaps = np.empty((n, 4), np.int64), np.empty((m, 2), np.int64)
    _ng_scan(octets, rows, gaps, True)
    start, length, kind, big = rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3].astype(np.bool_)
    whole = ((kind == ENHANCED) & (length >= 32)) | ((kind == SIMPLE) & (length >= 16))
    if not ((kind == SECTION) | whole).any():
        return None
    rejects = Rejects()
    _count_gaps(gaps, len(data), rejects)
    section = np.cumsum(kind == SECTION)
    links, units, shifts, first = _interfaces(data, rows, section)
    packets = np.flatnonzero(whole)
    at, is_big, simple = start[packets], big[packets], kind[packets] == SIMPLE
    head = np.where(simple, 12, 28)
    captured = np.where(simple, _uint(octets, at + 8, is_big), _uint(octets, np.where(simple, at, at + 20), is_big))
    sound = (captured >= 0) & (np.where(simple, 0, captured) <= length[packets] - head - 4)
    captured = np.minimum(captured, length[packets] - head - 4)  # a simple packet says the original length only
    rejects.add("packet longer than its block", int(at[~sound][0]) if not sound.all() else 0, int((~sound).sum()))
    row = first[section[packets]] + np.where(simple, 0, _uint(octets, at + 8, is_big))
    row = np.where((row >= 0) & (row < len(links) - 1), row, len(links) - 1)  # the last one: an interface never described
    ticks = _uint(octets, at + 12, is_big).astype(np.float64) * 2.0**32 + _uint(octets, at + 16, is_big)
    time_s = np.where(simple, np.nan, ticks * units[row] + shifts[row])
    frames = Frames((at + head)[sound], (at + head + captured)[sound], time_s[sound], links[row][sound])
    return frames, float(length.sum()) / len(data), rejects


def _interfaces(
    data: bytes, rows: NDArray[np.int64], section: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return link type, seconds a tick and time offset of every interface (one more for "unknown"), and the first one of each section."""
    links: list[int] = []
    units: list[float] = []
    shifts: list[float] = []
    first = np.zeros(int(section[-1]) + 1, np.int64)
    described = np.flatnonzero((rows[:, 2] == INTERFACE) & (rows[:, 1] >= 20))
    first[:] = len(described)
    for count, i in enumerate(described.tolist()):
        at, length, _, is_big = rows[i].tolist()
        order = "big" if is_big else "little"
        first[section[i]] = min(first[section[i]], count)
        links.append(int.from_bytes(data[at + 8 : at + 10], order))  # type: ignore[arg-type] # "big" or "little"
        unit, shift = 1e-6, 0.0
        option = at + 16
        while option + 4 <= at + length - 4:
            code = int.from_bytes(data[option : option + 2], order)  # type: ignore[arg-type] # the same
            size = int.from_bytes(data[option + 2 : option + 4], order)  # type: ignore[arg-type] # the same
            value = data[option + 4 : min(option + 4 + size, at + length - 4)]
            if code == 0:
                break
            if code == 9 and len(value) == 1:  # if_tsresol: a power of ten, or of two where the top bit is set
                unit = 2.0 ** -(value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** -value[0]
            if code == 14 and len(value) == 8:  # if_tsoffset
                shift = float(int.from_bytes(value, order, signed=True))  # type: ignore[arg-type] # the same
            option += 4 + (size + 3) // 4 * 4
        units.append(unit)
        shifts.append(shift)
    return np.array([*links, UNKNOWN_LINK]), np.array([*units, 1e-6]), np.array([*shifts, 0.0]), first
