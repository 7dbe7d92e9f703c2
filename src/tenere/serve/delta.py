"""Tracks in few bits: keyframes, and what has changed since the frame before.

After the header (tenere.serve.frames) stand:

    u32 rows | u32 gone | u32 fresh | u32 ms
    gone rows of the picture before: how many rows lie between each and the one before it, packed (if any are gone)
    a part for the rows that stay, rows less fresh (if any do)
    a part for the fresh rows, which come after them (if any are)
    u32 check: the sum of all words of 32 bits before it, modulo 2^32

A part is two words, whose bit k says whether column k of tenere.page.SENT is there, and those columns, n rows each:

- numbers: n numbers packed (tenere.serve.packing), each the column's steps less what was guessed, modulo 2^32;
- text: u32 m rows are told; if m < n, which: the rows between each and the one before, packed; then the first
  character of all m, packed, the second, and so on.

Of a row that stays the guess is its value before; of a column that is AGED, ``ms`` more (in whole steps, rounded down); of one
that moves, how far the track went (tenere.serve.reckon) by its course, speed and latitude before, in a time of ``ms`` (in steps
of LAG_S, rounded down) plus its lag before less its lag now. Where the lag before is missing that time is 0; where the lag now
is, it is ``ms``. What is MISSING is guessed to stay so. Of a fresh row the guess is 0, and no text; of the column that is
COUNTED, one more than that of the row above (of the first: 1). A keyframe is the same with no picture before: every row is fresh.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.errors import WireError
from tenere.page import LAG_S, SENT, Guess
from tenere.serve import frames
from tenere.serve.frames import Head
from tenere.serve.packing import MISSING, pack, unpack
from tenere.serve.reckon import moved
from tenere.serve.stepped import PLACE, Stepped, nothing, unstepped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.page import PageLocal, PageRemote, PageTracks
    from tenere.serve.packing import Whole

COUNTS = struct.Struct("<IIII")
MASK = struct.Struct("<Q")
WORD = struct.Struct("<I")
MS_MOST = 3_600_000


def _check(body: bytes) -> int:
    return int(np.frombuffer(body, "<u4").sum(dtype=np.uint64)) & 0xFFFFFFFF


def _gaps(rows: NDArray[Any]) -> bytes:
    return pack((np.diff(rows, prepend=-1) - 1).astype(np.int32))


def _rows(frame: bytes, at: int, count: int, n: int) -> tuple[NDArray[np.int64], int]:
    """Return the count rows, of n, whose gaps are packed at a place, and where they end."""
    gaps, at = unpack(frame, at, count)
    rows = np.cumsum(gaps.astype(np.int64) + 1) - 1
    if count and (int(gaps.min()) < 0 or int(rows[-1]) >= n):
        raise WireError("page frame that names rows it has not", at)
    return rows, at


def guessed(before: Stepped, ms: int, lag_now: Whole) -> list[NDArray[Any]]:
    """Return what each column of the rows that stay is guessed to be."""
    steps = ms // round(1000 * LAG_S) + np.where(lag_now == MISSING, 0, before.of("lag_s").astype(np.int64) - lag_now)
    steps[before.of("lag_s") == MISSING] = 0
    north, east = moved(before.of("lat_deg"), before.of("course_deg"), before.of("speed_kt"), steps)
    out: list[NDArray[Any]] = []
    for c, was in zip(SENT, before.columns, strict=True):
        if c.guess in (Guess.SAME, Guess.COUNTED):
            out.append(was)
            continue
        more = north if c.guess == Guess.NORTH else east if c.guess == Guess.EAST else ms // round(1000 * c.step)
        out.append(np.where(was == MISSING, MISSING, (was + more).astype(np.int32)).astype(np.int32))
    return out


def _counted(values: Whole) -> Whole:
    """Return each number less one more than the one above."""
    return np.diff(values, prepend=np.int32(0)) - np.int32(1)


def _part(now: Stepped, guess: list[NDArray[Any]]) -> bytes:
    """Return the columns that are not as guessed."""
    mask, out = 0, [b""]
    for k, (c, values, was) in enumerate(zip(SENT, now.columns, guess, strict=True)):
        other = values != was
        if not other.any():
            continue
        mask |= 1 << k
        if c.dtype.kind != "S":
            out.append(pack(values - was))
            continue
        rows = np.flatnonzero(other)
        places = np.ascontiguousarray(values[rows]).view(np.uint8).reshape(len(rows), c.dtype.itemsize)
        out += [WORD.pack(len(rows)), _gaps(rows) if len(rows) < len(values) else b""]
        out += [pack(places[:, place].astype(np.int32)) for place in range(c.dtype.itemsize)]
    out[0] = MASK.pack(mask)
    return b"".join(out)


def _fresh_guess(now: Stepped) -> list[NDArray[Any]]:
    """Return what fresh rows are guessed to be."""
    guess = list(nothing(now.rows).columns)
    number = now.columns[0]
    guess[0] = number - _counted(number)
    return guess


def _finished(parts: list[bytes]) -> bytes:
    body = b"".join(parts)
    return body + WORD.pack(_check(body))


def keyframe(now: Stepped, sequence: int, time_s: float, served_s: float) -> bytes:
    """Return a frame of a picture that needs no other to be read."""
    head = Head(frames.KEY, sequence, time_s, served_s).packed()
    return _finished([head, COUNTS.pack(now.rows, 0, now.rows, 0), _part(now, _fresh_guess(now)) if now.rows else b""])


class Chain:
    """Pictures one after the other, and the frames that tell them. Every frame is made once, when first asked for."""

    def __init__(self) -> None:
        """Start without a picture."""
        self.sequence = 0
        self._head = Head(frames.KEY, 0, 0.0)
        self._now: Stepped = nothing()
        self._frames: dict[int, bytes] = {}
        self._change: tuple[Stepped, NDArray[Any], int, int] | None = None
        """The picture before in the rows that stay, the rows gone, how many are fresh, and the milliseconds between."""

    def advance(self, picture: Stepped, sequence: int, time_s: float, served_s: float) -> None:
        """Take the next picture. Rows that stay keep their order; fresh ones come after them."""
        before, numbers = self._now, picture.of("number")
        previous = self._head
        self.sequence, self._frames, self._change = sequence, {}, None
        self._head = Head(frames.KEY, sequence, time_s, served_s, previous.sequence)
        self._now = picture
        ms = round(1000 * (time_s - previous.time_s)) if np.isfinite(time_s) and abs(time_s - previous.time_s) < MS_MOST / 1000 else -1
        if not previous.sequence or sequence != previous.sequence + 1 or ms < 0 or len(np.unique(numbers)) < len(numbers):
            return
        was = before.of("number")
        stays = np.isin(was, numbers)
        fresh = ~np.isin(numbers, was)
        by_number = np.argsort(numbers, kind="stable")
        order = np.concatenate([by_number[np.searchsorted(numbers[by_number], was[stays])], np.flatnonzero(fresh)])
        if not np.array_equal(order, np.arange(len(numbers))):
            self._now = picture.take(order)
        kept = before if stays.all() else before.take(stays)
        self._change = kept, np.flatnonzero(~stays), int(fresh.sum()), ms

    @property
    def picture(self) -> Stepped:
        """Return the latest picture, in the order of its rows on the wire."""
        return self._now

    def keyframe(self) -> bytes:
        """Return the latest picture's keyframe."""
        if frames.KEY not in self._frames:
            self._frames[frames.KEY] = keyframe(self._now, self._head.sequence, self._head.time_s, self._head.served_s)
        return self._frames[frames.KEY]

    def since(self, sequence: int) -> bytes:
        """Return a frame for who has the picture of a sequence: the change where that was the one before, else the keyframe."""
        if self._change is None or sequence != self._head.before or not sequence:
            return self.keyframe()
        if frames.DELTA not in self._frames:
            self._frames[frames.DELTA] = self._delta(*self._change)
        return self._frames[frames.DELTA]

    def _delta(self, kept: Stepped, gone: NDArray[Any], fresh: int, ms: int) -> bytes:
        stays = kept.rows
        parts = [self._head._replace(kind=frames.DELTA).packed(), COUNTS.pack(stays + fresh, len(gone), fresh, ms)]
        if len(gone):
            parts.append(_gaps(gone))
        if stays:
            now = self._now.between(0, stays)
            parts.append(_part(now, guessed(kept, ms, now.of("lag_s"))))
        if fresh:
            now = self._now.between(stays, stays + fresh)
            parts.append(_part(now, _fresh_guess(now)))
        return _finished(parts)


