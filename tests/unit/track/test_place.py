import numpy as np
import pytest
from place_reference import place_slowly
from scene import LAT, LON, RADAR

from tenere.batch import PlotKind, Plots, Status
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track import survey
from tenere.track.place import LIMITS, UNSURE_STD_M, Sites, modest, place, sane
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


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_is_kept_and_what_lies_within_is_left(name):
    low, high = LIMITS[name]
    values = np.array([low, high, np.nextafter(low, -np.inf), np.nextafter(high, np.inf), np.nan, np.inf, -np.inf])
    plots = Plots.blank(7, **{name: values})
    got = getattr(sane(plots), name)
    assert got[:2].tolist() == [low, high]
    assert np.isnan(got[2:]).all()
    fine = plots.take(np.array([0, 1, 4]))
    assert sane(fine) is fine


SITES = (
    RADAR,
    SensorConfig(id="FAR", lat_deg=21.0, lon_deg=13.9, height_m=900.0, azimuth_std_deg=0.5, range_std_m=120.0),
    SensorConfig(id="LOOSE", azimuth_std_deg=1.5),
    SensorConfig(id="NORTH", lat_deg=52.0, lon_deg=-40.0),
    SensorConfig(id="OPPOSITE", lat_deg=-17.0, lon_deg=-172.0),
    SensorConfig(id="STATIONS", kind="mlat", lat_deg=21.0, lon_deg=13.9, range_m=60e3),
    SensorConfig(id="LOOSE STATIONS", kind="mlat", range_m=20e3),
)


def everything(n, seed, sensors=7):
    """Return plots of every make: with and without each of the columns that decide how one is placed."""
    rng = np.random.Generator(np.random.PCG64(seed))

    def some(values, share=0.5):
        return np.where(rng.random(n) < share, values, np.nan)

    return Plots.blank(
        n,
        sensor=rng.integers(-1, sensors + 1, n),
        lat_rad=some(rng.uniform(-np.pi / 2, np.pi / 2, n), 0.2),
        lon_rad=some(rng.uniform(-np.pi, np.pi, n), 0.8),
        range_m=some(10 ** rng.uniform(0, 6.3, n), 0.7),
        azimuth_rad=some(rng.uniform(0, 2 * np.pi, n), 0.8),
        x_m=some(rng.normal(0, 10 ** rng.uniform(0, 5.5, n)), 0.7),
        y_m=some(rng.normal(0, 10 ** rng.uniform(0, 5.5, n)), 0.9),
        position_std_m=some(10 ** rng.uniform(-2, 3, n)),
        height_m=some(rng.uniform(-500, 40e3, n), 0.3),
        pressure_altitude_m=some(rng.uniform(-300, 15e3, n)),
        east_ms=some(rng.normal(0, 200, n), 0.4),
        north_ms=some(rng.normal(0, 200, n), 0.8),
        velocity_std_ms=some(rng.uniform(0, 10, n)),
        radial_ms=some(rng.normal(0, 100, n)),
    )


