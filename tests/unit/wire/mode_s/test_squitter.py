"""Every field of extended squitters, from messages encoded by the standard."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from tenere.wire.mode_s import crc, encode, squitter
from tenere.wire.mode_s import encode_registers as registers
from tenere.wire.mode_s.details import TABLES, blank

sys.path.insert(0, str(Path(__file__).parent))
from tables import rows, said, tables_of

ADDRESS = 0x062001
NAN = math.nan


def message(value: int, head: int = 0x8D) -> np.ndarray:
    frame = np.zeros((1, 14), np.uint8)
    frame[0, :4] = (head, 0x06, 0x20, 0x01)
    frame[0, 4:11] = np.frombuffer(value.to_bytes(7, "big"), np.uint8)
    return crc.seal(frame)


def test_what_every_row_begins_with() -> None:
    table = tables_of([(3.0, encode.velocity(1, 1, 1, 0)), (4.0, encode.identification(ADDRESS, b"A", 0xA1))])["DF17"]
    assert [c.name for c in table.columns[:8]] == [
        "offset", "receive_s", "time_s", "counter", "signal", "address", "capability", "type_code",
    ]  # fmt: skip
    second = rows(table)[1]
    assert (second["offset"], second["receive_s"], second["time_s"]) == (5100, 4.0, 4.0)
    assert (second["address"], second["capability"], second["type_code"]) == (ADDRESS, 5, 4)
    assert "counter" not in second
    assert "signal" not in second


def test_a_table_has_always_the_same_columns_and_each_says_what_it_is() -> None:
    blanks = blank()
    for downlink_format in TABLES:
        name = f"DF{downlink_format}"
        frame = np.zeros((1, 14), np.uint8)
        frame[0, 0] = downlink_format << 3
        crc.seal(frame[:, : 14 if downlink_format >= 16 else 7], ADDRESS if downlink_format not in {11, 17, 18} else 0)
        one = tables_of([(0.0, frame)])[name]
        many = tables_of([(0.0, frame), (1.0, frame)])[name]
        for table in (many, blanks[name]):
            assert [(c.name, c.unit, c.doc, c.values.dtype) for c in one.columns] == [
                (c.name, c.unit, c.doc, c.values.dtype) for c in table.columns
            ]
        assert len({c.name for c in one.columns}) == len(one.columns)
        assert all(c.doc for c in one.columns)


def test_identification() -> None:
    got = said(encode.identification(ADDRESS, b"UNO 12", 0xB6))
    assert got == {"address": ADDRESS, "capability": 5, "type_code": 3, "callsign": b"UNO 12", "category": 0xB6}
    assert "callsign" not in said(message(4 << 51 | 3 << 48 | 63 << 42))
    assert said(message(4 << 51 | 3 << 48 | 63 << 42))["category"] == 0xA3


def test_velocity_over_ground() -> None:
    got = said(encode.velocity(ADDRESS, 120, -50, -640, 2, difference_ft=-450))
    assert (got["east_kt"], got["north_kt"], got["ground_speed_kt"]) == (120, -50, 130)
    assert got["track_deg"] == pytest.approx(math.degrees(math.atan2(120, -50)))
    assert (got["vertical_rate_fpm"], got["vertical_barometric"], got["geometric_minus_baro_ft"]) == (-640, 1, -450)
    assert (got["subtype"], got["nac_v"], got["intent_change"], got["ifr_capability"]) == (1, 2, 0, 0)
    assert not {"heading_deg", "airspeed_kt", "airspeed_true"} & set(got)
    fast = said(encode.velocity(ADDRESS, 1500, -1100, 64, barometric=False))
    assert (fast["subtype"], fast["east_kt"], fast["north_kt"], fast["vertical_barometric"]) == (2, 1500, -1100, 0)
    none = said(encode.velocity(ADDRESS, NAN, NAN, NAN))
    assert not {"east_kt", "ground_speed_kt", "track_deg", "vertical_rate_fpm", "geometric_minus_baro_ft"} & set(none)
    flags = said(message(19 << 51 | 1 << 48 | 1 << 47 | 1 << 46))
    assert (flags["intent_change"], flags["ifr_capability"]) == (1, 1)


@pytest.mark.parametrize("true", [True, False])
def test_airspeed(true: bool) -> None:
    got = said(encode.airspeed(ADDRESS, 270.0, 250, 1280, 1, true=true, barometric=False))
    assert (got["subtype"], got["heading_deg"], got["airspeed_kt"], got["airspeed_true"]) == (3, 270.0, 250, int(true))
    assert (got["vertical_rate_fpm"], got["vertical_barometric"], got["nac_v"]) == (1280, 0, 1)
    assert "ground_speed_kt" not in got
    fast = said(encode.airspeed(ADDRESS, NAN, 1400, NAN, true=true))
    assert (fast["subtype"], fast["airspeed_kt"]) == (4, 1400)
    assert not {"heading_deg", "vertical_rate_fpm"} & set(fast)


def test_a_velocity_of_an_unknown_subtype_says_no_more() -> None:
    assert said(message(19 << 51 | 5 << 48 | 0x123456789)) == {"address": ADDRESS, "capability": 5, "type_code": 19, "subtype": 5}


def test_airborne_position() -> None:
    first, second = (encode.airborne_position(ADDRESS, 13.5, 2.1, 33_000, odd, 12) for odd in (0, 1))
    one, two = rows(tables_of([(0.0, first), (0.5, second)])["DF17"])
    assert (one["cpr_odd"], two["cpr_odd"], one["place"], two["place"]) == (0, 1, 2, 1)
    assert "lat_deg" not in one
    assert (two["lat_deg"], two["lon_deg"]) == pytest.approx((13.5, 2.1), abs=1e-4)
    assert (two["altitude_ft"], two["surveillance_status"], two["nic_b"], two["time_synchronised"]) == (33_000, 0, 0, 0)
    assert (two["nic"], two["containment_m"]) == (7, pytest.approx(0.2 * 1852))
    field = int.from_bytes(first[0, 4:11].tobytes(), "big")
    assert (one["cpr_lat"], one["cpr_lon"]) == (field >> 17 & 0x1FFFF, field & 0x1FFFF)
    bits = said(message(11 << 51 | 3 << 49 | 1 << 48 | 1 << 35))
    assert (bits["surveillance_status"], bits["nic_b"], bits["time_synchronised"]) == (3, 1, 1)
    above = said(encode.airborne_position(ADDRESS, 13.5, 2.1, 33_000, 0, 20))
    assert above["height_ft"] == 33_000
    assert "altitude_ft" not in above
    nowhere = said(message(0 << 51 | (0x321 << 36)))
    assert "altitude_ft" in nowhere
    assert "place" not in nowhere


def test_surface_position() -> None:
    got = said(encode.surface_position(ADDRESS, 13.5, 2.1, 12.0, 270.0, 1))
    assert (got["ground_speed_kt"], got["track_deg"], got["movement"], got["type_code"], got["cpr_odd"]) == (12.0, 270.0, 33, 7, 1)
    assert (got["nic"], got["capability"], got["place"]) == (8, 4, 2)
    none = said(encode.surface_position(ADDRESS, 13.5, 2.1, NAN, NAN, 0))
    assert not {"ground_speed_kt", "track_deg"} & set(none)
    assert said(encode.surface_position(ADDRESS, 13.5, 2.1, 0.0, 90.0, 0))["ground_speed_kt"] == 0.0
    pair = rows(tables_of([(0.5 * k, encode.surface_position(ADDRESS, 13.5, 2.1, 5, 90, k)) for k in (0, 1)])["DF17"])
    assert pair[1]["place"] == 6  # without a reference


def test_emergency_and_test_message() -> None:
    got = said(encode.emergency_status(ADDRESS, 5, 0o7500))
    assert (got["subtype"], got["emergency"], got["mode_a"]) == (1, 5, 0o7500)
    assert said(message(23 << 51 | 7 << 48 | 0x0AAA << 35))["mode_a"] == 0o7700


def test_resolution_advisory() -> None:
    got = said(encode.resolution_advisory(ADDRESS, registers.advisory(0b10100000000000, 0b1000, threat_address=0xABCDEF)))
    assert (got["subtype"], got["ra_advisory"], got["ra_complement"], got["ra_ended"], got["ra_threats"]) == (2, 0x2800, 8, 0, 0)
    assert (got["threat_type"], got["threat_address"]) == (1, 0xABCDEF)
    # 13-bit code 0x1838 is 38,000 ft (Q bit, 1,560 steps of 25 ft); range 37 is 3.6 NM; bearing 15 is 84 to 90 degrees
    seen = said(encode.resolution_advisory(ADDRESS, registers.advisory(0x2000, 1, ended=True, threats=True, threat_seen=(0x1838, 37, 15))))
    assert (seen["threat_altitude_ft"], seen["threat_range_nm"], seen["threat_bearing_deg"]) == (38_000, pytest.approx(3.6), 87)
    assert (seen["ra_ended"], seen["ra_threats"], seen["threat_type"]) == (1, 1, 2)
    assert "threat_address" not in seen


def test_operational_status_in_the_air() -> None:
    got = said(
        encode.operational_status(
            ADDRESS, 9, 3, 1, gva=2, capability_class=0b0011_0011_1010_0000, operational_mode=0b0011_0110_0000_0000, sil_supplement=1
        )
    )
    want = {
        "version": 2, "nic_a": 1, "nac_p": 9, "sil": 3, "sil_supplement": 1, "gva": 2, "nic_baro": 1, "magnetic_heading": 0,
        "tcas_operational": 1, "es_in": 1, "air_referenced_velocity": 1, "target_state_report": 1, "trajectory_change_report": 2,
        "uat_in": 1, "ra_active": 1, "ident": 1, "single_antenna": 1, "sda": 2, "atc_services": 0,
        "capability_class": 0x33A0, "operational_mode": 0x3600,
    }  # fmt: skip
    assert {k: got[k] for k in want} == want
    assert not {"nic_c", "length_width", "heading_surface", "b2_low"} & set(got)
    first = said(encode.operational_status(ADDRESS, 8, 2, 0, version=1, capability_class=0x2000, operational_mode=0x0800))
    assert (first["version"], first["tcas_operational"], first["atc_services"]) == (1, 0, 1)
    assert "sil_supplement" not in first
    zero = said(encode.operational_status(ADDRESS, 8, 2, 0, version=0))
    assert zero["version"] == 0
    assert not {"nac_p", "sil", "nic_a", "tcas_operational"} & set(zero)


def test_operational_status_on_the_surface() -> None:
    got = said(encode.operational_status(ADDRESS, 10, 3, 0, on_ground=True, capability_class=0b0001_0011_0101_1001, operational_mode=0x42))
    want = {"subtype": 1, "nac_p": 10, "es_in": 1, "b2_low": 1, "uat_in": 1, "nac_v": 2, "nic_c": 1, "length_width": 9, "gps_offset": 0x42,
            "heading_surface": 1}  # fmt: skip
    assert {k: got[k] for k in want} == want
    assert not {"gva", "nic_baro", "tcas_operational"} & set(got)
    assert "nac_v" not in said(encode.operational_status(ADDRESS, 10, 3, 0, on_ground=True, version=1))


def test_target_state_of_version_2() -> None:
    got = said(encode.target_state(ADDRESS, 32_000, 1013.6, 90.0, 9, 3, fms=True, modes=0b10101, sil_supplement=1))
    want = {"subtype": 1, "selected_altitude_ft": 32_000, "selected_altitude_fms": 1, "selected_heading_deg": 90.0, "nac_p": 9, "sil": 3,
            "sil_supplement": 1, "nic_baro": 1, "autopilot": 1, "vnav": 0, "altitude_hold": 1, "approach": 0, "lnav": 1,
            "tcas_operational": 1}  # fmt: skip
    assert {k: got[k] for k in want} == want
    assert got["pressure_setting_hpa"] == pytest.approx(1013.6)
    none = said(encode.target_state(ADDRESS, NAN, NAN, NAN, tcas=False))
    assert not {"selected_altitude_ft", "pressure_setting_hpa", "selected_heading_deg", "autopilot"} & set(none)
    assert none["tcas_operational"] == 0


def test_target_state_of_version_1() -> None:
    """DO-260A: vertical source 1, altitude 25,000 ft (260 steps of 100 from -1,000), horizontal source 3, track 275."""
    value = 29 << 51 | 1 << 47 | 1 << 46 | 2 << 43 | 1 << 41 | 260 << 31 | 3 << 29 | 275 << 20 | 1 << 19 | 2 << 17
    value |= 8 << 13 | 1 << 12 | 2 << 10 | 1 << 4 | 1 << 3 | 4
    got = said(message(value))
    want = {"subtype": 0, "vertical_source": 1, "selected_altitude_fms": 1, "target_altitude_capability": 2, "vertical_mode": 1,
            "selected_altitude_ft": 25_000, "horizontal_source": 3, "selected_heading_deg": 275, "target_is_track": 1, "horizontal_mode": 2,
            "nac_p": 8, "nic_baro": 1, "sil": 2, "tcas_operational": 0, "ra_active": 1, "emergency": 4}  # fmt: skip
    assert {k: got[k] for k in want} == want
    assert said(message(29 << 51 | 3 << 49)) == {"address": ADDRESS, "capability": 5, "type_code": 29, "subtype": 3}


@pytest.mark.parametrize(("control", "kind", "icao"), [(0, 6, 1), (1, 6, 0), (2, 10, 1), (5, 10, 0), (6, 11, 1)])
def test_df18_says_who_speaks(control: int, kind: int, icao: int) -> None:
    got = said(encode.from_ground(encode.airborne_position(ADDRESS, 13.5, 2.1, 33_000, 0), control))
    assert (got["control"], got["kind"], got["icao"], got["address"]) == (control, kind, icao, ADDRESS)
    assert ("not_icao_flag" in got) == (control >= 2)
    assert ("nic_b" in got) == (control < 2)
    assert "capability" not in got


def test_tisb_velocity_says_nacp_where_aircraft_say_nacv() -> None:
    got = said(message(19 << 51 | 1 << 48 | 1 << 47 | 9 << 43 | 101 << 32 | 101 << 21, head=18 << 3 | 2))
    assert (got["nac_p"], got["not_icao_flag"], got["east_kt"], got["icao"]) == (9, 1, 100, 0)
    assert not {"nac_v", "vertical_barometric", "intent_change"} & set(got)


def test_coarse_tisb_and_management() -> None:
    value = 1 << 53 | 5 << 49 | 0x5B8 << 37 | 1 << 36 | 8 << 31 | 11 << 25 | 1 << 24 | 0xABC << 12 | 0x123
    got = said(message(value, head=18 << 3 | 3))
    want = {"control": 3, "kind": 10, "icao": 1, "surveillance_status": 1, "service_volume": 5, "track_deg": 90.0, "ground_speed_kt": 320.0,
            "cpr_odd": 1, "cpr_lat": 0xABC, "cpr_lon": 0x123, "place": 0, "address": ADDRESS}  # fmt: skip
    assert {k: got[k] for k in want} == want
    assert "altitude_ft" in got
    management = said(message(value, head=18 << 3 | 4))
    assert "address" not in management
    assert management["kind"] == 0


def test_kernels_equal_their_python() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    frames = rng.integers(0, 256, (300, 14), dtype=np.uint8)
    frames[:, 0] = np.where(rng.random(300) < 0.7, 0x8D, 0x90 | rng.integers(0, 8, 300))
    frames[:, 4] = rng.integers(0, 32, 300) << 3 | rng.integers(0, 8, 300)
    from tenere.wire.mode_s.source import Frames, Source, follow

    crc.seal(frames)
    times = np.arange(300) * 0.1
    found = follow(Source(), Frames(frames, np.full(300, 14), times, np.arange(300)), times, plotting=False).found
    there = np.flatnonzero(found["record"])
    assert len(there) > 290
    compiled, plain = squitter.TABLE.blocks(len(there)), squitter.TABLE.blocks(len(there))
    squitter.fill(frames, found, there, *compiled)
    squitter.fill.py_func(frames, found, there, *plain)
    for a, b in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(a, b)
