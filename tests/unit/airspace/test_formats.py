"""Each airspace format as its makers write it, found by content; strictness; the real files."""

from __future__ import annotations

import gzip
import json
import math

import numpy as np
import pytest

from tenere.airspace import formats, sanity
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Circle, Corridor, Limit, Period, Polygon, VolumeKind
from tenere.geo import geodesic

OPENAIR = """\
\ufeff*VERSION: 2.1.0
* a comment
AC D
AY TMA
AN NORD  1
AI N-1
AF 121.025
AG Nord Radar
AX 7000
AA 2026-05-01T12:00Z/2026-05-01T13:00Z
AL 1500 ft AMSL
AH FL95
DP 46:00:00 N 008:00:00 E ; the corner
V X=46:00:00 N 008:30:00 E
V D=-
DB 46:00:00 N 008:20:00 E, 46:00:00 N 008:40:00 E
V D=+
DP 47:00.000N 008:00.000E
DP 46:00:00 N 008:00:00 E

AC Q
AN ROND
AL GND
AH 2000ft AGL
V X=46:30:46N 008:41:21E
DC 2.7

AC R
AN SECTEUR
AL SFC
AH UNL
V X=46:00:00 N 008:00:00 E
DA 10, 350, 10
DP 46:00:00 N 008:00:00 E

AC UNC
AY VFRR
AN ROUTE
AA NONE
AL 300m AGL
AH 1000m MSL
V W=5
DY 46:00:00 N 008:00:00 E
DY 46:30:00 N 008:00:00 E
DY 46:30:00 N 009:00:00 E
SP 0,2,0,0,255
"""


def openair(text: str, **more):
    return formats.read_any(text.replace("\n", "\r\n").encode(), "x", **more)[1]


def test_openair_every_command():
    tma, round_, sector, route = openair(OPENAIR).volumes
    assert (tma.name, tma.id, tma.kind, tma.airspace_class) == ("NORD 1", "N-1", VolumeKind.CONTROL, "D")
    assert (tma.floor, tma.ceiling) == (Limit(457.2), Limit(2895.6, "fl"))
    assert (tma.starts_s, tma.ends_s - tma.starts_s) == (1777636800.0, 3600.0)
    assert tma.remark == "frequency 121.025; station Nord Radar; transponder 7000"
    assert tma.shape.ring[0] == (46.0, 8.0)
    south = [p for p in tma.shape.ring if p[0] < 45.95]
    assert len(south) > 4  # anticlockwise from west to east goes south about
    assert (round_.kind, round_.ceiling, round_.shape) == (VolumeKind.DANGER, Limit(609.6, "agl"), Circle(46.51277778, 8.68916667, 5000.4))
    north = [p for p in sector.shape.ring if p != (46.0, 8.0)]
    far = geodesic.between(*np.radians((46.0, 8.0)), *np.radians(np.array(north)).T)[0]
    assert np.allclose(far, 18520.0, atol=0.01)
    assert min(p[0] for p in north) > 46.16
    assert (sector.floor, sector.ceiling) == (GROUND, UNLIMITED)
    assert route.shape == Corridor(((46.0, 8.0), (46.5, 8.0), (46.5, 9.0)), 9260.0)
    assert (route.kind, route.active) == (VolumeKind.CORRIDOR, False)


