"""From captured frames to what sensors sent: datagrams, 802.11 frames, Bluetooth advertisements.

Link types as in the tcpdump group's list. IP fragments are put together again (IPv4, RFC 791; IPv6, RFC 8200 4.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import Rejects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.capture import Frames

DATAGRAM, WIFI, BLUETOOTH, FRAGMENT = 1, 2, 3, 4
"""What a frame brought."""

_REASONS = {
    -1: "packet too short for its headers",
    -2: "packet that is not IP",
    -3: "TCP segment: only UDP is read",
    -4: "IP packet that is not UDP",
    -5: "link type not supported",
    -6: "empty datagram",
}

ETHERNET, RAW, LOOPBACK, SLL, SLL2 = 1, 101, 108, 113, 276
GUESSES = (ETHERNET, 127, RAW, SLL, 105, SLL2)
"""Link types tried where the file's own is damaged."""

PENDING_BYTES = 1 << 22
"""Fragments kept waiting for the rest of their datagram; beyond it the oldest are given up."""


class Units(NamedTuple):
    """What was sent, in order of capture: kind (DATAGRAM, WIFI, BLUETOOTH), where in data, when, and where it began in the file.

    Of a datagram that came in fragments, position is where the frame of the last one began.
    """

    data: bytes
    kind: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    time_s: NDArray[np.float64]
    position: NDArray[np.int64]
    rejects: Rejects


@njit(cache=True)
def _be16(data: NDArray[np.uint8], at: int) -> int:
    return int(data[at]) * 256 + int(data[at + 1])


