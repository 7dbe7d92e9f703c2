"""Protocol Buffers, as little of them as the TAK protocol needs: fields of a message, read and written.

(Protocol Buffers encoding: a field is a key, number << 3 | wire type, and a value: 0 varint, 1 eight bytes, 2 bytes with
their count before them, 5 four bytes.)
"""

from __future__ import annotations

import struct

from tenere.errors import WireError

MOST_FIELDS = 512
"""Fields read of one message: a TAK message has about 40."""

NO_PROTOBUF = "TAK message that is no protobuf"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_DOUBLE = struct.Struct("<d")

Fields = dict[int, int | bytes]
"""Last value of each field by number: an integer for a varint, else its bytes."""


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the varint at data[at:end] and where it ends; -1 and where it breaks off where it does so. Raise WireError over 10 bytes."""
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
        if shift >= 70:
            raise WireError(NO_PROTOBUF, at)
    return -1, at


def fields(data: bytes) -> Fields:
    """Return the fields of a message; raise WireError where it is none. Of a field that comes twice the last value counts."""
    found: Fields = {}
    at, end = 0, len(data)
    for _ in range(MOST_FIELDS):
        if at == end:
            return found
        key, at = varint(data, at, end)
        number, kind = key >> 3, key & 7
        if key < 8:
            raise WireError(NO_PROTOBUF, at)
        if kind == VARINT:
            value, at = varint(data, at, end)
            if value < 0:
                raise WireError(NO_PROTOBUF, at)
            found[number] = value
            continue
        if kind == BYTES:
            size, at = varint(data, at, end)
        else:
            size = {FIXED64: 8, FIXED32: 4}.get(kind, -1)
        if size < 0 or size > end - at:
            raise WireError(NO_PROTOBUF, at)
        found[number] = data[at : at + size]
        at += size
    if at == end:
        return found
    raise WireError(NO_PROTOBUF, at)


def text(found: Fields, number: int) -> str:
    """Return a field as text, empty where it is absent; raise WireError where it is no UTF-8."""
    try:
        return submessage(found, number).decode()
    except UnicodeDecodeError as e:
        raise WireError(NO_PROTOBUF) from e


def submessage(found: Fields, number: int) -> bytes:
    """Return a field as bytes, empty where it is absent; raise WireError where it is a number."""
    value = found.get(number, b"")
    if isinstance(value, int):
        raise WireError(NO_PROTOBUF)
    return value


def double(found: Fields, number: int, absent: float = 0.0) -> float:
    """Return a field as a double (proto3: 0.0 where it is absent, unless told otherwise); raise WireError where it is none."""
    value = found.get(number)
    if value is None:
        return absent
    if isinstance(value, int) or len(value) != 8:
        raise WireError(NO_PROTOBUF)
    return float(_DOUBLE.unpack(value)[0])


def integer(found: Fields, number: int, absent: int = 0) -> int:
    """Return a field as an unsigned integer; raise WireError where it is none."""
    value = found.get(number, absent)
    if not isinstance(value, int):
        raise WireError(NO_PROTOBUF)
    return value


def put_varint(value: int) -> bytes:
    """Encode an unsigned integer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def put(number: int, value: float | str | bytes) -> bytes:
    """Encode a field by the type of its value; nothing for a value that is proto3's default (0, 0.0, empty)."""
    if not value:
        return b""
    if isinstance(value, int):
        return put_varint(number << 3 | VARINT) + put_varint(value)
    if isinstance(value, float):
        return put_varint(number << 3 | FIXED64) + _DOUBLE.pack(value)
    return put_message(number, value.encode() if isinstance(value, str) else value)


def put_message(number: int, raw: bytes) -> bytes:
    """Encode a field that holds bytes or a message, also an empty one: that it is there says something."""
    return put_varint(number << 3 | BYTES) + put_varint(len(raw)) + raw
