"""Which register a Comm-B message is: what rules one out, what bears one out, and when to say nothing."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.wire.mode_s import encode, inference
from tenere.wire.mode_s import encode_registers as registers
from tenere.wire.mode_s.register import BLANK
from tenere.wire.mode_s.source import Source

sys.path.insert(0, str(Path(__file__).parent))
from tables import rows, tables_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ADDRESS = 0x062001
NAN = math.nan
LEVEL = 30_000.0


def infer(body: Any, altitude_ft: float = LEVEL) -> tuple[int, set[int]]:
    """Return the register chosen and those possible for one of whose sender nothing is known."""
    chosen, mask = inference.infer(int(body), BLANK[0], altitude_ft, 0.0)
    return chosen, {r for k, r in enumerate(inference.REGISTERS) if mask >> k & 1}


def after(before: Sequence[tuple[float, np.ndarray]], body: Any) -> int:
    """Return the register chosen for the reply, without its altitude, of an aircraft of which more is known."""
    source = Source()
    tables_of([*before], source)
    return rows(tables_of([(100.0, encode.comm_b_identity(ADDRESS, 0o1234, body))], source)["DF21"])[0]["register"]


def test_standard_air() -> None:
    assert inference.pressure_hpa(0.0) == pytest.approx(1013.25)
    assert inference.pressure_hpa(36_089.24) == pytest.approx(226.32, rel=1e-3)
    assert inference.pressure_hpa(50_000.0) == pytest.approx(116.0, rel=2e-3)
    assert inference.standard_c(0.0) == 15.0
    assert inference.standard_c(40_000.0) == -56.5
    assert inference.calibrated_kt(0.8, 36_000.0) == pytest.approx(266, abs=1)
    assert inference.calibrated_kt(0.5, 0.0) == pytest.approx(330.7, abs=0.1)  # at sea level it is the true airspeed


def test_nothing_is_no_register() -> None:
    assert infer(0) == (0, set())


@pytest.mark.parametrize(
    ("body", "register"),
    [
        (registers.data_link() | registers.at(1, 10), 0x10),  # a reserved bit
        (registers.common_usage(0xFA81C1) | registers.at(1, 25), 0x17),
        (registers.common_usage(0xF881C1), 0x17),  # 2,0 is always served
        (registers.at(0x20, 8) | registers.at(63, 14), 0x20),  # a character that does not exist
        (registers.advisory(0x2000) | registers.at(3, 30), 0x30),
        (registers.advisory(0x2000) | registers.at(1, 54), 0x30),  # a threat without a type
        (registers.advisory(0x2000, threat_seen=(0x1838, 1, 61)), 0x30),
        (registers.selected_intention(32_000, NAN, 1013.2) | registers.at(1, 40), 0x40),
        (registers.selected_intention(32_000, NAN, 1150.0), 0x40),
        (registers.selected_intention(60_000, NAN, 1013.2), 0x40),
        (registers.at(1, 26) | registers.selected_intention(32_000, NAN, 1013.2), 0x40),  # a value without its status bit
        (registers.routine_air(0, 45, 270, -44.0, 301), 0x44),
        (registers.routine_air(1, 300, 270, -44.0, 301), 0x44),
        (registers.routine_air(1, 45, 270, 20.0, 301), 0x44),  # far too warm for that altitude
        (registers.routine_air(1, 45, 270, -44.0, 700), 0x44),
        (registers.hazard(-44.0, 301) | registers.at(1, 56), 0x45),
        (registers.hazard(-44.0, 301, 50_000), 0x45),  # radio height above the altitude
        (registers.hazard(30.0, 301), 0x45),
        (registers.track_and_turn(60.0, 90, 420, 1.0, 400), 0x50),
        (registers.track_and_turn(0.0, 90, 700, 0.0, 600), 0x50),
        (registers.track_and_turn(0.0, 90, 420, 0.0, 100), 0x50),
        (registers.track_and_turn(NAN, 90, NAN, NAN, NAN), 0x50),
        (registers.heading_and_speed(90, 280, 0.3, 0, 0), 0x60),  # that Mach number is another airspeed there
        (registers.heading_and_speed(90, 280, 0.748, 8000, 7900), 0x60),
        (registers.heading_and_speed(90, NAN, NAN, NAN, NAN), 0x60),
    ],
)
def test_what_rules_a_register_out(body: np.int64, register: int) -> None:
    assert register not in infer(body)[1]


TURN = (20.0, 230.0, 340.0, 1.0)
"""Bank, track, ground speed and rate of turn that read as 6,0 are a Mach number and an airspeed that fit each other."""


def two_faced() -> np.int64:
    """Return a message that may be track and turn or heading and speed, and nothing in it says which."""
    body = registers.track_and_turn(*TURN, NAN)
    assert infer(body, NAN) == (0, {0x50, 0x60})
    return np.int64(body)


def test_ads_b_tells_track_and_turn_from_heading_and_speed() -> None:
    body = two_faced()
    track, speed = math.radians(TURN[1]), TURN[2]
    same = encode.velocity(ADDRESS, speed * math.sin(track), speed * math.cos(track), 0)
    reply = encode.comm_b_identity(ADDRESS, 0o1234, body)
    (row,) = rows(tables_of([(0.0, same), (1.0, reply)])["DF21"])
    assert row["register"] == 0x50
    other = encode.velocity(ADDRESS, -speed * math.sin(track), -speed * math.cos(track), 0)
    (row,) = rows(tables_of([(0.0, other), (1.0, reply)])["DF21"])
    assert row["register"] != 0x50
    (row,) = rows(tables_of([(0.0, same), (30.0, reply)])["DF21"])
    assert row["register"] == 0  # too long ago to tell


def test_two_that_fit_alike_are_told_and_none_is_chosen_but_by_what_an_aircraft_says_it_serves() -> None:
    body = two_faced()
    squitter = (60.0, encode.all_call_reply(ADDRESS))
    without_60 = encode.comm_b_altitude(ADDRESS, LEVEL, registers.common_usage(0xFA81C0))
    assert after([squitter], body) == 0
    assert after([squitter, (61.0, without_60)], body) == 0x50
    stranger = encode.comm_b_altitude(ADDRESS + 1, LEVEL, registers.common_usage(0xFA81C0))
    assert after([squitter, (61.0, stranger)], body) == 0


def test_a_name_already_known_bears_one_out() -> None:
    row = BLANK.copy()[0]
    body = int(registers.identification(int.from_bytes(encode.identification(1, b"UNO12", 0xA3)[0, 4:11].tobytes(), "big")))
    assert inference.score20(body, row, 0.0) == 4
    row["callsign"], row["callsign_s"] = int.from_bytes(b"UNO12\0\0\0", "big"), 0.0
    assert inference.score20(body, row, 10.0) == 8
    assert inference.score20(body, row, 100.0) == 4


def test_kernels_equal_their_python() -> None:
    random = np.random.Generator(np.random.PCG64(6))
    row = BLANK[0]
    names = ("score10", "score17", "score30", "score40")
    for body in random.integers(0, 1 << 56, 300).tolist():
        for name in names:
            score = getattr(inference, name)
            assert score(body) == score.py_func(body)
        assert inference.score44(body, LEVEL) == inference.score44.py_func(body, LEVEL)
        assert inference.score45(body, NAN) == inference.score45.py_func(body, NAN)
        assert inference.score50(body, row, 0.0) == inference.score50.py_func(body, row, 0.0)
        assert inference.score60(body, row, LEVEL, 0.0) == inference.score60.py_func(body, row, LEVEL, 0.0)
        assert inference.infer(body, row, LEVEL, 0.0) == inference.infer.py_func(body, row, LEVEL, 0.0)
