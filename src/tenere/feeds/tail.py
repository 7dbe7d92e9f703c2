"""Files that grow and folders that fill.

A file is read from where it ended when the program started (what it held before would be taken for now), from its
beginning when it appears later. Rotation (another file under the same name) and truncation are followed. In a folder
each new file is read once, whole, when it has stopped growing; those in the order of their times, then names.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tenere.errors import TenereError
from tenere.feeds.files import open_recording
from tenere.feeds.streams import reason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tenere.feeds.inbox import Inbox
    from tenere.site import SourceConfig

LOOK_S = 0.2
READ_BYTES = 1 << 16
READS = 64
"""Reads of one look, at most: 4 MB."""

SETTLED_S = 2.0
"""A file in a folder is whole when it did not change for so long."""

MOST_FILES = 100_000
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload")
LARGEST_UNIT = 16 << 20
"""A file of a folder is one unit; a larger one is several; a capture's frames are one each."""

CAPTURES = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")
"""How pcap and pcapng files begin."""


async def follow_file(source: SourceConfig, inbox: Inbox, clock: Callable[[], float]) -> None:
    """Read what is added to a file, for ever."""
    tail = FileTail(Path(source.file), from_start=source.from_start)
    try:
        while True:
            try:
                parts = await asyncio.to_thread(tail.look, inbox.room())
            except OSError as e:
                inbox.say("waiting", why=reason(e))
            else:
                inbox.say("receiving")
                for part in parts:
                    inbox.put(part, clock())
            await asyncio.sleep(LOOK_S)
    finally:
        tail.close()


@dataclass
class FileTail:
    """A file that grows, and how far it was read."""

    path: Path
    from_start: bool = False
    _file: int = -1
    _began: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, room: int) -> list[bytes]:
        """Return what was added since the last look, at most room bytes; raise OSError where there is no such file."""
        with self._lock:
            if self._file < 0:
                self._open()
            parts = self._read(room)
            if not parts and room > 0 and self._replaced():
                self._shut()
                self._open()
                parts = self._read(room)
            return parts

    def _open(self) -> None:
        """Open the file: where it ends if it was there from the start, else at its beginning."""
        began, self._began = self._began, True
        opened = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer must not hold us
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise OSError(f"{self.path} is not a regular file")
        self._file = opened
        if not began and not self.from_start:
            os.lseek(opened, 0, os.SEEK_END)

    def _read(self, room: int) -> list[bytes]:
        """Read on; from the beginning again where the file became shorter."""
        if os.fstat(self._file).st_size < os.lseek(self._file, 0, os.SEEK_CUR):
            os.lseek(self._file, 0, os.SEEK_SET)
        parts: list[bytes] = []
        while len(parts) < READS and room > 0 and (data := os.read(self._file, min(READ_BYTES, room))):
            parts.append(data)
            room -= len(data)
        return parts

    def _replaced(self) -> bool:
        """Say whether another file stands under the name."""
        try:
            there, mine = self.path.stat(), os.fstat(self._file)
        except FileNotFoundError:
            return False  # moved away; who writes it may still write, and the next one is not there yet
        return (there.st_ino, there.st_dev) != (mine.st_ino, mine.st_dev)

    def close(self) -> None:
        """Close the file, not in the midst of a look that another thread is at."""
        with self._lock:
            self._shut()

    def _shut(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class _Mark(NamedTuple):
    """Which file, and which state of it."""

    inode: int
    changed_ns: int
    size: int


@dataclass
class FolderTail:
    """A folder that fills: what was read, and what may still grow."""

    path: Path
    from_start: bool = False
    _done: dict[str, _Mark] = field(default_factory=dict)
    _growing: dict[str, tuple[_Mark, float]] = field(default_factory=dict)
    _began: bool = False

    def look(self, now_s: float) -> list[tuple[str, _Mark]]:
        """Return the files that are new and whole, in order; now_s runs with any clock. Raise OSError where there is no folder."""
        there: dict[str, _Mark] = {}
        with os.scandir(self.path) as entries:
            for entry in entries:
                if len(there) >= MOST_FILES:
                    break
                if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                    continue
                try:
                    if not entry.is_file():
                        continue
                    s = entry.stat()
                except OSError:
                    continue
                there[entry.name] = _Mark(s.st_ino, s.st_mtime_ns, s.st_size)
        if not self._began:
            self._began = True
            if not self.from_start:
                self._done = dict(there)
        self._done = {name: mark for name, mark in self._done.items() if name in there}
        ready, growing = [], {}
        for name, mark in there.items():
            if self._done.get(name) == mark:
                continue
            known, since = self._growing.get(name, (mark, now_s))
            since = since if known == mark else now_s
            growing[name] = (mark, since)
            if now_s - since >= SETTLED_S:
                ready.append((name, mark))
        self._growing = growing
        return sorted(ready, key=lambda found: (found[1].changed_ns, found[0]))

    def done(self, name: str, mark: _Mark) -> None:
        """Note that a file was read."""
        self._done[name] = mark
        self._growing.pop(name, None)

    def read(self, name: str, offset: int) -> bytes:
        """Return the next unit of a file; empty at its end, or where it is gone meanwhile."""
        try:
            with (self.path / name).open("rb") as f:
                f.seek(offset)
                return f.read(LARGEST_UNIT)
        except OSError:
            return b""


async def follow_folder(source: SourceConfig, inbox: Inbox, clock: Callable[[], float]) -> None:
    """Read each new file of a folder, for ever."""
    inbox.silence = False
    tail = FolderTail(Path(source.folder), from_start=source.from_start)
    while True:
        try:
            ready = await asyncio.to_thread(tail.look, inbox.pace())
        except OSError as e:
            inbox.say("waiting", why=reason(e))
            ready = []
        else:
            inbox.say("receiving")
        for name, mark in ready:
            async for unit in _units(tail, name, mark.size, source, inbox):
                while len(unit) > inbox.room():  # noqa: ASYNC110 - the next tick empties it: an event would be one more thing to keep
                    await asyncio.sleep(LOOK_S)
                inbox.put(unit, clock())
            tail.done(name, mark)
        await asyncio.sleep(LOOK_S)


async def _units(tail: FolderTail, name: str, size: int, source: SourceConfig, inbox: Inbox) -> AsyncIterator[bytes]:
    """Yield a file's units: what a capture's frames brought, else the file itself."""
    part = await asyncio.to_thread(tail.read, name, 0)
    if part.startswith(CAPTURES):
        try:
            chunk = (await asyncio.to_thread(open_recording, tail.path / name, source.id, source.format)).chunk
        except TenereError as e:
            inbox.why = str(e)
            return
        for a, b in itertools.pairwise([0, *chunk.ends.tolist()]):
            yield chunk.data[a:b]
        return
    offset = 0
    ended = bool(part)
    while part:
        yield part
        offset += len(part)
        part = await asyncio.to_thread(tail.read, name, offset) if offset < size else b""
    if ended:
        yield b""  # says that the file has ended: its last line, and the header of a table