def test_openair_in_latin_1_and_with_lone_carriage_returns():
    text = OPENAIR.removeprefix("\ufeff").replace("ROND", "GENÈVE")
    read = formats.read_any(text.replace("\n", "\r").encode("latin-1"), "x")[1]
    assert read.volumes[1].name == "GENÈVE"


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("AL 1500 ft AMSL", "AL low"), 11, "AL: 'low' is no limit"),
        (("AH FL95", "AX 1"), 3, "has no ceiling (AH)"),
        (("AH FL95", "AH 1000 ft"), 3, "not below its ceiling"),
        (("46:00:00 N 008:40:00 E\n", "46:00:00 N\n"), 16, "DB: '46:00:00 N' is no place"),
        (("V X=46:00:00 N 008:30:00 E", "*"), 16, "no V X= before it"),
        (("V D=-", "V D=?"), 15, "V: "),
        (("DP 47:00.000N 008:00.000E", "DP 99:00:00 N 008:00:00 E"), 18, "DP: 99 degrees is more than the 90"),
        (("DP 47:00.000N 008:00.000E", "QX 47"), 18, "there is no command 'QX'"),
        (("DP 47:00.000N 008:00.000E", "DC 3"), 3, "points, a circle and an airway together"),
        (("AC D\n", "\n"), 4, "AY stands before any AC"),
    ],
)
def test_a_broken_openair_file_names_line_and_reason_and_loads_nothing(change, line, said):
    broken = OPENAIR.replace(*change, 1)
    assert broken != OPENAIR
    with pytest.raises(formats.RefusedError) as e:
        openair(broken)
    first = e.value.refused[0]
    assert first.where == f"line {line}"
    assert said in first.reason
    assert f"line {line}" in str(e.value)
    rest = openair(broken, keep_going=True)
    assert [v.name for v in rest.volumes] == ["ROND", "SECTEUR", "ROUTE"]
    assert rest.refused


def test_every_problem_is_told():
    with pytest.raises(formats.RefusedError) as e:
        openair(OPENAIR.replace("AL 1500 ft AMSL", "AL low").replace("DC 2.7", "DC far").replace("AH UNL", "AH 1 x"))
    assert [r.name for r in e.value.refused] == ["NORD 1", "ROND", "SECTEUR"]


AIXM = """<?xml version="1.0"?>
<message:AIXMBasicMessage xmlns:message="http://www.aixm.aero/schema/5.1/message" xmlns:aixm="http://www.aixm.aero/schema/5.1"
 xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink">
<message:hasMember><aixm:Airspace><gml:identifier codeSpace="urn:uuid:">1</gml:identifier>
<aixm:timeSlice><aixm:AirspaceTimeSlice><aixm:interpretation>BASELINE</aixm:interpretation><aixm:sequenceNumber>2</aixm:sequenceNumber>
<aixm:type>R</aixm:type><aixm:name>ARC &amp; LINE</aixm:name>
<aixm:geometryComponent><aixm:AirspaceGeometryComponent><aixm:theAirspaceVolume><aixm:AirspaceVolume>
<aixm:upperLimit uom="FL">65</aixm:upperLimit><aixm:upperLimitReference>STD</aixm:upperLimitReference>
<aixm:lowerLimit uom="FT">1000</aixm:lowerLimit><aixm:lowerLimitReference>SFC</aixm:lowerLimitReference>
<aixm:horizontalProjection><aixm:Surface srsName="urn:ogc:def:crs:EPSG::4326"><gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring>
<gml:curveMember><gml:Curve><gml:segments><gml:GeodesicString><gml:posList>52.0 -32.0 52.5 -32.0</gml:posList></gml:GeodesicString>
<gml:ArcByCenterPoint numArc="1"><gml:pointProperty><gml:Point><gml:pos>52.5 -32.5</gml:pos></gml:Point></gml:pointProperty>
<gml:radius uom="NM">10</gml:radius>
<gml:startAngle uom="deg">90</gml:startAngle><gml:endAngle uom="deg">-90</gml:endAngle></gml:ArcByCenterPoint>
</gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches></aixm:Surface>
</aixm:horizontalProjection></aixm:AirspaceVolume></aixm:theAirspaceVolume></aixm:AirspaceGeometryComponent></aixm:geometryComponent>
<aixm:activation><aixm:AirspaceActivation><aixm:timeInterval><aixm:Timesheet><aixm:timeReference>UTC</aixm:timeReference>
<aixm:day>MON</aixm:day><aixm:startTime>08:00</aixm:startTime><aixm:endTime>16:30</aixm:endTime></aixm:Timesheet></aixm:timeInterval>
<aixm:timeInterval><aixm:Timesheet><aixm:timeReference>UTC</aixm:timeReference>
<aixm:day>FRI</aixm:day><aixm:startTime>08:00</aixm:startTime><aixm:endTime>16:30</aixm:endTime></aixm:Timesheet></aixm:timeInterval>
<aixm:status>ACTIVE</aixm:status></aixm:AirspaceActivation></aixm:activation>
</aixm:AirspaceTimeSlice></aixm:timeSlice></aixm:Airspace></message:hasMember>
<message:hasMember><aixm:Airspace><aixm:timeSlice><aixm:AirspaceTimeSlice><aixm:interpretation>BASELINE</aixm:interpretation>
<aixm:type>FIR</aixm:type><aixm:designator>DRRR</aixm:designator><aixm:geometryComponent><aixm:AirspaceGeometryComponent>
<aixm:theAirspaceVolume><aixm:AirspaceVolume><aixm:upperLimit>UNL</aixm:upperLimit><aixm:lowerLimit>GND</aixm:lowerLimit>
<aixm:horizontalProjection><aixm:Surface srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring>
<gml:curveMember><gml:Curve><gml:segments><gml:CircleByCenterPoint numArc="1"><gml:pos>2.1 13.5</gml:pos><gml:radius uom="KM">5</gml:radius>
</gml:CircleByCenterPoint></gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches></aixm:Surface>
</aixm:horizontalProjection></aixm:AirspaceVolume></aixm:theAirspaceVolume></aixm:AirspaceGeometryComponent></aixm:geometryComponent>
</aixm:AirspaceTimeSlice></aixm:timeSlice></aixm:Airspace></message:hasMember></message:AIXMBasicMessage>"""