@njit(cache=True)
def _udp(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Return (kind, start, end) of a UDP payload."""
    if at + 8 > end:
        return -1, at, end
    length = _be16(data, at + 4)
    stop = min(end, at + length) if length >= 8 else end
    return (DATAGRAM, at + 8, stop) if stop > at + 8 else (-6, at, end)


@njit(cache=True)
def _ip(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:  # noqa: PLR0911 - one way out for each kind and fault
    """Return (kind, start, end) of what an IP packet brings; of a fragment, the packet itself."""
    if at >= end:
        return -1, at, end
    version = data[at] >> 4
    if version == 4:
        head = (data[at] & 15) * 4
        if head < 20 or at + head > end:
            return -1, at, end
        total = _be16(data, at + 2)
        stop = min(end, at + total) if total >= head else end  # a total of 0: left to the network card
        if _be16(data, at + 6) & 0x3FFF:
            return FRAGMENT, at, stop
        protocol = data[at + 9]
        at += head
    elif version == 6:
        if at + 40 > end:
            return -1, at, end
        total = _be16(data, at + 4)
        stop = min(end, at + 40 + total) if total else end
        protocol = data[at + 6]
        packet = at
        at += 40
        while protocol in (0, 43, 60):  # hop-by-hop, routing, destination options
            if at + 8 > stop:
                return -1, at, end
            protocol = data[at]
            at += 8 + int(data[at + 1]) * 8
        if protocol == 44:
            if at + 8 > stop:
                return -1, at, end
            if _be16(data, at + 2) & 0xFFF9:
                return FRAGMENT, packet, stop
            protocol = data[at]
            at += 8
    else:
        return -2, at, end
    if protocol == 17:
        return _udp(data, at, stop)
    return (-3, at, end) if protocol == 6 else (-4, at, end)


@njit(cache=True)
def _by_ethertype(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Go on after an address field: VLAN tags, EtherType or 802.3 length."""
    for _ in range(5):
        if at + 2 > end:
            return -1, at, end
        kind = _be16(data, at)
        at += 2
        if kind in (0x8100, 0x88A8, 0x9100):
            at += 2
            continue
        if kind in (0x0800, 0x86DD):
            return _ip(data, at, end)
        if kind <= 1500:  # a length: LLC follows (two access points, a control field), then the data itself
            stop = min(end, at + kind)
            return (DATAGRAM, at + 3, stop) if stop > at + 3 else (-1, at, end)
        return -2, at, end
    return -2, at, end


@njit(cache=True)
def _radiotap(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Return the 802.11 frame behind a radiotap header, without its check sequence where the header says that there is one."""
    if at + 8 > end:
        return -1, at, end
    length = int(data[at + 2]) + 256 * int(data[at + 3])
    if length < 8 or at + length > end:
        return -1, at, end
    field = at + 8
    first = data[at + 4]
    word = at + 4
    while data[word + 3] & 0x80 and word + 8 <= at + length:  # further words of the presence map
        word += 4
        field = word + 4
    if first & 1:  # TSFT: eight bytes, aligned
        field = at + (field - at + 7) // 8 * 8 + 8
    check = 4 if first & 2 and field < at + length and data[field] & 0x10 else 0
    return (WIFI, at + length, end - check) if end - check > at + length else (-1, at, end)


@njit(cache=True)
def _payload(data: NDArray[np.uint8], at: int, end: int, link: int) -> tuple[int, int, int]:  # noqa: PLR0911 - one way out a link type
    """Return (kind, start, end) of what one frame brings, or (-reason, ..)."""
    if link == 1:
        return _by_ethertype(data, at + 12, end)
    if link == 113:  # Linux cooked: the protocol after 14 bytes
        return _by_ethertype(data, at + 14, end)
    if link == 276:  # cooked, version 2: the protocol first, 20 bytes of header
        if at + 20 > end:
            return -1, at, end
        kind = _be16(data, at)
        return _ip(data, at + 20, end) if kind in (0x0800, 0x86DD) else (-2, at, end)
    if link in (12, 14, 101, 228, 229):
        return _ip(data, at, end)
    if link in (0, 108):  # null, loopback: four bytes of address family
        return _ip(data, at + 4, end)
    if link == 105:
        return (WIFI, at, end) if end > at else (-1, at, end)
    if link == 127:
        return _radiotap(data, at, end)
    if link == 251:
        return (BLUETOOTH, at, end) if end > at else (-1, at, end)
    if link == 256:  # ten bytes of radio information, then as 251
        return (BLUETOOTH, at + 10, end) if end > at + 10 else (-1, at, end)
    if link == 272:  # Nordic sniffer: find the advertising access address behind its header
        for p in range(at, min(at + 32, end - 4)):
            if data[p] == 0xD6 and data[p + 1] == 0xBE and data[p + 2] == 0x89 and data[p + 3] == 0x8E:
                return BLUETOOTH, p, end
        return -1, at, end
    return -5, at, end


@njit(cache=True)
def _payloads(
    data: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64], link: NDArray[np.int64], out: NDArray[np.int64]
) -> None:
    """Fill out (n, 3): kind or -reason, start, end."""
    for i in range(start.size):
        out[i, 0], out[i, 1], out[i, 2] = _payload(data, start[i], end[i], link[i])


def units(data: bytes, frames: Frames) -> Units:
    """Return what the frames brought. A frame that brings nothing is counted with its reason."""
    octets = np.frombuffer(data, np.uint8)
    out = np.zeros((len(frames.start), 3), np.int64)
    _payloads(octets, frames.start, frames.end, frames.link, out)
    unknown = out[:, 0] == -5
    if unknown.any() and unknown.all():  # the link type itself is damaged: the first guess that reads most frames
        tries = []
        for guess in GUESSES:
            attempt = np.zeros_like(out)
            _payloads(octets, frames.start, frames.end, np.full(len(out), guess, np.int64), attempt)
            tries.append(
                (int(np.isin(attempt[:, 0], (DATAGRAM, FRAGMENT)).sum()) if guess not in {105, 127} else _beacons(octets, attempt), attempt)
            )
        count, best = max(tries, key=lambda t: t[0])
        out = best if count * 2 > len(out) else out
    rejects = Rejects()
    for code, reason in _REASONS.items():
        rows = np.flatnonzero(out[:, 0] == code)
        if len(rows):
            rejects.add(reason, int(frames.start[rows[0]]), len(rows))
    joined, extra = _reassemble(data, out, frames, rejects)
    keep = (out[:, 0] > 0) & (out[:, 0] != FRAGMENT)
    rows = np.flatnonzero(keep)
    kind, start, end = (np.concatenate([out[rows, k], joined[:, k]]) for k in range(3))
    frame = np.concatenate([rows, joined[:, 3]])
    order = np.argsort(frame, kind="stable")
    kind, start, end, frame = kind[order], start[order], end[order], frame[order]
    position = np.where(start < len(data), start, frames.start[frame])
    return Units(data + extra if extra else data, kind, start, end, frames.time_s[frame], position, rejects)


def _beacons(octets: NDArray[np.uint8], attempt: NDArray[np.int64]) -> int:
    """Count the frames that begin like an 802.11 management frame (beacon or action)."""
    rows = attempt[attempt[:, 0] == WIFI]
    return int(np.isin(octets[rows[:, 1]], (0x80, 0xD0)).sum())


class _Pending:
    """The fragments of one datagram so far."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.total = -1
        self.size = 0

    def add(self, offset: int, body: bytes, *, more: bool) -> bytes | None:
        """Add a fragment; return the datagram once whole."""
        if offset + len(body) > 65535:
            return None
        self.size += len(body) - len(self.parts.get(offset, b""))
        self.parts[offset] = body
        if not more:
            self.total = offset + len(body)
        if self.total < 0 or self.size < self.total:
            return None
        whole = bytearray()
        for at in sorted(self.parts):
            if at > len(whole):
                return None
            whole[at:] = self.parts[at]
        return bytes(whole) if len(whole) == self.total else None


def _reassemble(data: bytes, out: NDArray[np.int64], frames: Frames, rejects: Rejects) -> tuple[NDArray[np.int64], bytes]:
    """Put fragments together: rows (m, 4) of kind, start, end (in data followed by the bytes returned), frame of the last fragment."""
    waiting: dict[tuple[bytes, bytes, bytes, int], _Pending] = {}
    held = 0
    extra = bytearray()
    rows: list[tuple[int, int, int, int]] = []
    for i in np.flatnonzero(out[:, 0] == FRAGMENT).tolist():
        key, offset, body, more = _fragment(data[out[i, 1] : out[i, 2]])
        pending = waiting.setdefault(key, _Pending())
        before = pending.size
        whole = pending.add(offset, body, more=more)
        held += pending.size - before
        if whole is not None:
            held -= waiting.pop(key).size
            if key[3] == 17 and len(whole) > 8:
                base = len(data) + len(extra)
                rows.append((DATAGRAM, base, base + len(whole) - 8, i))
                extra += whole[8:]
            else:
                rejects.add(_REASONS[-4], int(frames.start[i]))
        while held > PENDING_BYTES:
            oldest = next(iter(waiting))
            held -= waiting.pop(oldest).size
            rejects.add("IP fragments without the rest of their datagram", int(frames.start[i]))
    rejects.add("IP fragments without the rest of their datagram", 0, len(waiting))
    return np.array(rows, np.int64).reshape(-1, 4), bytes(extra)


def _fragment(packet: bytes) -> tuple[tuple[bytes, bytes, bytes, int], int, bytes, bool]:
    """Return what a fragment belongs to (addresses, identification, protocol), its offset, its bytes, and whether more follow."""
    if packet[0] >> 4 == 4:
        head = (packet[0] & 15) * 4
        word = int.from_bytes(packet[6:8], "big")
        return (packet[12:16], packet[16:20], packet[4:6], packet[9]), (word & 0x1FFF) * 8, packet[head:], bool(word & 0x2000)
    at, protocol = 40, packet[6]
    while protocol in {0, 43, 60}:
        protocol, at = packet[at], at + 8 + packet[at + 1] * 8
    word = int.from_bytes(packet[at + 2 : at + 4], "big")
    return (packet[8:24], packet[24:40], packet[at + 4 : at + 8], packet[at]), word & 0xFFF8, packet[at + 8 :], bool(word & 1)
