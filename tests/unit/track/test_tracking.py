import hashlib

import msgspec
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scene import LAT, LON, RADAR, Sky

from tenere.batch import PlotFlag, PlotKind, Plots, Status, SystemTracks, TrackFlag
from tenere.geo import ellipsoid
from tenere.site import SensorConfig


def enu(tracks):
    e, n, _ = ellipsoid.enu_of(LAT, LON, 0.0, tracks.lat_rad, tracks.lon_rad, 0.0)
    return e, n


def fly(sky, start, velocity, scans, dt=5.0, **columns):
    tracks = None
    for k in range(scans):
        at = np.asarray(start, float) + np.asarray(velocity, float) * k * dt
        tracks = sky.tick(sky.radar(at[..., 0], at[..., 1], **columns), dt=dt)
    return tracks, at


def test_one_aircraft_is_one_track_where_it_is():
    sky = Sky()
    tracks, at = fly(sky, [40e3, 60e3], [200.0, -50.0], 20, address=0x062001, mode_a=0o1234, callsign=b"NGR101")
    assert len(tracks) == 1
    e, n = enu(tracks)
    assert np.hypot(e - at[0], n - at[1]) < 200
    assert tracks.speed_ms[0] == pytest.approx(206, abs=12)
    assert np.rad2deg(tracks.course_rad[0]) == pytest.approx(104, abs=4)
    assert (tracks.address[0], tracks.mode_a[0], tracks.callsign[0]) == (0x062001, 0o1234, b"NGR101")
    assert tracks.pressure_altitude_m[0] == pytest.approx(9000, abs=20)
    assert tracks.flags[0] == TrackFlag.CONFIRMED


def test_an_aircraft_without_a_transponder_is_a_track_too():
    tracks, _ = fly(Sky(), [20e3, 30e3], [60.0, 10.0], 10, kind=PlotKind.PSR, pressure_altitude_m=np.nan)
    assert len(tracks) == 1
    assert (tracks.address[0], tracks.mode_a[0], tracks.callsign[0]) == (-1, -1, b"")
    assert tracks.kinds[0] == 1 << PlotKind.PSR


def test_clutter_alone_makes_next_to_no_tracks():
    sky, shown = Sky(seed=5), 0
    for _ in range(100):
        r, a = 300e3 * np.sqrt(sky.rng.uniform(0, 1, 20)), sky.rng.uniform(0, 2 * np.pi, 20)
        shown += len(sky.tick(sky.radar(r * np.sin(a), r * np.cos(a), kind=PlotKind.PSR, pressure_altitude_m=np.nan)))
    assert shown <= 5  # track-scans, of 2,000 false plots


def test_missed_scans_coast_and_then_end():
    sky = Sky()
    fly(sky, [40e3, 60e3], [200.0, 0.0], 10, kind=PlotKind.PSR, pressure_altitude_m=np.nan)
    first = sky.tick()
    assert len(first) == 1
    later = [first, *(sky.tick() for _ in range(12))]
    assert any(t.flags[0] & TrackFlag.COASTING for t in later[1:3] if len(t))  # the second or third scan that it misses
    assert all(len(t) == 0 for t in later[5:])


def test_two_that_cross_keep_their_addresses():
    sky = Sky()
    for k in range(30):
        t = (k - 15) * 5.0
        e, n = np.array([180 * t, -180 * t]) + 50e3, np.array([20 * t, 20 * t]) + 60e3
        tracks = sky.tick(sky.radar(e, n, height=np.array([9000.0, 9300.0]), address=np.array([0x062001, 0x3C0002])))
    assert sorted(tracks.address.tolist()) == [0x062001, 0x3C0002]
    assert sorted(tracks.number.tolist()) == [1, 2]
    east = dict(zip(tracks.address.tolist(), enu(tracks)[0].tolist(), strict=True))
    assert east[0x062001] > east[0x3C0002]


def test_two_that_cross_without_codes_stay_two():
    sky = Sky(seed=3)
    for k in range(30):
        t = (k - 15) * 5.0
        e, n = np.array([180 * t, -180 * t]) + 50e3, np.array([90 * t, -20 * t]) + 60e3
        tracks = sky.tick(sky.radar(e, n, kind=PlotKind.PSR, pressure_altitude_m=np.nan))
    assert sorted(tracks.number.tolist()) == [1, 2]


