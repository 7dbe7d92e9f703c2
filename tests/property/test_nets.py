"""The safety nets hold on anything: no crash, the same alerts in any order of tracks, none for aircraft that go apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Identities, TrackFlag, Tracks
from tenere.watch import WatchConfig, init, step
from tenere.world import Aerodromes, Ground, World

WORLD = World(
    ground=Ground(1.0, 0.0, 0.05, 0.05, np.random.Generator(np.random.PCG64(1)).uniform(0, 2000, (40, 40)).astype(np.float32)),
    aerodromes=Aerodromes(np.array([b"AAAA"], "S4"), np.radians([0.5]), np.radians([0.5]), np.array([100.0])),
)
odd = st.sampled_from([np.nan, np.inf, -np.inf, 1e30, -1e30, 0.0, -1.0])
number = st.floats(-3e4, 3e4) | odd
one = st.fixed_dictionaries(
    {
        "x_m": number, "y_m": number, "vx_ms": st.floats(-300, 300) | odd, "vy_ms": st.floats(-300, 300) | odd,
        "pressure_altitude_m": st.floats(0, 12_000) | odd, "vertical_rate_ms": st.floats(-30, 30) | odd,
        "turn_rads": st.floats(-0.1, 0.1) | odd, "turn_probability": st.floats(0, 1) | odd, "var_xx_m2": st.floats(0, 1e5) | odd,
        "var_xy_m2": odd, "var_yy_m2": st.floats(0, 1e5) | odd, "var_v_m2s2": st.floats(0, 1e3) | odd, "lat_rad": st.floats(0, 0.02) | odd,
        "lon_rad": st.floats(0, 0.02) | odd, "speed_ms": st.floats(0, 300) | odd, "course_rad": st.floats(0, 6.2) | odd,
        "altitude_m": st.floats(0, 5000) | odd, "height_std_m": st.floats(0, 100) | odd, "first_s": st.sampled_from([0.0, 995.0, np.nan]),
        "update_s": st.sampled_from([1000.0, 900.0, np.nan]), "frame": st.integers(0, 2), "address": st.integers(-1, 3),
        "mode_a": st.sampled_from([-1, 0o7000, 0o2000]), "aircraft_class": st.integers(0, 9), "flags": st.sampled_from([1, 1, 1, 5, 33]),
    }
)  # fmt: skip


def picture(rows: list[dict[str, float]]) -> Tracks:
    return Tracks.blank(len(rows), number=np.arange(1, len(rows) + 1), time_s=1000.0, **{k: [r[k] for r in rows] for k in rows[0]})


def alerts(t: Tracks, ticks: int = 1) -> list[tuple[object, ...]]:
    state = init(WatchConfig(), WORLD)
    for k in range(ticks):
        state, seen = step(state, t, Identities.blank(len(t), number=t.number), 1000.0 + k)
    a = seen.alerts
    return sorted(
        (a.rule[i], int(a.track[i]), int(a.other[i]), int(a.severity[i]), round(float(a.predicted_s[i]), 3)) for i in range(len(a))
    )


@settings(max_examples=60)
@given(st.lists(one, min_size=1, max_size=8))
def test_nothing_crashes_on_any_track(rows: list[dict[str, float]]):
    alerts(picture(rows), 6)


@settings(max_examples=40)
@given(st.lists(one, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_tracks_does_not_matter(rows: list[dict[str, float]], rng: object):
    t = picture(rows)
    order = np.arange(len(t))
    rng.shuffle(order)  # type: ignore[attr-defined]
    assert str(alerts(t)) == str(alerts(t.take(order)))


@settings(max_examples=60)
@given(st.floats(0, 6.28), st.floats(40, 300), st.floats(40, 300), st.floats(6100, 30_000), st.floats(-20, 20))
def test_aircraft_that_go_apart_are_never_alerted(course: float, one_ms: float, other_ms: float, apart_m: float, rate: float):
    east, north = np.sin(course), np.cos(course)
    t = Tracks.blank(
        2, number=[1, 2], flags=int(TrackFlag.CONFIRMED), first_s=0.0, update_s=1000.0, time_s=1000.0, frame=0,
        x_m=[0.0, -apart_m * east], y_m=[0.0, -apart_m * north],
        vx_ms=[one_ms * east, -other_ms * east], vy_ms=[one_ms * north, -other_ms * north],
        speed_ms=[one_ms, other_ms], pressure_altitude_m=9000.0, vertical_rate_ms=[rate, 0.0],
        var_xx_m2=100.0, var_xy_m2=0.0, var_yy_m2=100.0,
        var_v_m2s2=1.0, turn_rads=0.0, turn_probability=0.0, address=[1, 2],
    )  # fmt: skip
    assert [a for a in alerts(t, 6) if a[0] == b"stca"] == []
