"""UAT for all inputs: what is encoded is decoded, any cut is the same, damage never raises."""

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
from tenere.wire import uat
from tenere.wire.format import SourceHint
from tenere.wire.uat import downlink, encode, uplink

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = uat.FORMAT
NOW = 1_795_370_400.0

STREAM = b"".join(
    encode.line(payload, NOW + k, errors=k)
    for k, payload in enumerate(
        [
            encode.mode_status(
                encode.adsb(1, address=1, lat_deg=13.0, lon_deg=2.0, north_kt=5, east_kt=5), callsign="A1", category=7
            ).bytes(),
            encode.adsb(0, address=1, lat_deg=13.1, lon_deg=2.1).bytes(),
            encode.uplink(13.0, 2.0, [(0, encode.fis_b(413, encode.dlac("METAR DRRN\x1eTAF"))), (15, b"xy")]),
            encode.adsb(0, address=2, qualifier=3, lat_deg=-13.1, lon_deg=-2.1, ground_kt=3.0, track_deg=7.0).bytes(),
        ]
    )
)


def run(pieces: Sequence[bytes], *, raw: bool = False) -> tuple[str, dict[str, int], dict[str, int], dict[str, int]]:
    """Return a digest of the plots, the records, the refusals and their first places; receive time and place in the chunk apart."""
    state = FORMAT.init(SourceHint(options={"framing": "raw"} if raw else {}))
    plots, records, rejects, at = [], {}, Rejects(), 0
    for piece in pieces:
        state, got = FORMAT.step(state, Chunk.of("u", [piece], NOW, offset=at), NOW)
        at += len(piece)
        plots.append(got.plots.replace(reference=0))
        for name, n in got.records.items():
            records[name] = records.get(name, 0) + n
        rejects.merge(got.rejects)
    into = hashlib.sha256()
    Plots.concat(plots).digest(into)
    return into.hexdigest(), records, rejects.counts, rejects.first_offset


def cuts(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b or not data]  # an empty read would say that it has ended


@given(
    kind=st.integers(0, 10),
    qualifier=st.integers(0, 6),
    address=st.integers(0, 0xFFFFFF),
    lat=st.floats(-89.99, 90),
    lon=st.floats(-180, 179.99),
    altitude=st.floats(-1000, 101_000),
    geometric=st.booleans(),
    nic=st.integers(1, 15),
    north=st.floats(-1020, 1020),
    east=st.floats(-1020, 1020),
    rate=st.floats(-32_000, 32_000),
)
def test_a_state_vector_is_decoded_as_it_was_encoded(
    kind: int, qualifier: int, address: int, lat: float, lon: float, altitude: float, geometric: bool, nic: int, north: float, east: float,
    rate: float,
) -> None:  # fmt: skip
    payload = encode.adsb(
        kind, address=address, qualifier=qualifier, lat_deg=lat, lon_deg=lon, altitude_ft=altitude, geometric=geometric, nic=nic,
        north_kt=north, east_kt=east, vertical_fpm=rate,
    ).bytes()  # fmt: skip
    f = downlink.read(downlink.stack([payload]))
    assert (f.payload_type[0], f.address_qualifier[0], f.address[0], f.nic[0]) == (kind, qualifier, address, nic)
    step = 360 / 2**24
    assert abs(f.lat_deg[0] - lat) <= step
    assert min(abs(f.lon_deg[0] - lon), 360 - abs(f.lon_deg[0] - lon)) <= step
    assert abs(f.altitude_ft[0] - altitude) <= 12.5
    assert f.altitude_type[0] == geometric
    assert abs(f.north_kt[0] - north) <= 0.5
    assert abs(f.east_kt[0] - east) <= 0.5
    assert abs(f.vertical_fpm[0] - rate) <= 32
    assert (f.nac_p[0] >= 0) == (kind in {1, 3})


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=8), st.integers(0, 39), st.integers(0, 15))
def test_a_mode_status_is_decoded_as_it_was_encoded(callsign: str, category: int, nac_p: int) -> None:
    payload = encode.mode_status(encode.adsb(1), callsign=callsign, category=category, nac_p=nac_p).bytes()
    f = downlink.read(downlink.stack([payload]))
    assert (f.callsign[0].decode(), f.category[0], f.nac_p[0]) == (callsign, category, nac_p)


@given(st.text(uplink.DLAC[1:27] + uplink.DLAC[29:], max_size=60), st.integers(0, 23), st.integers(0, 59), st.booleans(), st.booleans())
def test_a_product_is_decoded_as_it_was_encoded(words: str, hour: int, minute: int, dated: bool, exact: bool) -> None:
    data = encode.fis_b(
        413, encode.dlac(words), hour=hour, minute=minute, second=7 if exact else -1, month=12 if dated else -1, day=31 if dated else -1
    )
    got = uplink.product(data)
    assert got is not None
    assert (got.product, got.hour, got.minute) == (413, hour, minute)
    assert (got.month, got.day, got.second) == (12 if dated else -1, 31 if dated else -1, 7 if exact else -1)
    assert uplink.dlac(got.data) == words


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8), st.lists(st.integers(0, 10_000), max_size=8))
@settings(max_examples=200)
def test_damage_never_raises_and_any_cut_is_the_same(damage: list[tuple[int, int]], places: list[int]) -> None:
    data = bytearray(STREAM)
    for at, value in damage:
        data[at % len(data)] = value
    assert run(cuts(bytes(data), places)) == run([bytes(data)])


@given(st.lists(st.sampled_from([18, 34, 432]).flatmap(lambda n: st.binary(min_size=n, max_size=n)), max_size=5))
@settings(max_examples=300)
def test_any_payload_decodes(payloads: list[bytes]) -> None:
    run(payloads, raw=True)
    data = b"".join(encode.line(p, NOW) for p in payloads)
    run([data])
    state, tables = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("u", [data], NOW), NOW)
    assert state.tail.rest == b""
    for detail in tables.values():
        assert {len(c) for c in detail.columns} == {len(detail)}
    state, got = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("u", [data], NOW), NOW)
    assert (np.abs(got.plots.lat_rad) <= math.pi / 2).all()
    assert (np.abs(got.plots.lon_rad) <= math.pi).all()


@given(st.lists(st.binary(max_size=300) | st.text("-+;0123456789abcdef=rst,\n", max_size=300).map(str.encode), max_size=6))
@settings(max_examples=200)
def test_noise_never_raises(pieces: list[bytes]) -> None:
    run(pieces)
    run(pieces, raw=True)
    data = b"".join(pieces)
    assert 0.0 <= FORMAT.likeness(data) <= 1.0
    ends, times_s, _ = FORMAT.split(data)
    assert ends[-1] == len(data)
    assert len(ends) == len(times_s)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("u", [data], NOW), NOW)
