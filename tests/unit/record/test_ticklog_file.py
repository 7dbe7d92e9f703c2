"""The tick log: what was made safe stands, whatever happens to the rest of the file."""

from __future__ import annotations

import errno
import os
import struct
import threading
import zlib

import msgspec
import numpy as np
import pytest

from tenere import record
from tenere.config import Config, PlaceConfig
from tenere.errors import TenereError
from tenere.record import ticklog
from tenere.record.ticklog import HEAD, MAGIC, Header, Reader, TickLog, decode_tick, encode_tick, is_tick_log
from tenere.tick import Chunk, Tick


def tick(k: int) -> Tick:
    units = [bytes([k, 0x94, j]) * (k + 1) for j in range(k + 1)]
    return Tick(
        k, 1000.0 + k, (Chunk.of("a", units, 1000.0 + k - 0.5, 7 * k), Chunk.of("b", [])), ({"command": "acknowledge", "alert": k},)
    )


def write(path, count=6):
    """Write a log; return the byte at which each frame begins, the header's first, and then the file's size."""
    log = TickLog(path, Config(site=PlaceConfig(name="Niger")), "1.2.3")
    log.sync()
    bounds = [len(MAGIC), path.stat().st_size]
    for k in range(count):
        log.append(tick(k))
        log.sync()
        bounds.append(path.stat().st_size)
    log.close()
    return bounds


def same(a: Tick, b: Tick) -> bool:
    return (a.number, a.time_s, a.commands) == (b.number, b.time_s, b.commands) and all(
        (x.source, x.data, x.offset) == (y.source, y.data, y.offset)
        and np.array_equal(x.ends, y.ends)
        and np.array_equal(x.times_s, y.times_s, equal_nan=True)
        for x, y in zip(a.chunks, b.chunks, strict=True)
    )


def test_a_log_reads_back_as_it_was_written(tmp_path):
    path = tmp_path / "logs" / "a.ticks"
    write(path)
    assert is_tick_log(path)
    reader = Reader(path)
    assert (reader.header.version, reader.header.config.site.name) == ("1.2.3", "Niger")
    for _ in range(2):  # as often as one likes
        read = list(reader)
        assert len(read) == 6
        assert all(same(t, tick(k)) for k, t in enumerate(read))
    assert (reader.lost_bytes, reader.lost_reason) == (0, "")
    assert [t.number for t in record.replay(path)] == list(range(6))


def test_every_way_to_cut_the_last_frame(tmp_path):
    path = tmp_path / "a.ticks"
    *_, last, end = write(path, 4)
    data = path.read_bytes()
    for size in range(last, end):
        path.write_bytes(data[:size])
        reader = Reader(path)
        assert [t.number for t in reader] == [0, 1, 2]
        assert reader.lost_bytes == size - last
        assert ("cut off" in reader.lost_reason) == (size > last)


def test_every_byte_of_a_middle_frame_may_be_damaged(tmp_path):
    path = tmp_path / "a.ticks"
    bounds = write(path, 5)
    data = path.read_bytes()
    begin, end = bounds[3], bounds[4]  # the third tick
    for at in range(begin, end):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        reader = Reader(path)
        assert [t.number for t in reader] == [0, 1, 3, 4], f"byte {at}"
        assert reader.lost_bytes == end - begin
        assert f"at byte {begin}" in reader.lost_reason


def test_a_hole_over_several_frames(tmp_path):
    path = tmp_path / "a.ticks"
    bounds = write(path, 6)
    data = bytearray(path.read_bytes())
    data[bounds[2] + 3 : bounds[4] + 3] = bytes(bounds[4] - bounds[2])
    path.write_bytes(data)
    reader = Reader(path)
    assert [t.number for t in reader] == [0, 4, 5]
    assert reader.lost_bytes == bounds[5] - bounds[2]


def test_garbage_after_the_last_frame_is_counted(tmp_path, monkeypatch):
    path = tmp_path / "a.ticks"
    write(path, 3)
    junk = np.random.Generator(np.random.PCG64(1)).bytes(100_000) + b"\x94" * 1000
    with path.open("ab") as f:
        f.write(junk)
    reader = Reader(path)
    assert len(list(reader)) == 3
    assert reader.lost_bytes == len(junk)
    monkeypatch.setattr(ticklog, "SCAN_BYTES", 7)  # blocks need not end where frames do
    assert len(list(reader)) == 3


