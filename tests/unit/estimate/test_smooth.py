"""Fixed-lag smoothing held against a slow reference, against simulated truth, and at the ends of its chains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Plots, Status, SystemTracks, Tracks
from tenere.estimate import smooth
from tenere.estimate.smooth import CORRELATION, FixedLag, SmoothedTracks
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig, init, step

CHI2_95 = 5.991


def root(p):
    values, vectors = np.linalg.eigh(p)
    return vectors @ np.diag(np.sqrt(values)) @ vectors.T


def moments(t: Tracks, i: int):
    """Return the state of a row, its covariance, turn rate (anticlockwise) and noise, written down plainly."""
    x = np.array([t.x_m[i], t.y_m[i], t.vx_ms[i], t.vy_ms[i]])
    position = np.array([[t.var_xx_m2[i], t.var_xy_m2[i]], [t.var_xy_m2[i], t.var_yy_m2[i]]])
    cross = CORRELATION * root(position) * np.sqrt(t.var_v_m2s2[i])
    p = np.block([[position, cross], [cross.T, np.eye(2) * t.var_v_m2s2[i]]])
    return x, p, -t.turn_rads[i], np.sqrt(t.var_v_m2s2[i] ** 3 / (2 * max(position[0, 0], position[1, 1])))


def turn(w, dt):
    s, c = (dt, 0.0) if abs(w) < 1e-9 else (np.sin(w * dt) / w, (1 - np.cos(w * dt)) / w)
    a, b = np.cos(w * dt), np.sin(w * dt)
    return np.array([[1, 0, s, -c], [0, 1, c, s], [0, 0, a, -b], [0, 0, b, a]])


def reference(ticks: list[Tracks], number: int):
    """Return the Rauch-Tung-Striebel estimate of a track at the first tick, as the papers write it, and its last tick that tells.

    Where the estimate would be less sure than what was published, the latter stands.
    """
    rows = [moments(t, int(np.flatnonzero(t.number == number)[0])) for t in ticks]
    x, p, *_ = rows[-1]
    last = len(ticks) - 1
    for k in range(len(ticks) - 2, -1, -1):
        xf, pf, w, q = rows[k]
        dt = ticks[k + 1].time_s[0] - ticks[k].time_s[0]
        f = turn(0.5 * (w + rows[k + 1][2]), dt)
        u = 0.5 * (q + rows[k + 1][3]) * np.kron([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]], np.eye(2))
        ahead = f @ pf @ f.T + u
        gain = pf @ f.T @ np.linalg.inv(ahead)
        x, p = xf + gain @ (x - f @ xf), pf + gain @ (p - ahead) @ gain.T
        if np.trace(p[:2, :2]) > np.trace(pf[:2, :2]):
            x, p, last = xf, pf, k
    return x, p, last


def chain(ticks: list[Tracks], number: int, lag: int) -> int:
    """Return how many ticks a track goes on after the first of these, up to the lag: until it is not there, or leaps."""
    for k in range(min(lag, len(ticks) - 1)):
        if not (ticks[k + 1].number == number).any():
            return k
        (xf, pf, w, q), (x, _, w1, q1) = (moments(t, int(np.flatnonzero(t.number == number)[0])) for t in ticks[k : k + 2])
        dt = ticks[k + 1].time_s[0] - ticks[k].time_s[0]
        f = turn(0.5 * (w + w1), dt)
        ahead = (f @ pf @ f.T + 0.5 * (q + q1) * np.kron([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]], np.eye(2)))[:2, :2]
        off = (x - f @ xf)[:2]
        if off @ np.linalg.solve(ahead, off) >= smooth.LEAP:
            return k
    return min(lag, len(ticks) - 1)


def steady(t: Tracks) -> Tracks:
    """Return tracks as sure as a filter of which nothing changes."""
    return t.replace(var_xx_m2=2500.0, var_xy_m2=0.0, var_yy_m2=2500.0, var_v_m2s2=25.0, turn_rads=0.0)


def wander(rng, ticks: int, n: int, dt: float) -> list[Tracks]:
    """Return published tracks that go somewhere, with variances of all sizes, shuffled numbers, some coming and going."""
    x, v = rng.uniform(-1e5, 1e5, (n, 2)), rng.uniform(-200, 200, (n, 2))
    number = rng.permutation(n) + 1
    out = []
    for k in range(ticks):
        var, ratio, corr = 10.0 ** rng.uniform(1, 4, n), 10.0 ** rng.uniform(-1, 1, n), rng.uniform(-0.9, 0.9, n)
        here = np.sort(rng.permutation(n)[: n - n // 8]) if n > 8 else np.arange(n)
        made = Tracks.blank(
            n,
            number=number,
            time_s=1000.0 + k * dt,
            frame=0,
            x_m=x[:, 0] + rng.normal(0, 10, n),
            y_m=x[:, 1] + rng.normal(0, 10, n),
            vx_ms=v[:, 0] + rng.normal(0, 2, n),
            vy_ms=v[:, 1] + rng.normal(0, 2, n),
            var_xx_m2=var,
            var_yy_m2=var * ratio,
            var_xy_m2=corr * var * np.sqrt(ratio),
            var_v_m2s2=10.0 ** rng.uniform(0.5, 2.5, n),
            turn_rads=rng.uniform(-0.05, 0.05, n) * (rng.random(n) < 0.5),
            source=-1,
        )
        out.append(made.take(here))
        x = x + v * dt
    return out


def smoothed(ticks: list[Tracks], lag: int) -> list[SmoothedTracks]:
    smoother = FixedLag(lag)
    out = [smoother.step(t) for t in ticks][lag:]
    while smoother.held:
        out.append(smoother.flush())
    return out


@pytest.mark.parametrize(("lag", "dt"), [(1, 1.0), (5, 4.0), (30, 0.5)])
def test_the_kernels_equal_the_papers(lag, dt):
    ticks = wander(np.random.Generator(np.random.PCG64(lag)), 40, 20, dt)
    out = smoothed(ticks, lag)
    assert len(out) == len(ticks)
    chains = 0
    for k, (given_, got) in enumerate(zip(ticks, out, strict=True)):
        np.testing.assert_array_equal(got.number, given_.number)
        for i in range(0, len(got), 5):
            number = int(got.number[i])
            x, p, last = reference(ticks[k : k + 1 + chain(ticks[k:], number, lag)], number)
            assert got.smooth_s[i] == ticks[k + last].time_s[0]
            mine = [got.smooth_x_m[i], got.smooth_y_m[i], got.smooth_vx_ms[i], got.smooth_vy_ms[i]]
            np.testing.assert_allclose(mine, x, rtol=0, atol=1e-6)
            np.testing.assert_allclose(
                [getattr(got, f"smooth_var_{ab}_m2")[i] for ab in ("xx", "xy", "yy")], [*p[0, :2], p[1, 1]], rtol=1e-7
            )
            chains += last > 0
    assert chains > 50


def test_a_chain_is_as_long_as_the_lag_and_ends_with_the_track():
    ticks = [steady(t) for t in wander(np.random.Generator(np.random.PCG64(5)), 12, 3, 1.0)]
    ticks[7] = ticks[7].take(ticks[7].number != 2)  # gone for a tick
    ticks[3] = ticks[3].replace(x_m=np.where(ticks[3].number == 3, 9e5, ticks[3].x_m))  # away and back
    out = smoothed(ticks, 4)
    ahead = {n: [float((t.smooth_s - t.time_s)[t.number == n][0]) if (t.number == n).any() else None for t in out] for n in (1, 2, 3)}
    assert ahead[1] == [4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1, 0]
    assert ahead[2] == [4, 4, 4, 3, 2, 1, 0, None, 3, 2, 1, 0]
    assert ahead[3] == [2, 1, 0, 0, 4, 4, 4, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"var_xx_m2": np.nan},
        {"var_v_m2s2": 0.0},
        {"var_xx_m2": 0.0},
        {"var_xy_m2": 1e9},
        {"x_m": np.nan},
        {"vx_ms": np.inf},
        {"turn_rads": np.nan},
        {"frame": 3},
        {"time_s": 1000.0},
        {"time_s": 100.0},
        {"time_s": 1e6},
        {"source": 2},
    ],
)
def test_a_state_that_is_none_ends_the_chains_and_is_passed_on_as_it_is(change):
    ticks = [steady(t) for t in wander(np.random.Generator(np.random.PCG64(6)), 4, 5, 1.0)]
    ticks[1] = ticks[1].replace(**change)
    out = smoothed(ticks, 2)
    assert (out[0].smooth_s == out[0].time_s).all()
    np.testing.assert_array_equal(out[0].smooth_x_m, ticks[0].x_m)
    np.testing.assert_array_equal(out[0].smooth_var_xx_m2, ticks[0].var_xx_m2)
    if "time_s" not in change:
        assert (out[2].smooth_s == out[2].time_s + 1.0).all()
    for name, *_ in Tracks.columns():
        np.testing.assert_array_equal(getattr(out[1], name), getattr(ticks[1], name), err_msg=name)


def test_what_came_later_never_makes_a_row_less_sure():
    ticks = wander(np.random.Generator(np.random.PCG64(9)), 30, 40, 2.0)
    ticks[10] = ticks[10].replace(var_xx_m2=1e8, var_yy_m2=1e8, var_xy_m2=0.0)  # the filter has lost them
    for before, after in zip(ticks, smoothed(ticks, 8), strict=True):
        assert (after.smooth_var_xx_m2 + after.smooth_var_yy_m2 <= before.var_xx_m2 + before.var_yy_m2).all()
        assert (after.smooth_var_xx_m2 * after.smooth_var_yy_m2 > after.smooth_var_xy_m2**2).all()


def test_ticks_without_tracks_and_more_tracks_than_before():
    ticks = wander(np.random.Generator(np.random.PCG64(7)), 3, 4, 1.0)
    crowd = [steady(t) for t in wander(np.random.Generator(np.random.PCG64(8)), 9, 900, 1.0)]
    given_ = [Tracks.blank(), *ticks, Tracks.blank(), *crowd]
    out = smoothed(given_, 3)
    assert [len(t) for t in out] == [len(t) for t in given_]
    assert (out[5].smooth_s - out[5].time_s).max() == 3.0
    assert isinstance(out[0], SmoothedTracks)


@settings(max_examples=300)
@given(
    st.floats(1e-2, 1e8), st.floats(1e-3, 1e3), st.floats(-0.9999, 0.9999), st.floats(1e-3, 1e6), st.floats(-0.3, 0.3), st.floats(0.1, 30.0)
)
def test_covariances_stay_positive_and_never_grow(xx, ratio, corr, vv, w, dt):
    yy = xx * ratio
    xy = corr * np.sqrt(xx * yy)
    p, a, c, g = np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((4, 4)), np.zeros(4)
    assert smooth.covariance(xx, xy, yy, vv, p)
    scale = np.sqrt(np.diag(p))
    assert np.linalg.eigvalsh(p / np.outer(scale, scale)).min() > 0
    x = np.array([0.0, 0.0, 100.0, 0.0])
    later = turn(w, dt) @ x
    assert smooth.step_back(x, p, w, smooth.noise(xx, yy, vv), dt, later, a, c, g, np.zeros((5, 4, 4)))
    out = c + a @ p @ a.T  # the state later as sure as this one
    assert np.linalg.eigvalsh(out / np.outer(scale, scale)).min() > -1e-9
    np.testing.assert_allclose(g + a @ later, x, atol=1e-6 * max(1.0, np.abs(later).max()))


def test_the_noise_is_what_a_steady_filter_was_given():
    """Hold q = sqrt(P22^3 / (2 P11)) and the correlation to a filter run until it is steady, looking often."""
    r, q, dt = 2500.0, 0.3, 0.05
    p = np.diag([r, 1e4])
    f, u = np.array([[1, dt], [0, 1]]), q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    for _ in range(20_000):
        p = f @ p @ f.T + u
        p -= np.outer(p[:, 0], p[:, 0]) / (p[0, 0] + r / dt)
    assert smooth.noise(p[0, 0], 0.0, p[1, 1]) == pytest.approx(q, rel=0.02)
    assert p[0, 1] / np.sqrt(p[0, 0] * p[1, 1]) == pytest.approx(np.sqrt(0.5), abs=0.01)


# --- against truth ---


def flight(rng, seconds: int):
    """Return the truth (s, 4) of an aircraft that flies straight and turns, by turns of 2 degrees a second."""
    w = np.zeros(seconds)
    for begin in range(60, seconds, 150):
        w[begin : begin + 40] = np.deg2rad(2.0) * rng.choice([-1, 1])
    out = np.zeros((seconds, 4))
    angle = rng.uniform(0, 2 * np.pi)
    out[0] = [*rng.uniform(-40e3, 40e3, 2), 220 * np.cos(angle), 220 * np.sin(angle)]
    for k in range(1, seconds):
        out[k] = turn(w[k], 1.0) @ out[k - 1]
    return out


def error(t, truth, prefix=""):
    """Return the squared error and the squared normalised error of each row."""
    dx, dy = getattr(t, prefix + "x_m") - truth[:, 0], getattr(t, prefix + "y_m") - truth[:, 1]
    xx, xy, yy = (getattr(t, prefix + n) for n in ("var_xx_m2", "var_xy_m2", "var_yy_m2"))
    return dx * dx + dy * dy, (dx * dx * yy - 2 * dx * dy * xy + dy * dy * xx) / (xx * yy - xy * xy)


@pytest.mark.parametrize("tick_s", [1, 4])
def test_smoothing_the_tracker_brings_it_nearer_to_the_truth(tick_s):
    """A radar at 4 s, twenty aircraft apart from each other: the error falls by a quarter at least, and the ellipse still holds it."""
    rng = np.random.Generator(np.random.PCG64(11))
    truths = np.array([flight(rng, 400) for _ in range(20)])
    sensor = SensorConfig(id="R", source="r", range_m=290e3, range_std_m=50.0, azimuth_std_deg=0.08, period_s=4.0, clutter=1.0)
    state = init(TrackConfig(features=("track_number",)), (sensor,))
    smoother = FixedLag(32 // tick_s)
    rows = []
    for end in range(tick_s, 400, tick_s):
        heard = []
        if end % 4 == 0:
            at = truths[:, end]
            r = np.hypot(at[:, 0], at[:, 1]) + rng.normal(0, 50, 20)
            az = np.arctan2(at[:, 0], at[:, 1]) + rng.normal(0, np.deg2rad(0.08), 20)
            plots = Plots.blank(
                20, time_s=float(end), kind=1, range_m=r, azimuth_rad=az % (2 * np.pi), height_m=0.0, source_track=np.arange(20)
            )
            heard = [Heard("r", plots.take(rng.random(20) < 0.9), SystemTracks.blank(), Status.blank())]
        state, out = step(state, heard, float(end), float(tick_s))
        rows.append(smoother.step(out.tracks))
    got = SmoothedTracks.concat(rows)
    got = got.take(got.time_s >= 40.0)
    places = truths[:, np.rint(got.time_s).astype(int)]
    nearest = np.argmin(np.hypot(places[..., 0] - got.smooth_x_m, places[..., 1] - got.smooth_y_m), axis=0)
    truth = places[nearest, np.arange(len(got))]
    assert len(got) > 20 * 300 / tick_s
    filtered, _ = error(got, truth)
    after, normal = error(got, truth, "smooth_")
    assert np.sqrt(after.mean()) < 0.75 * np.sqrt(filtered.mean())
    assert 0.88 < (normal < CHI2_95).mean() < 0.995
    speed = np.hypot(got.vx_ms - truth[:, 2], got.vy_ms - truth[:, 3])
    speed_after = np.hypot(got.smooth_vx_ms - truth[:, 2], got.smooth_vy_ms - truth[:, 3])
    assert np.sqrt((speed_after**2).mean()) < 0.75 * np.sqrt((speed**2).mean())
