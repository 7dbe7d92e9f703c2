"""The frames of a GDL 90 stream: 0x7E, message with 0x7D escapes, CRC, 0x7E (560-1058-00, 2.2)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.errors import Rejects
from tenere.wire.mode_s.source import unit_times

if TYPE_CHECKING:
    from tenere.tick import Chunk

FLAG, ESCAPE = 0x7E, 0x7D
LONGEST = 1024
"""Bytes of the longest frame looked at, flags apart: the longest message, an uplink, has 438 before escapes."""

SIZES = {0: 7, 2: 3, 7: 436, 9: 3, 10: 28, 11: 5, 20: 28, 30: 22, 31: 38}
"""Bytes of a message by its number: heartbeat, initialization, uplink, height above terrain, ownship, its geometric altitude,
traffic, basic and long report (table 2)."""
HEARTBEAT, INITIALIZATION, UPLINK, TERRAIN, OWNSHIP, ALTITUDE, TRAFFIC, BASIC, LONG = SIZES
FOREFLIGHT = 0x65
FOREFLIGHT_SIZES = {0: 39, 1: 12}
"""Bytes of the ForeFlight messages by their second byte: who the device is, its attitude."""

BAD_CRC = "GDL 90 frame with a bad CRC"
TOO_LONG = "bytes that are no GDL 90 frame"
BAD_SIZE = "GDL 90 message of a length its number does not have"


class Message(NamedTuple):
    """One message, its number first, CRC removed; offset in all that the source delivered, reference in its chunk."""

    data: bytes
    offset: int
    reference: int
    receive_s: float


@dataclass
class Tail:
    """What a stream leaves unfinished: the beginning of a frame, or that what follows belongs to one refused already."""

    rest: bytes = b""
    skipping: bool = False


def crc(message: bytes) -> int:
    """Return the CRC of a message of two bytes or more (2.2.3); that of the heartbeat 00 81 41 DB D0 08 02 is 0x8BB3.

    The standard shifts each byte in after the others, without the two zero bytes at the end that CRC-CCITT implies: so the
    last two bytes are added, not divided.
    """
    return binascii.crc_hqx(message[:-2], 0) ^ int.from_bytes(message[-2:], "big")


def unescape(body: bytes) -> bytes:
    """Return what a frame holds between its flags; an escape at its end stays."""
    return re.sub(rb"\x7d(.)", lambda m: bytes((m[1][0] ^ 0x20,)), body, flags=re.DOTALL) if ESCAPE in body else body


def message_of(body: bytes) -> tuple[bytes, str]:
    """Return the message of what stands between two flags, and why it is none (empty: it is one)."""
    whole = unescape(body)
    if len(whole) < 4 or crc(whole[:-2]) != int.from_bytes(whole[-2:], "little"):
        return b"", BAD_CRC
    size = SIZES.get(whole[0])
    if whole[0] == FOREFLIGHT:
        size = FOREFLIGHT_SIZES.get(whole[1])
    if size is not None and len(whole) - 2 != size:
        return b"", BAD_SIZE
    return whole[:-2], ""


def read(tail: Tail, chunk: Chunk) -> tuple[list[Message], Rejects]:
    """Return the messages whose last flag stands in a chunk, and what was refused; the tail is brought up to date."""
    before = len(tail.rest)
    bodies = (tail.rest + chunk.data).split(b"\x7e")
    rejects = Rejects()
    found: list[tuple[bytes, int, int]] = []
    at = -before
    for body in bodies[:-1]:
        if tail.skipping:
            tail.skipping = False
        elif len(body) > LONGEST:
            rejects.add(TOO_LONG, max(chunk.offset + at, 0))
        elif body:
            message, reason = message_of(body)
            if reason:
                rejects.add(reason, max(chunk.offset + at, 0))
            else:
                found.append((message, at, at + len(body) + 1))
        at += len(body) + 1
    tail.rest = b"" if tail.skipping else bodies[-1]
    if len(tail.rest) > LONGEST:
        rejects.add(TOO_LONG, max(chunk.offset + at, 0))
        tail.rest, tail.skipping = b"", True
    receive_s = unit_times(chunk, np.array([end for _, _, end in found], np.int64)).tolist()
    return [
        Message(data, max(chunk.offset + first, 0), max(first, 0), when) for (data, first, _), when in zip(found, receive_s, strict=True)
    ], rejects


def frame(message: bytes) -> bytes:
    """Return a message framed: CRC, escapes and flags added."""
    whole = message + crc(message).to_bytes(2, "little")
    return b"\x7e" + re.sub(rb"[\x7d\x7e]", lambda m: bytes((ESCAPE, m[0][0] ^ 0x20)), whole) + b"\x7e"
