"""One aircraft by our radar and by other systems: joined, parted, numbered and told."""

import hashlib

import numpy as np
import pytest
from scene import LAT, LON, RADAR, Sky

from tenere.batch import PlotFlag, PlotKind, Status, SystemTracks, TrackFlag, Tracks
from tenere.geo import ellipsoid
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig, fuse, init, renumber, step
from tenere.track.fuse import FuseConfig
from tenere.track.life import Ended
from tenere.track.multi.config import MultiConfig

FUSED, SYSTEM, COASTING = int(TrackFlag.FUSED), int(TrackFlag.SYSTEM), int(TrackFlag.COASTING)
ADDRESS = 0x062001


def said(sky, east, north, sac_sic=0x0202, number=7, v=(200.0, 0.0), **columns):
    """Return a system's tracks at east, north (m) of the radar, 1 s old and told as of then."""
    east, north = np.atleast_1d(np.asarray(east, float)), np.atleast_1d(np.asarray(north, float))
    n, age = len(east), 1.0
    lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, east - v[0] * age, north - v[1] * age, 0.0)
    base = {"time_s": sky.time_s - age, "sac_sic": sac_sic, "source_track": number, "east_ms": v[0], "north_ms": v[1], "flags": 0}
    return SystemTracks.blank(
        n, **{**base, "lat_rad": lat, "lon_rad": lon, "position_std_m": 120.0, "pressure_altitude_m": 9000.0, **columns}
    )


def fly(sky, ticks, *, ours=True, theirs=True, begin=0, mine=None, **columns):
    """Fly one aircraft east at 200 m/s from tick begin on; return the pictures."""
    pictures = []
    for k in range(begin, begin + ticks):
        at = 40e3 + 200.0 * 5.0 * k, 60e3
        heard = [sky.radar(at[0] - 40.0, at[1], **({"address": ADDRESS} if mine is None else mine))] if ours else []
        pictures.append(sky.tick(*heard, system=said(sky, *at, **columns) if theirs else None))
    return pictures


def test_one_address_is_one_row_from_the_first_tick_that_ours_is_shown():
    sky = Sky()
    pictures = fly(sky, 10, address=ADDRESS)
    assert [len(t) for t in pictures] == [1] * 10
    last = pictures[-1]
    assert last.number.tolist() == [1]
    assert last.source.tolist() == [-1]
    assert last.flags[0] & (FUSED | SYSTEM) == FUSED
    assert last.sensors[0] == 0b11
    assert last.kinds[0] == 1 << PlotKind.MODE_S
    assert sky.out.plot_tracks.tolist() == [1]  # the number shown is the number that plots are given


def test_without_any_code_they_join_after_three_agreements_under_the_elder_number():
    sky = Sky()
    bare = {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}
    pictures = fly(sky, 4, theirs=False, mine=bare) + fly(sky, 6, mine=bare, begin=4)
    assert [len(t) for t in pictures[4:]] == [2, 2, 1, 1, 1, 1]
    assert pictures[-1].number.tolist() == [1]


def test_a_number_given_up_is_told_so_that_its_identity_and_protection_follow():
    sky = Sky()
    bare = {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}
    fly(sky, 4, theirs=False, mine=bare)
    told = []
    for k in range(4, 8):
        fly(sky, 1, mine=bare, begin=k)
        told.append(sky.out.same)
    assert told[0] == told[1] == ()
    assert (1, 2) in told[2]  # the younger number, theirs, is now the elder
    assert told[3] == ()


def test_theirs_was_first_and_ours_comes_later_the_number_stays():
    sky = Sky()
    pictures = fly(sky, 4, ours=False, address=ADDRESS) + fly(sky, 6, begin=4, address=ADDRESS)
    assert {n for t in pictures for n in t.number.tolist()} == {1}
    assert pictures[3].source[0] >= 0
    assert pictures[-1].source[0] == -1


def test_ours_falls_silent_and_the_row_lives_on_with_their_state_then_ours_returns():
    sky = Sky()
    pictures = fly(sky, 6, address=ADDRESS)
    alone = fly(sky, 25, ours=False, begin=6, address=ADDRESS)  # 125 s: ours coasts 75 s and is dropped
    back = fly(sky, 6, begin=31, address=ADDRESS)
    assert {n for t in pictures + alone + back for n in t.number.tolist()} == {1}
    assert all(len(t) == 1 for t in pictures + alone + back)
    coasting, dropped = alone[5], alone[-1]
    assert coasting.source[0] == -1
    assert coasting.flags[0] & (FUSED | COASTING) == FUSED
    assert coasting.update_s[0] == pytest.approx(coasting.time_s[0] - 1)
    assert dropped.flags[0] & SYSTEM
    assert dropped.source[0] >= 0
    assert back[-1].source[0] == -1


