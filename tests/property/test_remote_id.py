"""Remote ID for all inputs: what is encoded is decoded, damage never raises."""

from __future__ import annotations

import functools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.tick import Chunk
from tenere.wire import remote_id
from tenere.wire.detail import Detail
from tenere.wire.format import SourceHint
from tenere.wire.remote_id import encode
from tenere.wire.remote_id.authentication import Assembly

FORMAT = remote_id.FORMAT
NOW = 1_700_000_000.0


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    height=st.floats(-900, 31_000),
    speed=st.floats(0, 250),
    course=st.floats(0, 360),
    climb=st.floats(-62, 62),
    late=st.floats(-50, 50),
    name=st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=1, max_size=20),
)
def test_what_is_encoded_is_decoded(
    lat: float, lon: float, height: float, speed: float, course: float, climb: float, late: float, name: str
) -> None:
    (frame,) = encode.beacon_frames(
        1, name.encode(), lat, lon, NOW + late, height_m=height, speed_ms=speed, course_deg=course, vertical_ms=climb
    )
    plots = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("r", [frame], NOW), NOW)[1].plots
    if abs(lat) < 5e-8 and abs(lon) < 5e-8:
        assert len(plots) == 0
        return
    assert abs(math.degrees(plots.lat_rad[0]) - lat) <= 0.51e-7
    assert abs(math.degrees(plots.lon_rad[0]) - lon) <= 0.51e-7
    assert abs(plots.height_m[0] - height) <= 0.26
    assert abs(math.hypot(plots.east_ms[0], plots.north_ms[0]) - speed) <= 0.38
    if speed > 1:
        off = math.degrees(math.atan2(plots.east_ms[0], plots.north_ms[0])) - course
        assert abs((off + 180) % 360 - 180) <= 0.51
    assert abs(plots.vertical_rate_ms[0] - climb) <= 0.26
    assert abs(plots.time_s[0] - NOW - late) <= 0.051
    assert plots.remote_id[0] == name.encode()


@given(
    damage=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=6),
    end=st.integers(0, 300),
    carrier=st.sampled_from([encode.beacon, encode.action, functools.partial(encode.bluetooth, extended=True)]),
)
def test_damage_never_raises(damage: list[tuple[int, int]], end: int, carrier) -> None:
    payload = encode.pack(
        [encode.basic_id(b"A"), encode.location(13.5, 2.0, time_s=NOW), encode.system(13.4, 2.0), encode.operator_id(b"B")]
    )
    frame = bytearray(carrier(0x60601F000001, payload))
    for at, value in damage:
        frame[at % len(frame)] = value
    chunk = Chunk.of("r", [bytes(frame[:end])], NOW)
    got = FORMAT.step(FORMAT.init(SourceHint()), chunk, NOW)[1]
    assert (np.abs(got.plots.lat_rad) <= math.pi / 2).all()
    found = FORMAT.details(FORMAT.init(SourceHint()), chunk, NOW)[1]
    assert {name: len(detail) for name, detail in found.items() if len(detail)} == got.records


@given(
    frames=st.lists(
        st.tuples(st.sampled_from([b"", b"\xd6\xbe\x89\x8e", b"\xd6\xbe\x89\x8e\x07", b"\x80", b"\xd0"]), st.binary(max_size=200)).map(
            b"".join
        ),
        max_size=5,
    )
)
@settings(max_examples=300)
def test_noise_never_raises(frames: list[bytes]) -> None:
    noisy = [f[:36] + bytes.fromhex("dd20fa0bbc0d00") + f[36:] if f[:1] == b"\x80" else f for f in frames]
    chunk = Chunk.of("r", noisy, NOW)
    got = FORMAT.step(FORMAT.init(SourceHint()), chunk, NOW)[1]
    assert sum(map(len, FORMAT.details(FORMAT.init(SourceHint()), chunk, NOW)[1].values())) == sum(got.records.values())
    for frame in noisy:
        assert FORMAT.likeness(frame) in {0.0, 1.0}


def _messages() -> list[bytes]:
    """Return messages of every type, authentication data of two sets among them."""
    places = [encode.location(13.5 + i, 2.0, time_s=NOW + i, speed_ms=i) for i in range(4)]
    others = [
        encode.basic_id(b"A"),
        encode.basic_id(b"B", id_type=2),
        encode.self_id(b"x"),
        encode.system(13.0, 2.0),
        encode.operator_id(b"C"),
    ]
    return [*places, *others, *encode.authentication(bytes(range(60))), *encode.authentication(bytes(range(9, 50)), auth_type=3)]


MESSAGES = _messages()


@given(
    sent=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(MESSAGES), st.sampled_from([encode.beacon, encode.action, encode.bluetooth])),
        max_size=30,
    ),
    cut=st.integers(0, 30),
)
def test_two_chunks_give_what_one_gives(sent, cut: int) -> None:
    frames = [carrier(mac, message, mac) for mac, message, carrier in sent]
    times_s = [NOW + 0.3 * i for i in range(len(frames))]
    whole = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("r", frames, times_s), NOW)[1]
    state, at, parts = FORMAT.init(SourceHint()), 0, []
    plots, of = [], FORMAT.init(SourceHint())
    for some, said in ((frames[:cut], times_s[:cut]), (frames[cut:], times_s[cut:])):
        chunk = Chunk.of("r", some, said, offset=at)
        state, got = FORMAT.details(state, chunk, NOW)
        of, decoded = FORMAT.step(of, chunk, NOW)
        plots.append(decoded.plots)
        parts.append(got)
        at += len(chunk.data)
    both = {name: Detail.concat([p[name] for p in parts if name in p]) for name in whole}
    for name, detail in whole.items():
        for a, b in zip(detail.columns, both[name].columns, strict=True):
            np.testing.assert_array_equal(a.values, b.values, err_msg=a.name)
            np.testing.assert_array_equal(a.offsets, b.offsets) if a.offsets is not None else None
    once = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("r", frames, times_s), NOW)[1].plots
    joined = type(once).concat(plots)
    assert once.remote_id.tolist() == joined.remote_id.tolist()
    np.testing.assert_array_equal(once.time_s, joined.time_s)


@given(data=st.binary(max_size=255), order=st.randoms(use_true_random=False))
def test_authentication_of_any_size_and_order(data: bytes, order) -> None:
    pages = encode.authentication(data)
    order.shuffle(pages)
    held = Assembly()
    got = [held.add(page) for page in pages]
    assert [g for g in got if g is not None] == [(data, got[-1][1])]
    assert set(got[-1][1]) <= {0}
