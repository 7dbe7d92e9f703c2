"""Open Drone ID from columns, over Wi-Fi and Bluetooth: what a drone would send, for the simulator and for tests."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np

from tenere.wire.remote_id import messages as m
from tenere.wire.remote_id.authentication import FIRST_PAGE_BYTES, PAGE_BYTES
from tenere.wire.remote_id.frames import BLE_ACCESS, BLE_APPLICATION, SERVICE_DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

_HEAD = struct.Struct("<BB")


def basic_id(uas_id: bytes, id_type: int = 1, ua_type: int = 2) -> bytes:
    """Encode a Basic ID: id_type 1 serial number, 2 registration, 3 UTM, 4 session; ua_type 2 is a multirotor."""
    return _HEAD.pack(m.BASIC_ID << 4 | m.VERSION, id_type << 4 | ua_type) + uas_id[:20].ljust(20, b"\0") + bytes(3)


def location(
    lat_deg: float,
    lon_deg: float,
    *,
    time_s: float = math.nan,
    height_m: float = math.nan,
    pressure_altitude_m: float = math.nan,
    above_takeoff_m: float = math.nan,
    speed_ms: float = math.nan,
    course_deg: float = math.nan,
    vertical_ms: float = math.nan,
    horizontal_accuracy: int = 10,
    speed_accuracy: int = 3,
    status: int = 2,
) -> bytes:
    """Encode a Location; NaN is sent as the standard's own "invalid". height_m is above the ellipsoid; status 2 is airborne."""
    course = 361 if math.isnan(course_deg) else int(course_deg + 0.5) % 360
    west = course >= 180
    if math.isnan(speed_ms):
        coarse, speed = 1, 255
    elif speed_ms <= 255 * 0.25:
        coarse, speed = 0, round(speed_ms / 0.25)
    else:
        coarse, speed = 1, min(round((speed_ms - 255 * 0.25) / 0.75), 254)
    vertical = 126 if math.isnan(vertical_ms) else max(-124, min(124, round(vertical_ms / 0.5)))
    tenths = 0xFFFF if math.isnan(time_s) else int(time_s * 10 + 0.5) % 36000
    return struct.pack(
        "<BBBBbiiHHHBBHBB",
        m.LOCATION << 4 | m.VERSION,
        status << 4 | west << 1 | coarse,
        course - 180 * west,
        speed,
        vertical,
        _degrees(lat_deg),
        _degrees(lon_deg),
        _altitude(pressure_altitude_m),
        _altitude(height_m),
        _altitude(above_takeoff_m),
        horizontal_accuracy,
        speed_accuracy,
        tenths,
        1,
        0,
    )


def self_id(text: bytes) -> bytes:
    """Encode a Self-ID: free text of up to 23 bytes."""
    return _HEAD.pack(m.SELF_ID << 4 | m.VERSION, 0) + text[:23].ljust(23, b"\0")


def system(operator_lat_deg: float, operator_lon_deg: float, *, operator_height_m: float = math.nan, time_s: float = math.nan) -> bytes:
    """Encode a System message: where the operator stands."""
    stamp = 0 if math.isnan(time_s) else int(time_s - m.EPOCH_2019_S) & 0xFFFFFFFF
    place = (_degrees(operator_lat_deg), _degrees(operator_lon_deg))
    return struct.pack("<BBiiHBHHBHIB", m.SYSTEM << 4 | m.VERSION, 1, *place, 1, 0, 0, 0, 0, _altitude(operator_height_m), stamp, 0)


def operator_id(text: bytes) -> bytes:
    """Encode an Operator ID: the operator's registration, up to 20 bytes."""
    return _HEAD.pack(m.OPERATOR_ID << 4 | m.VERSION, 0) + text[:20].ljust(20, b"\0") + bytes(3)


def pack(messages: Sequence[bytes]) -> bytes:
    """Join up to nine messages into a message pack."""
    return bytes([m.PACK << 4 | m.VERSION, m.SIZE, len(messages)]) + b"".join(messages)


def beacon(transmitter: int, payload: bytes, counter: int = 0) -> bytes:
    """Return a bare IEEE 802.11 beacon that carries a message or pack; transmitter is its MAC address as a number."""
    mac = transmitter.to_bytes(6, "big")
    head = b"\x80\x00\x00\x00" + b"\xff" * 6 + mac + mac + b"\x00\x00" + bytes(8) + b"\x64\x00\x01\x04"
    element = m.OUI + bytes([m.OUI_TYPE, counter & 0xFF]) + payload
    return head + b"\x00\x06RemoID" + b"\x01\x01\x8c" + bytes([221, len(element)]) + element


