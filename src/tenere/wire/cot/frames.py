"""Where the events lie in what a Cursor-on-Target source sent: XML, TAK protobuf for the mesh, and for streams.

    XML       ... <event ...> ... </event>       with or without a declaration before it
    mesh      0xBF 0x01 0xBF, TakMessage         one a datagram
    stream    0xBF, count (varint), TakMessage   one after another over TCP

(TAK protocol description, "Traditional Protocol", "Generic Framework" and "Payload - Version 1".) The three may follow
one another in one source. A stream may be cut into reads anywhere. A unit that begins like an event begins one: what
an earlier datagram left unfinished is refused there, so that damage in one datagram costs no other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from tenere.errors import Rejects, WireError
from tenere.wire.cot import protobuf

LONGEST = 65_536
"""Bytes of the longest event."""

XML, MESH, STREAM = 0, 1, 2
MAGIC = 0xBF
MESH_HEAD = b"\xbf\x01\xbf"
CONTROL, EVENT = 0x0A, 0x12  # keys of TakMessage's fields 1 and 2
TIMES = (0x18, 0x20)  # keys of the times that a server adds: fields 3 and 4

MARK = re.compile(rb"<event(?=[\s>/])|<!DOCTYPE|\xbf(?=\x01\xbf|[\x80-\xff]{0,2}[\x00-\x7f][\x0a\x12]|(?s:.){0,3}\Z)")
END = re.compile(rb"</event\s{0,16}>")
DECLARATION = re.compile(rb"<\?xml[^>]{0,200}>")
BYTE_ORDER = b"\xef\xbb\xbf"
BLANK = b" \t\r\n\x00"
BEGINS = (b"<?xml", b"<event", MESH_HEAD, BYTE_ORDER + b"<")

TOO_LONG = "CoT event over 64 kB"
CUT = "CoT event cut short"
STRAY = "bytes between CoT events"
TYPED = "CoT event with a document type"


class Message(NamedTuple):
    """One message: how it is wrapped, where it begins and ends with its wrapping, where its content begins."""

    wrapping: int
    at: int
    end: int
    content: int


@dataclass
class Scanner:
    """What a source left unfinished, and in what state.

    stray: it ends among bytes already counted. typed: where the last document type was met in the buffer, -1 none.
    barrier, tries: up to where frames that were none are looked into, and how many more times.
    """

    tail: bytes = b""
    stray: bool = False
    typed: int = -1
    barrier: int = 0
    tries: int = 8

    def keep(self, buffer: Buffer) -> None:
        """Keep what a buffer leaves for the next."""
        self.tail = buffer.data[buffer.at :]
        self.barrier = max(0, self.barrier - buffer.at)
        self.typed = 0 if self.typed >= 0 else -1


@dataclass
class Buffer:
    """Bytes under way, and where units begin that begin a message of their own (resets, ascending, each > 0)."""

    data: bytes
    resets: list[int]
    rejects: Rejects = field(default_factory=Rejects)
    at: int = 0
    gap: int = 0

    def limit(self, at: int) -> int:
        """Return where the message that begins at a place has to have ended."""
        after = bisect_right(self.resets, at)
        return self.resets[after] if after < len(self.resets) else len(self.data)

    def together(self, one: int, other: int) -> bool:
        """Say whether two places are not parted by the beginning of a unit."""
        return bisect_right(self.resets, one) == bisect_right(self.resets, other)


def begins(unit: bytes) -> bool:
    """Say whether a unit begins like a message."""
    return unit.startswith(BEGINS)


def following(scanner: Scanner, buffer: Buffer) -> Message | None:
    """Return the next message of a buffer, None where there is none that is whole; what is refused is counted on the way.

    After None, buffer.at is where the unfinished rest begins.
    """
    data, n = buffer.data, len(buffer.data)
    while (mark := MARK.search(data, buffer.at)) is not None:
        at = mark.start()
        limit = buffer.limit(at)
        if mark.group() == b"<!DOCTYPE":
            scanner.typed, buffer.at = at, at + 9
            continue
        xml = data[at] != MAGIC
        found = _xml(data, at, limit) if xml else _protobuf(data, at, limit)
        if found is None and limit == n and n - at <= LONGEST + 16:  # it may yet come whole
            _close_gap(scanner, buffer, at)
            buffer.at = at
            return None
        if found is None and xml:
            _close_gap(scanner, buffer, at)
            buffer.rejects.add(CUT if limit < n else TOO_LONG, at)
            buffer.at = buffer.gap = limit if limit < n else max(at + 6, n - LONGEST)
        elif found is None or found.end == 0:
            buffer.at = at + 1  # a byte that means nothing here
        elif found.end - at > LONGEST + 16:
            _close_gap(scanner, buffer, at)
            buffer.rejects.add(TOO_LONG, at)
            buffer.at = buffer.gap = max(at + 6, found.end - LONGEST)
        else:
            _close_gap(scanner, buffer, at)
            scanner.stray = False
            buffer.at = buffer.gap = found.end
            if not xml:
                return found
            typed, scanner.typed = scanner.typed, -1
            if typed < 0 or not buffer.together(typed, at):
                return found
            buffer.rejects.add(TYPED, at)
    rest = _half_marked(data, buffer.at)
    _close_gap(scanner, buffer, rest)
    buffer.at = rest
    return None


def again(scanner: Scanner, buffer: Buffer, refused: Message) -> None:
    """Look once more inside a frame that was no message, a few times at most: it may have swallowed its neighbours."""
    if refused.wrapping == XML:
        return
    if refused.at >= scanner.barrier:
        scanner.barrier, scanner.tries = refused.end, 8
    scanner.tries -= 1
    if scanner.tries > 0:
        buffer.at = buffer.gap = refused.at + 1
        scanner.stray = True  # its rest has been counted with it
    else:
        buffer.at = buffer.gap = max(refused.end, min(scanner.barrier, len(buffer.data)))


def last_start(data: bytes, message: Message) -> int:
    """Return where the last event within an XML message begins: an earlier one may have been cut short before it."""
    at = message.end
    while (at := data.rfind(b"<event", message.at + 6, at)) > 0:
        if MARK.match(data, at):
            return at
    return message.at


def _xml(data: bytes, at: int, limit: int) -> Message | None:
    """Return the event that begins here, None where its end is not there."""
    end = END.search(data, at, limit)
    return Message(XML, at, end.end(), at) if end else None


def _protobuf(data: bytes, at: int, limit: int) -> Message | None:
    """Return the frame that begins here, one that ends at 0 where none can, None where more bytes are needed to tell."""
    if limit - at < 3:
        return None
    try:
        if data[at : at + 3] == MESH_HEAD:
            return _mesh(data, at, limit)
        size, content = protobuf.varint(data, at + 1, min(limit, at + 4))
    except WireError:
        return Message(STREAM, at, 0, 0)
    if size < 0 and content < at + 4:
        return None
    if not 0 < size <= LONGEST or (content < limit and data[content] not in {CONTROL, EVENT}):
        return Message(STREAM, at, 0, 0)
    return Message(STREAM, at, content + size, content) if content + size <= limit else None


def _mesh(data: bytes, at: int, limit: int) -> Message | None:
    """Walk the fields of a message that no count precedes: control, event, and the times that may follow."""
    place, whole = at + 3, False
    for key in (CONTROL, EVENT):
        if place < limit and data[place] == key:
            size, content = protobuf.varint(data, place + 1, min(limit, place + 11))
            if size < 0 or content + size > limit:
                return Message(MESH, at, 0, 0) if size > LONGEST else None
            place, whole = content + size, key == EVENT
    if place == limit and not whole and limit == len(data):
        return None
    if place == at + 3:
        return Message(MESH, at, 0, 0)
    for key in TIMES:
        if place + 1 < limit and data[place] == key:
            value, after = protobuf.varint(data, place + 1, min(limit, place + 11))
            place = after if value >= 0 else place
    return Message(MESH, at, place, at + 3)


def is_blank(gap: bytes) -> bool:
    """Say whether what lies between two messages says nothing: white space, a declaration, a byte order mark."""
    return not gap or not DECLARATION.sub(b"", gap).replace(BYTE_ORDER, b"").strip(BLANK)


def _half_marked(data: bytes, at: int) -> int:
    """Return where a tag or declaration begins that the end of the data cuts, else that end."""
    last = data.rfind(b"<", max(at, len(data) - 220))
    return last if last >= 0 and data.find(b">", last) < 0 else len(data)


def _close_gap(scanner: Scanner, buffer: Buffer, at: int) -> None:
    """Count what lies between two messages once, unless it is blank or a declaration."""
    gap = buffer.data[buffer.gap : at]
    if not scanner.stray and not is_blank(gap):
        buffer.rejects.add(STRAY, buffer.gap)
        scanner.stray = True
    buffer.gap = at
