"""Cursor-on-Target for all inputs: what is encoded is decoded, any cut gives the same, nothing raises, work is bounded."""

from __future__ import annotations

import contextlib
import itertools
import math

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenere.batch import AircraftClass, Identities, Identity, SystemTracks, Tracks
from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire import claims, cot
from tenere.wire.cot import event, frames, protobuf
from tenere.wire.format import SourceHint

FORMAT = cot.FORMAT
NOW = 1_767_225_600.0
DECLARATION = b'<?xml version="1.0"?>\n'


def own(n: int, lat: float = 13.5, lon: float = 2.25, name: bytes = b"AFR123", course: float = 1.0, speed: float = 200.0):
    k = np.arange(n)
    tracks = Tracks.blank(
        n,
        number=k,
        time_s=NOW + k,
        lat_rad=np.radians(lat),
        lon_rad=np.radians(lon),
        var_xx_m2=100.0,
        var_xy_m2=0.0,
        var_yy_m2=100.0,
        course_rad=course,
        speed_ms=speed,
        callsign=name,
        aircraft_class=k % len(AircraftClass),
        flags=0,
        emergency=0,
    )
    return tracks, Identities.blank(n, number=k, identity=k % len(Identity), confidence=0.5, civil=k % 2, protected=0)


def stream(n: int = 4) -> bytes:
    tracks, identities = own(n)
    both = zip(cot.encode_events(tracks, identities), cot.encode_protobuf(tracks, identities, mesh=False), strict=True)
    return b"".join(x for pair in both for x in pair)


STREAM = stream()
DATAGRAMS = [*cot.encode_events(*own(3)), *cot.encode_protobuf(*own(3))]


def decode(units: list[bytes], state=None, base: int = 0):
    state, got = FORMAT.step(state or FORMAT.init(SourceHint()), Chunk.of("c", units, NOW, base), NOW)
    sound(got.system)
    assert all(0 <= offset <= base + sum(map(len, units)) for offset in got.rejects.first_offset.values())
    return state, got


def sound(tracks: SystemTracks) -> None:
    for name in ("lat_rad", "lon_rad", "east_ms", "north_ms", "vertical_rate_ms", "position_std_m"):
        assert not np.isinf(getattr(tracks, name)).any()
    assert (np.nan_to_num(np.abs(tracks.lat_rad)) <= math.pi / 2).all()
    assert (tracks.address < 2**24).all()
    assert (tracks.claim <= 8).all()
    assert (tracks.source_track >= 0).all()


def rows(parts: list[SystemTracks]) -> list[tuple[object, ...]]:
    whole = SystemTracks.concat(parts)
    names = [name for name, *_ in SystemTracks.columns() if name != "reference"]
    return [tuple(repr(getattr(whole, name)[i]) for name in names) for i in range(len(whole))]


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    course=st.floats(0, 6.28),
    speed=st.floats(0, 1000),
    name=st.binary(max_size=8).map(lambda b: b.rstrip(b"\0 ")),
    identity=st.sampled_from(list(Identity)),
)
def test_what_is_encoded_is_decoded(lat: float, lon: float, course: float, speed: float, name: bytes, identity: Identity) -> None:
    tracks, identities = own(1, lat, lon, name, course, speed)
    identities = identities.replace(identity=identity)
    for units in (cot.encode_events(tracks, identities), cot.encode_protobuf(tracks, identities)):
        _, got = decode(units)
        if abs(lat) < 1e-6 and abs(lon) < 1e-6:
            continue
        assert abs(math.degrees(got.system.lat_rad[0]) - lat) < 1e-6
        assert abs(math.degrees(got.system.lon_rad[0]) - lon) < 1e-6
        assert abs(math.hypot(got.system.east_ms[0], got.system.north_ms[0]) - speed) < 0.01
        assert got.system.claim[0] == claims.of_letter(claims.affiliation_of(identity))
        assert got.rejects.counts == {}


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12).map(sorted))
def test_any_cut_gives_the_same(cuts: list[int]) -> None:
    whole = decode([STREAM])[1]
    places = [0, *cuts, len(STREAM)]
    units = [STREAM[a:b] for a, b in itertools.pairwise(places)]
    assert rows([decode(units)[1].system]) == rows([whole.system])
    state, parts = None, []
    for unit in units:
        state, got = decode([unit], state)
        parts.append(got.system)
        assert got.rejects.counts == {}
    assert rows(parts) == rows([whole.system])


