"""Sensors of known faults: the figures come out, within what their sample allows."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from air import BEGIN_S, Air, Tick, facts, only, radar, within

from tenere import performance
from tenere.batch import PlotFlag, PlotKind, Plots, Tracks
from tenere.performance import store


@pytest.mark.parametrize("detection", [0.6, 0.9, 0.98])
def test_probability_of_update_and_period(detection):
    found = only(radar(Air(60), 400, detection=detection))
    assert found.values["period_s"] == pytest.approx(5.0, rel=1e-3)
    share = found.shares["update"]
    assert share.low <= share.value <= share.high
    assert within(share, detection)
    assert share.whole == pytest.approx(60 * 80, rel=0.03)
    gaps = found.shares["gaps"]
    assert within(gaps, (1 - detection) ** 2)  # two misses or more in a row before the next update


def test_noise_and_residuals_of_a_radar():
    found = only(radar(Air(60, reach_m=90e3), 400, detection=1.0, range_std=40.0, azimuth_std=math.radians(0.1)))
    v, n = found.values, found.noise_samples
    assert n > 4000
    assert v["range_noise_m"] == pytest.approx(40.0, rel=0.06)
    assert v["azimuth_noise_deg"] == pytest.approx(0.1, rel=0.06)
    assert found.residual_samples > 4000
    assert v["range_std_m"] == pytest.approx(40.0, rel=0.05)
    assert v["azimuth_std_deg"] == pytest.approx(0.1, rel=0.08)
    assert abs(v["range_mean_m"]) < 4 * 40 / math.sqrt(found.residual_samples)
    assert v["range_95_m"] == pytest.approx(1.96 * 40.0, rel=0.05)


def test_a_bias_against_the_track_is_seen_and_its_sign_is_right():
    air = Air(60, reach_m=90e3)
    state = performance.init()
    for k in range(1, 300):
        rows = np.flatnonzero(np.arange(60) % 5 == k % 5)
        true = air.at(np.full(len(rows), BEGIN_S + k), rows)
        r, az = np.hypot(*true.T) + 150.0, np.arctan2(*true.T) + math.radians(0.3)
        tick = Tick()
        tick.add(np.stack([r * np.sin(az), r * np.cos(az)], axis=1), rows + 1, time_s=BEGIN_S + k)
        state = performance.observe(state, tick.seen(air.tracks(BEGIN_S + k), [facts()]), BEGIN_S + k)
    v = only(state).values
    assert v["range_mean_m"] == pytest.approx(150.0, abs=3.0)
    assert v["azimuth_mean_deg"] == pytest.approx(0.3, abs=0.02)
    assert v["range_noise_m"] < 5.0  # a bias is no noise


def test_a_sensor_of_positions_is_told_along_and_across_the_flight():
    air = Air(30, reach_m=4000.0)
    air.speed[:] = [0.0, 12.0]
    state = performance.init()
    for k in range(1, 200):
        tick = Tick()
        xy = air.at(np.full(30, BEGIN_S + k)) + air.rng.normal(0, [3.0, 8.0], (30, 2))
        tick.add(xy, np.arange(30) + 1, time_s=BEGIN_S + k, kind=int(PlotKind.MLAT), flags=int(PlotFlag.ON_GROUND))
        state = performance.observe(state, tick.seen(air.tracks(BEGIN_S + k), [facts("M", "mlat", frame=-1)]), BEGIN_S + k)
    found = only(state)
    assert found.group == "mlat_airport"
    v = found.values
    assert v["along_std_m"] == pytest.approx(8.0, rel=0.06)
    assert v["across_std_m"] == pytest.approx(3.0, rel=0.06)
    assert v["along_noise_m"] == pytest.approx(8.0, rel=0.1)
    assert v["across_noise_m"] == pytest.approx(3.0, rel=0.1)
    assert v["position_rms_m"] == pytest.approx(math.hypot(8.0, 3.0), rel=0.06)
    assert found.drawn.stand is None


def test_wrong_and_missing_codes():
    rng = np.random.Generator(np.random.PCG64(4))
    hits = []

    def plots(_k, _t, rows):
        n = len(rows)
        mode_a, height, address = 0o1000 + rows, np.full(n, 9000.0), rows + 1
        mode_a = np.where(rng.random(n) < 0.03, rng.integers(0o2000, 0o7000, n), mode_a)
        height = height + np.where(rng.random(n) < 0.02, 3000.0, 0.0)
        address = np.where(rng.random(n) < 0.01, address ^ 0x400000, address)
        hits.append(n)
        mode_a = np.where(rng.random(n) < 0.1, -1, mode_a)
        height = np.where(rng.random(n) < 0.05, np.nan, height)
        return {"mode_a": mode_a, "pressure_altitude_m": height, "address": address}

    found = only(radar(Air(60), 500, plots=plots))
    s = found.shares
    assert s["mode_a_there"].whole == sum(hits)
    assert within(s["mode_a_there"], 0.9)
    assert within(s["mode_c_there"], 0.95)
    assert within(s["mode_a_wrong"], 0.03)
    assert within(s["mode_c_wrong"], 0.02)
    assert within(s["address_wrong"], 0.01)
    assert s["address_there"].value == 1.0
    assert found.counts["mode_a_changed"] == 0


def test_a_new_code_and_a_climb_are_not_wrong():
    def plots(k, _t, rows):
        return {"mode_a": np.where(k > 250, 0o2000, 0o1000) + rows, "pressure_altitude_m": np.full(len(rows), 2000.0 + 40.0 * k)}

    found = only(radar(Air(20), 500, detection=1.0, plots=plots))
    assert found.counts["mode_a_wrong"] == 0
    assert found.counts["mode_a_changed"] == 20
    assert found.counts["mode_c_wrong"] == 0
    assert found.counts["mode_c_changed"] == 0


def test_garbled_codes_are_counted_and_not_judged():
    def plots(_k, _t, rows):
        return {"mode_a": 0o3000 + rows % 7, "flags": np.where(rows % 2, int(PlotFlag.MODE_A_GARBLED), int(PlotFlag.HEIGHT_INVALID))}

    found = only(radar(Air(20), 100, detection=1.0, plots=plots))
    assert found.shares["mode_a_garbled"].value == pytest.approx(0.5)
    assert found.shares["mode_c_garbled"].value == pytest.approx(0.5)


def test_false_plots_are_those_that_no_track_ever_owns_to():
    rng = np.random.Generator(np.random.PCG64(8))
    made = 0

    def extra(k, tick, time_s):
        nonlocal made
        n = rng.poisson(1.0) if k < 400 else 0
        made += n
        tick.add(rng.uniform(-4e5, 4e5, (n, 2)), 0, time_s=time_s - 0.4, kind=int(PlotKind.SSR))

    found = only(radar(Air(60), 450, extra=extra))
    assert found.counts["false"] == made
    assert found.shares["false"].value == pytest.approx(made / found.counts["placed"])


def test_what_began_a_track_is_not_false():
    air = Air(20)
    state = performance.init()
    for k in range(1, 200):
        time_s = BEGIN_S + k
        rows = np.flatnonzero(np.arange(20) % 5 == k % 5)
        number = np.where(k > 15, rows + 1, 0)  # three looks until the tracker numbers them
        tick = Tick()
        tick.add(air.at(np.full(len(rows), time_s - 0.2), rows), number, time_s=time_s - 0.2, address=-1, kind=int(PlotKind.PSR))
        tracks = air.tracks(time_s).replace(address=-1) if k > 15 else Tracks.blank(0)
        state = performance.observe(state, tick.seen(tracks, [facts()]), time_s)
    found = only(state)
    assert found.counts["founding"] == 60
    assert found.counts["false"] == 0
    assert found.group == "psr"


def test_split_plots():
    rng = np.random.Generator(np.random.PCG64(5))
    made = 0

    def extra(k, tick, time_s):
        nonlocal made
        if k < 60 or not tick.parts:
            return
        _, xy, _, _ = tick.parts[0]
        twice = rng.random(len(xy)) < 0.05
        made += int(twice.sum())
        r, az = np.hypot(*xy[twice].T) + 40.0, np.arctan2(*xy[twice].T) + math.radians(0.8)
        tick.add(np.stack([r * np.sin(az), r * np.cos(az)], axis=1), 0, time_s=time_s - 0.28, address=-1, kind=int(PlotKind.SSR))

    air = Air(40, reach_m=200e3)
    found = only(radar(air, 400, extra=extra))
    assert made > 50
    assert abs(found.counts["split"] - made) <= 0.03 * made + 1
    assert found.counts["false"] <= 0.03 * made + 1


def test_two_aircraft_near_each_other_are_not_split():
    def extra(_k, tick, time_s):
        _, xy, _, _ = tick.parts[0]
        tick.add(xy + 200.0, 0, time_s=time_s - 0.28, address=0x700000, kind=int(PlotKind.MODE_S))

    found = only(radar(Air(5, reach_m=50e3), 100, detection=1.0, extra=extra))
    assert found.counts["split"] == 0


def test_one_address_in_two_places():
    def extra(k, tick, time_s):
        if k % 10 == 0:
            tick.add(np.array([[150e3, 150e3]]), 0, time_s=time_s - 0.1, address=7, kind=int(PlotKind.MODE_S))

    state = radar(Air(10, reach_m=30e3), 300, detection=1.0, extra=extra)
    found = performance.report(state)
    assert set(found.addresses) == {7}
    assert found.sensors[0].counts["duplicates"] == 30
    assert found.addresses[7] == 30


def test_delay_order_and_silence():
    rng = np.random.Generator(np.random.PCG64(2))

    def plots(_k, time_s, rows):
        return {"receive_s": time_s - 0.3 + rng.gamma(4.0, 0.1, len(rows))}

    def extra(k, tick, time_s):
        if 200 <= k < 260:
            tick.parts.clear()
        if k == 150:
            tick.add(np.zeros((1, 2)) + 5e3, 0, time_s=time_s - 20.0, address=-1)

    found = only(radar(Air(60), 400, plots=plots, extra=extra))
    gamma = rng.gamma(4.0, 0.1, 100_000)
    for share in (50, 95, 99):
        assert found.values[f"delay_{share}_s"] == pytest.approx(np.percentile(gamma, share), rel=0.08)
    assert found.counts["out_of_order"] == 1
    assert found.values["out_of_order_most_s"] == pytest.approx(20.0, abs=1.5)
    assert found.counts["silences"] == 1
    assert found.values["silent_longest_s"] == pytest.approx(60.0, abs=2.0)


def test_a_recording_without_times_of_arrival_tells_no_delay():
    found = only(radar(Air(20), 100, plots=lambda _k, t, _rows: {"receive_s": t - 0.3}))
    assert not [name for name in found.values if name.startswith("delay")]
    assert found.lag_samples == 0


def test_a_clock_that_is_put_right_anew_is_counted():
    air, state = Air(20), performance.init()
    for off in (0.0, -3600.0, -3600.0, 10.0):
        state = radar(air, 40, state=state, sensor=facts(clock_off_s=off))
    found = only(state)
    assert found.counts["clock_jumps"] == 2
    assert found.values["clock_off_s"] == 10.0


def test_update_by_azimuth_and_distance():
    def detection(az, r):
        return np.where((az > 0) & (az < np.pi / 2), 0.5, 0.95) * np.where(r > 100e3, 0.8, 1.0)

    air = Air(200, reach_m=140e3)
    air.speed *= 0.05
    found = only(radar(air, 400, detection=detection))
    sectors = found.drawn.sectors
    r, az = np.hypot(*air.place.T), np.arctan2(*air.place.T) % (2 * np.pi)
    p = detection(np.arctan2(*air.place.T), r)
    inside = [(az > np.radians(10 * a)) & (az < np.radians(10 * b)) for a, b in ((1, 8), (10, 35))]
    sent = [p[rows].mean() for rows in inside]
    assert sectors[1:8, 0].sum() / sectors[1:8].sum() == pytest.approx(sent[0], abs=0.03)
    assert sectors[10:35, 0].sum() / sectors[10:35].sum() == pytest.approx(sent[1], abs=0.02)
    rings = found.drawn.rings
    far = np.arange(store.RINGS) * found.drawn.ring_m >= 100e3
    near = ~far & (np.arange(store.RINGS) * found.drawn.ring_m < 90e3)
    assert rings[far, 0].sum() / rings[far].sum() < rings[near, 0].sum() / rings[near].sum() - 0.08
    assert rings.sum() == sectors.sum()
    assert len(found.drawn.misses) > 100


def test_what_is_on_the_ground_is_told_apart():
    """Aircraft 0 to 9 stand and are heard each second, the others fly and miss every other update."""
    air, state = Air(20, reach_m=3000.0), performance.init()
    air.speed[:10] = 0.0
    for k in range(1, 201):
        time_s, tick = BEGIN_S + k, Tick()
        rows = np.flatnonzero((np.arange(20) < 10) | (k % 2 == 0))
        flags = np.where(rows < 10, int(PlotFlag.ON_GROUND), 0)
        tick.add(air.at(np.full(len(rows), time_s), rows), rows + 1, time_s=time_s, kind=int(PlotKind.MLAT), flags=flags)
        state = performance.observe(state, tick.seen(air.tracks(time_s), [facts("M", "mlat", frame=-1)]), time_s)
    found = only(state)
    assert found.update_in(1.0, ground=True).value == 1.0
    assert found.update_in(1.0).value == pytest.approx(0.75, abs=0.01)
    assert found.gaps_over(1.5, ground=True).part == 0
    assert found.gaps_over(1.5).part == 990


def test_what_is_not_live_is_left_out():
    def extra(_k, tick, time_s):
        tick.add(np.zeros((3, 2)), 0, time_s=time_s, flags=np.array([1, 2, 4]), address=9)

    found = only(radar(Air(10), 100, detection=1.0, extra=extra))
    assert found.counts["not_live"] == 300
    assert found.counts["false"] == 0
    assert found.counts["placed"] == found.counts["plots"] - 300


def test_a_track_out_of_sight_is_absent_and_not_missed():
    air = Air(10)
    air.speed[:] = 0.0

    def extra(k, tick, _t):
        if 100 <= k < 300:
            tick.parts.clear()

    found = only(radar(air, 400, detection=1.0, extra=extra))
    assert found.counts["absences"] == 10
    assert found.shares["update"].value == 1.0
    assert found.values["gap_longest_s"] == pytest.approx(5.0)


def test_quality_of_broadcasts():
    air, state = Air(10), performance.init()
    for k in range(1, 101):
        tick = Tick()
        time_s = BEGIN_S + k
        nac_p = np.array([8, 8, 8, 8, 8, 9, 9, 0, -1, 99])
        tick.add(air.at(np.full(10, time_s)), np.arange(10) + 1, time_s=time_s, kind=int(PlotKind.ADSB), nac_p=nac_p, nic=7, sil=3)
        state = performance.observe(state, tick.seen(air.tracks(time_s), [facts("A", "adsb", frame=-1)]), time_s)
    q = only(state).quality
    assert (q["nac_p"][8], q["nac_p"][9], q["nac_p"][0], q["nac_p"][16], q["nac_p"][15]) == (500, 200, 100, 100, 100)
    assert q["nic"][7] == q["sil"][3] == 1000


def test_sensors_are_told_apart_and_the_picture_holds_all():
    air, state = Air(60), performance.init()
    rng = np.random.Generator(np.random.PCG64(1))
    for k in range(1, 401):
        time_s, tick = BEGIN_S + k, Tick()
        for sensor, detection, at in ((0, 0.5, 0), (1, 0.95, 2)):
            rows = np.flatnonzero((np.arange(60) + at) % 5 == k % 5)
            rows = rows[rng.random(len(rows)) < detection]
            tick.add(air.at(np.full(len(rows), time_s - 0.1), rows), rows + 1, time_s=time_s - 0.1, sensor=sensor, address=rows + 1)
        state = performance.observe(state, tick.seen(air.tracks(time_s), [facts("A"), facts("B")]), time_s)
    found = performance.report(state)
    a, b = found.sensors
    assert within(a.shares["update"], 0.5)
    assert within(b.shares["update"], 0.95)
    assert found.picture.counts["plots"] == a.counts["plots"] + b.counts["plots"]
    assert found.picture.update_in(5.0).value > b.update_in(5.0).value > a.update_in(5.0).value
    assert found.tracks == 60


def test_reporting_changes_nothing():
    state = radar(Air(20), 100)
    first = performance.report(state)
    again = performance.report(state)
    for a, b in zip(first.sensors, again.sensors, strict=True):
        np.testing.assert_equal(a._asdict(), b._asdict())


def test_two_runs_are_the_same_to_the_bit():
    a, b = (radar(Air(30), 200) for _ in range(2))
    for x, y in zip(a.tally, b.tally, strict=True):
        np.testing.assert_array_equal(x, y)


def test_nothing_seen_is_reported_as_nothing():
    found = performance.report(performance.init())
    assert found.sensors == ()
    assert found.picture.counts["plots"] == 0


# --- what is kept is bounded ---


def test_pairs_are_forgotten_and_the_table_does_not_grow(monkeypatch):
    monkeypatch.setattr(store, "MAX_PAIRS", 2000)
    state = performance.init()
    for k in range(1, 200):
        tick, time_s = Tick(), BEGIN_S + 10 * k
        numbers = np.arange(100) + 100 * k
        tick.add(np.zeros((100, 2)), numbers, time_s=time_s, address=numbers)
        state = performance.observe(state, tick.seen(Tracks.blank(0), [facts()]), time_s)
    assert len(state.pairs.key) <= 16_384
    assert len(state.homes.key) <= 16_384
    assert only(state).counts["plots"] == 19_900


def test_a_storm_is_counted_and_bounded():
    rng = np.random.Generator(np.random.PCG64(1))
    state = performance.init()
    for k in range(1, 6):
        tick, time_s = Tick(), BEGIN_S + k
        tick.add(rng.uniform(-3e5, 3e5, (30_000, 2)), 0, time_s=time_s, kind=int(PlotKind.PSR))
        state = performance.observe(state, tick.seen(Tracks.blank(0), [facts()]), time_s)
    found = performance.report(state)
    c = found.sensors[0].counts
    assert len(state.pool.waiting.row) <= 20_000
    assert c["false"] + c["split"] + found.undecided == 150_000


def test_sensors_beyond_the_most_are_counted_together(monkeypatch):
    monkeypatch.setattr(store, "MAX_SENSORS", 3)
    tick = Tick()
    for k in range(5):
        tick.add(np.zeros((2, 2)), 0, time_s=BEGIN_S, sensor=k)
    sensors = [facts(str(k)) for k in range(5)]
    found = performance.report(performance.observe(performance.init(), tick.seen(Tracks.blank(0), sensors), BEGIN_S))
    assert [s.id for s in found.sensors] == ["0", "1", "2"]
    assert found.beyond == 4


def test_time_slots_widen_and_lose_nothing():
    state = performance.init()
    for k in range(1, 400):
        tick, time_s = Tick(), BEGIN_S + 300.0 * k
        tick.add(np.zeros((1, 2)), 0, time_s=time_s)
        state = performance.observe(state, tick.seen(Tracks.blank(0), [facts()]), time_s)
    slots = only(state).drawn.slots
    assert slots[:, 0].sum() == 399
    assert state.clock.slots[1] > store.FIRST_SLOT_S


# --- the kernel beside a slow way that is plain to read ---


def slow_intervals(history):
    """Count the intervals of plots (time, number) in the order of their times."""
    last, out = {}, []
    for time_s, number in sorted(history):
        if number in last and 1e-3 <= time_s - last[number] < store.ABSENT_S:
            out.append(time_s - last[number])
        last[number] = time_s
    return out


def test_the_kernel_counts_what_a_slow_way_counts():
    rng = np.random.Generator(np.random.PCG64(77))
    state, history = performance.init(), []
    for k in range(1, 300):
        tick, time_s = Tick(), BEGIN_S + k
        n = int(rng.integers(0, 30))
        numbers, times = rng.choice(np.arange(1, 40), n, replace=False) if n else np.zeros(0, int), time_s - rng.uniform(0, 1, n)
        tick.add(rng.uniform(-1e4, 1e4, (n, 2)), numbers, time_s=times, kind=int(PlotKind.MLAT))
        history += list(zip(times.tolist(), numbers.tolist(), strict=True))
        state = performance.observe(state, tick.seen(Tracks.blank(0), [facts("M", "mlat", frame=-1)]), time_s)
    wanted = slow_intervals(history)
    found = only(state)
    assert found.intervals.sum() == len(wanted) == found.counts["intervals"]
    assert found.interval_s.sum() == pytest.approx(sum(wanted))
    bins_wanted = np.bincount([int(dt * store.PER_S) for dt in wanted], minlength=store.INTERVALS)
    np.testing.assert_array_equal(found.intervals, bins_wanted)
    assert found.values["gap_longest_s"] == pytest.approx(max(wanted))


# --- garbage ---


def wild(rng, n):
    columns = {}
    for name, dtype, _, _ in Plots.columns():
        if dtype.kind == "f":
            columns[name] = rng.choice([np.nan, np.inf, -np.inf, 0.0, 1e308, -1e308, 1e5, BEGIN_S, 5e-324], n)
        elif dtype.kind in "iu":
            info = np.iinfo(dtype)
            columns[name] = rng.integers(max(info.min, -(2**62)), min(info.max, 2**62), n).astype(dtype)
    return columns


def test_garbage_is_counted_and_harms_nothing():
    rng = np.random.Generator(np.random.PCG64(31))
    air, state = Air(30), performance.init()
    for k in range(1, 120):
        time_s, tick = BEGIN_S + k, Tick()
        rows = np.flatnonzero(np.arange(30) % 5 == k % 5)
        tick.add(air.at(np.full(len(rows), time_s), rows), rows + 1, time_s=time_s, address=rows + 1)
        columns = wild(rng, 40)
        columns["sensor"] = rng.integers(-3, 9, 40)
        xy = rng.choice([np.nan, np.inf, -np.inf, 1e308, 0.0, 1e5], (40, 2))
        tick.add(xy, rng.integers(-5, 2**32, 40), frame=rng.integers(-1, 4, 40), **columns)
        tracks = air.tracks(time_s)
        if k % 3 == 0:
            broken = {n: np.full(30, np.nan) for n in ("x_m", "vx_ms", "time_s", "turn_rads", "var_xx_m2")}
            tracks = dataclasses.replace(tracks, **broken)
        state = performance.observe(state, tick.seen(tracks, [facts(), facts("X", "adsb", x_m=math.nan, frame=-1)]), time_s)
    found = performance.report(state)
    assert found.sensors[0].shares["update"].value > 0.9
    for sensor in (*found.sensors, found.picture):
        assert all(0.0 <= s.value <= 1.0 for s in sensor.shares.values() if s.whole)