class Picture:
    """What a reader of the stream knows: give it every frame of tracks. A frame that cannot be taken changes nothing."""

    def __init__(self) -> None:
        """Start without a picture."""
        self.sequence = 0
        self.time_s = 0.0
        self.served_s = 0.0
        self.steps: Stepped = nothing()

    def take(self, frame: bytes) -> None:
        """Take a frame. Raises WireError on bytes that are none, and on a change of another picture than this: ask for a keyframe."""
        head = frames.head_of(frame)
        if head.kind not in (frames.KEY, frames.DELTA):
            raise WireError("page frame of another kind", head.kind)
        if len(frame) < frames.HEAD.size + COUNTS.size + WORD.size or len(frame) % 4:
            raise WireError("page frame cut short", len(frame))
        if _check(frame[: -WORD.size]) != WORD.unpack_from(frame, len(frame) - WORD.size)[0]:
            raise WireError("page frame whose check does not hold")
        before = self.steps if head.kind == frames.DELTA else nothing()
        if head.kind == frames.DELTA and (head.before != self.sequence or not self.sequence):
            raise WireError("page frame that follows another picture", head.before)
        self.steps = _read(frame, before)
        self.sequence, self.time_s, self.served_s = head.sequence, head.time_s, head.served_s

    def batches(self) -> tuple[PageTracks, PageLocal, PageRemote]:
        """Return the picture in the page's columns."""
        return unstepped(self.steps)


