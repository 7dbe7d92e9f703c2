import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.geo import altitude
from tenere.units import FOOT_M

HEIGHT = st.floats(-1_000.0, 19_500.0)
QNH = st.floats(87_000.0, 108_500.0)


def test_doctests():
    assert doctest.testmod(altitude).failed == 0


@pytest.mark.parametrize(
    ("height_m", "kelvin", "pascal"),  # ICAO Doc 7488, table of the atmosphere: temperature and pressure
    [(-5000, 320.65, 177_687), (0, 288.15, 101_325), (1000, 281.65, 89_874.6), (5000, 255.65, 54_019.9), (11_000, 216.65, 22_632.1),
     (20_000, 216.65, 5_474.89), (32_000, 228.65, 868.019), (47_000, 270.65, 110.906)],
)  # fmt: skip
def test_the_standard_atmosphere(height_m, kelvin, pascal):
    assert altitude.standard_temperature_k(height_m) == pytest.approx(kelvin)
    assert altitude.pressure_pa(height_m) == pytest.approx(pascal, rel=2e-5)
    assert altitude.pressure_altitude_m(altitude.pressure_pa(height_m)) == pytest.approx(height_m, abs=1e-6)


@given(st.floats(altitude.LOWEST_M, altitude.HIGHEST_M))
def test_pressure_round_trip(h):
    assert altitude.pressure_altitude_m(altitude.pressure_pa(h)) == pytest.approx(h, abs=1e-6)


@given(HEIGHT, QNH, st.floats(-40, 40), st.one_of(st.just(math.nan), st.floats(-1.5, 1.5)))
def test_true_altitude_round_trip(h, qnh, warmer, lat):
    true = altitude.true_altitude_m(h, qnh, warmer, lat)
    assert altitude.level_of_true_m(true, qnh, warmer, lat) == pytest.approx(h, abs=1e-5)
    assert altitude.level_m(altitude.altitude_m(h, qnh), qnh) == pytest.approx(h, abs=1e-9)


@given(HEIGHT, QNH)
def test_on_a_standard_day_altitude_and_true_altitude_are_one(h, qnh):
    assert altitude.true_altitude_m(h, qnh) == pytest.approx(float(altitude.geometric_m(altitude.altitude_m(h, qnh))), abs=1e-9)


def test_hectopascals_and_feet():
    # Hp(1000 hPa) = 110.9 m: 364 ft, 27 ft a hectopascal
    assert altitude.altitude_m(0.0, 100_000.0) == pytest.approx(-110.9, abs=0.1)
    # 1013.25 hPa: nothing is added
    assert altitude.altitude_m(914.4, 101_325.0) == pytest.approx(914.4)
    assert math.isnan(altitude.pressure_altitude_m(-5.0))
    assert math.isnan(altitude.altitude_m(math.nan, 101_325.0))


def test_warm_air_is_thick():
    # 10 K warmer from 0 to 10 km: 10 * ln(288.15 / 223.15) / 0.0065 = 393.2 m of geopotential
    more = altitude.geopotential_m(altitude.true_altitude_m(10_000.0, warmer_k=10.0)) - 10_000.0
    assert more == pytest.approx(10 * math.log(288.15 / 223.15) / 0.0065, abs=0.01)
    # from 11 to 12 km one layer of 216.65 K: 1000 * 10 / 216.65 = 46.2 m
    warm = altitude.geopotential_m(altitude.true_altitude_m(np.array([11e3, 12e3]), warmer_k=10.0))
    assert np.diff(warm)[0] == pytest.approx(1000 * (1 + 10 / 216.65), abs=0.01)


def test_gravity_lifts_at_the_equator():
    assert altitude.geometric_m(11_000.0) == pytest.approx(11_019.07, abs=0.01)
    # 9.80665 / 9.78033 = 1.002692: 29.6 m more
    assert altitude.geometric_m(11_000.0, 0.0) == pytest.approx(11_048.7, abs=0.3)
    assert altitude.geometric_m(11_000.0, math.radians(45.5)) == pytest.approx(11_019.0, abs=0.5)


def test_transition_level():
    # 5,000 ft by 1013.25 hPa is FL50 itself; by 1000 hPa FL50 lies at 4,636 ft, so FL55 (5,136 ft); by 1030 hPa FL50 is at 5,453 ft
    assert altitude.transition_level(5000, np.array([101_325.0, 100_000.0, 103_000.0, math.nan])).tolist() == [50, 55, 50, 50]
    assert altitude.transition_level(5000, 100_000.0, layer_ft=1000).item() == 65
    assert altitude.transition_level(18_000, 101_325.0, step=10).item() == 180


def test_what_a_controller_is_shown():
    by_altitude, value = altitude.shown(np.array([3000.0, 5200.0, 5200.0, 9000.0]) * FOOT_M, 100_000.0, 5000.0, 0.0, np.array([0, 1, 0, 0]))
    # FL52 is at 4,836 ft, below the transition altitude
    assert by_altitude.tolist() == [True, True, True, False]
    assert value == pytest.approx([2636.2, 4836.2, 4836.2, 90.0], abs=0.3)
    layer, value = altitude.shown(np.array([5450.0, 5450.0, 5450.0]) * FOOT_M, 100_000.0, 5000.0, 0.0, np.array([1, 0, 0]))
    assert layer.tolist() == [False, True, True]
    assert value == pytest.approx([54.5, 5086.2, 5086.2], abs=0.3)
    # the transition level set by hand: FL70, and FL54 is below it
    assert altitude.shown(5450.0 * FOOT_M, 100_000.0, 5000.0, climbing=0, level=70)[0]
    assert not altitude.shown(7050.0 * FOOT_M, 100_000.0, 5000.0, climbing=0, level=70)[0]
    nothing, value = altitude.shown(np.array([900.0, math.nan]), np.array([math.nan, 101_325.0]), 5000.0)
    assert nothing.tolist() == [False, False]
    assert value[0] == pytest.approx(29.53, abs=0.01)
    assert math.isnan(value[1])