def action(transmitter: int, payload: bytes, counter: int = 0) -> bytes:
    """Return a bare IEEE 802.11 NAN service discovery frame that carries a message or pack."""
    mac = transmitter.to_bytes(6, "big")
    head = b"\xd0\x00\x00\x00" + bytes.fromhex("516f9a010000") + mac + bytes.fromhex("506f9a0100ff") + b"\x00\x00"
    info = bytes([counter & 0xFF]) + payload
    attribute = m.NAN_SERVICE + bytes([1, 0, 0x10, len(info)]) + info
    return head + bytes.fromhex("0409506f9a13") + b"\x03" + len(attribute).to_bytes(2, "little") + attribute


def authentication(data: bytes, *, auth_type: int = 1, time_s: float = math.nan) -> list[bytes]:
    """Encode authentication data of up to 255 bytes as its pages, in order."""
    data = data[:255]
    stamp = 0 if math.isnan(time_s) else int(time_s - m.EPOCH_2019_S) & 0xFFFFFFFF
    last = 0 if len(data) <= FIRST_PAGE_BYTES else -(-(len(data) - FIRST_PAGE_BYTES) // PAGE_BYTES)
    head = m.AUTHENTICATION << 4 | m.VERSION
    pages = [struct.pack("<BBBBI", head, auth_type << 4, last, len(data), stamp) + data[:FIRST_PAGE_BYTES].ljust(FIRST_PAGE_BYTES, b"\0")]
    for page in range(1, last + 1):
        at = FIRST_PAGE_BYTES + (page - 1) * PAGE_BYTES
        pages.append(_HEAD.pack(head, auth_type << 4 | page) + data[at : at + PAGE_BYTES].ljust(PAGE_BYTES, b"\0"))
    return pages


def bluetooth(transmitter: int, payload: bytes, counter: int = 0, *, extended: bool = False) -> bytes:
    """Return an advertisement as heard on the air, from the access address on, without its check sequence.

    Legacy (extended false) carries a single message, not a pack: it has room for 31 bytes.
    """
    element = BLE_APPLICATION + bytes([counter & 0xFF]) + payload
    data = bytes([1 + len(element), SERVICE_DATA]) + element
    address = transmitter.to_bytes(6, "little")
    if extended:
        body = b"\x09\x09" + address + b"\x00\x00" + data  # nine bytes of header: address and advertising set
        return BLE_ACCESS + bytes([0x47, len(body)]) + body
    return BLE_ACCESS + bytes([0x42, 6 + len(data)]) + address + data


def beacon_frames(
    transmitter: ArrayLike,
    uas_id: ArrayLike,
    lat_deg: ArrayLike,
    lon_deg: ArrayLike,
    time_s: ArrayLike,
    *,
    height_m: ArrayLike = np.nan,
    pressure_altitude_m: ArrayLike = np.nan,
    speed_ms: ArrayLike = np.nan,
    course_deg: ArrayLike = np.nan,
    vertical_ms: ArrayLike = np.nan,
    operator: ArrayLike = b"",
    operator_lat_deg: ArrayLike = np.nan,
    operator_lon_deg: ArrayLike = np.nan,
    counter: ArrayLike = 0,
) -> list[bytes]:
    """Return one beacon a drone, each with Basic ID, Location, System and Operator ID where these are known.

    transmitter: MAC addresses as numbers; uas_id: S20; time_s: seconds since 1970 (sent as tenths since the hour);
    height_m: above the ellipsoid; course_deg: clockwise from north; operator: S20, empty for none.
    """
    columns = (transmitter, np.asarray(uas_id, "S20"), lat_deg, lon_deg, time_s, height_m, pressure_altitude_m, speed_ms, course_deg)
    more = (vertical_ms, np.asarray(operator, "S20"), operator_lat_deg, operator_lon_deg, counter)
    rows = np.broadcast_arrays(*[np.atleast_1d(c) for c in (*columns, *more)])
    frames = []
    for mac, name, lat, lon, time, height, pressure, speed, course, climb, owner, owner_lat, owner_lon, count in zip(
        *[r.tolist() for r in rows], strict=True
    ):
        place = location(
            lat,
            lon,
            time_s=time,
            height_m=height,
            pressure_altitude_m=pressure,
            speed_ms=speed,
            course_deg=course,
            vertical_ms=climb,
        )
        parts = [basic_id(name), place]
        if not math.isnan(owner_lat):
            parts.append(system(owner_lat, owner_lon, time_s=time))
        if owner:
            parts.append(operator_id(owner))
        frames.append(beacon(mac, pack(parts), count))
    return frames


def _degrees(angle_deg: float) -> int:
    """Return an angle in 1e-7 degrees; 0 where NaN."""
    return 0 if math.isnan(angle_deg) else round(angle_deg * 1e7)


def _altitude(height_m: float) -> int:
    """Return a height in half metres above -1,000 m; 0 where NaN."""
    return 0 if math.isnan(height_m) else max(0, min(0xFFFF, round((height_m + 1000.0) * 2)))
