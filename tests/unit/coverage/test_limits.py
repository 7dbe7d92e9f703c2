"""A sensor's beam, for places one by one."""

import math

import numpy as np

from tenere.coverage.country import Part, Sight
from tenere.coverage.horizon import Antenna
from tenere.coverage.limits import within


def test_cone_and_slant_ranges_bound_the_beam():
    antenna = Antenna(0.28, 0.14, max_elevation_rad=math.pi / 4, min_range_m=500.0, max_range_m=50e3)
    part = Part(Sight("A", "radar", antenna), 0, 0, 5.0, 5.0, 400.0, fall_m=0.0589, amsl_m=np.zeros((1, 1), np.float32))
    away = np.array([10e3, 10e3, 100.0, 100.0, 49.9e3, 49.9e3, 50.1e3, 600.0, 10e3])
    altitude = np.array([10_300.0, 10_500.0, 400.0, 499.0, 500.0, 9_000.0, 500.0, 400.0, np.nan])
    assert within(part, 1000.0, away, altitude).tolist() == [True, False, False, False, True, False, False, True, False]
    assert within(part, 1000.0, np.array([10e3]), np.array([10_405.8])).all(), "elevation is above the curved earth"
