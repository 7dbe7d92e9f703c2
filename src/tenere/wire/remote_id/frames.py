"""Where Open Drone ID messages lie in a radio frame: Wi-Fi beacon, Wi-Fi NAN action frame, Bluetooth advertisement.

Bluetooth comes as heard on the air, from the access address on, legacy or extended, on the coded PHY with its coding indicator.
(IEEE 802.11-2020 9.3.3, 9.4.2.25; Wi-Fi Aware 9.5.4; Bluetooth Core 5.4 vol. 6 part B 2.2-2.3; ASTM F3411-22a 5.4.6-5.4.9.)
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
MATCHING_FILTER, RESPONSE_FILTER, SERVICE_INFO, BINDING_BITMAP = 0x04, 0x08, 0x10, 0x40  # bits of the service control
BLE_ACCESS = bytes.fromhex("d6be898e")  # 0x8E89BED6, least significant byte first
BLE_LEGACY = frozenset({0, 2, 4, 6})
BLE_EXTENDED = 7
SERVICE_DATA = 0x16
BLE_APPLICATION = bytes.fromhex("faff0d")  # service UUID 0xFFFA, application code 0x0D

UNKNOWN = 0
"""Stands for the address of a transmitter that did not say it (extended advertising may leave it out)."""

FOREIGN = {m.FRENCH_OUI: "French national Remote ID not decoded", m.DJI_OUI: "DJI DroneID not decoded"}
CUT = "Remote ID frame cut short"


class Found(NamedTuple):
    """What was found in one radio frame: who sent it, and where its message or pack lies; or why there is none."""

    transmitter: int
    first: int = 0
    end: int = 0
    reason: str = ""
    transport: int = 0
    counter: int = -1


def find(frame: bytes) -> Iterator[Found]:
    """Yield what a radio frame holds of Remote ID: nothing for other traffic."""
    if frame[:1] == b"\x80":
        yield from _beacon(frame)
    elif frame[:1] == b"\xd0":
        yield from _action(frame)
    elif frame[:4] == BLE_ACCESS:
        yield from _bluetooth(frame)


def _message(frame: bytes, counter: int, end: int, transmitter: int, transport: int) -> Iterator[Found]:
    """Yield the message or pack that follows its counter; before it, that its container is cut short."""
    if end > len(frame):
        yield Found(transmitter, reason=CUT)
        end = len(frame)
    yield Found(transmitter, counter + 1, end, "", transport, frame[counter] if counter < end else -1)


def _beacon(frame: bytes) -> Iterator[Found]:
    """Walk the elements of a beacon; a frame check sequence after the last is no element and is passed over."""
    transmitter = int.from_bytes(frame[10:16], "big")
    at = HEADER + FIXED
    while at + 2 <= len(frame):
        kind, end = frame[at], at + 2 + frame[at + 1]
        vendor = frame[at + 2 : at + 5]
        if kind == VENDOR and vendor == m.OUI and frame[at + 5 : at + 6] == bytes([m.OUI_TYPE]):
            yield from _message(frame, at + 6, end, transmitter, m.WIFI_BEACON)
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
            info = _service_info(frame, at + 11, end)
            if info < 0:
                yield Found(transmitter, reason=CUT)
            elif info:
                yield from _message(frame, info, end, transmitter, m.WIFI_NAN)
        at = end


def _service_info(frame: bytes, at: int, end: int) -> int:
    """Return where the service information begins after the service control at ``at``; 0 where there is none, -1 where it is cut off."""
    limit = min(end, len(frame))
    if at >= limit:
        return -1
    control = frame[at]
    at += 3 if control & BINDING_BITMAP else 1
    for bit in (MATCHING_FILTER, RESPONSE_FILTER):
        if control & bit:
            at += 1 + frame[at] if at < limit else 1
    if not control & SERVICE_INFO:
        return 0
    return at + 1 if at < limit else -1


def _fits(frame: bytes, at: int) -> bool:
    """Say whether an advertisement whose header is at ``at`` fills the frame, with or without its check sequence of three bytes."""
    return len(frame) - (at + 2 + frame[at + 1]) in {0, 3}


def _bluetooth(frame: bytes) -> Iterator[Found]:
    """Read an advertisement, legacy or extended, as captured from the air.

    On the coded PHY a coding indicator (0 or 1) stands before the header; only the length tells the two apart.
    """
    if len(frame) < 13:
        return
    at = 4
    coded = frame[4] <= 1 and frame[5] & 0x0F == BLE_EXTENDED and not _fits(frame, 4) and _fits(frame, 5)
    if coded:
        at = 5
    kind, end = frame[at] & 0x0F, min(at + 2 + frame[at + 1], len(frame))
    if kind in BLE_LEGACY:
        transmitter = int.from_bytes(frame[at + 2 : at + 8], "little")
        yield from _structures(frame, at + 8, end, transmitter, m.BLUETOOTH_LEGACY)
    elif kind == BLE_EXTENDED:
        extended = frame[at + 2] & 0x3F
        has_address = extended > 0 and bool(frame[at + 3] & 1)
        transmitter = int.from_bytes(frame[at + 4 : at + 10], "little") if has_address else UNKNOWN
        transport = m.BLUETOOTH_CODED if coded else m.BLUETOOTH_EXTENDED
        yield from _structures(frame, at + 3 + extended, end, transmitter, transport)


def _structures(frame: bytes, at: int, end: int, transmitter: int, transport: int) -> Iterator[Found]:
    """Walk the structures of advertising data frame[at:end]."""
    while at + 2 <= end and frame[at]:
        structure_end = at + 1 + frame[at]
        if frame[at + 1] == SERVICE_DATA and frame[at + 2 : at + 5] == BLE_APPLICATION:
            yield from _message(frame[:end], at + 5, structure_end, transmitter, transport)
        at = structure_end
