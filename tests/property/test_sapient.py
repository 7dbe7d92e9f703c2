"""SAPIENT for all inputs: what is encoded is decoded, any cut gives the same, nothing raises."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Identities, Plots, Status, Tracks
from tenere.tick import Chunk
from tenere.wire import sapient
from tenere.wire.format import SourceHint
from tenere.wire.sapient import frames, place, schema

FORMAT = sapient.FORMAT
NOW = 1_767_225_600.0
NODE = "6f8b6a0a-0000-4000-8000-000000000001"


def own(n: int, lat: float = 13.5, lon: float = 2.25, course: float = 1.0, speed: float = 200.0) -> tuple[Tracks, Identities]:
    k = np.arange(n)
    tracks = Tracks.blank(
        n,
        number=k,
        time_s=NOW + k,
        first_s=NOW,
        lat_rad=np.radians(lat),
        lon_rad=np.radians(lon),
        var_xx_m2=100.0,
        var_yy_m2=100.0,
        course_rad=course,
        speed_ms=speed,
        callsign=b"AFR123",
        flags=0,
        aircraft_class=k % 6,
    )
    return tracks, Identities.blank(n, number=k, identity=k % 6, confidence=0.5, civil=1, protected=0)


def stream() -> bytes:
    units = sapient.encode_detections(*own(3), NODE)
    units += sapient.encode_status(Status.blank(1, time_s=NOW, lat_rad=0.2, lon_rad=0.03, degraded=0, nogo=0), [NODE])
    units.append(sapient.encode_registration(NODE, time_s=NOW, name="x"))
    lines = [json.dumps(json_format.MessageToDict(schema.load().message.FromString(u[4:]))).encode() + b"\n" for u in units[:2]]
    return b"".join([*units[:2], *lines, *units[2:]])


STREAM = stream()
CLEAN = b"".join(sapient.encode_detections(*own(3), NODE))


def decode(units: list[bytes], state=None):
    state, got = FORMAT.step(state or FORMAT.init(SourceHint()), Chunk.of("s", units, NOW), NOW)
    plots = got.plots
    for name in ("lat_rad", "lon_rad", "range_m", "azimuth_rad", "elevation_rad", "east_ms", "position_std_m", "height_m"):
        assert not np.isinf(getattr(plots, name)).any()
    assert (np.nan_to_num(np.abs(plots.lat_rad)) <= math.pi / 2).all()
    assert (np.nan_to_num(np.abs(plots.lon_rad)) <= math.pi + 1e-9).all()
    assert all(len(reason) < 80 for reason in got.rejects.counts)
    return state, got


def rows(parts: list[Plots]) -> list[tuple[object, ...]]:
    whole = Plots.concat(parts)
    names = [name for name, *_ in Plots.columns() if name != "reference"]
    return [tuple(repr(getattr(whole, name)[i]) for name in names) for i in range(len(whole))]


@given(
    lat=st.floats(-89.9, 89.9),
    lon=st.floats(-179.9, 179.9),
    course=st.floats(0, 6.28),
    speed=st.floats(0, 1000),
)
@settings(max_examples=40)
def test_what_is_encoded_is_decoded(lat: float, lon: float, course: float, speed: float) -> None:
    _, got = decode(sapient.encode_detections(*own(1, lat, lon, course, speed), NODE))
    if abs(lat) < 1e-300 and abs(lon) < 1e-300:
        return
    assert abs(math.degrees(got.plots.lat_rad[0]) - lat) < 1e-9
    assert abs(math.degrees(got.plots.lon_rad[0]) - lon) < 1e-9
    assert abs(math.hypot(got.plots.east_ms[0], got.plots.north_ms[0]) - speed) < 1e-6


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12).map(sorted))
@settings(max_examples=30)
def test_any_cut_gives_the_same(cuts: list[int]) -> None:
    whole = decode([STREAM])[1]
    assert whole.rejects.counts == {}
    places = [0, *cuts, len(STREAM)]
    units = [STREAM[a:b] for a, b in itertools.pairwise(places)]
    assert rows([decode(units)[1].plots]) == rows([whole.plots])
    state, parts, status = None, [], 0
    for unit in units:
        state, got = decode([unit], state)
        parts.append(got.plots)
        status += len(got.status)
        assert got.rejects.counts == {}
    assert rows(parts) == rows([whole.plots])
    assert status == 1


@given(
    how=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["set", "drop", "insert"])), max_size=6),
    cuts=st.lists(st.integers(0, len(STREAM)), max_size=3).map(sorted),
)
@settings(max_examples=15)
def test_damage_never_raises_and_the_stream_recovers(how: list[tuple[int, int, str]], cuts: list[int]) -> None:
    raw = bytearray(STREAM)
    for far, value, kind in how:
        at = far % (len(raw) + 1)
        if kind == "set" and at < len(raw):
            raw[at] = value
        elif kind == "drop":
            del raw[at : at + value]
        else:
            raw[at:at] = bytes([value])
    data, state = bytes(raw), None
    for a, b in itertools.pairwise(sorted({0, *(min(c, len(data)) for c in cuts), len(data)})):
        state, _ = decode([data[a:b]], state)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("s", [data], NOW), NOW)
    assert 0.0 <= FORMAT.likeness(data) <= 1.0
    ends, times_s, _ = FORMAT.split(data)
    assert len(ends) == len(times_s)
    assert (np.diff(ends) >= 0).all()
    assert ends[-1] == len(data)
    _, got = decode([b"\n" + bytes(frames.LARGEST), CLEAN, CLEAN], state)  # whatever was still waited for has come
    assert len(got.plots) >= 3


@given(data=st.binary(max_size=400), size=st.integers(0, 500))
@settings(max_examples=120)
def test_arbitrary_bytes(data: bytes, size: int) -> None:
    for raw in (data, size.to_bytes(4, "little") + b"\x0a" + data, b"{" + data + b"\n", len(data).to_bytes(4, "little") + data):
        decode([raw, raw])
        assert 0.0 <= FORMAT.likeness(raw) <= 1.0
        FORMAT.split(raw)


KEYS = st.sampled_from(
    ["nodeId", "timestamp", "detectionReport", "location", "x", "y", "coordinateSystem", "datum", "classification", "subClass", "type"]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([NODE, "01HF7YAT003JD9AZT7RF2PWWXT", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(given=st.dictionaries(KEYS, values, max_size=5))
@settings(max_examples=120)
def test_json_of_any_shape(given: dict[str, object]) -> None:
    decode([json.dumps(given).encode() + b"\n"])


@given(
    x=st.floats(),
    y=st.floats(),
    z=st.floats(),
    error=st.floats(),
    system=st.integers(-5, 9),
    datum=st.integers(-5, 9),
    zone=st.text(max_size=4),
)
@settings(max_examples=120)
def test_places_of_any_number(x: float, y: float, z: float, error: float, system: int, datum: int, zone: str) -> None:
    message = schema.load().message()
    where = message.detection_report.location
    where.x, where.y, where.z, where.x_error, where.y_error = x, y, z, error, error
    where.coordinate_system, where.datum, where.utm_zone = system, datum, zone
    got = place.place_of(where, 20.0)
    assert got.known == (not math.isnan(got.lon_rad))
    assert not got.known or (abs(got.lat_rad) <= math.pi / 2 and abs(got.lon_rad) <= math.pi)
    assert math.isnan(got.height_m) or abs(got.height_m) <= 1e5 + 20
    assert math.isnan(got.std_m) or 0 < got.std_m < 1e5
    bearing = message.alert.range_bearing
    bearing.azimuth, bearing.range, bearing.elevation, bearing.azimuth_error = x, y, z, error
    bearing.coordinate_system, bearing.datum = system, 1
    polar = place.polar_of(bearing)
    if polar is not None and not math.isnan(polar.range_m):
        assert 0.0 <= polar.azimuth_rad <= 2 * math.pi
        seen = place.seen_from(place.Place(0.2, 0.03, 100.0), polar)
        assert abs(seen.lat_rad) <= math.pi / 2
