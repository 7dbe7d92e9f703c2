"""Rec. ITU-R P.528-5: its published tables, and what each part must be by itself."""

from __future__ import annotations

import cmath
import itertools
import math

import numpy as np
import pytest
from bench import propagation as bench

from tenere.coverage.propagation import loss_at, losses, table
from tenere.coverage.propagation.atmosphere import air, refractive_index
from tenere.coverage.propagation.beyond import scatter
from tenere.coverage.propagation.fading import normal_quantile, rice_db, rice_k_db
from tenere.coverage.propagation.gases import absorption_db_km, at, profile
from tenere.coverage.propagation.p528 import free_space_db
from tenere.coverage.propagation.rays import EARTH_KM, climb, slant, to_horizon
from tenere.coverage.propagation.sight import grazing, rays, reached, reflection, terminal

# Cells of the published tables: MHz, percent, lower and higher end (m), distance (km), loss (dB).
CELLS = [
    (1200, 50, 1.5, 1000, 0, 94.0),
    (1200, 50, 1000, 1000, 1, 94.1),
    (1200, 1, 1.5, 1000, 1000, 248.4),
    (1200, 95, 20000, 20000, 1000, 172.4),
    (125, 10, 15, 10000, 1000, 200.9),
    (125, 95, 1.5, 1000, 1000, 257.2),
    (5100, 1, 10000, 20000, 973, 161.2),
    (5100, 1, 10000, 20000, 974, 165.6),
    (5100, 1, 10000, 20000, 975, 168.3),
    (5100, 5, 1000, 20000, 700, 166.2),
    (5100, 1, 1.5, 1000, 140, 152.8),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cells_of_the_published_tables(cell):
    mhz, percent, low, high, km, loss = cell
    assert losses(1e3 * km, low, high, frequency_hz=1e6 * mhz, percent=percent).loss_db[0] == pytest.approx(loss, abs=0.0505)


def test_whole_tables(shared_data):
    found = sorted((shared_data / "physics" / "p528").glob("*.csv"))[::4]
    if not found:
        pytest.skip("../shared/data/physics/p528 is absent")
    for path in found:
        result = bench.measure(path)
        assert result["points"] > 18_000
        assert result["left_out_without_path"] == 3
        assert result["left_out_empty"] == 0
        assert result["max_error_db"] < 0.06  # half a unit of the last figure given, and no more


def test_no_path_has_no_loss():
    found = losses([0.0, 1.0], 1000.0, 1000.0, frequency_hz=1e9)
    assert math.isnan(found.loss_db[0])
    assert found.mode[0] == 0
    assert found.loss_db[1] < 60.0


def test_ends_may_be_given_in_any_order():
    away = np.linspace(0.0, 900e3, 19)
    a = losses(away, 30.0, 9000.0, frequency_hz=1.09e9, percent=90.0)
    b = losses(away, 9000.0, 30.0, frequency_hz=1.09e9, percent=90.0)
    assert np.array_equal(a.loss_db, b.loss_db)


def test_loss_grows_with_the_share_of_time():
    # between 5 and 10 % it need not: the standard's cap on rare gains (section 14) falls to 0 dB there
    away = np.linspace(1e3, 900e3, 50)
    found = [losses(away, 30.0, 9000.0, frequency_hz=1.09e9, percent=p).loss_db for p in (1, 2, 5, 10, 30, 50, 51, 70, 90, 97, 99)]
    assert all(bool(np.all(b >= a - 1e-9)) for a, b in itertools.pairwise(found))


def test_modes_follow_each_other_outward():
    mode = losses(np.arange(0.0, 1000e3, 1e3), 15.0, 3000.0, frequency_hz=2.8e9).mode
    assert mode[0] == 1
    assert mode[-1] == 3
    assert np.all(np.diff(mode) >= 0)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("heights", {"low_m": 1.0}),
        ("heights", {"high_m": 20_001.0}),
        ("heights", {"low_m": math.nan}),
        ("frequencies", {"frequency_hz": 99e6}),
        ("frequencies", {"frequency_hz": 1090.0}),
        ("percent", {"percent": 0.5}),
        ("percent", {"percent": 99.5}),
        ("distances", {"distances_m": [-1.0]}),
        ("distances", {"distances_m": [math.nan]}),
        ("distances", {"distances_m": [[1.0]]}),
    ],
)
def test_what_the_standard_does_not_cover_is_refused(kind, wrong):
    given = {"distances_m": [1e3], "low_m": 10.0, "high_m": 1000.0, "frequency_hz": 1e9, "percent": 50.0}
    with pytest.raises(ValueError, match=kind):
        losses(**(given | wrong))


def test_free_space():
    assert free_space_db(1.0, 1000.0) == pytest.approx(92.45)  # P.525, equation 5


