"""Bluetooth advertisements as a host was told of them, made into packets as on the air.

(Bluetooth Core 5.4, vol. 4 part E: 7.7.65.2 LE Advertising Report, 7.7.65.13 LE Extended Advertising Report; vol. 6 part B: 2.3.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenere.errors import Rejects

ACCESS = bytes.fromhex("d6be898e")
REPORT, EXTENDED_REPORT = 0x02, 0x0D
LEGACY = 0x10
PDU_OF_EVENT = (0, 1, 6, 2, 4)
"""Packet type of each event type of a report: ADV_IND, ADV_DIRECT_IND, ADV_SCAN_IND, ADV_NONCONN_IND, SCAN_RSP."""

LARGEST = 244
"""Bytes of data in one packet on the air, beside its extended header."""

MOST_PARTS = 1650
"""Bytes of the largest advertisement (vol. 6 part B, 2.3.4.9)."""

MOST_SENDERS = 256
CUT = "Bluetooth advertising report cut short"


def advertisements(data: bytes, spans: NDArray[np.int64], rejects: Rejects) -> list[tuple[int, bytes]]:
    """Return what LE events in spans (n, 2) of data report: (row of the event, packet as on the air, with no CRC).

    An extended advertisement that came in several reports is joined. Events that report no advertisement give nothing.
    """
    out: list[tuple[int, bytes]] = []
    waiting: dict[bytes, bytes] = {}
    for row, (start, end) in enumerate(spans.tolist()):
        event = data[start : min(end, start + 257)]
        before = len(out)
        whole = len(event) >= 4 and event[1] >= 2 and len(event) >= 2 + event[1]
        if whole and event[2] == REPORT:
            whole = _reports(event[: 2 + event[1]], row, out)
        elif whole and event[2] == EXTENDED_REPORT:
            whole = _extended(event[: 2 + event[1]], row, out, waiting)
        if not whole:
            del out[before:]
            rejects.add(CUT, start)
    return out


def _reports(event: bytes, row: int, out: list[tuple[int, bytes]]) -> bool:
    """Take the reports of an event; False where they do not fit it. Each: type, address type, address, length, data, signal."""
    at = 4
    for _ in range(event[3]):
        if at + 9 > len(event) or at + 10 + event[at + 8] > len(event):
            return False
        kind, random, address, size = event[at], event[at + 1] & 1, event[at + 2 : at + 8], event[at + 8]
        if kind < len(PDU_OF_EVENT):
            out.append((row, _legacy(PDU_OF_EVENT[kind], random, address, event[at + 9 : at + 9 + size])))
        at += 10 + size
    return True


def _extended(event: bytes, row: int, out: list[tuple[int, bytes]], waiting: dict[bytes, bytes]) -> bool:
    """Take the reports of an extended event: 24 bytes, then the data; the type says whether more is to come."""
    at = 4
    for _ in range(event[3]):
        if at + 24 > len(event) or at + 24 + event[at + 23] > len(event):
            return False
        report = event[at : at + 24 + event[at + 23]]
        at += len(report)
        kind, random, address, body = report[0] | report[1] << 8, report[2] & 1, report[3:9], report[24:]
        if kind & LEGACY:
            out.append((row, _legacy(4 if kind & 8 else 2, random, address, body)))
            continue
        key = report[2:9] + report[11:12]  # the address and the advertising set
        body = waiting.pop(key, b"") + body
        status = kind >> 5 & 3
        if status == 1 and len(body) <= MOST_PARTS:
            waiting[key] = body
            if len(waiting) > MOST_SENDERS:
                del waiting[next(iter(waiting))]
        elif status == 0:
            out.append((row, _extended_packet(random, address, body)))
    return True


def _legacy(pdu: int, random: int, address: bytes, body: bytes) -> bytes:
    """Return a legacy advertising packet."""
    return ACCESS + bytes([pdu | random << 6, 6 + len(body)]) + address + body


def _extended_packet(random: int, address: bytes, body: bytes) -> bytes:
    """Return an extended advertising packet: its header holds the address alone. Data longer than one packet are cut off."""
    body = body[:LARGEST]
    return ACCESS + bytes([7 | random << 6, 8 + len(body), 7, 1]) + address + body
