"""Lines of a stream: whole ones, unfinished ones, over-long ones, datagrams, times and offsets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.errors import UsageError
from tenere.tick import Chunk
from tenere.wire import text_lines
from tenere.wire.text_lines import Tail, ends_of, lines, share


def read(reads: list[bytes], tail: Tail | None = None, longest: int = 16) -> tuple[list[bytes], dict[str, int], list[int]]:
    """Return the lines, refusals and offsets of successive reads, each a chunk of its own."""
    tail = tail or Tail()
    at, found, refused, offsets = 0, [], {}, []
    for data in reads:
        got = lines(tail, Chunk.of("s", [data], offset=at), longest)
        found += list(got.each())
        offsets += got.offsets.tolist()
        for reason, count in got.rejects.counts.items():
            refused[reason] = refused.get(reason, 0) + count
        assert len(tail.rest) <= longest
        at += len(data)
    return found, refused, offsets


def test_lines_and_their_ends() -> None:
    assert read([b"one\r\n\n\r\ntwo\nthree"]) == ([b"one", b"two"], {}, [0, 8])
    assert read([b"on", b"e\r", b"\ntwo\n"]) == ([b"one", b"two"], {}, [0, 5])
    assert read([b"", b"\r\r\n"]) == ([b"\r"], {}, [0])
    assert read([]) == ([], {}, [])


def test_a_line_over_the_limit_is_counted_once_and_skipped() -> None:
    long = b"x" * 17
    for reads in ([b"a\n" + long + b"\nb\n"], [b"a\n" + long, b"yyy", b"\nb\n"], [b"a\n" + long[:3], long[3:], b"\nb\n"]):
        found, refused, offsets = read(reads)
        assert found == [b"a", b"b"]
        assert refused == {text_lines.TOO_LONG: 1}
        assert offsets[1] == sum(map(len, reads)) - 2
    assert read([b"x" * 16 + b"\n"]) == ([b"x" * 16], {}, [0])


def test_refusals_say_where() -> None:
    tail = Tail()
    got = lines(tail, Chunk.of("s", [b"ok\n", b"y" * 20], offset=100), 16)
    assert got.rejects.first_offset == {text_lines.TOO_LONG: 103}
    got = lines(tail, Chunk.of("s", [b"y\nok\n" + b"z" * 20 + b"\n"], offset=123), 16)
    assert (list(got.each()), got.rejects.first_offset) == ([b"ok"], {text_lines.TOO_LONG: 128})


def test_times_are_those_of_the_read_a_line_ends_in() -> None:
    tail = Tail()
    got = lines(tail, Chunk.of("s", [b"on", b"e\ntwo\nth", b"ree", b"\n"], [1.0, 2.0, 3.0, 4.0]))
    assert got.receive_s.tolist() == [2.0, 2.0, 4.0]
    lines(tail, Chunk.of("s", [b"fo"], 5.0))
    got = lines(tail, Chunk.of("s", [b"ur\nfive\n"], [6.0], offset=19))
    assert (got.receive_s.tolist(), got.offsets.tolist(), got.references.tolist()) == ([6.0, 6.0], [17, 22], [0, 3])
    assert np.isnan(lines(Tail(), Chunk("s", b"a\n", np.zeros(0, np.int64), np.zeros(0))).receive_s).all()


def test_datagrams_end_their_lines() -> None:
    tail = Tail.of({"datagrams": True})
    got = lines(tail, Chunk.of("s", [b"one", b"two\r\n", b"", b"three\nfour"], [1.0, 2.0, 3.0, 4.0]))
    assert list(got.each()) == [b"one", b"two", b"three", b"four"]
    assert got.receive_s.tolist() == [1.0, 2.0, 4.0, 4.0]
    assert tail.rest == b""
    with pytest.raises(UsageError, match="datagrams"):
        Tail.of({"datagrams": "yes"})


def test_ends_of_a_whole_file() -> None:
    assert ends_of(b"a\nbc\n").tolist() == [2, 5]
    assert ends_of(b"a\nbc").tolist() == [2, 4, 4]
    assert ends_of(b"").tolist() == [0]


def test_share() -> None:
    def good(line: bytes) -> bool:
        return line.startswith(b"ok")

    assert share(b"ok\nok\r\n\nok\n", good) == 1.0
    assert share(b"k\nok\nok\no", good) == 1.0
    assert share(b"", good) == share(b"\n\n", good) == share(b"no", good) == 0.0
    assert share(b"ok\nno\nok\nno\nok", good) == 0.6
    assert share(b"x" * 5000 + b"\nok\n", good) < 0.01


@given(
    text=st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b"x" * 9, b"x" * 30]), max_size=30).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    limit=st.integers(1, 20),
)
def test_cut_anywhere_equals_whole(text: bytes, cuts: list[int], limit: int) -> None:
    places = sorted({0, len(text), *(c for c in cuts if c < len(text))})
    reads = [text[a:b] for a, b in itertools.pairwise(places)]
    assert read(reads, longest=limit) == read([text], longest=limit)
    bodies = [(row, len(row)) for row in text.split(b"\n")[:-1]]
    assert read([text], longest=limit)[0] == [row.removesuffix(b"\r") for row, n in bodies if n <= limit and row.removesuffix(b"\r")]
