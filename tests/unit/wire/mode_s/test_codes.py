"""The small codes, every value of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.batch import AircraftClass
from tenere.wire.mode_s import codes


@pytest.mark.parametrize(
    ("octal", "feet"),
    [("0040", -1200), ("0020", -1000), ("0420", -500), ("0620", 0), ("0630", 100), ("0610", 200), ("0042", 126700)],
)
def test_gillham_altitudes_of_the_table(octal: str, feet: int) -> None:
    assert codes.gillham_ft(int(octal, 8)) == feet


def test_gillham_has_1280_altitudes_one_for_each_hundred_feet() -> None:
    heights = [codes.gillham_ft(code) for code in range(4096)]
    real = sorted(h for h in heights if not math.isnan(h))
    assert real == [100.0 * k for k in range(-12, 1268)]


def test_neighbouring_gillham_altitudes_differ_in_one_pulse() -> None:
    code_of = {codes.gillham_ft(code): code for code in range(4096) if not math.isnan(codes.gillham_ft(code))}
    for feet in range(-1200, 126_700, 100):
        assert (code_of[feet] ^ code_of[feet + 100]).bit_count() == 1


def test_mode_a_round_trips_for_every_code() -> None:
    every = np.arange(4096)
    assert [codes.mode_a_of(int(f)) for f in codes.mode_a_field(every)] == every.tolist()


def test_mode_a_7700_is_the_field_of_the_standard() -> None:
    assert codes.mode_a_field(np.array([0o7700]))[0] == 0b0101010101010  # C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4
    assert codes.mode_a_of(0b0101010101010) == 0o7700


@pytest.mark.parametrize(("feet", "step"), [(np.arange(-1000.0, 50_176.0, 25.0), 25.0), (np.arange(50_200.0, 126_701.0, 100.0), 100.0)])
def test_altitude_codes_round_trip(feet: np.ndarray, step: float) -> None:
    fields = codes.altitude12_field(feet)
    assert [codes.altitude12_ft(int(f)) for f in fields] == feet.tolist()
    off = codes.altitude12_field(feet[:-1] + 0.4 * step)
    assert [codes.altitude12_ft(int(f)) for f in off] == feet[:-1].tolist()


def test_altitudes_that_cannot_be_said_are_not_said() -> None:
    assert codes.altitude12_field(np.array([np.nan, -1300.0, 130_000.0])).tolist() == [0, 0, 0]
    assert math.isnan(codes.altitude12_ft(0))


def test_metric_altitude_is_only_reserved() -> None:
    """The M bit announces metres in a code that was never laid down: no altitude is better than a made-up one."""
    assert np.isnan(codes.altitude13_ft(0x40 | 0x1F80))
    assert np.isnan(codes.altitude13_ft(0x40))


def test_categories() -> None:
    assert codes.CATEGORY_CLASS[0xA7] == AircraftClass.HELICOPTER
    assert codes.CATEGORY_CLASS[0xB6] == AircraftClass.DRONE
    assert codes.CATEGORY_CLASS[0xC2] == AircraftClass.VEHICLE
    assert codes.CATEGORY_CLASS[0xA0] == AircraftClass.UNKNOWN


def test_accuracies_are_a_95_percent_radius_made_one_sigma() -> None:
    assert codes.NACP_STD_M[8] == pytest.approx(92.6 / 2.4477, rel=1e-4)
    assert codes.NACP_STD_M[11] == pytest.approx(3 / 2.4477, rel=1e-4)
    assert codes.NACP_STD_M[0] == codes.NACP_STD_M[1] > 7000
    assert codes.NACV_STD_MS[2] == pytest.approx(3 / 2.4477, rel=1e-4)


def test_movement_steps_of_the_table() -> None:
    knots = codes.MOVEMENT_MS * 3600 / 1852
    assert math.isnan(knots[0])
    assert [round(float(k), 3) for k in knots[[1, 2, 9, 13, 39, 94, 109, 124]]] == [0.0, 0.125, 1.0, 2.0, 15.0, 70.0, 100.0, 175.0]
    assert np.isnan(knots[125:]).all()
