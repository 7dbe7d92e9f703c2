"""Biases are found as well as the bound allows, said to be unobservable where they are, and not moved by a wrong aircraft."""

import math

import numpy as np
import pytest
from bench.registration_world import Bias, World, bound, ring

from tenere import track
from tenere.batch import Plots, Status, SystemTracks, Tracks
from tenere.track import register
from tenere.track.place import Sites, place
from tenere.track.register import phrases
from tenere.track.register.region import REGION_SENSORS, part
from tenere.track.register.stage import NAMES

D = math.radians(1.0)
BIASES = [Bias(300.0, 0.0, 0.5 * D), Bias(-150.0, 0.0, -0.2 * D), Bias(500.0, 0.0, 1.0 * D)]
TEN_PERCENT = 0.1


def run(w, seconds, state=None, start=0, hook=None, kept=None, sites=None):
    state, sites = state or register.init(register.RegisterConfig()), sites or Sites()
    for t in range(start + 1, start + seconds + 1):
        plots, tracks, picture = w.tick(float(t))
        if kept is not None:
            kept.append((plots, tracks))
        if hook is not None:
            plots, tracks, picture = hook(t, plots, tracks, picture)
        register.observe(state, register.corrected(state, plots), tracks, picture, w.table, w.plane, sites, float(t))
    return state


def rows_of(state):
    return {(r.sensor, r.bias): r for r in register.report(state)}


def assert_found(state, biases, least=None):
    """Every offset and azimuth is found within a tenth, twice the bound, or what ppm and metres no one cares about."""
    rows = rows_of(state)
    for i, b in enumerate(biases):
        for k, (name, floor) in enumerate(zip(NAMES[:3], (10.0, 1e-4, 0.01 * D), strict=True)):
            row, true = rows[i, name], b[k]
            limit = max(TEN_PERCENT * abs(true), floor, 0.0 if least is None else 2 * least[i, k])
            assert abs(row.value - true) <= limit, (i, name, row)
            assert abs(row.value - true) <= 4 * row.std, (i, name, row)


@pytest.mark.parametrize(("radars", "adsb"), [(2, True), (3, False), (2, False)])
def test_biases_are_found_in_minutes_of_ordinary_traffic(radars, adsb):
    w = World(ring(radars), BIASES[:radars], aircraft=60, seed=21 + radars, adsb=adsb)
    kept = []
    state = run(w, 300, kept=kept)
    least = bound(w, kept, np.array([state.regions[0].prior[state.regions[0].row_of[i]] for i in range(len(w.table.rows))]))
    assert_found(state, BIASES[:radars], least)
    rows = rows_of(state)
    for i in range(radars):
        assert rows[i, "offset_m"].state == rows[i, "azimuth_rad"].state == "applied"
        assert rows[i, "azimuth_rad"].std >= least[i, 2] * 0.9  # nobody is better than the bound
    assert state.jumps == []
    assert state.trust.findings == {}


def test_what_is_left_after_registration_is_noise():
    w = World(ring(2), BIASES[:2], aircraft=60, seed=31)
    state = run(w, 240)
    plots, tracks, _ = w.tick(241.0)
    more = [w.tick(float(t))[:2] for t in range(242, 262)]
    plots, who = Plots.concat([plots, *(p for p, _ in more)]), np.concatenate([tracks, *(k for _, k in more)])
    mine = plots.sensor < 2
    plots, who = plots.take(mine), who[mine] - 1

    def error(seen):
        z = place(seen, w.table, w.plane, Sites()).z
        return math.sqrt(float(np.mean(((z - w.start[who] - w.velocity[who] * plots.time_s[:, None]) ** 2).sum(axis=1))))

    b = np.array(w.biases)[plots.sensor]
    clean = plots.replace(range_m=plots.range_m - b[:, 0], azimuth_rad=(plots.azimuth_rad - b[:, 2]) % (2 * np.pi))
    assert error(plots) > 3 * error(clean)
    assert error(register.corrected(state, plots)) <= 1.1 * error(clean)


def test_a_lone_radar_s_biases_are_declared_unknown():
    w = World(ring(1), BIASES[:1], aircraft=40, seed=41, adsb=False)
    state = run(w, 60)
    for row in register.report(state):
        assert (row.state, row.observed, row.applied) == ("cold", False, 0.0)
        assert "not taken off" in phrases.told(row, w.table, "en")
        assert "non corrigé" in phrases.told(row, w.table, "fr")


def test_clocks_without_a_reference_are_declared_unobservable():
    w = World(ring(2), [Bias(time_s=0.4), Bias()], aircraft=60, seed=42, adsb=False)
    state = run(w, 150)
    for i in range(2):
        row = rows_of(state)[i, "time_s"]
        assert (row.state, row.applied) == ("unobservable", 0.0)
        assert "cannot be observed" in phrases.told(row, w.table, "en")
    value = rows_of(state)[0, "time_s"].value - rows_of(state)[1, "time_s"].value
    assert value == pytest.approx(0.4, abs=0.1)  # their difference is known all the same