def test_air_of_the_reference_atmosphere():
    kelvin, dry_hpa, vapour_hpa = air(0.0)
    assert (kelvin, dry_hpa) == (288.15, 1013.25)
    assert vapour_hpa == pytest.approx(7.5 * 288.15 / 216.7)
    heights = {10.0: (223.252, 264.99), 20.0: (216.65, 55.29), 30.0: (226.509, 11.97), 50.0: (270.65, 0.7978)}  # US standard atmosphere
    for h, (t, p) in heights.items():
        kelvin, dry_hpa, _ = air(h)
        assert kelvin == pytest.approx(t, abs=0.01)
        assert dry_hpa == pytest.approx(p, rel=2e-3)


def test_absorption_of_air():
    # P.676-12, figure 1: at 1013.25 hPa, 15 C and 7.5 g/m3 about 0.008 dB/km at 10 GHz (water 0.006 more), 15 at 60, 0.2 at 22.2
    ground = air(0.0)
    assert absorption_db_km(10.0, *ground) == pytest.approx(0.0142, rel=0.05)
    assert absorption_db_km(22.2, *ground) == pytest.approx(0.196, rel=0.05)
    assert absorption_db_km(60.0, *ground) == pytest.approx(14.9, rel=0.05)


def test_profile_between_its_heights():
    p = profile(9400.0)
    for h in (0.004, 0.005, 1.2345, 9.999, 11.012, 24.9999, 25.0, 25.05, 40.02, 79.99, 80.0):
        n, gamma = at(p.refraction, p.gamma_db_km, h)
        k, d, v = air(h)
        assert n - 1.0 == pytest.approx(refractive_index(k, d, v) - 1.0, rel=3e-5 if h < 25.0 else 3e-4)
        assert gamma == pytest.approx(absorption_db_km(9.4, k, d, v), rel=3e-5 if h < 25.0 else 1e-3)


def slow_ray(mhz, low, high, zenith):
    """P.676-12 as it is written: angles everywhere, shells from their own heights."""
    first = math.floor(100.0 * math.log(1e4 * low * (math.exp(0.01) - 1.0) + 1.0) + 1.0)
    last = math.ceil(100.0 * math.log(1e4 * high * (math.exp(0.01) - 1.0) + 1.0) + 1.0)
    m = (math.exp(0.02) - math.exp(0.01)) / (math.exp(last / 100) - math.exp(first / 100)) * (high - low)

    def shell(i):
        thick = m * math.exp((i - 1) / 100)
        h = low + m * (math.exp((i - 1) / 100) - math.exp((first - 1) / 100)) / (math.exp(0.01) - 1.0)
        k, d, v = air(h + thick / 2)
        return EARTH_KM + h, thick, refractive_index(k, d, v), absorption_db_km(1e-3 * mhz, k, d, v)

    r1, _, n1, _ = shell(first)
    length = loss = bending = alpha = 0.0
    for i in range(first, last):
        r, thick, n, gamma = shell(i)
        above, _, n_above, _ = shell(i + 1)
        beta = math.asin(min(1.0, n1 * r1 / (n * r) * math.sin(zenith)))
        alpha = math.asin(min(1.0, n1 * r1 / (n * above) * math.sin(zenith)))
        a = -r * math.cos(beta) + math.sqrt((r * math.cos(beta)) ** 2 + 2 * r * thick + thick**2)
        length += a
        loss += a * gamma
        if i != last - 1:
            bending += math.asin(n / n_above * math.sin(alpha)) - alpha
    return length, loss, bending, alpha


@pytest.mark.parametrize(("low", "high", "zenith"), [(0.0, 1.0, 90.0), (0.015, 12.0, 89.0), (0.5, 20.0, 30.0), (3.0, 10.0, 0.0)])
def test_rays_as_the_recommendation_writes_them(low, high, zenith):
    zenith = math.radians(zenith)
    length, loss, _, _ = slow_ray(5100.0, low, high, zenith)
    ours = climb(profile(5100.0), low, high, math.sin(zenith))
    assert ours[0] == pytest.approx(length, rel=1e-4)
    assert ours[1] == pytest.approx(loss, rel=1e-4)


@pytest.mark.parametrize("height", [0.0015, 0.03, 1.0, 20.0])
def test_horizon_as_the_recommendation_writes_it(height):
    length, loss, bending, alpha = slow_ray(1200.0, 0.0, height, 0.5 * math.pi)
    km, elevation, ours, gas = to_horizon(profile(1200.0), height)
    assert km == pytest.approx(EARTH_KM * (0.5 * math.pi - alpha + bending), abs=1e-6)
    assert elevation == pytest.approx(0.5 * math.pi - alpha)
    assert ours == pytest.approx(length, rel=1e-9)
    assert gas == pytest.approx(loss, rel=1e-5)