def test_a_number_is_never_used_again():
    sky, seen = Sky(), set()
    for turn in range(4):
        tracks, _ = fly(sky, [40e3 + 30e3 * turn, 60e3], [100.0, 0.0], 6, address=0x062001 + turn)
        new = {int(n) for n, a in zip(tracks.number, tracks.address, strict=True) if a == 0x062001 + turn}
        assert len(new) == 1
        assert not new & seen
        seen |= new
        for _ in range(20):
            sky.tick()


def test_an_address_that_comes_back_in_reach_has_its_number_again():
    sky = Sky()
    before, _ = fly(sky, [40e3, 60e3], [100.0, 0.0], 6, address=0x062001)
    for _ in range(20):
        gone = sky.tick()
    assert len(gone) == 0
    after, _ = fly(sky, [52e3, 60e3], [100.0, 0.0], 4, address=0x062001)
    assert after.number[0] == before.number[0]


def test_an_address_that_comes_back_out_of_reach_is_another_track():
    sky = Sky()
    before, _ = fly(sky, [40e3, 60e3], [100.0, 0.0], 6, address=0x062001)
    for _ in range(20):
        sky.tick()
    after, _ = fly(sky, [-150e3, 60e3], [100.0, 0.0], 4, address=0x062001)
    assert after.number[0] != before.number[0]


def test_two_aircraft_with_one_address_are_two_tracks():
    sky = Sky()
    for k in range(15):
        tracks = sky.tick(sky.radar(np.array([40e3, -80e3]) + 150.0 * 5 * k, [60e3, 30e3], address=0x062001))
    assert len(tracks) == 2
    assert set(tracks.address.tolist()) == {0x062001}


def test_a_wrong_address_now_and_then_merges_nobody():
    sky = Sky(seed=9)
    for k in range(60):
        address = np.array([0x062001, 0x062002, 0x062003])
        if k % 7 == 5:
            address[k % 3] = address[(k + 1) % 3]  # one reports another's address
        tracks = sky.tick(sky.radar(np.array([40e3, 44e3, 48e3]) + 700.0 * k * 1.0, [60e3, 61e3, 62e3], address=address))
    assert sorted(tracks.address.tolist()) == [0x062001, 0x062002, 0x062003]
    e = enu(tracks)[0][np.argsort(tracks.address)]
    assert np.allclose(e, np.array([40e3, 44e3, 48e3]) + 700.0 * 59, atol=400)


@pytest.mark.parametrize("mark", [PlotFlag.SIMULATED, PlotFlag.TEST, PlotFlag.FIELD_MONITOR])
def test_reports_that_are_not_live_make_no_track(mark):
    sky = Sky()
    tracks, _ = fly(sky, [40e3, 60e3], [200.0, 0.0], 10, address=0x062001, flags=int(mark))
    assert len(tracks) == 0
    assert sky.state.counts["not live"] == 10
    assert sky.state.table.rows[0].not_live == 10


def test_radar_and_broadcast_of_one_aircraft_are_one_track():
    receiver = SensorConfig(id="A1", kind="adsb", source="a")
    sky = Sky(sensors=(RADAR, receiver))
    for k in range(60):
        at = 40e3 + 200.0 * k, 60e3
        heard = [("a", sky.adsb(*at, address=0x062001))]
        if k % 5 == 0:
            heard.append(("r", sky.radar(*at, kind=PlotKind.PSR, pressure_altitude_m=np.nan)))
        tracks = sky.tick(*heard, dt=1.0)
    assert len(tracks) == 1
    assert tracks.kinds[0] == (1 << PlotKind.PSR) | (1 << PlotKind.ADSB)
    assert tracks.sensors[0] == 0b11


def test_the_same_broadcast_by_two_receivers_is_used_once():
    sky = Sky(sensors=(SensorConfig(id="A1", kind="adsb", source="a"), SensorConfig(id="A2", kind="adsb", source="b")))
    for k in range(10):
        report = sky.adsb(40e3 + 200.0 * k, 60e3, address=0x062001)
        tracks = sky.tick(("a", report), ("b", report), dt=1.0)
    assert len(tracks) == 1
    assert tracks.sensors[0] == 0b11
    assert sky.state.store.hits[0] == 10


