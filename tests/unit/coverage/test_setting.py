"""From a site file to antennas: how far a sensor sees what is to be seen."""

import math

import numpy as np
import pytest

from tenere.config import Config, parse
from tenere.coverage.detect import RCS_M2, free_space_loss_db, known_by_range, probability
from tenere.coverage.parameters import RadarParameters, ReceiverParameters
from tenere.coverage.ranges import known_range_m, radar_range_m, receiver_range_m
from tenere.coverage.setting import ANTENNA_M, antenna, plane_over, reach_m, sights
from tenere.errors import TenereError, UsageError
from tenere.geo.terrain import ArraySource, Terrain

RADAR = RadarParameters(frequency_hz=2.8e9, peak_power_w=25e3, gain_db=34.0, pulse_s=100e-6, range_m=250e3)
SITE = """
[coverage]
target = "%s"
[[sensor]]
id = "R"
lat_deg = 13.5
lon_deg = 2.1
range_m = 250000
[[sensor]]
id = "A"
kind = "adsb"
lat_deg = 17.0
lon_deg = 8.0
antenna_m = 30
[[sensor]]
id = "S"
kind = "system"
lat_deg = 15.0
lon_deg = 5.0
[[sensor]]
id = "nowhere"
"""


def site(target: str = "airliner", more: str = "") -> Config:
    return parse(SITE % target + more)


@pytest.mark.parametrize("target", ["airliner", "light", "drone"])
@pytest.mark.parametrize("detected", [0.5, 0.8, 0.95])
def test_the_range_is_where_the_probability_is_reached(target: str, detected: float) -> None:
    far = radar_range_m(RADAR, target, detected)
    for at, reached in ((far, True), (far + 50.0, False)):
        pd = probability(RADAR, at, 0.0, free_space_loss_db(at, RADAR.frequency_hz), RCS_M2[target])
        assert (pd >= detected) == reached
    far = known_range_m(250e3, 0.9, target, detected)
    assert far == 250e3 or known_by_range(far, range_m=250e3, detected=0.9, rcs_m2=RCS_M2[target]) == pytest.approx(detected, abs=1e-3)


def test_ranges_go_by_the_fourth_root_of_the_echo_and_the_root_of_the_power() -> None:
    big = radar_range_m(RADAR, "airliner", 0.8)
    assert radar_range_m(RADAR, "light", 0.8) == pytest.approx(big * (1.0 / 20.0) ** 0.25, rel=1e-3)
    power = ReceiverParameters(sensitivity_dbm=-80.0)
    assert receiver_range_m(power, "light", 0.8) == pytest.approx(
        receiver_range_m(power, "airliner", 0.8) * math.sqrt(70.0 / 250.0), rel=1e-3
    )
    assert receiver_range_m(power, "drone", 0.8) == 0.0


def test_a_target_too_small_for_the_blind_zone_is_not_seen_at_all() -> None:
    weak = RadarParameters(frequency_hz=2.8e9, peak_power_w=1.0, gain_db=20.0, pulse_s=100e-6)
    assert radar_range_m(weak, "drone", 0.8) == 0.0


def test_what_a_site_file_says_is_what_stands() -> None:
    seen = sights(site().sensor, site().coverage)
    assert [(s.id, s.kind) for s in seen] == [("R", "radar"), ("A", "adsb")]
    radar, receiver = (s.antenna for s in seen)
    assert (radar.max_range_m, radar.height_m, radar.max_elevation_rad) == (250e3, ANTENNA_M, math.radians(45.0))
    assert (receiver.max_range_m, receiver.height_m, receiver.max_elevation_rad) == (463e3, 30.0, math.pi / 2)
    assert [s.id for s in sights(site("drone").sensor, site("drone").coverage)] == ["R"]
    assert reach_m(site("light").sensor[0], site("light").coverage) < 250e3


def test_a_radars_table_limits_its_beam() -> None:
    table = "[coverage.radar.R]\nfrequency_hz = 2.8e9\npeak_power_w = 25e3\ngain_db = 34\npulse_s = 100e-6\nmost_elevation_deg = 30\n"
    config = site("airliner", table)
    made = antenna(config.sensor[0], config.coverage)
    assert made.min_range_m == pytest.approx(14_990.0, abs=1.0)
    assert made.max_elevation_rad == pytest.approx(math.radians(30.0))
    assert made.min_elevation_rad == pytest.approx(math.radians(-1.0))
    assert 100e3 < made.max_range_m < 250e3
    with pytest.raises(UsageError, match="frequency"):
        site("airliner", "[coverage.radar.R]\npeak_power_w = 25e3\n")


def test_a_plane_holds_the_outline_or_all_that_is_reached() -> None:
    flat = Terrain((ArraySource("flat", np.full((41, 41), 300.0, np.float32), 25.0, -5.0, 0.6),))
    seen = sights(site().sensor, site().coverage)
    plane = plane_over(flat, seen[:1], 5000.0)
    row, column = (float(v) for v in plane.to_grid(seen[0].antenna.lat_rad, seen[0].antenna.lon_rad))
    assert min(row, column, plane.shape[0] - row, plane.shape[1] - column) * 5000.0 > 249e3
    with pytest.raises(TenereError, match="no sensor has a place"):
        plane_over(flat, (), 5000.0)
