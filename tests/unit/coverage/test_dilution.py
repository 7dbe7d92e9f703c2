"""Precision of multilateration: symmetric cases in closed form, and the same by differences of times."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.coverage.detect.dilution import fill_dilution, precision
from tenere.geo.ellipsoid import ecef_to_enu, geodetic_to_ecef

LIGHT = 299_792_458.0


def dop(receivers, place, height_weight=0.0, seen=None):
    """Horizontal, vertical, position dilution on a plane whose z is up, and the number heard."""
    r = np.asarray(receivers, dtype=float)
    out, heard = np.empty((1, 3)), np.empty(1)
    who = np.ones((1, len(r)), dtype=bool) if seen is None else np.asarray([seen])
    fill_dilution(r, np.asarray([place], dtype=float), np.array([[0.0, 0.0, 1.0]]), who, height_weight, out, heard)
    return (*out[0], heard[0])


def ring(m, radius, z=0.0, turn=0.3):
    angle = turn + 2.0 * np.pi * np.arange(m) / m
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle), np.full(m, z)))


@pytest.mark.parametrize("m", [3, 4, 5, 12])
def test_a_ring_around_an_aircraft_at_its_height(m):
    # rows (cos, sin, 1): information m/2, m/2, m, so 2 / sqrt(m)
    h, v, _, heard = dop(ring(m, 50e3), (0.0, 0.0, 0.0), height_weight=1.0)
    assert h == pytest.approx(2.0 / math.sqrt(m), rel=1e-9)
    assert v == pytest.approx(1.0)  # what is known of the height, and no more
    assert heard == m


@pytest.mark.parametrize("m", [3, 6])
@pytest.mark.parametrize("elevation", [0.1, 0.7, 1.2])
def test_a_ring_and_one_receiver_beneath(m, elevation):
    height = 10e3
    receivers = np.vstack((ring(m, height / math.tan(elevation)), (0.0, 0.0, 0.0)))
    h, v, p, _ = dop(receivers, (0.0, 0.0, height))
    s, c = math.sin(elevation), math.cos(elevation)
    assert h == pytest.approx(math.sqrt(4.0 / m) / c, rel=1e-6)
    assert v == pytest.approx(math.sqrt((m + 1.0) / m) / (1.0 - s), rel=1e-6)
    assert p == pytest.approx(math.hypot(h, v), rel=1e-12)


def test_a_ring_alone_cannot_tell_height_from_time():
    assert all(math.isnan(x) for x in dop(ring(5, 50e3), (0.0, 0.0, 9e3))[:3])
    assert dop(ring(5, 50e3), (0.0, 0.0, 9e3), height_weight=1e-4)[0] < 2.0


def test_too_few_receivers():
    four = np.vstack((ring(3, 50e3), (1e3, 2e3, 0.0)))
    assert dop(four, (0.0, 0.0, 9e3))[0] > 0.0
    assert math.isnan(dop(four[:3], (0.0, 0.0, 9e3))[0])
    assert dop(four[:3], (0.0, 0.0, 9e3), height_weight=1.0)[0] > 0.0
    assert math.isnan(dop(four[:2], (0.0, 0.0, 9e3), height_weight=1.0)[0])
    assert math.isnan(dop(four, (0.0, 0.0, 9e3), seen=[True, True, True, False])[0])
    assert dop(four, (0.0, 0.0, 9e3), seen=[True, True, True, False])[3] == 3
    assert math.isnan(dop(np.repeat(four[:1], 6, axis=0), (0.0, 0.0, 9e3))[0])  # six at one place
    assert math.isnan(dop([(x, 0.0, 0.0) for x in (0.0, 1e4, 3e4, 7e4)], (5e3, 0.0, 9e3))[0])  # and in one plane with it


def slow(receivers, lat, lon, height, timing_std_s, height_std_m):
    """The same by differences from the first receiver, with their covariance, in east, north, up."""
    e, n, u = ecef_to_enu(lat, lon, *(p - r for p, r in zip(geodetic_to_ecef(lat, lon, height), geodetic_to_ecef(*receivers), strict=True)))
    unit = np.column_stack((e, n, u)) / np.sqrt(e * e + n * n + u * u)[:, None]
    a = unit[1:] - unit[0]
    covariance = (LIGHT * timing_std_s) ** 2 * (np.eye(len(a)) + 1.0)
    information = a.T @ np.linalg.inv(covariance) @ a
    information[2, 2] += height_std_m**-2.0
    q = np.linalg.inv(information)
    return math.sqrt(q[0, 0] + q[1, 1]), math.sqrt(q[2, 2])


@pytest.mark.parametrize("height_std_m", [math.inf, 60.0])
def test_differences_of_times_tell_the_same(height_std_m):
    rng = np.random.Generator(np.random.PCG64(5))
    receivers = (0.23 + 0.02 * rng.uniform(-1, 1, 6), 0.035 + 0.02 * rng.uniform(-1, 1, 6), rng.uniform(200.0, 900.0, 6))
    lat, lon = 0.23 + 0.03 * rng.uniform(-1, 1, 20), 0.035 + 0.03 * rng.uniform(-1, 1, 20)
    found = precision(receivers, (lat, lon, 10_000.0), timing_std_s=50e-9, height_std_m=height_std_m)
    assert found.receivers.tolist() == [6] * 20
    for i in range(20):
        h, v = slow(receivers, lat[i], lon[i], 10_000.0, 50e-9, height_std_m)
        assert found.horizontal_m[i] == pytest.approx(h, rel=1e-5)
        assert found.vertical_m[i] == pytest.approx(v, rel=1e-5)
        assert found.position_m[i] == pytest.approx(math.hypot(h, v), rel=1e-5)
    assert found.horizontal_m == pytest.approx(found.hdop * LIGHT * 50e-9)


def test_errors_grow_with_the_clocks():
    receivers = (np.array([0.23, 0.24, 0.23, 0.22]), np.array([0.03, 0.035, 0.045, 0.036]), np.array([300.0, 200.0, 500.0, 900.0]))
    one, two = (precision(receivers, (0.232, 0.036, 9e3), timing_std_s=s) for s in (20e-9, 40e-9))
    assert two.position_m == pytest.approx(2.0 * one.position_m)
    assert two.pdop == pytest.approx(one.pdop)


def test_nonsense_is_refused():
    receivers = (np.zeros(4), np.arange(4) * 0.01, np.zeros(4))
    with pytest.raises(ValueError, match="above 0"):
        precision(receivers, (0.0, 0.0, 1e4), timing_std_s=0.0)
    with pytest.raises(ValueError, match="above 0"):
        precision(receivers, (0.0, 0.0, 1e4), timing_std_s=1e-8, height_std_m=math.nan)
    with pytest.raises(ValueError, match="1 places by 4"):
        precision(receivers, (0.0, 0.0, 1e4), timing_std_s=1e-8, seen=[True] * 4)