def test_drones_are_known_by_their_remote_id():
    sky = Sky(sensors=(SensorConfig(id="D", kind="remote_id", source="d"),))
    for k in range(8):
        plots = sky.adsb(
            np.array([100.0, 160.0]) + 5.0 * k,
            [0.0, 20.0],
            kind=PlotKind.REMOTE_ID,
            remote_id=np.array([b"AAA", b"BBB"]),
            position_std_m=10.0,
        )
        tracks = sky.tick(("d", plots), dt=1.0)
    assert sorted(tracks.remote_id.tolist()) == [b"AAA", b"BBB"]
    assert (tracks.address == -1).all()


def test_an_unplaced_radar_keeps_to_its_own_plane():
    sky = Sky(sensors=())
    tracks, at = fly(sky, [40e3, 60e3], [200.0, 0.0], 10, address=0x062001)
    assert len(tracks) == 1
    assert tracks.frame[0] == 1
    assert tracks.flags[0] & TrackFlag.UNPLACED
    assert np.isnan(tracks.lat_rad[0])
    assert np.hypot(tracks.x_m[0] - at[0], tracks.y_m[0] - at[1]) < 400


def test_a_radar_that_gives_its_own_place_is_placed():
    sky = Sky(sensors=())
    for k in range(10):
        status = Status.blank(
            1, time_s=sky.time_s, sac_sic=0x0101, category=34, message=1, lat_rad=LAT, lon_rad=LON, height_m=250.0, period_s=5.0
        )
        tracks = sky.tick(sky.radar(40e3 + 1000.0 * k, 60e3, address=0x062001), status=status)
    assert tracks.frame[0] == 0
    assert enu(tracks)[0][0] == pytest.approx(49e3, abs=300)
    assert sky.state.table.rows[0].self_placed


def test_a_clock_that_is_off_is_shifted_and_told():
    sky = Sky()
    for k in range(10):
        tracks = sky.tick(sky.radar(40e3 + 1000.0 * k, 60e3, address=0x062001, time_s=sky.time_s - 3600.2))
    assert len(tracks) == 1
    assert sky.state.table.rows[0].clock_off_s == pytest.approx(3600.2, abs=0.1)


def test_a_clock_that_jumps_leaves_each_aircraft_its_number():
    sky = Sky()
    for k in range(20):
        ago = 80.0 if k >= 10 else 0.0  # from here on the recording repeats what it held 80 s before
        at = 40e3 + 200.0 * (5.0 * k - ago), 60e3
        tracks = sky.tick(sky.radar(*at, address=0x062001, time_s=sky.time_s - 0.2 - ago))
    assert tracks.number.tolist() == [1]
    assert enu(tracks)[0][0] == pytest.approx(at[0], abs=600)


def test_system_tracks_are_shown_beside_ours_and_end():
    sky = Sky()
    for k in range(5):
        own = SystemTracks.blank(
            2, time_s=sky.time_s - 1, sac_sic=0x0202, source_track=[7, 9], lat_rad=LAT, lon_rad=LON + 0.001 * k, east_ms=100.0, north_ms=0.0
        )
        tracks = sky.tick(system=own)
    assert tracks.number.tolist() == [1, 2]
    assert tracks.source_track.tolist() == [7, 9]
    assert (tracks.flags & TrackFlag.SYSTEM > 0).all()
    assert (tracks.source >= 0).all()
    ended = own.replace(flags=int(PlotFlag.ENDED), time_s=sky.time_s)
    assert len(sky.tick(system=ended)) == 0
    again = sky.tick(system=own.replace(time_s=sky.time_s + 60))
    assert 1 not in again.number.tolist()


def test_a_heightless_plot_of_a_high_aircraft_nearby_makes_no_second_track():
    sky = Sky(sensors=(RADAR, SensorConfig(id="A1", kind="adsb", source="a")))
    for k in range(100):
        at = -20e3 + 200.0 * k * 2, 12e3
        heard = [("a", sky.adsb(*at, height=11_000.0, address=0x062001))]
        if k % 3 == 0:
            heard.append(("r", sky.radar(*at, height=11_000.0, kind=PlotKind.PSR, pressure_altitude_m=np.nan)))
        tracks = sky.tick(*heard, dt=2.0)
        assert len(tracks) <= 1


