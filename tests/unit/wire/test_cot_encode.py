"""Cursor-on-Target out: our picture in XML and protobuf, read back by our own reader and by takproto."""

from __future__ import annotations

import math

import numpy as np
import pytest
from defusedxml import ElementTree
from takproto import parse_proto

from tenere.batch import AircraftClass, Claim, Emergency, Identities, Identity, PlotFlag, TrackFlag, Tracks
from tenere.tick import Chunk
from tenere.wire import cot
from tenere.wire.cot import decode as reader
from tenere.wire.format import SourceHint

NOW = 1_767_225_600.0


def picture(n: int = 3, **given: object) -> tuple[Tracks, Identities]:
    k = np.arange(n)
    columns: dict[str, object] = {
        "number": k + 1,
        "time_s": NOW + 0.25 * k,
        "first_s": NOW - 60,
        "lat_rad": np.radians(13.5 + k),
        "lon_rad": np.radians(2.25 - k),
        "var_xx_m2": 100.0,
        "var_xy_m2": 0.0,
        "var_yy_m2": 400.0,
        "course_rad": np.radians(90.0 * (k + 1)),
        "speed_ms": 200.0,
        "vertical_rate_ms": 5.0,
        "pressure_altitude_m": 3048.0,
        "address": 0x0A0B0C,
        "mode_a": 0o7421,
        "callsign": b"AFR123",
        "remote_id": b"",
        "aircraft_class": AircraftClass.AIRLINER,
        "emergency": Emergency.NONE,
        "flags": TrackFlag.CONFIRMED,
    }
    tracks = Tracks.blank(n, **{**columns, **given})
    return tracks, Identities.blank(n, number=tracks.number, identity=Identity.NEUTRAL, confidence=0.75, civil=1, protected=0)


def read(units: list[bytes]):
    return cot.FORMAT.step(reader.init(SourceHint()), Chunk.of("c", units, NOW), NOW)[1]


def test_an_event_is_written_as_the_schema_wants_it() -> None:
    (event, *_) = cot.encode_events(*picture(), stale_s=20.0, uid_prefix="NE-1", height_offset_m=25.0, exercise="DUNE")
    assert event.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<event ')
    assert event.endswith(b"</event>")
    root = ElementTree.fromstring(event)
    assert root.attrib == {
        "version": "2.0",
        "uid": "NE-1-1",
        "type": "a-n-A-C-F",
        "time": "2026-01-01T00:00:00.000Z",
        "start": "2026-01-01T00:00:00.000Z",
        "stale": "2026-01-01T00:00:20.000Z",
        "how": "m-f",
        "opex": "e-DUNE",
    }
    assert root.find("point").attrib == {"lat": "13.5000000", "lon": "2.2500000", "hae": "3073.0", "ce": "20.0", "le": "9999999.0"}
    detail = root.find("detail")
    assert detail.find("contact").attrib == {"callsign": "AFR123"}
    assert detail.find("track").attrib == {"course": "90.000", "speed": "200.000", "slope": "1.432"}
    assert detail.find("remarks").text == "neutral, FL100"
    assert detail.find("_tenere_").attrib == {
        "identity": "neutral",
        "confidence": "0.75",
        "icao": "0A0B0C",
        "flight": "AFR123",
        "squawk": "7421",
        "pressure_altitude_m": "3048.0",
    }


@pytest.mark.parametrize("wrap", [cot.encode_events, cot.encode_protobuf, lambda t, i: cot.encode_protobuf(t, i, mesh=False)])
def test_what_is_written_is_read_back(wrap) -> None:
    tracks, identities = picture(5)
    got = read(wrap(tracks, identities))
    assert got.rejects.counts == {}
    back = got.system
    assert back.time_s.tolist() == tracks.time_s.tolist()
    assert back.lat_rad == pytest.approx(tracks.lat_rad, abs=1e-9)
    assert back.lon_rad == pytest.approx(tracks.lon_rad, abs=1e-9)
    assert back.east_ms == pytest.approx(200.0 * np.sin(tracks.course_rad), abs=0.01)
    assert back.north_ms == pytest.approx(200.0 * np.cos(tracks.course_rad), abs=0.01)
    assert back.position_std_m.tolist() == [20.0] * 5
    assert back.address.tolist() == [0x0A0B0C] * 5
    assert back.mode_a.tolist() == [0o7421] * 5
    assert back.callsign.tolist() == [b"AFR123"] * 5
    assert back.claim.tolist() == [Claim.NEUTRAL] * 5


@pytest.mark.parametrize("mesh", [True, False])
def test_takproto_reads_our_protobuf(mesh: bool) -> None:
    tracks, identities = picture(2)
    for i, raw in enumerate(cot.encode_protobuf(tracks, identities, mesh=mesh, height_offset_m=0.0)):
        event = parse_proto(bytearray(raw)).cotEvent
        assert (event.uid, event.type, event.how) == (f"TENERE-{i + 1}", "a-n-A-C-F", "m-f")
        assert (event.sendTime, event.startTime, event.staleTime) == tuple(round((NOW + 0.25 * i + s) * 1000) for s in (0, 0, 30))
        assert event.lat == pytest.approx(13.5 + i)
        assert event.lon == pytest.approx(2.25 - i)
        assert (event.hae, event.ce, event.le) == (3048.0, 20.0, 9_999_999.0)
        assert event.detail.contact.callsign == "AFR123"
        assert event.detail.track.speed == 200.0
        assert event.detail.track.course == pytest.approx(90.0 * (i + 1))
        assert ElementTree.fromstring(f"<d>{event.detail.xmlDetail}</d>").find("_tenere_").get("identity") == "neutral"