def test_ours_drifts_while_they_see_it_turn():
    sky = Sky()
    fly(sky, 8, address=ADDRESS)
    for k in range(8):
        at = 40e3 + 8000.0, 60e3 + 1000.0 * k
        t = sky.tick(system=said(sky, *at, address=ADDRESS, v=(0.0, 200.0)))
    x, y, _ = ellipsoid.enu_of(LAT, LON, 0.0, t.lat_rad, t.lon_rad, 0.0)
    assert len(t) == 1
    assert np.hypot(x[0] - at[0], y[0] - at[1]) < 100.0


def test_they_fall_silent_and_ours_goes_on():
    sky = Sky()
    fly(sky, 6, address=ADDRESS)
    pictures = fly(sky, 20, theirs=False, begin=6)
    assert all(t.number.tolist() == [1] for t in pictures)
    assert pictures[-1].flags[0] & FUSED == 0
    assert pictures[-1].sensors[0] == 0b01


def test_three_ways_are_one_track_and_two_systems_without_ours_too():
    sky = Sky()
    for k in range(8):
        at = 40e3 + 1000.0 * k, 60e3
        both = SystemTracks.concat([said(sky, *at, address=ADDRESS), said(sky, *at, sac_sic=0x0303, number=7, callsign=b"AFR1")])
        heard = [sky.radar(at[0] - 40.0, at[1], address=ADDRESS, mode_a=0o4321)] if k > 4 else []
        t = sky.tick(*heard, system=both)
        if k == 4:
            assert t.number.tolist() == [1]
            assert t.flags[0] & (FUSED | SYSTEM) == FUSED | SYSTEM
    assert t.number.tolist() == [1]
    assert int(t.sensors[0]).bit_count() == 3
    assert (t.callsign[0], int(t.mode_a[0]), int(t.address[0])) == (b"AFR1", 0o4321, ADDRESS)


def test_the_covariance_is_never_smaller_than_both_allow():
    sky, alone = Sky(), Sky(fuse=FuseConfig(join=False))
    for k in range(12):
        at = 40e3 + 1000.0 * k, 60e3
        plots = sky.radar(at[0] - 40.0, at[1], address=ADDRESS)
        theirs = said(sky, *at, address=ADDRESS, position_std_m=90.0)
        t, own = sky.tick(plots, system=theirs), alone.tick(plots)

    def matrix(b):
        return np.array([[b.var_xx_m2[0], b.var_xy_m2[0]], [b.var_xy_m2[0], b.var_yy_m2[0]]])

    fused, ours = matrix(t), matrix(own)
    added = np.linalg.inv(np.linalg.inv(ours) + np.eye(2) / 100.0**2)
    assert np.linalg.det(fused) <= np.linalg.det(ours) * (1 + 1e-9)
    assert np.linalg.det(fused) > 1.3 * np.linalg.det(added)


def test_the_filter_never_learns_of_them():
    sky, alone = Sky(), Sky()
    for k in range(10):
        at = 40e3 + 1000.0 * k, 60e3
        plots = sky.radar(at[0] - 40.0, at[1], address=ADDRESS)
        sky.tick(plots, system=said(sky, at[0] + 150.0, at[1], address=ADDRESS))
        alone.tick(plots)
    np.testing.assert_array_equal(sky.state.store.row, alone.state.store.row)
    np.testing.assert_array_equal(sky.state.store.hot, alone.state.store.hot)


def test_a_feed_with_their_numbers_swapped_parts_and_joins_anew():
    sky = Sky()
    for k in range(20):
        at = np.array([40e3, 40e3]) + 1000.0 * k, np.array([60e3, 64e3])
        who = [7, 9] if k < 8 else [9, 7]  # from here on each number follows the other aircraft
        t = sky.tick(sky.radar(at[0] - 40.0, at[1], mode_a=[0o4321, 0o4322]), system=said(sky, *at, number=who, mode_a=[0o4321, 0o4322]))
        if k == 7:
            assert len(t) == 2
    assert len(t) == 2
    assert t.number.tolist() == [1, 2]
    assert (t.flags & FUSED > 0).all()


