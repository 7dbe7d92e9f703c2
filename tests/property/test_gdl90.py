"""GDL 90 for all inputs: what is encoded is decoded, any cut is the same, damage never raises."""

from __future__ import annotations

import hashlib
import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Plots
from tenere.errors import Rejects
from tenere.tick import Chunk
from tenere.wire import gdl90
from tenere.wire.format import SourceHint
from tenere.wire.gdl90 import encode, framing, reports
from tenere.wire.gdl90.framing import frame
from tenere.wire.uat import encode as uat_encode

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = gdl90.FORMAT
NOW = 1_795_305_600.0 + 64_800.25
STREAM = b"".join(
    frame(m)
    for m in (
        encode.heartbeat(64_800),
        encode.altitude(900.0),
        encode.report(framing.OWNSHIP, address=0x7E7D, lat_deg=13.0, lon_deg=2.0, callsign="OWN"),
        encode.report(address=2, address_type=3, lat_deg=-13.0, lon_deg=-2.0, speed_kt=100.0, track_deg=10.0),
        encode.pass_through(uat_encode.adsb(0, address=3, lat_deg=13.0, lon_deg=2.0).bytes(), 5),
        encode.pass_through(uat_encode.uplink(13.0, 2.0, [(0, uat_encode.fis_b(8, b"abc"))])),
        encode.device(1, "a", "b"),
        encode.attitude(1.0, 2.0, 3.0),
        encode.report(address=4, lat_deg=13.0, lon_deg=2.0),
    )
)


def run(pieces: Sequence[bytes]) -> tuple[str, dict[str, int], dict[str, int], dict[str, int]]:
    """Return a digest of the plots (place in the chunk apart), the records, the refusals and their first places."""
    state = FORMAT.init(SourceHint())
    plots, records, rejects, at = [], {}, Rejects(), 0
    for piece in pieces:
        state, got = FORMAT.step(state, Chunk.of("g", [piece], NOW, offset=at), NOW)
        at += len(piece)
        plots.append(got.plots.replace(reference=0))
        for name, n in got.records.items():
            records[name] = records.get(name, 0) + n
        rejects.merge(got.rejects)
        assert len(state.tail.rest) <= framing.LONGEST
    into = hashlib.sha256()
    Plots.concat(plots).digest(into)
    return into.hexdigest(), records, rejects.counts, rejects.first_offset


def cuts(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b or not data]  # an empty read would say that it has ended


@given(st.binary(min_size=2, max_size=500))
def test_a_message_is_framed_and_found_again(message: bytes) -> None:
    framed = frame(message)
    assert framed.count(b"\x7e") == 2
    whole = framing.unescape(framed[1:-1])
    assert whole[:-2] == message
    assert framing.crc(message) == int.from_bytes(whole[-2:], "little")


@given(
    address=st.integers(1, 0xFFFFFF),
    kind=st.integers(0, 5),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 179.9999),
    altitude=st.floats(-1000, 101_000),
    speed=st.floats(0, 4000),
    track=st.floats(0, 359.9),
    rate=st.floats(-32_000, 32_000),
    callsign=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", max_size=8),
    airborne=st.booleans(),
)
def test_a_report_is_decoded_as_it_was_encoded(
    address: int, kind: int, lat: float, lon: float, altitude: float, speed: float, track: float, rate: float, callsign: str, airborne: bool
) -> None:
    message = encode.report(
        address=address, address_type=kind, lat_deg=lat, lon_deg=lon, altitude_ft=altitude, speed_kt=speed, track_deg=track,
        vertical_fpm=rate, callsign=callsign, airborne=airborne,
    )  # fmt: skip
    f = reports.read([framing.Message(message, 0, 0, NOW)])
    assert (f.address[0], f.address_type[0], f.airborne[0], f.callsign[0].decode()) == (address, kind, airborne, callsign)
    assert abs(f.lat_deg[0] - lat) <= 2e-5
    assert min(abs(f.lon_deg[0] - lon), 360 - abs(f.lon_deg[0] - lon)) <= 3e-5
    assert abs(f.altitude_ft[0] - altitude) <= 12.5
    assert abs(f.speed_kt[0] - speed) <= 0.5
    assert abs((f.angle_deg[0] - track + 180) % 360 - 180) <= 0.71
    assert abs(f.vertical_fpm[0] - rate) <= 32


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8), st.lists(st.integers(0, 10_000), max_size=8))
@settings(max_examples=200)
def test_damage_never_raises_and_any_cut_is_the_same(damage: list[tuple[int, int]], places: list[int]) -> None:
    data = bytearray(STREAM)
    for at, value in damage:
        data[at % len(data)] = value
    assert run(cuts(bytes(data), places)) == run([bytes(data)])


@given(st.lists(st.tuples(st.sampled_from([0, 2, 7, 9, 10, 11, 20, 30, 31, 0x65, 99]), st.binary(min_size=1, max_size=440)), max_size=5))
@settings(max_examples=300)
def test_any_message_with_a_good_crc_decodes(messages: list[tuple[int, bytes]]) -> None:
    data = b""
    for number, body in messages:
        size = framing.SIZES.get(number, len(body) + 1)
        data += frame(bytes((number,)) + body.ljust(size, b"\x55")[: size - 1])
    run([data])
    state, got = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("g", [data], NOW), NOW)
    assert state.tail.rest == b""
    assert (np.abs(got.plots.lat_rad) <= math.pi / 2).all()
    for detail in FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("g", [data], NOW), NOW)[1].values():
        assert {len(c) for c in detail.columns} == {len(detail)}


@given(st.lists(st.binary(max_size=300) | st.lists(st.sampled_from([0x7E, 0x7D, 0, 20]), max_size=300).map(bytes), max_size=6))
@settings(max_examples=200)
def test_noise_never_raises(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert run(pieces) == run([data])
    assert 0.0 <= FORMAT.likeness(data) <= 1.0
    ends, times_s, _ = FORMAT.split(data)
    assert ends[-1] == len(data)
    assert len(ends) == len(times_s)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("g", [data], NOW), NOW)
