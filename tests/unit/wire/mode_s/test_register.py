"""The register: found again, grown, forgotten, bounded."""

from __future__ import annotations

import numpy as np

from tenere.wire.mode_s import encode, register
from tenere.wire.mode_s.register import Register
from tenere.wire.mode_s.source import Frames, Source, run


def hear(source: Source, addresses: np.ndarray, times_s: np.ndarray) -> int:
    frames = encode.velocity(addresses, 1, 1, 0)
    n = len(frames)
    return len(run(source, Frames(frames, np.full(n, 14), times_s, np.arange(n)), times_s).addresses)


def test_every_address_has_one_row() -> None:
    source = Source()
    addresses = np.arange(1, 3001) * 5417 % (1 << 24)
    assert hear(source, np.concatenate([addresses, addresses]), np.zeros(6000)) == 3000
    assert source.register.used == 3000
    assert np.sort(source.register.rows["key"][:3000]).tolist() == sorted(addresses.tolist())
    for key in addresses[::37].tolist():
        slot = register.slot_of(key, source.register.rows, source.register.slots)
        assert source.register.rows["key"][source.register.slots[slot]] == key


def test_the_silent_are_forgotten_when_room_is_needed() -> None:
    source = Source()
    hear(source, np.arange(1, 257), np.zeros(256))
    hear(source, np.arange(1000, 1010), np.full(10, 1000.0))
    assert source.register.used == 10
    assert len(source.register.rows) == register.LEAST


def test_a_flood_of_addresses_is_bounded_and_keeps_the_newest() -> None:
    source = Source()
    n = register.MOST + 20_000
    addresses = np.arange(1, n + 1)
    hear(source, addresses, np.arange(n) * 1e-3)
    assert len(source.register.rows) == register.MOST
    assert source.register.used <= register.MOST
    kept = source.register.rows["key"][: source.register.used]
    assert set(addresses[-register.MOST // 2 :].tolist()) <= set(kept.tolist())


def test_where_the_stream_is_cut_does_not_matter() -> None:
    addresses = np.arange(1, 2001) * 911 % 1500 + 1
    times = np.arange(2000) * 0.5
    whole, parts = Source(), Source()
    hear(whole, addresses, times)
    for k in range(0, 2000, 7):
        hear(parts, addresses[k : k + 7], times[k : k + 7])
    assert whole.register.used == parts.register.used
    assert whole.register.rows[: whole.register.used].tobytes() == parts.register.rows[: parts.register.used].tobytes()


def test_an_empty_register_holds_nothing() -> None:
    empty = Register.empty()
    assert (empty.slots == -1).all()
    assert empty.used == 0
