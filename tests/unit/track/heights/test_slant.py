import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.batch import Plots
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track.fit import ground_m
from tenere.track.heights.follow import MEMORY
from tenere.track.heights.slant import measure, slope
from tenere.track.place import place
from tenere.track.sensors import SensorTable

LAT, LON = math.radians(13.5), math.radians(3.0)
PLANE = Plane.at(LAT, LON)
RADARS = ((0.0, 0.0), (120e3, 90e3))


def sites():
    out = []
    for k, (x, y) in enumerate(RADARS):
        lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, x, y, 0.0)
        out.append(SensorConfig(id=f"R{k}", lat_deg=math.degrees(float(lat)), lon_deg=math.degrees(float(lon)), height_m=300.0))
    return tuple(out)


TABLE = SensorTable.of(sites())


def sighted(x, y, height, seed=None):
    """Return a plot of each radar of an aircraft without a height, placed: (2, 2) places, (2, 6) lines of sight, variances."""
    lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, x, y, 0.0)
    rng = np.random.Generator(np.random.PCG64(seed)) if seed is not None else None
    r, a = [], []
    for k, s in enumerate(TABLE.rows):
        e, n, u = ellipsoid.enu_of(s.lat_rad, s.lon_rad, 300.0, lat, lon, height)
        noise = (0.0, 0.0) if rng is None else (rng.normal(0, 60), rng.normal(0, math.radians(0.08)))
        r.append(math.sqrt(e * e + n * n + u * u) + noise[0])
        a.append((math.atan2(e, n) + noise[1]) % (2 * math.pi))
        assert k < 2
    got = place(Plots.blank(2, sensor=[0, 1], range_m=r, azimuth_rad=a, time_s=0.0), TABLE, PLANE)
    return got.z.copy(), got.sight.copy()


def pair(x, y, height, about, seed=None):
    z, sight = sighted(x, y, height, seed)
    m = np.zeros(1, MEMORY)
    for name, value in (
        ("pair_s", 0.0), ("pair_x", z[0, 0]), ("pair_y", z[0, 1]), ("pair_ux", sight[0, 0]), ("pair_uy", sight[0, 1]),
        ("pair_slant_m", sight[0, 2]), ("pair_base_m", sight[0, 3]), ("pair_guess_m", sight[0, 4]),
        ("pair_along", 60.0**2), ("pair_across", (sight[0, 2] * math.radians(0.08)) ** 2),
    ):  # fmt: skip
        m[name] = value
    across = (sight[1, 2] * math.radians(0.08)) ** 2
    return measure(m[0], z[1], sight[1], 0.0, 60.0**2, across, about, 0.0, 0.0, 1.0)


@given(st.floats(20e3, 200e3), st.floats(1000.0, 14_000.0))
def test_the_slope_is_the_derivative(slant, height):
    if height > 0.9 * slant:
        return
    step = (ground_m(slant, height + 1.0, 300.0) - ground_m(slant, height - 1.0, 300.0)) / 2.0
    assert slope(ground_m(slant, height, 300.0), height - 300.0) == pytest.approx(step, rel=1e-6)


@pytest.mark.parametrize(("x", "y", "height"), [(60e3, 40e3, 9000.0), (90e3, 20e3, 4000.0), (30e3, 70e3, 11_000.0), (-40e3, 30e3, 6000.0)])
def test_a_pair_without_noise_finds_the_height(x, y, height):
    h = 5000.0
    for _ in range(6):
        h, var, fixed = pair(x, y, height, h)
    assert h == pytest.approx(height, abs=30)
    assert var > 0
    assert fixed > 0


def test_the_variance_is_what_noise_does():
    got = np.array([pair(60e3, 40e3, 9000.0, 9000.0, seed)[:2] for seed in range(300)])
    # each pair counts half, for each plot is in two pairs
    assert got[:, 0].mean() == pytest.approx(9000.0, abs=4 * got[:, 0].std() / math.sqrt(300) + 20)
    assert got[:, 0].var() == pytest.approx(got[:, 1].mean() / 2, rel=0.25)


def test_two_radars_in_one_line_on_one_side_tell_nothing():
    told = pair(60e3, 40e3, 9000.0, 9000.0)[1]
    behind = pair(-240e3, -180e3, 9000.0, 9000.0)[1]
    assert math.isnan(behind) or behind > 30 * told
    assert math.isnan(pair(60e3, 40e3, 9000.0, math.nan)[0])


def test_plots_of_two_aircraft_are_no_pair():
    z, sight = sighted(60e3, 40e3, 9000.0)
    m = np.zeros(1, MEMORY)
    m["pair_x"], m["pair_y"], m["pair_ux"], m["pair_slant_m"], m["pair_guess_m"] = z[0, 0], z[0, 1] + 9000.0, 1.0, sight[0, 2], 5000.0
    m["pair_along"] = m["pair_across"] = 100.0**2
    assert math.isnan(measure(m[0], z[1], sight[1], 0.0, 3600.0, 3600.0, 9000.0, 0.0, 0.0, 1.0)[0])
