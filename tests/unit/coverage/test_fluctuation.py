"""Detection in noise: closed forms, published values, and integration over the fluctuation by brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tenere.coverage.detect.fluctuation import albersheim_db, detection, false_alarm, required_snr_db, threshold_of


@pytest.mark.parametrize(("pd", "db"), [(0.5, 12.77), (0.8, 17.85), (0.9, 21.14)])
def test_swerling_1_single_pulse(pd, db):
    assert required_snr_db(pd, pfa=1e-6, swerling=1) == pytest.approx(db, abs=0.005)
    ratio = math.log(1e-6) / math.log(pd) - 1.0  # Pd = Pfa^(1 / (1 + S))
    assert required_snr_db(pd, pfa=1e-6, swerling=1) == pytest.approx(10.0 * math.log10(ratio), abs=1e-6)


def test_swerling_0_single_pulse_published():
    # 13.18349 dB: M. Hostetter, sdr 0.0.19, documentation of min_snr; 13.2 dB: Skolnik 2001, figure 2.6
    assert required_snr_db(0.9, pfa=1e-6, swerling=0) == pytest.approx(13.183490056794499, abs=1e-6)


@pytest.mark.parametrize("pulses", [1, 2, 10, 100])
@pytest.mark.parametrize("pd", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("pfa", [1e-7, 1e-6, 1e-3])
def test_albersheim_agrees_with_the_exact(pulses, pd, pfa):
    # his 0.2 dB are of a linear detector, this is of a square-law one; below Pd 0.3 he is too low by up to 1 dB and more
    assert albersheim_db(pd, pfa=pfa, pulses=pulses) == pytest.approx(required_snr_db(pd, pfa=pfa, pulses=pulses, swerling=0), abs=0.3)


def test_albersheim_single_pulse():
    assert albersheim_db(0.9, pfa=1e-6) == pytest.approx(13.114, abs=0.001)


@pytest.mark.parametrize("pfa", [1e-12, 1e-8, 1e-6, 1e-3, 0.1])
@pytest.mark.parametrize("pulses", [1, 2, 7, 30, 300, 1000])
def test_threshold_gives_its_false_alarms(pfa, pulses):
    assert false_alarm(pulses, threshold_of(pulses, pfa)) == pytest.approx(pfa, rel=1e-9)


def test_false_alarm_of_three_pulses_by_hand():
    t = 7.0
    assert false_alarm(3, t) == pytest.approx(math.exp(-t) * (1.0 + t + t * t / 2.0), rel=1e-14)


@pytest.mark.parametrize("db", [-10.0, 0.0, 10.0, 20.0, 40.0])
@pytest.mark.parametrize("pfa", [1e-8, 1e-6, 1e-2])
def test_swerling_3_single_pulse_closed_form(db, pfa):
    half = 0.5 * 10.0 ** (0.1 * db)
    t = -math.log(pfa)
    closed = math.exp(-t / (1.0 + half)) * (1.0 + t * half / (1.0 + half) ** 2)
    assert detection(db, pfa=pfa, swerling=3) == pytest.approx(closed, abs=1e-13)


@pytest.mark.parametrize("db", [-5.0, 5.0, 15.0])
@pytest.mark.parametrize("pulses", [2, 10])
def test_swerling_1_many_pulses_closed_form(db, pulses):
    # J. V. DiFranco and W. L. Rubin, Radar Detection, 1968, section 11.4
    pfa = 1e-6
    mean, t = pulses * 10.0 ** (0.1 * db), threshold_of(pulses, pfa)
    scale = 1.0 + 1.0 / mean
    closed = false_alarm(pulses - 1, t) + scale ** (pulses - 1) * math.exp(-t / (1.0 + mean)) * (1.0 - false_alarm(pulses - 1, t / scale))
    assert detection(db, pfa=pfa, pulses=pulses, swerling=1) == pytest.approx(closed, abs=1e-11)


@pytest.mark.parametrize("pulses", [1, 5])
@pytest.mark.parametrize(("swerling", "shape"), [(1, 1), (3, 2)])
def test_fluctuation_is_the_mean_of_the_steady_over_its_distribution(pulses, swerling, shape):
    ratio = np.linspace(0.0, 40.0, 80_001)[1:]  # of the mean
    weight = shape * (shape * ratio) ** (shape - 1) / math.gamma(shape) * np.exp(-shape * ratio)
    for db in (0.0, 8.0, 14.0):
        steady = detection(db + 10.0 * np.log10(ratio), pulses=pulses, swerling=0)
        mean = np.sum(steady * weight) * (ratio[1] - ratio[0])
        assert detection(db, pulses=pulses, swerling=swerling) == pytest.approx(mean, abs=3e-4)


def test_marcum_by_integration():
    # Rice's density of the envelope, integrated over what exceeds the threshold
    for db in (5.0, 11.0, 14.0):
        s, t = 10.0 ** (0.1 * db), -math.log(1e-6)
        power = np.linspace(t, t + 120.0, 400_001)
        x = 2.0 * np.sqrt(s * power)
        density = np.exp(-power - s + x) * np.i0(x) * np.exp(-x)
        exact = float(np.sum(0.5 * (density[1:] + density[:-1])) * (power[1] - power[0]))
        assert detection(db, swerling=0) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("swerling", [0, 1, 3])
@pytest.mark.parametrize("pulses", [1, 20])
def test_grows_with_the_signal_from_false_alarm_to_certainty(swerling, pulses):
    db = np.linspace(-60.0, 70.0, 261)
    pd = detection(db, pulses=pulses, swerling=swerling)
    assert np.all(np.diff(pd) >= -1e-15)
    assert pd[0] == pytest.approx(1e-6, rel=0.05)
    assert pd[-1] > 0.99999
    assert detection(-math.inf, swerling=swerling) == 1e-6
    assert math.isnan(detection(math.nan, swerling=swerling))


def test_integration_gains_less_than_the_energy_but_more_than_its_root():
    for one, many in itertools.pairwise((1, 4, 16, 64)):
        gain = required_snr_db(0.9, pulses=one, swerling=0) - required_snr_db(0.9, pulses=many, swerling=0)
        assert 10.0 * math.log10(2.0) < gain < 10.0 * math.log10(4.0)


def test_a_fluctuating_echo_needs_more_where_detection_must_be_sure():
    for pulses in (1, 10):
        steady, three, one = (required_snr_db(0.9, pulses=pulses, swerling=s) for s in (0, 3, 1))
        assert steady < three < one
        assert required_snr_db(0.1, pulses=pulses, swerling=1) < required_snr_db(0.1, pulses=pulses, swerling=0)


def test_shape_is_kept():
    assert detection(np.zeros((2, 3))).shape == (2, 3)
    assert detection(10.0).shape == ()


@pytest.mark.parametrize("wrong", [{"swerling": 2}, {"pulses": 0}, {"pulses": 1001}, {"pfa": 0.0}, {"pfa": 0.6}, {"pfa": math.nan}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"Swerling|pulses|false-alarm"):
        detection(10.0, **wrong)
    with pytest.raises(ValueError, match="between"):
        required_snr_db(1.0)
