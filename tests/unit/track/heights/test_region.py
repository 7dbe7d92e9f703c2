import math

import numpy as np
import pytest

from tenere.track.heights import region
from tenere.track.heights.region import CELL_M, PRIOR_STD_M, SCATTER_M, SIDE, above, air, cell_at, settle, tell, warmth_m

CELLS = SIDE * SIDE
MIDDLE = cell_at(0.0, 0.0)


def prior(means=(0.0, 0.0, 0.0)):
    return np.tile(means, (CELLS, 1)).astype(float), np.tile(np.square(PRIOR_STD_M), (CELLS, 1))


def told(reports, keep=1.0, means=(0.0, 0.0, 0.0)):
    a = air()
    settle(a, *prior(means), 1.0)
    for c, level, difference, weight in reports:
        tell(a, c, level, difference, weight)
    settle(a, *prior(means), keep)
    return a


def test_cells():
    assert cell_at(0.0, 0.0) == CELLS // 2
    assert cell_at(0.6 * CELL_M, 0.0) == CELLS // 2 + 1
    assert cell_at(-1e9, -1e9) == 0
    assert cell_at(1e9, 1e9) == CELLS - 1


def test_with_qnh_alone_it_is_the_prior():
    a = air()
    means, variances = prior((10.0, 500.0, 0.0))
    variances[:, 0] = 15.0**2
    settle(a, means, variances, 1.0)
    for level in (0.0, 5000.0, 11_000.0):
        s = level / 10_000
        got, var = above(a.fits, a.errors, MIDDLE, level)
        assert got == pytest.approx(10 + 500 * s)
        assert var == pytest.approx(15**2 + (300 * s) ** 2 + (100 * s * s) ** 2 + SCATTER_M**2)


def test_where_nothing_was_heard_a_pressure_altitude_is_taken_for_a_height():
    a = told([], means=(10.0, 500.0, 0.0))
    for level in (0.0, 11_000.0):
        assert above(a.fits, a.errors, MIDDLE, level) == pytest.approx((0.0, 150.0**2))


def test_the_solution_is_weighted_least_squares():
    rng = np.random.Generator(np.random.PCG64(7))
    level = rng.uniform(0, 12_000, 40)
    difference = 30 + 150 * level / 1e4 + rng.normal(0, 20, 40)
    a = told([(MIDDLE, h, d, 1.0) for h, d in zip(level, difference, strict=True)])
    s = level / 1e4
    rows = np.column_stack([np.ones(40), s, s * s])
    information = rows.T @ rows / 60**2 + np.diag(1 / np.square(PRIOR_STD_M))
    want = np.linalg.solve(information, rows.T @ difference / 60**2)
    assert a.fits[MIDDLE] == pytest.approx(want, rel=1e-9)
    errors = np.linalg.inv(information)
    assert a.errors[MIDDLE] == pytest.approx(errors[np.triu_indices(3)], rel=1e-9)
    x = np.array([1.0, 0.8, 0.64])
    got, var = above(a.fits, a.errors, MIDDLE, 8000.0)
    assert got == pytest.approx(x @ want)
    assert var == pytest.approx(x @ errors @ x + SCATTER_M**2)


def test_neighbours_count_a_quarter_and_those_beyond_nothing():
    a = told([(MIDDLE, 0.0, 100.0, 1.0)] * 4)
    # 4 reports of 60 m against a prior of 80 m: 100 * (4 / 3600) / (4 / 3600 + 1 / 6400)
    assert a.fits[MIDDLE, 0] == pytest.approx(100 * (4 / 3600) / (4 / 3600 + 1 / 6400))
    assert a.fits[MIDDLE + 1, 0] == pytest.approx(100 * (1 / 3600) / (1 / 3600 + 1 / 6400))
    assert a.fits[MIDDLE + SIDE - 1, 0] == a.fits[MIDDLE + 1, 0]
    assert a.fits[MIDDLE + 2, 0] == 0.0


def test_it_fades():
    a = told([(MIDDLE, 0.0, 100.0, 1.0)] * 4, keep=0.25)
    assert a.fits[MIDDLE, 0] == pytest.approx(100 * (1 / 3600) / (1 / 3600 + 1 / 6400))


def test_one_false_height_moves_little():
    rng = np.random.Generator(np.random.PCG64(9))
    honest = [(MIDDLE, float(h), 20.0 + 0.02 * float(h), 1.0) for h in rng.uniform(0, 12_000, 30)]
    a = told(honest)
    before, _ = above(a.fits, a.errors, MIDDLE, 10_000.0)
    for _ in range(10):
        tell(a, MIDDLE, 10_000.0, 3000.0, 1.0)
    settle(a, *prior(), 1.0)
    after, _ = above(a.fits, a.errors, MIDDLE, 10_000.0)
    assert 0 < after - before < 10
    assert a.reports[MIDDLE] == 40


def test_many_that_agree_outweigh_a_first_that_lied():
    a = told([(MIDDLE, 10_000.0, 2000.0, 1.0)])
    for _ in range(12):
        for _ in range(4):
            tell(a, MIDDLE, 10_000.0, 250.0, 1.0)
        settle(a, *prior(), 1.0)
    assert above(a.fits, a.errors, MIDDLE, 10_000.0)[0] == pytest.approx(250, abs=60)


def test_warmth_of_the_tropics():
    # AFGL-TR-86-0110, tropical atmosphere: 559 hPa at 5 km and 286 hPa at 10 km
    from tenere.geo.altitude import pressure_altitude_m

    for height, pascal in ((5_000.0, 55_900.0), (10_000.0, 28_600.0)):
        level = float(pressure_altitude_m(pascal))
        assert height - level == pytest.approx(float(warmth_m(np.array([0.2]))[0]) * level / 1e4, abs=15)
    assert warmth_m(np.radians([25.0, 35.0, 45.0, -60.0, math.nan])) == pytest.approx([540, 270, 0, 0, 0])
    assert region.REPORT_STD_M > SCATTER_M
