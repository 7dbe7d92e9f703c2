"""Whatever times a recording holds, its units come once each, in ticks that never go backwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.errors import Rejects
from tenere.feeds.files import GAP_S, FileFeed, steady, ticks_of
from tenere.feeds.twins import Twins
from tenere.tick import Chunk

wild = st.floats() | st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -1e300, 2**63, -(2.0**63), 1e11, 1e12])
mild = st.floats(0, 1000)
times = st.lists(mild | wild, max_size=40) | st.lists(mild, max_size=40)


def feed(name: str, stamps: list[float]) -> FileFeed:
    units = [f"{name}{k};".encode() for k in range(len(stamps))]
    return FileFeed(Path(name), name, "raw", "asterix", Chunk.of(name, units, steady(np.array(stamps, float))), Rejects(), int)


@settings(deadline=None, max_examples=300)
@given(times)
def test_steady_times_are_finite_and_never_run_backwards(stamps):
    t = steady(np.array(stamps, float))
    assert t.shape == (len(stamps),)
    assert np.isfinite(t).all()
    assert np.all(np.diff(t) >= 0)
    assert np.array_equal(steady(t), t)


@settings(deadline=None, max_examples=300)
@given(st.lists(times, min_size=1, max_size=3), st.sampled_from([0.1, 0.25, 1.0, 4.0, 10.0]))
def test_every_unit_is_in_one_tick_and_ticks_go_forward(stamps, tick_s):
    feeds = [feed(f"f{k}-", s) for k, s in enumerate(stamps)]
    ticks = list(ticks_of(feeds, tick_s))
    assert [t.number for t in ticks] == list(range(len(ticks)))
    ends = np.array([t.time_s for t in ticks])
    assert np.all(np.diff(ends) > 0)
    assert len(ticks) <= sum(len(s) for s in stamps) * (int(GAP_S / tick_s) + 1)
    for f in feeds:
        parts = [c for t in ticks for c in t.chunks if c.source == f.source]
        assert b"".join(c.data for c in parts) == f.chunk.data
        assert sum(len(c.ends) for c in parts) == len(f.chunk.ends)
        for t in ticks:
            for c in t.chunks:
                slack = 1e-6 + 1e-12 * abs(t.time_s)
                assert np.all((c.times_s <= t.time_s + slack) & (c.times_s >= t.time_s - tick_s - slack))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.floats(0, 60), min_size=4, max_size=60), st.data())
def test_a_lone_damaged_time_moves_nothing_else(gaps, data):
    base = 1e6 + np.cumsum(gaps)
    at = data.draw(st.integers(0, len(base) - 2))
    hurt = base.copy()
    span = base[-1] - base[0] + 100
    hurt[at] += data.draw(st.sampled_from([1, 7, 1000])) * span * data.draw(st.sampled_from([1, -1]))
    t = steady(hurt)
    others = np.arange(len(base)) != at
    assert np.allclose(t[others], base[others])
    if at:
        assert t[at] == base[at - 1] or hurt[at] == t[at]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(0, 1000), min_size=1, max_size=50), st.data())
def test_a_little_lateness_is_no_damage(stamps, data):
    base = np.sort(np.array(stamps))
    late = base - np.array(data.draw(st.lists(st.floats(0, 14), min_size=len(base), max_size=len(base))))
    assert np.array_equal(steady(late), np.maximum.accumulate(late))


copies = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.floats(0, 1.9)), max_size=60)


@settings(deadline=None, max_examples=300)
@given(copies)
def test_a_dual_lan_brings_each_datagram_that_either_network_brought_once(sent):
    """Datagrams (of four kinds, so that many are equal) 10 s apart; which networks bring them, and how late the second one is."""
    twins = Twins()
    got = 0
    for k, (kind, first, second, late) in enumerate(sent):
        for network, brought, time_s in ((0, first, 10.0 * k), (1, second, 10.0 * k + late)):
            if brought:
                got += twins.fresh(b"%d" % kind, network, time_s)
    assert got == sum(first or second for _, first, second, _ in sent)
    twins.expire(1e9)
    assert twins.missed == [sum(b and not a for _, a, b, _ in sent), sum(a and not b for _, a, b, _ in sent)]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.floats(0, 3)), max_size=80), st.integers(1, 20))
def test_a_dual_lan_never_brings_less_than_the_better_network(sent, most):
    twins = Twins(most=most)
    time_s, got = 0.0, [0, 0, 0]
    for kind, network, gap in sent:
        time_s += gap
        got[kind] += twins.fresh(b"%d" % kind, network, time_s)
        assert len(twins._ring) <= most
        assert sum(map(len, twins._waiting.values())) <= most
    for kind in range(3):
        counts = [sum(1 for k, n, _ in sent if (k, n) == (kind, network)) for network in (0, 1)]
        assert max(counts) <= got[kind] <= sum(counts)
