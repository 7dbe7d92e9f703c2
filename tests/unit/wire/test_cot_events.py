"""Cursor-on-Target in: what events say, in XML and in protobuf, and what becomes of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from takproto.constants import TAKProtoVer
from takproto.functions import xml2proto

from tenere.batch import AircraftClass, Claim, Emergency, PlotFlag
from tenere.errors import Rejects, WireError
from tenere.tick import Chunk
from tenere.wire import cot
from tenere.wire.cot import columns, event, kinds, protobuf
from tenere.wire.cot import decode as reader
from tenere.wire.cot.numbers import Numbers
from tenere.wire.format import SourceHint, load

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

NOW = 1_767_225_600.0  # 2026-01-01 00:00 UTC
POINT = '<point lat="13.5" lon="2.25" hae="350.5" ce="20" le="30.5"/>'


def xml(
    kind: str = "a-n-A-C-F",
    *,
    uid: str = "one",
    time: str = "2026-01-01T00:00:01.500Z",
    point: str = POINT,
    detail: str = "",
    more: str = "",
) -> bytes:
    head = f'version="2.0" uid="{uid}" type="{kind}" time="{time}" start="{time}" stale="2026-01-01T00:01:00Z" how="m-g"'
    return f"<event {head} {more}>{point}<detail>{detail}</detail></event>".encode()


def decode(*units: bytes, state: reader.State | None = None, receive_s: float = NOW) -> Decoded:
    return cot.FORMAT.step(state or reader.init(SourceHint()), Chunk.of("c", units, receive_s, 1000), NOW)[1]


def table(*units: bytes) -> dict[str, np.ndarray]:
    _, tables = cot.FORMAT.details(cot.FORMAT.init(SourceHint()), Chunk.of("c", units, NOW, 1000), NOW)
    return {c.name: c.values for c in tables[columns.NAME].columns}


GATEWAY = (
    '<contact callsign="RYR1AB-X" endpoint="*:-1:stcp"/><track course="90.0" speed="200.5" slope="1"/>'
    '<__group name="Cyan" role="Team Member"/><status battery="87"/><precisionlocation geopointsrc="GPS" altsrc="DTED0"/>'
    '<takv device="A" platform="B" os="30" version="5.1"/><remarks source="x">on final &amp; slow</remarks>'
    '<_aircot_ icao="4ca1fa" reg="EI-DPB" flight="RYR1AB" squawk="7421" cat="A3"/><link uid="two"/>'
    '<__milsym id="10040100001101000000"/>'
)


def test_it_is_registered() -> None:
    assert load("cot") is cot.FORMAT


def test_an_air_track_of_a_gateway() -> None:
    got = decode(xml(uid="ICAO-4CA1FA", detail=GATEWAY))
    track = got.system
    assert got.records == {"CoT air track": 1}
    assert got.rejects.counts == {}
    assert len(track) == 1
    assert track.time_s[0] == NOW + 1.5
    assert math.degrees(track.lat_rad[0]) == pytest.approx(13.5)
    assert math.degrees(track.lon_rad[0]) == pytest.approx(2.25)
    assert track.position_std_m[0] == 20.0
    assert track.east_ms[0] == pytest.approx(200.5)
    assert track.north_ms[0] == pytest.approx(0.0, abs=1e-9)
    assert track.vertical_rate_ms[0] == pytest.approx(200.5 * math.tan(math.radians(1.0)))
    assert np.isnan(track.pressure_altitude_m[0])  # hae is no pressure altitude
    assert track.address[0] == 0x4CA1FA
    assert track.mode_a[0] == 0o7421
    assert track.callsign[0] == b"RYR1AB"
    assert track.aircraft_class[0] == AircraftClass.AIRLINER
    assert track.claim[0] == Claim.NEUTRAL
    assert track.emergency[0] == Emergency.NONE
    assert track.flags[0] == 0
    assert track.sac_sic[0] == -1
    assert got.addresses == {0x4CA1FA}


def test_every_field_is_in_the_details() -> None:
    got = table(b"\n", xml(uid="ICAO-4CA1FA", detail=GATEWAY, more='opex="e-RED" access="Unclassified" qos="1-r-c"'))
    expected = {
        "offset": 1001,
        "receive_s": NOW,
        "time_s": NOW + 1.5,
        "wrapping": 0,
        "uid": b"ICAO-4CA1FA",
        "kind": b"a-n-A-C-F",
        "how": b"m-g",
        "access": b"Unclassified",
        "qos": b"1-r-c",
        "opex": b"e-RED",
        "start_s": NOW + 1.5,
        "stale_s": NOW + 60,
        "lat": 13.5,
        "lon": 2.25,
        "hae": 350.5,
        "ce": 20.0,
        "le": 30.5,
        "course": 90.0,
        "speed": 200.5,
        "slope": 1.0,
        "callsign": b"RYR1AB-X",
        "endpoint": b"*:-1:stcp",
        "remarks": b"on final & slow",
        "group": b"Cyan",
        "role": b"Team Member",
        "emergency": b"",
        "geopointsrc": b"GPS",
        "altsrc": b"DTED0",
        "device": b"A",
        "platform": b"B",
        "os": b"30",
        "version": b"5.1",
        "icao": b"4ca1fa",
        "registration": b"EI-DPB",
        "flight": b"RYR1AB",
        "squawk": b"7421",
        "category": b"A3",
        "link": b"two",
        "sidc": b"10040100001101000000",
        "battery": 87,
        "cancel": 0,
        "record": 0,
        "claim": Claim.EXERCISE,
    }
    octets = got.pop("detail")
    assert {name: values[0] for name, values in got.items()} == expected
    assert octets.tobytes().decode() == GATEWAY


def test_the_columns_are_the_same_without_events() -> None:
    assert list(table()) == list(table(xml()))


@pytest.mark.parametrize("version", [TAKProtoVer.MESH, TAKProtoVer.STREAM])
def test_protobuf_says_the_same_as_xml(version: TAKProtoVer) -> None:
    """takproto turns our XML into protobuf: an encoder that is not ours."""
    text = xml(uid="ICAO-4CA1FA", detail=GATEWAY, more='opex="o-" access="U" qos="1-r-c"')
    raw = bytes(xml2proto(text, version))
    from_xml, from_protobuf = table(text), table(raw)
    assert from_protobuf.pop("wrapping")[0] == (1 if version is TAKProtoVer.MESH else 2)
    del from_xml["wrapping"], from_xml["detail"], from_protobuf["detail"]
    # takproto leaves the slope out: its message has no field for it
    from_xml["slope"] = np.array([np.nan])
    assert {n: v[0].tolist() for n, v in from_protobuf.items()} == pytest.approx(
        {n: v[0].tolist() for n, v in from_xml.items()}, nan_ok=True
    )
    one, other = decode(text).system, decode(raw).system
    assert one.replace(vertical_rate_ms=np.nan).take([0]).callsign == other.callsign
    assert (other.address[0], other.mode_a[0], other.claim[0]) == (0x4CA1FA, 0o7421, Claim.NEUTRAL)


def test_control_alone_is_counted() -> None:
    got = decode(b"\xbf\x01\xbf" + protobuf.put(1, protobuf.put(1, 1) + protobuf.put(2, 1)), xml())
    assert got.records == {"TAK control": 1, "CoT air track": 1}
    assert len(got.system) == 1


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("a-f-A", "CoT air track"),
        ("a-f-G-U-C", "CoT ground track"),
        ("a-u-S", "CoT surface track"),
        ("a-u-U", "CoT subsurface track"),
        ("a-u-P", "CoT space track"),
        ("a-u-X", "CoT other track"),
        ("a-uA-A", "CoT other track"),
        ("a-u-AA", "CoT other track"),
        ("b-m-p-s-p-i", "CoT data"),
        ("t-x-c-t", "CoT task"),
        ("y-a-r", "CoT reply"),
        ("r-u", "CoT reservation"),
        ("c-f", "CoT capability"),
        ("bb", "CoT other event"),
        ("z-1", "CoT other event"),
    ],
)
def test_events_are_counted_by_their_kind(kind: str, name: str) -> None:
    got = decode(xml(kind))
    assert got.records == {name: 1}
    assert len(got.system) == (1 if name == "CoT air track" else 0)
    assert got.rejects.counts == {}


@pytest.mark.parametrize(
    ("kind", "category", "made"),
    [
        ("a-n-A", "", AircraftClass.UNKNOWN),
        ("a-n-A-C", "", AircraftClass.UNKNOWN),
        ("a-n-A-C-F", "", AircraftClass.UNKNOWN),
        ("a-n-A-C-F", "A1", AircraftClass.LIGHT),
        ("a-n-A-C-F", "a5", AircraftClass.AIRLINER),
        ("a-n-A-C-F", "B1", AircraftClass.GLIDER),
        ("a-n-A-C-H", "", AircraftClass.HELICOPTER),
        ("a-n-A-C-L", "", AircraftClass.BALLOON),
        ("a-n-A-C-F-q", "", AircraftClass.DRONE),
        ("a-f-A-M-F-Q-r", "", AircraftClass.DRONE),
        ("a-f-A-M-H-Q", "", AircraftClass.DRONE),
        ("a-f-A-M-H-U", "", AircraftClass.HELICOPTER),
        ("a-f-A-M-F-F", "", AircraftClass.HIGH_PERFORMANCE),
        ("a-f-A-M-F-C", "", AircraftClass.UNKNOWN),
        ("a-f-A-W-M", "", AircraftClass.UNKNOWN),
        ("", "", AircraftClass.UNKNOWN),
    ],
)
def test_classes(kind: str, category: str, made: AircraftClass) -> None:
    assert kinds.aircraft_class(kind, category) is made


@pytest.mark.parametrize(
    ("more", "flag", "claim"),
    [
        ("", 0, Claim.STRONGER),
        ('opex="o-WATCH"', 0, Claim.STRONGER),
        ('opex="e-RED"', 0, Claim.EXERCISE),
        ('opex="s"', PlotFlag.SIMULATED, Claim.STRONGER),
        ('opex="simple"', 0, Claim.STRONGER),
    ],
)
def test_exercise_and_simulation(more: str, flag: int, claim: Claim) -> None:
    track = decode(xml("a-h-A", more=more)).system
    assert (track.flags[0], track.claim[0]) == (flag, claim)


def test_a_simulated_position() -> None:
    assert decode(xml().replace(b'how="m-g"', b'how="m-s"')).system.flags[0] == PlotFlag.SIMULATED


def test_a_symbol_code_speaks_where_the_type_does_not() -> None:
    code = '<__milsym id="10060100001101000000"/>'
    assert decode(xml("a-o-A", detail=code)).system.claim[0] == Claim.STRONGER
    assert decode(xml("a-f-A", detail=code)).system.claim[0] == Claim.FRIEND


@pytest.mark.parametrize(("cancel", "alarm"), [("", True), ('cancel="false"', True), ('cancel="true"', False)])
def test_emergency(cancel: str, alarm: bool) -> None:
    track = decode(xml(detail=f'<emergency type="911 Alert" {cancel}>x</emergency>')).system
    assert (track.emergency[0], track.flags[0]) == ((Emergency.GENERAL, PlotFlag.EMERGENCY) if alarm else (Emergency.NONE, 0))


@pytest.mark.parametrize(
    ("uid", "icao", "address"),
    [
        ("ICAO-4CA1FA", "", 0x4CA1FA),
        ("icao4ca1fa", "", 0x4CA1FA),
        ("ICAO-4CA1FA", "0a0b0c", 0x0A0B0C),
        ("ICAO-4CA1FAB", "", -1),
        ("4CA1FA", "", -1),
        ("ICAO-000000", "", -1),
        ("one", "xyz", -1),
    ],
)
def test_addresses(uid: str, icao: str, address: int) -> None:
    assert decode(xml(uid=uid, detail=f'<_aircot_ icao="{icao}"/>')).system.address[0] == address


@pytest.mark.parametrize(
    ("contact", "flight", "name"),
    [("AFR123", "", b"AFR123"), ("x", "AFR123 ", b"AFR123"), ("A LONG NAME", "", b"A LONG +"), ("", "", b""), ("Zoé", "", b"Zo?")],
)
def test_callsigns(contact: str, flight: str, name: bytes) -> None:
    assert decode(xml(detail=f'<contact callsign="{contact}"/><_x_ flight="{flight}"/>')).system.callsign[0] == name


@pytest.mark.parametrize(
    "point",
    [
        "",
        "<point/>",
        '<point lat="0" lon="0.0" hae="0" ce="9999999" le="9999999"/>',
        '<point lat="91" lon="0" hae="0" ce="1" le="1"/>',
        '<point lat="x" lon="0" hae="0" ce="1" le="1"/>',
        '<point lat="nan" lon="1" hae="0" ce="1" le="1"/>',
        '<point lat="1_0" lon="1" hae="0" ce="1" le="1"/>',
        '<point lat="1e999" lon="1" hae="0" ce="1" le="1"/>',
    ],
)
def test_an_air_track_without_a_position_is_counted(point: str) -> None:
    got = decode(xml(point=point), xml())
    assert got.rejects.counts == {reader.NO_POSITION: 1}
    assert got.rejects.first_offset == {reader.NO_POSITION: 1000}
    assert got.rejects.first_sender == {reader.NO_POSITION: "uid one"}
    assert got.records == {"CoT air track": 2}
    assert len(got.system) == 1


@pytest.mark.parametrize(("ce", "std"), [("9999999.0", math.nan), ("999999", math.nan), ("0", math.nan), ("12.5", 12.5)])
def test_an_unknown_error_is_none(ce: str, std: float) -> None:
    got = decode(xml(point=f'<point lat="1" lon="1" hae="9999999.0" ce="{ce}" le="9999999.0"/>')).system.position_std_m[0]
    assert got == pytest.approx(std, nan_ok=True)


@pytest.mark.parametrize("track", ['course="361" speed="1"', 'course="1"', 'course="1" speed="-1"', 'course="1" speed="9999999.0"', ""])
def test_a_velocity_that_cannot_be_is_none(track: str) -> None:
    got = decode(xml(detail=f"<track {track}/>")).system
    assert np.isnan([got.east_ms[0], got.north_ms[0], got.vertical_rate_ms[0]]).all()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", NOW),
        ("2026-01-01T00:00:00.123456789123Z", NOW + 0.123456789),
        ("2026-01-01T00:00:00", NOW),
        ("2026-01-01 01:30:00+01:30", NOW),
        ("2025-12-31T22:30:00-0130", NOW),
        ("2025-12-31T23:59:60Z", NOW),
        ("2026-02-30T00:00:00Z", math.nan),
        ("2026-01-01", math.nan),
        ("", math.nan),
        ("9" * 100, math.nan),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert event.moment(text) == pytest.approx(seconds, nan_ok=True, abs=1e-6)


def test_an_event_without_a_time_has_the_receive_time() -> None:
    assert decode(xml(time=""), receive_s=NOW + 5).system.time_s[0] == NOW + 5
    assert decode(xml(time=""), receive_s=math.nan).system.time_s[0] == NOW


def test_an_old_position_keeps_its_own_time_and_is_counted() -> None:
    got = decode(xml(), receive_s=NOW + 100)
    assert got.system.time_s[0] == NOW + 1.5
    assert got.rejects.counts == {reader.CLOCK_OFF: 1}
    assert decode(xml(), receive_s=math.nan).rejects.counts == {}


def test_each_uid_has_its_number() -> None:
    state = reader.init(SourceHint())
    one = decode(xml(uid="a"), xml(uid="b"), xml(uid="a"), state=state).system.source_track.tolist()
    assert one == [0, 1, 0]
    assert decode(xml(uid="c"), xml(uid="b"), state=state).system.source_track.tolist() == [2, 1]


def test_a_forgotten_name_gets_a_new_number() -> None:
    numbers = Numbers(most=2)
    assert [numbers.of(n) for n in ("a", "b", "a", "c", "b")] == [0, 1, 0, 2, 3]
    assert (numbers.known("c"), numbers.known("a"), len(numbers.table)) == (2, -1, 2)


def test_a_track_that_its_sender_deletes_ends() -> None:
    state = reader.init(SourceHint())
    decode(xml(uid="a"), xml(uid="b"), state=state)
    got = decode(xml("t-x-d-d", uid="x", detail='<link uid="b" relation="none" type="none"/>'), state=state)
    assert got.records == {"CoT task": 1}
    assert (got.system.source_track.tolist(), got.system.flags.tolist()) == ([1], [PlotFlag.ENDED])
    assert len(decode(xml("t-x-d-d", detail='<link uid="never heard of"/>'), state=state).system) == 0


def test_namespaces_and_other_elements_do_no_harm() -> None:
    text = xml().replace(b"<event ", b'<event xmlns="urn:x" ').replace(b"<detail>", b'<detail><!-- x --><?pi x?><a:b xmlns:a="urn:y"/>')
    got = decode(text)
    assert len(got.system) == 1
    assert got.rejects.counts == {}


def test_a_detail_that_is_no_xml_costs_only_the_detail() -> None:
    inner = protobuf.put(1, "<remarks>") + protobuf.put(2, protobuf.put(2, "AFR1"))
    fields = ((1, "a-n-A"), (5, "u"), (6, int(NOW * 1000)), (10, 1.0), (11, 1.0), (15, inner))
    got = decode(b"\xbf\x01\xbf" + protobuf.put(2, b"".join(protobuf.put(n, v) for n, v in fields)))
    assert got.system.callsign.tolist() == [b"AFR1"]
    assert got.rejects.counts == {reader.BAD_DETAIL: 1}


@pytest.mark.parametrize(
    "raw",
    [
        b"\x12",
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x12\x05abc",
        b"\x13\x00",
        b"\x00\x00",
        b"\x12\x04\x0a\x02\xff\xfe",
        b"\x10\x01",
        b"\x0a\x02\x28\x01",
        b"",
        protobuf.put(2, protobuf.put(1, "a-n-A") + protobuf.put(5, 7)),
        protobuf.put(2, protobuf.put(1, "a-n-A") + protobuf.put(5, "u") + protobuf.put(10, 3)),
        protobuf.put(2, protobuf.put(1, "a-n-A") + protobuf.put(5, "u") + protobuf.put(6, "x")),
    ],
)
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    with pytest.raises(WireError) as e:
        event.from_protobuf(raw)
    assert e.value.reason == protobuf.NO_PROTOBUF


def test_a_message_without_a_name_is_refused() -> None:
    with pytest.raises(WireError, match=event.NAMELESS):
        event.from_protobuf(protobuf.put(2, protobuf.put(1, "a-n-A")))
    assert decode(xml(uid=""), xml(kind=""), xml()).rejects.counts == {event.NAMELESS: 2}


def test_a_message_of_too_many_fields_is_refused() -> None:
    with pytest.raises(WireError):
        protobuf.fields(b"\x08\x01" * (protobuf.MOST_FIELDS + 1))
    assert protobuf.fields(b"\x08\x01" * protobuf.MOST_FIELDS) == {1: 1}


def test_unknown_wire_types_that_have_a_size_are_passed_over() -> None:
    raw = b"\x55\x01\x02\x03\x04" + b"\x59" + bytes(8) + protobuf.put(1, 5)
    assert protobuf.fields(raw) == {10: b"\x01\x02\x03\x04", 11: bytes(8), 1: 5}


def test_text_is_cut_between_two_characters() -> None:
    assert columns.short("aé€", 3) == "aé".encode()
    assert columns.short("aé€", 5) == "aé".encode()
    assert columns.short("\ud800", 8) == b"?"


def test_refusals_are_given_in_the_bytes_of_the_source() -> None:
    rejects = Rejects()
    state = reader.init(SourceHint())
    reader.hear(state.scanner, Chunk.of("c", [xml() + b"stray" + xml()], NOW, 1000), rejects)
    assert rejects.first_offset == {"bytes between CoT events": 1000 + len(xml())}
