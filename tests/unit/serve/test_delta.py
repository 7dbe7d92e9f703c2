from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_frames import FIXTURE, fixture, pictures
from snapshots import make_snapshot

from tenere.errors import WireError
from tenere.page import SENT, Guess, PageTracks
from tenere.serve import frames
from tenere.serve.delta import WORD, Chain, Picture, _check
from tenere.serve.page import page_tracks
from tenere.serve.reckon import SECANT, SINE, logarithmic, moved, unlogarithmic
from tenere.serve.stepped import MISSING, stepped, unstepped


def same(a, b):
    for c, x, y in zip(SENT, a.columns, b.columns, strict=True):
        np.testing.assert_array_equal(x, y, c.name)


def sealed(body: bytes) -> bytes:
    """Return a frame's body with a check that holds."""
    body = body[: len(body) // 4 * 4]
    return body + WORD.pack(_check(body))


@given(st.integers(0, 2**32 - 1), st.integers(0, 50))
@settings(deadline=None, max_examples=60)
def test_changes_and_keyframes_make_the_same_picture(seed, most):
    chain, picture, kinds = Chain(), Picture(), []
    for sequence, (time_s, batches) in enumerate(pictures(seed, 6, most), 1):
        chain.advance(stepped(*batches), sequence, time_s, time_s)
        frame = chain.since(picture.sequence)
        kinds.append(frames.head_of(frame).kind)
        picture.take(frame)
        whole = Picture()
        whole.take(chain.keyframe())
        same(picture.steps, whole.steps)
        same(picture.steps, chain.picture)
        assert sorted(picture.steps.of("number").view(np.uint32)) == sorted(batches[0].number)
        for a, b in zip(picture.batches(), whole.batches(), strict=True):
            for name, _, _, _ in a.columns():
                assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
    assert kinds[1:] == [frames.DELTA] * 5


def test_what_comes_back_is_within_half_a_step_of_what_went():
    ((_, batches),) = pictures(3, 1, 300)
    tracks, local, remote = batches
    back, local_back, remote_back = unstepped(stepped(*batches))
    for c in SENT:
        if c.batch is not PageTracks:
            continue
        went, came = getattr(tracks, c.name), getattr(back, c.name)
        if c.dtype.kind != "f":
            np.testing.assert_array_equal(went, came)
            continue
        np.testing.assert_array_equal(np.isnan(went), np.isnan(came))
        known = ~np.isnan(went)
        room = 0.033 * went[known] + 0.5 if c.step == 0 else 0.51 * c.step + 4e-7 * np.abs(went[known])
        assert (np.abs(went[known] - came[known]) <= room).all(), c.name
    np.testing.assert_array_equal(local.row, local_back.row)
    np.testing.assert_allclose(local.x_nm, local_back.x_nm, atol=4e-4)
    assert list(zip(remote.row, remote.remote_id, strict=True)) == list(zip(remote_back.row, remote_back.remote_id, strict=True))


def test_who_missed_a_frame_gets_a_keyframe():
    chain = Chain()
    for sequence in (1, 2, 3):
        chain.advance(stepped(*page_tracks(make_snapshot(1000.0 + sequence))), sequence, 1000.0 + sequence, 0.0)
    assert frames.head_of(chain.since(2)).kind == frames.DELTA
    assert [frames.head_of(chain.since(s)).kind for s in (0, 1, 3, 9)] == [frames.KEY] * 4
    chain.advance(stepped(*page_tracks(make_snapshot(1009.0))), 5, 1009.0, 0.0)  # one was not told
    assert frames.head_of(chain.since(3)).kind == frames.KEY
    chain.advance(stepped(*page_tracks(make_snapshot(900.0))), 6, 900.0, 0.0)  # time goes back
    assert frames.head_of(chain.since(5)).kind == frames.KEY


def test_a_number_that_stands_twice_is_told_whole():
    chain, picture = Chain(), Picture()
    snap = make_snapshot()
    for sequence in (1, 2):
        tracks, local, remote = page_tracks(snap)
        chain.advance(stepped(tracks.replace(number=np.array([5, 5, 6, 7], np.uint32)), local, remote), sequence, 1000.0 + sequence, 0.0)
        picture.take(chain.since(picture.sequence))
        assert picture.steps.of("number").tolist() == [5, 5, 6, 7]


def test_a_change_of_another_picture_is_refused_and_nothing_is_lost():
    chain, picture = Chain(), Picture()
    told = []
    for sequence in (1, 2, 3):
        chain.advance(stepped(*page_tracks(make_snapshot(1000.0 + sequence))), sequence, 1000.0 + sequence, 0.0)
        told.append(chain.since(sequence - 1))
    with pytest.raises(WireError, match="follows another"):
        picture.take(told[1])
    picture.take(told[0])
    before = picture.steps
    with pytest.raises(WireError, match="follows another"):
        picture.take(told[2])
    assert picture.steps is before
    picture.take(told[1])
    picture.take(told[2])
    assert picture.sequence == 3


@given(
    st.integers(0, 99), st.lists(st.tuples(st.integers(0, 2**16), st.integers(1, 255)), min_size=1, max_size=4), st.booleans(), st.data()
)
@settings(deadline=None, max_examples=300)
def test_damaged_frames_raise_only_wire_errors(seed, damage, resealed, data):
    chain, picture = Chain(), Picture()
    for sequence, (time_s, batches) in enumerate(pictures(seed, 2, 12), 1):
        chain.advance(stepped(*batches), sequence, time_s, time_s)
        if sequence == 1:
            picture.take(chain.keyframe())
    bad = bytearray(data.draw(st.sampled_from([chain.since(1), chain.keyframe()])))
    for at, bits in damage:
        bad[at % len(bad)] ^= bits
    frame = sealed(bytes(bad[:-4])) if resealed else bytes(bad)[: data.draw(st.integers(0, len(bad)))]
    before = picture.steps
    try:
        picture.take(frame)
    except WireError:
        assert picture.steps is before
        return
    assert len({len(c) for c in picture.steps.columns}) == 1


@given(st.binary(max_size=300), st.sampled_from([frames.KEY, frames.DELTA]))
@settings(deadline=None)
def test_noise_is_refused(noise, kind):
    head = frames.Head(kind, 2, 1.0, before=1).packed()
    for raw in (noise, head + noise, sealed(head + noise)):
        picture = Picture()
        picture.sequence = 1
        try:
            picture.take(raw)
        except WireError:
            continue
        assert raw[:4] == frames.MAGIC


def test_the_guess_is_where_the_track_goes():
    lat, course, speed = (np.array(v, np.int32) for v in ([0, 0, 6_000_000, MISSING], [0, 900, 900, 2700], [1728, 1728, 1728, 1728]))
    north, east = moved(lat, course, speed, np.array([100, 100, 100, 50]))  # 432 kt is 200 steps a second, twice that at 60 degrees
    assert np.abs(north - [200, 0, 0, 0]).max() <= 1
    assert np.abs(east - [0, 200, 400, -100]).max() <= 2
    going = moved(lat[:1], np.array([MISSING], np.int32), speed[:1], np.array([100]))
    assert [int(v[0]) for v in going] == [0, 0]


def test_the_tables_are_far_from_any_doubt_of_rounding():
    sine, secant = 32768 * np.sin(2 * np.pi * np.arange(3600) / 3600), 256 / np.cos(np.radians(np.arange(86)))
    assert np.abs(sine - SINE).max() < 0.4999
    assert np.abs(secant - SECANT[:86]).max() < 0.4999


def test_logarithmic_steps_are_within_a_thirtieth():
    values = np.geomspace(0.5, 1e9, 5000)
    assert np.abs(unlogarithmic(logarithmic(values).astype(np.int32)) / values - 1).max() < 1 / 30
    assert unlogarithmic(np.arange(40, dtype=np.int32)).tolist() == sorted(set(unlogarithmic(np.arange(40, dtype=np.int32)).tolist()))


def test_a_column_that_ages_has_a_step_that_divides_a_second():
    assert all(1000 % round(1000 * c.step) == 0 for c in SENT if c.guess == Guess.AGED)
    assert SENT[0].guess == Guess.COUNTED
    assert len(SENT) <= 64


def test_the_pages_own_tests_read_what_this_code_writes():
    assert FIXTURE.read_text() == fixture(), "run: PYTHONPATH=src python tests/unit/serve/page_frames.py"