def test_a_number_given_to_another_aircraft_far_away_is_another_row():
    sky = Sky()
    fly(sky, 6, address=ADDRESS)
    for k in range(6, 10):
        at = 40e3 + 1000.0 * k, 60e3
        t = sky.tick(sky.radar(at[0] - 40.0, at[1], address=ADDRESS), system=said(sky, -100e3, 20e3 + 1000.0 * k))
    assert len(t) == 2
    assert t.number[0] == 1
    assert t.number[1] != 1


def test_a_wrong_address_does_not_join_two_aircraft_and_at_last_joins_one():
    sky = Sky()
    pictures = fly(sky, 30, address=0x3C0001, mode_a=0o4321, mine={"address": ADDRESS, "mode_a": 0o4321})
    assert len(pictures[10]) == 2
    assert len(pictures[-1]) == 1
    apart = Sky()
    assert len(fly(apart, 40, address=0x3C0001)[-1]) == 2  # nothing else says that they are one


def test_two_of_theirs_with_our_address_the_one_that_flies_with_us_is_ours():
    sky = Sky()
    for k in range(10):
        at = np.array([40e3, 120e3]) + 1000.0 * k, np.array([60e3, -60e3])
        t = sky.tick(sky.radar(at[0][0] - 40.0, at[1][0], address=ADDRESS), system=said(sky, *at, number=[9, 7], address=ADDRESS))
    assert len(t) == 2
    one = t.source == -1
    assert t.flags[one] & FUSED
    assert not (t.flags[~one] & FUSED).any()


def test_other_heights_and_other_codes_keep_apart():
    for theirs in ({"pressure_altitude_m": 6000.0}, {"mode_a": 0o1234}):
        sky = Sky()
        assert len(fly(sky, 15, mine={"mode_a": 0o4321}, **theirs)[-1]) == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"lat_rad": np.nan}, {"lon_rad": np.inf}, {"east_ms": np.nan}, {"position_std_m": np.nan}, {"position_std_m": -3.0},
        {"position_std_m": np.inf}, {"time_s": np.nan}, {"time_s": 1e300}, {"flags": int(PlotFlag.SIMULATED)}, {"east_ms": 1e200},
        {"source_track": -1}, {"sac_sic": -1}, {"pressure_altitude_m": np.inf}, {"x_m": np.inf, "lat_rad": np.nan},
    ],
)  # fmt: skip
def test_bad_reports_harm_nothing(columns):
    sky, clean = Sky(), Sky()
    bad = fly(sky, 8, address=ADDRESS, **columns)
    good = fly(clean, 8, theirs=False)
    mine = bad[-1].take(bad[-1].source == -1)
    assert len(mine) == 1
    assert np.isfinite([mine.x_m[0], mine.vx_ms[0], mine.var_xx_m2[0], mine.lat_rad[0], mine.course_rad[0]]).all()
    assert mine.x_m[0] == pytest.approx(good[-1].x_m[0], abs=300)
    assert len(bad[-1]) <= 2
    if columns.get("flags"):
        assert bad[-1].flags[-1] & TrackFlag.NOT_LIVE
        assert len(bad[-1]) == 2


@pytest.mark.parametrize("off_s", [-40.0, 20.0])
def test_old_and_future_reports_are_not_compared(off_s):
    sky = Sky()
    for k in range(8):
        at = 40e3 + 1000.0 * k, 60e3
        t = sky.tick(sky.radar(at[0] - 40.0, at[1], address=ADDRESS), system=said(sky, *at, address=ADDRESS, time_s=sky.time_s + off_s))
    assert len(t) == 2
    assert (t.flags & FUSED == 0).all()


def test_a_system_that_states_no_accuracy_is_given_its_sensor_s():
    system = SensorConfig(id="NGB", kind="system", sac=2, sic=2, position_std_m=400.0)
    sky = Sky(sensors=(RADAR, system))
    t = fly(sky, 6, address=ADDRESS, position_std_m=np.nan)[-1]
    assert len(t) == 1
    assert renumber.stated(sky.state).tolist() == [RADAR.position_std_m, 400.0]


def test_thousands_on_one_spot_are_refused_nothing_and_break_nothing():
    sky = Sky()
    for k in range(4):
        at = 40e3 + 1000.0 * k, 60e3
        many = said(sky, np.full(3000, at[0]), np.full(3000, at[1]), number=np.arange(3000))
        t = sky.tick(sky.radar(at[0] - 40.0, at[1], address=ADDRESS), system=many)
    assert 3000 <= len(t) <= 3001
    assert len(np.unique(t.number)) == len(t)


