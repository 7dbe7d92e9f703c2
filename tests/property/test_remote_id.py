"""Remote ID for all inputs: what is encoded is decoded, damage never raises."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.tick import Chunk
from tenere.wire import remote_id
from tenere.wire.format import SourceHint
from tenere.wire.remote_id import encode

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
    carrier=st.sampled_from([encode.beacon, encode.action]),
)
def test_damage_never_raises(damage: list[tuple[int, int]], end: int, carrier) -> None:
    payload = encode.pack(
        [encode.basic_id(b"A"), encode.location(13.5, 2.0, time_s=NOW), encode.system(13.4, 2.0), encode.operator_id(b"B")]
    )
    frame = bytearray(carrier(0x60601F000001, payload))
    for at, value in damage:
        frame[at % len(frame)] = value
    got = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("r", [bytes(frame[:end])], NOW), NOW)[1]
    assert (np.abs(got.plots.lat_rad) <= math.pi / 2).all()


@given(
    frames=st.lists(st.binary(max_size=200).map(lambda b: b) | st.binary(max_size=200).map(lambda b: b"\xd6\xbe\x89\x8e" + b), max_size=5)
)
@settings(max_examples=300)
def test_noise_never_raises(frames: list[bytes]) -> None:
    noisy = [f[:36] + bytes.fromhex("dd20fa0bbc0d00") + f[36:] if f[:1] == b"\x80" else f for f in frames]
    FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("r", noisy, NOW), NOW)
    for frame in noisy:
        assert FORMAT.likeness(frame) in {0.0, 1.0}
