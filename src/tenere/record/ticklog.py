"""The tick log: what reached the picture, tick by tick, as it was. It is the system of record.

A file starts with MAGIC and then holds frames: length and CRC-32 of the payload (two little-endian u32), payload
(MessagePack). The first frame is the header (format version, build, site as configured); each other is one tick.
A frame that a crash cut off is recognised by its length or CRC; everything before it stands.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere.config import Config
from tenere.errors import TenereError
from tenere.tick import Chunk, Tick

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"TENERE-TICKS-1\r\n\x1a\n"
HEAD = struct.Struct("<II")
MAX_FRAME = 1 << 30


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """First frame of a log."""

    version: str
    config: Config


class TickLog:
    """An open log. append() then sync(): a tick is safe once sync() has returned."""

    def __init__(self, path: Path, config: Config, version: str) -> None:
        """Create a new log; an existing file is never overwritten."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = path.open("xb", buffering=0)
        except FileExistsError as e:
            raise TenereError(f"{path}: exists already; a tick log is never overwritten: name another or move it away") from e
        self._pending: list[bytes] = []
        self._pending.append(MAGIC)
        self._frame(msgspec.msgpack.encode(Header(version=version, config=config)))
        self.ticks = 0
        self.bytes = 0
        self.sync()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _frame(self, payload: bytes) -> None:
        self._pending.append(HEAD.pack(len(payload), zlib.crc32(payload)))
        self._pending.append(payload)

    def append(self, tick: Tick) -> None:
        """Add a tick to what the next sync() makes safe."""
        self._frame(encode_tick(tick))
        self.ticks += 1

    def sync(self) -> None:
        """Write what is pending and wait until the disk holds it."""
        data = b"".join(self._pending)
        self._pending.clear()
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        os.fdatasync(self._file.fileno())
        self.bytes += len(data)

    def close(self) -> None:
        """Make everything safe and close."""
        if not self._file.closed:
            self.sync()
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
        made = tuple(
            Chunk(s, d, np.frombuffer(e, "<i8").astype(np.int64), np.frombuffer(t, "<f8").astype(np.float64), o) for s, d, e, t, o in chunks
        )
    except (msgspec.MsgspecError, ValueError) as e:
        raise TenereError(f"a frame of the tick log does not hold a tick: {e}") from e
    return Tick(number, time_s, made, tuple(commands))


class Reader:
    """A log being read. Iterate for its ticks; lost_bytes then says what a crash or damage left unreadable."""

    def __init__(self, path: Path) -> None:
        """Open a log and read its header."""
        self.path = path
        self.lost_bytes = 0
        self.lost_reason = ""
        self._file = path.open("rb")
        self._size = path.stat().st_size
        if self._file.read(len(MAGIC)) != MAGIC:
            self._file.close()
            raise TenereError(f"{path}: is not a tick log")
        payload = self._next()
        if payload is None:
            self._file.close()
            raise TenereError(f"{path}: the tick log's header is damaged ({self.lost_reason})")
        try:
            self.header = msgspec.msgpack.decode(payload, type=Header)
        except msgspec.MsgspecError as e:
            self._file.close()
            raise TenereError(f"{path}: written by another version of Tenere: {e}") from e

    def _next(self) -> bytes | None:
        """Return the next frame's payload, or None at the end or at damage (which is then accounted for)."""
        start = self._file.tell()
        head = self._file.read(HEAD.size)
        if not head:
            return None
        if len(head) == HEAD.size:
            length, crc = HEAD.unpack(head)
            if length <= min(MAX_FRAME, self._size - start):
                payload = self._file.read(length)
                if len(payload) == length and zlib.crc32(payload) == crc:
                    return payload
                self.lost_reason = "cut off" if len(payload) < length else "its checksum differs"
            else:
                self.lost_reason = "cut off"
        else:
            self.lost_reason = "cut off"
        self.lost_bytes = self._size - start
        return None

    def __iter__(self) -> Iterator[Tick]:
        """Yield the ticks that stand."""
        with self._file:
            while (payload := self._next()) is not None:
                yield decode_tick(payload)


def is_tick_log(path: Path) -> bool:
    """Say whether a file starts as a tick log does."""
    try:
        with path.open("rb") as f:
            return f.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