def held(got, want):
    """Hold one placing to the other: 0.4 m in place, a thousandth of the covariance's size."""
    assert got.ok.tolist() == want.ok.tolist()
    assert got.frame[got.ok | got.bearing_only].tolist() == want.frame[want.ok | want.bearing_only].tolist()
    assert got.bearing_only.tolist() == want.bearing_only.tolist()
    ok = want.ok
    assert np.abs(got.z - want.z)[ok].max(initial=0) < 0.4
    size = want.r[ok, 0] + want.r[ok, 2]
    assert (np.abs(got.r - want.r)[ok] / size[:, None]).max(initial=0) < 1e-3
    det = [p.r[ok, 0] * p.r[ok, 2] - p.r[ok, 1] ** 2 for p in (got, want)]
    assert np.allclose(*det, rtol=2e-3)
    assert np.allclose(got.vel[ok], want.vel[ok], atol=1e-6, equal_nan=True)
    assert np.allclose(got.sight[ok, :2], want.sight[ok, :2], atol=2e-4, equal_nan=True)
    assert np.array_equal(got.sight[ok, 2:], want.sight[ok, 2:], equal_nan=True)
    assert np.allclose(got.radial[ok], want.radial[ok], atol=1e-3, equal_nan=True)
    assert np.allclose(got.bearing, want.bearing, rtol=1e-9, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("plane", [PLANE, Plane.at(np.deg2rad(60.0), np.deg2rad(179.0)), None])
def test_the_kernel_is_held_to_the_slow_way(plane):
    plots = everything(20_000, 4)
    table = SensorTable.of(SITES)
    want = place_slowly(plots, table, plane)
    held(place(plots, table, plane), want)
    assert want.ok.mean() > 0.09
    assert want.bearing_only.any()


def test_fitted_radars_are_held_to_the_slow_way_out_to_their_reach():
    rng = np.random.Generator(np.random.PCG64(7))
    n = 20_000
    plots = Plots.blank(
        n,
        sensor=rng.integers(0, 2, n),
        range_m=rng.uniform(1e3, 470e3, n),
        azimuth_rad=rng.uniform(0, 6.28, n),
        pressure_altitude_m=rng.uniform(0, 15e3, n),
        radial_ms=1.0,
    )
    table, sites = SensorTable.of(SITES), Sites()
    got, want = place(plots, table, PLANE, sites), place_slowly(plots, table, PLANE)
    assert sites.figures[:5, survey.STAND].tolist() == [survey.FITTED, survey.FITTED, survey.UNPLACED, survey.PLACED, survey.PLACED]
    assert np.abs(got.z - want.z).max() < 0.25
    held(got, want)


def test_a_fit_that_is_wrong_by_a_metre_is_not_used(monkeypatch):
    monkeypatch.setattr(survey, "WORST_M", 1e-3)
    plots, table, sites = everything(3000, 9), SensorTable.of(SITES), Sites()
    got = place(plots, table, PLANE, sites)
    assert (sites.figures[:, survey.STAND] < survey.FITTED).all()
    want = place_slowly(plots, table, PLANE)
    held(got, want)
    assert np.abs(got.z - want.z)[want.ok].max() < 1e-3


def test_sites_kept_from_tick_to_tick_change_nothing_and_follow_a_mobile_sensor():
    truck = SensorConfig(id="TRUCK", lat_deg=13.0, lon_deg=2.0, source="radar", moved_by="gps")
    table, sites = SensorTable.of((RADAR, truck)), Sites()
    for tick in range(4):
        plots = everything(500, tick, sensors=2)
        want = place(plots, table, PLANE)
        got = place(plots, table, PLANE, sites)
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(got, want, strict=True))
        fits = sites.fits.copy()
        table.hear_status("gps", Status.blank(1, time_s=5.0, category=0, lat_rad=0.2 + 0.01 * tick, lon_rad=0.1))
        if tick == 2:
            table.find("new", 5, "radar")
    place(plots, table, PLANE, sites)
    assert np.array_equal(fits[0], sites.fits[0])
    assert not np.array_equal(fits[1], sites.fits[1])


def test_another_plane_lays_every_site_anew():
    table, sites, plots = SensorTable.of(SITES), Sites(), everything(2000, 3)
    place(plots, table, None, sites)
    for plane in (PLANE, Plane.at(0.3, 0.2), None, PLANE):
        held(place(plots, table, plane, sites), place_slowly(plots, table, plane))


def test_coarse_azimuths_do_not_draw_plots_inward_and_say_their_spread():
    rng = np.random.Generator(np.random.PCG64(5))
    n, sigma, r, range_std = 40_000, np.deg2rad(3.0), 200e3, 50.0
    config = SensorConfig(id="X", azimuth_std_deg=3.0, range_std_m=range_std)
    plots = Plots.blank(
        n, sensor=0, range_m=r + rng.normal(0, range_std, n), azimuth_rad=rng.normal(0, sigma, n) % (2 * np.pi), height_m=0.0
    )
    got = place(plots, SensorTable.of((config,)), None)
    error = got.z - [0.0, r]
    assert abs(error[:, 1].mean()) < 5 * error[:, 1].std() / np.sqrt(n)  # drawn inward by r sigma^2 / 2 = 274 m it would be 200 of them
    assert error[:, 0].var() == pytest.approx(np.sinh(sigma**2) * r**2, rel=0.05)
    mean = got.r.mean(axis=0)
    assert mean[0] == pytest.approx(error[:, 0].var(), rel=0.05)
    # seen from the plot itself, whose azimuth is off, the line of sight is turned: that part comes on top, so that it says no less
    assert 1.0 < mean[2] / error[:, 1].var() < 3.5


def test_a_small_scene_is_as_good_as_it_says():
    table = SensorTable.of((SensorConfig(id="IN", position_std_m=0.25), RADAR))
    plots = Plots.blank(4, sensor=[0, 0, 0, 1], x_m=1.0, y_m=2.0, position_std_m=[np.nan, 0.5, 0.01, 0.25])
    got = place(plots, table, PLANE)
    assert np.sqrt(got.r[:, 0]) == pytest.approx([0.25, 0.5, 0.1, 3.0], rel=0.01)
    assert got.frame.tolist() == [1, 1, 1, 0]


