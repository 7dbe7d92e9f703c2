"""The kernels of registration against slow and plain NumPy."""

import math

import numpy as np
import pytest
from bench.registration_world import Bias, World, ring

from tenere.batch import Plots
from tenere.track.place import Sites, place
from tenere.track.register import follow, information, linear, slots, window
from tenere.track.register.correct import correct
from tenere.track.register.window import AZIMUTH, EAST, NBIAS, NORTH, OFFSET, SCALE, TIME

EVERY = (1 << slots.TURN_BITS, 0)


def rng(seed=1):
    return np.random.Generator(np.random.PCG64(seed))


def some_windows(count=5, sensors=4, seed=1):
    """Return windows filled at random, of two to four sensors each."""
    r, w = rng(seed), window.windows(count)
    for i in range(count):
        n = int(r.integers(2, 5))
        w.n[i], w.v_var[i], w.key[i], w.time_s[i] = n, r.uniform(50, 200), i, 0.0
        w.sensor[i, :n] = r.permutation(sensors)[:n]
        w.z[i, :n] = r.normal(0, 300, (n, 2))
        w.dt[i, :n] = r.uniform(-5, 5, n)
        w.j[i, :n] = r.normal(0, 200, (n, 2, NBIAS))
        for a in range(n):
            q = r.normal(0, 60, (2, 2))
            c = q @ q.T + np.eye(2) * 400
            w.r[i, a] = c[0, 0], c[0, 1], c[1, 1]
        w.share[i], w.weight[i] = r.uniform(0.2, 1), r.uniform(0.2, 1)
    return w


def slow_window(w, i, without=-1):
    """Return W of a window as the docs write it, with rows and columns of a sensor left out zero."""
    n = w.n[i]
    used = [a for a in range(n) if a != without]
    noise, h = np.zeros((2 * len(used), 2 * len(used))), np.zeros((2 * len(used), 4))
    for k, a in enumerate(used):
        xx, xy, yy = w.r[i, a]
        noise[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[xx, xy], [xy, yy]]
        h[2 * k : 2 * k + 2] = np.hstack([np.eye(2), w.dt[i, a] * np.eye(2)])
    inverse = np.linalg.inv(noise)
    prior = np.diag([0, 0, 1 / w.v_var[i], 1 / w.v_var[i]])
    small = inverse - inverse @ h @ np.linalg.inv(h.T @ inverse @ h + prior) @ h.T @ inverse
    whole = np.zeros((2 * n, 2 * n))
    at = np.ravel([[2 * a, 2 * a + 1] for a in used])
    whole[np.ix_(at, at)] = small
    return whole


@pytest.mark.parametrize("without", [-1, 1])
def test_a_window_s_information_is_what_the_equation_says(without):
    w = some_windows()
    for i in range(len(w.n)):
        out = np.zeros((2 * slots.SEATS, 2 * slots.SEATS))
        window.whiten(w, i, without, out)
        wanted = slow_window(w, i, without)
        np.testing.assert_allclose(out[: 2 * w.n[i], : 2 * w.n[i]], wanted, atol=1e-15)


def test_a_common_shift_tells_nothing():
    w = some_windows()
    for i in range(len(w.n)):
        out = np.zeros((2 * slots.SEATS, 2 * slots.SEATS))
        window.whiten(w, i, -1, out)
        n = w.n[i]
        assert np.abs(out[: 2 * n, : 2 * n] @ np.tile([3.0, -7.0], n)).max() < 1e-9


def test_information_is_gathered_as_the_sum_over_windows():
    w, sensors = some_windows(), 4
    column = np.arange(sensors * NBIAS).reshape(sensors, NBIAS)
    column[2, 1:] = -1
    size = sensors * NBIAS
    matrix, vector = np.zeros((size, size)), np.zeros(size)
    window.gather(w, 0, len(w.n), column, matrix, vector)
    wanted, right = np.zeros((size, size)), np.zeros(size)
    for i in range(len(w.n)):
        n = w.n[i]
        j = np.zeros((2 * n, size))
        for a in range(n):
            for k in range(NBIAS):
                if column[w.sensor[i, a], k] >= 0:
                    j[2 * a : 2 * a + 2, column[w.sensor[i, a], k]] = w.j[i, a, :, k]
        whole = slow_window(w, i) * w.weight[i] * w.share[i]
        wanted += j.T @ whole @ j
        right += j.T @ whole @ w.z[i, :n].ravel()
    np.testing.assert_allclose(matrix, wanted, atol=1e-9 * np.abs(wanted).max())
    np.testing.assert_allclose(vector, right, atol=1e-9 * np.abs(right).max())