def test_hidden_and_ended_tracks_of_ours_never_share_a_number_with_one_shown():
    sky = Sky()
    numbers = []
    for k in range(60):
        at = 40e3 + 1000.0 * k, 60e3
        theirs = said(sky, *at)
        phase = k // 10 % 3  # our radar sees it without an address, then not at all, then with one
        heard = [[sky.radar(at[0] - 40.0, at[1])], [], [sky.radar(at[0] - 40.0, at[1], address=ADDRESS)]][phase]
        t = sky.tick(*heard, system=theirs)
        assert len(np.unique(t.number)) == len(t)
        s = sky.state.store
        live = s.number[(s.alive == 1) & (s.number > 0)]
        assert len(np.unique(live)) == len(live)
        numbers.append(t.number.tolist())
    assert all(1 in n for n in numbers)


def test_a_velocity_told_far_from_the_centre_is_turned_into_the_plane():
    sky = Sky()
    lat, lon = LAT + 0.05, LON + 0.1
    own = SystemTracks.blank(
        1, time_s=sky.time_s - 1, sac_sic=0x0202, source_track=1, lat_rad=lat, lon_rad=lon, east_ms=0.0, north_ms=200.0, flags=0
    )
    t = sky.tick(system=own)
    x, y = sky.state.plane.forward([lat, lat + 200.0 / 6_340_000], [lon, lon])
    assert t.vx_ms[0] == pytest.approx(x[1] - x[0], abs=0.5)
    assert t.vy_ms[0] == pytest.approx(y[1] - y[0], abs=1.0)
    assert abs(t.vx_ms[0]) > 2.0


def test_join_false_shows_each_beside_the_other():
    sky = Sky(fuse=FuseConfig(join=False))
    assert len(fly(sky, 8, address=ADDRESS)[-1]) == 2


def test_the_multi_frame_option_joins_too():
    sky = Sky(multi=MultiConfig())
    pictures = fly(sky, 4, ours=False) + fly(sky, 10, begin=4)
    assert pictures[-1].number.tolist() == [1]
    assert pictures[-1].flags[0] & FUSED


def test_a_partner_that_wanders_off_is_left_out_at_once_and_parted_after_three_reports():
    sky = Sky()
    fly(sky, 8, address=ADDRESS)
    for k in range(8, 12):
        at = 40e3 + 1000.0 * k, 60e3
        t = sky.tick(sky.radar(at[0] - 40.0, at[1], address=ADDRESS), system=said(sky, at[0], at[1] + 3000.0, address=ADDRESS))
        x, y, _ = ellipsoid.enu_of(LAT, LON, 0.0, t.lat_rad, t.lon_rad, 0.0)
        assert np.hypot(x[0] - at[0], y[0] - at[1]) < 300.0
        assert t.flags[0] & FUSED == 0
        assert len(t) == (1 if k < 10 else 2)
    assert t.number[0] == 1


def test_one_report_is_one_agreement_however_often_it_is_looked_at():
    sky = Sky()
    theirs = said(sky, 40e3 + 200.0, 60e3)
    for k in range(10):
        at = 40e3 + 200.0 * k, 60e3
        t = sky.tick(sky.radar(*at), system=theirs if k == 1 else None, dt=1.0)
    assert len(t) == 2


def test_a_partner_between_two_of_ours_is_joined_when_it_has_stayed_with_one():
    sky = Sky(features=("address",))
    shown = []
    for k in range(14):
        x, y = 40e3 + 1000.0 * k, np.array([20e3, 21e3])
        near = y[0] + 50.0 if k < 6 else y[1] - 50.0
        plots = sky.radar([x - 40.0, x - 40.0], y, address=[0x062001, 0x062002])
        theirs = said(sky, x, near, position_std_m=300.0) if k > 2 else None
        t = sky.tick(plots, system=theirs)
        shown.append((len(t), (t.flags & FUSED > 0).tolist()))
    assert [n for n, _ in shown[3:11]] == [3] * 8
    assert shown[-1] == (2, [False, True])


def test_one_address_twice_near_us_is_asked_three_times():
    sky = Sky()
    lengths = []
    for k in range(9):
        at = 40e3 + 1000.0 * k, 60e3
        theirs = said(sky, [at[0], at[0]], [at[1], at[1] + 500.0], number=[7, 9], address=ADDRESS) if k > 2 else None
        lengths.append(len(sky.tick(sky.radar(at[0] - 40.0, at[1], address=ADDRESS), system=theirs)))
    assert lengths[3:] == [3, 3, 2, 2, 2, 2]


