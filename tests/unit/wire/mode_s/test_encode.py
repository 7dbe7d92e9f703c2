"""Encoded frames as an independent decoder reads them."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from tenere.wire.mode_s import crc, encode

sys.path.insert(0, str(Path(__file__).parent))
from oracle import decode


def test_positions_carry_altitude_and_cpr() -> None:
    frames = encode.airborne_position([0x4B1A00, 0x4B1A01], [47.5, -13.4], [8.5, 179.9], [35_000, -75], [0, 1])
    read = [decode(f.tobytes()) for f in frames]
    assert [r["icao24"] for r in read] == ["4b1a00", "4b1a01"]
    assert [r["altitude"] for r in read] == [35_000, -75]
    assert [r["parity"] for r in read] == ["even", "odd"]
    assert [r["tc"] for r in read] == [11, 11]


@pytest.mark.parametrize(
    ("east", "north", "climb"), [(400.0, -300.0, -1216.0), (-1500.0, 20.0, 640.0), (0.0, 0.0, 0.0), (-1.0, 1021.0, 64.0)]
)
def test_velocity(east: float, north: float, climb: float) -> None:
    read = decode(encode.velocity(0x4B1A00, east, north, climb, 2)[0].tobytes())
    step = 4 if abs(east) > 1021 else 1  # rs1090 passes over the step of 4 kt of supersonic messages
    assert read["groundspeed"] * step == pytest.approx(math.hypot(east, north), abs=step)
    if east or north:
        assert read["track"] == pytest.approx(math.degrees(math.atan2(east, north)) % 360, abs=0.3)
    assert read["vertical_rate"] == climb
    assert read["NACv"] == 2
    # rs1090 inverts the source bit: what it calls GNSS is barometric
    assert read["vrate_src"] == "GNSS"


def test_what_is_not_known_is_sent_as_not_available() -> None:
    read = decode(encode.velocity(0x4B1A00, 100.0, 100.0, math.nan)[0].tobytes())
    assert read.get("vertical_rate") is None
    assert decode(encode.airborne_position(0x4B1A00, 47.0, 8.0, math.nan, 0)[0].tobytes()).get("altitude") is None


def test_identification_status_and_emergency() -> None:
    read = decode(encode.identification(0x4B1A00, b"UNO123H", 0xA3)[0].tobytes())
    assert (read["callsign"], read["bds"]) == ("UNO123H", "08")
    read = decode(encode.operational_status(0x4B1A00, 9, 3, 0)[0].tobytes())
    assert (read["version"], read["NACp"], read["SIL"]) == (2, 9, 3)
    read = decode(encode.emergency_status(0x4B1A00, 5, 0o7500)[0].tobytes())
    assert (read["emergency_state"], read["squawk"]) == ("unlawful_interference", "7500")


def test_surface_position() -> None:
    read = decode(encode.surface_position(0x4B1A00, 13.48, 2.17, 12.0, 270.0, 0)[0].tobytes())
    assert (read["groundspeed"], read["track"], read["bds"]) == (12.0, 270.0, "06")


def test_replies() -> None:
    assert decode(encode.altitude_reply(0x4B1A00, 10_000)[0].tobytes())["altitude"] == 10_000
    assert decode(encode.altitude_reply(0x4B1A00, 60_000)[0].tobytes())["altitude"] == 60_000
    read = decode(encode.identity_reply(0x4B1A00, 0o7421)[0].tobytes())
    assert (read["squawk"], read["icao24"]) == ("7421", "4b1a00")
    assert decode(encode.all_call_reply(0x4B1A00)[0].tobytes())["icao24"] == "4b1a00"


def test_every_frame_has_its_parity() -> None:
    n = 40
    rng = np.random.Generator(np.random.PCG64(5))
    address = rng.integers(1, 1 << 24, n)
    groups = [
        encode.airborne_position(
            address, rng.uniform(-90, 90, n), rng.uniform(-180, 180, n), rng.uniform(-1000, 60_000, n), rng.integers(0, 2, n)
        ),
        encode.velocity(address, rng.normal(0, 400, n), rng.normal(0, 400, n), rng.normal(0, 2000, n)),
        encode.identification(address, b"ABC", 0xB6),
        encode.all_call_reply(address),
    ]
    for frames in groups:
        assert all(crc.remainder(f, 0, len(f)) == 0 for f in frames)
    assert [crc.remainder(f, 0, 7) for f in encode.identity_reply(address, 0o1200)] == address.tolist()
    assert [crc.remainder(f, 0, 7) for f in encode.all_call_reply(address, 21)] == [21] * n


def test_one_value_serves_all_rows() -> None:
    assert encode.airborne_position(1, 10.0, 2.0, 30_000, [0, 1, 0]).shape == (3, 14)
    assert encode.altitude_reply([1, 2], 1000).shape == (2, 7)
