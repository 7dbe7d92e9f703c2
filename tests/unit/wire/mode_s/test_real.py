"""Real frames, message by message, as an independent decoder reads them."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenere.units import FPM_MS, KNOT_MS
from tenere.wire import modes_hex
from tenere.wire.mode_s import codes, crc
from tenere.wire.mode_s.source import Frames, Source, run

sys.path.insert(0, str(Path(__file__).parent))
from oracle import decode


def remember(frame: np.ndarray) -> tuple[Any, Source]:
    """Return what a source remembers after one frame."""
    source = Source()
    times = np.zeros(1)
    run(source, Frames(frame.reshape(1, 14), np.full(1, 14), times, np.zeros(1, np.int64)), times)
    return source.register.rows[0], source


def text_of(callsign: int) -> str:
    return int(callsign).to_bytes(8, "big").rstrip(b"\0").decode()


def test_squitters_mean_what_rs1090_says(shared_data: Path) -> None:
    frames = modes_hex.lines((shared_data / "modes/pymodes_adsb.csv").read_bytes()).frames[::3]
    compared = {"velocity": 0, "callsign": 0, "altitude": 0}
    for frame in frames:
        said = decode(frame.tobytes())
        row, _ = remember(frame)
        assert row["key"] == int(said["icao24"], 16)
        if said.get("bds") == "09" and said.get("groundspeed") is not None:
            assert math.hypot(row["east_ms"], row["north_ms"]) / KNOT_MS == pytest.approx(said["groundspeed"], abs=1e-6)
            assert math.degrees(math.atan2(row["east_ms"], row["north_ms"])) % 360 == pytest.approx(said["track"], abs=1e-6)
            if said.get("vertical_rate") is not None:
                assert row["vertical_ms"] == pytest.approx(said["vertical_rate"] * FPM_MS)
                assert row["vertical_barometric"] == (said["vrate_src"] == "GNSS")  # rs1090 inverts it
            if said.get("geo_minus_baro") is not None:
                assert row["geometric_ft"] == said["geo_minus_baro"]
            compared["velocity"] += 1
        elif said.get("bds") == "08":
            assert text_of(row["callsign"]) == said["callsign"]
            compared["callsign"] += 1
        elif said.get("bds") == "05" and said.get("altitude") is not None:
            assert row["altitude_ft"] == said["altitude"]
            compared["altitude"] += 1
    assert min(compared.values()) >= 20, compared


@pytest.mark.parametrize("name", ["df20", "df21"])
def test_replies_mean_what_rs1090_says(shared_data: Path, name: str) -> None:
    lines = (shared_data / f"modes/pymodes_commb_{name}.csv").read_text(encoding="utf-8-sig").splitlines()[::11]
    same = 0
    for line in lines:
        _, address, text = line.split(",")
        frame = np.frombuffer(bytes.fromhex(text), np.uint8)
        same += crc.remainder(frame, 0, 14) == int(address, 16)
        said = decode(frame.tobytes())
        field = (int(frame[2]) & 0x1F) << 8 | int(frame[3])
        if name == "df21":
            assert f"{codes.mode_a_of(field):04o}" == said["squawk"]
        elif said.get("altitude") is not None:
            assert codes.altitude13_ft(field) == said["altitude"]
    assert same > 0.99 * len(lines)  # some replies of the file are damaged, and came under the address that asked
