"""The stage with the multi-frame option: numbers, counts and crossings without codes, through track.step."""

import hashlib

import numpy as np
import pytest
from scene import RADAR, Sky

from tenere.batch import PlotKind, TrackFlag
from tenere.track.multi import MultiConfig

NO_CODE = {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}


def fly(sky, start, velocity, scans, dt=5.0, miss=()):
    """Fly aircraft (n, 2) straight, each seen at every scan but those named in miss (scan, aircraft); return the numbers shown."""
    start, velocity = np.asarray(start, float), np.asarray(velocity, float)
    shown = []
    for k in range(scans):
        at = start + velocity * k * dt
        seen = [i for i in range(len(at)) if (k, i) not in miss]
        tracks = sky.tick(sky.radar(at[seen, 0], at[seen, 1], **NO_CODE), dt=dt)
        shown.append(sorted(tracks.number.tolist()))
    return shown, at


def near(tracks, sky, at):
    """Return the distance of each place (n, 2) from the nearest track, by the radar's plane."""
    x, y = sky.state.figures.figures[0, 6:8]
    return np.hypot(tracks.x_m[:, None] - x - at[:, 0], tracks.y_m[:, None] - y - at[:, 1]).min(axis=0)


def test_aircraft_that_cross_without_codes_keep_their_numbers():
    sky = Sky(seed=3, multi=MultiConfig())
    start, velocity = np.array([[40e3, 60e3], [68e3, 60e3], [54e3, 46e3]]), np.array([[200.0, 0.0], [-200.0, 10.0], [0.0, 200.0]])
    shown, at = fly(sky, start, velocity, 28)
    assert shown[-1] == [1, 2, 3]
    tracks = sky.out.tracks
    assert (near(tracks, sky, at) < 600).all()
    assert (tracks.flags == TrackFlag.CONFIRMED).all()
    assert (tracks.address == -1).all()
    assert (sky.out.plot_tracks > 0).all()
    where = dict(zip(tracks.number.tolist(), tracks.x_m.tolist(), strict=True))
    first = dict(zip(*(v.tolist() for v in (tracks.number, tracks.first_s)), strict=True))
    assert len(where) == len(first) == 3


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_formation_keeps_its_count(count):
    sky = Sky(seed=count, multi=MultiConfig())
    start = np.stack([40e3 + 600.0 * np.arange(count), np.full(count, 60e3)], axis=1)
    miss = {(12, 0), (17, count - 1), (22, 0)}
    shown, at = fly(sky, start, np.full((count, 2), [60.0, 190.0]), 26, miss=miss)
    assert [len(s) for s in shown[8:]] == [count] * 18
    assert shown[-1] == list(range(1, count + 1)), "no number was lost on the way"
    assert (near(sky.out.tracks, sky, at) < 500).all()


def test_missed_scans_coast_and_then_end():
    sky = Sky(multi=MultiConfig())
    fly(sky, [[40e3, 60e3]], [[200.0, 0.0]], 10)
    shown = [sky.tick(sky.radar([-90e3], [10e3], **NO_CODE)) for _ in range(8)]
    assert 1 in shown[0].number.tolist()
    assert all(1 not in t.number.tolist() for t in shown[5:])


def digest(seed):
    sky, h = Sky(seed=seed, multi=MultiConfig()), hashlib.sha256()
    for k in range(14):
        plots = sky.radar(
            40e3 + np.arange(8) * 900.0 + 700.0 * k, 60e3 + np.arange(8) * 600.0, kind=PlotKind.PSR, pressure_altitude_m=np.nan
        )
        sky.tick(plots)
        sky.out.tracks.digest(h)
        h.update(sky.out.plot_tracks.tobytes())
    return h.hexdigest()


def test_the_same_plots_give_the_same_bits():
    assert digest(4) == digest(4)
    assert digest(4) != digest(5)


def test_a_look_that_is_late_is_counted_and_not_used():
    second = type(RADAR)(**{f: getattr(RADAR, f) for f in RADAR.__struct_fields__} | {"id": "R2", "source": "s"})
    sky = Sky(sensors=(RADAR, second), multi=MultiConfig())
    for k in range(8):
        columns = {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}
        late = ("s", sky.radar(40e3 + 1000.0 * k - 2400.0, 60e3, **columns, time_s=sky.time_s - 12.2))
        tracks = sky.tick(sky.radar(40e3 + 1000.0 * k, 60e3, **columns), *([late] if k else []))
    assert len(tracks) == 1
    assert sky.state.counts["too late for several frames"] >= 6
