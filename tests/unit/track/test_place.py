import numpy as np
import pytest
from scene import LAT, LON, RADAR

from tenere.batch import PlotKind, Plots
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track.place import place, sane
from tenere.track.sensors import SensorTable

PLANE = Plane.at(np.deg2rad(17.0), np.deg2rad(8.0))


def polar(e, n, height, count=1, seed=0, std=(50.0, 0.07), **columns):
    rng = np.random.Generator(np.random.PCG64(seed))
    lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, e, n, 0.0)
    x, y, z = ellipsoid.enu_of(LAT, LON, 250.0, lat, lon, height)
    r = np.sqrt(x * x + y * y + z * z) + rng.normal(0, std[0], count)
    az = np.arctan2(x, y) + rng.normal(0, np.deg2rad(std[1]), count)
    return Plots.blank(count, sensor=0, range_m=r, azimuth_rad=az % (2 * np.pi), kind=PlotKind.SSR, **columns), PLANE.forward(lat, lon)


@pytest.mark.parametrize("at", [(40e3, 60e3, 9000.0), (-200e3, 150e3, 11_000.0), (15e3, -8e3, 3000.0)])
def test_a_plot_falls_where_the_aircraft_is_with_the_spread_it_states(at):
    plots, truth = polar(*at, count=4000, seed=1, pressure_altitude_m=at[2])
    got = place(plots, SensorTable.of((RADAR,)), PLANE)
    assert got.ok.all()
    d = got.z - np.array(truth)
    assert np.abs(d.mean(0)).max() < 4 * np.sqrt(d.var(0).max() / 4000) + 3  # no bias, even at long range
    # the spread: across the line of sight as stated; along it stated a little wider, for the height's own error
    cov = np.array([[got.r[0, 0], got.r[0, 1]], [got.r[0, 1], got.r[0, 2]]])
    m = np.einsum("ni,ij,nj->n", d, np.linalg.inv(cov), d)
    assert 0.90 < (m < 5.991).mean() <= 1.0


def test_a_plot_without_a_height_says_how_it_was_placed():
    plots, _ = polar(20e3, 30e3, 11_000.0)
    got = place(plots, SensorTable.of((RADAR,)), PLANE)
    assert np.isfinite(got.sight).all()
    with_height, _ = polar(20e3, 30e3, 11_000.0, pressure_altitude_m=11_000.0)
    assert np.isnan(place(with_height, SensorTable.of((RADAR,)), PLANE).sight).all()


def test_an_unplaced_sensor_has_a_plane_of_its_own():
    table = SensorTable.of((SensorConfig(id="X"),))
    plots, _ = polar(40e3, 60e3, 9000.0, std=(0.0, 0.0), pressure_altitude_m=9000.0)
    got = place(plots, table, PLANE)
    assert got.frame.tolist() == [1]
    assert np.hypot(*(got.z[0] - [40e3, 60e3])) < 200


def test_local_coordinates_of_a_placed_sensor_are_placed():
    table = SensorTable.of((RADAR,))
    got = place(Plots.blank(1, sensor=0, x_m=1000.0, y_m=-500.0, kind=PlotKind.MLAT), table, PLANE)
    lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, 1000.0, -500.0, 0.0)
    assert np.allclose(got.z[0], PLANE.forward(lat, lon), atol=0.2)


def test_a_reported_velocity_turns_with_the_plane():
    lat, lon = np.deg2rad(22.0), np.deg2rad(14.0)
    got = place(
        Plots.blank(1, sensor=0, lat_rad=lat, lon_rad=lon, east_ms=0.0, north_ms=100.0, kind=PlotKind.ADSB),
        SensorTable.of((SensorConfig(id="A", kind="adsb"),)),
        PLANE,
    )
    ahead = PLANE.forward(lat + 1e-4, lon)
    course = np.array(ahead) - got.z[0]
    assert np.allclose(got.vel[0, :2] / np.hypot(*got.vel[0, :2]), course / np.hypot(*course), atol=1e-4)


def test_without_a_position_a_plot_is_not_placed():
    got = place(Plots.blank(3, sensor=0), SensorTable.of((RADAR,)), PLANE)
    assert not got.ok.any()


def test_impossible_numbers_become_unknown():
    plots = sane(Plots.blank(2, lat_rad=[2.0, 0.5], range_m=[-5.0, 1000.0], position_std_m=[np.inf, 30.0]))
    assert np.isnan(plots.lat_rad).tolist() == [True, False]
    assert np.isnan(plots.range_m).tolist() == [True, False]
    assert np.isnan(plots.position_std_m).tolist() == [True, False]
