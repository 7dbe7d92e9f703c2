"""Tables in one plane: the tracks' own, or one laid for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tenere.errors import TenereError, UsageError
from tenere.geo.plane import Plane
from tenere.record import trajectories
from tenere.record.overlay import fit, middle, overlay
from tenere.record.trajectories import FLOATS, Trajectories, unknown

CENTRE = np.deg2rad((17.0, 8.0))


def table(name="t", frame=0, address=-1, **columns):
    n = len(columns["time_s"])
    every = {c: unknown(n) for c in FLOATS if not c.endswith("_deg") and c not in ("east_ms", "north_ms")}
    every |= {c: np.asarray(v, float) + np.zeros(n) for c, v in columns.items()}
    who = np.arange(n, dtype=np.int64)
    return Trajectories(
        Path(name), [f"a{i}" for i in range(n)], who, every, np.full(n, address), frame + np.zeros(n, np.int64), n, np.arange(n)
    )


def place(n=30, seed=2):
    rng = np.random.Generator(np.random.PCG64(seed))
    return CENTRE[0] + rng.uniform(-0.08, 0.08, n), CENTRE[1] + rng.uniform(-0.08, 0.08, n)


def test_the_plane_of_a_tables_own_x_and_y_is_found():
    lat, lon = place()
    x, y = Plane.at(*CENTRE).forward(lat, lon)
    t = table(time_s=0 * lat, lat_rad=lat, lon_rad=lon, x_m=x, y_m=y)
    got = fit(t)
    assert got is not None
    assert (got.lat0_rad, got.lon0_rad) == pytest.approx(tuple(CENTRE), abs=1e-9)


def test_x_and_y_of_no_such_plane_are_not_taken_for_one():
    lat, lon = place()
    x, y = Plane.at(*CENTRE).forward(lat, lon)
    assert fit(table(time_s=0 * lat, lat_rad=lat, lon_rad=lon, x_m=x + 5 * np.arange(30), y_m=y)) is None
    assert fit(table(time_s=0 * lat, lat_rad=lat, lon_rad=lon, x_m=x, y_m=y, frame=2)) is None
    assert fit(table(time_s=0 * lat, lat_rad=lat, lon_rad=lon)) is None


def test_the_middle_lies_in_the_middle_across_the_antimeridian_too():
    got = middle(table(time_s=[0, 0], lat_rad=[0.1, 0.1], lon_rad=[np.pi - 0.02, -np.pi + 0.04]))
    assert np.cos(got.lon0_rad - (np.pi + 0.01)) == pytest.approx(1)


def test_tracks_keep_their_x_and_y_and_the_truth_comes_to_them():
    lat, lon = place()
    plane = Plane.at(*CENTRE)
    x, y = plane.forward(lat, lon)
    tracks = table(time_s=0 * lat, lat_rad=lat, lon_rad=lon, x_m=x, y_m=y, vx_ms=3, vy_ms=4, var_xx_m2=9, var_xy_m2=1, var_yy_m2=4)
    truth = table(time_s=0 * lat, lat_rad=lat, lon_rad=lon, course_rad=0, speed_ms=100)
    got = overlay([tracks, truth])
    mine, its = got.reports
    assert mine.x_m == pytest.approx(x, abs=1e-3)
    assert its.x_m == pytest.approx(mine.x_m, abs=1e-6)
    assert (mine.vx_ms[0], mine.vy_ms[0], mine.cov_m2[0].tolist()) == (3, 4, [9, 1, 4])
    north, scale = plane.north(lat, lon)
    assert its.vx_ms == pytest.approx(100 * scale * np.sin(north), abs=1e-6)  # true north is not the plane's
    assert np.abs(its.vx_ms).max() > 1


def test_two_tables_with_planes_of_their_own_tell_the_same():
    lat, lon = place()
    one, two = Plane.at(*CENTRE), Plane.at(CENTRE[0] - 0.05, CENTRE[1] + 0.1)
    made = []
    for plane in (one, two):
        x, y = plane.forward(lat, lon)
        north, scale = plane.north(lat, lon)
        vx, vy = 200 * scale * np.sin(1.0 + north), 200 * scale * np.cos(1.0 + north)
        s, c = np.sin(north), np.cos(north)  # an ellipse that is 30 m east and 10 m north on the ground
        cov = {"var_xx_m2": 900 * c * c + 100 * s * s, "var_xy_m2": -800 * s * c, "var_yy_m2": 900 * s * s + 100 * c * c}
        made.append(table(time_s=0 * lat, lat_rad=lat, lon_rad=lon, x_m=x, y_m=y, vx_ms=vx, vy_ms=vy, **cov))
    a, b = overlay(made).reports
    for name in ("x_m", "y_m", "vx_ms", "vy_ms", "cov_m2"):
        assert getattr(b, name) == pytest.approx(getattr(a, name), abs=1e-3)


def test_heights_of_unlike_kinds_are_never_compared():
    at = {"time_s": [0.0], "x_m": 0, "y_m": 0}
    assert overlay([table(**at, pressure_altitude_m=3000), table(**at, height_m=3100)]).height == ""
    assert np.isnan(overlay([table(**at, pressure_altitude_m=3000), table(**at, height_m=3100)]).reports[0].z_m).all()
    both = {"pressure_altitude_m": 3000, "height_m": 3100}
    assert overlay([table(**at, **both), table(**at, **both)]).height == "pressure_altitude_m"
    got = overlay([table(**at, **both), table(**at, height_m=3100)])
    assert (got.height, got.reports[0].z_m.tolist()) == ("height_m", [3100.0])


def test_rows_without_the_place_that_counts_are_left_out():
    t = table(time_s=[0.0, 1.0], lat_rad=[0.1, np.nan], lon_rad=[0.1, np.nan], x_m=0, y_m=0)
    got = overlay([t, table(time_s=[0.0], lat_rad=[0.1], lon_rad=[0.1])])
    assert len(got.reports[0].who) == 1
    assert t.left_out.counts == {trajectories.NO_PLACE: 1}


def test_planes_of_several_sensors_ask_for_a_choice():
    def tables():
        return table("tracks", frame=np.array([1, 2]), time_s=[0.0, 1.0], x_m=0, y_m=0), table("truth", time_s=[0.0], x_m=0, y_m=0)

    with pytest.raises(UsageError, match=r"tracks: holds places in the planes of frames 1, 2: choose one with --frame"):
        overlay(tables())
    with pytest.raises(UsageError, match="--frame 7: tracks has only frames 1, 2"):
        overlay(tables(), 7)
    tracks, truth = tables()
    got = overlay([tracks, truth], 2)
    assert (got.reports[0].time_s.tolist(), got.local) == ([1.0], True)
    assert tracks.left_out.counts == {trajectories.OTHER_FRAME: 1}


def test_latitudes_and_mere_x_and_y_do_not_meet():
    with pytest.raises(TenereError, match=r"b has latitudes and longitudes, a only x and y: they cannot be laid over each other"):
        overlay([table("a", time_s=[0.0], x_m=0, y_m=0), table("b", time_s=[0.0], lat_rad=0.1, lon_rad=0.1)])
    with pytest.raises(TenereError, match="a has no x and y, which --frame asks for"):
        overlay([table("a", time_s=[0.0], lat_rad=0.1, lon_rad=0.1), table("b", time_s=[0.0], lat_rad=0.1, lon_rad=0.1)], 0)


def test_a_second_row_at_a_time_is_counted_where_it_stood_in_the_file():
    t = table(time_s=[5.0, 6.0, 6.0], x_m=[0, 1, 2], y_m=0)
    t.who[:] = 0
    got = overlay([t, table(time_s=[0.0], x_m=0, y_m=0)])
    assert (got.reports[0].x_m.tolist(), got.local) == ([0.0, 1.0], False)
    assert (t.left_out.counts, t.left_out.first_offset) == ({trajectories.AGAIN: 1}, {trajectories.AGAIN: 2})