def test_aixm_arcs_circles_limits_and_hours():
    found, read = formats.read_any(AIXM.encode(), "x")
    assert found == "aixm"
    arc, circle = read.volumes
    assert (arc.name, arc.kind, arc.floor, arc.ceiling) == ("ARC & LINE", VolumeKind.RESTRICTED, Limit(304.8, "agl"), Limit(1981.2, "fl"))
    assert max(p[0] for p in arc.shape.ring) == pytest.approx(52.5 + 18520 / 111_250, abs=1e-3)  # north about, anticlockwise
    assert arc.schedule == (Period((0, 4), 480, 990),)
    assert (circle.name, circle.kind, circle.shape) == ("DRRR", VolumeKind.FIR, Circle(13.5, 2.1, 5000.0))
    assert (circle.floor, circle.ceiling) == (GROUND, UNLIMITED)


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (('uom="FT">1000', 'uom="FT">high'), 4, "a limit is no number"),
        (
            ("<gml:curveMember><gml:Curve><gml:segments><gml:GeodesicString>", '<gml:curveMember xlink:href="#b"/><gml:x><gml:x><gml:x>'),
            0,
            "",
        ),
        (("<aixm:theAirspaceVolume>", "<aixm:operation>SUBTR</aixm:operation><aixm:theAirspaceVolume>"), 4, "made by SUBTR"),
        (("BASELINE", "TEMPDELTA"), 4, "no time slice"),
        (("EPSG::4326", "EPSG::2154"), 4, "only EPSG:4326"),
        (("52.0 -32.0 52.5 -32.0", "52.0 -32.0 52.5"), 4, "half a position"),
    ],
)
def test_a_broken_aixm_file_names_line_and_reason(change, line, said):
    with pytest.raises(AirspaceError) as e:
        formats.read_any(AIXM.replace(*change, 1).encode(), "x.xml")
    assert said in str(e.value)
    assert f"line {line or ''}" in str(e.value)


