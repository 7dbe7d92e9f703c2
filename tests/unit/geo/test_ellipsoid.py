import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.geo import ellipsoid as el
from tenere.geo.plane import Plane

LAT = st.floats(-1.5, 1.5)
LON = st.floats(-3.1, 3.1)


def test_published_point():
    # EPSG Guidance Note 7-2, "Geographic/geocentric conversions": WGS 84, 53 48 33.820 N 2 07 46.380 E, 73.0 m
    lat, lon = np.deg2rad(53 + 48 / 60 + 33.820 / 3600), np.deg2rad(2 + 7 / 60 + 46.380 / 3600)
    assert np.allclose(el.geodetic_to_ecef(lat, lon, 73.0), (3771793.968, 140253.342, 5124304.349), atol=2e-3)


@given(LAT, LON, st.floats(-500, 60_000))
def test_round_trip(lat, lon, h):
    back = el.ecef_to_geodetic(*el.geodetic_to_ecef(lat, lon, h))
    assert back[0] == pytest.approx(lat, abs=1e-12)
    assert back[1] == pytest.approx(lon, abs=1e-12)
    assert back[2] == pytest.approx(h, abs=1e-6)


@given(LAT, LON, st.floats(2_000, 450_000), st.floats(0, 6.28), st.floats(0, 15_000))
def test_a_plot_is_placed_where_the_aircraft_is(lat0, lon0, ground, az, h):
    lat, lon, _ = el.geodetic_of_enu(lat0, lon0, 300.0, ground * np.sin(az), ground * np.cos(az), 0.0)
    x, y, z = el.enu_of(lat0, lon0, 300.0, lat, lon, h)
    r, a = np.sqrt(x * x + y * y + z * z), np.arctan2(x, y)
    got = el.geodetic_of_polar(lat0, lon0, 300.0, r, a, h)
    assert got[2] == pytest.approx(h, abs=0.5)
    e, n, _ = el.enu_of(lat, lon, h, got[0], got[1], got[2])
    assert np.hypot(e, n) < max(0.1, 1.5 * h / ground)


def test_a_height_out_of_reach_is_overhead():
    lat, lon, h, elevation = el.geodetic_of_polar(0.2, 0.1, 0.0, 3000.0, 1.0, 12_000.0)
    assert (float(lat), float(lon)) == pytest.approx((0.2, 0.1), abs=1e-9)
    assert float(h) == pytest.approx(3000.0, abs=1)
    assert float(elevation) == pytest.approx(np.pi / 2)


@given(st.floats(-1.2, 1.2), LON, st.floats(-1.2e6, 1.2e6), st.floats(-1.2e6, 1.2e6))
def test_plane_round_trip(lat0, lon0, x, y):
    plane = Plane.at(lat0, lon0)
    back = plane.forward(*plane.inverse(x, y))
    assert np.allclose(back, (x, y), atol=1e-3)


@given(st.floats(-1.1, 1.1), LON, st.floats(-8e5, 8e5), st.floats(-8e5, 8e5))
def test_plane_is_conformal_and_says_its_scale(lat0, lon0, x, y):
    plane = Plane.at(lat0, lon0)
    lat, lon = plane.inverse(x, y)
    turn, scale = plane.north(lat, lon)
    for east, north in ((0.0, 500.0), (500.0, 0.0)):
        la, lo, _ = el.geodetic_of_enu(lat, lon, 0.0, east, north, 0.0)
        u, v = plane.forward(la, lo)
        want = scale * (east * np.cos(turn) + north * np.sin(turn)), scale * (-east * np.sin(turn) + north * np.cos(turn))
        assert np.allclose((u - x, v - y), want, atol=0.2)
    assert 0.999 < scale < 1.02


def test_plane_over_niger_is_true_to_half_a_percent():
    plane = Plane.at(np.deg2rad(17.0), np.deg2rad(8.0))
    _, scale = plane.north(np.deg2rad([12.0, 23.5, 17.0]), np.deg2rad([2.0, 12.0, 8.0]))
    assert np.allclose(scale, 1.0, atol=0.0046)
    assert scale[2] == pytest.approx(1.0, abs=1e-9)
