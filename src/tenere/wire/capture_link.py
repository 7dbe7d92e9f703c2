"""From captured frames to what sensors sent: datagrams, TCP streams, 802.11 frames, Bluetooth advertisements.

Link types as in the tcpdump group's list. IP fragments are put together again (IPv4, RFC 791; IPv6, RFC 8200 4.5), as is
the TCP stream that brings most (capture_tcp), and what a Bluetooth host was told of advertisements (capture_hci).
Datagrams are taken unless a TCP stream brings over four times their bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import Rejects
from tenere.wire.block_chain import BlockStream, looks_chained
from tenere.wire.capture_hci import advertisements
from tenere.wire.capture_tcp import largest_stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.capture import Frames

DATAGRAM, WIFI, BLUETOOTH, FRAGMENT, SEGMENT, EVENT = 1, 2, 3, 4, 5, 6
"""What a frame brought. Fragments, TCP segments and Bluetooth host events are made into the first three."""

_REASONS = {
    -1: "packet too short for its headers",
    -2: "packet that is not IP",
    -4: "IP packet that is neither UDP nor TCP",
    -5: "link type not supported",
    -6: "empty datagram",
    -7: "Bluetooth packet with a bad CRC",
    -8: "Bluetooth host traffic that is no advertising report",
}
BESIDE = "TCP segment beside datagrams"
LEFT = "datagram beside a TCP stream"
OUTWEIGHS = 4

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
    packet = at
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
    return (SEGMENT, packet, stop) if protocol == 6 else (-4, at, end)


@njit(cache=True)
def _ppp(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Go on in a PPP frame: address and control may be left out, the protocol may be one byte (RFC 1661, 1662)."""
    if at + 2 <= end and data[at] == 0xFF and data[at + 1] == 0x03:
        at += 2
    if at + 2 > end:
        return -1, at, end
    if data[at] & 1:
        protocol = int(data[at])
        at += 1
    else:
        protocol = _be16(data, at)
        at += 2
    return _ip(data, at, end) if protocol in (0x21, 0x57) else (-2, at, end)


@njit(cache=True)
def _bluetooth(data: NDArray[np.uint8], at: int, end: int, link: int) -> tuple[int, int, int]:  # noqa: PLR0911 - the same
    """Return the packet on the air behind what a sniffer puts before it, or what a host was told."""
    if link == 251:
        return (BLUETOOTH, at, end) if end > at else (-1, at, end)
    if link == 256:  # ten bytes of radio information, then as 251; the last two say whether the CRC was looked at, and good
        if end <= at + 10:
            return -1, at, end
        flags = int(data[at + 8]) + 256 * int(data[at + 9])
        return (-7, at, end) if flags & 0x0C00 == 0x0400 else (BLUETOOTH, at + 10, end)
    if link == 272:  # Nordic sniffer: the advertising access address behind its header, of which the last ten bytes tell of the packet
        for p in range(at + 10, min(at + 32, end - 4)):
            if data[p] == 0xD6 and data[p + 1] == 0xBE and data[p + 2] == 0x89 and data[p + 3] == 0x8E:
                return (BLUETOOTH, p, end) if data[p - 9] & 1 else (-7, at, end)
        return -1, at, end
    if link == 201:  # four bytes of direction, then as 187
        at += 4
    if link == 254:  # Linux monitor: adapter, kind of record; 3 is an event
        if at + 4 > end:
            return -1, at, end
        if _be16(data, at + 2) != 3:
            return -8, at, end
        at += 3
    if at + 4 > end:
        return -1, at, end
    if (link != 254 and data[at] != 4) or data[at + 1] != 0x3E:  # an event, of the LE kind
        return -8, at, end
    return EVENT, at + 1, end


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
        if kind == 0x8864:  # PPP over Ethernet: six bytes of its own (RFC 2516)
            return _ppp(data, at + 6, end)
        if kind <= 1500:  # a length: LLC follows (two access points, a control field), then the data itself
            stop = min(end, at + kind)
            if stop >= at + 8 and data[at] == 0xAA and data[at + 1] == 0xAA:  # SNAP: an EtherType after all
                at += 6
                end = stop
                continue
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
    if link in (187, 201, 251, 254, 256, 272):
        return _bluetooth(data, at, end, link)
    if link in (9, 50):
        return _ppp(data, at, end)
    if link == 51:  # PPP over Ethernet, from its own header on
        return _ppp(data, at + 6, end)
    if link == 104:  # Cisco HDLC: address and control, then an EtherType
        return _by_ethertype(data, at + 2, end)
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
                (
                    int(np.isin(attempt[:, 0], (DATAGRAM, FRAGMENT, SEGMENT)).sum())
                    if guess not in {105, 127}
                    else _beacons(octets, attempt),
                    attempt,
                )
            )
        count, best = max(tries, key=lambda t: t[0])
        out = best if count * 2 > len(out) else out
    rejects = Rejects()
    for code, reason in _REASONS.items():
        rows = np.flatnonzero(out[:, 0] == code)
        if len(rows):
            rejects.add(reason, int(frames.start[rows[0]]), len(rows))
    made, extra = _made(data, out, frames, rejects)
    rows = np.flatnonzero((out[:, 0] > 0) & (out[:, 0] < FRAGMENT))
    kind, start, end = (np.concatenate([out[rows, k], made[:, k]]) for k in range(3))
    frame = np.concatenate([rows, made[:, 3]])
    order = np.argsort(frame, kind="stable")
    kind, start, end, frame = kind[order], start[order], end[order], frame[order]
    data += extra
    kind, start, end, frame = _unwrapped(np.frombuffer(data, np.uint8), kind, start, end, frame)
    position = np.where(start < len(octets), start, frames.start[frame])
    return Units(data, kind, start, end, frames.time_s[frame], position, rejects)


