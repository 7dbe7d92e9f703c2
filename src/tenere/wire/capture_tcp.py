"""TCP in a capture: the one stream that brings most, in order.

Each direction of a connection is a flow. Its segments are put in the order of their sequence numbers; what was sent again
is dropped; what the capture lost is counted and passed over once enough waits behind it (RFC 9293, 3.4). Of all flows the
one with most bytes is taken, and with it the earlier and later ones between the same two ends: a sensor that reconnected.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FLOWS = 4096
MOST_WAITING = 256
"""Segments that wait for one that is missing; then it counts as lost."""

JUMP = 1 << 24
"""A sequence number farther ahead than this is another connection's."""

SYN = 2
SHORT, OTHER, LOST, EMPTY = (
    "TCP segment too short for its header",
    "TCP segment of another stream",
    "TCP bytes missing from the capture",
    "TCP segment without data",
)
STRANGERS = (b"SSH-", b"HTTP/", b"GET ", b"POST ", b"PUT ", b"HEAD ", b"\x16\x03")
"""How streams begin that no sensor sends: they are taken only where there is no other."""


@njit(cache=True)
def _segments(data: NDArray[np.uint8], spans: NDArray[np.int64], out: NDArray[np.int64]) -> None:
    """Read IP packets that hold TCP; out (n, 7): addresses at, address bytes, ports, sequence number, flags, payload start, end.

    Address bytes 0: no whole header is there.
    """
    for i in range(spans.shape[0]):
        at, end = spans[i, 0], spans[i, 1]
        out[i, :] = 0
        if at + 20 > end:
            continue
        if data[at] >> 4 == 4:
            place, size = at + 12, 4
            at += int(data[at] & 15) * 4
        else:
            place, size = at + 8, 16
            protocol = int(data[at + 6])
            at += 40
            while protocol != 6 and at + 8 <= end:  # extension headers; that of an unfragmented fragment is 8 bytes long
                step = 8 if protocol == 44 else 8 + int(data[at + 1]) * 8
                protocol = int(data[at])
                at += step
        if at + 20 > end:
            continue
        head = int(data[at + 12] >> 4) * 4
        if head < 20 or at + head > end:
            continue
        out[i, 0] = place
        out[i, 1] = size
        for k in range(4):
            out[i, 2] = out[i, 2] * 256 + int(data[at + k])
            out[i, 3] = out[i, 3] * 256 + int(data[at + 4 + k])
        out[i, 4] = data[at + 13]
        out[i, 5] = at + head
        out[i, 6] = end


@dataclass
class _Flow:
    """One direction of a connection. at: stream position of the next byte; rows: start, end, segment of what came in order."""

    first: int
    origin: int
    at: int = 0
    last: int = 0
    size: int = 0
    lost: int = 0
    opened: bool = False
    rows: list[tuple[int, int, int]] = field(default_factory=list)
    waiting: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, sequence: int, start: int, end: int, segment: int) -> None:
        """Take a segment's payload, data[start:end]."""
        self.last = segment
        ahead = (sequence - self.origin - self.at + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        if abs(ahead) > JUMP:
            self.flush(segment)
            self.origin, ahead = sequence - self.at & 0xFFFFFFFF, 0
        heapq.heappush(self.waiting, (self.at + ahead, start, end))
        self._drain(segment)
        if len(self.waiting) > MOST_WAITING:
            self._skip()
            self._drain(segment)

    def flush(self, segment: int) -> None:
        """Give out everything that waits, passing over what is missing."""
        while self.waiting:
            self._skip()
            self._drain(segment)

    def _skip(self) -> None:
        self.lost += self.waiting[0][0] - self.at
        self.at = self.waiting[0][0]

    def _drain(self, segment: int) -> None:
        """Give out what follows on what was given out."""
        while self.waiting and self.waiting[0][0] <= self.at:
            position, start, end = heapq.heappop(self.waiting)
            start += self.at - position
            if start < end:
                self.rows.append((start, end, segment))
                self.at += end - start
                self.size += end - start


def largest_stream(data: bytes, spans: NDArray[np.int64]) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Return the stream that brings most of IP packets with TCP in spans (n, 2) of data.

    Rows (m, 3): start and end in data of its pieces in order, and the row of the packet that completed each. And counts of
    what is not in it, by reason.
    """
    fields = np.zeros((len(spans), 7), np.int64)
    _segments(np.frombuffer(data, np.uint8), np.ascontiguousarray(spans), fields)
    flows: dict[tuple[bytes, int], _Flow] = {}
    done: list[tuple[tuple[bytes, int], _Flow]] = []
    faults = {SHORT: int((fields[:, 1] == 0).sum()), EMPTY: 0, OTHER: 0, LOST: 0}
    counts: dict[int, int] = {}
    for i, (place, size, ports, sequence, flags, start, end) in enumerate(fields.tolist()):
        if not size:
            continue
        opens = flags & SYN
        if start == end and not opens:
            faults[EMPTY] += 1
            continue
        key = (data[place : place + 2 * size], ports)
        flow = flows.get(key)
        if flow is None or (opens and flow.rows):
            if flow is not None:
                done.append((key, flow))
            elif len(flows) >= MOST_FLOWS:
                oldest = next(iter(flows))
                done.append((oldest, flows.pop(oldest)))
            flow = flows[key] = _Flow(i, sequence + 1 if opens else sequence)
        elif opens:
            flow.origin = sequence + 1
        if start < end and not opens:
            flow.add(sequence, start, end, i)
            counts[id(flow)] = counts.get(id(flow), 0) + 1
    done += flows.items()
    for _, flow in done:
        flow.flush(flow.last)
    chosen = _chosen(data, done)
    rows = [row for _, flow in chosen for row in flow.rows]
    faults[OTHER] = sum(counts.values()) - sum(counts.get(id(flow), 0) for _, flow in chosen)
    faults[LOST] = sum(flow.lost for _, flow in chosen)
    return np.array(rows, np.int64).reshape(-1, 3), faults


def _chosen(data: bytes, flows: list[tuple[tuple[bytes, int], _Flow]]) -> list[tuple[tuple[bytes, int], _Flow]]:
    """Return the largest flow with those before and after it between the same ends, in the order of time."""
    full = [(key, flow) for key, flow in flows if flow.rows]
    if not full:
        return []

    def weight(found: tuple[tuple[bytes, int], _Flow]) -> tuple[bool, int]:
        start, end, _ = found[1].rows[0]
        return not data[start:end].startswith(STRANGERS), found[1].size

    best = max(full, key=weight)
    chosen = [best]
    for found in sorted(full, key=weight, reverse=True):
        if found is best or not _same_ends(found[0], best[0]):
            continue
        flow = found[1]
        if all(flow.last < other.first or flow.first > other.last for _, other in chosen):
            chosen.append(found)
    return sorted(chosen, key=lambda f: f[1].first)


def _same_ends(a: tuple[bytes, int], b: tuple[bytes, int]) -> bool:
    """Say whether two flows go from the same address to the same address, and share the port of one of these."""
    return a[0] == b[0] and (a[1] >> 16 == b[1] >> 16 or a[1] & 0xFFFF == b[1] & 0xFFFF)
