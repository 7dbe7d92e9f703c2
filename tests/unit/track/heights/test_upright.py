import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.geo import ellipsoid
from tenere.track.heights.upright import JERK, ahead, blend, height_of, height_std

LAT = math.radians(13.0)
RADIUS = float(ellipsoid.gaussian_radius_m(LAT))


def test_a_ray_bends_with_the_earth():
    # on the horizon, 200 km away: r2 / (2 * 4/3 R) = 2,358 m, against r2 / 2R = 3,144 m of a straight ray
    assert height_of(200e3, 0.0, RADIUS, 0.0) == pytest.approx(2358, abs=2)
    assert height_of(200e3, 0.0, RADIUS, 0.0, 1.0) == pytest.approx(3144, abs=2)
    assert height_of(5e3, math.pi / 2, RADIUS, 300.0) == pytest.approx(5300, abs=1e-6)
    assert math.isnan(height_of(5e3, math.nan, RADIUS, 300.0))


@given(st.floats(5e3, 400e3), st.floats(0, 6.28), st.floats(500, 18e3))
def test_the_triangle_is_that_of_the_placing(slant, azimuth, height):
    if height - 300.0 > 0.9 * slant:
        return
    _, _, got, elevation = ellipsoid.geodetic_of_polar(LAT, 0.1, 300.0, slant, azimuth, height)
    # the Gaussian sphere stands for the ellipsoid: at 400 km some tens of metres
    assert height_of(slant, float(elevation), RADIUS, 300.0, 1.0) == pytest.approx(float(got), abs=0.5 + 1e-9 * slant**2)


@given(st.floats(10e3, 300e3), st.floats(0.0, 0.6), st.sampled_from([1.0, 4 / 3]))
def test_height_error_is_the_slope(slant, elevation, factor):
    step = 1e-5
    by_angle = (height_of(slant, elevation + step, RADIUS, 0.0, factor) - height_of(slant, elevation - step, RADIUS, 0.0, factor)) / (
        2 * step
    )
    assert height_std(slant, elevation, 0.0, 1e-3) == pytest.approx(by_angle * 1e-3, rel=0.05)
    assert height_std(slant, 0.5, 60.0, 0.0) == pytest.approx(60 * math.sin(0.5))


def test_the_filter_is_kalmans():
    x, p = np.array([1000.0, 5.0]), np.array([[400.0, 30.0], [30.0, 9.0]])
    f = np.array([[1.0, 8.0], [0.0, 1.0]])
    q = JERK * np.array([[8.0**3 / 3, 8.0**2 / 2], [8.0**2 / 2, 8.0]])
    x, p = f @ x, f @ p @ f.T + q
    h, v0, v1, v2 = ahead(1000.0, 5.0, 400.0, 30.0, 9.0, 8.0)
    assert (h, v0, v1, v2) == pytest.approx((x[0], p[0, 0], p[0, 1], p[1, 1]))
    k = p[:, :1] / (p[0, 0] + 625.0)
    x, p = x + k[:, 0] * (1100.0 - x[0]), p - k @ p[:1]
    assert blend(h, 5.0, v0, v1, v2, 1100.0, 625.0) == pytest.approx((*x, p[0, 0], p[0, 1], p[1, 1]))
