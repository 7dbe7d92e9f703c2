"""Every way in, on real sockets, lines and files of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import shutil
import socket
import struct
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.batch import Plots
from tenere.config import Config
from tenere.errors import TenereError
from tenere.feeds import inbox as inboxes
from tenere.feeds import playback, serial_line, streams, tail
from tenere.feeds import udp as datagrams
from tenere.feeds.exercise_feed import encode_radar
from tenere.feeds.inbox import Inbox
from tenere.feeds.live import LiveFeeds
from tenere.feeds.twins import Twins
from tenere.pipeline import Pipeline
from tenere.site import SensorConfig, SourceConfig
from tenere.tick import Tick

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


async def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    for _ in range(int(seconds * 200)):
        if true():
            return
        await asyncio.sleep(0.005)
    pytest.fail("waited in vain")


@contextlib.asynccontextmanager
async def opened(**keys: object) -> AsyncIterator[tuple[LiveFeeds, Inbox]]:
    keys.setdefault("format", "asterix" if "capture" in keys else "beast")
    feeds = LiveFeeds((SourceConfig(id="x", **keys),))  # type: ignore[arg-type] # keys of a source
    await feeds.open()
    try:
        yield feeds, feeds.inboxes["x"]
    finally:
        await feeds.close()


def send(port: int, *units: bytes, host: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for u in units:
            s.sendto(u, (host, port))


def got(feeds: LiveFeeds) -> bytes:
    return b"".join(c.data for c in feeds.drain())


# --- both networks of a dual LAN ---


def test_a_dual_lan_brings_each_datagram_once_whatever_one_network_loses():
    first, second = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)

    async def play():
        async with opened(udp=f"127.0.0.1:{first}", udp2=f"127.0.0.2:{second}") as (feeds, box):
            for k in range(60):
                if k % 7:
                    send(first, b"unit %02d" % k)
                if k % 5:
                    send(second, b"unit %02d" % k, host="127.0.0.2")
                await asyncio.sleep(0.002)
            sent = sum(1 for k in range(60) if k % 7) + sum(1 for k in range(60) if k % 5)
            await until(lambda: len(box.units) + box.duplicates == sent)
            (chunk,) = feeds.drain()
            return sorted(chunk.data[a:b] for a, b in zip([0, *chunk.ends[:-1]], chunk.ends, strict=True)), feeds.health()[0]

    units, health = asyncio.run(play())
    assert units == [b"unit %02d" % k for k in range(60) if k % 35]
    assert health.duplicates == sum(1 for k in range(60) if k % 7 and k % 5)
    assert [n.units for n in health.networks] == [51, 48]
    assert (health.state, health.dropped) == ("receiving", 0)


def test_a_silent_network_is_named():
    now = [0.0]
    box = Inbox("x", "udp", pace=lambda: now[0], twins=Twins())
    assert box.state == "waiting"
    box.say("receiving")
    assert box.state == "waiting"
    box.put(b"a", 0.0, 0)
    box.put(b"a", 0.0, 1)
    assert box.state == "receiving"
    now[0] = 20.0
    assert box.state == "silent"
    for k in range(5):
        box.put(b"%d" % k, 20.0 + k, 0)
    box.put(b"last", 30.0, 0)
    health = box.health()
    assert (health.state, health.detail) == ("one network silent", "2")
    assert [n.silent for n in health.networks] == [False, True]
    assert [n.missed for n in health.networks] == [0, 5]


def test_one_network_is_enough_to_begin_with(monkeypatch):
    monkeypatch.setattr(datagrams, "MEND_S", 0.05)
    first, second = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.2", second))

        async def play():
            async with opened(udp=f"127.0.0.1:{first}", udp2=f"127.0.0.2:{second}") as (_, box):
                assert f"udp 127.0.0.2:{second}: " in box.why
                send(first, b"a")
                await until(lambda: box.units == [b"a"])
                taken.close()
                await until(lambda: box.why == "")
                send(second, b"b", host="127.0.0.2")
                await until(lambda: box.units == [b"a", b"b"])
                return box.state

        assert asyncio.run(play()) == "receiving"


def test_neither_network_is_an_error():
    async def play():
        async with opened(udp="198.51.100.1:9", udp2="198.51.100.2:9"):
            pytest.fail("it was opened")

    with pytest.raises(TenereError, match=r"source x: cannot listen on udp 198\.51\.100\.1:9: "):
        asyncio.run(play())


def test_a_silent_group_is_joined_again(monkeypatch):
    monkeypatch.setattr(datagrams, "MEND_S", 0.02)
    monkeypatch.setattr(datagrams, "REJOIN_S", 0.05)
    port = free_port(socket.SOCK_DGRAM)

    async def play():
        try:
            async with opened(udp=f"239.255.77.8:{port}", interface="127.0.0.1") as (feeds, box):
                (before,) = feeds._datagrams["x"].sockets.values()
                await until(lambda: before.fileno() < 0)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                    for _ in range(100):
                        s.sendto(b"to all", ("239.255.77.8", port))
                        await asyncio.sleep(0.01)
                        if box.units:
                            break
                return box.units
        except (TenereError, OSError) as e:
            pytest.skip(f"no multicast here: {e}")

    assert asyncio.run(play())[0] == b"to all"


def test_without_a_second_network_equal_datagrams_are_all_kept():
    port = free_port(socket.SOCK_DGRAM)

    async def play():
        async with opened(udp=f"127.0.0.1:{port}") as (feeds, box):
            send(port, b"same", b"same", b"same")
            await until(lambda: len(box.units) == 3)
            return feeds.health()[0]

    health = asyncio.run(play())
    assert (health.units, health.bytes, health.duplicates, health.networks) == (3, 12, 0, ())


# --- one way ---


def test_one_way_sockets_cannot_send():
    port = free_port(socket.SOCK_DGRAM)

    async def play():
        async with opened(udp=f"127.0.0.1:{port}", one_way=True) as (feeds, box):
            (s,) = feeds._datagrams["x"].sockets.values()
            with pytest.raises(OSError, match="Broken pipe"):
                s.sendto(b"x", ("127.0.0.1", port))
            send(port, b"in")
            await until(lambda: box.units)
            return got(feeds)

    assert asyncio.run(play()) == b"in"


def test_no_transport_that_may_be_one_way_sends(monkeypatch, tmp_path):
    """Whatever is written or sent meanwhile is noted; asyncio wakes itself with a byte through a socket pair of its own."""
    sent = []

    def noting(name):
        real = getattr(socket.socket, name)

        def send(self, data, *more):
            if self.family != socket.AF_UNIX:
                sent.append((name, data))
            return real(self, data, *more)

        return send

    for name in ("send", "sendall", "sendto"):
        monkeypatch.setattr(socket.socket, name, noting(name))
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: sent.append((fd, data)) or write(fd, data))
    master, slave = pty.openpty()
    (tmp_path / "in").mkdir()
    log = tmp_path / "log"
    log.touch()

    async def play():
        sources = (
            SourceConfig(id="udp", udp=f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}", one_way=True),
            SourceConfig(id="serial", format="beast", serial=os.ttyname(slave), one_way=True),
            SourceConfig(id="file", format="beast", file=str(log), one_way=True),
            SourceConfig(id="folder", folder=str(tmp_path / "in"), one_way=True),
        )
        feeds = LiveFeeds(sources)
        await feeds.open()
        await until(lambda: feeds.inboxes["serial"].link == "receiving" and feeds.inboxes["file"].link == "receiving")
        await asyncio.sleep(2 * tail.LOOK_S)
        write(master, b"in\n")
        with log.open("ab") as f:
            f.write(b"more")
        (tmp_path / "in" / "one").write_bytes(b"x")
        await until(lambda: feeds.inboxes["serial"].units and feeds.inboxes["file"].units)
        await feeds.close()

    asyncio.run(play())
    assert sent == []
    os.set_blocking(master, False)
    with pytest.raises(BlockingIOError):
        os.read(master, 100)  # nothing was sent back: no echo
    os.close(master)
    os.close(slave)


# --- a TCP client that brings the stream ---


def test_a_client_brings_its_stream_and_another_is_turned_away():
    port = free_port()

    async def play():
        async with opened(listen=f"127.0.0.1:{port}") as (feeds, box):
            assert box.state == "waiting"
            _, first = await asyncio.open_connection("127.0.0.1", port)
            first.write(b"hello")
            await until(lambda: box.units)
            assert box.state == "receiving"
            reader, second = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.suppress(OSError):
                second.write(b"no")
            with contextlib.suppress(OSError):
                assert await reader.read() == b""
            second.close()
            first.write(b" again")
            await until(lambda: box.held == 11)
            assert "clients turned away: 1" in box.why
            first.close()
            await until(lambda: box.state == "waiting")
            assert "closed" in box.why
            _, third = await asyncio.open_connection("127.0.0.1", port)
            third.write(b", third")
            await until(lambda: box.held == 18)
            third.close()
            return got(feeds)

    assert asyncio.run(play()) == b"hello again, third"


def test_a_client_that_went_dumb_gives_way(monkeypatch):
    monkeypatch.setattr(streams, "YIELDS_S", 0.0)
    port = free_port()

    async def play():
        async with opened(listen=f"127.0.0.1:{port}") as (feeds, box):
            reader, first = await asyncio.open_connection("127.0.0.1", port)
            first.write(b"one")
            await until(lambda: box.held == 3)
            _, second = await asyncio.open_connection("127.0.0.1", port)
            second.write(b"two")
            await until(lambda: box.held == 6)
            with contextlib.suppress(OSError):
                assert await reader.read() == b""
            first.close()
            second.write(b"three")
            await until(lambda: box.held == 11)
            second.close()
            return got(feeds)

    assert asyncio.run(play()) == b"onetwothree"


def test_an_address_that_cannot_be_listened_on():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        async def play():
            async with opened(listen=f"127.0.0.1:{taken.getsockname()[1]}"):
                pytest.fail("it was opened")

        with pytest.raises(TenereError, match="source x: cannot listen on tcp"):
            asyncio.run(play())


def test_a_server_that_refuses_is_said_with_the_pause():
    async def play():
        async with opened(tcp=f"127.0.0.1:{free_port()}") as (feeds, box):
            await until(lambda: box.state == "reconnecting")
            return feeds.health()[0]

    health = asyncio.run(play())
    assert (health.state, health.detail) == ("reconnecting", "1")
    assert "refused" in health.why or "Connect call failed" in health.why


# --- a serial line ---


def test_a_serial_line_is_read_raw_and_opened_again_when_it_was_unplugged(monkeypatch, tmp_path):
    monkeypatch.setattr(streams, "FIRST_PAUSE_S", 0.05)
    device = tmp_path / "ttyUSB0"

    async def play():
        async with opened(serial=str(device), baud=9600) as (feeds, box):
            await until(lambda: box.state == "reconnecting")
            assert "No such file" in box.why
            text = b""
            for turn in (b"\x11\x13\x03\r\n\x1a\xff\x00 raw", b"after"):
                master, slave = pty.openpty()
                device.unlink(missing_ok=True)
                device.symlink_to(os.ttyname(slave))
                await until(lambda: box.link == "receiving")
                os.close(slave)
                os.write(master, turn)
                await until(lambda: box.units)
                text += got(feeds)
                os.close(master)
                device.unlink()
                await until(lambda: box.state == "reconnecting")
            return text

    assert asyncio.run(play()) == b"\x11\x13\x03\r\n\x1a\xff\x00 rawafter"


def test_a_serial_line_is_read_only_at_its_rate_and_ours_alone(tmp_path):
    master, slave = pty.openpty()
    line = serial_line.open_line(os.ttyname(slave), 57600)
    assert fcntl.fcntl(line, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(line, b"x")
    flags = serial_line.termios.tcgetattr(line)
    assert flags[4] == flags[5] == serial_line.termios.B57600
    assert flags[3] & (serial_line.termios.ECHO | serial_line.termios.ICANON) == 0
    with pytest.raises(BlockingIOError):
        serial_line.open_line(os.ttyname(slave), 57600)
    (tmp_path / "file").touch()
    with pytest.raises(serial_line.termios.error):
        serial_line.open_line(str(tmp_path / "file"), 9600)
    for fd in (line, master, slave):
        os.close(fd)


# --- a file that grows ---


def test_a_file_is_followed_across_rotation_and_truncation(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"old ")

    async def play():
        async with opened(file=str(path)) as (_, box):

            async def wait(n: int) -> None:
                await until(lambda: box.held == n)

            await until(lambda: looks["n"] > 0)
            assert box.state == "waiting"
            with path.open("ab") as f:
                f.write(b"one ")
            await wait(4)
            path.rename(tmp_path / "log.1")
            with (tmp_path / "log.1").open("ab") as f:
                f.write(b"two ")  # who writes has not noticed yet
            await wait(8)
            path.write_bytes(b"three ")
            await wait(14)
            os.truncate(path, 0)
            await asyncio.sleep(3 * tail.LOOK_S)
            with path.open("ab") as f:
                f.write(b"four")
            await wait(18)
            return b"".join(box.units), box.state

    looks = {"n": 0}
    real = tail.FileTail.look

    def look(self, room):
        found = real(self, room)
        looks["n"] += 1
        return found

    tail.FileTail.look = look  # type: ignore[method-assign]
    try:
        assert asyncio.run(play()) == (b"one two three four", "receiving")
    finally:
        tail.FileTail.look = real  # type: ignore[method-assign]


def test_a_file_from_its_start_and_one_that_appears_later(tmp_path):
    whole, later = tail.FileTail(tmp_path / "a", from_start=True), tail.FileTail(tmp_path / "b")
    (tmp_path / "a").write_bytes(b"x" * 200_000)
    assert [len(p) for p in whole.look(1 << 30)] == [65536, 65536, 65536, 3392]
    with pytest.raises(FileNotFoundError):
        later.look(1000)
    (tmp_path / "b").write_bytes(b"all of it")
    assert later.look(4) == [b"all "]  # no more than there is room for
    assert later.look(0) == []
    assert later.look(1000) == [b"of it"]
    whole.close()
    later.close()


def test_what_is_no_file_is_not_followed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        tail.FileTail(tmp_path / "pipe").look(10)
    with pytest.raises(OSError, match="not a regular file"):
        tail.FileTail(tmp_path).look(10)


# --- a folder that fills ---


def names(found) -> list[str]:
    return [name for name, _ in found]


def test_files_of_a_folder_are_read_once_when_they_stopped_growing(tmp_path):
    (tmp_path / "old").write_bytes(b"x")
    folder = tail.FolderTail(tmp_path)
    assert folder.look(0.0) == []
    assert folder.look(100.0) == []  # it was there before
    (tmp_path / "b").write_bytes(b"1")
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "c").write_bytes(b"1")
    (tmp_path / "half.part").write_bytes(b"1")
    (tmp_path / ".hidden").write_bytes(b"1")
    (tmp_path / "folder").mkdir()
    os.utime(tmp_path / "b", (1e9, 1e9))
    os.utime(tmp_path / "a", (1e9 + 5, 1e9 + 5))
    os.utime(tmp_path / "c", (1e9 + 5, 1e9 + 5))
    assert folder.look(100.0) == []
    assert folder.look(101.9) == []
    assert names(folder.look(102.0)) == ["b", "a", "c"]
    with (tmp_path / "a").open("ab") as f:
        f.write(b"2")
    os.utime(tmp_path / "a", (1e9 + 9, 1e9 + 9))
    ready = folder.look(103.0)
    assert names(ready) == ["b", "c"]  # a grows
    for name, mark in ready:
        folder.done(name, mark)
    assert names(folder.look(105.0)) == ["a"]
    (name, mark) = folder.look(105.0)[0]
    folder.done(name, mark)
    assert folder.look(200.0) == []
    (tmp_path / "half.part").rename(tmp_path / "whole")
    folder.look(201.0)
    assert names(folder.look(203.0)) == ["whole"]
    (tmp_path / "b").unlink()
    (tmp_path / "b").write_bytes(b"another")
    folder.look(204.0)
    assert "b" in names(folder.look(206.0))


def test_a_folder_from_its_start(tmp_path):
    (tmp_path / "old").write_bytes(b"x")
    folder = tail.FolderTail(tmp_path, from_start=True)
    folder.look(0.0)
    assert names(folder.look(2.0)) == ["old"]


def test_a_folder_as_a_feed(monkeypatch, tmp_path):
    monkeypatch.setattr(tail, "SETTLED_S", 0.2)
    monkeypatch.setattr(tail, "LARGEST_UNIT", 4)
    monkeypatch.setattr(inboxes, "MAX_BYTES", 6)
    folder = tmp_path / "in"

    async def play():
        async with opened(folder=str(folder)) as (feeds, box):
            await until(lambda: "No such file" in box.why)
            folder.mkdir()
            await asyncio.sleep(2 * tail.LOOK_S)
            (folder / "one").write_bytes(b"0123456789")
            chunks = []
            await until(lambda: box.units)
            for _ in range(1000):  # as ticks do: each makes room for the next part
                chunks += [c.data for c in feeds.drain()]
                if sum(map(len, chunks)) == 10:
                    break
                await asyncio.sleep(0.01)
            return chunks, box.dropped, box.state

    chunks, dropped, state = asyncio.run(play())
    assert b"".join(chunks) == b"0123456789"
    assert (dropped, state) == (0, "receiving")
    assert all(len(c) <= 6 for c in chunks)


def test_a_capture_in_a_folder_gives_its_datagrams(monkeypatch, tmp_path):
    monkeypatch.setattr(tail, "SETTLED_S", 0.0)
    (tmp_path / "a.pcap").write_bytes(capture_of([0, 10, 20]))
    (tmp_path / "b.pcap").write_bytes(capture_of([0])[:30])  # no frame in it

    async def play():
        async with opened(format="asterix", folder=str(tmp_path), from_start=True) as (_, box):
            await until(lambda: box.why)
            return list(box.units), box.why

    units, why = asyncio.run(play())
    assert units == [b"\x30\x00\x04" + bytes([k]) for k in range(3)]
    assert "b.pcap" in why


# --- a recording played as if it came now ---


def capture_of(times_ms: list[int]) -> bytes:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for k, at in enumerate(times_ms):
        payload = b"\x30\x00\x04" + bytes([k])
        packet = struct.pack(">BBHHHBBH8x", 0x45, 0, 28 + len(payload), 7, 0, 64, 17, 0)
        packet += struct.pack(">HHHH", 8600, 8600, 8 + len(payload), 0) + payload
        out += struct.pack("<IIII", 1_700_000_000 + at // 1000, at % 1000 * 1000, len(packet), len(packet)) + packet
    return out


def test_a_capture_is_played_with_its_own_timing(monkeypatch, tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(capture_of([0, 0, 1000, 2000, 2000, 5000]))
    seen = []

    async def play():
        async with opened(capture=str(path), speed=10.0) as (feeds, box):
            begun = time.monotonic()
            real = box.put

            def put(data, time_s, network=0):
                seen.append((time.monotonic() - begun, data[3]))
                real(data, time_s, network)

            monkeypatch.setattr(box, "put", put)
            await until(lambda: box.state == "ended")
            assert len(box.units) == 6
            return feeds.drain()[0].times_s

    times = asyncio.run(play())
    assert [k for _, k in seen] == [0, 1, 2, 3, 4, 5]
    assert all(at >= due - 0.001 for (at, _), due in zip(seen, [0, 0, 0.1, 0.2, 0.2, 0.5], strict=True))
    assert np.all(np.diff(times) >= 0)
    assert times[-1] > 1.75e9  # receive times are now's


def test_a_capture_played_for_ever(monkeypatch, tmp_path):
    monkeypatch.setattr(playback, "PAUSE_S", 0.01)
    path = tmp_path / "x.pcap"
    path.write_bytes(capture_of([0, 10, 20]))

    async def play():
        async with opened(capture=str(path), loop=True) as (_, box):
            await until(lambda: len(box.units) >= 9)
            return [u[3] for u in box.units[:9]], box.state

    assert asyncio.run(play()) == ([0, 1, 2] * 3, "receiving")


def test_a_capture_that_is_none_is_said_at_once(tmp_path):
    async def play(path):
        async with opened(capture=str(path)):
            pytest.fail("it was opened")

    with pytest.raises(TenereError, match=r"source x: .*absent: cannot be read"):
        asyncio.run(play(tmp_path / "absent"))
    (tmp_path / "empty").touch()
    with pytest.raises(TenereError, match=r"source x: .*the file is empty"):
        asyncio.run(play(tmp_path / "empty"))


def test_a_real_capture_played_is_the_recording(shared_data, tmp_path):
    path = tmp_path / "x.pcap"
    shutil.copy(shared_data / "asterix" / "croatia_cat_062_065.pcap", path)

    async def play():
        async with opened(capture=str(path), speed=1000.0) as (feeds, box):
            await until(lambda: box.state == "ended")
            return got(feeds)

    data = asyncio.run(play())
    assert len(data) > 50
    assert data in path.read_bytes()


# --- ASTERIX on a stream ---


def test_blocks_on_a_stream_are_not_cut_by_reads():
    blocks = [b"\x30\x00\x08\x80" + bytes([k] * 4) for k in range(1, 30)]
    data = b"".join(blocks)
    port = free_port()

    async def play():
        async with opened(format="asterix", listen=f"127.0.0.1:{port}") as (feeds, box):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            for at in range(0, len(data), 13):
                writer.write(data[at : at + 13])
                await writer.drain()
                await asyncio.sleep(0.002)
            writer.write(data[:5])  # and is lost amid a block
            await until(lambda: box.held == len(data))
            writer.close()
            await until(lambda: box.state == "waiting")
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            await until(lambda: box.held == 2 * len(data) + 5)
            writer.close()
            (chunk,) = feeds.drain()
            return np.split(np.frombuffer(chunk.data, np.uint8), chunk.ends[:-1])

    units = [u.tobytes() for u in asyncio.run(play())]
    assert b"".join(units) == data + data[:5] + data
    assert sum(len(u) % 8 != 0 for u in units) == 1


# --- whatever feeds it: time, health, errors ---


def test_a_live_feed_across_midnight():
    """A radar sends its time of day; the day is that of the receive time, also for a plot of before midnight that comes after it."""
    midnight = 1_900_022_400.0
    assert midnight % 86_400 == 0
    port = free_port(socket.SOCK_DGRAM)
    now = [midnight - 3.0]
    sensor = SensorConfig(id="R", source="radar", sac=1, sic=2, lat_deg=13.5, lon_deg=2.1)
    source = SourceConfig(id="radar", udp=f"127.0.0.1:{port}")
    picture = Pipeline(Config(source=(source,), sensor=(sensor,)))

    async def play():
        feeds = LiveFeeds((source,), lambda: now[0])
        await feeds.open()
        state, seen, lags = picture.init(), [], []
        try:
            for k in range(7):
                now[0] = midnight - 3.0 + k
                data_s = now[0] - 0.75
                plots = Plots.blank(1, time_s=data_s, sac_sic=258, kind=4, range_m=5e4, azimuth_rad=1.0, address=0x340000)
                send(port, encode_radar(plots, np.zeros(1, np.int64))[0])
                await until(lambda: feeds.inboxes["radar"].units)
                state, out = picture.step(state, Tick(k, now[0] + 0.2, feeds.drain()))
                seen.append(out.plots.time_s.tolist())
                lags.append((out.sources[0].lag_s, out.sources[0].clock_off_s))
        finally:
            await feeds.close()
        return seen, lags

    seen, lags = asyncio.run(play())
    assert seen == [[midnight - 3.75 + k] for k in range(7)]
    assert lags == [(0.75, 0.75)] * 7


def test_the_clock_of_a_source_is_the_median_over_a_window():
    source = SourceConfig(id="radar")
    picture = Pipeline(Config(source=(source,)))
    state = picture.init()
    for k in range(100):
        off = 40.0 if k == 50 else 2.0 if k < 30 else 5.0
        plots = Plots.blank(1, time_s=1e9 + k, sac_sic=258, kind=4, range_m=5e4, azimuth_rad=1.0, address=0x340000)
        box = Inbox("radar")
        box.put(encode_radar(plots, np.zeros(1, np.int64))[0], 1e9 + k + off)
        state, out = picture.step(state, Tick(k, 1e9 + k + off, (box.drain(),)))
        if k == 10:
            assert out.sources[0].clock_off_s == 2.0
    (row,) = out.sources
    assert (row.lag_s, row.clock_off_s, row.records) == (5.0, 5.0, 100)


def test_rates_are_those_of_the_last_seconds():
    now = [0.0]
    box = Inbox("x", pace=lambda: now[0])
    box.say("receiving")
    box.drain()
    for k in range(60):
        for _ in range(20):
            box.put(bytes(50), float(k))
        now[0] += 1.0
        box.drain()
    health = box.health()
    assert health.units_s == pytest.approx(20.0, rel=1e-3)
    assert health.bytes_s == pytest.approx(1000.0, rel=1e-3)
    assert (health.units, health.bytes) == (1200, 60_000)
    for _ in range(60):
        now[0] += 1.0
        box.drain()
    assert box.health().units_s == pytest.approx(0.0, abs=1e-3)
    assert box.state == "silent"


def test_an_error_of_ours_in_a_feed_stops_the_picture(monkeypatch, tmp_path):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(tail.FileTail, "look", broken)

    async def play():
        async with opened(file=str(tmp_path / "log")) as (feeds, _):
            await until(feeds._tasks[0].done)
            with pytest.raises(ZeroDivisionError):
                feeds.drain()

    asyncio.run(play())


# --- a flood ---


def test_a_flood_of_garbage_costs_its_neighbour_nothing():
    """20,000 garbage datagrams in about a second beside 500 good ones: every good one arrives, all garbage is accounted for."""
    evil, good = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    rng = np.random.Generator(np.random.PCG64(5))
    garbage = [rng.bytes(int(n)) for n in rng.integers(1, 300, 1000)]
    sources = (SourceConfig(id="evil", udp=f"127.0.0.1:{evil}"), SourceConfig(id="good", udp=f"127.0.0.1:{good}"))

    async def play():
        feeds = LiveFeeds(sources)
        await feeds.open()
        chunks = []
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for k in range(500):
                    for i in range(40):
                        s.sendto(garbage[(40 * k + i) % 1000], ("127.0.0.1", evil))
                    s.sendto(b"good %03d" % k, ("127.0.0.1", good))
                    await asyncio.sleep(0.001)
                    if k % 100 == 99:
                        chunks += feeds.drain()
            await until(lambda: feeds.inboxes["good"].received_units + len(feeds.inboxes["good"].units) == 500)
            await asyncio.sleep(0.05)
            chunks += feeds.drain()
            return chunks, {h.id: h for h in feeds.health()}
        finally:
            await feeds.close()

    chunks, health = asyncio.run(play())
    assert b"".join(c.data for c in chunks if c.source == "good") == b"".join(b"good %03d" % k for k in range(500))
    assert health["good"].dropped == 0
    assert health["evil"].units + health["evil"].dropped == 20_000


def test_a_flooding_source_gets_its_share_of_a_tick_and_no_more(monkeypatch):
    monkeypatch.setattr(inboxes, "MAX_UNITS", 1000)
    port = free_port(socket.SOCK_DGRAM)

    async def play():
        async with opened(udp=f"127.0.0.1:{port}") as (feeds, box):
            for _ in range(3):
                send(port, *[b"x"] * 1500)
                await until(lambda: len(box.units) + box.dropped + feeds.health()[0].dropped >= 1)
                await asyncio.sleep(0.05)
                assert all(len(c.ends) <= 1000 for c in feeds.drain())
            return feeds.health()[0]

    health = asyncio.run(play())
    assert health.units + health.dropped == 4500
    assert health.units <= 3000