damage = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["set", "drop", "insert", "repeat"])), max_size=6)


def damaged(data: bytes, how: list[tuple[int, int, str]]) -> bytes:
    raw = bytearray(data)
    for far, value, kind in how:
        at = far % (len(raw) + 1)
        if kind == "set" and at < len(raw):
            raw[at] = value
        elif kind == "drop":
            del raw[at : at + value]
        elif kind == "insert":
            raw[at:at] = bytes([value])
        else:
            raw[at:at] = raw[at : at + value]
    return bytes(raw)


@given(how=damage, cuts=st.lists(st.integers(0, len(STREAM)), max_size=4).map(sorted))
@settings(max_examples=80)
def test_damage_never_raises_and_the_rest_survives(how: list[tuple[int, int, str]], cuts: list[int]) -> None:
    raw = damaged(STREAM, how)
    state, places = None, sorted({0, *(min(c, len(raw)) for c in cuts), len(raw)})
    for a, b in itertools.pairwise(places):
        state, _ = decode([raw[a:b]], state, a)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("c", [raw], NOW), NOW)
    assert 0.0 <= FORMAT.likeness(raw) <= 1.0
    ends, times_s, _ = FORMAT.split(raw)
    assert len(ends) == len(times_s)
    assert (np.diff(ends) >= 0).all()
    assert ends[-1] == len(raw)
    _, got = decode([b"\n" * 70_000, *DATAGRAMS], state, len(raw))
    assert len(got.system) >= len(DATAGRAMS)


@given(noise=st.lists(st.binary(max_size=300) | st.sampled_from([frames.MESH_HEAD, b"\xbf", b"<event ", b"<!DOCTYPE x>"]), max_size=6))
@settings(max_examples=80)
def test_noise_costs_no_datagram_beside_it(noise: list[bytes]) -> None:
    units = [u for pair in zip(noise, DATAGRAMS, strict=False) for u in pair]
    _, got = decode(units)
    assert len(got.system) >= min(len(noise), len(DATAGRAMS))


@given(data=st.binary(max_size=400), head=st.sampled_from([b"", b"\xbf\x01\xbf\x12", b"\xbf\x80\x02\x12", b"<event ", DECLARATION]))
@settings(max_examples=150)
def test_arbitrary_bytes(data: bytes, head: bytes) -> None:
    decode([head + data, data])
    assert 0.0 <= FORMAT.likeness(head + data) <= 1.0
    FORMAT.split(head + data)


@given(raw=st.binary(max_size=200))
@example(b"\x12\xff\xff\xff\xff\x0f")
@example(b"\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")
@settings(max_examples=150)
def test_hostile_lengths_raise_one_error_only(raw: bytes) -> None:
    for read in (event.from_protobuf, event.from_xml, protobuf.fields):
        with contextlib.suppress(WireError):
            read(raw)


@given(number=st.integers(1, 2**29 - 1), value=st.integers(0, 2**64 - 1) | st.binary(max_size=50) | st.floats(allow_nan=False))
def test_fields_are_written_as_they_are_read(number: int, value: float | bytes) -> None:
    got = protobuf.fields(protobuf.put(number, value))
    if not value:
        assert got == {}
    elif isinstance(value, float):
        assert protobuf.double(got, number) == value
    else:
        assert got == {number: value}


@given(
    element=st.sampled_from(
        ["<a>", "</a>", "<b/>", "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&x;", "<?p ?>", "<!DOCTYPE x>", "</detail>", "</event>"]
    ),
    count=st.integers(1, 3000),
    attributes=st.integers(0, 200),
)
def test_xml_of_any_shape(element: str, count: int, attributes: int) -> None:
    wide = "<w " + " ".join(f'a{i}="{i}"' for i in range(attributes)) + "/>"
    head = b'<event uid="u" type="a-n-A"><point lat="1" lon="1"/><detail>'
    text = head + (wide + element * count).encode() + b"</detail></event>"
    decode([text])
