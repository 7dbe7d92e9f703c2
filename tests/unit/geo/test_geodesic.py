import numpy as np
import pytest

from tenere.geo.ellipsoid import geodetic_to_ecef
from tenere.geo.geodesic import between, destination


def dms(degrees: float, minutes: float, seconds: float) -> float:
    return float(np.radians(np.sign(degrees) * (abs(degrees) + minutes / 60 + seconds / 3600)))


def test_flinders_peak_to_buninyong() -> None:
    """Geocentric Datum of Australia Technical Manual, 2.3, section 4.1: 54,972.271 m at 306 52 05.37 (GRS80: 0.1 mm apart)."""
    length, azimuth = between(dms(-37, 57, 3.72030), dms(144, 25, 29.52440), dms(-37, 39, 10.15610), dms(143, 55, 35.38390))
    assert float(length) == pytest.approx(54_972.271, abs=0.001)
    assert float(azimuth) == pytest.approx(dms(306, 52, 5.37), abs=5e-8)


def test_there_and_back() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    lat, lon = rng.uniform(-1.5, 1.5, 500), rng.uniform(-np.pi, np.pi, 500)
    azimuth, d = rng.uniform(0, 2 * np.pi, 500), rng.uniform(1.0, 5e6, 500)
    to = destination(lat, lon, azimuth, d)
    length, back = between(lat, lon, *to)
    assert np.abs(length - d).max() < 1e-3
    assert np.abs(np.angle(np.exp(1j * (back - azimuth))) * d).max() < 1e-3


def test_short_lines_are_chords() -> None:
    lat, lon = np.radians(17.0), np.radians(8.0)
    to = destination(lat, lon, np.radians(70.0), 500.0)
    chord = np.linalg.norm(np.subtract(geodetic_to_ecef(*to, 0.0), geodetic_to_ecef(lat, lon, 0.0)))
    assert chord == pytest.approx(500.0, abs=1e-6)


def test_the_same_place_and_opposite_places() -> None:
    assert between(0.3, 0.1, 0.3, 0.1)[0] == 0.0
    assert np.isnan(between(0.0, 0.0, 0.0, np.radians(179.7))[0])
