"""A damaged record: its neighbours survive where their source is trusted, and what is said of it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.survey import History, survey
from tenere.wire.format import SourceHint

PAST = "item runs past the block"


def block(first: int, n: int = 3) -> bytes:
    """A block of CAT048 records with the addresses first, first + 1, ..."""
    data, ends = encode_records(
        48, n, {"010/SAC": 12, "010/SIC": 34, "140": 5.0 + np.arange(n), "040/RHO": 9.0, "040/THETA": 8.0, "220": first + np.arange(n)}
    )
    return encode_blocks(48, data, ends)[0]


def damaged(first: int) -> bytes:
    """A block of three records of which the last claims an item that runs past the block."""
    whole = bytearray(block(first))
    size = (len(whole) - 3) // 3
    whole[-size + 1] |= 0x10  # I048/250 in the second octet of the third field specification
    return bytes(whole)


def decode(units: list[bytes], state: Any = None, offset: int = 0) -> Any:
    return FORMAT.step(state or FORMAT.init(SourceHint()), Chunk.of("x", units, offset=offset), 0.0)[1]


def test_records_before_a_damaged_one_are_kept_where_their_neighbours_read_whole() -> None:
    units = [block(10 * k) for k in range(1, 7)]
    out = decode([*units, damaged(100), block(200)], offset=7000)
    assert out.records == {"CAT048": 6 * 3 + 2 + 3}
    assert {100, 101} <= out.addresses
    assert 102 not in out.addresses
    (reason,) = out.rejects.counts
    assert reason.startswith("CAT048 block refused at I048/")
    assert out.rejects.counts == {reason: 1}
    assert out.rejects.first_sender == {reason: "SAC 12 SIC 34"}
    size = (len(units[0]) - 3) // 3
    assert out.rejects.first_offset == {reason: 7000 + 6 * len(units[0]) + 3 + 2 * size}
    assert (np.diff(out.plots.reference) > 0).all()


def test_of_a_source_not_known_to_be_sound_nothing_of_a_broken_block_is_kept() -> None:
    assert decode([damaged(100)]).records == {}
    assert decode([block(1), damaged(100), block(5)]).records == {"CAT048": 6}
    assert decode([damaged(10 * k) for k in range(1, 40)]).records == {}


def test_what_a_source_is_trusted_for_is_kept_from_chunk_to_chunk_and_lost_again() -> None:
    state = FORMAT.init(SourceHint())
    assert decode([block(10 * k) for k in range(1, 7)], state).records == {"CAT048": 18}
    assert decode([damaged(100)], state).records == {"CAT048": 2}
    for _ in range(12):
        decode([damaged(100)], state)
    assert decode([damaged(100)], state).records == {}
    decode([block(1)] * 40, state)
    assert decode([damaged(100)], state).records == {"CAT048": 2}


def test_however_a_stream_is_cut_into_chunks_the_same_records_are_kept() -> None:
    rng = random.Random(5)
    units = [damaged(1000 + 10 * k) if rng.random() < 0.3 else block(10 * k) for k in range(1, 80)]
    whole = decode(units).plots.address.tolist()
    for size in (1, 2, 7):
        state = FORMAT.init(SourceHint())
        parts = [decode(units[k : k + size], state).plots.address.tolist() for k in range(0, len(units), size)]
        assert [a for part in parts for a in part] == whole


def test_a_record_that_raises_doubt_ends_what_is_kept_of_a_broken_block() -> None:
    data, ends = encode_records(48, 3, {"010/SAC": 12, "010/SIC": 34, "140": np.array([5.0, 130000.0, 6.0]), "220": [100, 101, 102]})
    broken = bytearray(encode_blocks(48, data, ends)[0][:-1])
    broken[2] -= 1
    out = decode([*(block(10 * k) for k in range(1, 7)), bytes(broken)])
    assert 100 in out.addresses
    assert not {101, 102} & out.addresses


def test_the_sender_is_the_record_s_own_or_that_of_its_block() -> None:
    good = bytes.fromhex("800102")
    bodies = {
        "own": bytes.fromhex("880b0c") + b"\x01" * 9 + b"\x01",  # I048/010, then I048/020 that never ends
        "the block's": good + bytes.fromhex("08") + b"\x01" * 12,
        "nobody": bytes.fromhex("08") + b"\x01" * 12,
    }
    senders = {}
    for name, body in bodies.items():
        out = decode([bytes([48, 0, len(body) + 3]) + body])
        ((reason, _),) = out.rejects.counts.items()
        senders[name] = out.rejects.first_sender.get(reason, "")
    assert senders["nobody"] == ""
    assert senders["own"] == "SAC 11 SIC 12"
    assert senders["the block's"] == "SAC 1 SIC 2"


def test_range_checks_and_contradictions_name_their_sender() -> None:
    data, ends = encode_records(48, 2, {"010/SAC": 12, "010/SIC": 34, "140": np.array([86400 * 128, 1])})
    out = decode([encode_blocks(48, data, ends)[0]])
    assert out.rejects.first_sender == {"CAT048 I048/140 time of day out of range": "SAC 12 SIC 34"}
    data, ends = encode_records(
        62,
        1,
        {"010/SAC": 7, "010/SIC": 8, "070": 100_000.0, "105/LAT": 4000.0, "105/LON": 0.0, "185/VX": 8000.0, "185/VY": 0.0},
    )
    out = decode([encode_blocks(62, data, ends)[0]])
    assert list(out.rejects.first_sender.values()) == ["SAC 7 SIC 8"]


def test_reasons_stay_few_whatever_comes() -> None:
    rng = random.Random(9)
    units = [bytes([48, 0, 43]) + rng.randbytes(40) for _ in range(3000)]
    out = decode(units)
    assert len(out.rejects.counts) < 120
    assert all(reason.startswith("CAT048") for reason in out.rejects.counts)


def reference_take(outcomes: list[bool]) -> list[bool]:
    """The slow way: is a broken block trusted, by the last blocks before it?"""
    out = []
    for k in range(len(outcomes)):
        last = outcomes[max(0, k - History.LAST) : k]
        out.append(len(last) >= History.LEAST and sum(last) * 4 >= 3 * len(last))
    return out


def test_trust_is_that_of_the_last_blocks() -> None:
    rng = random.Random(2)
    for share in (0.1, 0.25, 0.4):
        outcomes = [bool(rng.random() > share) for _ in range(200)]
        units = [block(1) if whole else damaged(1) for whole in outcomes]
        ends = np.cumsum([len(u) for u in units])
        starts = ends - [len(u) for u in units]
        history = History()
        take: list[int] = []
        for cut in range(0, 200, 23):
            part = slice(cut, cut + 23)
            take += history.take(survey(48, b"".join(units), starts[part] + 3, ends[part])).tolist()
        trusted = reference_take(outcomes)
        assert take == [3 if whole else 2 * trust for whole, trust in zip(outcomes, trusted, strict=True)]
