"""Any tick survives the log; no damage to a log makes reading it fail in another way than it says."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.config import Config
from tenere.errors import TenereError
from tenere.record.ticklog import Reader, TickLog, decode_tick, encode_tick
from tenere.tick import Chunk, Tick

finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | finite | st.text(max_size=8),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3),
    max_leaves=6,
)


@st.composite
def ticks(draw):
    chunks = []
    for _ in range(draw(st.integers(0, 3))):
        units = draw(st.lists(st.binary(max_size=30), max_size=6))
        times = draw(st.lists(st.floats(), min_size=len(units), max_size=len(units)))
        chunks.append(Chunk.of(draw(st.text(max_size=6)), units, times, draw(st.integers(0, 2**62))))
    commands = tuple(draw(st.lists(st.dictionaries(st.text(max_size=6), values, max_size=3), max_size=3)))
    return Tick(draw(st.integers(0, 2**53)), draw(finite), tuple(chunks), commands)


def equal(a: Tick, b: Tick) -> bool:
    return (a.number, a.time_s, a.commands, len(a.chunks)) == (b.number, b.time_s, b.commands, len(b.chunks)) and all(
        (x.source, x.data, x.offset, x.ends.tolist()) == (y.source, y.data, y.offset, y.ends.tolist())
        and x.ends.dtype == y.ends.dtype
        and np.array_equal(x.times_s.view(np.int64), y.times_s.view(np.int64))  # bit for bit, NaN too
        for x, y in zip(a.chunks, b.chunks, strict=True)
    )


@settings(deadline=None, max_examples=200)
@given(ticks())
def test_any_tick_comes_back_bit_for_bit(tick):
    back = decode_tick(encode_tick(tick))
    assert equal(back, tick)
    assert encode_tick(back) == encode_tick(tick)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_payload_is_a_tick_or_refused(payload):
    with contextlib.suppress(TenereError):
        decode_tick(payload)


@settings(deadline=None, max_examples=80)
@given(st.lists(ticks(), min_size=1, max_size=5), st.data())
def test_any_damage_costs_only_the_frames_it_touches(given_ticks, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ticks"
        log = TickLog(path, Config(), "1")
        bounds = [path.stat().st_size]
        for t in given_ticks:
            log.append(t)
            log.sync()
            bounds.append(path.stat().st_size)
        log.close()
        whole = bytearray(path.read_bytes())
        at = data.draw(st.integers(bounds[0], len(whole) - 1))
        if cut := data.draw(st.booleans()):
            path.write_bytes(whole[:at])
        else:
            whole[at] ^= data.draw(st.integers(1, 255))
            path.write_bytes(whole)
        hit = int(np.searchsorted(bounds, at, side="right")) - 1
        standing = given_ticks[:hit] if cut else given_ticks[:hit] + given_ticks[hit + 1 :]
        reader = Reader(path)
        read = list(reader)
        assert len(read) == len(standing)
        assert all(equal(a, b) for a, b in zip(read, standing, strict=True))
        assert reader.lost_bytes == (at - bounds[hit] if cut else bounds[hit + 1] - bounds[hit])