def test_a_ray_that_leaves_downward_is_twice_one_that_leaves_level():
    p = profile(9400.0)
    n, _ = at(p.refraction, p.gamma_db_km, 2.0)
    grazing_n, _ = at(p.refraction, p.gamma_db_km, 1.0)
    elevation = -math.acos(grazing_n * (EARTH_KM + 1.0) / (n * (EARTH_KM + 2.0)))  # it is level at 1 km
    length, loss = slant(p, 2.0, 2.0, elevation)
    one_length, one_loss = climb(p, 1.0, 2.0, 1.0)
    assert length == pytest.approx(2.0 * one_length, rel=2e-3)
    assert loss == pytest.approx(2.0 * one_loss, rel=2e-3)


@pytest.mark.parametrize("mhz", [125.0, 1090.0, 15500.0])
@pytest.mark.parametrize("degrees", [0.05, 1.0, 10.0, 20.0, 70.0])
@pytest.mark.parametrize("vertical", [False, True])
def test_reflection_is_fresnels(mhz, degrees, vertical):
    psi = math.radians(degrees)
    ground = complex(15.0, -18000.0 * 0.005 / mhz)
    root = cmath.sqrt(ground - math.cos(psi) ** 2)
    factor = ground if vertical else 1.0
    fresnel = (factor * math.sin(psi) - root) / (factor * math.sin(psi) + root)
    size, lag = reflection(psi, mhz, vertical)
    assert size * cmath.exp(-1j * lag) == pytest.approx(fresnel, abs=1e-9)


def test_ray_optics_on_a_plane():
    # 10 m and 20 m, 1 km apart: what an image under a plane says, of the heights over the stretched Earth
    air_ = profile(1000.0)
    low, high = terminal(air_, 0.010), terminal(air_, 0.020)
    psi = grazing(low, high, 1.0)
    path = rays(low, high, psi)
    assert path.distance_km == pytest.approx(1.0, abs=1.1e-3)
    assert path.direct_km == pytest.approx(math.hypot(path.distance_km, 0.010), abs=1e-5)
    assert path.longer_km == pytest.approx(2.0 * low.effective_km * high.effective_km / path.distance_km, rel=0.01)
    assert math.tan(psi) == pytest.approx((low.effective_km + high.effective_km) / path.distance_km, rel=0.01)


def test_the_path_that_grazes_at_nothing_reaches_both_horizons():
    air_ = profile(1000.0)
    low, high = terminal(air_, 0.030), terminal(air_, 9.0)
    assert reached(low, high, 0.0) == pytest.approx(low.horizon_km + high.horizon_km, rel=1e-12)
    steps = [reached(low, high, psi) for psi in np.linspace(0.0, 1.55, 50)]
    assert all(b < a for a, b in itertools.pairwise(steps))


def test_scatter_begins_where_horizons_meet_and_grows():
    air_ = profile(1000.0)
    low, high = terminal(air_, 0.030), terminal(air_, 3.0)
    meet = low.horizon_km + high.horizon_km
    assert scatter(low, high, 1000.0, meet) == (0.0, 0.0, 0.0)
    found = [scatter(low, high, 1000.0, meet + d) for d in (30.0, 100.0, 300.0, 600.0)]
    assert all(b[k] > a[k] for a, b in itertools.pairwise(found) for k in range(3))


def test_nakagami_rice():
    assert rice_db(20.0, 99.0) == pytest.approx(18.3864)  # nearly Rayleigh: 18.39 dB below the median for 1 % of the time
    assert rice_db(20.0, 99.0) == pytest.approx(-10.0 * math.log10(-math.log(0.99) / math.log(2.0)), abs=0.02)
    assert rice_db(-60.0, 1.0) == pytest.approx(-0.1417)
    for k in (-40.0, -33.0, -13.0, 0.0, 5.0, 19.0):
        assert rice_k_db(rice_db(k, 99.0)) == pytest.approx(k)
    assert rice_k_db(99.0) == 20.0
    assert rice_k_db(-1.0) == -40.0


def test_normal_quantile():
    for q, z in ((0.01, 2.32635), (0.1, 1.28155), (0.5, 0.0), (0.9, -1.28155), (0.99, -2.32635)):
        assert normal_quantile(q) == pytest.approx(z, abs=4.5e-4)


def test_a_table_lies_on_what_it_was_made_of():
    made = table(30.0, 300e3, frequency_hz=1.09e9, percent=90.0, heights=60, distances=301)
    away = np.arange(5e3, 300e3, 20e3)
    for i in (0, 17, 59):
        height = min(max((made.least + i * made.step) ** 4, 1.5), 20_000.0)
        exact = losses(away, 30.0, height, frequency_hz=1.09e9, percent=90.0).loss_db
        assert np.array([loss_at(made, d, height) for d in away]) == pytest.approx(exact, abs=1e-6)
    between = losses(away, 30.0, 5000.0, frequency_hz=1.09e9, percent=90.0).loss_db
    assert np.median(np.abs(np.array([loss_at(made, d, 5000.0) for d in away]) - between)) < 0.05
    assert math.isnan(loss_at(made, 301e3, 100.0))
    assert loss_at(made, 1e4, 0.0) == loss_at(made, 1e4, 1.5)
