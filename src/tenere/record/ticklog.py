"""The tick log: what reached the picture, tick by tick, as it was. It is the system of record.

A file starts with MAGIC and then holds frames: length and CRC-32 of the payload (two little-endian u32), payload
(MessagePack). The first frame is the header (format version, build, site as configured); each other is one tick.
A frame that a crash cut off, or that was damaged, is recognised by its length or CRC; all others stand.
"""

from __future__ import annotations

import math
import os
import struct
import threading
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np

from tenere.config import Config, check
from tenere.errors import TenereError
from tenere.tick import Chunk, Tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC = b"TENERE-TICKS-1\r\n\x1a\n"
HEAD = struct.Struct("<II")
MAX_FRAME = 1 << 30
HELD_BYTES = 4 << 20
"""What append() holds before it hands it to the system unasked."""

TICK_MARK = b"\x94"
"""First byte of a tick's payload: a MessagePack array of four."""

SCAN_BYTES = 1 << 20
SEARCH_BYTES = 1 << 28
"""With four times the file, the most bytes read in search of whole frames after damage."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """First frame of a log."""

    version: str
    config: Config


class TickLog:
    """An open log. append() then sync(): a tick is safe once sync() has returned. Threads may share it."""

    def __init__(self, path: Path, config: Config, version: str) -> None:
        """Create a new log; raise TenereError where it cannot be, or exists: no log is ever overwritten."""
        self.path = path
        self.ticks = self.bytes = 0
        self._lock = threading.RLock()
        self._pending: list[bytes] = [MAGIC]
        self._held = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb", buffering=0)
        except FileExistsError as e:
            if not path.exists():
                raise TenereError(f"{path.parent}: the tick log cannot be written there: {e.strerror}") from e
            raise TenereError(f"{path}: exists already; a tick log is never overwritten: name another or move it away") from e
        except OSError as e:
            raise TenereError(f"{path.parent}: the tick log cannot be written there: {e.strerror or e}") from e
        self._frame(msgspec.msgpack.encode(Header(version=version, config=config)))
        self.sync()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _frame(self, payload: bytes) -> None:
        self._pending.append(HEAD.pack(len(payload), zlib.crc32(payload)))
        self._pending.append(payload)
        self._held += HEAD.size + len(payload)

    def append(self, tick: Tick) -> None:
        """Add a tick to what the next sync() makes safe. Memory stays bounded without any sync()."""
        payload = encode_tick(tick)
        if len(payload) > MAX_FRAME:
            raise TenereError(f"{self.path}: one tick holds {len(payload):,} bytes, more than a log can keep of one")
        with self._lock:
            self._frame(payload)
            self.ticks += 1
            if self._held >= HELD_BYTES:
                self._write()

    def _write(self) -> None:
        """Hand what is pending to the system; raise TenereError where it does not take it, and take no more then."""
        data = b"".join(self._pending)
        self._pending.clear()
        self._held = 0
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as e:
            self._file.close()  # a frame is half written: nothing may follow it
            raise TenereError(f"{self.path}: cannot be written: {e.strerror or e}; what was safe before stands") from e
        self.bytes += len(data)

    def sync(self) -> None:
        """Write what is pending and wait until the disk holds it."""
        with self._lock:
            if not self._file.closed:
                self._write()
                os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Make everything safe and close."""
        with self._lock:
            if not self._file.closed:
                try:
                    self.sync()
                finally:
                    self._file.close()


def encode_tick(tick: Tick) -> bytes:
    """Return a tick's payload."""
    chunks = [(c.source, c.data, c.ends.astype("<i8").tobytes(), c.times_s.astype("<f8").tobytes(), c.offset) for c in tick.chunks]
    return msgspec.msgpack.encode((tick.number, tick.time_s, list(tick.commands), chunks))


_TICK: msgspec.msgpack.Decoder[tuple[int, float, list[dict[str, Any]], list[tuple[str, bytes, bytes, bytes, int]]]] = (
    msgspec.msgpack.Decoder(tuple[int, float, list[dict[str, Any]], list[tuple[str, bytes, bytes, bytes, int]]])
)


def decode_tick(payload: bytes) -> Tick:
    """Return the tick of a payload; raise TenereError when it is not one."""
    try:
        number, time_s, commands, chunks = _TICK.decode(payload)
        made = tuple(_chunk(*c) for c in chunks)
    except (msgspec.MsgspecError, ValueError) as e:
        raise TenereError(f"a frame of the tick log does not hold a tick: {e}") from e
    if not math.isfinite(time_s):
        raise TenereError(f"a frame of the tick log does not hold a tick: its time is {time_s}")
    return Tick(number, time_s, made, tuple(commands))


