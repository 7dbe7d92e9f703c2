"""Two rays over flat ground, and what is heard near by."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.coverage.detect.near import (
    FREQUENCY_HZ,
    REMOTE_ID,
    AcousticParameters,
    RemoteIdParameters,
    acoustic_probability,
    remote_id_probability,
    two_ray_loss_db,
)
from tenere.coverage.detect.radar import free_space_loss_db


def test_far_off_two_rays_are_the_fourth_power():
    # 40 log d - 20 log(h1 h2)
    for d in (30e3, 100e3):
        flat = 40.0 * math.log10(d) - 20.0 * math.log10(2.0 * 5.0)
        assert two_ray_loss_db(d, 2.0, 5.0, vertical=False) == pytest.approx(flat, abs=0.1)


def test_near_by_they_swing_around_free_space():
    d = np.linspace(200.0, 3000.0, 20_000)
    over = two_ray_loss_db(d, 10.0, 60.0, vertical=False) - free_space_loss_db(np.hypot(d, 50.0), FREQUENCY_HZ)
    assert over.min() > -6.03
    assert over.min() < -5.0
    assert over.max() > 10.0
    assert abs(np.median(over)) < 4.0


def test_two_rays_by_complex_sum():
    d, low, high, wave = 800.0, 4.0, 30.0, 299_792_458.0 / FREQUENCY_HZ
    psi = math.atan2(high + low, d)
    ground = complex(15.0, -18000.0 * 0.005 / (1e-6 * FREQUENCY_HZ))
    root = np.sqrt(ground - math.cos(psi) ** 2)
    r = (ground * math.sin(psi) - root) / (ground * math.sin(psi) + root)
    a, b = math.hypot(d, high - low), math.hypot(d, high + low)
    field = np.exp(-2j * math.pi * a / wave) / a + r * np.exp(-2j * math.pi * b / wave) / b
    exact = -20.0 * math.log10(wave / (4.0 * math.pi) * abs(field))
    assert two_ray_loss_db(d, low, high) == pytest.approx(exact, abs=1e-6)


def test_remote_id():
    link = RemoteIdParameters(power_dbm=10.0, sensitivity_dbm=-95.0, gain_db=2.0, spread_db=6.0)
    assert remote_id_probability(link, 107.0) == pytest.approx(0.5)
    assert remote_id_probability(link, [101.0, 113.0]).tolist() == pytest.approx([0.8413, 0.1587], abs=1e-4)
    kilometre = free_space_loss_db(1e3, FREQUENCY_HZ)
    heard = {name: float(remote_id_probability(radio, kilometre)) for name, radio in REMOTE_ID.items()}
    assert heard["bluetooth"] < heard["wifi"]
    assert heard["wifi"] < heard["bluetooth_long_range"]
    assert heard["bluetooth_long_range"] > 0.99


def test_sound():
    sensor = AcousticParameters(source_db=80.0, ambient_db=40.0, absorption_db_m=0.0, spread_db=5.0)
    assert acoustic_probability(sensor, 100.0) == pytest.approx(0.5)  # 40 dB over 100 m
    assert acoustic_probability(sensor, 100.0 * 10.0**-0.25) == pytest.approx(0.8413, abs=1e-4)
    assert acoustic_probability(AcousticParameters(absorption_db_m=0.05), 500.0) < acoustic_probability(AcousticParameters(), 500.0)
    assert acoustic_probability(sensor, [0.0, 1.0])[0] == acoustic_probability(sensor, 1.0)
    assert np.all(np.diff(acoustic_probability(AcousticParameters(), np.linspace(1.0, 2000.0, 100))) <= 0.0)