ED269 = {
    "title": "zones",
    "features": [
        {
            "identifier": "FRA0001",
            "country": "FRA",
            "name": "Hôpital",
            "type": "COMMON",
            "restriction": "REQ_AUTHORISATION",
            "message": "ask first",
            "applicability": [
                {
                    "permanent": "NO",
                    "startDateTime": "2026-05-01T00:00:00Z",
                    "schedule": [{"day": ["MON", "TUE"], "startTime": "08:00:00Z", "endTime": "18:00:00Z"}],
                }
            ],
            "zoneAuthority": [],
            "geometry": [
                {
                    "uomDimensions": "FT",
                    "lowerLimit": 0,
                    "lowerVerticalReference": "AGL",
                    "upperLimit": 400,
                    "upperVerticalReference": "AGL",
                    "horizontalProjection": {"type": "Circle", "center": [2.3, 48.8], "radius": 500},
                },
                {
                    "uomDimensions": "M",
                    "horizontalProjection": {"type": "Polygon", "coordinates": [[[2.0, 48.0], [2.1, 48.0], [2.1, 48.1], [2.0, 48.0]]]},
                },
            ],
        }
    ],
}
ED318 = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {
                "identifier": "CHE0001",
                "country": "CHE",
                "name": [{"lang": "en-GB", "text": "Prison"}],
                "type": "PROHIBITED",
                "variant": "COMMON",
                "limitedApplicability": [{"startDateTime": "2026-05-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}],
            },
            "geometry": {
                "type": "GeometryCollection",
                "geometries": [
                    {
                        "type": "Point",
                        "coordinates": [7.4, 46.9],
                        "extent": {"subType": "Circle", "radius": 300.0},
                        "layer": {"upper": 120, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL", "uom": "m"},
                    }
                ],
            },
        }
    ],
}


def test_zones_for_drones():
    found, read = formats.read_any(json.dumps(ED269).encode(), "x")
    assert found == "ed269"
    circle, polygon = read.volumes
    assert (circle.id, circle.name, circle.kind, circle.country) == ("FRA0001", "Hôpital", VolumeKind.DRONE, "FRA")
    assert (circle.floor, circle.ceiling, circle.shape) == (Limit(0.0, "agl"), Limit(121.92, "agl"), Circle(48.8, 2.3, 500.0))
    assert (circle.schedule, circle.starts_s, circle.ends_s) == ((Period((0, 1), 480, 1080),), 1777593600.0, math.inf)
    assert (polygon.ceiling, len(polygon.shape.ring)) == (UNLIMITED, 3)
    found, read = formats.read_any(json.dumps(ED318).encode(), "x")
    assert found == "ed318"
    (prison,) = read.volumes
    assert (prison.name, prison.kind, prison.shape, prison.ceiling) == (
        "Prison",
        VolumeKind.DRONE,
        Circle(46.9, 7.4, 300.0),
        Limit(120.0, "agl"),
    )
    assert prison.ends_s - prison.starts_s == 31 * 86400


def test_a_broken_zone_is_named_by_its_element():
    broken = json.loads(json.dumps(ED269))
    broken["features"][0]["geometry"][0]["upperVerticalReference"] = "W84"
    with pytest.raises(formats.RefusedError, match=r"features\[0\]: Hôpital: a limit counts from W84"):
        formats.read_any(json.dumps(broken).encode(), "x")


