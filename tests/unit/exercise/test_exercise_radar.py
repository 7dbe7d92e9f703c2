import math

import numpy as np
import pytest

from tenere import exercise
from tenere.batch import PlotKind
from tenere.exercise import draws, radar
from tenere.exercise.traffic import GLANCE_S, glance, horizon_m, motion

CONFIG = exercise.ExerciseConfig()
A, F = 6_378_137.0, 1 / 298.257223563


@pytest.fixture(scope="module")
def made():
    return exercise.scenario(CONFIG)


def model(made, name):
    return next(r for r in made.radars if r.sensor.id == name)


def look(made, name, scan):
    r = model(made, name)
    seen = glance(made.traffic, int((radar.north_s(r, scan) + 0.5 * r.sensor.period_s) // GLANCE_S))
    return r, radar.contacts(r, made.traffic, seen, scan)


def polar(lat0, lon0, h0, lat, lon, h):
    """Slant range and azimuth by hand, scalars and a matrix."""

    def ecef(a, b, c):
        n = A / math.sqrt(1 - F * (2 - F) * math.sin(a) ** 2)
        return np.array([(n + c) * math.cos(a) * math.cos(b), (n + c) * math.cos(a) * math.sin(b), (n * (1 - F) ** 2 + c) * math.sin(a)])

    d = ecef(lat, lon, h) - ecef(lat0, lon0, h0)
    east = np.array([-math.sin(lon0), math.cos(lon0), 0.0])
    north = np.array([-math.sin(lat0) * math.cos(lon0), -math.sin(lat0) * math.sin(lon0), math.cos(lat0)])
    return float(np.linalg.norm(d)), math.atan2(d @ east, d @ north) % (2 * math.pi)


@pytest.mark.parametrize("name", ["NIM-R", "ZIN-R", "DIF-R"])
def test_range_and_azimuth_are_those_of_the_ellipsoid_when_the_beam_passes(made, name):
    r, met = look(made, name, 20)
    assert len(met.row) > 5
    for i, row in enumerate(met.row):
        m, flying = motion(made.traffic, np.array([row]), met.time_s[i : i + 1])
        assert flying[0]
        slant, azimuth = polar(r.lat_rad, r.lon_rad, r.sensor.height_m, m.lat_rad[0], m.lon_rad[0], m.height_m[0])
        assert met.range_m[i] == pytest.approx(slant, abs=0.01)
        assert met.azimuth_rad[i] == pytest.approx(azimuth, abs=1e-9)
        beam = 2 * math.pi * ((met.time_s[i] - radar.north_s(r, 20)) / r.sensor.period_s)
        assert beam == pytest.approx(azimuth, abs=2 * math.pi * 0.02)
        assert slant <= r.sensor.range_m


def test_each_aircraft_is_met_once_a_turn(made):
    times = {}
    for scan in range(30):
        _, met = look(made, "NIM-R", scan)
        assert len(set(met.row.tolist())) == len(met.row)
        for row, time in zip(met.row.tolist(), met.time_s.tolist(), strict=True):
            times.setdefault(row, []).append(time)
    gaps = np.concatenate([np.diff(t) for t in times.values()])
    assert np.median(gaps) == pytest.approx(5.0, abs=0.05)
    assert (np.abs(gaps - 5.0) < 0.5).mean() > 0.98


def test_the_radio_horizon_hides_the_low_and_far(made):
    assert float(horizon_m(20.0, 10_000.0)) == pytest.approx(430_500, rel=0.01)  # 4.12 km * (sqrt 20 + sqrt 10,000)
    r, met = look(made, "AGA-R", 10)
    reach = horizon_m(r.antenna_m, met.height_m - r.ground_m)
    assert np.array_equal(met.reach[met.range_m > 40_000], (met.range_m <= reach)[met.range_m > 40_000])
    assert (~met.reach).any()  # somebody is in range and below the horizon


def test_the_cone_of_silence(made):
    r = model(made, "NIM-R")
    over = radar.contacts(r, made.traffic, glance(made.traffic, 0), 0)
    elevation = np.arcsin(np.clip((over.height_m - r.sensor.height_m) / over.range_m, -1, 1))
    assert not over.reach[elevation > np.radians(52)].any()


def test_primary_probability_follows_swerling_one_and_the_fourth_power(made):
    r = model(made, "NIM-R")
    half = radar.primary_probability(r, np.array([r.psr_m]), np.array([radar.REFERENCE_RCS_M2]))
    assert half[0] == pytest.approx(0.5, abs=0.005)
    # 16 times the cross-section reaches twice as far
    near, far = (radar.primary_probability(r, np.array([x]), np.array([a]))[0] for x, a in ((80e3, 2.0), (160e3, 32.0)))
    assert near == pytest.approx(far, rel=1e-9)
    drone, light = (radar.primary_probability(r, np.array([5e3]), np.array([a]))[0] for a in (0.01, 2.0))
    assert drone < 0.03  # sensitivity time control
    assert light > 0.96
    assert radar.primary_probability(r, np.array([2 * r.psr_m]), np.array([1e9]))[0] == 0.0
    assert radar.primary_probability(model(made, "ZIN-R"), np.array([10e3]), np.array([50.0]))[0] == 0.0


def scans(made, name, count):
    r = model(made, name)
    out = []
    for scan in range(count):
        seen = glance(made.traffic, int((radar.north_s(r, scan) + 0.5 * r.sensor.period_s) // GLANCE_S))
        out.append(radar.scan_plots(r, made.traffic, seen, scan, CONFIG.seed, CONFIG.start_s))
    return r, out


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("NIM-R", {PlotKind.PSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S}),
        ("ZIN-R", {PlotKind.SSR}),
        ("DIF-R", {PlotKind.PSR}),
        ("DIR-R", {PlotKind.PSR, PlotKind.SSR, PlotKind.PSR_SSR}),
    ],
)
def test_a_radar_reports_only_what_its_kind_can(made, name, kinds):
    r, parts = scans(made, name, 12)
    plots = type(parts[0]).concat(parts)
    assert kinds <= {PlotKind(k) for k in plots.kind}
    selective = np.isin(plots.kind, [PlotKind.MODE_S, PlotKind.PSR_MODE_S])
    if r.interrogator != radar.MODE_S_RADAR:
        assert not selective.any()
    assert np.array_equal(plots.address >= 0, selective)
    assert ((plots.callsign != b"") == selective).all()
    primary = plots.kind == PlotKind.PSR
    assert (plots.mode_a[primary] == -1).all()
    assert np.isnan(plots.pressure_altitude_m[primary]).all()
    assert (plots.flags == 0).all()  # the exercise never sets SIM: its reports must reach the live picture
    for part in parts:
        assert (np.diff(part.time_s) >= 0).all()


def test_secondary_detection_has_its_probability(made):
    r, _ = look(made, "TAH-R", 0)
    met = total = 0
    for scan in range(40):
        _, seen = look(made, "TAH-R", scan)
        can = seen.reach & (made.traffic.flights.equipment[seen.row] >= 1)
        plots = radar.detect(r, made.traffic, seen, draws.generator(1, 1, scan), 0.0)
        met, total = met + len(plots), total + int(can.sum())
    assert met / total == pytest.approx(r.sensor.detection, abs=0.02)


def test_clutter_is_poisson_and_even_in_range_and_azimuth(made):
    r = model(made, "DIF-R")
    parts = [radar.clutter(r, draws.generator(1, 2, k), radar.north_s(r, k), 0.0) for k in range(400)]
    counts = np.array([len(p) for p in parts])
    assert counts.mean() == pytest.approx(r.sensor.clutter, rel=0.06)
    assert counts.var() == pytest.approx(r.sensor.clutter, rel=0.25)
    places = np.concatenate([p.range_m for p in parts])
    turns = np.concatenate([p.azimuth_rad for p in parts])
    assert np.histogram(places, 4, (5_000.0, radar.primary_range_m(r)))[0].min() > 0.2 * len(places)
    assert np.histogram(turns, 4, (0.0, 2 * math.pi))[0].min() > 0.2 * len(turns)
    times = np.concatenate([p.time_s - radar.north_s(r, k) for k, p in enumerate(parts)])
    assert times == pytest.approx(turns / (2 * math.pi) * r.sensor.period_s)


def test_a_turn_brings_its_north_marker_and_32_sectors(made):
    r = model(made, "AGA-R")
    status = radar.service(r, 100.0, CONFIG.start_s)
    assert status.message.tolist() == [1] + [2] * 32
    assert status.azimuth_rad[1:] == pytest.approx(np.arange(32) * 2 * math.pi / 32)
    assert status.period_s[0] == r.sensor.period_s
    assert math.degrees(status.lat_rad[0]) == pytest.approx(r.sensor.lat_deg)
    assert status.time_s[-1] - status.time_s[0] == pytest.approx(31 / 32 * r.sensor.period_s)
