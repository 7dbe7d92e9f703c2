"""Where Open Drone ID messages lie in a radio frame: Wi-Fi beacon, Wi-Fi NAN action frame, Bluetooth advertisement.

(IEEE 802.11-2020 9.3.3, 9.4.2.25; Wi-Fi Aware 9.5; Bluetooth Core 5.4 vol. 6 part B 2.3; ASTM F3411-22a 5.4.6-5.4.9.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tenere.wire.remote_id import messages as m

if TYPE_CHECKING:
    from collections.abc import Iterator

BEACON, ACTION = 0x80, 0xD0
HEADER = 24  # bytes of an 802.11 management header
FIXED = 12  # timestamp, interval and capabilities before the elements of a beacon
VENDOR = 221
NAN_HEAD = bytes.fromhex("0409506f9a13")  # public action, vendor specific, Wi-Fi Alliance, NAN
SERVICE_DESCRIPTOR = 3
BLE_ACCESS = bytes.fromhex("d6be898e")  # 0x8E89BED6, least significant byte first
BLE_LEGACY = frozenset({0, 2, 4, 6})
BLE_EXTENDED = 7
SERVICE_DATA = 0x16
BLE_APPLICATION = bytes.fromhex("faff0d")  # service UUID 0xFFFA, application code 0x0D

FOREIGN = {m.FRENCH_OUI: "French national Remote ID not decoded", m.DJI_OUI: "DJI DroneID not decoded"}
CUT = "Remote ID frame cut short"


class Found(NamedTuple):
    """What was found in one radio frame: who sent it, and where its message or pack lies; or why there is none."""

    transmitter: int
    first: int = 0
    end: int = 0
    reason: str = ""


def find(frame: bytes) -> Iterator[Found]:
    """Yield what a radio frame holds of Remote ID: nothing for other traffic."""
    if frame[:1] == b"\x80":
        yield from _beacon(frame)
    elif frame[:1] == b"\xd0":
        yield from _action(frame)
    elif frame[:4] == BLE_ACCESS:
        yield from _bluetooth(frame)


def _beacon(frame: bytes) -> Iterator[Found]:
    """Walk the elements of a beacon; a frame check sequence after the last is no element and is passed over."""
    transmitter = int.from_bytes(frame[10:16], "big")
    at = HEADER + FIXED
    while at + 2 <= len(frame):
        kind, end = frame[at], at + 2 + frame[at + 1]
        vendor = frame[at + 2 : at + 5]
        if kind == VENDOR and vendor == m.OUI and frame[at + 5 : at + 6] == bytes([m.OUI_TYPE]):
            if end > len(frame):
                yield Found(transmitter, reason=CUT)
            yield Found(transmitter, at + 7, min(end, len(frame)))
        elif kind == VENDOR and vendor in FOREIGN:
            yield Found(transmitter, reason=FOREIGN[vendor])
        at = end


def _action(frame: bytes) -> Iterator[Found]:
    """Walk the attributes of a NAN service discovery frame."""
    if frame[HEADER : HEADER + 6] != NAN_HEAD:
        return
    transmitter = int.from_bytes(frame[10:16], "big")
    at = HEADER + 6
    while at + 3 <= len(frame):
        kind, end = frame[at], at + 3 + int.from_bytes(frame[at + 1 : at + 3], "little")
        if kind == SERVICE_DESCRIPTOR and frame[at + 3 : at + 9] == m.NAN_SERVICE:
            if end > len(frame):
                yield Found(transmitter, reason=CUT)
            # instance, requestor, control, length, counter
            yield Found(transmitter, at + 14, min(end, len(frame)))
        at = end


def _bluetooth(frame: bytes) -> Iterator[Found]:
    """Walk the structures of an advertisement, legacy or extended, as captured from the air (link type 251)."""
    if len(frame) < 12:
        return
    kind, end = frame[4] & 0x0F, min(6 + frame[5], len(frame))
    if kind in BLE_LEGACY:
        transmitter, at = int.from_bytes(frame[6:12], "little"), 12
    elif kind == BLE_EXTENDED:
        has_address = (frame[6] & 0x3F) > 0 and bool(frame[7] & 1)
        transmitter, at = int.from_bytes(frame[8:14], "little") if has_address else 0, 7 + (frame[6] & 0x3F)
    else:
        return
    while at + 2 <= end and frame[at]:
        structure_end = at + 1 + frame[at]
        if frame[at + 1] == SERVICE_DATA and frame[at + 2 : at + 5] == BLE_APPLICATION:
            if structure_end > end:
                yield Found(transmitter, reason=CUT)
            yield Found(transmitter, at + 6, min(structure_end, end))
        at = structure_end
