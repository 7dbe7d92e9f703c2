"""Tables of plots for all inputs: what is written is read, any cut is the same, damage never raises."""

from __future__ import annotations

import hashlib
import io
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Plots
from tenere.errors import Rejects
from tenere.record.tables import to_arrow
from tenere.tick import Chunk
from tenere.wire import plot_table
from tenere.wire.format import SourceHint
from tenere.wire.plot_table import cells

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = plot_table.FORMAT
NOW = 1_795_370_400.0
HEADER = b"time,lat,lon,altitude,icao24,squawk,callsign,onground,note\n"
TABLE = HEADER + b"".join(b'%d,13.5,2.%d,1000,06200%x,7000,AB%d,False,"x,""y"\r\n' % (1_795_370_000 + k, k, k, k) for k in range(9))
CELLS = st.sampled_from([b"1", b"-", b"", b"1e3", b"2021-07-12T14:00:00Z", b'"', b'"a,b"', b"nan", b"~ab", b"True", b"91", b"\xff", b"0x1"])


def run(pieces: Sequence[bytes], rules: dict[str, Any] | None = None) -> tuple[str, dict[str, int], dict[str, int]]:
    """Return a digest of the plots (place in the chunk apart), the refusals and their first places."""
    state = FORMAT.init(SourceHint(options={"mapping": rules} if rules else {}))
    plots, rejects, at = [], Rejects(), 0
    for piece in pieces:
        state, got = FORMAT.step(state, Chunk.of("t", [piece], NOW, offset=at), NOW)
        at += len(piece)
        plots.append(got.plots.replace(reference=0))
        rejects.merge(got.rejects)
    into = hashlib.sha256()
    whole = Plots.concat(plots)
    whole.digest(into)
    assert (np.abs(whole.lat_rad[~np.isnan(whole.lat_rad)]) <= math.pi / 2).all()
    assert np.isfinite(whole.time_s).all()
    return into.hexdigest(), rejects.counts, rejects.first_offset


def cuts(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b or not data]  # an empty read would say that it has ended


def parquet_of(table: pa.Table, **how: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


FILES = [
    parquet_of(to_arrow(Plots.blank(3, time_s=[1.0, 2.0, 3.0], lat_rad=0.1, lon_rad=0.2, callsign=b"ABC"))),
    parquet_of(
        pa.table({"time": [1.0, 2.0] * 50, "lat": [1.0, 2.0] * 50, "lon": [3.0, 4.0] * 50, "icao24": ["06200a", None] * 50}),
        compression="zstd",
    ),
]


@given(
    time=st.floats(-1e10, 1e10),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    callsign=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=5, max_size=8),
    address=st.integers(1, 0xFFFFFF),
    code=st.integers(0, 0o7777),
)
def test_what_is_written_is_read(time: float, lat: float, lon: float, callsign: str, address: int, code: int) -> None:
    row = f"{time!r},{lat!r},{lon!r},{address:06x},{code:04o},{callsign}\n"
    state = FORMAT.init(SourceHint())
    chunk = Chunk.of("t", [f"time,lat,lon,icao24,squawk,callsign\n{row}".encode()], 0.0)
    p = FORMAT.step(state, chunk, 0.0)[1].plots
    assert abs(p.time_s[0] - time) <= 1e-15 * abs(time) + 1e-300
    assert abs(math.degrees(p.lat_rad[0]) - lat) <= 1e-13
    assert abs(math.degrees(p.lon_rad[0]) - lon) <= 1e-13
    assert (p.address[0], p.mode_a[0], p.callsign[0].decode()) == (address, code, callsign)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_to_the_last_digit_but_one(number: float) -> None:
    octets = np.frombuffer(repr(number).encode(), np.uint8)
    value, state = cells.decimal(octets, 0, len(octets))
    assert state == cells.GOOD
    assert abs(value - number) <= 4e-16 * abs(number) + 1e-300


@given(st.datetimes(), st.integers(-12 * 60, 14 * 60))
def test_dates_are_read_as_python_reads_them(when: Any, east_min: int) -> None:
    sign = "-" if east_min < 0 else "+"
    text = f"{when.isoformat()}{sign}{abs(east_min) // 60:02d}:{abs(east_min) % 60:02d}"
    octets = np.frombuffer(text.encode(), np.uint8)
    value, state = cells.iso(octets, 0, len(octets))
    epoch = type(when)(1970, 1, 1)
    assert state == cells.GOOD
    assert abs(value - ((when - epoch).total_seconds() - east_min * 60)) <= 1e-4


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8), st.lists(st.integers(0, 10_000), max_size=8))
@settings(max_examples=200)
def test_damage_never_raises_and_any_cut_is_the_same(damage: list[tuple[int, int]], places: list[int]) -> None:
    data = bytearray(TABLE)
    for at, value in damage:
        data[at % len(data)] = value
    if data[:4] != b"PAR1":
        assert run(cuts(bytes(data), places)) == run([bytes(data)])


@given(st.lists(st.lists(CELLS, min_size=1, max_size=11), max_size=8), st.lists(st.integers(0, 500), max_size=6))
@settings(max_examples=200)
def test_any_cells_read_or_are_refused(table: list[list[bytes]], places: list[int]) -> None:
    data = HEADER + b"\n".join(b",".join(row) for row in table) + b"\n"
    assert run(cuts(data, places)) == run([data])
    numbered = {"time": {"column": 1}, "lat": {"column": 2}, "lon": {"column": 3}}
    assert run(cuts(data, places), numbered) == run([data], numbered)
    found = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [data], NOW), NOW)[1]["plots"]
    assert {len(c) for c in found.columns} == {len(found)}
    assert 0.0 <= FORMAT.likeness(data) <= 1.0


@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6), st.integers(0, 1 << 16))
@settings(max_examples=300)
def test_a_damaged_parquet_file_never_raises(file: bytes, damage: list[tuple[int, int]], end: int) -> None:
    data = bytearray(file)
    for at, value in damage:
        data[at % len(data)] = value
    data[:4] = b"PAR1"
    whole = bytes(data[: max(end % (2 * len(data)), 4)])
    run([whole])
    ends, times_s, _ = FORMAT.split(whole)
    assert ends[-1] == len(whole)
    assert len(ends) == len(times_s)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [whole], NOW), NOW)


@given(st.lists(st.binary(max_size=300) | st.text('time,lat;on"0123456789.\n-', max_size=300).map(str.encode), max_size=6))
@settings(max_examples=200)
def test_noise_never_raises(pieces: list[bytes]) -> None:
    run(pieces)
    data = b"".join(pieces)
    assert 0.0 <= FORMAT.likeness(data) <= 1.0
    ends, times_s, _ = FORMAT.split(data)
    assert ends[-1] == len(data)
    assert len(ends) == len(times_s)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [data], NOW), NOW)
