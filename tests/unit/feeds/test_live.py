"""Live feeds on real sockets of this machine."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest

from tenere.batch import Plots
from tenere.config import Config
from tenere.errors import TenereError
from tenere.feeds import inbox, streams
from tenere.feeds.exercise_feed import encode_radar
from tenere.feeds.live import Inbox, LiveFeeds, SteadyClock, bind_udp
from tenere.pipeline import Pipeline
from tenere.site import SensorConfig, SourceConfig
from tenere.tick import Tick


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def udp(name: str, **more: str) -> tuple[SourceConfig, tuple[str, int]]:
    port = free_port()
    return SourceConfig(id=name, udp=f"127.0.0.1:{port}", **more), ("127.0.0.1", port)


async def until(true, seconds: float = 10.0) -> None:
    for _ in range(int(seconds * 100)):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("waited in vain")


def send(address: tuple[str, int], *units: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for u in units:
            s.sendto(u, address)


def test_datagrams_reach_the_inbox_with_their_times():
    source, address = udp("radar")

    async def play():
        stamps = iter(range(100, 200))
        feeds = LiveFeeds((source,), lambda: float(next(stamps)))
        await feeds.open()
        try:
            assert feeds.drain() == ()
            send(address, b"one", b"", b"three")
            await until(lambda: len(feeds.inboxes["radar"].units) == 3)
            first = feeds.drain()
            send(address, b"four")
            await until(lambda: feeds.inboxes["radar"].units)
            return first, feeds.drain(), feeds.inboxes["radar"].state
        finally:
            await feeds.close()

    (chunk,), (later,), state = asyncio.run(play())
    assert (chunk.source, chunk.data, chunk.ends.tolist(), chunk.times_s.tolist()) == ("radar", b"onethree", [3, 3, 8], [100, 101, 102])
    assert (later.data, later.offset, later.times_s.tolist()) == (b"four", 8, [103])
    assert state == "receiving"


def test_multicast_is_joined():
    port = free_port()

    async def play():
        feeds = LiveFeeds((SourceConfig(id="m", udp=f"239.255.77.7:{port}", interface="127.0.0.1"),))
        try:
            await feeds.open()
        except TenereError as e:
            pytest.skip(f"no multicast here: {e}")
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
                try:
                    s.sendto(b"to all", ("239.255.77.7", port))
                except OSError as e:
                    pytest.skip(f"no multicast here: {e}")
            await until(lambda: feeds.inboxes["m"].units)
            second = bind_udp(f"239.255.77.7:{port}", "127.0.0.1")  # several programs may listen to a group
            second.close()
            return feeds.drain()
        finally:
            await feeds.close()

    (chunk,) = asyncio.run(play())
    assert chunk.data == b"to all"


def test_a_unicast_port_is_ours_alone():
    source, _ = udp("radar")

    async def play():
        first, second = LiveFeeds((source,)), LiveFeeds((source,))
        await first.open()
        try:
            with pytest.raises(TenereError, match=rf"source radar: cannot listen on udp {source.udp}: .*in use"):
                await second.open()
        finally:
            await first.close()
            await second.close()

    asyncio.run(play())


@pytest.mark.parametrize("address", ["192.0.2.1:9000", "nonsense:9000"])
def test_an_address_that_is_not_ours_is_an_error(address):
    async def play():
        feeds = LiveFeeds((SourceConfig(id="r", udp=address),))
        with pytest.raises(TenereError, match="source r: cannot listen on udp"):
            await feeds.open()
        await feeds.close()

    asyncio.run(play())


def test_tcp_comes_back_when_its_server_does(monkeypatch):
    monkeypatch.setattr(streams, "FIRST_PAUSE_S", 0.05)
    port = free_port(socket.SOCK_STREAM)

    async def play():
        writers = []

        async def serve(data: bytes):
            async def answer(_, writer):
                writers.append(writer)
                writer.write(data)
                await writer.drain()

            return await asyncio.start_server(answer, "127.0.0.1", port)

        feeds = LiveFeeds((SourceConfig(id="beast", format="beast", tcp=f"localhost:{port}"),))
        box = feeds.inboxes["beast"]
        await feeds.open()
        try:
            await until(lambda: (box.state, box.detail) == ("reconnecting", "0"))
            assert feeds.health()[0].why
            got = []
            for data in (b"first", b"second"):
                server = await serve(data)
                await until(lambda: box.units)
                got.append(b"".join(c.data for c in feeds.drain()))
                assert box.state == "receiving"
                server.close()
                for w in writers:
                    w.close()
                await server.wait_closed()
                await until(lambda: box.state != "receiving")
            return got
        finally:
            await feeds.close()

    assert asyncio.run(play()) == [b"first", b"second"]


def test_a_name_that_no_resolver_takes_is_tried_again(monkeypatch):
    monkeypatch.setattr(streams, "FIRST_PAUSE_S", 0.02)

    async def play():
        feeds = LiveFeeds((SourceConfig(id="b", tcp="a" * 80 + ".example:1"),))
        await feeds.open()
        task = feeds._tasks[0]
        await until(lambda: feeds.inboxes["b"].state == "reconnecting")
        await asyncio.sleep(0.1)
        assert not task.done()
        await feeds.close()
        assert task.cancelled()

    asyncio.run(play())


def test_a_flood_loses_its_own_newest_and_counts_it(monkeypatch):
    monkeypatch.setattr(inbox, "MAX_UNITS", 1000)
    monkeypatch.setattr(inbox, "MAX_BYTES", 5000)
    flood, calm = Inbox("flood"), Inbox("calm")
    for k in range(100_000):
        flood.put(b"0123456789", float(k))
        if k % 10_000 == 0:
            calm.put(b"x", float(k))
    assert (len(flood.units), flood.held, flood.dropped) == (500, 5000, 99_500)
    assert (len(calm.units), calm.dropped) == (10, 0)
    empty = Inbox("empty")
    for _ in range(5000):
        empty.put(b"", 0.0)
    assert (len(empty.units), empty.dropped) == (1000, 4000)
    chunk = flood.drain()
    assert chunk.times_s[-1] == 499
    flood.put(b"after", 0.0)
    assert flood.drain().offset == 5000
    assert flood.drain() is None


@pytest.mark.skipif(not Path("/proc/net/udp").exists(), reason="this system does not tell what its sockets dropped")
def test_what_the_system_had_no_room_for_is_counted():
    source, address = udp("flooded")

    async def play():
        feeds = LiveFeeds((source,))
        await feeds.open()
        try:
            assert feeds.dropped() == 0
            send(address, *[bytes(500)] * 40_000)  # nobody reads: the loop does not run meanwhile
            sent, lost = 40_000, feeds.dropped()
            await until(lambda: len(feeds.inboxes["flooded"].units) + lost == sent)
            return lost
        finally:
            await feeds.close()
            assert feeds.dropped() == lost == feeds.health()[0].dropped

    assert asyncio.run(play()) > 0


def radar_bytes(k: int) -> list[bytes]:
    n = 4
    plots = Plots.blank(
        n,
        time_s=1000.0 + 4 * k,
        sac_sic=(1 << 8) + 2,
        kind=4,
        range_m=50_000.0 + 1000 * k + 10_000 * np.arange(n),
        azimuth_rad=1.0 + np.arange(n) * 0.5,
        pressure_altitude_m=9000.0,
        address=0x340000 + np.arange(n),
        mode_a=0o1000,
    )
    data, ends = encode_radar(plots, np.arange(n))
    return np.split(np.frombuffer(data, np.uint8), ends[:-1])


def test_garbage_on_one_feed_costs_another_nothing():
    rng = np.random.Generator(np.random.PCG64(5))
    good, evil = Inbox("good"), Inbox("evil")
    sensors = (SensorConfig(id="R", source="good", sac=1, sic=2, lat_deg=13.5, lon_deg=2.1),)
    config = Config(source=(SourceConfig(id="evil"), SourceConfig(id="good")), sensor=sensors)

    def run(garbage: bool) -> list:
        picture = Pipeline(config)
        state = picture.init()
        numbers, plots = set(), 0
        for k in range(8):
            time_s = 1002.0 + 4 * k
            for u in radar_bytes(k):
                good.put(u.tobytes(), time_s)
            if garbage:
                for length in rng.integers(0, 400, 300):
                    evil.put(rng.bytes(int(length)), time_s)
            chunks = tuple(c for c in (evil.drain(), good.drain()) if c is not None)
            state, out = picture.step(state, Tick(k, time_s, chunks))
            plots += int((out.plots.sac_sic == (1 << 8) + 2).sum())
            numbers |= set(out.tracks.address.tolist())
        return [plots, numbers & set(range(0x340000, 0x340004)), state.sources["evil"].rejects.total()]

    calm, stormy = run(garbage=False), run(garbage=True)
    assert calm[:2] == stormy[:2] == [32, set(range(0x340000, 0x340004))]
    assert calm[2] == 0
    assert stormy[2] > 1000


def test_the_clock_follows_forward_at_once_and_backward_slowly():
    wall, pace = [1000.0], [0.0]
    clock = SteadyClock(lambda: wall[0], lambda: pace[0])

    def go(seconds: float) -> float:
        wall[0] += seconds
        pace[0] += seconds
        return clock()

    assert clock() == 1000.0
    assert go(10) == 1010.0
    wall[0] += 3600.0  # set forward
    assert go(1) == 4611.0
    wall[0] -= 50.0  # set back
    before = clock()
    assert before == pytest.approx(4611.0)
    for _ in range(5100):
        now = go(1)
        assert now >= before + 0.98
        before = now
    assert before == pytest.approx(wall[0])