def test_misfits_and_blame_are_what_the_equation_says():
    w = some_windows()
    b = rng(2).normal(0, 1, (4, NBIAS))
    window.misfits(w, 0, len(w.n), b)
    for i in range(len(w.n)):
        n = w.n[i]
        off = np.array([w.z[i, a] - w.j[i, a] @ b[w.sensor[i, a]] for a in range(n)]).ravel()
        assert w.d2[i] == pytest.approx(off @ slow_window(w, i) @ off)
        row, least = window.blame(w, i, b)
        if n < 3:
            assert row == -1
        else:
            each = [off @ slow_window(w, i, a) @ off for a in range(n)]
            assert (row, least) == (w.sensor[i, int(np.argmin(each))], pytest.approx(min(each)))


def test_cholesky_is_numpy_s():
    a = rng(6).normal(0, 1, (30, 12))
    a = a.T @ a
    a[3, :] = a[:, 3] = 0.0
    a[3, 3] = 2.0
    u, b = a.copy(), rng(7).normal(0, 1, 12)
    linear.factor(u)
    np.testing.assert_allclose(np.triu(u), np.linalg.cholesky(a).T, atol=1e-12)
    np.testing.assert_allclose(linear.solved(u, b), np.linalg.solve(a, b))
    np.testing.assert_allclose(linear.inverse_diagonal(u), np.diagonal(np.linalg.inv(a)))


def test_slopes_are_those_of_placing():
    w = World(ring(2), [Bias()] * 2, aircraft=1)
    sites, step = Sites(), {OFFSET: 10.0, SCALE: 1e-4, AZIMUTH: 1e-4}
    velocity = (120.0, -80.0)
    for r, a in ((40e3, 0.3), (120e3, 2.0), (190e3, 5.0)):
        told = [(r, a), (r + 10.0, a), (r * (1 + 1e-4), a), (r, a + 1e-4)]
        plots = Plots.blank(
            4, sensor=0, range_m=[x for x, _ in told], azimuth_rad=[x for _, x in told], pressure_altitude_m=9000.0, flags=0
        )
        z = place(plots, w.table, w.plane, sites).z.copy()
        out = np.zeros((2, NBIAS))
        window.slopes(*z[0], *w.table.rows[0].plane_xy(w.plane), r, *velocity, True, out)
        for k, which in enumerate((OFFSET, SCALE, AZIMUTH)):
            slope = out[:, which]
            np.testing.assert_allclose(slope, (z[k + 1] - z[0]) / step[which], rtol=0.01, atol=0.01 * np.abs(slope).max())
        assert list(out[:, TIME]) == [-120.0, 80.0]
        assert out[0, EAST] == out[1, NORTH] == 1.0


def test_correction_undoes_the_biases():
    r = rng(3)
    n, sensors = 40, 3
    bias = np.zeros((sensors, NBIAS))
    bias[0, :4] = 300.0, 1e-3, 0.02, 0.4
    bias[2, :4] = -150.0, -5e-4, -0.01, -0.2
    sensor = r.integers(-1, sensors, n).astype(np.int16)
    distance, azimuth, time_s = r.uniform(1e3, 2e5, n), r.uniform(0, 2 * np.pi, n), r.uniform(0, 100, n)
    b = np.where((sensor >= 0)[:, None], bias[sensor], 0.0)
    told = distance * (1 + b[:, SCALE]) + b[:, OFFSET], (azimuth + b[:, AZIMUTH]) % (2 * np.pi), time_s + b[:, TIME]
    out = [np.array(v) for v in told]
    out[0][0] = np.nan
    correct(bias, sensor, *out)
    assert np.isnan(out[0][0])
    np.testing.assert_allclose(out[0][1:], distance[1:])
    np.testing.assert_allclose(np.exp(1j * out[1]), np.exp(1j * azimuth))
    np.testing.assert_allclose(out[2], time_s)
    assert ((out[1] >= 0) & (out[1] < 2 * np.pi)).all()


