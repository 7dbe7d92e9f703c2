"""The two networks of a dual LAN: each datagram once, whatever either network loses."""

from __future__ import annotations

import pytest

from tenere.feeds.twins import Twins


def play(twins: Twins, *events: tuple[float, int, bytes]) -> list[bytes]:
    return [data for time_s, network, data in events if twins.fresh(data, network, time_s)]


def test_each_datagram_comes_once():
    twins = Twins()
    events = [e for k in range(100) for e in ((k, 0, b"%d" % k), (k + 0.1, 1, b"%d" % k))]
    assert play(twins, *events) == [b"%d" % k for k in range(100)]
    assert twins.missed == [0, 0]


def test_whichever_network_is_first():
    assert play(Twins(), (0, 1, b"a"), (0, 0, b"a"), (1, 0, b"b"), (1, 1, b"b")) == [b"a", b"b"]


def test_equal_datagrams_of_one_network_are_all_kept():
    assert play(Twins(), (0, 0, b"a"), (0, 0, b"a"), (0, 0, b"a")) == [b"a"] * 3
    assert play(Twins(), (0, 0, b"a"), (0, 0, b"a"), (0.1, 1, b"a"), (0.1, 1, b"a"), (0.1, 1, b"a")) == [b"a"] * 3
    assert play(Twins(), (0, 0, b"a"), (0, 1, b"a"), (1, 0, b"a"), (1, 1, b"a")) == [b"a"] * 2


def test_what_either_network_loses_comes_by_the_other():
    twins = Twins()
    events = []
    for k in range(100):
        if k % 3:
            events.append((k, 0, b"%d" % k))
        if k % 5:
            events.append((k + 0.2, 1, b"%d" % k))
    assert play(twins, *events) == [b"%d" % k for k in range(100) if k % 15]
    twins.expire(1000.0)
    assert twins.missed == [sum(1 for k in range(100) if k % 3 == 0 and k % 5), sum(1 for k in range(100) if k % 5 == 0 and k % 3)]


def test_a_copy_after_the_window_is_a_datagram_of_its_own():
    assert play(Twins(window_s=2.0), (0, 0, b"a"), (2.0, 1, b"a")) == [b"a"]
    assert play(Twins(window_s=2.0), (0, 0, b"a"), (2.1, 1, b"a")) == [b"a"] * 2


def test_memory_is_bounded():
    twins = Twins(most=100)
    for k in range(10_000):
        assert twins.fresh(b"%d" % k, 0, 0.0)
    assert len(twins._ring) <= 100
    assert len(twins._waiting) <= 100
    for _ in range(10_000):
        twins.fresh(b"same", 0, 0.0)
    assert len(twins._ring) <= 100
    assert sum(map(len, twins._waiting.values())) <= 100
    twins.expire(10.0)
    assert not twins._ring
    assert not twins._waiting


@pytest.mark.parametrize("late", [0, 1])
def test_the_second_of_two_equal_ones_lost_on_one_network(late):
    assert play(Twins(), (0, late, b"a"), (0.5, 1 - late, b"a"), (1.0, 1 - late, b"a")) == [b"a"] * 2
