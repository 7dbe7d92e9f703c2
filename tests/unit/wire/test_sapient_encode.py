"""SAPIENT out: what we send keeps the standard's rules (by its own models), and reads back as what it was."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from ulid import ULID

from tenere.batch import AircraftClass, Identities, Identity, Status, TrackFlag, Tracks
from tenere.tick import Chunk
from tenere.wire import sapient
from tenere.wire.format import SourceHint
from tenere.wire.sapient import decode as reader
from tenere.wire.sapient import encode, schema

NOW = 1_767_225_600.0
NODE, OTHER = "6f8b6a0a-0000-4000-8000-000000000001", "6f8b6a0a-0000-4000-8000-000000000002"


def picture(n: int = 10, **given: object) -> tuple[Tracks, Identities]:
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
        "course_rad": np.radians(30.0 * k),
        "speed_ms": 200.0,
        "vertical_rate_ms": 5.0,
        "pressure_altitude_m": 3000.0,
        "address": 0x0A0B0C,
        "callsign": b"AFR123",
        "aircraft_class": k % len(AircraftClass),
        "existence": 0.5,
        "flags": TrackFlag.CONFIRMED,
    }
    tracks = Tracks.blank(n, **{**columns, **given})
    identities = Identities.blank(n, number=tracks.number, identity=k % len(Identity), confidence=0.75, civil=1, protected=k == 3)
    return tracks, identities


def checked(framed: bytes):
    """Return a message that the standard's own models accept."""
    assert int.from_bytes(framed[:4], "little") == len(framed) - 4
    made = schema.load()
    message = made.message.FromString(framed[4:])
    made.model.from_pb2(message)
    return message


def read(units: list[bytes]):
    return sapient.FORMAT.step(reader.init(SourceHint()), Chunk.of("s", units, NOW), NOW)[1]


def test_a_tracks_own_height_goes_out() -> None:
    tracks, identities = picture()
    units = sapient.encode_detections(tracks.replace(height_m=3100.0), identities, NODE)
    assert set(read(units).plots.height_m.tolist()) == {3100.0}


def test_detections_read_back_as_they_were() -> None:
    tracks, identities = picture()
    units = sapient.encode_detections(tracks, identities, NODE, height_offset_m=25.0)
    for unit in units:
        checked(unit)
    got = read(units)
    assert got.rejects.counts == {}
    sky = tracks.aircraft_class != AircraftClass.VEHICLE
    plots, sent = got.plots, tracks.take(sky)
    assert plots.time_s.tolist() == sent.time_s.tolist()
    assert plots.lat_rad == pytest.approx(sent.lat_rad, abs=1e-12)
    assert plots.lon_rad == pytest.approx(sent.lon_rad, abs=1e-12)
    assert plots.height_m.tolist() == [3025.0] * len(sent)
    assert plots.position_std_m == pytest.approx(np.full(len(sent), 20.0))
    assert plots.east_ms == pytest.approx(200.0 * np.sin(sent.course_rad), abs=1e-9)
    assert plots.north_ms == pytest.approx(200.0 * np.cos(sent.course_rad), abs=1e-9)
    assert plots.vertical_rate_ms.tolist() == [5.0] * len(sent)
    assert plots.address.tolist() == [0x0A0B0C] * len(sent)
    assert plots.callsign.tolist() == [b"AFR123"] * len(sent)
    assert plots.source_track.tolist() == list(range(len(sent)))
    kept = {AircraftClass.HELICOPTER, AircraftClass.GLIDER, AircraftClass.DRONE, AircraftClass.BALLOON}
    assert plots.aircraft_class.tolist() == [c if c in kept else 0 for c in sent.aircraft_class.tolist()]


def test_what_an_object_is_called_is_ours() -> None:
    tracks, identities = picture()
    for i, unit in enumerate(sapient.encode_detections(tracks, identities, NODE, destination_id=OTHER)):
        message = checked(unit)
        infos = {x.type: x.value for x in message.detection_report.object_info}
        assert message.destination_id == OTHER
        assert infos["identity"] == Identity(i % 6).name.lower().replace("_", " ")
        assert infos.get("protected") == ("1" if i == 3 else None)
        assert infos["pressure_altitude_m"] == "3000.0"
        assert not message.detection_report.location.HasField("z")
        assert message.detection_report.detection_confidence == 0.5