def test_geojson_with_limits_under_the_names_in_use():
    square = {"type": "Polygon", "coordinates": [[[0, 0], [0.1, 0], [0.1, 0.1], [0, 0.1], [0, 0]]]}
    about = [
        {"NAME": "BRUSSELS FIR", "TYPE": "FIR", "UPPERLIMIT": "195", "UPPERUNIT": "FL", "LOWERLIMIT": "0", "LOWERUNIT": "FT"},
        {
            "name": "b",
            "lowerCeiling": {"value": 0, "unit": "FT", "referenceDatum": "GND"},
            "upperCeiling": {"value": 90, "unit": "FL", "referenceDatum": "STD"},
        },
        {"name": "c", "floor": "GND", "ceiling": "1500 ft AGL", "kind": "danger", "class": "d"},
        {"name": "d", "floor": 1000, "ceiling": 2000.5},
        {"name": "e"},
    ]
    tree = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": square, "properties": p} for p in about]}
    found, read = formats.read_any(json.dumps(tree).encode(), "x")
    assert found == "geojson"
    pairs = [(v.floor, v.ceiling) for v in read.volumes]
    assert pairs[0] == (Limit(0.0), Limit(5943.6, "fl"))
    assert pairs[1] == (GROUND, Limit(2743.2, "fl"))
    assert pairs[2] == (GROUND, Limit(457.2, "agl"))
    assert pairs[3] == (Limit(304.8), Limit(609.7524))
    assert pairs[4] == (GROUND, UNLIMITED)
    assert [v.kind for v in read.volumes[:3]] == [VolumeKind.FIR, VolumeKind.OTHER, VolumeKind.DANGER]
    assert read.volumes[2].airspace_class == "D"
    assert any("no floor" in n.reason for n in read.notes)


KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><Placemark><name>Camp</name><Polygon>
<extrude>1</extrude><altitudeMode>{mode}</altitudeMode><outerBoundaryIs><LinearRing><coordinates>
2.0,13.0,500 2.1,13.0,500 2.1,13.1,500 2.0,13.0,500</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>
<Placemark><name>a pin</name><Point><coordinates>1,1</coordinates></Point></Placemark></Document></kml>"""


@pytest.mark.parametrize(
    ("mode", "ceiling"),
    [("absolute", Limit(500.0)), ("relativeToGround", Limit(500.0, "agl")), ("clampToGround", UNLIMITED)],
)
def test_kml_of_another_program(mode, ceiling):
    found, read = formats.read_any(KML.format(mode=mode).encode(), "x")
    assert found == "kml"
    (camp,) = read.volumes
    assert (camp.name, camp.floor, camp.ceiling) == ("Camp", GROUND, ceiling)
    assert camp.shape == Polygon(((13.0, 2.0), (13.0, 2.1), (13.1, 2.1)))
    assert any("without a polygon" in n.reason for n in read.notes)


YAIXM = """\
airspace:
- name: ALPHA
  id: alpha
  type: CTA
  class: D
  geometry:
  - seq: "1"
    upper: FL115
    lower: 1500 ft
    boundary:
    - line: [572153N 0015835W, 572100N 0015802W, 572100N 0023356W]
    - arc:
        dir: cw
        radius: 10 nm
        centre: 571834N 0021602W
        to: 572153N 0015835W
  - seq: "2"
    upper: FL195
    lower: SFC
    rules: [NOTAM, TRA]
    boundary:
    - circle: {radius: 5 nm, centre: 512253N 0003241W}
