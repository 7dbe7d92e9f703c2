"""The formats of text lines for all inputs: any cut gives the same, damage never raises, details are of one shape."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import PlotFlag, PlotKind, Plots
from tenere.errors import Rejects
from tenere.tick import Chunk
from tenere.wire import nmea, ogn, remote_id_json, sbs
from tenere.wire.detail import Detail
from tenere.wire.format import SourceHint
from tenere.wire.nmea import framed

if TYPE_CHECKING:
    from tenere.batch import Batch
    from tenere.wire.format import Format

NOW = 1_777_632_127.0  # 2026-05-01 10:42:07 UTC


def _sbs() -> list[bytes]:
    k = np.arange(12)
    plots = Plots.blank(
        12,
        time_s=NOW + k * 7.5,
        kind=np.where(k % 5 == 4, PlotKind.MLAT, PlotKind.ADSB),
        flags=np.where(k % 4 == 0, PlotFlag.ON_GROUND | PlotFlag.SPI, 0),
        lat_rad=np.radians(13 + k * 0.01),
        lon_rad=np.radians(2 - k),
        pressure_altitude_m=1000.0 * k,
        east_ms=np.where(k % 2, 100.0, np.nan),
        north_ms=-50.0,
        vertical_rate_ms=2.0,
        address=np.where(k % 3 == 2, -1, 0x062000 + k % 3),
        source_track=np.where(k % 3 == 2, 7, -1),
        mode_a=np.where(k % 2, 0o7700, -1),
        callsign=np.where(k % 2, b"TAK1", b""),
    )
    events = b"ID,,5,211,062001,10057,2026/05/01,10:42:07.000,2026/05/01,10:42:07.500,ABC\r\nCLK,,5,,,,2026/05/01,10:42:07.000,,\r\n"
    return (sbs.encode(plots) + events).splitlines(keepends=True)


def _nmea() -> list[bytes]:
    made = [nmea.encode(NOW + 3600.0 * i, 13 + i, -2 - i, height_m=200.0 + i) for i in range(20)]
    more = [b"GPZDA,235959.00,30,04,2026,00,00", b"GPGNS,104207.00,1328.80,N,00210.20,W,AAN,09,0.9,215.0,28.5,,,V", b"GPGSV,1,1,00"]
    more += [b"GPGLL,1328.80000,N,00210.20000,W,104207.00,A,A", b"GPVTG,84.2,T,,M,11.4,N,21.1,K,A"]
    return b"".join([*made, *map(framed, more), framed(b"AIVDM,1,1,,A,x,0", b"!")]).splitlines(keepends=True)


def _ogn() -> list[bytes]:
    made = [
        ogn.aircraft_line(
            b"FLRDD12%02d" % (i % 4), NOW + i // 2, 13.0, 2.0 + i // 2, address=0xDD1200 + i % 4, address_type=i % 4,
            aircraft_type=i, no_track=i == 9, altitude_m=500.0, east_ms=20.0, north_ms=1.0, climb_ms=1.0, level=12.5,
        )
        for i in range(16)
    ]  # fmt: skip
    made += [b"# aprsc 2.0.14 30 Apr 2026 23:59:50 GMT G\n", b"LFNW>OGNSDR,TCPIP*,qAC,G:/104201h1328.80NI00210.20E&/A=000723\r\n"]
    made += [b"LFNW>OGNSDR,TCPIP*,qAC,G:>104201h v0.2.8\n", *nmea.encode(NOW, 13.48, 2.17, height_m=243.5).splitlines(keepends=True)]
    return [*made, framed(b"PFLAA,0,-1234,1200,220,1,062001,180,,30,-1.4,1"), framed(b"PFLAU,3,1,2,1,1,-30,2,-32,755,DD1234")]


def _json() -> list[bytes]:
    objects: list[object] = [
        {"mac": f"60:60:1f:0a:0b:{i % 3:02x}", "rssi": -60, "drone_lat": 13 + i // 2, "drone_long": 2.1, "basic_id": "A" if i % 2 else ""}
        for i in range(10)
    ]
    objects += [
        {"heartbeat": 1},
        {"mac": "x", "uav latitude": 91},
        [{"Basic ID": {"id": "B"}}, {"System Message": {"latitude": 1, "longitude": 2}}],
    ]
    objects += [
        {"uav id": "C", "lat": 1.5, "lon": 2.5, "timestamp": "2026-05-01T10:42:05Z", "speed": 3, "heading": 4, "op_status": "Ground"}
    ]
    return [json.dumps(o).encode() + b"\n" for o in objects]


FORMATS = {
    "sbs": (sbs.FORMAT, _sbs()),
    "nmea": (nmea.FORMAT, _nmea()),
    "ogn": (ogn.FORMAT, _ogn()),
    "remote_id_json": (remote_id_json.FORMAT, _json()),
}
each = pytest.mark.parametrize("name", FORMATS)


def text_of(data: st.DataObject, good: list[bytes]) -> bytes:
    """Draw a text: good lines, some of them damaged, with noise between."""
    line = st.sampled_from(good)
    damaged = st.tuples(line, st.integers(0, 200), st.binary(max_size=3), st.integers(0, 3)).map(
        lambda t: t[0][: t[1] % len(t[0])] + t[2] + t[0][t[1] % len(t[0]) + t[3] :]
    )
    noise = st.binary(max_size=40) | st.sampled_from(
        [b"\n", b"\r\n", b",,,,\n", b"x" * 9000, b"$*00\n", b">:/\n", b"{}\n", b"MSG,3," + b"," * 30]
    )
    return b"".join(data.draw(st.lists(line | damaged | noise, max_size=25)))


def run(
    form: Format, reads: list[bytes], tick_s: float
) -> tuple[list[Batch], Counter[str], dict[str, int], dict[str, int], frozenset[int]]:
    """Return all that a format makes of reads, each a chunk of its own without a receive time."""
    state = form.init(SourceHint())
    parts, records, rejects, addresses, at = [], Counter(), Rejects(), frozenset(), 0
    for read in reads:
        state, got = form.step(state, Chunk.of("s", [read], math.nan, offset=at), tick_s)
        parts.append(got)
        records += got.records
        rejects.merge(got.rejects)
        addresses |= got.addresses
        at += len(read)
        assert len(state.tail.rest) <= 8192
    batches = [type(getattr(parts[0], n)).concat([getattr(p, n) for p in parts]) for n in ("plots", "system", "status")] if parts else []
    return batches, records, rejects.counts, rejects.first_offset, addresses


def same(a: Batch, b: Batch, but: tuple[str, ...] = ("receive_s", "reference")) -> None:
    """Check that two batches are equal, column by column."""
    assert len(a) == len(b)
    for name, dtype, _, _ in a.columns():
        if name not in but:
            np.testing.assert_array_equal(getattr(a, name).astype(dtype), getattr(b, name).astype(dtype), err_msg=name)


def tables(form: Format, reads: list[bytes], tick_s: float) -> dict[str, Detail]:
    state = form.init(SourceHint())
    found: dict[str, list[Detail]] = {}
    at = 0
    for read in reads:
        state, got = form.details(state, Chunk.of("s", [read], math.nan, offset=at), tick_s)
        at += len(read)
        for name, detail in got.items():
            assert len({len(c) for c in detail.columns}) == 1
            assert [c.name for c in detail.columns[:2]] == ["offset", "receive_s"]
            found.setdefault(name, []).append(detail)
    joined = {name: Detail.concat(parts) for name, parts in found.items()}
    return {name: detail for name, detail in joined.items() if len(detail)}


@each
@settings(max_examples=60)
@given(data=st.data())
def test_cut_anywhere_equals_whole(name: str, data: st.DataObject) -> None:
    form, good = FORMATS[name]
    text = text_of(data, good)
    tick_s = data.draw(st.sampled_from([NOW, math.nan, 0.0]))
    cuts = data.draw(st.lists(st.integers(0, max(len(text), 1)), max_size=8))
    places = sorted({0, len(text), *(c for c in cuts if c < len(text))})
    reads = [text[a:b] for a, b in itertools.pairwise(places)]
    whole, cut = run(form, [text], tick_s), run(form, reads, tick_s)
    if reads:
        for a, b in zip(whole[0], cut[0], strict=True):
            same(a, b)
    assert whole[1:] == cut[1:]
    once, parts = tables(form, [text], tick_s), tables(form, reads, tick_s)
    assert once.keys() == parts.keys()
    for kind, detail in once.items():
        for a, b in zip(detail.columns, parts[kind].columns, strict=True):
            assert (a.name, a.values.dtype, a.unit, a.doc) == (b.name, b.values.dtype, b.unit, b.doc)
            np.testing.assert_array_equal(a.values, b.values, err_msg=a.name)
            for one, other in ((a.present, b.present), (a.offsets, b.offsets)):
                assert (one is None) == (other is None)
                if one is not None:
                    np.testing.assert_array_equal(one, other)


@each
@settings(max_examples=60)
@given(data=st.data())
def test_what_comes_out_is_within_bounds(name: str, data: st.DataObject) -> None:
    form, good = FORMATS[name]
    text = text_of(data, good)
    chunk = Chunk.of("s", [text[: len(text) // 2], text[len(text) // 2 :]], data.draw(st.sampled_from([NOW, 0.0, math.nan, 1e12])), 10)
    _, got = form.step(form.init(SourceHint(options={"datagrams": data.draw(st.booleans())})), chunk, NOW)
    assert (np.abs(got.plots.lat_rad) <= math.pi / 2).all()
    assert (np.abs(got.plots.lon_rad) <= math.pi).all()
    assert (got.plots.address < 1 << 24).all()
    assert ((got.plots.reference >= 0) & (got.plots.reference <= len(text))).all()
    assert all(10 <= at <= 10 + len(text) or at == 0 for at in got.rejects.first_offset.values())
    assert not any(isinstance(a, bool) for a in got.addresses)
    assert 0.0 <= form.likeness(text) <= 1.0
    ends, times_s, _ = form.split(text)
    assert ends[-1] == len(text)
    assert (np.diff(ends)[:-1] > 0).all()
    assert len(times_s) == len(ends)


@each
@settings(max_examples=60)
@given(data=st.data())
def test_what_is_whole_survives_its_neighbours(name: str, data: st.DataObject) -> None:
    """Lines between damaged ones count as they do alone."""
    form, good = FORMATS[name]
    noise = data.draw(st.lists(st.binary(max_size=30).filter(lambda b: b"\n" not in b), min_size=len(good), max_size=len(good)))
    alone = run(form, [b"".join(good)], NOW)[1]
    mixed = run(form, [b"".join(line + b"\x01" + extra + b"\n" for line, extra in zip(good, noise, strict=True))], NOW)[1]
    assert mixed == alone


@each
@given(cut=st.integers(0, 200), end=st.integers(0, 200))
@settings(max_examples=20)
def test_each_format_knows_its_own_and_no_other(name: str, cut: int, end: int) -> None:
    text = b"".join(FORMATS[name][1] * 3)[cut : -end or None]
    for other, (form, _) in FORMATS.items():
        likes = form.likeness(text)
        if other == name:
            assert likes > 0.8
        elif (name, other) == ("ogn", "nmea"):
            assert likes < 0.3  # the sentences of a FLARM box are among its lines
        else:
            assert likes == 0.0


@given(noise=st.binary(max_size=2000))
@settings(max_examples=60)
def test_noise_is_none_of_them(noise: bytes) -> None:
    for form, _ in FORMATS.values():
        assert form.likeness(noise) == 0.0
        run(form, [noise], NOW)
