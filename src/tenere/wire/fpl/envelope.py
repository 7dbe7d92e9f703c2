"""Find ATS messages in a stream: each from "(" and three capitals to the next ")", of up to 8 kB; what stands between is passed over.

A message in which another one begins was broken off. Doc 4444 keeps parentheses and hyphens out of the text itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.wire.mode_s.source import unit_times

if TYPE_CHECKING:
    from tenere.errors import Rejects
    from tenere.tick import Chunk

LONGEST = 8192
BEGIN = re.compile(rb"\([A-Z]{3}(?=[-A-Z0-9/\s])")
BEGINS = 5
"""Bytes that tell the beginning of a message."""
NOT_CLOSED = "ATS message that does not close"


class Found(NamedTuple):
    """One message without its parentheses: its bytes, where its "(" and what follows its ")" stand."""

    text: bytes
    first: int
    end: int


class Message(NamedTuple):
    """One message: offset in all that the source delivered, reference in its chunk, receive time (NaN unknown)."""

    text: bytes
    offset: int
    reference: int
    receive_s: float


@dataclass
class Tail:
    """What a stream leaves unfinished: the beginning of a message, or the last bytes, in which one may begin."""

    rest: bytes = b""


def scan(data: bytes) -> tuple[list[Found], list[int], int]:
    """Return the messages of some bytes, where those stand that do not close, and where the unfinished rest begins."""
    found: list[Found] = []
    broken: list[int] = []
    at = 0
    while True:
        begin = BEGIN.search(data, at)
        if begin is None:
            return found, broken, max(at, len(data) - BEGINS + 1)
        first = begin.start()
        limit = first + LONGEST
        close = data.find(b")", first, limit)
        again = BEGIN.search(data, first + 1, close if close >= 0 else limit)
        if again is not None:
            broken.append(first)
            at = again.start()
        elif close >= 0:
            found.append(Found(data[first + 1 : close], first, close + 1))
            at = close + 1
        elif len(data) >= limit + BEGINS:
            broken.append(first)
            at = first + 1
        else:
            return found, broken, first


def read(tail: Tail, chunk: Chunk, rejects: Rejects) -> list[Message]:
    """Return the messages that end in a chunk; the tail is brought up to date."""
    before = len(tail.rest)
    data = tail.rest + chunk.data
    found, broken, rest = scan(data)
    tail.rest = data[rest:]
    base = chunk.offset - before
    if len(chunk.ends) and int(chunk.ends[-1]) == (int(chunk.ends[-2]) if len(chunk.ends) > 1 else 0):  # what was read has ended
        if BEGIN.search(tail.rest):
            broken.append(rest)
        tail.rest = b""
    if broken:
        rejects.add(NOT_CLOSED, max(base + broken[0], 0), len(broken))
    receive_s = unit_times(chunk, np.array([f.end - before for f in found], np.int64)).tolist()
    return [Message(f.text, max(base + f.first, 0), max(f.first - before, 0), r) for f, r in zip(found, receive_s, strict=True)]
