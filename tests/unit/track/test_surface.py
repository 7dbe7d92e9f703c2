"""A surface radar's plots lie on the ground; a discrete code that comes back goes on under its number."""

import numpy as np
import pytest
from scene import LAT, LON, Sky

from tenere.batch import PlotKind, Plots
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track.place import place
from tenere.track.sensors import SensorTable

SMR = SensorConfig(
    id="S", kind="smr", lat_deg=13.5, lon_deg=2.1, height_m=250.0, range_std_m=2.0, azimuth_std_deg=0.08, position_std_m=10.0
)


@pytest.mark.parametrize("config", [SMR, SensorConfig(id="S", kind="smr", range_std_m=2.0, position_std_m=10.0)])
def test_a_surface_radar_sees_the_ground_about_it(config):
    plane = Plane.at(LAT, LON)
    plots = Plots.blank(1, sensor=0, kind=PlotKind.SMR, range_m=2000.0, azimuth_rad=np.pi / 2)
    got = place(plots, SensorTable.of((config,)), plane)
    assert got.z[0] == pytest.approx([2000.0, 0.0], abs=0.5)
    assert np.isnan(got.sight).all()  # no height was guessed
    along, _, across = got.r[0]
    assert along == pytest.approx(10.0**2 + 2.0**2, rel=0.01)
    assert across == pytest.approx(10.0**2 + (2000.0 * np.deg2rad(0.08)) ** 2, rel=0.01)


def gone_and_back(code, later_code=None, aside_m=0.0, gap=14, **config):
    """Return the numbers shown before and after a silence of so many looks."""
    sky, numbers = Sky(**config), []
    for k in range(24 + gap):
        away = 8 <= k < 8 + gap
        now = code if k < 8 or later_code is None else later_code
        at = (20e3 + 1000.0 * k + (aside_m if k >= 8 else 0.0), 40e3)
        sky.tick(*([] if away else [sky.radar(*at, mode_a=now)]))
        numbers.append(sky.out.tracks.number.tolist())
    return numbers[7], numbers[-1]


def test_a_code_that_comes_back_where_its_aircraft_flew_has_its_number():
    before, after = gone_and_back(0o2315)
    assert before == after
    assert len(before) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"code": 0o2000},  # many bear it
        {"code": 0o1200},
        {"code": 0o2315, "later_code": 0o2316},
        {"code": 0o2315, "aside_m": 30e3},  # not where it flew to
        {"code": 0o2315, "gap": 60},  # five minutes
        {"code": 0o2315, "features": ("address", "height")},  # withheld
    ],
)
def test_otherwise_it_is_somebody_new(change):
    before, after = gone_and_back(**change)
    assert len(before) == len(after) == 1
    assert before != after