def test_clock_and_scale_are_found_with_a_reference():
    true = Bias(100.0, 8e-4, 0.1 * D, 0.4)
    w = World(ring(2), [true, Bias()], aircraft=60, seed=43)
    state = run(w, 240)
    assert_found(state, [true, Bias()])
    row = rows_of(state)[0, "time_s"]
    assert row.state == "applied"
    assert row.value == pytest.approx(0.4, abs=0.2)  # the reference's own clock is known to 0.1 s


def test_mode_a_codes_tie_radars_without_addresses():
    w = World(ring(2), BIASES[:2], aircraft=60, seed=44, addressed=False)
    plotless = lambda _, p, k, x: (p, np.where(p.sensor < 2, 0, k), x)  # noqa: E731 - no plot of a radar is in a track
    assert_found(run(w, 200, hook=plotless), BIASES[:2])


def test_a_primary_radar_is_found_by_the_heights_of_the_tracks_its_echoes_feed():
    w = World(ring(2), BIASES[:2], aircraft=60, seed=44)

    def bare(_, p, numbers, picture):
        echo = p.sensor == 1
        silent = p.replace(
            address=np.where(echo, -1, p.address), mode_a=np.where(echo, -1, p.mode_a),
            pressure_altitude_m=np.where(echo, np.nan, p.pressure_altitude_m), height_m=np.where(echo, np.nan, p.height_m),
        )  # fmt: skip
        high = picture.replace(pressure_altitude_m=w.height_m[picture.number - 1] if known else np.full(len(picture), np.nan))
        return silent, numbers, high.take(np.argsort(picture.number))

    known = False
    assert {row.state for row in register.report(run(w, 60, hook=bare)) if row.sensor == 1} == {"cold"}
    known = True
    assert_found(run(w, 300, hook=bare), BIASES[:2])


def test_false_positions_move_no_bias():
    false = dict.fromkeys(range(5), (2500.0, 1500.0))
    w = World(ring(2), BIASES[:2], aircraft=50, seed=45, reported=false)
    state = run(w, 240)
    assert_found(state, BIASES[:2])
    assert state.jumps == []


def test_one_aircraft_decides_nothing():
    w = World(ring(1), [Bias()], aircraft=1, seed=46, reported={0: (0.0, 1500.0)})
    w.start[:], w.velocity[:] = (60e3, 0.0), (0.0, 150.0)
    state = run(w, 200)
    assert all(row.applied == 0.0 and not row.observed for row in register.report(state))
    assert rows_of(state)[0, "azimuth_rad"].state == "few"


def test_a_jump_is_noticed_and_the_bias_found_anew():
    w = World(ring(3), [*BIASES[:2], Bias()], aircraft=60, seed=47)
    state = run(w, 300)
    assert state.jumps == []
    moved = Bias(-150.0, 0.0, 0.3 * D)
    w.biases = [BIASES[0], moved, Bias()]
    state = run(w, 150, state=state, start=300)
    assert {s for s, _ in state.jumps} == {1}
    assert state.jumps[0][1] <= 300 + 4 * 12.0
    assert_found(state, w.biases)
    for lang in ("en", "fr"):
        assert "R1" in phrases.jumped(1, w.table, lang)


def test_a_bias_no_longer_observed_is_held_and_then_let_go():
    w = World(ring(2), BIASES[:2], aircraft=50, seed=48)
    config = register.RegisterConfig(memory_s=100.0)
    state = run(w, 200, state=register.init(config))
    assert rows_of(state)[0, "offset_m"].state == "applied"
    few = World(ring(2), BIASES[:2], aircraft=2, seed=49)
    state = run(few, 900, state=state, start=200)
    assert rows_of(state)[0, "offset_m"].state != "applied"


def test_a_mobile_radar_s_place_is_found():
    w = World(ring(2), [Bias(), Bias(east_m=0.0)], aircraft=60, seed=50)
    row = w.table.rows[0]
    row.config = type(row.config)(**{f: getattr(row.config, f) for f in row.config.__struct_fields__} | {"moved_by": "gps"})
    east, north = row.plane_xy(w.plane)
    lat, lon = w.plane.inverse(east + 250.0, north - 120.0)
    truth = (row.lat_rad, row.lon_rad)
    state, sites = register.init(register.RegisterConfig()), Sites()
    for t in range(1, 241):
        row.lat_rad, row.lon_rad = truth
        plots, tracks, picture = w.tick(float(t))
        row.lat_rad, row.lon_rad = float(lat), float(lon)  # where it says that it stands
        register.observe(state, register.corrected(state, plots), tracks, picture, w.table, w.plane, sites, float(t))
    rows = rows_of(state)
    assert rows[0, "east_m"].value == pytest.approx(250.0, abs=25.0)
    assert rows[0, "north_m"].value == pytest.approx(-120.0, abs=25.0)
    assert rows[0, "east_m"].state == "applied"