def test_correction_moves_a_mobile_sensor_s_plots_with_it():
    bias = np.zeros((1, NBIAS))
    bias[0, EAST], bias[0, NORTH] = 200.0, -100.0
    x, y = 30e3, 40e3  # of the aircraft, from where it truly stands
    columns = np.array([math.hypot(x, y)]), np.array([math.atan2(x, y)]), np.zeros(1)
    correct(bias, np.zeros(1, np.int16), *columns)
    assert columns[0][0] * math.sin(columns[1][0]) == pytest.approx(x - 200.0)  # of the aircraft, from where it says that it stands
    assert columns[0][0] * math.cos(columns[1][0]) == pytest.approx(y + 100.0)


def test_an_aircraft_counts_for_a_bounded_number_of_windows():
    w, limit = window.windows(60), 10.0
    w.key[:], w.n[:] = 7, 2
    w.sensor[:, 1] = 1
    tally, seen, targets = information._table(3), information._table(2), np.zeros(2)
    information.cap(w, 0, 60, tally, seen, limit, 1e12, targets)
    assert w.share.sum() == pytest.approx(60 / (1 + 60 / limit))
    assert list(targets) == [1.0, 1.0]


def test_weights_fall_with_the_misfit():
    w = window.windows(4)
    w.n[:] = 2
    w.d2[:] = 1.0, 10.0, 100.0, np.nan
    information.thin(w, 0, 4, 3.0, 1.0)
    limit = 2 + 3 * 2
    assert list(w.weight) == [1.0, limit / 10.0, 0.0, 0.0]


def meet(s, number, address=-1, mode_a=-1, x=0.0, cutoff=EVERY[0]):
    n = len(number)
    full = lambda v, d: np.array(np.broadcast_to(v, (n,)), d)  # noqa: E731 - one line is clearer
    return slots.meet(
        s, cutoff, 0, full(number, np.uint32), full(address, np.int32), full(mode_a, np.int16), full(-1, np.int16), full(1, np.uint32),
        full(x, float), full(0.0, float), full(200.0, float), full(10.0, float), full(9.0, float), full(0.0, np.float32),
    )  # fmt: skip


def pick(s, sensor, time_s, address=-1, mode_a=-1, tracks=0, role=(1, 1, 2)):
    n = len(sensor)
    full = lambda v, d: np.array(np.broadcast_to(v, (n,)), d)  # noqa: E731 - one line is clearer
    rows, where = np.zeros(n, np.int64), np.zeros(n, np.int64)
    found = slots.pick(
        s, *EVERY, full(sensor, np.int16), full(time_s, float), full(address, np.int32), full(mode_a, np.int16), full(0, np.uint32),
        full(tracks, np.int64), np.array(role), rows, where,
    )  # fmt: skip
    return [(int(q), int(s.key[k])) for q, k in zip(rows[:found], where[:found], strict=True)]


def test_plots_find_their_aircraft_by_address_code_or_track():
    s = slots.make(16)
    assert meet(s, [1, 2, 3], address=[100, -1, -1], mode_a=[0o1234, 0o4321, -1]) == 3
    assert {int(k) for k in s.key[:3]} == {100, slots.KEY_CODE + 0o4321, slots.KEY_TRACK + 3}
    assert pick(s, [0, 1, 0, 1], 10.0, [100, -1, -1, -1], [-1, 0o1234, 0o4321, -1], [0, 0, 0, 3]) == [
        (0, 100),
        (1, 100),
        (2, slots.KEY_CODE + 0o4321),
        (3, slots.KEY_TRACK + 3),
    ]
    assert pick(s, [0, 2], [11.0, 11.0], 100) == [(1, 100)]  # the first comes too soon after sensor 0's last
    assert pick(s, [0], [20.0], address=999, tracks=1) == []  # another name than that of its track