def test_the_search_after_damage_is_bounded(tmp_path, monkeypatch):
    path = tmp_path / "a.ticks"
    write(path, 1)
    size = 1 << 16
    with path.open("ab") as f:  # each mark claims a long frame that is not one
        f.write((struct.pack("<II", size // 2, 0)[:3] + b"\x00\x00\x00\x00\x00\x94") * (size // 9))
    monkeypatch.setattr(ticklog, "SEARCH_BYTES", 0)
    reader = Reader(path)
    assert len(list(reader)) == 1
    assert reader._budget > -(2 << 20)


@pytest.mark.parametrize("damage", ["magic", "header", "short", "empty"])
def test_a_log_without_its_head_is_refused(tmp_path, damage):
    path = tmp_path / "a.ticks"
    bounds = write(path, 2)
    data = bytearray(path.read_bytes())
    if damage == "magic":
        data[3] ^= 1
    elif damage == "header":
        data[bounds[0] + 20] ^= 1
    path.write_bytes({"short": bytes(data[: bounds[1] - 1]), "empty": b""}.get(damage, bytes(data)))
    with pytest.raises(TenereError, match=r"a\.ticks: .*(not a tick log|header is damaged)"):
        Reader(path)


def head(config: object) -> bytes:
    payload = msgspec.msgpack.encode(config)
    return MAGIC + HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def test_a_header_of_another_version_says_so(tmp_path):
    path = tmp_path / "a.ticks"
    path.write_bytes(head({"version": "9", "config": {"from": "the future"}}))
    with pytest.raises(TenereError, match="another version"):
        Reader(path)
    path.write_bytes(head(Header(version="1", config=Config(site=PlaceConfig(tick_s=1e9)))))
    with pytest.raises(TenereError, match=r"site\.tick_s"):
        Reader(path)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x94",
        msgspec.msgpack.encode((1, 2.0, [])),
        msgspec.msgpack.encode((1, float("nan"), [], [])),
        msgspec.msgpack.encode((1, float("inf"), [], [])),
        msgspec.msgpack.encode((1, 2.0, [], [("a", b"xyz", b"1234567", b"", 0)])),
        msgspec.msgpack.encode((1, 2.0, [], [("a", b"xyz", struct.pack("<q", 2), struct.pack("<d", 0), 0)])),
        msgspec.msgpack.encode((1, 2.0, [], [("a", b"xyz", struct.pack("<qq", 4, 3), struct.pack("<dd", 0, 0), 0)])),
        msgspec.msgpack.encode((1, 2.0, [], [("a", b"xyz", struct.pack("<q", 3), b"", 0)])),
        msgspec.msgpack.encode((1, 2.0, [], [("a", b"xyz", struct.pack("<qq", -1, 3), struct.pack("<dd", 0, 0), 0)])),
    ],
)
def test_a_frame_that_holds_no_tick_is_refused(payload):
    with pytest.raises(TenereError, match="does not hold a tick"):
        decode_tick(payload)


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = tmp_path / "a.ticks"
    path.write_bytes(b"precious")
    with pytest.raises(TenereError, match="exists already"):
        TickLog(path, Config(), "1")
    assert path.read_bytes() == b"precious"
    with pytest.raises(TenereError, match="cannot be written there"):
        TickLog(path / "b.ticks", Config(), "1")


def test_memory_is_bounded_without_a_sync(tmp_path, monkeypatch):
    monkeypatch.setattr(ticklog, "HELD_BYTES", 1000)
    path = tmp_path / "a.ticks"
    log = TickLog(path, Config(), "1")
    begun = path.stat().st_size
    for k in range(50):
        log.append(tick(k % 7))
        assert log._held < 1000
    assert path.stat().st_size > begun
    log.close()
    log.close()
    assert len(list(Reader(path))) == 50
    assert log.bytes == path.stat().st_size


def test_a_full_disk_is_an_error_and_what_was_safe_stands(tmp_path):
    path = tmp_path / "a.ticks"
    log = TickLog(path, Config(), "1")
    log.append(tick(1))
    log.sync()
    log.append(tick(2))
    file = log._file

    class Full:
        closed = False

        def write(self, data):
            if len(data) < 20:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return file.write(data[: len(data) // 2])

        def fileno(self):
            return file.fileno()

        def close(self):
            self.closed = True
            file.close()

    log._file = Full()
    with pytest.raises(TenereError, match=r"a\.ticks: cannot be written: No space left"):
        log.sync()
    log.close()
    log.sync()  # nothing more is tried
    reader = Reader(path)
    assert [t.number for t in reader] == [1]
    assert reader.lost_bytes > 0


def test_threads_may_sync_and_close_at_once(tmp_path):
    path = tmp_path / "a.ticks"
    log = TickLog(path, Config(), "1")
    threads = [threading.Thread(target=log.sync) for _ in range(8)]
    for k, t in enumerate(threads):
        log.append(tick(k % 5))
        t.start()
    log.close()
    for t in threads:
        t.join()
    assert len(list(Reader(path))) == 8


def test_what_is_no_log(tmp_path):
    assert not is_tick_log(tmp_path)
    assert not is_tick_log(tmp_path / "absent")
    with pytest.raises(TenereError, match="cannot be read"):
        Reader(tmp_path / "absent")
    assert encode_tick(Tick(0, 0.0))[0] == ticklog.TICK_MARK[0]
