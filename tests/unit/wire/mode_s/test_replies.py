"""Every field of replies, and of the registers that Comm-B carries."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from tenere.wire.mode_s import crc, encode
from tenere.wire.mode_s import encode_registers as registers

sys.path.insert(0, str(Path(__file__).parent))
from tables import rows, said, tables_of

ADDRESS = 0x062001
NAN = math.nan


def head(frame: np.ndarray, value: int, mask: int) -> np.ndarray:
    """Write bits of the first 32 of a reply, and the parity that belongs to it."""
    frame = frame.copy()
    word = (int.from_bytes(frame[0, :4].tobytes(), "big") & ~mask) | value
    frame[0, :4] = np.frombuffer(word.to_bytes(4, "big"), np.uint8)
    return crc.seal(frame, ADDRESS)


def test_surveillance_replies() -> None:
    altitude = head(encode.altitude_reply(ADDRESS, 12_325), 4 << 24 | 21 << 19 | 9 << 15 | 2 << 13, 0x7FF << 13 | 7 << 24)
    want = {"address": ADDRESS, "verified": 0, "flight_status": 4, "downlink_request": 21, "utility_identifier": 9, "utility_kind": 2}
    assert said(altitude) == want | {"altitude_ft": 12_325}
    identity = head(encode.identity_reply(ADDRESS, 0o4231), 4 << 24 | 21 << 19 | 9 << 15 | 2 << 13, 0x7FF << 13 | 7 << 24)
    assert said(identity) == want | {"mode_a": 0o4231}
    assert "altitude_ft" not in said(head(altitude, 0, 0x1FFF))


def test_air_air_replies() -> None:
    got = said(encode.air_air_reply(ADDRESS, 30_000, 6, 11))
    assert got == {
        "address": ADDRESS, "verified": 0, "altitude_ft": 30_000, "on_ground": 0, "cross_link": 1, "sensitivity": 6,
        "reply_information": 11,
    }  # fmt: skip
    sitting = said(head(encode.coordination_reply(ADDRESS, 0, 0), 1 << 26, 1 << 26))
    assert sitting["on_ground"] == 1
    assert not {"ra_advisory", "cross_link", "flight_status", "mode_a"} & set(sitting)
    advice = registers.advisory(0x2400, 4, threat_address=0x123456)
    got = said(encode.coordination_reply(ADDRESS, 30_000, advice))
    assert (got["ra_advisory"], got["ra_complement"], got["threat_address"]) == (0x2400, 4, 0x123456)


def test_all_call_replies() -> None:
    got = said(encode.all_call_reply(ADDRESS, 0, 4))
    assert got == {"address": ADDRESS, "verified": 1, "capability": 4, "interrogator": 0}
    got = said(encode.all_call_reply(ADDRESS, 0x15))
    assert (got["interrogator"], got["verified"]) == (0x15, 0)


def test_an_address_is_verified_by_what_came_before() -> None:
    squitter, reply = encode.velocity(ADDRESS, 1, 1, 0), encode.altitude_reply(ADDRESS, 1000)
    got = tables_of([(0.0, reply), (1.0, squitter), (2.0, reply), (62.5, reply)])["DF4"]
    assert [r["verified"] for r in rows(got)] == [0, 1, 0]
    assert [r["address"] for r in rows(got)] == [ADDRESS] * 3


def test_comm_d() -> None:
    frame = np.zeros((1, 14), np.uint8)
    frame[0, :11] = (0xD5, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8)
    got = said(crc.seal(frame, ADDRESS))
    assert got == {
        "address": ADDRESS, "verified": 0, "acknowledges": 1, "segment": 5, "message_head": 0x1234, "message_rest": 0x0102030405060708,
    }  # fmt: skip


def test_bad_parity_is_no_row() -> None:
    frame = encode.velocity(ADDRESS, 1, 1, 0)
    frame[0, 7] ^= 1
    assert tables_of([(0.0, frame)]) == {}


# --- registers ---


def mb(body: np.int64 | np.ndarray, altitude_ft: float = 30_000) -> dict[str, object]:
    """Return what an altitude reply of an address not verified says of a register."""
    got = said(encode.comm_b_altitude(ADDRESS, altitude_ft, body))
    fixed = {"address", "verified", "flight_status", "downlink_request", "utility_identifier", "utility_kind", "altitude_ft"}
    return {k: v for k, v in got.items() if k not in fixed}


def test_data_link_capability() -> None:
    got = mb(
        registers.data_link(
            dte=0xA5, other=1 << 47 | 1 << 41 | 1 << 32 | 5 << 28 | 3 << 24 | 1 << 21 | 1 << 20 | 1 << 19 | 1 << 18 | 2 << 16
        )
    )
    assert got == {
        "register": 0x10, "candidates": 1, "continued": 1, "overlay_command": 1, "acas": 1, "subnetwork_version": 3, "enhanced_protocol": 1,
        "specific_services": 1, "uplink_elm": 5, "downlink_elm": 3, "identification_capability": 1, "squitter_capability": 1,
        "surveillance_identifier": 1, "gicb_capability": 1, "acas_hybrid": 1, "acas_advises": 1, "acas_version": 2, "dte_status": 0xA5,
    }  # fmt: skip


def test_common_usage_capability() -> None:
    got = mb(registers.common_usage(0xFA81C1))
    assert (got["register"], got["served"]) == (0x17, 0xFA81C1)


def test_identification() -> None:
    squitter = int.from_bytes(encode.identification(ADDRESS, b"UNO 12", 0xA3)[0, 4:11].tobytes(), "big")
    assert mb(registers.identification(squitter)) == {"register": 0x20, "candidates": 4, "callsign": b"UNO 12"}


def test_advisory() -> None:
    got = mb(registers.advisory(0x3000, 2, ended=True, threat_seen=(0x1838, 1, 60)))
    assert (got["register"], got["ra_advisory"], got["ra_ended"], got["threat_type"]) == (0x30, 0x3000, 1, 2)
    assert (got["threat_range_nm"], got["threat_bearing_deg"]) == (0.0, 357.0)


def test_selected_vertical_intention() -> None:
    got = mb(registers.selected_intention(32_000, 31_008, 1013.2, modes=0b101, source=2))
    assert got["pressure_setting_hpa"] == 1013.2  # 800 and 2,132 tenths
    want = {"register": 0x40, "selected_altitude_ft": 32_000, "selected_altitude_fms_ft": 31_008, "vnav": 1, "altitude_hold": 0,
            "approach": 1, "target_source": 2}  # fmt: skip
    assert {k: got[k] for k in want} == want
    bare = mb(registers.selected_intention(32_000, NAN, 1013.2))
    assert not {"selected_altitude_fms_ft", "vnav", "target_source"} & set(bare)


def test_routine_air_report() -> None:
    got = mb(registers.routine_air(1, 45, 270, -44.25, 301, 25, 2))
    assert got == {
        "register": 0x44, "candidates": 1 << 5, "wind_source": 1, "wind_speed_kt": 45, "wind_direction_deg": 270, "temperature_c": -44.25,
        "pressure_hpa": 301, "humidity_percent": 25, "turbulence": 2,
    }  # fmt: skip


def test_hazard_report() -> None:
    got = mb(registers.hazard(-45.5, 301, NAN, (1, 2, 3, 0, 1)))
    assert got == {
        "register": 0x45, "candidates": 1 << 6, "turbulence": 1, "wind_shear": 2, "microburst": 3, "icing": 0, "wake_vortex": 1,
        "temperature_c": -45.5, "pressure_hpa": 301,
    }  # fmt: skip
    assert mb(registers.hazard(15.0, 1010, 320), 300.0)["radio_height_ft"] == 320


def test_track_and_turn() -> None:
    got = mb(registers.track_and_turn(-11.25, 270.0, 420, -0.5, 410))
    assert got["register"] == 0x50
    want = {"roll_deg": -11.25, "true_track_deg": 270.0, "ground_speed_kt": 420, "track_rate_deg_s": -0.5, "true_airspeed_kt": 410}
    assert {k: got[k] for k in want} == want


def test_heading_and_speed() -> None:
    got = mb(registers.heading_and_speed(300.0, 280, 0.748, -640, -672))
    assert got["register"] == 0x60
    assert (got["magnetic_heading_deg"], got["mach"]) == (pytest.approx(300.0, abs=0.1), pytest.approx(0.748))
    assert (got["indicated_airspeed_kt"], got["vertical_rate_barometric_fpm"], got["vertical_rate_inertial_fpm"]) == (280, -640, -672)


def test_an_identity_reply_carries_the_same() -> None:
    got = said(encode.comm_b_identity(ADDRESS, 0o7700, registers.track_and_turn(-11.25, 270.0, 420, -0.5, 410)))
    assert (got["mode_a"], got["register"], got["roll_deg"]) == (0o7700, 0x50, -11.25)
    assert "altitude_ft" not in got