def _read(frame: bytes, before: Stepped) -> Stepped:
    """Return the picture that a frame makes of the one before."""
    rows, gone, fresh, ms = COUNTS.unpack_from(frame, frames.HEAD.size)
    at, end = frames.HEAD.size + COUNTS.size, len(frame) - WORD.size
    body = frame[:end]
    if rows > frames.ROWS_MOST or fresh > rows or gone > before.rows or rows - fresh != before.rows - gone or ms > MS_MOST:
        raise WireError("page frame whose rows do not add up", rows)
    kept = before
    if gone:
        left, at = _rows(body, at, gone, before.rows)
        kept = before.take(np.delete(np.arange(before.rows), left))
    parts = []
    if kept.rows:
        columns, at = _read_part(body, at, kept.rows)
        parts.append(_added(kept, columns, ms))
    if fresh:
        columns, at = _read_part(body, at, fresh)
        parts.append(_fresh(columns, fresh))
    if at != end:
        raise WireError("page frame with bytes left over", at)
    if len(parts) == 1:
        return parts[0]
    return Stepped(tuple(np.concatenate(pair) for pair in zip(*(p.columns for p in parts), strict=True))) if parts else nothing()


class Told(NamedTuple):
    """Text of some rows."""

    rows: NDArray[np.int64]
    text: NDArray[np.bytes_]


def _read_part(body: bytes, at: int, n: int) -> tuple[dict[int, Whole | Told], int]:
    """Return the columns of a part: numbers, or (rows, text)."""
    if at + MASK.size > len(body):
        raise WireError("page frame cut short", at)
    mask = MASK.unpack_from(body, at)[0]
    at += MASK.size
    if mask >> len(SENT):
        raise WireError("page frame with columns that nobody knows", at)
    found: dict[int, Whole | Told] = {}
    for k, c in enumerate(SENT):
        if not mask >> k & 1:
            continue
        found[k], at = unpack(body, at, n) if c.dtype.kind != "S" else _read_text(body, at, n, c.dtype)
    return found, at


def _read_text(body: bytes, at: int, n: int, dtype: np.dtype[Any]) -> tuple[Told, int]:
    if at + WORD.size > len(body):
        raise WireError("page frame cut short", at)
    told = WORD.unpack_from(body, at)[0]
    at += WORD.size
    if told > n:
        raise WireError("page frame with more text than rows", at)
    rows = np.arange(n)
    if told < n:
        rows, at = _rows(body, at, told, n)
    places = np.empty((told, dtype.itemsize), np.uint8)
    for place in range(dtype.itemsize):
        values, at = unpack(body, at, told)
        places[:, place] = values.astype(np.uint8)
    return Told(rows, places.reshape(-1).view(dtype)), at


def _added(before: Stepped, found: dict[int, Whole | Told], ms: int) -> Stepped:
    """Return rows that stay with their differences added."""
    lag = _with(before.of("lag_s"), found.get(PLACE["lag_s"]))
    return Stepped(tuple(_with(was, found.get(k)) for k, was in enumerate(guessed(before, ms, lag))))


def _with(was: NDArray[Any], told: Whole | Told | None) -> NDArray[Any]:
    if told is None:
        return was
    if not isinstance(told, Told):
        return np.asarray(was + told)
    out = was.copy()
    out[told.rows] = told.text
    return out


def _fresh(found: dict[int, Whole | Told], n: int) -> Stepped:
    """Return fresh rows."""
    guess = list(nothing(n).columns)
    steps = found.pop(0, guess[0])
    guess[0] = np.cumsum(np.asarray(steps, np.int64) + 1).astype(np.int32)
    return Stepped(tuple(_with(was, found.get(k)) for k, was in enumerate(guess)))