service:
- x: y
"""


def test_yaixm():
    found, read = formats.read_any(YAIXM.encode(), "x")
    assert found == "yaixm"
    one, two = read.volumes
    assert (one.id, one.name, one.kind, one.airspace_class, one.floor) == ("alpha-1", "ALPHA", VolumeKind.CONTROL, "D", Limit(457.2))
    assert len(one.shape.ring) > 8
    assert (two.active, two.remark, two.shape) == (False, "rules: TRA", Circle(51.38138889, -0.54472222, 9260.0))
    assert any("service holds no volumes" in n.reason for n in read.notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("lower: 1500 ft", "lower: low"), "line 9: ALPHA: lower: 'low' is no limit"),
        (("dir: cw", "dir: up"), "line 13: ALPHA: an arc's dir 'up'"),
        (("572100N 0015802W", "572100X"), "line 11: ALPHA: '572100X' is no place"),
        (("    boundary:\n    - circle", "    bounds:\n    - circle"), "ALPHA: boundary is no list"),
        (("service:", "service: &a"), "anchors and aliases"),
        (("- name", "- name: x\n  name"), "the key 'name' again"),
        (("  id: alpha", "\tid: alpha"), "line 3: is not valid YAML"),
    ],
)
def test_a_broken_yaixm_file_names_line_and_reason(change, said):
    with pytest.raises(AirspaceError) as e:
        formats.read_any(YAIXM.replace(*change, 1).encode(), "x")
    assert said in str(e.value)


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 99, b"hello", b"<html/>", b"PK\x03\x04", b"{}", b"[]", b"{", b"\x1f\x8b", b"airspace: 5\n", b"<kml/>"]
)
def test_what_is_no_airspace_file_is_said_to_be_none(data):
    with pytest.raises(AirspaceError, match=r"^some.file"):
        formats.read_any(data, "some.file")


def test_gzip_is_opened_and_ids_are_never_two_of_the_same():
    twice = OPENAIR.replace("AN ROND", "AN NORD 1").replace("AN SECTEUR", "AN NORD 1")
    read = formats.read_any(gzip.compress(twice.encode()), "x")[1]
    assert len({v.id for v in read.volumes}) == 4


def test_a_change_by_another_program_counts_over_what_stands_beside():
    held = openair(OPENAIR).volumes
    tree = json.loads(formats.FORMATS["geojson"].write(held))
    assert formats.read_any(json.dumps(tree).encode(), "x")[1].volumes == held
    tree["features"][1]["properties"]["ceiling"] = "FL100"
    read = formats.read_any(json.dumps(tree).encode(), "x")[1]
    assert read.volumes[1].ceiling == Limit(3048.0, "fl")
    assert read.volumes[1].shape == held[1].shape  # what was not touched still stands
    tree["features"][1]["geometry"]["coordinates"][0].pop(3)
    read = formats.read_any(json.dumps(tree).encode(), "x")[1]
    assert isinstance(read.volumes[1].shape, Polygon)  # the circle as somebody drew it anew
    assert read.volumes[0] == held[0]
    assert any("another program" in n.reason for n in read.notes)


def test_what_a_format_cannot_say_is_counted_and_named():
    held = openair(OPENAIR).volumes
    assert not formats.write_as(held, "openair").lost
    assert formats.write_as(held, "yaixm").lost["shape"] == 1  # the corridor
    assert formats.write_as(held, "geojson").own["shape"] >= 2
    assert not formats.write_as(held, "geojson").lost


@pytest.mark.parametrize("to", list(formats.FORMATS))
@pytest.mark.parametrize(
    ("name", "found", "count", "refused"),
    [("openair_Switzerland.txt", "openair", 315, 19), ("uk_airspace.yaml", "yaixm", 1053, 0)],
)
def test_the_real_files_through_every_format(shared_data, name, found, count, refused, to):
    data = (shared_data / "airspace" / name).read_bytes()
    kind, read = formats.read_any(data, name, keep_going=True)
    assert (kind, len(read.volumes), len(read.refused)) == (found, count, refused)
    assert all(r.where.startswith("line ") and r.name and r.reason for r in read.refused)
    written = formats.write_as(read.volumes, to)
    back = formats.read_any(written.data, to)[1]
    if not written.lost:
        assert back.volumes == read.volumes
    assert set(written.lost) <= ({"remark"} if to == "openair" else {"ceiling"} if to == "yaixm" else set())
    assert [sanity.problem(v) for v in back.volumes] == [""] * count


def test_the_swiss_file_is_refused_whole_unless_told_to_go_on(shared_data):
    path = shared_data / "airspace" / "openair_Switzerland.txt"
    with pytest.raises(formats.RefusedError) as e:
        formats.read_any(path.read_bytes(), path.name)
    assert len(e.value.refused) == 19  # cables of two points, and an obstacle without height


def test_the_firs_of_europe(shared_data):
    found, read = formats.read_any((shared_data / "airspace" / "eurofirs.json.gz").read_bytes(), "firs")
    assert (found, len(read.volumes)) == ("geojson", 58)
    assert {v.kind for v in read.volumes} == {VolumeKind.FIR}
    assert all(v.ceiling.datum == "fl" for v in read.volumes)
