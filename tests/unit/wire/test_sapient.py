"""SAPIENT in: detections, places, status, nodes, and every way to break a message."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from google.protobuf import json_format

from tenere.batch import AircraftClass, Claim, PlotKind
from tenere.errors import Rejects, UsageError
from tenere.geo import ellipsoid
from tenere.tick import Chunk
from tenere.wire import sapient
from tenere.wire.format import SourceHint, load
from tenere.wire.sapient import classes, columns, frames, place, schema
from tenere.wire.sapient import decode as reader
from tenere.wire.sapient.encode import framed

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

NOW = 1_767_225_600.0
NODES = [f"6f8b6a0a-0000-4000-8000-00000000000{i}" for i in range(4)]
ULIDS = [f"01HF7YAT003JD9AZT7RF2PWWX{c}" for c in "0123456789"]


def message(node: str = NODES[0], time_s: float = NOW):
    made = schema.load().message()
    made.node_id = node
    made.timestamp.seconds, made.timestamp.nanos = int(time_s), round(time_s % 1 * 1e9)
    return made


def detection(*, node: str = NODES[0], uid: str = ULIDS[0], time_s: float = NOW, **location):
    made = message(node, time_s)
    report = made.detection_report
    report.report_id, report.object_id = ULIDS[9], uid
    if location:
        given = {"x": 2.25, "y": 13.5, "coordinate_system": 1, "datum": 1, **location}
        for name, value in given.items():
            setattr(report.location, name, value)
    return made


def bearing(*, node: str = NODES[0], **given):
    made = detection(node=node)
    for name, value in {"range": 1000.0, "azimuth": 90.0, "elevation": 30.0, "coordinate_system": 1, "datum": 1, **given}.items():
        if value is not None:
            setattr(made.detection_report.range_bearing, name, value)
    return made


def status(*, node: str = NODES[0], system: int = 1, **location):
    made = message(node)
    made.status_report.report_id, made.status_report.system, made.status_report.info = ULIDS[8], system, 1
    made.status_report.mode = "default"
    for name, value in ({"coordinate_system": 1, "datum": 1, **location} if location else {}).items():
        setattr(made.status_report.node_location, name, value)
    return made


def decode(*messages, state: reader.State | None = None, receive_s: float = NOW, **options) -> Decoded:
    units = [m if isinstance(m, bytes) else framed(m) for m in messages]
    state = state or reader.init(SourceHint(options=options))
    return sapient.FORMAT.step(state, Chunk.of("s", units, receive_s, 1000), NOW)[1]


def test_it_is_registered() -> None:
    assert load("sapient") is sapient.FORMAT


def test_a_detection_with_a_position() -> None:
    made = detection(z=350.0, x_error=0.0001, y_error=0.0002, time_s=NOW + 0.25)
    r = made.detection_report
    r.enu_velocity.east_rate, r.enu_velocity.north_rate, r.enu_velocity.up_rate = 3.0, -4.0, 1.5
    r.enu_velocity.east_rate_error = 0.5
    r.classification.add(type="Air vehicle", confidence=0.9).sub_class.add(type="UAV rotary wing", level=1)
    r.object_info.add(type="ICAO", value="4CA1FA")
    r.object_info.add(type="callsign", value="DRN1")
    r.track_info.add(type="uas_id", value="1596F123")
    got = decode(made)
    plot = got.plots
    assert got.rejects.counts == {}
    assert got.records == {"SAPIENT detection report": 1}
    assert plot.time_s[0] == NOW + 0.25
    assert plot.receive_s[0] == NOW
    assert plot.kind[0] == PlotKind.DETECTION
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(13.5)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(2.25)
    assert plot.height_m[0] == 350.0
    assert plot.position_std_m[0] == pytest.approx(math.radians(0.0002) * 6_371_000)
    assert (plot.east_ms[0], plot.north_ms[0], plot.vertical_rate_ms[0], plot.velocity_std_ms[0]) == (3.0, -4.0, 1.5, 0.5)
    assert plot.aircraft_class[0] == AircraftClass.DRONE
    assert (plot.address[0], plot.callsign[0], plot.remote_id[0]) == (0x4CA1FA, b"DRN1", b"1596F123")
    assert (plot.sac_sic[0], plot.source_track[0], plot.reference[0]) == (-1, 0, 0)
    assert np.isnan(plot.range_m[0])
    assert got.addresses == {0x4CA1FA}
    assert Claim.NONE == 0  # no table of identities: nothing is claimed


@pytest.mark.parametrize(
    ("given", "lat", "lon"),
    [
        ({}, 13.5, 2.25),
        ({"x": math.radians(2.25), "y": math.radians(13.5), "coordinate_system": 2}, 13.5, 2.25),
        ({"x": 630_084.0, "y": 4_833_438.0, "coordinate_system": 5, "utm_zone": "17T"}, 43.642567, -79.387139),
    ],
)
def test_places_in_every_system(given, lat: float, lon: float) -> None:
    plot = decode(detection(**{"z": 1.0, **given})).plots
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(lat, abs=1e-5)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(lon, abs=1e-5)


@pytest.mark.parametrize("lat", [0.0, 13.5, 45.0, 83.9])
def test_utm_on_the_central_meridian_is_the_length_of_the_arc(lat: float) -> None:
    steps = np.radians(np.linspace(0.0, lat, 200_001))
    arc = ellipsoid.A_M * (1 - ellipsoid.E2) / (1 - ellipsoid.E2 * np.sin(steps) ** 2) ** 1.5
    northing = 0.9996 * float(np.trapezoid(arc, steps))
    got_lat, got_lon = place.from_utm(500_000.0, northing, "31P")
    assert math.degrees(got_lat) == pytest.approx(lat, abs=1e-9)
    assert math.degrees(got_lon) == pytest.approx(3.0, abs=1e-12)
    south, _ = place.from_utm(500_000.0, 10_000_000.0 - northing, "31L")
    assert math.degrees(south) == pytest.approx(-lat, abs=1e-9)


def test_utm_agrees_with_the_forward_series() -> None:
    n = ellipsoid.F / (2 - ellipsoid.F)
    radius = ellipsoid.A_M / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = [
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    ]
    e = math.sqrt(ellipsoid.E2)
    for lat, lon in ((13.5, 2.25), (13.5, 0.1), (60.0, 5.9), (-33.0, 1.0), (-79.0, 4.0)):
        phi, lam = math.radians(lat), math.radians(lon - 3.0)
        t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
        xi, eta = math.atan2(t, math.cos(lam)), math.asinh(math.sin(lam) / math.hypot(t, math.cos(lam)))
        x = eta + sum(a * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, a in enumerate(alpha, 1))
        y = xi + sum(a * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, a in enumerate(alpha, 1))
        east, north = 500_000 + 0.9996 * radius * x, 0.9996 * radius * y + (0 if lat >= 0 else 10_000_000)
        back = place.from_utm(east, north, "31P" if lat >= 0 else "31H")
        assert np.degrees(back) == pytest.approx((lat, lon), abs=1e-8)


@pytest.mark.parametrize("zone", ["", "P", "0P", "61P", "31", "31I", "31O", "31A", "x1P", "131P", "31PP", "³1P"])
def test_a_zone_that_is_none(zone: str) -> None:
    assert np.isnan(place.from_utm(500_000.0, 1_000_000.0, zone)).all()


@pytest.mark.parametrize(
    "given",
    [
        {"y": 91.0},
        {"x": 181.0},
        {"x": math.nan},
        {"x": 0.0, "y": 0.0},
        {"coordinate_system": 0},
        {"coordinate_system": 5},
        {"coordinate_system": 77},
    ],
)
def test_a_detection_without_a_place_is_counted(given) -> None:
    got = decode(detection(z=1.0, **given), detection(z=1.0))
    assert got.rejects.counts == {reader.NO_POSITION: 1}
    assert got.rejects.first_offset == {reader.NO_POSITION: 1000}
    assert got.rejects.first_sender == {reader.NO_POSITION: f"node {NODES[0]}"}
    assert len(got.plots) == 1


def test_a_detection_must_say_where() -> None:
    assert decode(detection()).rejects.counts == {f"SAPIENT detection report {schema.INCOMPLETE}": 1}


def test_a_height_above_the_geoid_needs_the_geoid() -> None:
    made = detection(z=300.0, datum=2)
    assert np.isnan(decode(made).plots.height_m[0])
    assert decode(made, geoid_m=24.5).plots.height_m[0] == 324.5
    assert decode(detection(z=300.0), geoid_m=24.5).plots.height_m[0] == 300.0
    assert np.isnan(decode(detection(x=2.25)).plots.height_m[0])


def test_a_bearing_of_a_node_that_says_where_it_is() -> None:
    made = bearing(range=2000.0, azimuth=90.0, elevation=30.0, range_error=5.0, azimuth_error=1.0)
    plot = decode(status(x=2.0, y=13.0, z=200.0), made).plots
    lat, lon, height = ellipsoid.geodetic_of_enu(np.radians(13.0), np.radians(2.0), 200.0, 2000 * math.cos(math.pi / 6), 0.0, 1000.0)
    assert plot.lat_rad[0] == pytest.approx(float(lat), abs=1e-12)
    assert plot.lon_rad[0] == pytest.approx(float(lon), abs=1e-12)
    assert plot.height_m[0] == pytest.approx(float(height))
    assert plot.position_std_m[0] == pytest.approx(math.radians(1.0) * 2000.0)
    assert (plot.range_m[0], plot.azimuth_rad[0], plot.elevation_rad[0]) == pytest.approx((2000.0, math.pi / 2, math.pi / 6))


def test_without_an_elevation_it_is_level_and_less_sure() -> None:
    plot = decode(status(x=2.0, y=13.0, z=200.0), bearing(elevation=None, range_error=30.0)).plots
    assert np.isnan(plot.height_m[0])
    assert plot.position_std_m[0] == pytest.approx(math.hypot(30.0, 50.0))


@pytest.mark.parametrize(
    ("system", "given"),
    [
        (1, {"range": 1000.0, "azimuth": 90.0, "elevation": 30.0}),
        (2, {"range": 1000.0, "azimuth": math.pi / 2, "elevation": math.pi / 6}),
        (3, {"range": 1.0, "azimuth": 450.0, "elevation": 30.0}),
        (4, {"range": 1.0, "azimuth": -1.5 * math.pi, "elevation": math.pi / 6}),
    ],
)
def test_bearings_in_every_unit(system: int, given) -> None:
    plot = decode(bearing(coordinate_system=system, **given)).plots
    assert (plot.range_m[0], plot.azimuth_rad[0], plot.elevation_rad[0]) == pytest.approx((1000.0, math.pi / 2, math.pi / 6))
    assert np.isnan(plot.lat_rad[0])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"range": None}, reader.BEARING_ONLY),
        ({"range": -1.0}, reader.BEARING_ONLY),
        ({"range": 1e9}, reader.BEARING_ONLY),
        ({"azimuth": None}, reader.NOT_TRUE_NORTH),
        ({"azimuth": math.inf}, reader.NOT_TRUE_NORTH),
        ({"datum": 2}, reader.NOT_TRUE_NORTH),
        ({"datum": 4}, reader.NOT_TRUE_NORTH),
        ({"coordinate_system": 9}, reader.NOT_TRUE_NORTH),
    ],
)
def test_bearings_that_place_nothing_are_counted(given, reason: str) -> None:
    got = decode(bearing(**given))
    assert got.rejects.counts == {reason: 1}
    assert len(got.plots) == 0


def test_of_unplaced_nodes_only_the_first_stands_for_the_source() -> None:
    state = reader.init(SourceHint())
    got = decode(bearing(), bearing(node=NODES[1]), bearing(node=NODES[0]), state=state)
    assert len(got.plots) == 2
    assert got.rejects.counts == {reader.UNPLACED: 1}
    assert got.rejects.first_sender == {reader.UNPLACED: f"node {NODES[1]}"}
    got = decode(status(node=NODES[1], x=2.0, y=13.0), bearing(node=NODES[1]), state=state)
    assert len(got.plots) == 1
    assert np.isfinite(got.plots.lat_rad[0])
    assert len(got.status) == 0
    assert len(decode(status(), state=state).status) == 1


def test_nodes_that_the_site_names_have_a_sac_and_sic() -> None:
    options = {"nodes": {NODES[1].upper(): [12, 34], NODES[2]: [12, 35]}}
    got = decode(bearing(node=NODES[1]), bearing(node=NODES[2]), bearing(node=NODES[3]), status(node=NODES[2]), **options)
    assert got.plots.sac_sic.tolist() == [12 * 256 + 34, 12 * 256 + 35, -1]
    assert got.status.sac_sic.tolist() == [12 * 256 + 35]
    assert got.rejects.counts == {}


def test_nodes_are_forgotten_one_by_one() -> None:
    state = reader.init(SourceHint())
    for i in range(reader.MOST_NODES + 5):
        state.node(f"6f8b6a0a-0000-4000-8000-{i:012d}")
    assert len(state.nodes) == reader.MOST_NODES
    assert state.node(f"6f8b6a0a-0000-4000-8000-{0:012d}").first


@pytest.mark.parametrize(
    "options",
    [
        {"geoid_m": "24"},
        {"geoid_m": True},
        {"nodes": []},
        {"nodes": {"x": [1, 2]}},
        {"nodes": {NODES[0]: 12}},
        {"nodes": {NODES[0]: [1, 256]}},
        {"nodes": {NODES[0]: [1]}},
        {"speed": 1},
    ],
)
def test_options_that_are_none_are_refused(options) -> None:
    with pytest.raises(UsageError):
        sapient.FORMAT.init(SourceHint(options=options))


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    data = framed(detection(z=1.0))
    monkeypatch.setattr(schema.importlib, "import_module", missing)
    schema.load.cache_clear()
    try:
        with pytest.raises(UsageError, match=r"pip install tenere\[share\]"):
            sapient.FORMAT.init(SourceHint())
        assert sapient.FORMAT.likeness(data) == 0.0
    finally:
        schema.load.cache_clear()


@pytest.mark.parametrize(
    ("system", "degraded", "nogo"),
    [(1, 0, 0), (2, 1, 0), (3, 1, 1), (5, 1, 1)],
)
def test_status(system: int, degraded: int, nogo: int) -> None:
    got = decode(status(system=system, x=2.0, y=13.0, z=200.0))
    s = got.status
    assert got.records == {"SAPIENT status report": 1}
    assert (s.category[0], s.message[0], s.degraded[0], s.nogo[0], s.sac_sic[0]) == (0, system, degraded, nogo, -1)
    assert np.degrees([s.lat_rad[0], s.lon_rad[0]]) == pytest.approx([13.0, 2.0])
    assert s.height_m[0] == 200.0


@pytest.mark.parametrize(("level", "kind", "degraded"), [(2, 4, 0), (4, 4, 1), (2, 1, 1), (2, 11, 1), (3, 9, 0)])
def test_a_fault_degrades(level: int, kind: int, degraded: int) -> None:
    made = status()
    made.status_report.status.add(status_level=level, status_type=kind, status_value="x")
    assert decode(made).status.degraded[0] == degraded


@pytest.mark.parametrize(
    ("path", "made", "air"),
    [
        (["Air vehicle"], AircraftClass.UNKNOWN, True),
        (["Air vehicle", "UAV rotary wing", "Commercial"], AircraftClass.DRONE, True),
        (["sapient_core:UAV_fixed_wing"], AircraftClass.DRONE, True),
        (["Air vehicle", "Manned Rotary Wing"], AircraftClass.HELICOPTER, True),
        (["Air vehicle", "Manned fixed wing"], AircraftClass.UNKNOWN, True),
        (["Bird"], AircraftClass.OTHER, True),
        (["Animal", "Bird"], AircraftClass.OTHER, False),
        (["Human"], AircraftClass.UNKNOWN, False),
        (["Land vehicle", "Car"], AircraftClass.UNKNOWN, False),
        (["Unmanned ground vehicle"], AircraftClass.DRONE, False),
        (["Sea vessel"], AircraftClass.UNKNOWN, False),
        (["Unmanned aerial vehicle"], AircraftClass.DRONE, True),
        (["Unknown"], AircraftClass.UNKNOWN, True),
        ([], AircraftClass.UNKNOWN, True),
    ],
)
def test_classes(path: list[str], made: AircraftClass, air: bool) -> None:
    found = classes.Classified(tuple(p.rpartition(":")[2] for p in path), math.nan)
    assert classes.aircraft_class(found) is made
    assert classes.is_air(found) is air


def test_the_likeliest_class_counts_and_the_ground_is_not_the_sky() -> None:
    made = detection(z=1.0)
    made.detection_report.classification.add(type="Air vehicle", confidence=0.2)
    made.detection_report.classification.add(type="Human", confidence=0.8)
    got = decode(made)
    assert (len(got.plots), got.records, got.rejects.counts) == (0, {"SAPIENT detection report": 1}, {})


def test_what_is_lost_from_view_is_no_plot() -> None:
    made = detection(z=1.0)
    made.detection_report.state = "lostInView"
    assert len(decode(made).plots) == 0


def test_each_object_has_its_number() -> None:
    got = decode(*[detection(z=1.0, uid=ULIDS[i], node=NODES[i % 2]) for i in (0, 1, 0, 2)])
    assert got.plots.source_track.tolist() == [0, 1, 0, 2]


def test_a_registration_says_the_unit_of_velocities() -> None:
    raw = sapient.encode_registration(NODES[0], time_s=NOW, name="x")
    made = schema.load().message.FromString(raw[4:])
    units = made.registration.mode_definition[0].detection_definition[0].velocity_type.enu_velocity_units
    units.east_north_rate_units = 2
    seen = detection(z=1.0)
    v = seen.detection_report.enu_velocity
    v.east_rate, v.north_rate, v.up_rate = 36.0, 0.0, 5.0
    got = decode(made, seen)
    assert (got.plots.east_ms[0], got.plots.vertical_rate_ms[0]) == pytest.approx((10.0, 5.0))
    assert decode(raw, seen).plots.east_ms[0] == 36.0


def test_a_velocity_that_cannot_be_is_none() -> None:
    made = detection(z=1.0)
    made.detection_report.enu_velocity.east_rate, made.detection_report.enu_velocity.north_rate = 1e9, 1.0
    assert np.isnan(decode(made).plots.east_ms[0])


def test_a_clock_that_is_off_is_counted_and_kept() -> None:
    got = decode(detection(z=1.0, time_s=NOW - 3600))
    assert got.plots.time_s[0] == NOW - 3600
    assert got.rejects.counts == {reader.CLOCK_OFF: 1}
    assert decode(detection(z=1.0, time_s=NOW - 3600), receive_s=math.nan).rejects.counts == {}


def test_tasks_and_alerts_are_only_counted() -> None:
    task, alert, error = message(), message(), message()
    task.task.task_id, task.task.control = ULIDS[0], 1
    task.task.command.request = "x"
    alert.alert.alert_id = ULIDS[0]
    alert.alert.location.x, alert.alert.location.y = 1.0, 1.0
    alert.alert.location.coordinate_system = alert.alert.location.datum = 1
    error.error.packet, error.error.error_message[:] = b"x", ["y"]
    got = decode(task, alert, error)
    assert got.records == {"SAPIENT task": 1, "SAPIENT alert": 1, "SAPIENT error": 1}
    assert (len(got.plots), len(got.status), got.rejects.counts) == (0, 0, {})
    _, tables = sapient.FORMAT.details(reader.init(SourceHint()), Chunk.of("s", [framed(task), framed(alert)], NOW), NOW)
    (table,) = tables.values()
    assert next(c for c in table.columns if c.name == "content").values.tolist() == [4, 6]


def broken_ones():
    """Yield messages that break one rule each, and the reason under which each is counted."""
    good = detection(z=1.0)

    def changed(change):
        made = schema.load().message()
        made.CopyFrom(good)
        change(made)
        return made

    incomplete, invalid = f"SAPIENT detection report {schema.INCOMPLETE}", f"SAPIENT detection report {schema.INVALID}"
    yield changed(lambda m: m.ClearField("node_id")), incomplete
    yield changed(lambda m: m.ClearField("timestamp")), incomplete
    yield changed(lambda m: m.detection_report.ClearField("object_id")), incomplete
    yield changed(lambda m: m.detection_report.location.ClearField("datum")), incomplete
    yield changed(lambda m: m.detection_report.classification.add()), incomplete
    yield changed(lambda m: m.detection_report.behaviour.add(confidence=1.0)), incomplete
    yield changed(lambda m: setattr(m, "node_id", "me")), invalid
    yield changed(lambda m: setattr(m, "destination_id", "you")), invalid
    yield changed(lambda m: setattr(m.detection_report, "object_id", "1")), invalid
    yield changed(lambda m: setattr(m.timestamp, "seconds", 2**60)), invalid
    yield changed(lambda m: setattr(m.timestamp, "nanos", -5)), invalid
    yield changed(lambda m: m.ClearField("detection_report")), schema.EMPTY
    many = changed(lambda m: [m.detection_report.object_info.add(type="a", value="b") for _ in range(schema.MOST_PARTS)])
    yield many, schema.TOO_MANY


@pytest.mark.parametrize(("made", "reason"), list(broken_ones()))
def test_a_message_that_breaks_a_rule_is_counted_by_it(made, reason: str) -> None:
    got = decode(detection(z=1.0), made, detection(z=1.0))
    assert got.rejects.counts == {reason: 1}
    assert len(got.plots) == 2


def test_fields_of_a_later_edition_are_passed_over() -> None:
    raw = detection(z=1.0).SerializeToString() + b"\x82\x01\x03new"
    assert len(decode(len(raw).to_bytes(4, "little") + raw).plots) == 1
    for tail in (b"\x11" + bytes(8), b"\x82\x01\x00" * (schema.MOST_UNKNOWN + 1)):
        bad = detection(z=1.0).SerializeToString() + tail
        assert decode(len(bad).to_bytes(4, "little") + bad).rejects.counts == {schema.NO_PROTOBUF: 1}


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: {"sapientMessage": d}])
@pytest.mark.parametrize("proto_names", [True, False])
def test_json_lines_say_the_same(wrap, proto_names: bool) -> None:
    made = detection(z=350.0)
    text = json.dumps(wrap(json_format.MessageToDict(made, preserving_proto_field_name=proto_names))).encode() + b"\n"
    got = decode(text + framed(made) + text + b"\r\n" + text)
    assert got.rejects.counts == {}
    plots = got.plots
    assert len(plots) == 4
    assert len(set(plots.lat_rad.tolist())) == 1
    assert plots.height_m.tolist() == [350.0] * 4


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"{",
        b'{"nodeId": 5}',
        b'{"nodeId": {"a": 1}}',
        b'{"detectionReport": [1]}',
        b'{"timestamp": "yesterday"}',
        b'{"sapientMessage": 7}',
        b'{"a": ' * 500 + b"1" + b"}" * 500,
        b'{"detectionReport": {"classification": ' + b'[{"subClass": ' * 200 + b"[]" + b"}]" * 200 + b"}}",
        b'{"detectionReport": {"location": {"x": 1e999}}}',
        b'{"detectionReport": {"classification": 5}}',
        b'{"\xff": 1}',
        b"{" + b" " * 5000,
    ],
)
def test_json_that_is_no_message_is_counted(line: bytes) -> None:
    good = json.dumps(json_format.MessageToDict(detection(z=1.0))).encode() + b"\n"
    got = decode(good + line + b"\n" + good)
    assert got.rejects.total() == 1
    assert set(got.rejects.counts) <= {schema.NO_JSON, schema.EMPTY}
    assert len(got.plots) == 2


def test_details_have_every_field() -> None:
    made = detection(x_error=0.5, z=350.0, z_error=2.0)
    made.destination_id, made.additional_information = NODES[1], "more"
    r = made.detection_report
    r.task_id, r.state, r.detection_confidence, r.colour, r.id = ULIDS[3], "new", 0.5, "red", "TR-1"
    r.enu_velocity.east_rate, r.enu_velocity.north_rate = 1.0, 2.0
    r.classification.add(type="Air vehicle", confidence=0.75).sub_class.add(type="UAV", level=1)
    r.behaviour.add(type="Hovering")
    r.object_info.add(type="size", value="2")
    r.signal.add(amplitude=-60.0, centre_frequency=2.4e9)
    r.associated_file.add(type="image", url="x")
    state = reader.init(SourceHint())
    units = [framed(made), framed(status(x=2.0, y=13.0)), sapient.encode_registration(NODES[0], time_s=NOW, name="us", node_type="radar")]
    _, tables = sapient.FORMAT.details(state, Chunk.of("s", units, NOW, 1000), NOW)
    assert list(tables) == ["SAPIENT detection report", "SAPIENT status report", "SAPIENT registration"]
    got = {c.name: c.values[0] for c in tables["SAPIENT detection report"].columns if c.offsets is None}
    assert {
        "offset": 1000,
        "receive_s": NOW,
        "time_s": NOW,
        "node_id": NODES[0].encode(),
        "destination_id": NODES[1].encode(),
        "additional_information": b"more",
        "object_id": ULIDS[0].encode(),
        "task_id": ULIDS[3].encode(),
        "state": b"new",
        "x": 2.25,
        "y": 13.5,
        "z": 350.0,
        "x_error": 0.5,
        "z_error": 2.0,
        "location_system": 1,
        "location_datum": 1,
        "detection_confidence": 0.5,
        "class": b"Air vehicle > UAV",
        "class_confidence": 0.75,
        "behaviour": b"Hovering",
        "east_rate": 1.0,
        "colour": b"red",
        "id": b"TR-1",
        "object_info": b"size=2",
        "amplitude": -60.0,
        "files": 1,
    }.items() <= got.items()
    assert np.isnan(got["y_error"])
    assert np.isnan(got["range"])
    octets = tables["SAPIENT detection report"].columns[-1]
    assert octets.values.tobytes() == units[0][4:]
    assert [c.values[0] for c in tables["SAPIENT status report"].columns if c.name in {"mode", "system", "y"}] == [1, b"default", 13.0]
    assert [c.values[0] for c in tables["SAPIENT registration"].columns if c.name in {"name", "node_type", "modes"}] == [
        b"us",
        2,
        b"default",
    ]
    assert all(len(c) == len(t) for t in tables.values() for c in t.columns)
    bearing_system = next(c for c in tables["SAPIENT detection report"].columns if c.name == "bearing_system")
    assert bearing_system.present is not None
    assert not bearing_system.present[0]
    assert columns.OTHER not in tables


def names(data: list[bytes], state: reader.State | None = None) -> tuple[list[str], dict[str, int]]:
    state, rejects = state or reader.init(SourceHint()), Rejects()
    heard = reader.hear(state, Chunk.of("s", data, NOW), rejects)
    return [h.message.detection_report.object_id[-1:] for h in heard], rejects.counts


def test_a_stream_may_be_cut_anywhere() -> None:
    line = json.dumps(json_format.MessageToDict(detection(z=1.0, uid=ULIDS[1]))).encode() + b"\n"
    data = framed(detection(z=1.0)) + line + framed(detection(z=1.0, uid=ULIDS[2]))
    for at in range(0, len(data) + 1, 3):
        state = reader.init(SourceHint())
        one, refused = names([data[:at]], state)
        other, more = names([data[at:]], state)
        assert (one + other, refused, more) == (["0", "1", "2"], {}, {}), at
    state = reader.init(SourceHint())
    assert [n for i in range(len(data)) for n in names([data[i : i + 1]], state)[0]] == ["0", "1", "2"]


def test_a_stream_out_of_step_finds_it_again() -> None:
    good = [framed(detection(z=1.0, uid=u)) for u in ULIDS[:4]]
    junk = b"\xff\xfe\xfd\xfc lost" + bytes(40)
    assert names([good[0] + junk + good[1] + good[2]]) == (["0", "1", "2"], {frames.OUT_OF_STEP: 1})
    assert names([good[0][30:] + good[1] + good[2]])[0] == ["1", "2"]
    for at in range(len(good[1])):
        broken = bytearray(good[1])
        broken[at] ^= 0x55
        more = 180 if at == 1 else 3  # there its size is 22 kB more: what that takes in is looked into when it is there
        heard, refused = names([good[0] + bytes(broken) + good[2] + good[3] * more])
        assert heard[0] == "0", at
        assert heard[-1 - more :] == ["2", *"3" * more], at
        assert len(heard) == more + 3 or sum(refused.values()) == 1, at


def test_every_node_in_step_after_damage_cut_anywhere() -> None:
    data = b"\xff" * 50 + framed(detection(z=1.0)) + framed(detection(z=1.0, uid=ULIDS[1]))
    for at in range(len(data)):
        state = reader.init(SourceHint())
        assert names([data[:at]], state)[0] + names([data[at:]], state)[0] == ["0", "1"], at


def test_what_is_kept_is_bounded() -> None:
    for junk in (b"\xff", b"{", b"\x00\x00\x10\x00\x0a", b" ", b'{"a": 1}'):
        state = reader.init(SourceHint())
        for _ in range(6):
            names([junk * (300_000 // len(junk))], state)
            assert state.scanner.held <= frames.LARGEST + 300_004
        state = reader.init(SourceHint())
    assert frames.LARGEST == 2**20


def test_small_reads_of_a_large_message_are_not_joined_each_time() -> None:
    made = detection(z=1.0)
    made.additional_information = "x" * 500_000
    data = framed(made)
    state = reader.init(SourceHint())
    heard = [n for i in range(0, len(data), 1000) for n in names([data[i : i + 1000]], state)[0]]
    assert heard == ["0"]
    state = reader.init(SourceHint())
    names([data[:1000]], state)
    names([data[1000:2000]], state)
    assert [len(p) for p in state.scanner.pieces] == [1000, 1000]


def test_a_message_over_a_megabyte_is_refused() -> None:
    made = detection(z=1.0)
    made.additional_information = "x" * frames.LARGEST
    heard, refused = names([framed(made) + framed(detection(z=1.0, uid=ULIDS[1]))])
    assert (heard, refused) == (["1"], {frames.OUT_OF_STEP: 1})


def test_a_file_splits_into_its_messages() -> None:
    parts = [framed(detection(z=1.0)), framed(status()), b"rest"]
    ends, times_s, _ = sapient.FORMAT.split(b"".join(parts))
    assert ends.tolist() == np.cumsum([len(p) for p in parts]).tolist()
    assert times_s.tolist() == [NOW] * 3
    assert sapient.FORMAT.split(b"")[0].tolist() == [0]


def test_it_knows_its_own_and_no_others() -> None:
    data = b"".join(framed(detection(z=float(i))) for i in range(600))
    assert sapient.FORMAT.likeness(data[:65_536]) == 1.0
    for at in (1, 50, 100):
        assert sapient.FORMAT.likeness(data[at : at + 20_000]) > 0.9
    lines = b"".join(json.dumps(json_format.MessageToDict(detection(z=float(i)))).encode() + b"\n" for i in range(100))
    assert sapient.FORMAT.likeness(lines[77:30_000]) > 0.9
    for other in (b"", b"\0" * 1000, bytes(range(256)) * 50, b'{"a": 1}\n' * 1000, b"<event/>" * 100, b"\x1a2" + bytes(13)):
        assert sapient.FORMAT.likeness(other) == 0.0
