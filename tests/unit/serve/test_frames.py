from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.errors import WireError
from tenere.page import PAGE_BATCHES, PageHistory, PageTracks
from tenere.serve import frames
from tenere.serve.page import page_tracks


def same(a, b):
    assert type(a) is type(b)
    for name, _, _, _ in a.columns():
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), name)


def test_a_frame_comes_back_as_it_went(snapshot):
    batches = page_tracks(snapshot)
    kind, sequence, time_s, back = frames.decode(frames.encode(frames.TRACKS, 7, snapshot.time_s, batches))
    assert (kind, sequence, time_s) == (frames.TRACKS, 7, 1000.0)
    for a, b in zip(batches, back, strict=True):
        same(a, b)


def test_layout_is_the_documented_one():
    frame = frames.encode(
        frames.HISTORY, 0x01020304, 2.5, [PageHistory.blank(3, number=[1, 2, 3], age_s=0.5, lat_deg=1.0, lon_deg=2.0)], 9.5
    )
    assert frame[:8] == b"TNR2" + bytes([2, 0, 1, 0])
    assert frame[8:16] == bytes([4, 3, 2, 1, 0, 0, 0, 0])
    assert np.frombuffer(frame, "<f8", 2, 16).tolist() == [2.5, 9.5]
    assert np.frombuffer(frame, "<u4", 2, 32).tolist() == [PAGE_BATCHES.index(PageHistory), 3]
    assert np.frombuffer(frame, "<u4", 4, 40).tolist() == [1, 2, 3, 0]  # 12 bytes, padded to 16
    assert np.frombuffer(frame, "<f4", 3, 56).tolist() == [0.5, 0.5, 0.5]
    assert len(frame) == 40 + 4 * 16


@given(st.integers(0, 40), st.integers(0, 2**33))
def test_every_length_is_padded_to_eight(rows, sequence):
    frame = frames.encode(frames.TRACKS, sequence, 0.0, [PageTracks.blank(rows)])
    assert len(frame) % 8 == 0
    assert len(frames.decode(frame)[3][0]) == rows


@given(st.binary(max_size=400), st.integers(0, 300))
def test_bytes_that_are_no_frame_raise_only_wire_errors(noise, cut):
    whole = frames.encode(frames.TRACKS, 1, 0.0, [PageTracks.blank(2)])
    for data in (noise, whole[:cut], whole[:cut] + noise):
        try:
            frames.decode(data)
        except WireError:
            continue
        assert data[:4] == frames.MAGIC


def test_a_cut_frame_is_refused():
    whole = frames.encode(frames.TRACKS, 1, 0.0, [PageTracks.blank(2)])
    for cut in (0, 10, 24, 35, 44, len(whole) // 2):
        with pytest.raises(WireError, match="short"):
            frames.decode(whole[:cut])
