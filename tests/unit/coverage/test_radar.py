"""The radar equation against sums by hand, and the law of a radar of which little is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.coverage.detect.radar import (
    RCS_M2,
    blind_m,
    free_space_loss_db,
    known_by_range,
    probability,
    seen,
    snr_db,
)
from tenere.coverage.parameters import RadarParameters

RADAR = RadarParameters(frequency_hz=2.8e9, peak_power_w=20e3, gain_db=34.0, pulse_s=75e-6, noise_figure_db=2.5, losses_db=7.0, pulses=10)


def test_the_equation_is_the_usual_one_in_free_space():
    r, wave = 100e3, 299_792_458.0 / 2.8e9
    gain, noise = 10.0**3.4, 1.380649e-23 * 290.0 * 10.0**0.25
    usual = 20e3 * gain**2 * wave**2 * 20.0 * 75e-6 / ((4.0 * math.pi) ** 3 * r**4 * noise * 10.0**0.7)
    assert snr_db(RADAR, free_space_loss_db(r, 2.8e9), 20.0) == pytest.approx(10.0 * math.log10(usual), abs=1e-9)


def test_a_tenth_of_the_range_is_forty_decibels():
    near, far = snr_db(RADAR, free_space_loss_db([10e3, 100e3], 2.8e9), 1.0)
    assert near - far == pytest.approx(40.0)
    assert snr_db(RADAR, 120.0, 10.0) - snr_db(RADAR, 120.0, 1.0) == pytest.approx(10.0)
    assert snr_db(RADAR, 121.0, 1.0) - snr_db(RADAR, 120.0, 1.0) == pytest.approx(-2.0)


def test_free_space():
    assert free_space_loss_db(1e3, 1e9) == pytest.approx(92.45, abs=0.005)


def test_blind_zone():
    assert blind_m(1e-6) == pytest.approx(149.9, abs=0.01)
    assert blind_m(75e-6, 5e-6) == pytest.approx(11_991.7, abs=0.1)
    level = np.zeros(3)
    assert seen(RADAR, [11e3, 11.3e3, 400e3], level).tolist() == [False, True, True]


def test_cone_of_silence_and_instrumented_range():
    radar = RadarParameters(frequency_hz=1e9, peak_power_w=1.0, gain_db=0.0, pulse_s=1e-6, range_m=200e3, most_elevation_deg=40.0)
    degrees = np.array([-2.0, -1.0, 0.0, 39.9, 40.1, 90.0])
    assert seen(radar, 50e3, np.radians(degrees)).tolist() == [False, True, True, True, False, False]
    assert seen(radar, [200e3, 200.1e3], 0.0).tolist() == [True, False]
    pd = probability(radar, [50e3, 50e3], np.radians([0.0, 60.0]), 60.0, 20.0)
    assert pd[0] > 0.9
    assert pd[1] == 0.0


def test_probability_falls_with_range_and_class():
    away = np.array([50e3, 150e3, 250e3, 350e3])
    loss = free_space_loss_db(away, 2.8e9)
    found = {name: probability(RADAR, away, 0.0, loss, rcs) for name, rcs in RCS_M2.items()}
    for pd in found.values():
        assert np.all(np.diff(pd) < 0.0)
    assert np.all(found["airliner"] > found["light"])
    assert np.all(found["light"] > found["drone"])


def test_a_radar_known_by_its_range():
    law = {"range_m": 250e3, "detected": 0.9}
    assert known_by_range(250e3, **law) == pytest.approx(0.9)
    assert known_by_range(250_001.0, **law) == 0.0
    # at half the range the ratio is sixteenfold: S = 130.13 * 16
    ratio = math.log(1e-6) / math.log(0.9) - 1.0
    assert known_by_range(125e3, **law) == pytest.approx(1e-6 ** (1.0 / (1.0 + 16.0 * ratio)))
    assert known_by_range(250e3, rcs_m2=1.0, **law) == pytest.approx(1e-6 ** (1.0 / (1.0 + ratio / 20.0)))
    assert known_by_range(250e3, excess_db=3.0, **law) == pytest.approx(1e-6 ** (1.0 / (1.0 + ratio * 10.0**-0.6)))
    assert known_by_range([0.0, 1.0], **law).min() > 0.999
    assert np.all(np.diff(known_by_range(np.linspace(1e3, 250e3, 100), rcs_m2=0.01, **law)) <= 0.0)


@pytest.mark.parametrize("wrong", [{"range_m": 0.0}, {"range_m": math.nan}, {"detected": 1.0}, {"detected": 0.0}])
def test_a_law_needs_a_range_and_a_probability(wrong):
    with pytest.raises(ValueError, match=r"range|probability"):
        known_by_range(1e3, **({"range_m": 1e5, "detected": 0.9} | wrong))