@njit(cache=True)
def _parts(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Count the ASTERIX blocks of a datagram in which each stands behind its length and time; 0 where they do not fill it exactly.

    Six bytes stand before each block: the length of both, and milliseconds since midnight, most significant byte first.
    """
    n = 0
    while at + 9 <= end:
        size = _be16(data, at)
        if size < 9 or at + size > end or _be16(data, at + 7) != size - 6:
            return 0
        if ((_be16(data, at + 2) << 16) | _be16(data, at + 4)) >= 86_400_000 + 1000:  # a leap second
            return 0
        at += size
        n += 1
    return n if at == end else 0


@njit(cache=True)
def _count_parts(data: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64], out: NDArray[np.int64]) -> None:
    for i in range(start.size):
        out[i] = _parts(data, start[i], end[i])


@njit(cache=True)
def _cut_parts(data: NDArray[np.uint8], parts: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]) -> None:
    """Cut spans into their parts: row i of what was there is repeated parts[i] times (once where it is 0)."""
    row = 0
    for count in parts:
        at = start[row]
        for k in range(count):
            start[row + k] = at + 6
            at += _be16(data, at)
            end[row + k] = at
        row += max(count, 1)


def _unwrapped(
    octets: NDArray[np.uint8], kind: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], frame: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Take ASTERIX blocks out of what a recorder put around them: each becomes a datagram of its own."""
    parts = np.zeros(len(kind), np.int64)
    rows = np.flatnonzero(kind == DATAGRAM)
    counts = np.zeros(len(rows), np.int64)
    _count_parts(octets, start[rows], end[rows], counts)
    if not counts.any():
        return kind, start, end, frame
    parts[rows] = counts
    kind, start, end, frame = (np.repeat(column, np.maximum(parts, 1)) for column in (kind, start, end, frame))
    _cut_parts(octets, parts, start, end)
    return kind, start, end, frame


def _made(data: bytes, out: NDArray[np.int64], frames: Frames, rejects: Rejects) -> tuple[NDArray[np.int64], bytes]:
    """Make fragments, TCP segments and host events into units: rows (m, 4) of kind, start, end (in data + extra), frame.

    Where a TCP stream is what the capture is about, the datagrams in out become 0 and are counted, and else the segments.
    """
    joined, extra = _reassemble(data, out, frames, rejects)
    events = np.flatnonzero(out[:, 0] == EVENT)
    if len(events):
        heard = advertisements(data, out[events, 1:3], rejects)
        at = len(data) + len(extra)
        ends = at + np.cumsum([len(h) for _, h in heard], dtype=np.int64)
        sizes = np.diff(ends, prepend=at)
        rows = (
            np.stack([np.full(len(heard), BLUETOOTH), ends - sizes, ends, events[[k for k, _ in heard]]], axis=1) if heard else joined[:0]
        )
        joined, extra = np.concatenate([joined, rows]), extra + b"".join(h for _, h in heard)
    segments = np.flatnonzero(out[:, 0] == SEGMENT)
    if not len(segments):
        return joined, extra
    datagrams = out[:, 0] == DATAGRAM
    weight = int((out[datagrams, 2] - out[datagrams, 1]).sum() + (joined[:, 2] - joined[:, 1]).sum())
    found, faults = largest_stream(data, out[segments, 1:3])
    if int((found[:, 1] - found[:, 0]).sum()) <= OUTWEIGHS * weight:
        rejects.add(BESIDE, int(frames.start[segments[0]]), len(segments))
        return joined, extra
    for reason, count in faults.items():
        rejects.add(reason, int(frames.start[segments[0]]), count)
    left = np.flatnonzero(datagrams)
    if len(left) or len(joined):
        rejects.add(LEFT, int(frames.start[left[0]] if len(left) else 0), len(left) + len(joined))
    out[left, 0] = 0
    stream = b"".join(data[a:b] for a, b in found[:, :2].tolist())
    if looks_chained(stream):
        return _blocks_of(stream, len(data), found, segments), stream
    return np.column_stack([np.full(len(found), DATAGRAM), found[:, :2], segments[found[:, 2]]]), b""


def _blocks_of(stream: bytes, base: int, found: NDArray[np.int64], segments: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole ASTERIX blocks that each piece of a stream completes, as datagrams (rows as ``_made`` returns) from base on."""
    blocks, rows, at, done = BlockStream(), [], 0, 0
    for start, end, segment in found.tolist():
        piece = stream[at : at + end - start]
        at += len(piece)
        if size := len(blocks.take(piece)):
            rows.append((DATAGRAM, base + done, base + done + size, segments[segment]))
            done += size
    if done < at:
        rows.append((DATAGRAM, base + done, base + at, segments[found[-1, 2]]))
    return np.array(rows, np.int64)


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
