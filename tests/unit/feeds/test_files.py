"""Recordings as a feed: which files are taken, and how they become ticks."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from tenere.errors import Rejects, TenereError
from tenere.feeds import files
from tenere.feeds.files import FileFeed, cut, longest_rising, open_recording, read_bytes, source_name, steady, ticks_of
from tenere.tick import Chunk


def feed(name: str, times: list[float]) -> FileFeed:
    units = [f"{name}{k}".encode() for k in range(len(times))]
    return FileFeed(Path(name), name, "raw", "asterix", Chunk.of(name, units, steady(np.array(times, float))), Rejects(), int)


def test_files_that_are_no_recordings_are_named_with_the_reason(tmp_path):
    (tmp_path / "empty").touch()
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "words.txt").write_text("nothing to see here\n" * 100)
    (tmp_path / "noise").write_bytes(np.random.Generator(np.random.PCG64(7)).bytes(50_000))
    (tmp_path / "half.gz").write_bytes(b"\x1f\x8b\x08\x00")
    os.mkfifo(tmp_path / "pipe")
    said = {
        "empty": "the file is empty",
        "a.png": "it is a PNG image",
        "words.txt": "text in no format installed here",
        "noise": "no format explains its bytes",
        "half.gz": "gzip",
        "pipe": "not a regular file",
        ".": "is a folder",
        "absent": "cannot be read: No such file or directory",
    }
    for name, reason in said.items():
        with pytest.raises(TenereError, match=reason) as e:
            open_recording(tmp_path / name, name)
        assert str(e.value).startswith(f"{tmp_path / name}: ")
        assert not e.value.usage


def test_a_device_is_not_read_for_ever():
    with pytest.raises(TenereError, match="not a regular file"):
        read_bytes(Path("/dev/zero"))


def test_a_file_one_may_not_read(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = tmp_path / "secret"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "read_bytes", refuse)  # whoever runs the tests may be allowed to read everything
    with pytest.raises(TenereError, match="secret: cannot be read: Permission denied"):
        read_bytes(path)


def test_a_larger_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    (tmp_path / "large").write_bytes(bytes(11))
    with pytest.raises(TenereError, match="2 GiB or larger"):
        read_bytes(tmp_path / "large")


@pytest.mark.parametrize(
    ("times", "steadied"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([1, 2, 3], [1, 2, 3]),
        ([1, 3, 2, 4], [1, 3, 3, 4]),  # late by a second
        ([np.nan, 2, np.nan, 4, np.nan], [2, 2, 2, 4, 4]),
        ([1, 2, 9e5, 3, 4], [1, 2, 2, 3, 4]),  # one damaged stamp
        ([9e5, 1, 2, 3], [1, 1, 2, 3]),  # at the beginning
        ([1, 2, 3, -9e5, 4], [1, 2, 3, 3, 4]),
        ([1, 2, 9e5, 8e5, 9e5, 3, 4, 5, 6], [1, 2, 2, 2, 2, 3, 4, 5, 6]),  # a run of them
        ([0, 100, 9e5, 200, 300], [0, 100, 100, 200, 300]),  # sparse data
        ([1, np.inf, -np.inf, 1e300, -1e300, 2], [1, 1, 1, 1, 1, 2]),
        ([np.nan] * 3, [0.5, 0.5, 0.5]),
        ([np.inf] * 2, [0.5, 0.5]),
    ],
)
def test_steady_times(times, steadied):
    assert steady(np.array(times, float)).tolist() == steadied


def test_without_times_each_second_gets_256_units():
    t = steady(np.full(600, np.nan))
    assert np.unique(np.floor(t), return_counts=True)[1].tolist() == [256, 256, 88]


def test_longest_rising_is_a_longest_one():
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(50):
        v = rng.integers(0, 9, 12).astype(float)
        best = [1] * len(v)
        for i in range(len(v)):
            best[i] = 1 + max((best[j] for j in range(i) if v[j] <= v[i]), default=0)
        kept = longest_rising(v)
        assert kept.sum() == max(best)
        assert np.all(np.diff(v[kept]) >= 0)


def test_ticks_of_two_files_are_merged_on_one_grid():
    a, b = feed("a", [10.2, 10.7, 12.1]), feed("b", [11.5, 12.9])
    ticks = list(ticks_of([a, b], 1.0))
    assert [t.number for t in ticks] == [0, 1, 2]
    assert [t.time_s for t in ticks] == [11.0, 12.0, 13.0]
    assert [[(c.source, c.data) for c in t.chunks] for t in ticks] == [[("a", b"a0a1")], [("b", b"b0")], [("a", b"a2"), ("b", b"b1")]]
    assert ticks[0].chunks[0].ends.tolist() == [2, 4]
    assert ticks[2].chunks[0].offset == 4


def test_a_gap_is_played_empty_for_90_seconds_only():
    ticks = list(ticks_of([feed("a", [0.5, 36_000.5])], 1.0))
    assert len(ticks) == 92
    assert [len(t.chunks) for t in ticks] == [1] + [0] * 90 + [1]
    assert [t.time_s for t in ticks[-3:]] == [90.0, 91.0, 36_001.0]
    assert len(list(ticks_of([feed("a", [0.5, 50.5])], 1.0))) == 51


def test_no_files_no_ticks():
    assert list(ticks_of([], 1.0)) == []


def test_cut_keeps_where_the_units_stood():
    chunk = Chunk.of("a", [b"ab", b"", b"cde"], [1, 2, 3], 100)
    part = cut(chunk, 1, 3)
    assert (part.data, part.ends.tolist(), part.times_s.tolist(), part.offset) == (b"cde", [0, 3], [2, 3], 102)
    assert len(cut(chunk, 2, 2).ends) == 0


def test_feeds_of_the_same_name_are_told_apart():
    taken = set[str]()
    names = [source_name(Path(p), taken) for p in ("x/a.ast", "y/a.ast", "a.ast.gz", "b")]
    assert names == ["a.ast", "a.ast (2)", "a.ast (3)", "b"]


def test_an_offset_in_the_data_is_traced_to_the_file(shared_data):
    path = shared_data / "asterix" / "ar_UIS.pcap"
    found = open_recording(path, "x")
    data = path.read_bytes()
    for unit in (0, 100, len(found.chunk.ends) - 1):
        begin = int(found.chunk.ends[unit - 1]) if unit else 0
        end = int(found.chunk.ends[unit])
        at = found.where(begin)
        assert data[at : at + end - begin] == found.chunk.data[begin:end]
        assert at != begin