def test_a_code_that_two_aircraft_have_or_that_many_share_names_nobody():
    s = slots.make(16)
    meet(s, [1, 2, 3], address=[100, 200, -1], mode_a=[0o1234, 0o1234, 0o7000])
    assert pick(s, [0, 1], 10.0, -1, [0o1234, 0o7000], [0, 0]) == []


def test_a_sample_is_followed_where_there_are_many():
    s = slots.make(4096)
    ours = meet(s, np.arange(1, 4001), address=np.arange(4000), cutoff=EVERY[0] // 4)
    assert ours == 4000
    assert 800 < s.book[0] < 1200


def test_the_next_window_keeps_who_is_still_there():
    s = slots.make(16)
    meet(s, [1, 2], address=[100, 200])
    pick(s, [0, 1], 10.0, [100, 200])
    a, b = slots.find(s, 100), slots.find(s, 200)
    s.seat[a, 0, slots.LAST_S], s.seat[b, 0, slots.LAST_S] = 10.0, 60.0
    s.seat[b, 0, slots.COUNT] = 3.0
    s.motion[a, slots.VAR] = np.nan
    slots.next_window(s, *EVERY, 62.0)
    assert slots.find(s, 100) == -1
    b = slots.find(s, 200)
    assert s.sensor[b, 0] == 1
    assert s.seat[b, 0, slots.COUNT] == 0.0
    assert s.seat[b, 0, slots.LAST_S] == 60.0


def test_where_more_sensors_see_an_aircraft_than_there_are_seats_they_take_turns():
    s = slots.make(4)
    meet(s, [1], address=[100])
    many = slots.SEATS + 6
    ever = set()
    for t in range(0, 120, 12):
        pick(s, list(range(many)), float(t), 100, role=(1,) * many)
        for k in range(slots.SEATS):
            s.seat[0, k, slots.LAST_S] = t
        ever |= set(s.sensor[0].tolist())
        slots.next_window(s, *EVERY, float(t))
        meet(s, [1], address=[100])
    assert ever - {slots.NONE} == set(range(many))


def follow_plots(s, slot, sensor, time_s, z, role=(1, 1, 2), gross_m=5000.0, site=None):
    m = len(slot)
    out = follow.found(8)
    n = follow.follow(
        s, np.array(slot), np.array(sensor), np.array(time_s, float), np.array(z, float), np.tile([100.0, 5.0, 200.0], (m, 1)),
        np.full(m, 1e4), np.ones(m, bool), np.ones(m, bool), np.ones(3, bool), np.array(role),
        np.zeros((3, 2)) if site is None else site, gross_m, 0.0, out,
    )  # fmt: skip
    return n, out


def test_sums_are_those_of_the_plots():
    s = slots.make(16)
    meet(s, [1], address=[100])
    s.motion[0, slots.START] = 8.0
    follow_plots(s, [0, 0, 0], [0, 0, 1], [10.0, 14.0, 12.0], [(1, 2), (801, 42), (400, 20)])
    seat = s.seat[0, 0]
    assert list(seat[slots.COUNT :]) == [2.0, 2.0 + 6.0, 802.0, 44.0, 2e4, 200.0, 10.0, 400.0]
    assert s.seat[0, 1, slots.COUNT] == 1.0
    assert s.seat[0, 1, slots.RUN] == 0.0  # it fits sensor 0's


def test_a_plot_far_from_every_other_sensor_s_is_told_with_what_kinds_say_so():
    s = slots.make(16)
    meet(s, [1], address=[100])
    n, out = follow_plots(s, [0, 0, 0], [1, 2, 0], [10.0, 10.0, 11.0], [(0, 0), (0, 0), (50e3, 0)])
    assert n == 1
    assert list(out.which[0]) == [2, 0, 2, 2]  # the third plot; the position's sensor contradicts best, and two kinds do
    np.testing.assert_allclose(out.place[0], [200.0, 10.0, math.hypot(49_800, 10)])
    fits, wrong = follow.standing(s, 12.0, 3)
    assert (list(fits), list(wrong)) == ([0, 0, 1], [0, 0, 0])
    follow_plots(s, [0], [0], [15.0], [(50e3, 0)])
    assert list(follow.standing(s, 16.0, 3)[1]) == [1, 0, 0]
