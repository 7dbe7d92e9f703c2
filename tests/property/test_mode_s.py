"""Mode S for all inputs: places come back anywhere on the globe, cuts do not matter, noise never raises."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.tick import Chunk
from tenere.wire import beast, modes_hex
from tenere.wire.detail import Detail
from tenere.wire.format import Format, SourceHint
from tenere.wire.mode_s import codes, cpr, crc, encode, inference
from tenere.wire.mode_s.register import BLANK
from tenere.wire.mode_s.source import Frames, Source, run

RESOLUTION_DEG = 360.0 / 59 / 131072  # of latitude; of longitude where there is one zone: 360 / 131072

latitudes = st.one_of(
    st.floats(-90, 90),
    st.sampled_from(sorted({*cpr.TRANSITIONS_DEG.tolist(), *(-cpr.TRANSITIONS_DEG).tolist(), 0.0, 87.0, -87.0, 90.0, -90.0})).flatmap(
        lambda edge: st.floats(max(edge - 1e-3, -90), min(edge + 1e-3, 90))
    ),
)
longitudes = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 0.0, 179.999999, -1e-7]))


def apart_deg(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)


@given(lat=latitudes, lon=longitudes, newest=st.booleans())
@settings(max_examples=500)
def test_a_place_comes_back_from_a_pair(lat: float, lon: float, newest: bool) -> None:
    y, x = cpr.encode(np.array([lat, lat]), np.array([lon, lon]), np.array([False, True]))
    got_lat, got_lon = cpr.decode_global(int(y[0]), int(x[0]), int(y[1]), int(x[1]), int(newest), 0, 0.0, 0.0)
    if math.isnan(got_lat):  # only where rounding puts the two on two sides of a transition latitude, or past a pole
        edge = min(abs(abs(lat) - t) for t in [*cpr.TRANSITIONS_DEG, 90.0])
        assert edge <= RESOLUTION_DEG
        return
    assert abs(got_lat - lat) <= 0.51 * RESOLUTION_DEG
    zones = max(cpr.zones_at(got_lat) - newest, 1)
    assert apart_deg(got_lon, lon) <= 0.51 * 360.0 / zones / 131072


@given(lat=latitudes, lon=longitudes, odd=st.booleans(), surface=st.booleans(), north=st.floats(-0.5, 0.5), east=st.floats(-0.5, 0.5))
@settings(max_examples=500)
def test_a_place_comes_back_from_one_message_near_a_known_place(
    lat: float,
    lon: float,
    odd: bool,
    surface: bool,
    north: float,
    east: float,
) -> None:
    y, x = cpr.encode(np.array([lat]), np.array([lon]), np.array([odd]), surface=surface)
    got_lat, got_lon = cpr.decode_local(int(y[0]), int(x[0]), int(odd), int(surface), lat + north, lon + east)
    if math.isnan(got_lat):
        assert abs(lat) > 90 - RESOLUTION_DEG
        return
    assert abs(got_lat - lat) <= 0.51 * RESOLUTION_DEG
    assert apart_deg(got_lon, lon) <= 0.51 * 360.0 / 131072


@given(
    feet=st.integers(-1000, 126_700),
    east=st.integers(-4000, 4000),
    north=st.integers(-4000, 4000),
    climb=st.integers(-500, 500),
    name=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ", max_size=8),
    category=st.sampled_from([0xA0, 0xA1, 0xA7, 0xB6, 0xC2, 0xD0]),
    mode_a=st.integers(1, 4095),
)
def test_what_is_encoded_is_decoded(feet: int, east: int, north: int, climb: int, name: str, category: int, mode_a: int) -> None:
    address = 0x062001
    frames = np.concatenate(
        [
            encode.identification(address, name.encode(), category),
            encode.velocity(address, east, north, climb * 64),
            encode.emergency_status(address, 2, mode_a),
            encode.airborne_position(address, 13.5, 2.0, feet, [0, 1]),
        ]
    )
    times = np.zeros(5)
    plots = run(Source(), Frames(frames, np.full(5, 14), times, np.arange(5)), times).plots
    assert len(plots) == 1
    assert plots.callsign[0] == name.rstrip().encode()
    step = 4.0 if max(abs(east), abs(north)) > 1021 else 1.0
    assert abs(plots.east_ms[0] * 3600 / 1852 - east) <= 0.51 * step
    assert abs(plots.north_ms[0] * 3600 / 1852 - north) <= 0.51 * step
    assert round(plots.vertical_rate_ms[0] / 0.3048 * 60) == climb * 64
    assert abs(plots.pressure_altitude_m[0] / 0.3048 - feet) <= (12.5 if feet <= 50_175 else 50.0) + 1e-6
    assert plots.mode_a[0] == mode_a
    assert plots.aircraft_class[0] == codes.CATEGORY_CLASS[category]


def traffic(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Return frames (n, 14) of three aircraft, and their times."""
    rng = np.random.Generator(np.random.PCG64(seed))
    k = np.arange(n)
    address = 0x1A1A00 + k % 3
    frames = encode.airborne_position(address, 13.5 + 0.1 * (k % 3) + 0.0005 * k, 2.0 + 0.0005 * k, 30_000, k // 3 % 2)
    say = rng.random(n) < 0.3
    frames[say] = encode.identification(address[say], b"UNO12H", 0xA3)
    return frames, k * 0.25


def fed(form: Format, stream: bytes, cuts: list[int]) -> list[tuple[object, ...]]:
    """Return the plots of a stream read in pieces, as rows to compare."""
    state = form.init(SourceHint())
    rows: list[tuple[object, ...]] = []
    places = [0, *sorted({min(c, len(stream)) for c in cuts} - {0, len(stream)}), len(stream)]  # a read of no bytes says: the end
    for first, end in itertools.pairwise(places):
        state, got = form.step(state, Chunk.of("s", [stream[first:end]], np.nan, offset=first), 7.0)
        columns = [getattr(got.plots, c).tolist() for c in ("time_s", "lat_rad", "lon_rad", "address", "callsign", "pressure_altitude_m")]
        rows += list(zip(*columns, strict=True))
    return rows


@given(seed=st.integers(0, 5), cuts=st.lists(st.integers(0, 2000), max_size=30), damage=st.lists(st.integers(0, 2000), max_size=3))
@settings(deadline=None)
def test_where_a_beast_stream_is_cut_does_not_matter(seed: int, cuts: list[int], damage: list[int]) -> None:
    frames, times_s = traffic(seed)
    stream = bytearray(beast.encode(frames, (times_s * 12e6).astype(np.int64)))
    for at in damage:
        stream[at % len(stream)] ^= 0x5A
    assert fed(beast.FORMAT, bytes(stream), cuts) == fed(beast.FORMAT, bytes(stream), [])


@given(seed=st.integers(0, 5), cuts=st.lists(st.integers(0, 3000), max_size=30), damage=st.lists(st.integers(0, 3000), max_size=3))
@settings(deadline=None)
def test_where_text_is_cut_does_not_matter(seed: int, cuts: list[int], damage: list[int]) -> None:
    frames, times_s = traffic(seed)
    forms = ("*{1};\n", '{{"timestamp":{0},"frame":"{1}"}}\n', "{0},{1}\n", "@0000{0:08.0f}{1};\r\n")
    stream = bytearray(
        "".join(forms[i % 4].format(t, f.tobytes().hex()) for i, (t, f) in enumerate(zip(times_s, frames, strict=True))).encode()
    )
    for at in damage:
        stream[at % len(stream)] ^= 0x5A
    assert fed(modes_hex.FORMAT, bytes(stream), cuts) == fed(modes_hex.FORMAT, bytes(stream), [])


@given(data=st.binary(max_size=3000), form=st.sampled_from([beast.FORMAT, modes_hex.FORMAT]))
@settings(deadline=None)
def test_noise_never_raises(data: bytes, form: Format) -> None:
    fed(form, data, [len(data) // 2])
    ends, times_s, _ = form.split(data)
    assert len(ends) == len(times_s) >= 1
    assert (np.diff(ends) >= 0).all()
    assert ends[-1] == len(data)
    assert 0.0 <= form.likeness(data) <= 1.0


@given(data=st.binary(min_size=14, max_size=14 * 60))
@settings(deadline=None)
def test_any_frames_give_only_places_on_the_globe(data: bytes) -> None:
    n = len(data) // 14
    frames = np.frombuffer(data[: n * 14], np.uint8).reshape(n, 14).copy()
    frames[:, 0] = 0x8D | frames[:, 0] & 0x10
    frames[:, 1:4] = (0, 0, 1)
    crc.seal(frames)
    times = np.arange(n) * 0.5
    plots = run(Source(), Frames(frames, np.full(n, 14), times, np.arange(n)), times).plots
    assert (np.abs(plots.lat_rad) <= math.pi / 2).all()
    assert (np.abs(plots.lon_rad) <= math.pi).all()
    assert np.isfinite(plots.lat_rad).all()


def tabled(form: Format, stream: bytes, cuts: list[int]) -> tuple[dict[str, Detail], Counter[str]]:
    """Return the tables of a stream read in pieces, and how many records the same form counts."""
    assert form.details is not None
    state, own = form.init(SourceHint()), form.init(SourceHint())
    parts: dict[str, list[Detail]] = {}
    records: Counter[str] = Counter()
    places = [0, *sorted({min(c, len(stream)) for c in cuts} - {0, len(stream)}), len(stream)]
    for first, end in itertools.pairwise(places):
        chunk = Chunk.of("s", [stream[first:end]], np.nan, offset=first)
        own, tables = form.details(own, chunk, 7.0)
        state, got = form.step(state, chunk, 7.0)
        records.update(got.records)
        for name, table in tables.items():
            parts.setdefault(name, []).append(table)
    return {name: Detail.concat(tables) for name, tables in parts.items()}, records


def of_any_format(data: bytes, seed: int) -> np.ndarray:
    """Return frames (n, 14) of arbitrary bytes, most with a parity that stands and of one address, so that much is read."""
    n = len(data) // 14
    frames = np.frombuffer(data[: n * 14], np.uint8).reshape(n, 14).copy()
    rng = np.random.Generator(np.random.PCG64(seed))
    formats = rng.choice([0, 4, 5, 11, 16, 17, 17, 17, 18, 20, 20, 21, 24], n)
    frames[:, 0] = formats << 3 | frames[:, 0] & 7
    squitters = np.isin(formats, (11, 17, 18))
    frames[squitters, 1:4] = (0, 0, 9)
    long = formats >= 16
    frames[long & squitters] = crc.seal(frames[long & squitters])
    frames[long & ~squitters] = crc.seal(frames[long & ~squitters], 9)
    short = frames[~long, :7].copy()
    frames[~long, :7] = crc.seal(short, np.where(formats[~long] == 11, 0, 9))
    return frames


@given(data=st.binary(min_size=14, max_size=14 * 80), seed=st.integers(0, 99), cuts=st.lists(st.integers(0, 2000), max_size=8))
def test_tables_hold_a_row_for_every_record_wherever_the_stream_is_cut(data: bytes, seed: int, cuts: list[int]) -> None:
    frames = of_any_format(data, seed)
    stream = b"".join(beast.encode(f[None, : 14 if f[0] >= 128 else 7], np.array([k * 100])) for k, f in enumerate(frames))
    text = "".join(f"{f.tobytes().hex()}\n" for f in frames).encode()
    for form, given_bytes in ((beast.FORMAT, stream), (modes_hex.FORMAT, text)):
        whole, records = tabled(form, given_bytes, [])
        assert {name: len(table) for name, table in whole.items()} == records
        assert sum(records.values()) == len(frames)
        again, _ = tabled(form, given_bytes, cuts)
        assert again.keys() == whole.keys()
        for name, table in whole.items():
            for a, b in zip(table.columns, again[name].columns, strict=True):
                np.testing.assert_array_equal(a.values, b.values, err_msg=f"{name} {a.name}")
                if a.present is not None:
                    assert b.present is not None
                    np.testing.assert_array_equal(a.present, b.present, err_msg=f"{name} {a.name}")


@given(data=st.binary(min_size=14, max_size=14 * 80), seed=st.integers(0, 99))
def test_what_the_tables_say_is_within_the_standards_range(data: bytes, seed: int) -> None:
    frames = of_any_format(data, seed)
    stream = "".join(f"{f.tobytes().hex()}\n" for f in frames).encode()
    tables, _ = tabled(modes_hex.FORMAT, stream, [])
    ranges = {
        "lat_deg": (-90, 90), "lon_deg": (-180, 180), "track_deg": (0, 360), "true_track_deg": (0, 360), "heading_deg": (0, 360),
        "magnetic_heading_deg": (0, 360), "altitude_ft": (-1200, 126_750), "ground_speed_kt": (0, 5800), "mach": (0, 1),
        "pressure_setting_hpa": (800, 1210), "roll_deg": (-50, 50), "nic": (0, 11), "address": (0, 0xFFFFFF), "mode_a": (0, 4095),
    }  # fmt: skip
    for table in tables.values():
        for column in table.columns:
            if column.name in ranges:
                there = column.values if column.present is None else column.values[column.present]
                there = there[~np.isnan(there)] if there.dtype.kind == "f" else there
                low, high = ranges[column.name]
                assert ((there >= low) & (there <= high)).all(), column.name


@given(data=st.binary(max_size=600), form=st.sampled_from([beast.FORMAT, modes_hex.FORMAT]), cut=st.integers(0, 600))
def test_noise_makes_tables_of_its_records_alone(data: bytes, form: Format, cut: int) -> None:
    tables, records = tabled(form, data, [cut])
    assert {name: len(table) for name, table in tables.items() if len(table)} == records


@given(body=st.integers(0, (1 << 56) - 1), altitude=st.one_of(st.just(math.nan), st.floats(-1000, 60_000)))
def test_a_register_chosen_is_one_of_those_possible(body: int, altitude: float) -> None:
    chosen, mask = inference.infer(body, BLANK[0], altitude, 0.0)
    assert 0 <= mask < 1 << len(inference.REGISTERS)
    assert chosen == 0 or mask >> inference.REGISTERS.index(chosen) & 1
