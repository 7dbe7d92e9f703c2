"""How aircraft are taken to move: the chain of models, its long run, and what the settings refuse."""

import numpy as np
import pytest
from scipy.linalg import expm

from tenere.estimate import motion
from tenere.estimate.motion import DECAY, ENTRY, ENTRY_VAR, FLOW, LEFT, NOISE, RIGHT, SPEED, STRAIGHT, M, MotionConfig

SETTINGS = [
    MotionConfig(),
    MotionConfig(turning=False),
    MotionConfig(speeding=False),
    MotionConfig(turning=False, speeding=False),
    MotionConfig(turn_lasts_s=40.0, speed_change_lasts_s=40.0),  # two rates alike
    MotionConfig(turn_every_s=np.inf),
    MotionConfig(turn_every_s=10.0, turn_lasts_s=2.0, speed_change_every_s=5.0, speed_change_lasts_s=1e4),
]


def transition(par, t):
    flows = par[FLOW:].reshape(M, M, M)
    return sum(np.exp(-par[DECAY + k] * t) * flows[k] for k in range(M))


@pytest.mark.parametrize("config", SETTINGS)
def test_the_figures_are_the_chain_s_exponential(config):
    par, rates = motion.figures(config), motion.generator(config)
    for t in (0.0, 0.3, 4.0, 12.0, 40.0, 1e4):
        got = transition(par, t)
        assert np.allclose(got, expm(t * rates), atol=1e-9)
        assert np.allclose(got.sum(1), 1.0)
    assert np.allclose(transition(par, 3.0) @ transition(par, 9.0), transition(par, 12.0))
    assert np.isfinite(par).all()


def test_so_they_are_whatever_the_mean_times():
    rng = np.random.Generator(np.random.PCG64(1))
    for _ in range(200):
        names = ("turn_every_s", "turn_lasts_s", "speed_change_every_s", "speed_change_lasts_s")
        config = MotionConfig(**{name: float(10 ** rng.uniform(-1, 6)) for name in names})
        for t in (0.3, 12.0, 400.0):
            assert np.allclose(transition(motion.figures(config), t), expm(t * motion.generator(config)), atol=1e-8)


@pytest.mark.parametrize("config", SETTINGS)
def test_the_shares_are_what_the_chain_comes_to(config):
    rates, shares = motion.generator(config), motion.shares(config)
    assert np.allclose(rates.sum(1), 0.0)
    assert (rates[~np.eye(M, dtype=bool)] >= 0).all()
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0).all()
    assert np.allclose(shares @ rates, 0.0, atol=1e-12)
    for start in np.eye(M):
        assert np.allclose(start @ expm(1e7 * rates), shares, atol=1e-6)


def test_the_mean_times_are_those_of_the_settings():
    c = MotionConfig(turn_every_s=200.0, turn_lasts_s=30.0, speed_change_every_s=800.0, speed_change_lasts_s=40.0)
    rates = motion.generator(c)
    assert rates[STRAIGHT, LEFT] + rates[STRAIGHT, RIGHT] == pytest.approx(1 / 200)
    assert rates[STRAIGHT, LEFT] == rates[STRAIGHT, RIGHT]
    assert rates[LEFT, STRAIGHT] == rates[RIGHT, STRAIGHT] == pytest.approx(1 / 30)
    assert rates[STRAIGHT, SPEED] == pytest.approx(1 / 800)
    assert rates[SPEED, STRAIGHT] == pytest.approx(1 / 40)
    assert rates[LEFT, RIGHT] == rates[RIGHT, LEFT] == 0.0


def test_what_is_off_has_no_share_and_nothing_leads_to_it():
    for config, off in ((MotionConfig(turning=False), [LEFT, RIGHT]), (MotionConfig(speeding=False), [SPEED])):
        on = [j for j in range(M) if j not in off]
        assert motion.shares(config)[off] == pytest.approx(0.0, abs=1e-12)
        assert (motion.generator(config)[np.ix_(on, off)] == 0.0).all()


def test_the_figures_of_the_turns():
    par = motion.figures(
        MotionConfig(turn_rate_deg_s=3.0, turn_rate_std_deg_s=0.5, acceleration_ms2=2.0, drift_m2s3=0.3, turn_drift_m2s3=0.7)
    )
    assert par[ENTRY : ENTRY + M] == pytest.approx([0.0, np.deg2rad(3.0), -np.deg2rad(3.0), 0.0])
    assert par[ENTRY_VAR : ENTRY_VAR + M] == pytest.approx([0.0, np.deg2rad(0.5) ** 2, np.deg2rad(0.5) ** 2, 4.0])
    assert par[NOISE : NOISE + M] == pytest.approx([0.3, 0.7, 0.7, 0.3])


@pytest.mark.parametrize("name", ["turn_every_s", "turn_lasts_s", "speed_change_every_s", "speed_change_lasts_s", "turn_rate_std_deg_s"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_times_must_be_above_zero(name, value):
    with pytest.raises(ValueError, match=name):
        MotionConfig(**{name: value})


@pytest.mark.parametrize("name", ["drift_m2s3", "turn_drift_m2s3", "acceleration_ms2", "turn_rate_deg_s"])
@pytest.mark.parametrize("value", [-0.1, np.inf, np.nan])
def test_sizes_must_be_numbers_of_zero_or_more(name, value):
    with pytest.raises(ValueError, match=name):
        MotionConfig(**{name: value})
