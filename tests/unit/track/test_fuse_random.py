"""Whatever other systems send, no track of ours is lost, no number is shown twice, and nothing is joined with its like."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scene import RADAR, Sky
from test_fuse import said

from tenere.batch import PlotFlag, SystemTracks, TrackFlag

ODD = st.sampled_from([0.0, -1.0, np.nan, np.inf, -np.inf, 1e308, 1e-308, 5.0, 200.0])
COLUMNS = ("lat_rad", "lon_rad", "east_ms", "north_ms", "position_std_m", "time_s", "pressure_altitude_m", "x_m", "y_m")


def feed(sky, k, rng, odd):
    """Return two systems' tracks of eight aircraft, some with wrong or borrowed addresses, swapped numbers, ended or odd."""
    n = 8
    east, north = 30e3 + 4000.0 * np.arange(n) % 9000.0 + 1000.0 * k, 60e3 + 700.0 * np.arange(n)
    parts = []
    for sac_sic in (0x0202, 0x0303):
        shuffled = rng.permutation(n) if rng.random() < 0.2 else np.arange(n)
        address = np.where(rng.random(n) < 0.5, 0x062000 + rng.integers(0, n, n), 0x062000 + np.arange(n))
        flags = np.where(rng.random(n) < 0.05, int(PlotFlag.ENDED), 0) | np.where(rng.random(n) < 0.1, int(PlotFlag.COASTED), 0)
        parts.append(
            said(
                sky, east + rng.normal(0, 100, n), north + rng.normal(0, 100, n), sac_sic=sac_sic, number=shuffled, flags=flags,
                address=np.where(rng.random(n) < 0.6, address, -1), mode_a=rng.choice([-1, 0o1000, 0o4321], n),
            )
        )  # fmt: skip
    system = SystemTracks.concat(parts)
    for name, value in odd:
        column = getattr(system, name).copy()
        column[rng.integers(0, len(column))] = value
        system = system.replace(**{name: column})
    return system, east, north


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.tuples(st.sampled_from(COLUMNS), ODD), max_size=4))
def test_no_feed_breaks_the_picture(seed, odd):
    rng = np.random.Generator(np.random.PCG64(seed))
    sky = Sky(seed=seed)
    for k in range(8):
        system, east, north = feed(sky, k, rng, odd)
        seen = rng.random(8) < 0.8
        plots = sky.radar(east[seen], north[seen], address=np.where(np.arange(8) % 2, 0x062000 + np.arange(8), -1)[seen])
        t = sky.tick(plots, system=system)
        assert len(np.unique(t.number)) == len(t)
        s = sky.state.store
        live = s.number[(s.alive == 1) & (s.confirmed == 1)]
        assert len(np.unique(live)) == len(live)
        ours = t.take(t.source < 0)
        shown = (s.alive == 1) & (s.confirmed == 1) & ((s.existence >= sky.state.config.show_existence) | (s.key >= 0))
        assert sorted(ours.number.tolist()) == sorted(s.number[shown].tolist())
        assert (np.diff(ours.number.astype(int)) > 0).all()
        latest = sky.state.system
        members = np.stack([latest.latest.sensor, latest.number], axis=1)
        assert len(np.unique(members, axis=0)) == len(members)
        assert set(t.number.tolist()) == set(ours.number.tolist()) | set(latest.number.tolist())
        fused = t.take(t.flags & TrackFlag.FUSED > 0)
        assert np.isfinite([fused.x_m, fused.y_m, fused.vx_ms, fused.var_xx_m2, fused.lat_rad, fused.course_rad, fused.speed_ms]).all()
        assert (fused.var_xx_m2 * fused.var_yy_m2 > fused.var_xy_m2**2).all()
        assert sky.state.table.rows[0].config.id == RADAR.id