def rows(n, **columns):
    base = {
        "time_s": 100.0, "update_s": 100.0, "frame": 0, "x_m": 0.0, "y_m": 0.0, "vx_ms": 200.0, "vy_ms": 0.0, "var_xx_m2": 1e4,
        "var_xy_m2": 0.0, "var_yy_m2": 1e4, "var_v_m2s2": 9.0, "source": -1, "flags": 1, "address": ADDRESS,
    }  # fmt: skip
    return Tracks.blank(n, **{**base, **columns})


def test_two_joined_tracks_with_a_source_in_common_stay_two():
    own = rows(1, number=5)
    other = rows(3, number=[3, 3, 5], source=[0, 1, 1], source_track=[1, 2, 3], flags=33, address=-1, callsign=b"AFR1")
    state, told, _ = fuse.step(fuse.FuseState(), FuseConfig(), own.replace(callsign=b"AFR1"), other, np.full(2, 200.0), 100.0, 6)
    for k in range(1, 6):
        later = {"time_s": 100.0 + k, "update_s": 100.0 + k}
        mine, theirs = own.replace(**later, number=told.own, callsign=b"AFR1"), other.replace(**later, number=told.other)
        state, told, _ = fuse.step(state, FuseConfig(), mine, theirs, np.full(2, 200.0), 100.0 + k, 6)
    assert (told.own.tolist(), told.other.tolist()) == ([5], [3, 3, 5])
    assert state.joined == 0


def test_a_number_taken_over_is_borne_by_none_that_is_hidden_or_may_come_back():
    sky = Sky()
    for k in range(4):
        sky.tick(sky.radar([40e3 + 1000.0 * k, 40e3 + 1000.0 * k], [60e3, 90e3], address=[0x062001, 0x062002]))
    state = sky.state
    state.ended[0x062009] = Ended(1, 0.0, 0.0, 0.0, 0.0)
    state.ended[0x062008] = Ended(7, 0.0, 0.0, 0.0, 0.0)
    free = state.next_number
    renumber.rename(state, np.array([2]), np.array([1]))  # another track of ours bears 1
    s = state.store
    assert sorted(s.number[s.alive == 1].tolist()) == [1, free]
    assert state.next_number == free + 1
    assert list(state.ended) == [0x062008]


@pytest.mark.parametrize("moved", [{"address": 0x3C0001}, {"north_m": 200e3}])
def test_a_lone_number_given_to_another_aircraft_gets_a_number_of_its_own(moved):
    sky = Sky()
    for k in range(6):
        at = 40e3 + 1000.0 * k, 60e3 + (moved.get("north_m", 0.0) if k > 3 else 0.0)
        t = sky.tick(system=said(sky, *at, address=moved.get("address", ADDRESS) if k > 3 else ADDRESS))
        assert t.number.tolist() == [1 if k < 4 else 2]


def crowd(seed, reverse):
    rng, h = np.random.Generator(np.random.PCG64(seed)), hashlib.sha256()
    state, time_s = init(TrackConfig(), (RADAR,)), 10_000.0
    sky = Sky(seed=seed)
    east, north = rng.uniform(20e3, 120e3, 40), rng.uniform(20e3, 120e3, 40)
    for k in range(8):
        sky.time_s = time_s
        plots = sky.radar(east + 1000.0 * k - 40.0, north, kind=PlotKind.SSR)
        theirs = said(sky, east + 1000.0 * k + rng.normal(0, 100, 40), north, number=np.arange(40))
        theirs = theirs.take(np.arange(40)[::-1]) if reverse else theirs
        state, out = step(
            state,
            [Heard("r", plots, SystemTracks.blank(), Status.blank()), Heard("s", plots.take(slice(0)), theirs, Status.blank())],
            time_s,
            5.0,
        )
        out.tracks.digest(h)
        time_s += 5.0
    return h.hexdigest(), len(out.tracks), state.fuse.joined


def test_the_same_reports_give_the_same_bits():
    digest, rows, joined = crowd(3, reverse=False)
    assert (digest, rows, joined) == crowd(3, reverse=False)
    assert rows == 40
    assert joined >= 40


def test_settings_that_make_no_sense_are_refused():
    for wrong in ({"gate": 0.0}, {"std_m": float("nan")}, {"gate": 50.0}, {"least_std_m": 5000.0}, {"agreements": 0}):
        with pytest.raises(ValueError, match=r"\[track.fuse\]"):
            FuseConfig(**wrong)