def test_the_same_picture_gives_the_same_bytes_and_an_object_keeps_its_name() -> None:
    tracks, identities = picture(3)
    one = sapient.encode_detections(tracks, identities, NODE)
    assert one == sapient.encode_detections(tracks, identities, NODE)
    later = sapient.encode_detections(tracks.replace(time_s=tracks.time_s + 1.0), identities, NODE)
    reports = [(checked(u).detection_report, checked(v).detection_report) for u, v in zip(one, later, strict=True)]
    assert all(a.object_id == b.object_id and a.report_id != b.report_id for a, b in reports)
    assert len({a.object_id for a, _ in reports}) == 3
    assert checked(sapient.encode_detections(tracks, identities, OTHER)[0]).detection_report.object_id != reports[0][0].object_id


def test_ulids_hold_their_time() -> None:
    made = ULID.from_str(encode.ulid(NOW + 0.123, "a"))
    assert made.timestamp == pytest.approx(NOW + 0.123)
    assert encode.ulid(NOW, "a") != encode.ulid(NOW, "b")
    for odd in (math.nan, -5.0, 1e20, math.inf):
        ULID.from_str(encode.ulid(odd, "a"))


def test_what_is_not_known_is_left_out_and_what_is_lost_says_so() -> None:
    nan = math.nan
    flags = np.array([0, TrackFlag.COASTING, TrackFlag.ENDED, TrackFlag.SYSTEM, TrackFlag.NOT_LIVE, 0])
    tracks, identities = picture(
        6, flags=flags, course_rad=nan, var_xx_m2=nan, existence=nan, callsign=b"", address=-1, lat_rad=np.array([0.1] * 5 + [nan])
    )
    reports = [checked(u).detection_report for u in sapient.encode_detections(tracks, identities, NODE)]
    assert [r.state for r in reports] == ["", "lostInView", "lost"]
    for r in reports:
        assert not r.HasField("enu_velocity")
        assert not r.HasField("detection_confidence")
        assert not r.location.HasField("x_error")
        assert {x.type for x in r.object_info} == {"identity", "pressure_altitude_m"}


def test_status_reports_read_back() -> None:
    status = Status.blank(
        3,
        time_s=NOW,
        lat_rad=np.array([0.2, np.nan, 0.2]),
        lon_rad=0.03,
        height_m=np.array([200.0, np.nan, np.nan]),
        degraded=[0, 1, 1],
        nogo=[0, 0, 1],
    )
    units = sapient.encode_status(status, [NODE] * 3, mode="scanning")
    messages = [checked(u).status_report for u in units]
    assert [m.system for m in messages] == [1, 2, 3]
    assert [m.mode for m in messages] == ["scanning"] * 3
    back = read(units).status
    assert back.degraded.tolist() == [0, 1, 1]
    assert back.nogo.tolist() == [0, 0, 1]
    assert back.height_m[0] == 200.0
    assert back.lat_rad == pytest.approx([0.2, 0.2, 0.2])


def test_a_registration_takes_no_commands() -> None:
    message = checked(sapient.encode_registration(NODE, time_s=NOW, name="Niamey", node_type="radar", destination_id=OTHER))
    r = message.registration
    assert (r.name, r.icd_version, r.node_definition[0].node_type) == ("Niamey", "BSI Flex 335 v2.0", 2)
    assert len(r.mode_definition) == 1
    assert len(r.mode_definition[0].task.command) == 0
    assert r.mode_definition[0].task.concurrent_tasks == 0


@pytest.mark.parametrize("node", ["", "me", NODE + "0"])
def test_a_node_needs_a_uuid(node: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        sapient.encode_detections(*picture(1), node)
    with pytest.raises(ValueError, match="UUID"):
        sapient.encode_registration(node, time_s=NOW, name="x")


def test_what_does_not_match_is_refused() -> None:
    tracks, identities = picture(2)
    with pytest.raises(ValueError, match="row for row"):
        sapient.encode_detections(tracks, identities.take(slice(1)), NODE)
    with pytest.raises(ValueError, match="node type"):
        sapient.encode_registration(NODE, time_s=NOW, name="x", node_type="jammer")
    with pytest.raises(ValueError, match="zip"):
        sapient.encode_status(Status.blank(2, time_s=NOW, degraded=0, nogo=0), [NODE])


def test_no_encoder_makes_any_other_message() -> None:
    """Of what a message may carry, the source fills in three, and no task, alert or command."""
    source = Path(encode.__file__).read_text()
    filled = set(re.findall(r"message\.([a-z_]+)", source)) & set(schema.CONTENTS)
    assert filled == {"registration", "status_report", "detection_report"}
    assert ".command" not in source
