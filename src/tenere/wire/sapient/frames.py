"""Where the messages lie in what a SAPIENT source sent over TCP: each after its size, or a line of JSON each.

    size (four bytes, little-endian), message         BSI Flex 335 v2, "message framing"
    { ... } line feed                                 the same messages in JSON

Both may follow one another: four bytes that begin with "{" and text are no size up to a megabyte. A stream may be cut
into reads anywhere. There is no mark to find one's step by, but almost every message begins with its time and the 36
characters of its node, and that is what is looked for after damage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from tenere.errors import Rejects

LARGEST = 1_048_576
"""Bytes of the largest message."""
HEAD = 4
TIME, NODE = 0x0A, 0x12  # keys of SapientMessage's fields 1 and 2
BLANK = b" \t\r\n"
BEGINNING = re.compile(rb"(?=(?s:..)[\x00-\x10]\x00\x0a[\x00-\x10])|(?<=\n)\{")
SHORTEST_LOOK = 28

OUT_OF_STEP = "SAPIENT stream out of step"
TOO_LONG = "SAPIENT line over 1 MB"


class Message(NamedTuple):
    """One message: whether it is JSON, where it begins and ends with its wrapping, and where its content begins."""

    json: bool
    at: int
    end: int
    content: int


@dataclass
class Scanner:
    """What a source left unfinished: the pieces, their bytes, and how many there must be before it is worth a look.

    lost: it is out of step, which has been counted. barrier, tries: up to where messages that were none are looked
    into, and how many more times. line: what is unfinished is a line of JSON.
    """

    pieces: list[bytes] = field(default_factory=list)
    held: int = 0
    wanted: int = 0
    line: bool = False
    lost: bool = False
    barrier: int = 0
    tries: int = 8

    def take(self, data: bytes) -> bytes | None:
        """Return all that is unfinished and the new bytes, None while they cannot complete a message."""
        more = self.held + len(data)
        if more < self.wanted or (self.line and b"\n" not in data and more <= LARGEST):
            self.pieces.append(data)
            self.held = more
            return None
        self.pieces.append(data)
        return b"".join(self.pieces)

    def keep(self, buffer: Buffer) -> None:
        """Keep what a buffer leaves for the next."""
        rest = buffer.data[buffer.at :]
        self.pieces, self.held = [rest], len(rest)
        self.wanted, self.line = max(0, buffer.wanted - buffer.at), buffer.line
        self.barrier = max(0, self.barrier - buffer.at)


@dataclass
class Buffer:
    """Bytes under way. wanted: up to where they must reach before the next message can be whole."""

    data: bytes
    rejects: Rejects = field(default_factory=Rejects)
    at: int = 0
    wanted: int = 0
    line: bool = False


def following(scanner: Scanner, buffer: Buffer) -> Message | None:
    """Return the next message that is whole, None where there is none: then buffer.at is where the unfinished rest begins."""
    data, n = buffer.data, len(buffer.data)
    buffer.wanted, buffer.line = 0, False
    while n - buffer.at >= HEAD:
        at = buffer.at
        if scanner.lost:
            found = find(data, at)
            if found < 0:
                buffer.at = max(at, n - SHORTEST_LOOK)
                return None
            scanner.lost, at = False, found
            buffer.at = at
        size = int.from_bytes(data[at : at + HEAD], "little")
        if 0 < size <= LARGEST and (at + HEAD == n or data[at + HEAD] in {TIME, NODE}):
            end = at + HEAD + size
            if end > n:
                buffer.wanted = end
                return None
            buffer.at = end
            return Message(json=False, at=at, end=end, content=at + HEAD)
        if data[at] == ord("{"):
            end = data.find(b"\n", at, at + LARGEST + 1) + 1
            if end:
                buffer.at = end
                return Message(json=True, at=at, end=end, content=at)
            if n - at <= LARGEST:
                buffer.line = True
                return None
            buffer.rejects.add(TOO_LONG, at)
            scanner.lost, buffer.at = True, at + LARGEST
        elif data[at] in BLANK:
            buffer.at = at + 1
        else:
            buffer.rejects.add(OUT_OF_STEP, at)
            scanner.lost, buffer.at = True, at + 1
    return None


def again(scanner: Scanner, buffer: Buffer, refused: Message) -> None:
    """Look once more inside a message that was none, a few times at most: a wrong size swallows neighbours."""
    if refused.json:
        return
    if refused.at >= scanner.barrier:
        scanner.barrier, scanner.tries = refused.end, 8
    scanner.tries -= 1
    inside = find(buffer.data, refused.at + 1, refused.end) if scanner.tries > 0 else -1
    buffer.at = inside if inside >= 0 else max(refused.end, min(scanner.barrier, len(buffer.data)))


def find(data: bytes, at: int, end: int | None = None) -> int:
    """Return where a message begins at the earliest from a place on, -1 where none is seen to."""
    for found in BEGINNING.finditer(data, at, len(data) if end is None else end):
        place = found.start()
        if data[place] == ord("{") and data[place - 1 : place] == b"\n":
            return place
        node = place + HEAD + 2 + data[place + HEAD + 1]
        if data[node : node + 2] == b"\x12\x24" and 0 < int.from_bytes(data[place : place + HEAD], "little") <= LARGEST:
            return place
    return -1