def test_the_stated_ellipse_holds_the_aircraft():
    inside, total = 0, 0
    for seed in range(12):
        sky = Sky(seed=seed)
        for k in range(40):
            at = 60e3 + 900.0 * k, 80e3 - 300.0 * k
            tracks = sky.tick(sky.radar(*at, address=0x062001))
            if k >= 8:
                t, (e, n) = tracks, enu(tracks)
                # the report is 0.2 s old: the aircraft is at its place then plus 0.2 s of flight
                d = np.array([e[0] - at[0] - 36.0, n[0] - at[1] + 12.0])
                cov = np.array([[t.var_xx_m2[0], t.var_xy_m2[0]], [t.var_xy_m2[0], t.var_yy_m2[0]]])
                inside += d @ np.linalg.inv(cov) @ d < 5.991
                total += 1
    assert 0.90 < inside / total <= 1.0


def digest(seed, order):
    sky, h = Sky(seed=seed), hashlib.sha256()
    for k in range(30):
        plots = sky.radar(
            40e3 + np.arange(20) * 1500.0 + 700.0 * k, 60e3 + np.arange(20) * 900.0, kind=PlotKind.PSR, pressure_altitude_m=np.nan
        )
        sky.tick(plots.take(np.roll(np.arange(20), order)))
        sky.out.tracks.digest(h)
    return h.hexdigest()


def test_the_same_plots_give_the_same_bits():
    assert digest(4, 0) == digest(4, 0)
    assert digest(4, 0) != digest(5, 0)


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.data())
def test_no_plot_however_wrong_breaks_the_tracker(data):
    sky = Sky(sensors=(msgspec.structs.replace(RADAR, source="r"),))
    wild = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 1e300, -1e300, np.nan, 1e-300]))
    for _ in range(6):
        n = data.draw(st.integers(0, 6))

        def column(n=n):
            return np.array(data.draw(st.lists(wild, min_size=n, max_size=n)), float)

        plots = Plots.blank(
            n,
            time_s=column(),
            range_m=column(),
            azimuth_rad=column(),
            lat_rad=column(),
            lon_rad=column(),
            x_m=column(),
            y_m=column(),
            position_std_m=column(),
            pressure_altitude_m=column(),
            east_ms=column(),
            north_ms=column(),
            velocity_std_ms=column(),
            address=data.draw(st.integers(-1, 2**24 - 1)),
            kind=data.draw(st.integers(0, 255)),
            sac_sic=data.draw(st.integers(-1, 65535)),
        )
        healthy = sky.radar(40e3, 60e3, address=0x062001)
        tracks = sky.tick(("wild", plots), healthy)
    assert 0x062001 in tracks.address.tolist()
    assert np.isfinite(tracks.x_m).all()
    assert np.isfinite(tracks.var_xx_m2).all()


def test_a_full_store_counts_what_it_refuses():
    sky = Sky(max_tracks=50)
    for _ in range(3):
        r = sky.rng.uniform(-200e3, 200e3, (2, 300))
        sky.tick(sky.radar(r[0], r[1], kind=PlotKind.PSR, pressure_altitude_m=np.nan))
    assert (sky.state.store.alive == 1).sum() <= 50
    assert sky.state.book[4] > 0


def test_an_address_heard_twice_in_its_first_look_is_one_aircraft():
    sky = Sky()
    for k in range(6):
        east = 40e3 + 200.0 * k
        early = sky.adsb(east - 120.0, 60e3, address=0x062001, time_s=sky.time_s - 0.8)
        late = sky.adsb(east, 60e3, address=0x062001, time_s=sky.time_s - 0.2)
        tracks = sky.tick(("a", Plots.concat([early, late])), dt=1.0)
    assert tracks.address.tolist() == [0x062001]
    assert int(sky.state.store.alive.sum()) == 1


def test_a_bearing_without_a_range_narrows_a_track():
    _, at = fly(sky := Sky(), [40e3, 60e3], [200.0, 0.0], 8, kind=PlotKind.PSR, pressure_altitude_m=0.0, height=0.0)
    azimuth = np.arctan2(at[0] + 200.0 * 5.0, at[1])
    line = Plots.blank(1, azimuth_rad=azimuth, kind=PlotKind.PSR, sac_sic=0x0101, time_s=sky.time_s - 0.2)
    tracks = sky.tick(line)
    assert len(tracks) == 1
    assert sky.state.counts.get("a bearing that no one track explains", 0) == 0
    astray = Plots.blank(1, azimuth_rad=azimuth + np.pi, kind=PlotKind.PSR, sac_sic=0x0101, time_s=sky.time_s - 0.2)
    sky.tick(astray)
    assert sky.state.counts["a bearing that no one track explains"] == 1
