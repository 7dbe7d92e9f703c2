"""A surface radar's plots lie on the ground; a discrete code that comes back goes on under its number."""

import numpy as np
import pytest
from scene import LAT, LON, Sky

from tenere.batch import PlotKind, Plots
from tenere.estimate.motion import MotionConfig
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


def circles(kind, **config):
    """Return how many tracks a small wing that circles got, and its last error (m), seen each second by a sensor of a kind."""
    sensor = SensorConfig(id="D", kind="detector" if kind == PlotKind.DETECTION else "mlat", source="d")
    sky = Sky(sensors=(sensor,), **config)
    numbers, k = set(), 0
    for k in range(150):
        turn = np.deg2rad(20.0) * k
        x, y = 57.0 * np.sin(turn) + 2.0 * k, 57.0 * np.cos(turn)
        seen = sky.adsb(x + sky.rng.normal(0, 8), y + sky.rng.normal(0, 8), kind=kind, position_std_m=8.0, pressure_altitude_m=np.nan)
        aircraft = sky.adsb(80e3 + 200.0 * k, 0.0, kind=PlotKind.ADSB, address=0x400001)  # another sensor's in the same tick
        sky.tick(("d", seen), ("a", aircraft), dt=1.0)
        numbers.update(n for n, key in zip(sky.out.tracks.number.tolist(), sky.out.tracks.address.tolist(), strict=True) if key < 0)
    own = sky.out.tracks.take(sky.out.tracks.address < 0)
    to = sky.state.plane.forward(*np.array([sky.adsb(x, y).lat_rad[0], sky.adsb(x, y).lon_rad[0]]))
    return len(numbers), float(np.hypot(own.x_m - to[0], own.y_m - to[1]).min(initial=np.inf))


def test_what_a_detector_sees_may_circle_tightly():
    tracks, error = circles(PlotKind.DETECTION)
    assert tracks == 1
    assert error < 40.0
    as_aircraft, _ = circles(PlotKind.DETECTION, small_motion=MotionConfig())
    assert as_aircraft > 1  # by the figures of aircraft it breaks


def test_other_sensors_are_filtered_as_aircraft_move():
    assert circles(PlotKind.MLAT)[0] == circles(PlotKind.MLAT, small_motion=MotionConfig(drift_m2s3=9.0))[0]
