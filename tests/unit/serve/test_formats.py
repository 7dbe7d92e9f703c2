"""The picture in other programs' formats: right, once a tick, and bounded."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading

import numpy as np
import pyarrow as pa
import pytest
from asking import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere.batch import AircraftClass, Emergency, HeightSource, Identities, PlotKind, TrackFlag, Tracks
from tenere.serve import formats
from tenere.serve.formats import CATEGORIES, EMERGENCIES, Made, aircraft, arrow, geojson, nac_p, own_address, receiver, type_of
from tenere.serve.hub import Hub
from tenere.serve.snapshot import SiteView
from tenere.units import R95_SIGMA

PATHS = ("/data/aircraft.json", "/api/tracks.geojson", "/api/tracks.arrow")


def strict(raw):
    return json.loads(raw, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))


def with_tracks(**columns):
    snap = make_snapshot()
    return dataclasses.replace(snap, tracks=snap.tracks.replace(**columns))


def test_aircraft_as_its_readers_expect_it(snapshot):
    got = strict(aircraft(snapshot))
    assert (got["now"], got["messages"]) == (1000.0, 5)
    airliner, radar, drone, unplaced = got["aircraft"]
    assert airliner == {
        "hex": "06205a", "type": "adsb_icao", "flight": "UNO123  ", "alt_baro": 35000, "gs": 450.0, "track": 90.0, "baro_rate": 1000,
        "squawk": "7421", "emergency": "none", "category": "A3", "lat": 13.5, "lon": 2.1, "nac_p": 9, "seen_pos": 2.0, "seen": 2.0,
        "mlat": [], "tisb": [], "spi": 0,
    }  # fmt: skip
    assert (radar["hex"], radar["type"], radar["tisb"]) == ("~00000c", "tisb_trackfile", ["lat", "lon"])
    assert not {"flight", "gs", "alt_baro", "squawk", "category"} & set(radar), "what is not known is left out"
    assert (drone["category"], drone["type"], drone["nac_p"]) == ("B6", "other", 0)
    assert not {"lat", "lon", "seen_pos", "nac_p"} & set(unplaced)


def test_no_identity_and_no_state_is_told():
    raw = aircraft(make_snapshot()).decode()
    assert not any(word in raw for word in ("friend", "suspect", "neutral", "unknown", "pending", "protected", "dbFlags", "military"))


def test_ground_emergency_height_and_ident():
    snap = with_tracks(
        flags=[1 | TrackFlag.ON_GROUND, 1 | TrackFlag.SPI, 0, 1 | TrackFlag.NOT_LIVE],
        emergency=[Emergency.UNLAWFUL, 0, 0, 0],
        height_m=[304.8, 304.8, 0.0, 0.0],
        height_from=[HeightSource.MEASURED, HeightSource.PRESSURE, 0, 0],
    )
    rows = strict(aircraft(snap))["aircraft"]
    assert len(rows) == 2, "neither tentative tracks nor tests"
    assert (rows[0]["alt_baro"], rows[0]["emergency"], rows[0]["alt_geom"]) == ("ground", "unlawful", 1000)
    assert rows[1]["spi"] == 1
    assert "alt_geom" not in rows[1]


def test_every_emergency_and_class_has_its_word():
    assert set(EMERGENCIES) == set(Emergency)
    assert set(AircraftClass) - set(CATEGORIES) == {AircraftClass.UNKNOWN, AircraftClass.OTHER}


def test_two_with_one_address_keep_apart():
    own = own_address(np.array([7, -1, 7, 9], np.int32), np.array([5.0, 6.0, 8.0, 1.0]))
    assert own.tolist() == [False, False, True, True]
    rows = strict(aircraft(with_tracks(address=[0x06205A, 0x06205A, -1, -1])))["aircraft"]
    assert len({r["hex"] for r in rows}) == 4


@pytest.mark.parametrize(("kinds", "addressed", "told"), [
    (1 << PlotKind.ADSB | 1 << PlotKind.PSR, True, "adsb_icao"), (1 << PlotKind.ADSB, False, "adsb_other"),
    (1 << PlotKind.MLAT | 1 << PlotKind.MODE_S, True, "mlat"), (1 << PlotKind.MODE_S, True, "tisb_icao"),
    (1 << PlotKind.PSR, False, "tisb_trackfile"), (0, False, "other"), (1 << PlotKind.FLARM, True, "other"),
])  # fmt: skip
def test_what_a_position_rests_on(kinds, addressed, told):
    assert type_of(kinds, addressed=addressed) == told


def test_nac_p_is_the_finest_that_its_95_percent_radius_allows():
    # DO-260B 2.2.3.2.7.2.7: 11 below 3 m, 9 below 30 m, 8 below 0.05 NM (92.6 m), 1 below 10 NM (18,520 m)
    radius_m = np.array([2.9, 3.1, 29.9, 30.1, 92.5, 18_519.0, 18_600.0, np.nan, 0.0])
    assert nac_p(radius_m / R95_SIGMA).tolist() == [11, 10, 9, 8, 8, 1, 0, 0, 11]


def test_the_receiver():
    hub = Hub(SiteView(lat_deg=13.5, lon_deg=2.1), "exercise", "0.1.0")
    assert receiver(hub) == {"version": "Tenere 0.1.0 (exercise)", "refresh": 1000, "history": 0, "lat": 13.5, "lon": 2.1}
    assert "lat" not in receiver(Hub())


def test_geojson_has_points_where_there_are_places(snapshot):
    got = strict(geojson(snapshot))
    assert got["type"] == "FeatureCollection"
    first, last = got["features"][0], got["features"][-1]
    assert first["geometry"] == {"type": "Point", "coordinates": [2.1, 13.5]}
    assert (first["id"], first["properties"]["callsign"], first["properties"]["speed_kt"]) == (11, "UNO123", 450.0)
    assert last["geometry"] is None
    assert last["properties"]["unplaced"]


def test_arrow_is_every_column_with_its_unit(snapshot):
    with pa.ipc.open_stream(arrow(snapshot)) as reader:
        table = reader.read_all()
    wanted = [n for n, *_ in Tracks.columns()] + [n for n, *_ in Identities.columns() if n != "number"]
    assert table.column_names == wanted
    assert table["number"].to_pylist() == [11, 12, 13, 14]
    assert table["callsign"].to_pylist()[0] == "UNO123"
    assert table["identity"].to_pylist() == snapshot.identities.identity.tolist()
    assert table.schema.field("speed_ms").metadata[b"unit"] == b"m/s"
    assert table.schema.metadata[b"time_s"] == b"1000.0"


def test_each_is_made_once_a_tick_however_many_ask(monkeypatch):
    calls = []
    monkeypatch.setattr(formats, "geojson", lambda snap: calls.append(snap.time_s) or b"{}")
    hub = Hub()
    hub.publish(make_snapshot())
    assert {a.status_code for a in ask(hub, "/api/tracks.geojson", times=20)} == {200}
    assert calls == [1000.0]


def test_it_is_made_aside_from_the_loop_and_too_many_are_sent_away(monkeypatch):
    monkeypatch.setattr(formats, "WAITING", 3)
    hub, gate = Hub(), threading.Event()
    hub.publish(make_snapshot())

    async def go():
        made = Made(hub)
        asked = [asyncio.create_task(made.of(str(k), lambda _: (gate.wait(5), b"x")[1])) for k in range(5)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(go()) == [b"x", b"x", b"x", None, None]


def test_before_the_first_tick():
    assert ask(Hub(), PATHS[0]).json() == {"now": 0.0, "messages": 0, "aircraft": []}
    assert ask(Hub(), PATHS[1]).json()["features"] == []
    early = ask(Hub(), PATHS[2])
    assert (early.status_code, early.headers["Retry-After"]) == (503, "1")


def test_media_types(snapshot):
    hub = Hub()
    hub.publish(snapshot)
    told = [ask(hub, p).headers["Content-Type"] for p in (*PATHS, "/data/receiver.json")]
    assert told == ["application/json", "application/geo+json", "application/vnd.apache.arrow.stream", "application/json"]


reals = st.floats(width=32)
rows = st.fixed_dictionaries(
    {
        "lat_rad": reals, "lon_rad": reals, "course_rad": reals, "speed_ms": reals, "pressure_altitude_m": reals, "vertical_rate_ms": reals,
        "height_m": reals, "var_xx_m2": reals, "update_s": st.floats(), "address": st.integers(-1, 2**24 - 1),
        "mode_a": st.integers(-1, 4095),
        "callsign": st.binary(max_size=8), "kinds": st.integers(0, 2**14), "flags": st.integers(0, 2**11 - 1), "frame": st.integers(0, 3),
        "emergency": st.integers(0, 255), "aircraft_class": st.integers(0, 255), "height_from": st.integers(0, 255),
    }
)  # fmt: skip


@settings(max_examples=150)
@given(given_rows=st.lists(rows, min_size=1, max_size=5))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers that no filter makes
def test_whatever_the_columns_hold_the_answers_are_strict_json(given_rows):
    n = len(given_rows)
    columns = {name: [r[name] for r in given_rows] for name in given_rows[0]}
    number = np.arange(n) + 1
    snap = dataclasses.replace(
        make_snapshot(), tracks=Tracks.blank(n, number=number, **columns), identities=Identities.blank(n, number=number)
    )
    for row in strict(aircraft(snap))["aircraft"]:
        assert row["hex"].removeprefix("~").isalnum()
        assert None not in row.values()
    assert len(strict(geojson(snap))["features"]) == n
    with pa.ipc.open_stream(arrow(snap)) as reader:
        assert reader.read_all().num_rows == n