def test_the_same_plots_give_the_same_bits():
    states = [run(World(ring(2), BIASES[:2], aircraft=30, seed=51), 60) for _ in range(2)]
    assert (states[0].regions[0].information.mean == states[1].regions[0].information.mean).all()
    assert (states[0].by_sensor == states[1].by_sensor).all()


def test_time_that_jumps_or_runs_backwards_and_odd_plots_are_survived():
    w = World(ring(2), BIASES[:2], aircraft=40, seed=52)

    def odd(t, plots, tracks, picture):
        nothing = Plots.blank(3, sensor=[0, 1, -1], time_s=[np.nan, t, t], range_m=[1e5, np.inf, 1e3], azimuth_rad=np.nan, address=5)
        return Plots.concat([plots, nothing]), np.concatenate([tracks, [0, 2**31, -1]]), picture

    state = run(w, 100, hook=odd)
    state = run(World(ring(2), BIASES[:2], aircraft=40, seed=53), 30, state=state, start=5000)
    state = run(World(ring(2), BIASES[:2], aircraft=40, seed=54), 150, state=state, start=0)
    assert_found(state, BIASES[:2])
    register.observe(state, Plots.none(), np.zeros(0, np.int64), Tracks.none(), w.table, w.plane, Sites(), 151.0)


def test_settings_are_obeyed_and_checked():
    w = World(ring(2), BIASES[:2], aircraft=40, seed=55)
    off = run(w, 40, state=register.init(register.RegisterConfig(estimate=False)))
    assert register.report(off) == []
    told = run(World(ring(2), BIASES[:2], aircraft=40, seed=55), 90, state=register.init(register.RegisterConfig(apply=False)))
    assert not told.by_sensor.any()
    assert rows_of(told)[0, "azimuth_rad"].state == "known"
    for wrong in ({"window_s": 0.0}, {"memory_s": math.nan}, {"jump_share": 1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            register.RegisterConfig(**wrong)
    with pytest.raises(ValueError, match="fit_share"):
        register.TrustConfig(fit_share=1.0)


def test_what_is_applied_is_told_with_its_error():
    state = run(World(ring(2), BIASES[:2], aircraft=40, seed=56), 150)
    applied = register.applied(state, 3)
    assert applied.bias.shape == applied.std.shape == (3, 6)
    assert applied.bias[0, 0] == pytest.approx(300.0, rel=0.1)
    assert 0.0 < applied.std[0, 0] < 30.0
    assert (applied.bias[2, :3] == 0.0).all()


def test_more_windows_than_there_is_room_for_lose_nothing():
    w = World(ring(2), BIASES[:2], aircraft=190, seed=57)
    state = run(w, 120)
    assert state.regions[0].information.count <= len(state.regions[0].information.held.key)
    assert_found(state, BIASES[:2])


def test_many_sensors_are_parted_by_where_they_stand():
    xy = rng_xy(200)
    parts = part(xy, np.arange(200))
    assert sorted(np.concatenate(parts)) == list(range(200))
    assert max(map(len, parts)) <= REGION_SENSORS
    w = World(ring(50, 30e3), [Bias(offset_m=300.0)] * 50, aircraft=40, seed=59)
    state = run(w, 60)
    assert len(state.regions) == 2
    assert {i for i, g in enumerate(state.region_of) if g < 0} == {50}  # the ADS-B
    rows = register.report(state)
    assert len({(r.sensor, r.bias) for r in rows}) == len(rows)
    found = [r.value for r in rows if r.bias == "offset_m" and r.observed]
    assert len(found) > 10
    assert np.median(found) == pytest.approx(300.0, abs=15.0)


def rng_xy(count):
    return np.random.Generator(np.random.PCG64(8)).uniform(-1e6, 1e6, (count, 2))


def test_the_tracker_s_own_tracks_will_do():
    """Plots through the whole tracker: tracks that the biases split come together."""
    w = World(ring(2), BIASES[:2], aircraft=25, seed=58)
    config = tuple(r.config for r in w.table.rows)
    tracker = track.init(track.TrackConfig(), config, (w.plane.lat0_rad, w.plane.lon0_rad))
    for t in range(1, 121):
        plots = w.tick(float(t))[0]
        feeds = [("r", plots.sensor < 2), ("a", plots.sensor == 2)]
        heard = [track.Heard(name, plots.take(rows), SystemTracks.none(), Status.none()) for name, rows in feeds]
        tracker, out = track.step(tracker, heard, float(t), 1.0)
    assert_found(tracker.register, BIASES[:2])
    assert w.aircraft <= len(out.tracks) <= w.aircraft + 1  # one that the biases had split may still coast
