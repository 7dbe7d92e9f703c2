"""CPR against the vectors of a formally verified implementation, and against plain definitions."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.wire.mode_s import cpr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def circle_deg(text: str) -> float:
    """Return degrees of a hexadecimal 32-bit fraction of a circle."""
    return int(text, 16) * 360.0 / 2**32


def latitude_deg(text: str) -> float:
    return (circle_deg(text) + 180.0) % 360.0 - 180.0


def same(a_deg: float, b_deg: float, turn_deg: float = 360.0) -> bool:
    """Say whether angles agree to the resolution of the vectors, 360 / 2^32 degrees, and its rounding."""
    return abs((a_deg - b_deg + turn_deg / 2) % turn_deg - turn_deg / 2) < 2.5e-7


def vectors(shared_data: Path, name: str) -> Iterator[list[str]]:
    with (shared_data / "truth/nasa_cpr" / name).open() as file:
        yield from csv.reader(file)


def zones_by_definition(lat_deg: float) -> int:
    """Return NL as the standard defines it, without a table."""
    if lat_deg == 0:
        return 59
    if abs(lat_deg) == 87:
        return 2
    if abs(lat_deg) > 87:
        return 1
    a = 1 - math.cos(math.pi / 30)
    b = math.cos(math.radians(abs(lat_deg))) ** 2
    return math.floor(2 * math.pi / math.acos(1 - a / b))


def test_zones_are_those_of_the_definition() -> None:
    for lat in np.linspace(-90, 90, 20_011):
        assert cpr.zones_at(lat) == zones_by_definition(lat), lat
    assert cpr.zones_at(87.0) == cpr.zones_at(-87.0) == 2
    assert cpr.TRANSITIONS_DEG[0] == pytest.approx(10.47047130, abs=1e-8)


def test_airborne_vectors_encode_and_decode_globally(shared_data: Path) -> None:
    count = 0
    for lat_0, lon_0, y_0, x_0, lat_1, lon_1, y_1, x_1, good, *expected in vectors(
        shared_data, "airborne_globally_decoded_positions_01.csv"
    ):
        y, x = cpr.encode(
            np.array([latitude_deg(lat_0), latitude_deg(lat_1)]), np.array([circle_deg(lon_0), circle_deg(lon_1)]), np.array([False, True])
        )
        assert [y[0], x[0], y[1], x[1]] == [int(v, 16) for v in (y_0, x_0, y_1, x_1)]
        for odd in (0, 1):
            lat, lon = cpr.decode_global(int(y_0, 16), int(x_0, 16), int(y_1, 16), int(x_1, 16), odd, 0, 0.0, 0.0)
            if good == "1":
                assert same(lat, latitude_deg(expected[2 * odd]))
                assert same(lon, circle_deg(expected[2 * odd + 1]))
            else:
                assert math.isnan(lat)
        count += 1
    assert count == 232


def test_airborne_vectors_decode_locally(shared_data: Path) -> None:
    count = 0
    for _, _, near_lat, near_lon, odd, y, x, lat_0, lon_0 in vectors(shared_data, "airborne_locally_decoded_positions_01.csv"):
        lat, lon = cpr.decode_local(int(y, 16), int(x, 16), int(odd), 0, latitude_deg(near_lat), circle_deg(near_lon))
        assert same(lat, latitude_deg(lat_0))
        assert same(lon, circle_deg(lon_0))
        count += 1
    assert count == 232


def test_surface_vectors(shared_data: Path) -> None:
    """The vectors give the northern solution, modulo a quarter turn; with a reference the true place comes back too."""
    count = 0
    for lat_0, lon_0, y_0, x_0, lat_1, lon_1, y_1, x_1, good, *expected in vectors(
        shared_data, "surface_globally_decoded_positions_01.csv"
    ):
        true_lat, true_lon = (latitude_deg(lat_0), latitude_deg(lat_1)), (circle_deg(lon_0), circle_deg(lon_1))
        y, x = cpr.encode(np.array(true_lat), np.array(true_lon), np.array([False, True]), surface=True)
        assert [y[0], x[0], y[1], x[1]] == [int(v, 16) for v in (y_0, x_0, y_1, x_1)]
        assert good == "1"
        north = cpr.latitudes(int(y_0, 16), int(y_1, 16), 1)
        south = 90.0 if true_lat[0] < 0 else 0.0
        zones = cpr.zones_at(north[0] - south)
        for odd in (0, 1):
            assert same(north[odd], latitude_deg(expected[2 * odd]))
            assert same(cpr.longitude(int(x_0, 16), int(x_1, 16), odd, zones, 1), circle_deg(expected[2 * odd + 1]), 90.0)
            lat, lon = cpr.decode_global(
                int(y_0, 16), int(x_0, 16), int(y_1, 16), int(x_1, 16), odd, 1, true_lat[0] + 1.0, true_lon[0] - 1.0
            )
            assert same(lat + south, latitude_deg(expected[2 * odd]))
            assert same(lon, circle_deg(expected[2 * odd + 1]), 90.0)
            assert abs(lat - true_lat[odd]) < 1e-4
        count += 1
    assert count == 231


def test_kernels_equal_their_python() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(300):
        even_lat, even_lon, odd_lat, odd_lon = (int(v) for v in rng.integers(0, 131072, 4))
        args = (
            even_lat,
            even_lon,
            odd_lat,
            odd_lon,
            int(rng.integers(2)),
            int(rng.integers(2)),
            float(rng.uniform(-90, 90)),
            float(rng.uniform(-180, 180)),
        )
        np.testing.assert_array_equal(cpr.decode_global(*args), cpr.decode_global.py_func(*args))
        near = (even_lat, even_lon, args[4], args[5], args[6], args[7])
        np.testing.assert_array_equal(cpr.decode_local(*near), cpr.decode_local.py_func(*near))


def test_two_places_give_no_place() -> None:
    y, x = cpr.encode(np.array([10.0, 50.0]), np.array([2.0, 2.0]), np.array([False, True]))
    found = [
        cpr.decode_global(int(y[0]), int(x[0]), (int(y[1]) + k) & 0x1FFFF, int(x[1]), 1, 0, 0.0, 0.0)[0] for k in range(0, 131072, 997)
    ]
    assert any(math.isnan(f) for f in found)
    assert all(math.isnan(f) or abs(f) <= 90 for f in found)