@pytest.mark.parametrize(
    ("made", "civil", "kind"),
    [
        (AircraftClass.UNKNOWN, 1, "a-n-A-C"),
        (AircraftClass.LIGHT, 1, "a-n-A-C-F"),
        (AircraftClass.HELICOPTER, 1, "a-n-A-C-H"),
        (AircraftClass.GLIDER, 1, "a-n-A-C-F"),
        (AircraftClass.DRONE, 1, "a-n-A-C-F-q"),
        (AircraftClass.BALLOON, 1, "a-n-A-C-L"),
        (AircraftClass.HIGH_PERFORMANCE, 1, "a-n-A-C"),
        (AircraftClass.HIGH_PERFORMANCE, 0, "a-n-A"),
        (AircraftClass.HELICOPTER, 0, "a-n-A"),
        (AircraftClass.VEHICLE, 0, "a-n-G-E-V"),
    ],
)
def test_a_type_says_no_more_than_we_know(made: AircraftClass, civil: int, kind: str) -> None:
    tracks, identities = picture(1, aircraft_class=made)
    (event,) = cot.encode_events(tracks, identities.replace(civil=civil))
    assert ElementTree.fromstring(event).get("type") == kind


def test_a_pressure_altitude_is_no_height() -> None:
    (event, *_) = cot.encode_events(*picture())
    assert ElementTree.fromstring(event).find("point").get("hae") == "9999999.0"


def test_a_tracks_own_height_goes_out_with_its_error() -> None:
    tracks, identities = picture(2, height_m=[3100.0, math.nan], height_std_m=[42.0, math.nan])
    points = [ElementTree.fromstring(e).find("point").attrib for e in cot.encode_events(tracks, identities)]
    assert [(p["hae"], p["le"]) for p in points] == [("3100.0", "42.0"), ("9999999.0", "9999999.0")]
    event = parse_proto(cot.encode_protobuf(tracks, identities, mesh=True)[0]).cotEvent
    assert (event.hae, event.le) == (3100.0, 42.0)


def test_what_is_not_known_is_left_out() -> None:
    nan = math.nan
    tracks, identities = picture(
        1, course_rad=nan, vertical_rate_ms=nan, pressure_altitude_m=nan, address=-1, mode_a=-1, callsign=b"", var_xx_m2=nan
    )
    for units in (cot.encode_events(tracks, identities), cot.encode_protobuf(tracks, identities)):
        back = read(units).system
        assert np.isnan([back.east_ms[0], back.north_ms[0], back.vertical_rate_ms[0], back.position_std_m[0]]).all()
        assert (back.address[0], back.mode_a[0], back.callsign[0]) == (-1, -1, b"TENERE 1")


def test_a_place_is_needed_and_systems_tracks_are_theirs() -> None:
    tracks, identities = picture(3, lat_rad=np.array([0.2, np.nan, 0.2]), flags=np.array([0, 0, TrackFlag.SYSTEM]))
    assert len(cot.encode_events(tracks, identities)) == 1


def test_simulated_ended_protected_coasting() -> None:
    flags = np.array([TrackFlag.NOT_LIVE, TrackFlag.ENDED, TrackFlag.COASTING])
    tracks, identities = picture(3, flags=flags, emergency=np.array([Emergency.NONE, Emergency.NO_RADIO, Emergency.NONE]))
    events = [ElementTree.fromstring(e) for e in cot.encode_events(tracks, identities.replace(protected=[0, 0, 1]), exercise="DUNE")]
    assert [(e.get("how"), e.get("opex")) for e in events] == [("m-s", "s"), ("m-f", "e-DUNE"), ("m-f", "e-DUNE")]
    assert events[1].get("stale") == events[1].get("time")
    assert events[2].find("detail/remarks").text == "neutral, FL100, protected flight, not seen lately"
    assert events[2].find("detail/_tenere_").get("protected") == "1"
    assert [e.find("detail/emergency") is not None for e in events] == [False, True, False]
    back = read(cot.encode_protobuf(tracks, identities)).system
    assert (back.flags & PlotFlag.SIMULATED > 0).tolist() == [True, False, False]
    assert back.emergency.tolist() == [Emergency.NONE, Emergency.GENERAL, Emergency.NONE]


def test_the_error_is_the_larger_axis_of_a_turned_ellipse() -> None:
    c, s = math.cos(0.5), math.sin(0.5)
    xx, yy, xy = 900 * c * c + 25 * s * s, 900 * s * s + 25 * c * c, (900 - 25) * c * s
    (event,) = cot.encode_events(*picture(1, var_xx_m2=xx, var_xy_m2=xy, var_yy_m2=yy))
    assert ElementTree.fromstring(event).find("point").get("ce") == "30.0"


def test_the_batches_must_be_of_one_picture() -> None:
    tracks, identities = picture(2)
    with pytest.raises(ValueError, match="row for row"):
        cot.encode_events(tracks, identities.take(slice(1)))
    with pytest.raises(ValueError, match="row for row"):
        cot.encode_protobuf(tracks, identities.replace(number=[7, 8]))
    assert cot.encode_events(tracks.take(slice(0)), identities.take(slice(0))) == []
