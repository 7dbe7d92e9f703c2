from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from snapshots import make_snapshot

from tenere.batch import TrackFlag
from tenere.serve.page import History, page_tracks, worse_std_m


def test_units_at_the_edge(snapshot):
    page, _, _ = page_tracks(snapshot)
    assert page.lat_deg[0] == pytest.approx(13.5)
    assert page.level_ft[0] == pytest.approx(35000.0)
    assert page.speed_kt[0] == pytest.approx(450.0, abs=0.01)
    assert page.vertical_fpm[0] == pytest.approx(1000.0)
    assert page.course_deg.tolist() == pytest.approx([90.0, 0.0, 180.0, 270.0])
    assert page.age_s.tolist() == [2.0, 3.0, 1.0, 1.0]
    assert page.lag_s.tolist() == [0.5] * 4
    assert page.confidence_pct.tolist() == [97, 50, 0, 25]
    assert page.std_m[:2].tolist() == [10.0, 30.0]
    assert np.isnan([page.level_ft[1], page.speed_kt[1], page.std_m[2]]).all()


def test_an_unplaced_track_gets_no_place_on_the_map_whatever_it_holds(snapshot):
    page, local, _ = page_tracks(snapshot)
    assert np.isnan(page.lat_deg).tolist() == [False, False, False, True]
    assert np.isnan(page.lon_deg).tolist() == [False, False, False, True]
    assert local.row.tolist() == [3]
    assert (local.x_nm[0], local.y_nm[0]) == (10.0, -5.0)


def test_remote_ids_name_their_rows(snapshot):
    _, _, remote = page_tracks(snapshot)
    assert remote.row.tolist() == [2]
    assert remote.remote_id.tolist() == [b"1581F5FKD"]


def test_identities_of_other_tracks_stop_the_process(snapshot):
    wrong = dataclasses.replace(snapshot, identities=snapshot.identities.replace(number=[11, 12, 14, 13]))
    with pytest.raises(AssertionError, match="row for row"):
        page_tracks(wrong)


def test_worse_axis_is_the_larger_eigenvalue():
    covariances = np.array([[[9.0, 0.0], [0.0, 4.0]], [[5.0, 4.0], [4.0, 5.0]], [[2.0, -1.0], [-1.0, 7.0]]])
    got = worse_std_m(covariances[:, 0, 0], covariances[:, 0, 1], covariances[:, 1, 1])
    np.testing.assert_allclose(got, np.sqrt(np.linalg.eigvalsh(covariances)[:, 1]))


def test_history_keeps_a_dot_every_ten_seconds_of_placed_confirmed_tracks():
    history = History()
    for time_s in range(1000, 1031):
        history.add(make_snapshot(float(time_s)))
    rows = history.rows(1030.0, np.array([11, 12, 13, 14], np.uint32))
    assert sorted(set(rows.age_s.tolist()), reverse=True) == [30.0, 20.0, 10.0, 0.0]
    assert sorted(set(rows.number.tolist())) == [11, 12, 13]
    assert rows.age_s.tolist() == sorted(rows.age_s.tolist(), reverse=True)
    assert rows.lat_deg[0] == pytest.approx(13.5)


def test_history_is_bounded_forgets_the_dead_and_starts_anew_when_time_goes_back():
    history = History()
    for k in range(100):
        history.add(make_snapshot(1000.0 + 10 * k))
    assert len(history.rows(1990.0, np.array([11], np.uint32))) == History.KEEP
    assert len(history.rows(1990.0, np.array([99], np.uint32))) == 0
    history.add(make_snapshot(500.0))
    assert len(history.rows(500.0, np.array([11], np.uint32))) == 1


def test_history_sends_no_more_rows_than_allowed_and_drops_the_oldest(monkeypatch):
    monkeypatch.setattr(History, "ROWS", 7)
    history = History()
    for k in range(5):
        history.add(make_snapshot(1000.0 + 10 * k))
    rows = history.rows(1040.0, np.array([11, 12, 13], np.uint32))
    assert sorted(set(rows.age_s.tolist())) == [0.0, 10.0]


def test_unconfirmed_tracks_leave_no_dots(snapshot):
    history = History()
    history.add(
        dataclasses.replace(snapshot, tracks=snapshot.tracks.replace(flags=snapshot.tracks.flags & ~np.uint32(TrackFlag.CONFIRMED)))
    )
    assert len(history.rows(1000.0, snapshot.tracks.number)) == 0