def test_a_doppler_is_what_the_velocity_in_the_plane_makes_of_it():
    east, north, height, velocity = 60e3, -45e3, 9000.0, np.array([150.0, 80.0, 0.0])
    plots, _ = polar(east, north, height, std=(0.0, 0.0), pressure_altitude_m=height)
    lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, east, north, 0.0)
    here = np.array(ellipsoid.geodetic_to_ecef(lat, lon, height))
    radar = np.array(ellipsoid.geodetic_to_ecef(LAT, LON, 250.0))
    there = here + 0.01 * np.array(ellipsoid.enu_to_ecef(lat, lon, *velocity))
    speed = 100.0 * (np.linalg.norm(there - radar) - np.linalg.norm(here - radar))
    got = place(plots.replace(radial_ms=speed), SensorTable.of((RADAR,)), PLANE)
    turn, scale = PLANE.north(lat, lon)
    c, s = np.cos(turn) * scale, np.sin(turn) * scale
    v = np.array([velocity[0] * c + velocity[1] * s, -velocity[0] * s + velocity[1] * c])
    assert got.radial[0, :2] @ v == pytest.approx(speed, abs=0.1)
    assert got.radial[0, 2] == speed
    assert 0.25 < got.radial[0, 3] < 1.0
    assert np.isnan(place(plots, SensorTable.of((RADAR,)), PLANE).radial).all()


def test_an_azimuth_alone_is_a_line_from_the_sensor_through_the_aircraft():
    plots, truth = polar(20e3, 31e3, 3000.0, std=(0.0, 0.0))
    line = plots.replace(range_m=np.nan)
    got = place(line, SensorTable.of((RADAR,)), PLANE)
    assert (got.ok.tolist(), got.bearing_only.tolist()) == ([False], [True])
    x, y, angle, var = got.bearing[0]
    assert (x, y) == pytest.approx(PLANE.forward(LAT, LON), abs=1e-3)
    assert angle == pytest.approx(np.arctan2(truth[1] - y, truth[0] - x), abs=1e-3)
    assert var == pytest.approx(np.deg2rad(0.07) ** 2)
    assert not place(line, SensorTable.of((RADAR,)), None).bearing_only.any()


def test_overhead_a_plot_still_has_a_whole_covariance():
    got = place(Plots.blank(1, sensor=0, range_m=2000.0, azimuth_rad=1.0, height_m=9000.0), SensorTable.of((RADAR,)), PLANE)
    assert got.ok.all()
    assert got.r[0, 0] * got.r[0, 2] - got.r[0, 1] ** 2 > 0.01


def test_columns_that_cannot_be_written_to_are_placed_too():
    plots, _ = polar(20e3, 30e3, 3000.0, count=5)
    want = place(plots, SensorTable.of((RADAR,)), PLANE)
    plots.range_m.flags.writeable = False
    got = place(sane(plots), SensorTable.of((RADAR,)), PLANE)
    assert np.array_equal(got.z, want.z)


def test_a_position_that_its_aircraft_cannot_vouch_for_is_taken_with_a_wide_error():
    own = {"kind": PlotKind.ADSB, "lat_rad": LAT, "lon_rad": LON}
    told = Plots.blank(5, **own, nac_p=[0, 9, -1, 8, 0], nic=[8, 8, -1, 0, 0], position_std_m=[np.nan, np.nan, np.nan, np.nan, 20.0])
    assert modest(told).position_std_m.tolist() == pytest.approx([UNSURE_STD_M, np.nan, np.nan, UNSURE_STD_M, 20.0], nan_ok=True)
    silent = told.take(np.array([1, 2]))
    assert modest(silent) is silent


def test_a_pressure_altitude_is_raised_to_a_height():
    table, sites = SensorTable.of((RADAR,)), Sites()
    plots, _ = polar(15e3, -8e3, 9000.0, std=(0.0, 0.0), pressure_altitude_m=8700.0)
    place(plots, table, PLANE, sites)
    sites.raise_to(np.array([[30.0, 0.03, 1e-6, 40.0]]), 25.0)
    raised = place(plots, table, PLANE, sites)._replace()
    z, r = raised.z.copy(), raised.r.copy()
    # 30 + 8700 * (0.03 + 8700 * 1e-6) = 366.7 m
    same = place(plots.replace(pressure_altitude_m=8700.0 + 366.69), table, PLANE)
    assert np.allclose(z, same.z, atol=0.01)
    assert r[0, 0] + r[0, 2] < same.r[0, 0] + same.r[0, 2]


def test_a_radars_own_height_is_as_good_as_its_angle():
    table = SensorTable.of(
        (SensorConfig(id="3D", lat_deg=np.rad2deg(LAT), lon_deg=np.rad2deg(LON), height_m=250.0, elevation_std_deg=0.1),)
    )
    for east, coarse in ((30e3, False), (150e3, True)):
        plots, truth = polar(east, 5e3, 9000.0, std=(0.0, 0.0), height_m=9000.0)
        got = place(plots, table, PLANE)
        assert np.isfinite(got.sight[0, 2]) == coarse
        assert np.hypot(*(got.z[0] - np.array(truth).ravel())) < 15