def _chunk(source: str, data: bytes, ends: bytes, times_s: bytes, offset: int) -> Chunk:
    """Return a chunk whose columns agree; raise ValueError where they do not."""
    until = np.frombuffer(ends, "<i8").astype(np.int64)
    times = np.frombuffer(times_s, "<f8").astype(np.float64)
    if len(until) != len(times) or (until[-1] if len(until) else 0) != len(data) or np.any(np.diff(until, prepend=0) < 0):
        raise ValueError(f"the units of {source!r} do not fit its bytes")
    return Chunk(source, data, until, times, offset)


class Reader:
    """A log being read. Iterate for its ticks; then lost_bytes says how many did not stand, lost_reason why the first did not.

    A damaged frame is left out and reading goes on at the next whole one, so one bad spot on a disk does not cost the rest.
    """

    def __init__(self, path: Path) -> None:
        """Open a log and read its header; raise TenereError where it is none."""
        self.path = path
        self._size = 0
        self._forget()
        try:
            self._size = path.stat().st_size
            with path.open("rb") as f:
                magic = f.read(len(MAGIC))
                payload = self._frame(f, len(magic)) if magic == MAGIC else None
                self._start = f.tell()
        except OSError as e:
            raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e
        if magic != MAGIC:
            raise TenereError(f"{path}: is not a tick log")
        if payload is None:
            raise TenereError(f"{path}: the tick log's header is damaged ({self.lost_reason})")
        try:
            self.header = msgspec.msgpack.decode(payload, type=Header)
        except msgspec.MsgspecError as e:
            raise TenereError(f"{path}: written by another version of Tenere: {e}") from e
        check(self.header.config, f"{path}: its header")

    def _forget(self) -> None:
        """Begin the account of what is lost."""
        self.lost_bytes, self.lost_at, self.lost_reason = 0, -1, ""
        self._budget = SEARCH_BYTES + 4 * self._size

    def _frame(self, f: BinaryIO, at: int) -> bytes | None:
        """Return the payload of the frame at a byte, leaving the file after it; None where none stands there."""
        f.seek(at)
        head = f.read(HEAD.size)
        if len(head) == HEAD.size:
            length, crc = HEAD.unpack(head)
            if 0 < length <= min(MAX_FRAME, self._size - at - HEAD.size):  # a hole of zeros is no frame
                payload = f.read(length)
                if len(payload) == length and zlib.crc32(payload) == crc:
                    return payload
                self.lost_reason = self.lost_reason or f"a checksum differs at byte {at}"
        self.lost_reason = self.lost_reason or f"cut off at byte {at}"
        return None

    def _next_after(self, f: BinaryIO, at: int) -> int:
        """Return where the next whole frame after a damaged one begins; the size of the file where there is none."""
        for begin in self._candidates(f, at):
            if self._budget <= 0:
                break
            whole = self._frame(f, begin) is not None
            self._budget -= f.tell() - begin
            if whole:
                return begin
        return self._size

    def _candidates(self, f: BinaryIO, at: int) -> Iterator[int]:
        """Yield where a frame may begin after a damaged one at a byte: where its length says, then before every TICK_MARK."""
        f.seek(at)
        head = f.read(HEAD.size)
        if len(head) == HEAD.size:
            yield at + HEAD.size + HEAD.unpack(head)[0]
        base = at + HEAD.size + 1
        while base < self._size:
            f.seek(base)
            block = f.read(SCAN_BYTES)
            found = block.find(TICK_MARK)
            while found >= 0:
                yield base + found - HEAD.size
                found = block.find(TICK_MARK, found + 1)
            base += len(block) or self._size

    def __iter__(self) -> Iterator[Tick]:
        """Yield the ticks that stand."""
        self._forget()
        at = self._start
        with self.path.open("rb") as f:
            while at < self._size:
                payload = self._frame(f, at)
                if payload is None:
                    past = self._next_after(f, at)
                    self.lost_bytes += past - at
                    at = past
                    continue
                at = f.tell()
                yield decode_tick(payload)


def is_tick_log(path: Path) -> bool:
    """Say whether a file starts as a tick log does."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as f:
            return f.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
