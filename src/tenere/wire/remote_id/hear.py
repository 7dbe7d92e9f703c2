"""Radio frames to Open Drone ID messages, single or in packs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tenere.wire.remote_id import messages as m
from tenere.wire.remote_id.frames import CUT, find

if TYPE_CHECKING:
    from tenere.errors import Rejects
    from tenere.tick import Chunk

BAD_PACK = "Remote ID pack with a size or count it cannot have"


class Heard(NamedTuple):
    """One message: who sent it, in which unit, where it begins in the chunk, its 25 bytes, how it came, its counter (-1: none)."""

    transmitter: int
    unit: int
    at: int
    message: bytes
    transport: int
    counter: int


def messages(chunk: Chunk, rejects: Rejects) -> list[Heard]:
    """Return every whole message of a chunk, those of one frame with its Basic IDs first; count what is refused."""
    heard: list[Heard] = []
    first = 0
    for unit, end in enumerate(chunk.ends.tolist()):
        frame = chunk.data[first:end]
        begun = len(heard)
        for found in find(frame):
            if found.reason:
                rejects.add(found.reason, chunk.offset + first)
                continue
            for at, reason in unpack(frame, found.first, found.end):
                if reason:
                    rejects.add(reason, chunk.offset + first + at)
                else:
                    message = frame[at : at + m.SIZE]
                    heard.append(Heard(found.transmitter, unit, first + at, message, found.transport, found.counter))
        heard[begun:] = sorted(heard[begun:], key=lambda h: h.message[0] >> 4 != m.BASIC_ID)
        first = end
    return heard


def unpack(frame: bytes, first: int, end: int) -> list[tuple[int, str]]:
    """Return where each message of frame[first:end] begins, a single one or a pack; a reason beside what is refused."""
    if end - first < 1:
        return [(first, CUT)]
    places = [first]
    if frame[first] >> 4 == m.PACK:
        size, count = (*frame[first + 1 : min(first + 3, end)], 0, 0)[:2]
        if size != m.SIZE or not 1 <= count <= m.MOST_IN_PACK:
            return [(first, BAD_PACK if end - first >= 3 else CUT)]
        places = [first + 3 + m.SIZE * i for i in range(count)]
    got: list[tuple[int, str]] = []
    for at in places:
        if at + m.SIZE > end:
            return [*got, (at, CUT)]
        kind = frame[at] >> 4
        got.append((at, "" if kind < len(m.NAMES) else f"Remote ID message type {kind} not decoded"))
    return got


def stamp(message: bytes, near_s: float) -> float:
    """Return the time of a Location, whose tenths of a second since the hour are taken in the hour nearest near_s; NaN: none."""
    tenths = int.from_bytes(message[21:23], "little")
    if tenths > m.TENTHS_OF_AN_HOUR:
        return math.nan
    return near_s + (tenths / 10.0 - near_s + 1800.0) % 3600.0 - 1800.0
