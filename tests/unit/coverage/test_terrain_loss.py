"""Delta-Bullington: the Bureau's validation examples, knife edges by hand, and limits."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tenere.coverage.propagation.terrain_loss import (
    bullington_db,
    first_term_db,
    knife_edge_db,
    over_smooth_m,
    profile_db,
    sphere_db,
    terrain_loss_db,
)

# Path 3 of "Validation examples for the delta Bullington diffraction prediction method" (ITU-R Study Group 3, delB_valid_temp.xlsx):
# heights (m) each 50 m, the last at 17.39688966 km. Effective radius 8,500 km.
HEIGHTS = """
697 697 697 690 690 665 665 661 653 656 644 644 638 629 620 620 610 610 608 608 610 610 609 609 611 611 604 604 604 607 607 609 609
611 606 606 606 602 602 602 602 604 603 606 606 603 603 605 607 607 605 605 605 605 600 601 594 594 589 589 595 589 589 586 586 582
584 581 579 575 575 577 577 585 587 586 596 596 587 589 593 593 589 589 593 593 590 600 592 601 605 605 601 609 609 618 618 613 613
612 615 612 612 618 618 616 616 612 613 613 613 613 613 612 609 609 606 606 604 604 602 602 602 602 603 603 604 601 601 602 602 607
603 605 606 610 610 610 610 611 611 611 616 616 618 618 622 621 625 625 635 635 631 638 638 621 620 620 616 611 611 594 594 589 589
586 582 579 578 579 579 576 576 574 577 577 575 575 571 572 572 572 571 571 575 575 573 571 569 570 570 570 570 575 575 576 576 577
577 578 574 574 574 575 575 577 577 577 579 579 579 583 583 586 583 583 584 584 586 586 587 594 599 599 588 591 590 592 592 594 594
596 597 602 599 605 605 605 605 610 607 607 615 615 621 621 624 621 633 633 632 632 636 630 639 630 630 634 628 632 632 628 628 625
625 626 621 624 624 620 620 620 620 620 616 616 610 610 605 607 604 604 603 603 594 594 594 596 592 592 587 586 585 583 583 579 579
571 573 575 576 572 572 573 573 569 569 569 568 568 566 568 568 564 563 563 559 559 564 567 564 563 562 562 561 563 563 561 561 562
562 561 563 564 564 563 563 565 565 564 566 566 568 568 569 567 570 570 569
"""
PATH = np.array(HEIGHTS.split(), dtype=np.float64)
AWAY = np.append(50.0 * np.arange(PATH.size - 1), 17_396.88966)
ENDS = [(30, 30, 1000), (50, 10, 2500), (20, 20, 600), (40, 50, 200), (70, 5, 150)]
"""Of each example: heights over ground (m) and MHz."""
OVER = [(110.1894677, 30.0), (132.6734925, 11.9416848), (102.8893122, 22.52524312), (118.7202148, 50.0), (152.2011247, 5.664441408)]
ACTUAL = [17.62040631, 25.1016907, 20.25488733, 10.1899085, 16.27593106]
SMOOTH = [0.0, 0.0, 0.0, 0.0, 6.17409081]
SPHERE = [0.0, 0.0, 0.0, 0.0, 10.63765222]
TOTAL = [17.62040631, 25.1016907, 20.25488733, 10.1899085, 20.73949248]
TOLERANCE_DB = 0.01  # the examples took 3e8 m/s for light, and ask for 0.1 dB

# Of paths 1 and 2 only what a sphere makes of them: km, heights over the smooth surface (m), MHz, loss of the sphere, of Bullington (dB).
SPHERES = [
    (83.07993853, 211.3366061, 30.0, 1000, 15.3485837, 13.74840484),
    (83.07993853, 233.4945304, 10.0, 2500, 23.6973069, 18.5970601),
    (83.07993853, 204.7165548, 20.0, 600, 20.91384864, 15.79373777),
    (83.07993853, 215.727222, 50.0, 200, 14.32933641, 11.50981857),
    (83.07993853, 252.3138569, 5.0, 150, 33.13883693, 14.93033347),
    (132.315397, 37.97366242, 119.2363492, 1000, 69.45434151, 35.82816509),
    (132.315397, 57.97664284, 99.82603022, 2500, 85.53863749, 39.66871934),
    (132.315397, 27.97366242, 109.2363492, 600, 66.31647651, 34.29503068),
    (132.315397, 47.97366242, 139.2363492, 200, 45.7547348, 27.74009568),
    (132.315397, 78.00115495, 99.67579634, 150, 43.35361839, 26.58559997),
]


@pytest.mark.parametrize("k", range(5))
def test_the_bureaus_examples(k):
    assert AWAY.size == PATH.size == 349
    above_low, above_high, mhz = ENDS[k]
    ends = (PATH[0] + above_low, PATH[-1] + above_high)
    over = over_smooth_m(AWAY, PATH, PATH.size, ends)
    assert over == pytest.approx(OVER[k], abs=1e-6)
    wave = 299.792458 / mhz
    assert bullington_db(AWAY, PATH, PATH.size, ends, wave, 8500.0, False) == pytest.approx(ACTUAL[k], abs=TOLERANCE_DB)
    assert bullington_db(AWAY, PATH, PATH.size, over, wave, 8500.0, True) == pytest.approx(SMOOTH[k], abs=TOLERANCE_DB)
    assert sphere_db(17.39688966, *over, 1e-3 * mhz, 8500.0, False) == pytest.approx(SPHERE[k], abs=TOLERANCE_DB)
    loss = terrain_loss_db(AWAY, PATH, *ends, frequency_hz=1e6 * mhz, radius_m=8.5e6, vertical=False)
    assert loss == pytest.approx(TOTAL[k], abs=TOLERANCE_DB)


@pytest.mark.parametrize("case", SPHERES, ids=str)
def test_the_bureaus_spheres(case):
    km, low, high, mhz, sphere, smooth = case
    away = np.append(50.0 * np.arange(math.floor(20.0 * km) + 1), 1e3 * km)
    assert sphere_db(km, low, high, 1e-3 * mhz, 8500.0, False) == pytest.approx(sphere, abs=TOLERANCE_DB)
    ours = bullington_db(away, np.zeros(away.size), away.size, (low, high), 299.792458 / mhz, 8500.0, True)
    assert ours == pytest.approx(smooth, abs=TOLERANCE_DB)


def test_knife_edge():
    assert knife_edge_db(0.0) == pytest.approx(6.03, abs=0.01)  # half the field
    assert knife_edge_db(1.0) == pytest.approx(13.9, abs=0.1)
    assert knife_edge_db(2.4) == pytest.approx(20.5, abs=0.1)
    assert knife_edge_db(-0.78) == 0.0
    assert knife_edge_db(-math.inf) == knife_edge_db(math.nan) == 0.0
    assert knife_edge_db(10.0) == pytest.approx(13.0 + 20.0 * math.log10(10.0), abs=0.2)  # 13 + 20 log10 nu


def test_one_edge_on_a_plane_by_hand():
    # 20 km at 1 GHz over an Earth all but flat, an edge of 100 m in the middle, antennas at 10 m
    away = np.arange(0.0, 20_001.0, 100.0)
    ground = np.zeros(away.size)
    ground[100] = 100.0
    wave = 0.299792458
    nu = 90.0 * math.sqrt(2.0 * 20_000.0 / (wave * 10_000.0 * 10_000.0))
    edge = 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    whole = edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02 * 20.0)
    assert bullington_db(away, ground, away.size, (10.0, 10.0), wave, 1e12, False) == pytest.approx(whole, abs=1e-7)


def test_a_path_high_above_its_ground_loses_nothing():
    away = np.linspace(0.0, 50e3, 501)
    assert terrain_loss_db(away, np.zeros(501), 500.0, 3000.0, frequency_hz=1e9) == 0.0


def test_smooth_earth_is_the_sphere_alone():
    for km, low, high in ((60.0, 20.0, 30.0), (120.0, 30.0, 100.0), (250.0, 15.0, 1000.0)):
        away = np.linspace(0.0, 1e3 * km, 2001)
        loss = terrain_loss_db(away, np.full(2001, 300.0), 300.0 + low, 300.0 + high, frequency_hz=1.09e9, radius_m=8.5e6)
        assert loss == pytest.approx(sphere_db(km, low, high, 1.09, 8500.0, True), abs=0.2)


def test_the_sphere_is_continuous_at_the_horizon_and_grows_behind():
    horizon = math.sqrt(2.0 * 8500.0 * 0.001) * (math.sqrt(30.0) + math.sqrt(1000.0))
    near = [sphere_db(horizon + d, 30.0, 1000.0, 1.09, 8500.0, True) for d in (-1e-6, 1e-6)]
    assert near[0] == pytest.approx(near[1], abs=1e-3)
    assert near[0] == pytest.approx(first_term_db(horizon, 30.0, 1000.0, 1.09, 8500.0, True), abs=1e-3)
    losses = [sphere_db(km, 30.0, 1000.0, 1.09, 8500.0, True) for km in (50.0, 100.0, 130.0, 150.0, 200.0, 300.0)]
    assert losses[0] == 0.0
    assert all(b >= a for a, b in itertools.pairwise(losses))
    beyond = [first_term_db(km, 30.0, 1000.0, 1.09, 8500.0, True) for km in (200.0, 300.0)]
    assert beyond[1] - beyond[0] > 50.0  # dB a 100 km: the shadow is deep


def test_loss_grows_with_the_obstacle():
    away = np.linspace(0.0, 40e3, 401)
    losses = []
    for peak in np.linspace(0.0, 800.0, 33):
        ground = peak * np.exp(-(((away - 15e3) / 1500.0) ** 2))
        losses.append(terrain_loss_db(away, ground, 30.0, 300.0, frequency_hz=1.09e9))
    assert losses[0] < 1.0
    assert all(b >= a - 1e-9 for a, b in itertools.pairwise(losses))
    assert losses[-1] > 40.0


def test_both_ways_are_one():
    ends = (PATH[0] + 20.0, PATH[-1] + 35.0)
    there = terrain_loss_db(AWAY, PATH, *ends, frequency_hz=1.09e9)
    back = terrain_loss_db(AWAY[-1] - AWAY[::-1], PATH[::-1], ends[1], ends[0], frequency_hz=1.09e9)
    assert there == pytest.approx(back, abs=1e-9)


def test_the_first_points_of_a_longer_row():
    n = 200
    ends = (PATH[0] + 20.0, PATH[n - 1] + 35.0)
    part = profile_db(AWAY, PATH, n, ends, 1.09e9, 8.5e6, True)
    assert part == terrain_loss_db(AWAY[:n], PATH[:n], *ends, frequency_hz=1.09e9, radius_m=8.5e6)
    assert math.isnan(profile_db(AWAY, PATH, 1, ends, 1.09e9, 8.5e6, True))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("two points", {"distances_m": [0.0], "heights_m": [0.0]}),
        ("two points", {"heights_m": [0.0, 0.0]}),
        ("grow", {"distances_m": [0.0, 5e3, 5e3]}),
        ("grow", {"distances_m": [1.0, 5e3, 6e3]}),
        ("grow", {"heights_m": [0.0, math.nan, 0.0]}),
        ("above their ground", {"low_m": 0.0}),
        ("above their ground", {"high_m": math.nan}),
        ("30 MHz", {"frequency_hz": 1090.0}),
        ("radius", {"radius_m": 0.0}),
    ],
)
def test_nonsense_is_refused(kind, wrong):
    given = {"distances_m": [0.0, 5e3, 1e4], "heights_m": [0.0, 10.0, 0.0], "low_m": 10.0, "high_m": 20.0, "frequency_hz": 1e9}
    with pytest.raises(ValueError, match=kind):
        terrain_loss_db(**(given | wrong))
